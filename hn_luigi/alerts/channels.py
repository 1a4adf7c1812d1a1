"""The channels that are set up: a mail for each receiver, a service for each URL."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from hn_luigi.alerts.alert_settings import alerts, is_url
from hn_luigi.alerts.apprise_channel import Service, require_apprise
from hn_luigi.alerts.delivery import Channel
from hn_luigi.alerts.errors import ChannelError
from hn_luigi.alerts.mail import mails
from hn_luigi.assets.operations import SettingError

VARIABLE = "HN_LUIGI_ALERT_URLS"


@dataclass(frozen=True)
class Channels:
    """What people can be told by, and what is wrong with the rest."""

    usable: tuple[Channel, ...]
    troubles: tuple[str, ...] = ()
    """A line for each kind that is set up and can't be used."""


def channels(environment: Mapping[str, str] = os.environ) -> Channels:
    """The channels of the configuration and ``environment``; none is opened.

    Raises:
        SettingError: the environment names something that is no URL.
    """
    usable: list[Channel] = []
    troubles = []
    for kind in (mails, partial(_services, environment)):
        try:
            usable += kind()
        except ChannelError as error:
            troubles.append(str(error))
    return Channels(tuple(usable), tuple(troubles))


def _services(environment: Mapping[str, str]) -> list[Service]:
    in_environment = environment.get(VARIABLE, "").split()
    if not all(map(is_url, in_environment)):
        raise SettingError(
            f"{VARIABLE}: it must be URLs like ntfy://host/topic, with spaces between them"
        )
    places = {"[alerts] urls": alerts().urls.split(), VARIABLE: in_environment}
    by_url: dict[str, Service] = {}
    for where, urls in places.items():
        for number, url in enumerate(urls, 1):
            by_url.setdefault(url, Service(url, f"URL {number} of {where}"))
    if by_url:
        require_apprise()
    return list(by_url.values())
