"""Alerts: what went wrong with assets, sent to people once when it begins and once when it is over.

It knows assets, and nothing of which there are.
"""

from hn_luigi.alerts.alert_settings import alerts
from hn_luigi.alerts.channels import Channels, channels
from hn_luigi.alerts.delivery import Message, deliver, send_heartbeat
from hn_luigi.alerts.incidents import Condition, Incident
from hn_luigi.alerts.notify import AssetIncidents, find_incidents, send_news

__all__ = [
    "AssetIncidents",
    "Channels",
    "Condition",
    "Incident",
    "Message",
    "alerts",
    "channels",
    "deliver",
    "find_incidents",
    "send_heartbeat",
    "send_news",
]
