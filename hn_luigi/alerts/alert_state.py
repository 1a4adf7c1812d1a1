"""What was found and sent before about an asset: a JSON file under its storage root.

It exists while an incident is open, or is over and that has not been sent. This machine has a copy
of it as a note, for when the root can't be read. While the root can't be written, the note counts,
so that a full disk is reported once.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field

from hn_luigi.alerts.incidents import Incident, Kind
from hn_luigi.assets.operations import (
    Dataset,
    FileKey,
    FileUnavailable,
    StorageError,
    Timestamp,
    document,
    in_words,
    is_timestamp,
    local_notes,
    window,
)

VERSION = 1


@dataclass(frozen=True)
class AlertState:
    """The incidents of an asset as they were stored."""

    incidents: tuple[Incident, ...] = ()
    error: str | None = None
    """Why what is stored can't be read, if so; nothing is known then."""
    kept_at: str = field(default="", compare=False)
    """When it was stored; empty in a file of an older version."""
    is_copy: bool = field(default=False, compare=False)
    """Whether the root stored the same when this was noted."""


def load_state(dataset: Dataset) -> AlertState:
    """The state of ``dataset``; raises StorageError where the store doesn't answer."""
    try:
        stored = dataset.store.load(_key(dataset), parse)
    except FileUnavailable as error:
        stored = AlertState(error=str(error))
    stored, noted = stored or AlertState(), load_note(dataset)
    is_older = noted.kept_at <= stored.kept_at <= _now()  # unless a clock was ahead
    return stored if noted.is_copy or not noted.kept_at or is_older else noted


def load_note(dataset: Dataset) -> AlertState:
    """What this machine has noted of ``dataset``."""
    notes = local_notes.load(dataset.store.root, _key(dataset), parse)
    return max(notes, key=lambda note: note.kept_at, default=AlertState())


def save_state(dataset: Dataset, incidents: Sequence[Incident]) -> None:
    """Store ``incidents``, or nothing if there are none; raises StorageError."""
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
                save_note(dataset, incidents, is_copy=True)
                return
        local_notes.remove(root, key)


def save_note(dataset: Dataset, incidents: Sequence[Incident], *, is_copy: bool = False) -> None:
    """Note ``incidents`` on this machine; as a copy of what the root stores, or in its place.

    Raises:
        StorageError: it can't be written here either.
    """
    data = to_json(dataset.folder, incidents, _now(), is_copy=is_copy)
    local_notes.write(dataset.store.root, _key(dataset), data)


def to_json(
    asset: str, incidents: Sequence[Incident], now: str = "", *, is_copy: bool = False
) -> bytes:
    """The incidents of the asset in that folder as they are stored."""
    known = [asdict(incident) for incident in incidents]
    value = {"asset": asset, "incidents": known, "kept_at": now, "version": VERSION}
    if is_copy:
        value["is_copy"] = True
    return document.write(value)


def parse(data: bytes) -> AlertState:
    """The incidents in ``data``; never raises."""
    try:
        value = document.read(data, newest=VERSION)
        known = tuple(_incident(**stored) for stored in value["incidents"])
        kept_at, is_copy = value.get("kept_at", ""), value.get("is_copy", False)
        if kept_at and not is_timestamp(kept_at):
            raise ValueError(f"kept_at is {kept_at!r}")
        return AlertState(known, None, kept_at or "", is_copy is True)
    except (ValueError, KeyError, TypeError) as error:
        return AlertState(error=in_words(error))


def _now() -> Timestamp:
    return window.timestamp(window.now())


def _key(dataset: Dataset) -> FileKey:
    return FileKey(f"_alerts/{dataset.folder}.json")


def _incident(*, kind: str, since: str, cause: str, over_at: str | None, told: bool) -> Incident:
    """The incident with these values; raises ValueError or TypeError if they are invalid."""
    times = [since] if over_at is None else [since, over_at]
    if not all(map(is_timestamp, times)) or not isinstance(cause, str) or type(told) is not bool:
        raise ValueError("an incident has invalid values")
    return Incident(Kind(kind), since, cause, over_at, told)
