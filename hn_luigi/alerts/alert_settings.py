"""What a user sets about alerts, besides Luigi's own ``[email]`` and ``[smtp]``."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import luigi

from hn_luigi.assets import Number, Text

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,30}://\S+")
ARE_URLS = "it must be URLs like ntfy://host/topic, separated by spaces"


def is_url(text: str) -> bool:
    """Whether ``text`` has the form of a URL that Apprise may know."""
    return _URL.fullmatch(text) is not None


class Urls(Text):
    """Apprise URLs, which hold tokens, separated by spaces or newlines."""

    is_secret = True

    def check(self, value: str) -> str:
        """``value`` if it holds nothing but URLs; raises ValueError."""
        text = super().check(value)
        if not all(map(is_url, text.split())):
            raise ValueError(ARE_URLS)
        return text


class WebAddress(Text):
    """A web address, any part of which may be a token; or nothing."""

    is_secret = True

    def check(self, value: str) -> str:
        """``value`` if it is such an address or empty; raises ValueError."""
        text = super().check(value)
        parts = urlsplit(text)
        if text and (parts.scheme.lower() not in ("http", "https") or not parts.hostname):
            raise ValueError("it must be an address like https://host/path")
        return text


class alerts(luigi.Config):
    """The ``[alerts]`` section."""

    has_flags = False
    """A run doesn't read it: Luigi has no flags for it, and commands that do read it check it."""

    urls = Urls(
        "",
        description="Apprise URLs of services to notify besides [email] receiver, separated by "
        "spaces or newlines. Those in HN_LUIGI_ALERT_URLS are notified, too.",
    )
    heartbeat_url = WebAddress(
        "",
        description="Address that hn-luigi alert fetches while every asset is well, for a service "
        "that notifies you when that stops.",
    )
    # Ten seconds is what services of heartbeats recommend for a ping (healthchecks.io, Pinging
    # Reliability Tips: curl -m 10). It is the maximum, too, since scripts/refresh gives hn-luigi
    # alert 25 s: all channels, then the heartbeat, and the start of a process.
    timeout = Number(
        10.0,
        minimum=0.1,
        maximum=10,
        description="Seconds that all channels together may take, and then the heartbeat again.",
    )
