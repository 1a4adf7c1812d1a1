"""What tells one installation from others, which make their windows at other seconds."""

from __future__ import annotations

import os
import socket
import uuid
from hashlib import sha256
from pathlib import Path

from hn_luigi.assets.operations import storage

_MACHINE_ID = Path("/etc/machine-id")  # machine-id(5): one an installation of Linux
_LARGEST = 2**64


def share() -> float:
    """Which part of the largest spread is this installation's, from 0 to 1; always the same.

    It is this machine's, user's and root's.
    """
    try:
        machine = _MACHINE_ID.read_text()
    except OSError:  # macOS; many images of containers, each of which has a name of its own
        machine = f"{uuid.getnode():x}"
    told = "\n".join([machine.strip(), socket.gethostname(), str(os.geteuid()), storage().root])
    return int.from_bytes(sha256(os.fsencode(told)).digest()[:8]) / _LARGEST
