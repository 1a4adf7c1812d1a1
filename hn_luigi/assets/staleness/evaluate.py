"""Whether what is stored still matches the definition of an asset, and why not.

Staleness is a pure function of facts that ``resolve`` gathers. Each cause has a category, which
decisions hang on, and a reason, which is for people only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from hn_luigi.assets.catalog.record import (
    DataVersion,
    Foreign,
    InputStructure,
    Key,
    Record,
    Unreadable,
)
from hn_luigi.assets.parameters.private_digest import is_digest


class State(Enum):
    """Does what is stored match the asset's definition?"""

    CURRENT = "current"
    MISSING = "missing"
    STALE = "stale"


class Category(Enum):
    """Of what kind a cause is; the values are those in JSON.

    Dagster's ``StaleCauseCategory`` has CODE, DATA and DEPENDENCIES; what people do about a cause
    takes a finer division. Code, settings and inputs are of their own making; an output, a record
    or a copy may have been damaged; and to another asset's output nothing may be done.
    """

    MISSING = "missing"
    """Nothing is stored."""
    RECORD = "record"
    """What is stored has no record that can be used."""
    OUTPUT = "output"
    """What is stored is not what was recorded."""
    INVALIDATED = "invalidated"
    """Somebody asked for it to be made again."""
    CODE = "code"
    SETTING = "setting"
    INPUT = "input"
    """What it is made from is other data, other assets, or is to be made first."""
    LATEST = "latest"
    """The copy called latest is not the newest output; that output itself is good."""
    PLACE = "place"
    """Another asset's output is in its place, or its own has to be moved there: a run fails."""


@dataclass(frozen=True)
class Cause:
    """One cause of an asset being stale or missing."""

    category: Category
    reason: str
    """It in words, which may change: nothing compares them."""
    is_upstream: bool = False
    """Whether it lies with an input, which is itself to be made first."""


_GONE = Cause(Category.MISSING, "its output is missing")


@dataclass(frozen=True)
class Staleness:
    """What an asset's state is and why, and the data version of what is stored."""

    state: State
    causes: tuple[Cause, ...] = ()
    version: DataVersion | None = None
    """None if nothing is stored."""
    lost: bool = False
    """It can't be made any more: its window, or that of something it is made from, is over."""
    kept: str = ""
    """Why it is taken as it is stored, whatever changed, in words; empty if it isn't."""

    @property
    def reasons(self) -> tuple[str, ...]:
        """The causes in words."""
        return tuple(cause.reason for cause in self.causes)

    @property
    def is_taken(self) -> bool:
        """Whether what is stored in its place is another asset's, so that a run fails."""
        return any(cause.category is Category.PLACE for cause in self.causes)

    @property
    def needs_only_latest(self) -> bool:
        """Whether all there is to do is to copy it to latest."""
        return [cause.category for cause in self.causes] == [Category.LATEST]

    @property
    def current(self) -> bool:
        """Whether there is nothing to do."""
        return self.state is State.CURRENT


@dataclass(frozen=True)
class StalenessInputs:
    """All that the staleness of one asset depends on."""

    version: DataVersion | None
    """Data version of what is stored, None if nothing is."""
    record: Record | Unreadable | None
    settings: Mapping[str, Any]
    upstream: Mapping[Key, Staleness]
    """Of the assets it is made from, by key."""
    inputs: InputStructure
    """Their keys as ``requires()`` gives them."""
    sources: str
    """Hash of the text of the code that makes it; if it is the recorded one, so is the code."""
    code_version: Callable[[], str]
    """The version of that code; asked only where its text doesn't settle it."""
    code: Callable[[], Mapping[str, str]] = dict
    """The versions of its parts, by name; asked only where the code has changed."""
    former_keys: Callable[[], Mapping[Key, Key]] = dict
    """Keys of inputs by those that an earlier version recorded; asked only where some differ."""
    window_length: str = ""
    """How long the class says that windows are; empty for as long as the setting says."""
    length_by_setting: Callable[[], str] = str
    """How long that is; asked only where what the class says isn't what is recorded."""
    frozen: bool = False
    """A capture that is taken as it is stored, and can't be remade."""
    latest_missing: bool = False
    """It is the newest of an asset that keeps a copy called latest, which is not this output."""


def taken(record: Foreign, version: DataVersion | None) -> Staleness:
    """The staleness of an asset in whose place is another's output, or the record of one."""
    state = State.MISSING if version is None else State.STALE
    return Staleness(state, (Cause(Category.PLACE, record.reason),), version)


def missing(*, lost: bool = False) -> Staleness:
    """The staleness of an asset of which nothing is stored."""
    return Staleness(State.MISSING, (_GONE,), lost=lost)


def evaluate(facts: StalenessInputs) -> Staleness:
    """Whether what is stored matches the definition.

    Age takes no part. Luigi asks complete() when it schedules a task and again before each task
    that depends on it, and where the answer has turned to no, fails that with "Unfulfilled
    dependency at run time" (spotify/luigi 1054, 1552). What the clock does change, ``frozen``,
    turns the answer to yes alone.
    """
    if isinstance(facts.record, Foreign):
        return taken(facts.record, facts.version)
    lost = facts.frozen or any(staleness.lost for staleness in facts.upstream.values())
    if facts.version is None:
        return missing(lost=lost)
    kept = "; ".join(staleness.kept for staleness in facts.upstream.values() if staleness.kept)
    causes = tuple(_of_another_length(facts))
    if not (facts.frozen or kept):
        causes += tuple(_causes(facts))
    if facts.latest_missing:
        causes += (Cause(Category.LATEST, "the copy called latest is missing or damaged"),)
    if not causes:
        return Staleness(State.CURRENT, version=facts.version, kept=kept)
    found = Staleness(State.STALE, causes, facts.version, lost, kept)
    # A copy is made of what is stored, whatever can no longer be made.
    return replace(found, lost=False) if found.needs_only_latest else found


def _of_another_length(facts: StalenessInputs) -> Iterator[Cause]:
    """Windows are named by their starts: that of midnight by the name of the day, its month …."""
    record = facts.record
    if not isinstance(record, Record) or record.window_length == facts.window_length:
        return
    then, now = (
        told or facts.length_by_setting() for told in (record.window_length, facts.window_length)
    )
    if then != now:
        reason = f"it was made for a window of another length ({then}, and now {now})"
        yield Cause(Category.CODE, reason)


def _causes(facts: StalenessInputs) -> Iterator[Cause]:
    record = facts.record
    if not isinstance(record, Record):
        # A corrupt record is a cause like any other and no exception: Luigi takes what complete()
        # raises for a scheduling error, with which it exits 0 unless [retcode] says otherwise.
        yield Cause(Category.RECORD, record.reason if record else "it has no record")
        return
    if record.upstream.keys() != facts.upstream.keys():
        record = _with_keys(record, facts.former_keys())
    if facts.version != record.data_version:
        yield Cause(Category.OUTPUT, "its output was modified outside hn_luigi")
    if record.invalidated_at is not None:
        yield Cause(Category.INVALIDATED, f"it was invalidated at {record.invalidated_at}")
    if facts.sources != record.sources and facts.code_version() != record.code_version:
        yield Cause(Category.CODE, _code_changed(facts.code(), record))
    same_keys = facts.upstream.keys() == record.upstream.keys()
    if same_keys and record.inputs not in (None, facts.inputs):
        yield Cause(Category.INPUT, "its inputs changed places")
    for name in sorted(facts.settings.keys() | record.settings.keys()):
        if reason := _changed(facts.settings.get(name), record.settings.get(name)):
            yield Cause(Category.SETTING, f"the setting {name} {reason}")
    for key in sorted(facts.upstream.keys() | record.upstream.keys()):
        staleness = facts.upstream.get(key)
        if reason := _input_changed(key, staleness, record.upstream.get(key)):
            waits = staleness is not None and not (staleness.current or staleness.lost)
            yield Cause(Category.INPUT, reason, is_upstream=waits and key in record.upstream)


def _with_keys(record: Record, keys: Mapping[Key, Key]) -> Record:
    """``record``, with the present keys of inputs in place of those they had."""
    upstream = {keys.get(key, key): version for key, version in record.upstream.items()}
    inputs = None if record.inputs is None else _renamed(record.inputs, keys)
    return replace(record, upstream=upstream, inputs=inputs)


def _renamed(inputs: InputStructure, keys: Mapping[Key, Key]) -> InputStructure:
    if isinstance(inputs, str):
        return keys.get(inputs, inputs)
    if isinstance(inputs, dict):
        return {name: _renamed(part, keys) for name, part in inputs.items()}
    return [_renamed(part, keys) for part in inputs]


def _changed(new: Any, old: Any) -> str:
    """How a setting changed, empty if it didn't; of a private one only that it did."""
    if new == old:
        return ""
    # Private settings are recorded by their digests, which tell people nothing.
    return "changed" if is_digest(new) or is_digest(old) else f"changed from {old!r} to {new!r}"


def _code_changed(code: Mapping[str, str], record: Record) -> str:
    """What of the code changed: in its own module it goes without a name.

    That may change what of the others counts, so that these aren't named beside it.
    """
    if not record.code_version:
        return "its record names no code version"
    old = record.code or {}
    changed = sorted(name for name in {*code, *old} if code.get(name) != old.get(name))
    if not changed or "" in changed:
        return "its code changed"
    more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
    return f"its code changed in {', '.join(changed[:3])}{more}"


def _input_changed(key: Key, staleness: Staleness | None, recorded: DataVersion | None) -> str:
    """What differs about the input called ``key``, empty if nothing does."""
    if staleness is None:
        return f"it is no longer made from {key}"
    if recorded is None:
        return f"it is now made from {key} too"
    if staleness.lost and staleness.version in (None, recorded):
        # Nothing newer can come of it. Were what was made from it stale, each run would fail at the
        # capture that can't be made, and a good output would count as bad for ever.
        return ""
    if not staleness.current and not staleness.lost:
        return f"{key} is {staleness.state.value}: {'; '.join(staleness.reasons)}"
    return f"{key} changed" if staleness.version != recorded else ""
