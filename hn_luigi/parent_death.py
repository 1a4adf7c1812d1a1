"""A process that ends with the one that started it, however that one ends.

A handler or an ``atexit`` of the parent can't see to it: SIGKILL and the kernel's out-of-memory
killer run neither. It takes the standard library alone, since ``scripts/refresher`` loads this
file by its path, and ``web/run_keeper.py`` as well.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36  # prctl(2), <linux/prctl.h>
# Found at import and not in ``die_with``, which may be called between fork and exec, where little
# more than a system call is safe. macOS has nothing of the kind (kqueue's NOTE_EXIT takes a
# thread that waits), so there only the answer below tells.
_prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


def die_with(parent: int, number: int = signal.SIGKILL) -> bool:
    """Have the kernel send this process the signal ``number`` when ``parent`` dies; Linux only.

    A fork loses the wish, an exec keeps it.

    Args:
        parent: the process that started this one, by its id.

    Returns:
        Whether ``parent`` is still there; if not, nothing will be sent.
    """
    if _prctl is not None and os.getppid() == parent:
        _prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)
    # Asked afterwards: the kernel says nothing of a parent that was gone before the call.
    return os.getppid() == parent


def adopt_orphans() -> None:
    """Have descendants whose parent dies become children of this process; Linux only."""
    if _prctl is not None:
        _prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
