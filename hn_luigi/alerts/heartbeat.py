"""The heartbeat: a sign of life, for a service that tells people when it stays out.

So what this machine can't tell any more, since it is off, offline, or no longer runs us, is told.
"""

from __future__ import annotations

from hn_luigi.alerts.delivery import within
from hn_luigi.alerts.errors import ChannelError, cause_of
from hn_luigi.alerts.netrc import without_netrc
from hn_luigi.proxies import REMEDY, lacks_socks

NAME = "the heartbeat of [alerts] heartbeat_url"


def beat(url: str, *, seconds: float) -> str | None:
    """Fetch ``url``, and tell what went wrong, None for nothing."""
    return within(seconds, {NAME: lambda: _fetch(url, seconds)})[NAME]


def _fetch(url: str, seconds: float) -> None:
    import requests

    if lacks_socks(url):
        raise ChannelError(f"{NAME}: {REMEDY}")
    try:
        with (
            without_netrc(),
            requests.get(
                url, timeout=seconds, stream=True, headers={"User-Agent": "hn_luigi"}
            ) as answer,
        ):
            status = answer.status_code
    except (requests.RequestException, OSError, ValueError) as error:
        raise ChannelError(f"{NAME}: {cause_of(error)}; see that it can be reached") from error
    if not 200 <= status < 300:
        raise ChannelError(f"{NAME}: the server answers {status}; see that the address is right")
