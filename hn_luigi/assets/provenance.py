"""From what an asset was made, and whether what is stored still matches its definition.

The verdict is a pure function of facts that somebody else gathered; it carries its reasons.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from enum import Enum
from typing import Any, get_origin, get_type_hints

from hn_luigi.assets.errors import FormatError

RECORD_VERSION = 1
"""The form of a record; a record of a later form is not guessed at."""

LATEST_MISSING = "the copy called latest is missing or damaged"


class State(Enum):
    """Does what is stored match the asset's definition?"""

    CURRENT = "current"
    MISSING = "missing"
    STALE = "stale"


@dataclass(frozen=True)
class Record:
    """The record of one materialization, stored as a JSON object with these keys.

    Times are ISO 8601, UTC. A key that is added later gets a default here, so that older
    records are read.
    """

    asset: str
    """Folder of the asset below the root, such as ``top/stories``."""
    window: str
    """Name of the window, such as ``2026-11-22T1230Z``."""
    created_at: str
    data_time: str
    """When the oldest data in the asset was read from its source, inherited downstream."""
    settings: dict[str, Any]
    """Every setting that shaped the output, by ``section.name``."""
    upstream: dict[str, str]
    """Data version of each input as it was read, by the input's key."""
    data_version: str
    """SHA-256 of the output's bytes, in hex."""
    size: int
    """Bytes of the output."""
    fingerprint: str
    """What the store said of the output when it was written; see ``Stat``."""
    read_at: str | None = None
    """When a capture began to read the outside world; None for other assets."""
    metadata: dict[str, Any] = field(default_factory=dict)
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
        record = Record(**{f.name: value[f.name] for f in fields(Record) if f.name in value})
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        return Unreadable(f"its record is unreadable ({type(error).__name__}: {error})")
    for name, kind in _KINDS.items():
        if not isinstance(getattr(record, name), kind):
            return _unreadable(name, record)
    for name, form in _FORMS.items():
        if not form.fullmatch(str(getattr(record, name))):
            return _unreadable(name, record)
    return record


def _unreadable(name: str, record: Record) -> Unreadable:
    return Unreadable(f"its record is unreadable ({name} is {ascii(getattr(record, name))[:60]})")


_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)
_FORMS = {
    "created_at": _TIME,
    "data_time": _TIME,
    "read_at": re.compile(f"None|{_TIME.pattern}", re.ASCII),
    "data_version": re.compile("[0-9a-f]{64}"),
}
_KINDS = {name: get_origin(kind) or kind for name, kind in get_type_hints(Record).items()}
_KINDS["read_at"] = str | None


def json_values(values: Mapping[str, Any], *, what: str) -> dict[str, Any]:
    """``values`` as they come back from JSON, sets as sorted lists.

    Raises:
        FormatError: JSON has no form for one of them; ``what`` is named.
    """
    try:
        text = json.dumps(values, allow_nan=False, default=_sorted, ensure_ascii=False)
        text.encode()
    except (TypeError, ValueError) as error:
        raise FormatError(f"{what} must be JSON values: {error}") from error
    return dict(json.loads(text))


def _sorted(value: Any) -> list[Any]:
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError(f"{value!r} is a {type(value).__name__}")


@dataclass(frozen=True)
class Verdict:
    """What an asset's state is and why, and the data version of what is stored."""

    state: State
    reasons: tuple[str, ...] = ()
    version: str | None = None
    """None if nothing is stored."""
    lost: bool = False
    """It can't be made any more: its window, or that of something it is made from, is over."""

    @property
    def current(self) -> bool:
        """Whether there is nothing to do."""
        return self.state is State.CURRENT


@dataclass(frozen=True)
class Facts:
    """All that a verdict on one asset depends on."""

    found: tuple[int, str] | None
    """Size in bytes and fingerprint of the output, None if it is absent."""
    digest: Callable[[], str]
    """Hashes the output; asked only where size and fingerprint don't settle it."""
    record: Record | Unreadable | None
    settings: Mapping[str, Any]
    upstream: Mapping[str, Verdict]
    """Verdicts on the assets it is made from, by key."""
    frozen: bool = False
    """A capture that is taken as it is stored, and can't be remade."""
    latest_missing: bool = False
    """It is the newest of an asset that keeps a copy called latest, and there is none."""


def judge(facts: Facts) -> Verdict:
    """Whether what is stored matches the definition."""
    lost = facts.frozen or any(verdict.lost for verdict in facts.upstream.values())
    if facts.found is None:
        return Verdict(State.MISSING, ("its output is missing",), lost=lost)
    record = facts.record if isinstance(facts.record, Record) else None
    version = _stored_version(facts.found, record) or facts.digest()
    reasons = [] if facts.frozen else _reasons(facts, record, version)
    if facts.latest_missing:
        reasons.append(LATEST_MISSING)
    if not reasons:
        return Verdict(State.CURRENT, version=version)
    return Verdict(State.STALE, tuple(reasons), version, lost)


def _stored_version(found: tuple[int, str], record: Record | None) -> str | None:
    same = record is not None and found == (record.size, record.fingerprint)
    return record.data_version if record is not None and same else None


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
    return reasons


def _upstream_reason(key: str, verdict: Verdict | None, recorded: str | None) -> list[str]:
    if verdict is None:
        return [f"it is no longer made from {key}"]
    if recorded is None:
        return [f"it is now made from {key} too"]
    if verdict.lost and verdict.version in (None, recorded):
        return []  # nothing newer can come of it, so what was made from it stays
    if not verdict.current and not verdict.lost:
        return [f"{key} is {verdict.state.value}: {'; '.join(verdict.reasons)}"]
    return [f"{key} changed"] if verdict.version != recorded else []
