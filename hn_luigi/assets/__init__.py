"""The asset layer: Luigi tasks that know what they were made from.

It knows Luigi and nothing of Hacker News; put your own steps on it.
"""

from luigi.util import requires

from hn_luigi.assets.asset import Asset
from hn_luigi.assets.checks.check import Check, Severity, warn
from hn_luigi.assets.checks.ready_made import (
    columns,
    not_null,
    row_count_between,
    row_count_change,
    unique,
)
from hn_luigi.assets.errors import AssetError
from hn_luigi.assets.formats.format import FORMATS, PARQUET_ZSTD, Format
from hn_luigi.assets.freshness import Freshness, FreshnessPolicy
from hn_luigi.assets.parameters.kinds import Address, Choice, JsonObject, Number, Switch, Text
from hn_luigi.assets.parameters.recorded_settings import settings_of
from hn_luigi.assets.parameters.window_parameter import WindowParameter
from hn_luigi.assets.retry import Backoff, Jitter, RetryPolicy
from hn_luigi.assets.secrets.scheduler_token import give_when_asked as _give_when_asked
from hn_luigi.assets.view import Materialization, View

__all__ = [
    "FORMATS",
    "PARQUET_ZSTD",
    "Address",
    "Asset",
    "AssetError",
    "Backoff",
    "Check",
    "Choice",
    "Format",
    "Freshness",
    "FreshnessPolicy",
    "Jitter",
    "JsonObject",
    "Materialization",
    "Number",
    "RetryPolicy",
    "Severity",
    "Switch",
    "Text",
    "View",
    "WindowParameter",
    "columns",
    "not_null",
    "requires",
    "row_count_between",
    "row_count_change",
    "settings_of",
    "unique",
    "warn",
]

# At the import, which is all of ours that a worker is sure to have done before it begins.
_give_when_asked()
