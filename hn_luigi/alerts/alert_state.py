"""What was found and told before of an asset: a JSON file under its storage root.

It is there while an incident is open, or over and not yet told. This machine has a copy of it as a
note, for when the root can't be read. While the root can't be written, the note counts, so that a
full disk is told of once.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field

from hn_luigi.alerts.incidents import Incident, Kind
from hn_luigi.assets.operations import (
    Dataset,
    FileUnavailable,
    StorageError,
    document,
    is_timestamp,
    local_notes,
    window,
)

VERSION = 1


@dataclass(frozen=True)
class Memory:
    """The incidents of an asset as they were kept."""

    incidents: tuple[Incident, ...] = ()
    trouble: str | None = None
    """Why what is stored can't be read, if so; nothing is known then."""
    kept_at: str = field(default="", compare=False)
    """When it was kept; a file of an older version doesn't tell."""
    is_copy: bool = field(default=False, compare=False)
    """Whether the root kept the same when this was noted."""


def recall(dataset: Dataset) -> Memory:
    """What is kept of ``dataset``; raises StorageError where the store doesn't answer."""
    try:
        stored = dataset.store.load(_key(dataset), parse)
    except FileUnavailable as error:
        stored = Memory(trouble=str(error))
    stored, noted = stored or Memory(), recall_note(dataset)
    is_older = noted.kept_at <= stored.kept_at <= _now()  # unless a clock was ahead
    return stored if noted.is_copy or not noted.kept_at or is_older else noted


def recall_note(dataset: Dataset) -> Memory:
    """What this machine has noted of ``dataset``."""
    found = [Memory()]
    for folder in local_notes.of(dataset.store.root):
        with suppress(StorageError):
            found.append(folder.load(_key(dataset), parse) or Memory())
    return max(found, key=lambda memory: memory.kept_at)


def keep(dataset: Dataset, incidents: Sequence[Incident]) -> None:
    """Keep ``incidents``, or nothing if there are none; raises StorageError."""
    key, root = _key(dataset), dataset.store.root
    data = to_json(dataset.folder, incidents, _now())
    with local_notes.instead(root, key, data):
        if incidents:
            dataset.store.write(key, data)
        else:
            dataset.store.remove(key)
        dataset.store.sweep(key.rpartition("/")[0])
        if incidents:
            with suppress(StorageError):
                note(dataset, incidents, is_copy=True)
                return
        local_notes.remove(root, key)


def note(dataset: Dataset, incidents: Sequence[Incident], *, is_copy: bool = False) -> None:
    """Note ``incidents`` on this machine; as a copy of what the root keeps, or in its place.

    Raises:
        StorageError: it can't be written here either.
    """
    data = to_json(dataset.folder, incidents, _now(), is_copy=is_copy)
    local_notes.write(dataset.store.root, _key(dataset), data)


def to_json(
    asset: str, incidents: Sequence[Incident], now: str = "", *, is_copy: bool = False
) -> bytes:
    """The incidents of the asset in that folder as they are stored."""
    known = [asdict(each) for each in incidents]
    value = {"asset": asset, "incidents": known, "kept_at": now, "version": VERSION}
    if is_copy:
        value["is_copy"] = True
    return document.write(value)


def parse(data: bytes) -> Memory:
    """The incidents in ``data``; never raises."""
    try:
        value = document.read(data, newest=VERSION)
        known = tuple(_incident(**each) for each in value["incidents"])
        kept_at, is_copy = value.get("kept_at", ""), value.get("is_copy", False)
        if kept_at and not is_timestamp(kept_at):
            raise ValueError(f"kept_at is {kept_at!r}")
        return Memory(known, None, kept_at or "", is_copy is True)
    except (ValueError, KeyError, TypeError) as error:
        return Memory(trouble=f"{type(error).__name__}: {error}")


def _now() -> str:
    return window.timestamp(window.now())


def _key(dataset: Dataset) -> str:
    return f"_alerts/{dataset.folder}.json"


def _incident(*, kind: str, since: str, cause: str, over_at: str | None, told: bool) -> Incident:
    """The incident with these values; raises ValueError or TypeError for what is none."""
    times = [since] if over_at is None else [since, over_at]
    if not all(map(is_timestamp, times)) or not isinstance(cause, str) or type(told) is not bool:
        raise ValueError("an incident has other values than one has")
    return Incident(Kind(kind), since, cause, over_at, told)
