"""Which master a session is of, and whether it can be reached."""

from __future__ import annotations

import re
import socket
from ipaddress import ip_address
from urllib.parse import urlsplit

from hn_luigi.spark.errors import NoMaster

SECONDS_TO_CONNECT = 5.0
_STANDALONE = "spark://"
_LOCAL = re.compile(r"local(\[\s*(\d+|\*)\s*(,\s*\d+\s*)?\])?")  # with how often to try a task


def is_local(master: str) -> bool:
    """Whether it means processes of this machine, and no cluster."""
    return _LOCAL.fullmatch(master) is not None


def is_on_loopback(master: str) -> bool:
    """Whether nothing of it is on another machine."""
    places = _places(master)
    return is_local(master) or (bool(places) and all(map(_is_loopback, places)))


def require_master(master: str) -> None:
    """Raise NoMaster unless a standalone master can be reached, if it's to be one.

    Spark itself would try for a minute, make a session all the same, and then say of the first job
    that it can't be serialized (4.3).
    """
    if not (places := _places(master)):
        return
    for host, port in places:
        try:
            socket.create_connection((host, port), SECONDS_TO_CONNECT).close()
            return
        except OSError as error:
            cause = error.strerror or str(error)
    raise NoMaster(
        f"{master} can't be reached ({cause}): start a master there, or correct the address; it "
        "stands on top of the master's own page"
    ) from None


def _places(master: str) -> list[tuple[str, int]]:
    """Host and port of each standalone master in ``spark://one:7077,two:7077``."""
    if not master.startswith(_STANDALONE):
        return []
    try:
        parts = [urlsplit(f"//{place}") for place in master.removeprefix(_STANDALONE).split(",")]
        return [(part.hostname or "", part.port or 0) for part in parts]
    except ValueError as error:
        raise NoMaster(f"{master} is no address like spark://host:7077: {error}") from error


def _is_loopback(place: tuple[str, int]) -> bool:
    host, _ = place
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
