"""Several windows of an asset as one input of another, of which those count that are stored.

To Luigi it is the task of the window that is open, or nothing: windows that are over can't be begun
any more, and a thousand tasks would each be asked whether they are complete. What is stored is told
by size and fingerprint, as a listing has them, so that no record of a window is read for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, TypeAlias

from hn_luigi.assets import window
from hn_luigi.assets.catalog.dataset import Dataset
from hn_luigi.assets.catalog.record import Key, Record
from hn_luigi.assets.catalog.windows_read import WindowsRead
from hn_luigi.assets.definition import AssetDefinition
from hn_luigi.assets.errors import DefinitionError
from hn_luigi.assets.luigi_internals.task_structure import Several
from hn_luigi.assets.parameters.window_parameter import moment_of
from hn_luigi.assets.staleness.evaluate import Category, Cause, Staleness, State
from hn_luigi.assets.storage import Stat
from hn_luigi.assets.window import WindowName
from hn_luigi.assets.window_length import NO_WINDOW, WindowLength

# Each is asked for by name, 2 µs on a disk. Since 1970 there are 3 million of 10 minutes, and what
# is made from them would seem to hang; 200,000 are nearly four years, and 0.5 s a look.
_MOST = 200_000

Time: TypeAlias = datetime | date | str
"""A time as people write one in code, UTC."""


@dataclass(frozen=True)
class WindowRange(Several):
    """The windows of an asset that begin at ``since`` or later and before ``until``, UTC."""

    sample: AssetDefinition
    """The asset, in one of these windows."""
    since: datetime
    until: datetime
    present: datetime
    """The moment that decides which window is open; those that have not begun by then don't count.

    It stays while a task does: were it asked for anew, a run that crosses the end of a window would
    require what nobody has scheduled ("Unfulfilled dependency at run time").
    """
    open_task: AssetDefinition | None
    """The task of the window that is open, if it is one of these and may be made."""
    needed_until: datetime
    """When the window of the asset that requires them is over, UTC."""
    looks_back: bool
    """Whether all lie before the window of the asset that requires them.

    What that asset looks back at tells neither how old it is nor which of its windows is the
    latest, unless nothing else does: a history that is made from its own last window would be as
    old as its first, and would have no latest after a window that was missed.
    """
    optional: bool = False
    """Whether the asset that requires them is made without them where none is stored."""

    def __iter__(self) -> Iterator[AssetDefinition]:
        return iter(() if self.open_task is None else (self.open_task,))

    @property
    def key(self) -> Key:
        """What names it in records: ``top/stories/2026-11-22T0000Z--2026-11-23T0000Z``."""
        return Key(f"{self.sample.folder}/{window.name(self.since)}--{window.name(self.until)}")

    @property
    def dataset(self) -> Dataset:
        """Where its windows lie, and others."""
        return self.sample.dataset

    @property
    def names(self) -> tuple[WindowName, ...]:
        """All windows of it that have begun, oldest first."""
        length = self.sample.own_length()
        until = min(self.until, length.end(length.floor(self.present)))
        return _names(length, self.since, until)

    def stored(self, recorded: Iterable[WindowName] = ()) -> dict[WindowName, Stat]:
        """Those that are stored, oldest first, by what tells whether they change.

        ``recorded`` are looked for as well: a window of the length that the class had when it was
        stored doesn't begin with one of the present length, and yet is there.
        """
        dataset = self.dataset
        names = sorted({*self.names, *recorded})
        files = {dataset.partition(name).output_key.rpartition("/")[2]: name for name in names}
        stats = dataset.store.stats(dataset.folder, list(files))
        return {name: stats[file] for file, name in files.items() if file in stats}

    def is_as(self, recorded: WindowsRead) -> bool:
        """Whether those stored are exactly the ``recorded`` ones, and none was written since."""
        dataset = self.dataset
        expected = _expected(recorded, self.names, dataset.suffix)
        return dataset.store.are_as(dataset.folder, expected)

    def is_over(self, at: datetime) -> bool:
        """Whether none of its windows can be made at ``at`` any more, UTC, nor is to come."""
        length = self.sample.own_length()
        return self.until <= at and not length.is_open(length.last_before(self.until), at)

    def span(self, names: Iterable[WindowName]) -> str:
        """``names`` in short, as people call them: the first and the last."""
        label = self.sample.own_length().label
        first, *others = (label(window.parse(name)) for name in sorted(names))
        return f"{first} to {others[-1]}" if others else first

    def missing(self, stored: Iterable[WindowName]) -> list[WindowName]:
        """The windows that are over and not ``stored``, oldest first."""
        length = self.sample.own_length()
        present = window.name(length.floor(self.present))
        there = set(stored)
        return [name for name in self.names if name != present and name not in there]


def windows_of(
    asset: AssetDefinition,
    kind: type[AssetDefinition],
    *,
    since: Time | None,
    until: Time | None,
    present: datetime,
    optional: bool,
    parameters: Mapping[str, Any],
) -> WindowRange:
    """The range of windows of ``kind`` that ``asset`` requires; see ``Asset.windows``.

    Raises:
        DefinitionError: there can't be such windows.
    """
    if not (isinstance(kind, type) and issubclass(kind, AssetDefinition)):
        raise DefinitionError(f"{asset}: self.windows({kind!r}, ...): give the class of an asset")
    known = {name for name, _ in kind.get_params()} - {"as_of", "stored_only"}
    if unknown := sorted(parameters.keys() - known):
        have = f"it has {', '.join(sorted(known))}" if known else "it has none"
        raise _unfit(asset, kind, f"{kind.__name__} takes no {' and no '.join(unknown)}; {have}")
    own, length = asset.own_length(), kind.own_length()
    for cls, its in ((type(asset), own), (kind, length)):
        if its == NO_WINDOW:
            raise _unfit(asset, kind, f"{cls.__name__} has no windows (window_length is None)")
    try:
        begin = asset.as_of if since is None else moment_of(since)
        end = own.end(asset.as_of) if until is None else moment_of(until)
    except ValueError as error:
        raise _unfit(asset, kind, str(error)) from error
    if begin >= end:
        raise _unfit(asset, kind, f"since ({begin}) has to be before until ({end})")
    if (count := length.between(begin, end)) > _MOST:
        why = f"since ({begin}) is {count:,} windows before until, and {_MOST:,} are the most"
        raise _unfit(asset, kind, f"{why}: give a later one, or roll up in steps")
    open_start = length.floor(present)
    is_in = begin <= open_start < end and not asset.stored_only
    start = open_start if is_in else length.last_before(end)
    sample: AssetDefinition = asset.clone(kind, as_of=start, **parameters)
    if begin <= asset.as_of < end and sample.dataset == asset.dataset:
        raise _unfit(asset, kind, "its own window is among them; give until=self.as_of")
    return WindowRange(
        sample,
        begin,
        end,
        present,
        open_task=sample if is_in else None,
        needed_until=own.end(asset.as_of),
        looks_back=end <= asset.as_of,
        optional=optional,
    )


def _unfit(asset: AssetDefinition, kind: type[AssetDefinition], why: str) -> DefinitionError:
    return DefinitionError(f"{asset}: self.windows({kind.__name__}, ...): {why}")


# A page asks several times about the same ranges; a week of windows of 10 minutes takes 1.2 ms.
@lru_cache(maxsize=64)
def _names(length: WindowLength, since: datetime, until: datetime) -> tuple[WindowName, ...]:
    start = length.floor(since)
    if start < since:
        start = length.end(start)
    names = []
    while start < until:
        names.append(window.name(start))
        start = length.end(start)
    return tuple(names)


# For the same reason: Luigi asks of an asset several times a run whether it is complete.
@lru_cache(maxsize=64)
def _expected(
    recorded: WindowsRead, names: tuple[WindowName, ...], suffix: str
) -> dict[str, tuple[int, str] | None]:
    then = recorded.stored
    return {
        name + suffix: then[name][:2] if name in then else None for name in sorted({*names, *then})
    }


@dataclass(frozen=True)
class Changes:
    """How the stored windows of a range differ from those that were recorded."""

    new: tuple[WindowName, ...]
    changed: tuple[WindowName, ...]
    """Written since, of those whose value was read."""
    gone: tuple[WindowName, ...]

    def __bool__(self) -> bool:
        return bool(self.new or self.changed or self.gone)


def changes(recorded: WindowsRead, stored: Mapping[WindowName, Stat]) -> Changes:
    """What differs; a window whose value nobody read makes no difference when it changes."""
    return Changes(
        new=tuple(name for name in stored if name not in recorded.stored),
        changed=tuple(
            name
            for name, then in recorded.stored.items()
            if name in stored
            and then.digest
            and not then.is_as(stored[name].size, stored[name].fingerprint)
        ),
        gone=tuple(name for name in recorded.stored if name not in stored),
    )


def staleness_of_range(
    required: WindowRange,
    record: Record | None,
    of_open: Staleness | None,
    *,
    at: datetime,
    at_turn: bool = False,
) -> Staleness:
    """Whether what an asset is made from is still what its ``record`` says, None if it has none.

    Args:
        required: the windows.
        record: of the asset that requires them.
        of_open: the staleness of the window that is open, if it is required.
        at: the present moment, UTC.
        at_turn: whether the asset's turn has come, so that bytes may be read to tell whether what
            was written since came out the same.
    """
    recorded = None if record is None else record.windows_read.get(required.key)
    to_make = of_open is not None and not of_open.current and not of_open.lost
    if record is None or recorded is None:
        return _unrecorded(required, to_make=to_make, at=at)
    version = record.upstream.get(required.key)
    if required.is_as(recorded):
        found = Changes((), (), ())
    else:
        found = changes(recorded, required.stored(recorded.stored))
    if found.gone and required.is_over(at):
        return Staleness(State.CURRENT, version=version, lost=True, kept=_kept(required, found))
    if at_turn and found.changed and not (found.new or found.gone):
        dataset = required.dataset
        differ = (
            recorded.stored[name].digest != dataset.partition(name).version_of_bytes()
            for name in found.changed
        )
        if not any(differ):
            found = Changes((), (), ())
    causes = tuple(_causes(required, found))
    if to_make and of_open is not None and required.open_task is not None:
        why = f"{required.open_task.key} is {of_open.state.value}: {'; '.join(of_open.reasons)}"
        causes += (Cause(Category.INPUT, why),)
    if not causes:
        return Staleness(State.CURRENT, version=version)
    return Staleness(State.STALE, causes)


def _unrecorded(required: WindowRange, *, to_make: bool, at: datetime) -> Staleness:
    """The staleness of windows of which the asset that requires them has no record."""
    stored = required.stored()
    state = State.CURRENT if stored or required.optional else State.MISSING
    if would_be_less(required, stored, at=at):
        # What is stored may be made from more than is left, though nothing tells so any more.
        why = f"kept as it is, since windows of {required.sample.folder} have been pruned"
        return Staleness(state, version=None, lost=True, kept=why)
    lost = not (stored or to_make or required.optional)
    return Staleness(state, version=None, lost=lost)


def would_be_less(
    required: WindowRange, stored: Iterable[WindowName], *, at: datetime, is_remade: bool = False
) -> bool:
    """Whether what has no record of these windows would be made from less than there were.

    So it would once its time is over, or in the place of what is stored (``is_remade``), if some
    were pruned. What is new, as a page that looks back further than windows are kept, begins with
    what there is.
    """
    if not is_remade and at < max(required.until, required.needed_until):
        return False
    missing = required.missing(stored)
    pruned_before = required.dataset.pruned_before() if missing else None
    return pruned_before is not None and missing[0] < pruned_before


def _causes(required: WindowRange, found: Changes) -> Iterator[Cause]:
    for names, what in ((found.new, "new"), (found.changed, "changed"), (found.gone, "gone")):
        if names:
            is_or_are = "window is" if len(names) == 1 else "windows are"
            yield Cause(Category.INPUT, f"{len(names)} {is_or_are} {what} ({required.span(names)})")


def _kept(required: WindowRange, found: Changes) -> str:
    count = len(found.gone)
    return (
        f"kept as it is, since {count} of the windows of {required.sample.folder} that it was made "
        f"from {'is' if count == 1 else 'are'} gone ({required.span(found.gone)})"
    )
