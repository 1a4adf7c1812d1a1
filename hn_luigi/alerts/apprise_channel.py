"""Messages by one of Apprise's services, each named by a URL that holds its token.

Apprise says in its log alone what went wrong, masked as well as it can; none of that is shown.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from importlib.util import find_spec

from hn_luigi.alerts.delivery import Message
from hn_luigi.alerts.errors import ChannelError
from hn_luigi.alerts.netrc import without_netrc


@dataclass(frozen=True)
class Service:
    """One of Apprise's services."""

    url: str = field(repr=False)
    place: str
    """Where the URL stands, such as ``URL 1 of [alerts] urls``."""

    @property
    def name(self) -> str:
        """The place of its URL, and of that the part that is no secret."""
        return f"{self.place} ({self.url.partition('://')[0].lower()})"

    def send(self, message: Message, seconds: float) -> None:
        """Have Apprise send ``message``; raises ChannelError."""
        logging.getLogger("apprise").disabled = True  # also for what hangs and goes on
        from apprise import (
            Apprise,
            AppriseAsset,
            NotifyFormat,
            NotifyType,
            PersistentStoreMode,
        )

        # In this thread: the process would wait for Apprise's own, even where it no longer does.
        asset = AppriseAsset(
            app_id="hn_luigi",
            app_desc="hn_luigi",
            async_mode=False,
            service_timeout=0,
            storage_mode=PersistentStoreMode.MEMORY,
        )
        apprise = Apprise(asset=asset)
        if not apprise.add(self.url):
            raise ChannelError(f"{self.name}: Apprise knows no such URL; correct it")
        with without_netrc():
            taken = apprise.notify(
                title=message.subject,
                body=message.body,
                notify_type=NotifyType.SUCCESS if message.is_good else NotifyType.FAILURE,
                body_format=NotifyFormat.TEXT,
            )
        if not taken:
            raise ChannelError(
                f"{self.name}: the service didn't take it; see that the URL is right, and that the "
                "service can be reached and works"
            )


def require_apprise() -> None:
    """Raise ChannelError if Apprise isn't installed; it isn't imported, which takes a while."""
    if find_spec("apprise") is None:
        raise ChannelError(
            "[alerts] urls: Apprise, which sends to them, is not installed; run "
            'pip install "hn_luigi[alerts]"'
        )
