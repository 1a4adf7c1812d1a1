"""The channels that are set up: a mail for each receiver, an Apprise service for each URL."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from hn_luigi.alerts.alert_settings import ARE_URLS, alerts, is_url
from hn_luigi.alerts.apprise_channel import AppriseChannel, require_apprise
from hn_luigi.alerts.delivery import Channel
from hn_luigi.alerts.errors import ChannelError
from hn_luigi.alerts.mail import mails
from hn_luigi.assets.operations import SettingError

VARIABLE = "HN_LUIGI_ALERT_URLS"


@dataclass(frozen=True)
class Channels:
    """The channels that people can be notified by, and what is wrong with the others."""

    usable: tuple[Channel, ...]
    errors: tuple[str, ...] = ()
    """A line for each kind that is set up and can't be used."""


def channels(environment: Mapping[str, str] = os.environ) -> Channels:
    """The channels of the configuration and ``environment``; none is opened.

    Raises:
        SettingError: the environment holds something that is not a URL.
    """
    usable: list[Channel] = []
    errors = []
    for kind in (mails, partial(_apprise_channels, environment)):
        try:
            usable += kind()
        except ChannelError as error:
            errors.append(str(error))
    return Channels(tuple(usable), tuple(errors))


def _apprise_channels(environment: Mapping[str, str]) -> list[AppriseChannel]:
    in_environment = environment.get(VARIABLE, "").split()
    if not all(map(is_url, in_environment)):
        raise SettingError(f"{VARIABLE}: {ARE_URLS}")
    places = {"[alerts] urls": alerts().urls.split(), VARIABLE: in_environment}
    by_url: dict[str, AppriseChannel] = {}  # one that is in both places gets one message
    for where, urls in places.items():
        for number, url in enumerate(urls, 1):
            by_url.setdefault(url, AppriseChannel(url, f"URL {number} of {where}"))
    if by_url:
        require_apprise()
    return list(by_url.values())
