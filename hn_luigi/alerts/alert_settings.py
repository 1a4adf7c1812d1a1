"""What a user sets about alerts, besides Luigi's own ``[email]`` and ``[smtp]``."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import luigi

from hn_luigi.assets import Number, Text

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,30}://\S+")


def is_url(text: str) -> bool:
    """Whether ``text`` has the form of a URL that Apprise may know."""
    return _URL.fullmatch(text) is not None


class Urls(Text):
    """Apprise URLs, which hold tokens, separated by spaces or newlines."""

    is_secret = True

    def check(self, value: str) -> str:
        """``value`` if all in it are URLs; raises ValueError."""
        text = super().check(value)
        if not all(map(is_url, text.split())):
            raise ValueError("it must be URLs like ntfy://host/topic, with spaces between them")
        return text


class WebAddress(Text):
    """A web address with all that belongs to it, of which a part may be a token; or nothing."""

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
        description="Whom to tell besides [email] receiver: URLs of Apprise's services, separated "
        "by spaces or newlines. Those in HN_LUIGI_ALERT_URLS are told as well.",
    )
    heartbeat_url = WebAddress(
        "",
        description="Address that hn-luigi alert fetches when every asset is well, for a service "
        "that tells when that stays out.",
    )
    timeout = Number(
        10.0,
        minimum=0.1,
        maximum=10,
        description="Seconds that all channels together may take, and then the heartbeat.",
    )
