"""Alerts from beside the scheduler: cron sends them, too, but a dead cron sends none."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Sequence

from hn_luigi.assets.operations import overrides_for_child

SECONDS = 300
"""From the end of a check to the next: people hear of a late asset by so much later at most."""
LONGEST = 120
"""Seconds that a check may take; what takes longer hangs."""
ALERT = (sys.executable, "-m", "hn_luigi.cli", "alert")
"""With the heartbeat, for a server that refreshes: if that comes to nothing, an asset gets late."""
# Elsewhere a heartbeat is to say that a run went well: that an asset looks well proves no run.
WITHOUT_HEARTBEAT = (*ALERT, "--no-heartbeat")

_logger = logging.getLogger("hn_luigi.alert_loop")


async def alert_regularly(command: Sequence[str], seconds: float = SECONDS) -> None:
    """Run ``hn-luigi alert`` now and again until cancelled, and log what it complains of."""
    # A process of its own, which costs 0.9 s of start-up each time: nothing in it, such as a store
    # that hangs, can hold up the scheduler, and it reads the configuration as it is by then. A
    # thread could do neither, since Luigi reads its configuration once a process.
    while True:
        for line in await _complaints(command, seconds):
            _logger.warning(line)
        await asyncio.sleep(seconds)


async def _complaints(command: Sequence[str], seconds: float) -> list[str]:
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, **overrides_for_child()},
        )
    except (OSError, RuntimeError) as error:
        # No memory for it, too many threads, or a .venv that is being remade: they pass.
        said = getattr(error, "strerror", None) or error
        return [f"can't start hn-luigi alert: {said}; trying again in {seconds:g} s"]
    try:
        async with asyncio.timeout(LONGEST):
            _, said = await process.communicate()
    except TimeoutError:
        return [f"hn-luigi alert was killed: it took longer than {LONGEST} s"]
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return said.decode(errors="replace").splitlines()
