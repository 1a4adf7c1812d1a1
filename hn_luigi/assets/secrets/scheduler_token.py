"""The token of a scheduler's server: where its user keeps it, and how workers of theirs give it.

A worker that has imported hn_luigi gives the token by itself, and only once it is asked for it.
"""

# Luigi's workers know a secret only as a part of scheduler_url, which its complaints print and a
# list of processes shows. And whoever reaches a scheduler without one acts as the workers' user: a
# worker imports and runs what the scheduler hands it (worker.py, load_task).

from __future__ import annotations

import errno
import functools
import logging
import os
import secrets
import stat
import tempfile
from typing import Any, TypeGuard
from urllib.parse import urlsplit

from luigi.rpc import RemoteScheduler, RequestsFetcher
from requests import HTTPError
from requests.auth import HTTPBasicAuth

from hn_luigi.assets.errors import AssetError
from hn_luigi.assets.secrets.log_masking import mask_secrets, remember

VARIABLE = "HN_LUIGI_TOKEN"
FOLDER, NAME = ".luigid", "token"
"""Where a server keeps it, below the folder it runs in, which is trusted for its luigi.cfg, too."""
REALM = "hn_luigi"
PROOF = "X-Hn-Luigi-Worker"
"""The header that tells a worker's calls from those of others in its name."""
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
"""Where a server listens whose token is in a file."""
# At a guess a millisecond, 16 characters of a-z0-9 take 10**14 years.
LEAST = 16
"""Characters that a token has at least."""
_LONGEST = 1000  # bytes that are read of a token's file, whatever has come to be there
_ATTRIBUTE = "_hn_luigi_proof"
_TOLD = "_hn_luigi_told"

logger = logging.getLogger("luigi-interface")


class TokenUnsafe(AssetError):
    """A token can't be relied on, being too short or in others' reach."""


def checked(token: str, *, what: str) -> str:
    """``token``; raises TokenUnsafe if it can be guessed."""
    if len(token) < LEAST:
        raise TokenUnsafe(
            f"{what} has {len(token)} characters and can be guessed: use {LEAST} or more; "
            'python -c "import secrets; print(secrets.token_urlsafe())" makes a good one'
        )
    return token


def kept(path: str) -> str | None:
    """The token in the file at ``path``, None if there is none.

    Raises:
        TokenUnsafe: it may be known to others, or be theirs.
        OSError: it can't be read.
    """
    try:
        # Not waiting for a pipe's other end, nor following a link, that another user put there.
        number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise TokenUnsafe(f"{path} is a link: delete it") from None
        raise
    try:
        status = os.fstat(number)
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid():
            raise TokenUnsafe(f"{path} is not this user's own file: have its owner remove it")
        if status.st_mode & 0o077:
            raise TokenUnsafe(f"{path} is open to other users: delete it, and a new one is made")
        token = os.read(number, _LONGEST).decode(errors="replace").strip()
    finally:
        os.close(number)
    remember(token)  # so that no line that is logged has it
    return checked(token, what=path)


def made(path: str) -> str:
    """The token in the file at ``path``, which is made for this user alone if it isn't there.

    Raises:
        TokenUnsafe: what is there may be known to others, or be theirs.
        OSError: it can't be read or written.
    """
    if (token := kept(path)) is not None:
        return token
    token = secrets.token_urlsafe()
    # In its place whole or not at all, whatever happens; and never over that of another server,
    # which began at the same moment.
    remember(token)
    number, staged = tempfile.mkstemp(prefix=".token-", dir=os.path.dirname(path) or ".")
    try:
        with open(number, "w", encoding="ascii") as file:
            file.write(f"{token}\n")
        os.link(staged, path)
    except FileExistsError:
        return kept(path) or made(path)
    finally:
        os.unlink(staged)
    return token


def known(url: str) -> str:
    """The token for the scheduler at ``url``, empty if there is none.

    That of the environment, or else of a server that runs in this folder, which no other machine
    is to be told.
    """
    if token := os.environ.get(VARIABLE, ""):
        return token
    if urlsplit(url).hostname not in LOOPBACK:
        return ""
    try:
        return kept(os.path.join(FOLDER, NAME)) or ""
    except (OSError, TokenUnsafe) as error:
        logger.warning("Not sending the scheduler's token: %s", error)
        return ""


def give_when_asked() -> None:
    """Have the workers that this process starts give the token, and prove their calls theirs.

    One whose token is refused gives up at once.
    """
    # Luigi has no place for either: RemoteScheduler makes its fetcher itself, and the fetcher its
    # session, anew after each fork (luigi.rpc 3.8.1). Rejected: ~/.netrc, which requests reads by
    # itself but which knows no port, so that every service of the machine would be told; the
    # address, which is logged.
    if not hasattr(RequestsFetcher.fetch, "__wrapped__"):
        RequestsFetcher.__init__ = _with_proof(RequestsFetcher.__init__)  # type: ignore[method-assign]
        RequestsFetcher.fetch = _with_token(RequestsFetcher.fetch)  # type: ignore[method-assign]
        RemoteScheduler._get_retryer = _until_refused(RemoteScheduler._get_retryer)  # type: ignore[method-assign]


def refused_by(error: BaseException | None) -> str:
    """Host and port of the server that asks for its token in vain; empty of any other error."""
    return urlsplit(error.response.url).netloc.rpartition("@")[2] if _is_asked(error) else ""


@functools.cache  # of one value
def _proof() -> str:
    """This process' secret, which those that it forks inherit."""
    return secrets.token_urlsafe()


def _with_proof(original: Any) -> Any:
    @functools.wraps(original)
    def begin(self: RequestsFetcher) -> None:
        # Of the fetcher and not of its class: a worker that has begun before hn_luigi was imported
        # has to go on as it began, and one that is pickled for a process of its own keeps it.
        setattr(self, _ATTRIBUTE, _proof())
        original(self)

    return begin


def _with_token(original: Any) -> Any:
    @functools.wraps(original)
    def fetch(self: RequestsFetcher, full_url: str, body: Any, timeout: float) -> str:
        mask_secrets(anew=False)  # of the address, which Luigi logs where it can't be reached
        self.check_pid()  # a new session after a fork
        if proof := getattr(self, _ATTRIBUTE, ""):
            self.session.headers[PROOF] = proof
        while True:
            try:
                return str(original(self, full_url, body, timeout))
            except HTTPError as error:
                if not _is_asked(error):
                    raise
                token = "" if self.session.auth else known(full_url)
                if not token:
                    if not hasattr(self, _TOLD):  # a run asks a dozen times until it gives up
                        setattr(self, _TOLD, True)
                        logger.error(error.response.text.strip())
                    raise
            self.session.auth = HTTPBasicAuth(b"hn_luigi", token.encode())

    return fetch


def _until_refused(original: Any) -> Any:
    # Luigi waits 30 s, twice, and asks again; no token comes right by that.
    @functools.wraps(original)
    def get_retryer(self: RemoteScheduler) -> Any:
        def is_worth_it(call: Any) -> bool:
            return call.outcome.failed and not _is_asked(call.outcome.exception())

        return original(self).copy(retry=is_worth_it)

    return get_retryer


def _is_asked(error: BaseException | None) -> TypeGuard[HTTPError]:
    if not isinstance(error, HTTPError) or error.response.status_code != 401:
        return False
    return f'realm="{REALM}"' in error.response.headers.get("WWW-Authenticate", "")
