"""E-mail by Luigi's own settings: ``[email]`` and ``[smtp]``.

Luigi's own ``send_email_smtp`` catches every OSError, of which smtplib's errors are, and only logs
it (luigi 3.8.1, ``notifications.py``): nobody could know whether a mail was sent.
"""

from __future__ import annotations

import smtplib
import ssl
import warnings
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid

from luigi.notifications import email, smtp

from hn_luigi.alerts.delivery import Message
from hn_luigi.alerts.errors import ChannelError, cause_of


@dataclass(frozen=True)
class Mail:
    """E-mail to one receiver, so that a refused one is named and doesn't stop the others."""

    receiver: str
    email: email = field(repr=False)
    smtp: smtp = field(repr=False)

    @property
    def name(self) -> str:
        """What it is called in errors."""
        return f"e-mail to {self.receiver}"

    def send(self, message: Message, seconds: float) -> None:
        """Hand ``message`` to the server of ``[smtp]``; raises ChannelError."""
        try:
            with _connection(self.smtp, seconds) as server:
                server.send_message(self._written(message))
        except (OSError, ValueError) as error:  # SMTPException is an OSError
            raise ChannelError(
                f"{self.name}: {_cause(error)}; check [email] and [smtp], and that the server works"
            ) from error

    def _written(self, message: Message) -> EmailMessage:
        mail = EmailMessage(policy=SMTP)
        mail["Subject"] = f"{self.email.prefix} {message.subject}".strip()
        mail["From"] = self.email.sender
        mail["To"] = self.receiver
        mail["Date"] = formatdate()
        mail["Message-ID"] = make_msgid()
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no vacation replies, please
        mail.set_content(message.body)
        return mail


def mails() -> list[Mail]:
    """A mail for each address of ``[email] receiver``, which Luigi separates by commas, too.

    Raises:
        ChannelError: ``[email]`` or ``[smtp]`` can't be read, or asks for another method than SMTP.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Luigi warns of its own defaults
            its, server = email(), smtp()
    except ValueError as error:
        raise ChannelError(
            "e-mail: [email] or [smtp] can't be read; correct it, and write %% for a percent sign"
        ) from error
    found = dict.fromkeys(a.strip() for a in str(its.receiver).split(",") if a.strip())
    if found and its.method != "smtp":
        raise ChannelError(
            f"e-mail: [email] method is {its.method}, and hn-luigi sends only by smtp; set it to "
            "smtp, or name another service in [alerts] urls"
        )
    return [Mail(address, its, server) for address in found]


def _connection(its: smtp, seconds: float) -> smtplib.SMTP:
    """A connection to the server, encrypted and logged in as ``its`` settings say.

    A password goes only to a server that proves who it is, unless ``no_tls`` asks for less. Without
    a password the certificate isn't checked: a local relay often has one of its own.
    """
    trust = ssl.create_default_context() if its.password else None
    # It bounds each step, the connection and each answer; the whole is bounded by `delivery`.
    timeout = min(seconds, its.timeout or seconds)
    if its.ssl:
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            its.host, its.port, its.local_hostname, timeout=timeout, context=trust
        )
    else:
        server = smtplib.SMTP(its.host, its.port, its.local_hostname, timeout=timeout)
    try:
        server.ehlo_or_helo_if_needed()
        if not its.ssl and not its.no_tls:
            if server.has_extn("starttls"):
                server.starttls(context=trust)
            elif its.username and its.password:
                raise _NoEncryption
        if its.username and its.password:
            server.login(its.username, its.password)
    except BaseException:
        server.close()
        raise
    return server


class _NoEncryption(ValueError):
    pass


def _cause(error: Exception) -> str:
    """What went wrong, without what a server said, which may quote a secret."""
    if isinstance(error, _NoEncryption):
        return "the server offers no encryption, which a password needs unless [smtp] no_tls = true"
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return "the server offers no login for [smtp] username"
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"the server refused [smtp] username and password ({error.smtp_code})"
    if isinstance(error, smtplib.SMTPSenderRefused):
        return f"the server refused [email] sender ({error.smtp_code})"
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        (code, _), *_ = error.recipients.values()
        return f"the server refused the receiver ({code})"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"the server answered {error.smtp_code}"
    return cause_of(error)
