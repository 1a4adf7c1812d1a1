"""Another user of this machine, who is real: a process of theirs asks."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable

import pytest

from ..limits import patience

STRANGER = 12345
Ask = Callable[..., str]


def stranger() -> Ask:
    """Runs code as another user, who has ``words`` as its arguments; skips where it can't."""
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("takes root and setpriv, to be another user")
    become = ["setpriv", f"--reuid={STRANGER}", f"--regid={STRANGER}", "--clear-groups"]
    pythons = filter(None, ("/usr/bin/python3", shutil.which("python3"), sys.executable))
    usable = (p for p in pythons if _runs([*become, p, "-I", "-c", ""]))
    if (python := next(usable, None)) is None:
        pytest.skip("another user can run no Python here")

    def run(code: str, *words: object, python: str = python) -> str:
        command = [*become, python, "-I", "-c", code, *map(str, words)]
        done = subprocess.run(
            command, cwd="/", capture_output=True, text=True, timeout=patience(), check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def _runs(command: list[str]) -> bool:
    try:
        return subprocess.run(command, cwd="/", capture_output=True, check=False).returncode == 0
    except OSError:
        return False
