"""Alerts: what went wrong with assets, told to people once when it begins and once when it is over.

It knows assets, and nothing of which there are.
"""

from hn_luigi.alerts.alert_settings import alerts
from hn_luigi.alerts.channels import channels
from hn_luigi.alerts.delivery import Channel, Message, deliver
from hn_luigi.alerts.errors import ChannelError
from hn_luigi.alerts.heartbeat import beat
from hn_luigi.alerts.incidents import Incident, Kind
from hn_luigi.alerts.notify import Watched, look, tell

__all__ = [
    "Channel",
    "ChannelError",
    "Incident",
    "Kind",
    "Message",
    "Watched",
    "alerts",
    "beat",
    "channels",
    "deliver",
    "look",
    "tell",
]
