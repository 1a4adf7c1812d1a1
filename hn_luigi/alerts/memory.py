"""What was found and told before of an asset: a JSON file under its storage root.

It is there while an incident is open, or over and not yet told.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from hn_luigi.alerts.incidents import Incident, Kind
from hn_luigi.assets.errors import BackendUnavailable, StorageError
from hn_luigi.assets.records import is_timestamp
from hn_luigi.assets.series import Series

VERSION = 1


@dataclass(frozen=True)
class Memory:
    """The incidents of an asset as they were kept."""

    incidents: tuple[Incident, ...] = ()
    trouble: str | None = None
    """Why what is stored can't be read, if so; nothing is known then."""


def recall(series: Series) -> Memory:
    """What is kept of ``series``; raises BackendUnavailable where the store doesn't answer."""
    try:
        memory = series.store.load(_key(series), parse)
    except BackendUnavailable:
        raise
    except StorageError as error:
        memory = Memory(trouble=str(error))
    return memory or Memory()


def keep(series: Series, incidents: Sequence[Incident]) -> None:
    """Store ``incidents``, or nothing if there are none; raises StorageError."""
    key = _key(series)
    if incidents:
        series.store.write(key, to_json(series.folder, incidents))
    else:
        series.store.remove(key)
    series.store.sweep(key.rpartition("/")[0])


def to_json(asset: str, incidents: Sequence[Incident]) -> bytes:
    """The incidents of the asset in that folder as they are stored."""
    known = [{**asdict(each), "kind": each.kind.value} for each in incidents]
    value = {"asset": asset, "incidents": known, "version": VERSION}
    return (json.dumps(value, indent=1) + "\n").encode()


def parse(data: bytes) -> Memory:
    """The incidents in ``data``; never raises."""
    try:
        value = json.loads(data)
        if value["version"] != VERSION:
            raise ValueError(f"version is {value['version']!r}")
        return Memory(tuple(_incident(**each) for each in value["incidents"]))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        return Memory(trouble=f"{type(error).__name__}: {error}")


def _key(series: Series) -> str:
    return f"_alerts/{series.folder}.json"


def _incident(*, kind: str, since: str, cause: str, over_at: str | None, told: bool) -> Incident:
    """The incident with these values; raises ValueError or TypeError for what is none."""
    times = [since] if over_at is None else [since, over_at]
    if not all(map(is_timestamp, times)) or not isinstance(cause, str) or type(told) is not bool:
        raise ValueError("an incident has other values than one has")
    return Incident(Kind(kind), since, cause, over_at, told)
