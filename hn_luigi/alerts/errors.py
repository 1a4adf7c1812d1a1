"""What the alerts room raises, and how foreign errors read without a secret in them.

ChannelError    a channel didn't accept a message, or can't be used
"""

from __future__ import annotations


class ChannelError(Exception):
    """A channel didn't accept a message; it names the channel, the cause and the remedy."""


def cause_of(error: BaseException) -> str:
    """The cause of ``error``, in the system's words or ours.

    The texts of requests, smtplib and their like may hold the address that was requested, and
    so a token; what the system says of a connection doesn't.
    """
    causes = _causes(error)
    if any(isinstance(cause, TimeoutError) for cause in causes):
        return "no answer in time"
    texts = [cause.strerror for cause in causes if isinstance(cause, OSError) and cause.strerror]
    return str(texts[-1]) if texts else type(error).__name__


def _causes(error: BaseException) -> list[BaseException]:
    """``error`` and what led to it, by ``raise … from``, by context, or wrapped as an argument."""
    causes: list[BaseException] = []
    left = [error]
    while left:
        cause = left.pop()
        if any(cause is known for known in causes):
            continue
        causes.append(cause)
        # urllib3 has the cause as `reason` (MaxRetryError), requests as its first argument.
        led = (cause.__cause__, cause.__context__, getattr(cause, "reason", None), *cause.args)
        left += [known for known in led if isinstance(known, BaseException)]
    return causes
