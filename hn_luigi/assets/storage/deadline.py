"""A limit on how long the first contact with an object store may take."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future

from hn_luigi.assets.storage.translate_errors import to_storage_error

_SECONDS = 12.0


def within_deadline(url: str, probe: Callable[[], None]) -> None:
    """Call ``probe``, and raise what it raises, or BackendUnavailable if it takes too long.

    Opening a client may look for credentials where no timeout of ours reaches, so it is done in
    a thread that can be left behind.
    """
    done: Future[None] = Future()

    def run() -> None:
        try:
            probe()
            done.set_result(None)
        except BaseException as error:
            done.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    try:
        done.result(_SECONDS)
    except TimeoutError:
        late = TimeoutError(f"no answer within {_SECONDS:g} s")
        raise to_storage_error("open", url, late) from None
