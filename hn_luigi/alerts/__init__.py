"""Alerts: what went wrong with assets, sent to people once when it begins and once when it is over.

It knows assets, and nothing of which there are.
"""

from hn_luigi.alerts.alert_settings import alerts
from hn_luigi.alerts.channels import Channels, channels
from hn_luigi.alerts.delivery import Channel, Message, deliver, send_heartbeat
from hn_luigi.alerts.errors import ChannelError
from hn_luigi.alerts.incidents import Incident, Kind
from hn_luigi.alerts.notify import Watched, find_incidents, send_news

__all__ = [
    "Channel",
    "ChannelError",
    "Channels",
    "Incident",
    "Kind",
    "Message",
    "Watched",
    "alerts",
    "channels",
    "deliver",
    "find_incidents",
    "send_heartbeat",
    "send_news",
]
