"""Whether an object store can be reached and written, and honours conditions: it is tried, once.

What was found holds for this process and those it forks, since none of it changes in the time of a
run.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

from hn_luigi import deadline
from hn_luigi.assets.errors import BackendUnavailable
from hn_luigi.assets.storage import lease, staging
from hn_luigi.assets.storage.client import Client, client_for
from hn_luigi.assets.storage.conditional import Version
from hn_luigi.assets.storage.translate_errors import to_storage_error
from hn_luigi.assets.window import CLOCKS_DIFFER, clock_warning

logger = logging.getLogger(__name__)

PROBE = ".hn_luigi-probe"
# Opening a client may look for credentials where no time limit of ours reaches. By default an
# endpoint that doesn't answer takes s3fs 6 to 13 s, gcsfs 33 and adlfs more than 75 (2026.9).
_SECONDS_OF_FIRST_CONTACT = 12.0

_found: dict[str, bool] = {}
"""Roots that can be written, and whether their stores honour conditions."""


def is_shared(root: str) -> bool:
    """Whether other processes can write below ``root``; what is in memory is one process'."""
    return not root.startswith("memory://")


def honours_conditions(root: str) -> bool:
    """Whether the store at ``root`` does, as ``require_writable`` found it; False before that."""
    return _found.get(root, False)


def require_reachable(root: str) -> None:
    """Raise BackendUnavailable unless the bucket of ``root`` is there and may be listed."""
    _within_deadline(root, lambda: client_for(root).require_bucket(f"{root}/{PROBE}"))


def require_writable(root: str) -> None:
    """Raise BackendUnavailable unless objects below ``root`` can be written, listed and removed.

    An identity may be allowed to list and not to write, and the first write of a run would come
    after everything was fetched.
    """
    if root in _found:
        return
    _within_deadline(root, lambda: _try_all(root))
    client_for(root).prepare_forks(root)
    if is_shared(root) and not _found[root]:
        logger.warning(
            "%s doesn't write on condition of what is there (If-None-Match, If-Match), so its "
            "locks keep out this machine's processes alone: start all that writes there by one "
            "central scheduler",
            root,
        )


def _within_deadline(root: str, probe: Callable[[], None]) -> None:
    try:
        deadline.start(probe).result(_SECONDS_OF_FIRST_CONTACT)
    except TimeoutError:
        late = TimeoutError(f"no answer within {_SECONDS_OF_FIRST_CONTACT:g} s")
        raise to_storage_error("open", root, late) from None


def _try_all(root: str) -> None:
    # A name for each machine, which tries it once at a time: so the next removes what a killed
    # one left, and two machines don't take each other for a store that breaks its word.
    home = lease.home_of(staging.machine_folder().root) or secrets.token_hex(8)
    client, url = client_for(root), f"{root}/{PROBE}-{home}"
    with staging.hold(root, PROBE):
        honours = is_shared(root) and _finds_conditions(client, url)
        if not honours:
            client.write(url, b"")
        if is_shared(root):
            _compare_clocks(root, client.version(url))
        client.list(url)
        client.remove([url])
    _found[root] = honours


def _finds_conditions(client: Client, url: str) -> bool:
    try:
        return _honours_conditions(client, url)
    except BackendUnavailable:  # of a condition, or of any write
        client.write(url, b"")
    # Once more, since that may have been about neither: who takes a store that failed for a moment
    # for one without conditions is kept out by no other machine's lease.
    with suppress(BackendUnavailable):
        return _honours_conditions(client, url)
    return False


def _honours_conditions(client: Client, url: str) -> bool:
    """Whether what must be refused is, and nothing else; some services pass over conditions."""
    # Tried once more before it says no: where the answer to a write gets lost, the library asks
    # again and is refused, and this run would then be kept from nothing that others make.
    return any(_refuses_what_it_must(client, url) for _ in range(2))


def _refuses_what_it_must(client: Client, url: str) -> bool:
    first = client.create(url, b"1")
    if first is None:
        client.remove([url])
        first = client.create(url, b"1")
    if first is None or client.create(url, b"2") is not None:
        return False
    return client.replace(url, b"3", first) is not None and (
        client.replace(url, b"4", first) is None
    )


def _machine_time() -> datetime:
    """What this machine's clock says, by which its requests are signed, UTC and naive."""
    # Not window.now(), the present that assets go by: tests set that, and no server with it.
    return datetime.now(UTC).replace(tzinfo=None)


def _compare_clocks(root: str, answer: Version | None) -> None:
    """Warn if the clocks of the store and of this machine differ too much to go by."""
    # Amazon's refuses what is signed 15 minutes off, RequestTimeTooSkewed.
    if answer is None or answer.now is None:
        return
    now = _machine_time()
    if abs(now - answer.now) > CLOCKS_DIFFER:
        logger.warning("%s", clock_warning(now, answer.now, root))
