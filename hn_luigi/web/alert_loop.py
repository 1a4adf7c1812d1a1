"""A watch over the assets beside the scheduler, since a dead cron takes its alerts with it."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Sequence

SECONDS = 300
"""From the end of a look to the next: by so much later than ``[assets]`` says a person hears."""
LONGEST = 120  # seconds; what takes longer hangs
# Its good look proves no good run, so that the heart doesn't beat for it.
ALERT = (sys.executable, "-m", "hn_luigi.cli", "alert", "--no-heartbeat")

_logger = logging.getLogger("hn_luigi.watch")


async def alert_regularly(command: Sequence[str] = ALERT, seconds: float = SECONDS) -> None:
    """Run ``hn-luigi alert`` now and again until cancelled, and log what it complains of.

    It is a process of its own, so that nothing in it, such as a store that hangs, holds up
    the scheduler, and that it reads the configuration as it is then.
    """
    while True:
        for line in await _complaints(command):
            _logger.warning(line)
        await asyncio.sleep(seconds)


async def _complaints(command: Sequence[str]) -> list[str]:
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
    except OSError as error:  # no memory for it, or a .venv that is being made anew
        return [f"hn-luigi alert can't be started: {error.strerror}; it is tried again"]
    try:
        async with asyncio.timeout(LONGEST):
            _, said = await process.communicate()
    except TimeoutError:
        return [f"hn-luigi alert was ended, having taken over {LONGEST} s"]
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return said.decode(errors="replace").splitlines()
