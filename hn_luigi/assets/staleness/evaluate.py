"""From what an asset was made, and whether what is stored still matches its definition.

Staleness is a pure function of facts that somebody else gathered; it carries its reasons.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from hn_luigi.assets.catalog.record import Foreign, InputStructure, Record, Unreadable
from hn_luigi.assets.parameters.private_digest import is_digest

LATEST_MISSING = "the copy called latest is missing or damaged"


class State(Enum):
    """Does what is stored match the asset's definition?"""

    CURRENT = "current"
    MISSING = "missing"
    STALE = "stale"


@dataclass(frozen=True)
class Staleness:
    """What an asset's state is and why, and the data version of what is stored."""

    state: State
    reasons: tuple[str, ...] = ()
    version: str | None = None
    """None if nothing is stored."""
    lost: bool = False
    """It can't be made any more: its window, or that of something it is made from, is over."""
    is_taken: bool = False
    """What is stored in its place is another asset's, so that a run fails."""

    @property
    def needs_only_latest(self) -> bool:
        """Whether all there is to do is to copy it to latest."""
        return self.reasons == (LATEST_MISSING,)

    @property
    def current(self) -> bool:
        """Whether there is nothing to do."""
        return self.state is State.CURRENT


@dataclass(frozen=True)
class StalenessInputs:
    """All that the staleness of one asset depends on."""

    version: str | None
    """Data version of what is stored, None if nothing is."""
    record: Record | Unreadable | None
    settings: Mapping[str, Any]
    upstream: Mapping[str, Staleness]
    """Verdicts on the assets it is made from, by key."""
    inputs: InputStructure
    """Their keys as ``requires()`` gives them."""
    sources: str
    """Hash of the text of the code that makes it; if it is the recorded one, so is the code."""
    code_version: Callable[[], str]
    """The version of that code; asked only where its text doesn't settle it."""
    former_keys: Callable[[], Mapping[str, str]] = dict
    """Keys of inputs by those that an earlier version recorded; asked only where some differ."""
    frozen: bool = False
    """A capture that is taken as it is stored, and can't be remade."""
    latest_missing: bool = False
    """It is the newest of an asset that keeps a copy called latest, and there is none."""


def evaluate(facts: StalenessInputs) -> Staleness:
    """Whether what is stored matches the definition."""
    if isinstance(facts.record, Foreign):
        state = State.MISSING if facts.version is None else State.STALE
        return Staleness(state, (facts.record.reason,), facts.version, is_taken=True)
    lost = facts.frozen or any(staleness.lost for staleness in facts.upstream.values())
    if facts.version is None:
        return Staleness(State.MISSING, ("its output is missing",), lost=lost)
    reasons = [] if facts.frozen else _reasons(facts)
    if facts.latest_missing:
        reasons.append(LATEST_MISSING)
    if not reasons:
        return Staleness(State.CURRENT, version=facts.version)
    lost = lost and reasons != [LATEST_MISSING]
    return Staleness(State.STALE, tuple(reasons), facts.version, lost)


def _reasons(facts: StalenessInputs) -> list[str]:
    record = facts.record
    if isinstance(record, Unreadable):
        return [record.reason]
    if record is None:
        return ["it has no record"]
    if record.upstream.keys() != facts.upstream.keys():
        record = _with_keys(record, facts.former_keys())
    reasons = []
    if facts.version != record.data_version:
        reasons.append("its output was changed by another hand")
    if record.invalidated_at is not None:
        reasons.append(f"it was invalidated at {record.invalidated_at}")
    reasons.extend(_code_reason(facts, record))
    if facts.upstream.keys() == record.upstream.keys() and record.inputs not in (
        None,
        facts.inputs,
    ):
        reasons.append("its inputs changed places")
    for name in sorted(facts.settings.keys() | record.settings.keys()):
        new, old = facts.settings.get(name), record.settings.get(name)
        if new != old and (is_digest(new) or is_digest(old)):
            reasons.append(f"the setting {name} changed")
        elif new != old:
            reasons.append(f"the setting {name} changed from {old!r} to {new!r}")
    for key in sorted(facts.upstream.keys() | record.upstream.keys()):
        reasons.extend(_upstream_reason(key, facts.upstream.get(key), record.upstream.get(key)))
    return reasons


def _with_keys(record: Record, keys: Mapping[str, str]) -> Record:
    """``record``, with the present keys of inputs in place of those they had."""
    upstream = {keys.get(key, key): version for key, version in record.upstream.items()}
    inputs = None if record.inputs is None else _renamed(record.inputs, keys)
    return replace(record, upstream=upstream, inputs=inputs)


def _renamed(inputs: InputStructure, keys: Mapping[str, str]) -> InputStructure:
    if isinstance(inputs, str):
        return keys.get(inputs, inputs)
    if isinstance(inputs, dict):
        return {name: _renamed(each, keys) for name, each in inputs.items()}
    return [_renamed(each, keys) for each in inputs]


def _code_reason(facts: StalenessInputs, record: Record) -> list[str]:
    if facts.sources == record.sources or facts.code_version() == record.code_version:
        return []
    return ["its code changed" if record.code_version else "its record names no code version"]


def _upstream_reason(key: str, staleness: Staleness | None, recorded: str | None) -> list[str]:
    if staleness is None:
        return [f"it is no longer made from {key}"]
    if recorded is None:
        return [f"it is now made from {key} too"]
    if staleness.lost and staleness.version in (None, recorded):
        return []  # nothing newer can come of it, so what was made from it stays
    if not staleness.current and not staleness.lost:
        return [f"{key} is {staleness.state.value}: {'; '.join(staleness.reasons)}"]
    return [f"{key} changed"] if staleness.version != recorded else []
