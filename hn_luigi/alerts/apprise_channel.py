"""Messages through one of Apprise's services, each named by a URL that holds its token.

Apprise writes what went wrong only to its log, where it masks tokens as well as it can; none of
that is shown.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from importlib.util import find_spec

from hn_luigi.alerts.delivery import Message
from hn_luigi.alerts.errors import ChannelError
from hn_luigi.netrc import without_netrc


@dataclass(frozen=True)
class AppriseChannel:
    """One of Apprise's services."""

    url: str = field(repr=False)
    place: str
    """Where the URL is set, such as ``URL 1 of [alerts] urls``."""

    @property
    def name(self) -> str:
        """The place of its URL, and the part of the URL that is not a secret."""
        return f"{self.place} ({self.url.partition('://')[0].lower()})"

    def send(self, message: Message, seconds: float) -> None:
        """Have Apprise send ``message``; raises ChannelError."""
        # For good, since a thread that hangs is left behind and may log after the deadline.
        logging.getLogger("apprise").disabled = True
        from apprise import (
            Apprise,
            AppriseAsset,
            NotifyFormat,
            NotifyType,
            PersistentStoreMode,
        )

        # By default Apprise 2.3 sends in a ThreadPoolExecutor, whose threads Python joins at exit
        # (concurrent.futures.thread._python_exit), so that a service that hangs would keep this
        # process alive; and a service_timeout starts such a thread, too. What a plugin stores for
        # the next time, such as an access token, stays in memory.
        asset = AppriseAsset(
            app_id="hn_luigi",
            app_desc="hn_luigi",
            async_mode=False,
            service_timeout=0,
            storage_mode=PersistentStoreMode.MEMORY,
        )
        apprise = Apprise(asset=asset)
        if not apprise.add(self.url):
            raise ChannelError(f"{self.name}: Apprise doesn't know such a URL; correct it")
        with without_netrc():
            taken = apprise.notify(
                title=message.subject,
                body=message.body,
                notify_type=NotifyType.SUCCESS if message.is_good else NotifyType.FAILURE,
                body_format=NotifyFormat.TEXT,
            )
        if not taken:
            raise ChannelError(
                f"{self.name}: the service didn't accept it; check the URL, and that the service "
                "works and can be reached"
            )


def require_apprise() -> None:
    """Raise ChannelError if Apprise isn't installed, without importing it, which takes 0.1 s."""
    if find_spec("apprise") is None:
        raise ChannelError(
            "[alerts] urls: Apprise, which sends to these, is not installed; run "
            'pip install "hn_luigi[alerts]"'
        )
