"""A folder that is this user's alone, where other users may write beside it, as in ``/tmp``.

What is kept there is believed later: locks, notes, what was reported. It takes the standard library
alone, since ``scripts/refresher`` loads this file by its path.

Two checks of single files ask more, and stay where they are: a token, which nobody else may read
either (``assets/secrets/scheduler_token``), and a pickle, which no folder on the way may let others
replace (``web/server_state``).
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress


def is_own(path: str | os.PathLike[str]) -> bool:
    """Whether there is a folder at ``path`` which only this user may change."""
    with suppress(OSError):
        # Not os.stat: another user's link may lead to a folder of ours.
        found = os.lstat(path)
        is_ours = found.st_uid == os.geteuid() and not found.st_mode & 0o022
        return stat.S_ISDIR(found.st_mode) and is_ours
    return False
