"""From what an asset was made, and whether what is stored still matches its definition.

The verdict is a pure function of facts that somebody else gathered; it carries its reasons.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from enum import Enum
from typing import Any

RECORD_VERSION = 1
"""The form of a record; a record of a later form is not guessed at."""

LATEST_MISSING = "the copy called latest is missing"


class State(Enum):
    """Does what is stored match the asset's definition?"""

    CURRENT = "current"
    MISSING = "missing"
    STALE = "stale"


@dataclass(frozen=True)
class Record:
    """The record of one materialization, stored as a JSON object with these keys.

    Times are ISO 8601, UTC. ``data_version`` is the SHA-256 of the output's bytes in hex;
    ``size`` is in bytes, ``modified_ns`` in nanoseconds since 1970.
    """

    asset: str
    """Folder of the asset below the root, such as ``top/stories``."""
    window: str
    """Name of the window, such as ``2026-11-22T1230Z``."""
    created_at: str
    read_at: str | None
    """When a capture began to read the outside world; None for other assets."""
    data_time: str
    """When the oldest data in the asset was read from its source, inherited downstream."""
    settings: Mapping[str, Any]
    """Every setting that shaped the output, by ``section.name``."""
    upstream: Mapping[str, str]
    """Data version of each input as it was read, by the input's key."""
    data_version: str
    size: int
    modified_ns: int
    metadata: Mapping[str, Any] = field(default_factory=dict)
    """What the step reported of itself, such as rows and skipped items."""
    version: int = RECORD_VERSION

    def to_json(self) -> bytes:
        """The record as it is stored."""
        return (json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n").encode()


@dataclass(frozen=True)
class Unreadable:
    """A record that can't be used, and why."""

    reason: str


def parse_record(data: bytes) -> Record | Unreadable:
    """The record in ``data``; never raises."""
    try:
        value = json.loads(data)
        if value["version"] > RECORD_VERSION:
            return Unreadable(f"its record has the later form {value['version']}")
        record = Record(**{f.name: value[f.name] for f in fields(Record)})
    except (ValueError, KeyError, TypeError) as error:
        return Unreadable(f"its record is unreadable ({type(error).__name__}: {error})")
    if not (isinstance(record.settings, dict) and isinstance(record.upstream, dict)):
        return Unreadable("its record is unreadable (settings or upstream is no object)")
    return record


@dataclass(frozen=True)
class Verdict:
    """What an asset's state is and why, and the data version of what is stored."""

    state: State
    reasons: tuple[str, ...] = ()
    version: str | None = None
    lost: bool = False
    """Missing, and it can't be made any more: its window, or that of an input, is over."""

    @property
    def current(self) -> bool:
        """Whether there is nothing to do."""
        return self.state is State.CURRENT


@dataclass(frozen=True)
class Facts:
    """All that a verdict on one asset depends on."""

    stored: tuple[int, int] | None
    """Size in bytes and modification time in nanoseconds of the output, None if absent."""
    digest: Callable[[], str]
    """Hashes the output; asked only where size and time don't settle it."""
    record: Record | Unreadable | None
    settings: Mapping[str, Any]
    upstream: Mapping[str, Verdict]
    """Verdicts on the assets it is made from, by key."""
    frozen: bool = False
    """A capture whose window is over: it is taken as it is, and can't be remade."""
    latest_missing: bool = False
    """It is the newest of an asset that keeps a copy called latest, and there is none."""


def judge(facts: Facts) -> Verdict:
    """Whether what is stored matches the definition."""
    if facts.stored is None:
        lost = facts.frozen or any(verdict.lost for verdict in facts.upstream.values())
        return Verdict(State.MISSING, ("its output is missing",), lost=lost)
    recorded = facts.record if isinstance(facts.record, Record) else None
    version = _stored_version(facts, recorded)
    if facts.frozen:
        return Verdict(State.CURRENT, version=version)
    reasons = tuple(_reasons(facts, recorded, version))
    return Verdict(State.STALE if reasons else State.CURRENT, reasons, version)


def _stored_version(facts: Facts, record: Record | None) -> str:
    if record is not None and facts.stored == (record.size, record.modified_ns):
        return record.data_version
    return facts.digest()


def _reasons(facts: Facts, record: Record | None, version: str) -> list[str]:
    if isinstance(facts.record, Unreadable):
        return [facts.record.reason]
    if record is None:
        return ["it has no record"]
    reasons = []
    if version != record.data_version:
        reasons.append("its output was changed by another hand")
    for name in sorted(facts.settings.keys() | record.settings.keys()):
        new, old = facts.settings.get(name), record.settings.get(name)
        if new != old:
            reasons.append(f"the setting {name} changed from {old!r} to {new!r}")
    for key in sorted(facts.upstream.keys() | record.upstream.keys()):
        reasons.extend(_upstream_reason(key, facts.upstream.get(key), record.upstream.get(key)))
    if facts.latest_missing:
        reasons.append(LATEST_MISSING)
    return reasons


def _upstream_reason(key: str, verdict: Verdict | None, recorded: str | None) -> list[str]:
    if verdict is None:
        return [f"it is no longer made from {key}"]
    if recorded is None:
        return [f"it is now made from {key} too"]
    if verdict.lost:  # nothing newer can come of it, so what was made from it stays
        return []
    if not verdict.current:
        return [f"{key} is {verdict.state.value}: {'; '.join(verdict.reasons)}"]
    return [f"{key} changed"] if verdict.version != recorded else []
