"""What an asset is made from, read for one making: values, their versions, their age."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, Mapping, Sequence, ValuesView
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import chain
from typing import Any

import luigi

from hn_luigi.assets import formats, window
from hn_luigi.assets.catalog.partition import Partition, data_version_of
from hn_luigi.assets.catalog.record import DataVersion, InputStructure, Key, Record, Unreadable
from hn_luigi.assets.catalog.windows_read import WindowRead, WindowsRead
from hn_luigi.assets.definition import AssetDefinition, is_asset
from hn_luigi.assets.errors import FormatError, InputMissing
from hn_luigi.assets.luigi_internals.expected_errors import logger
from hn_luigi.assets.luigi_internals.task_structure import map_tasks
from hn_luigi.assets.secrets.log_masking import masked
from hn_luigi.assets.staleness import external
from hn_luigi.assets.staleness.place import require_own_output
from hn_luigi.assets.staleness.required import key_of, parts_of, required_by, structure_of
from hn_luigi.assets.staleness.window_range import WindowRange, would_be_less
from hn_luigi.assets.storage import Stat
from hn_luigi.assets.window import Timestamp, WindowName
from hn_luigi.assets.window_length import ALWAYS


@dataclass(frozen=True)
class Inputs:
    """Arguments for ``compute``, and what the record says of them."""

    structure: InputStructure
    args: list[Any] = field(default_factory=list)
    kwargs: dict[str, Any] = field(default_factory=dict)
    versions: dict[Key, DataVersion] = field(default_factory=dict)
    """Data version by key: of the very bytes read, or, of a plain task, just before."""
    data_times: list[Timestamp] = field(default_factory=list)
    ranges: list[StoredWindows] = field(default_factory=list)
    """The inputs that are several windows, which are read as ``compute`` asks for them."""

    def warnings(self) -> dict[str, str]:
        """Which optional windows were left out, by their range, in words."""
        return {v.key: "; ".join(v.damaged.values()) for v in self.ranges if v.damaged}

    def all_versions(self) -> dict[Key, DataVersion]:
        """``versions`` and, once ``compute`` is done, those of the windows that it read."""
        of_ranges = {values.key: DataVersion(values.read.version) for values in self.ranges}
        return {**self.versions, **of_ranges}


def read_inputs(asset: AssetDefinition, *, to_show: bool = False) -> Inputs:
    """Read what ``asset`` requires, as its ``requires()`` is shaped.

    Args:
        asset: what is to be made, or shown.
        to_show: whether it is only shown: of optional windows those are read that are left.

    Raises:
        InputMissing: one is not stored, or no window of several is that aren't optional, or some of
            those that the asset is already made from are gone: it isn't remade from less.
        FormatError: one is damaged.
        PlaceTaken: what is stored in its place is another asset's.
    """
    required = required_by(asset)
    inputs = Inputs(structure=structure_of(required))
    record, is_remade = None, False
    if any(isinstance(part, WindowRange) for part in parts_of(required)):
        told = asset.partition.record()
        record = told if isinstance(told, Record) else None
        is_remade = record is None and asset.partition.stat() is not None
    values = map_tasks(
        required,
        partial(_read, inputs=inputs),
        several=partial(
            _opened, inputs=inputs, record=record, is_remade=is_remade, to_show=to_show
        ),
    )
    inputs.data_times[:] = with_windows(inputs.data_times, inputs.ranges, capture=asset.capture)
    if isinstance(required, dict) and all(isinstance(name, str) for name in required):
        inputs.kwargs.update(values)
    else:
        inputs.args.extend(values if isinstance(required, list) else [values])
    return inputs


def _read(task: luigi.Task, inputs: Inputs) -> Any:
    """The value of ``task``, whose version and age are added to ``inputs``."""
    if not is_asset(task):
        inputs.versions[key_of(task)] = external.outputs_version(task)
        return task.output()
    value, version = read_asset(task, task.partition)
    inputs.versions[task.key] = version
    inputs.data_times.extend(data_times_of(task))
    return value


def read_asset(task: AssetDefinition, partition: Partition) -> tuple[Any, DataVersion]:
    """The value that is stored for a window of the asset that ``task`` makes, and its version."""
    # The very bytes, hashed here: a stat or a record says what was there at another moment, and
    # another run may replace them at any.
    path, data = partition.store.path(partition.output_key), partition.read()
    record = partition.record()
    require_own_output(task, record)
    if data is None:
        raise InputMissing(f"{path} is missing: run {task} first")
    _require_readable(task, record, path)
    value = formats.decode(task.suffix, data, what=path, own=task.own_format)
    return value, data_version_of(data)


def _opened(
    required: WindowRange,
    inputs: Inputs,
    record: Record | None,
    is_remade: bool,
    to_show: bool,
) -> StoredWindows:
    """The values of several windows, to be read one by one."""
    for values in inputs.ranges:
        if values.key == required.key:  # one record of what was read, whoever reads it
            return values
    may_be_less = to_show and required.optional
    values = StoredWindows(required, record, is_remade=is_remade, may_be_less=may_be_less)
    inputs.ranges.append(values)
    return values


class StoredWindows(Mapping[datetime, Any]):
    """The values of those windows of a range that are stored, by their starts, oldest first.

    Each is read, and hashed for the record, as it is asked for; none is kept. Of optional ones
    ``items()`` and ``values()`` leave out those that are damaged: what can be made without
    yesterday is made though yesterday's bytes are broken.
    """

    def __init__(
        self,
        required: WindowRange,
        record: Record | None,
        *,
        is_remade: bool = False,
        may_be_less: bool = False,
    ) -> None:
        """Open those that are stored.

        Args:
            required: the windows.
            record: of the asset that requires them, if there is one.
            is_remade: whether what no record tells about is to be replaced.
            may_be_less: whether those count that are left, however many there were.

        Raises:
            InputMissing: none is stored that isn't optional, or not all that the asset was made
                from is.
        """
        self.key = required.key
        self.looks_back = required.looks_back
        self.damaged: dict[WindowName, str] = {}
        """What is wrong with those that were left out."""
        self._required = required
        then = None if record is None else record.windows_read.get(required.key)
        stats = required.stored(then.stored if then else ())
        if not may_be_less:
            self._require_all(stats, then, is_remade)
        self._names = {window.parse(name): name for name in stats}
        self._read = {name: WindowRead(stat.size, stat.fingerprint) for name, stat in stats.items()}
        self.missing = required.missing(stats)
        """The windows that are over and not stored."""

    def __getitem__(self, start: datetime) -> Any:
        name = self._names[start]
        partition = self._required.dataset.partition(name)
        value, version = read_asset(self._required.sample, partition)
        before = self._read[name]
        if before.digest not in ("", version):
            raise InputMissing(
                f"{partition.key} was made anew while it was read: run again, to read one version"
            )
        self._read[name] = before._replace(digest=version)
        return value

    def items(self) -> ItemsView[datetime, Any]:
        """Start and value of each, as ``readable`` has them."""
        return _ReadableItems(self)

    def values(self) -> ValuesView[Any]:
        """The value of each, as ``readable`` has them."""
        return _ReadableValues(self)

    def readable(self) -> Iterator[tuple[datetime, Any]]:
        """Start and value of each, without those that are damaged if all are optional."""
        for start, name in [*self._names.items()]:
            try:
                value = self[start]
            except FormatError as error:
                if not self._required.optional:
                    raise
                self._leave_out(start, name, masked(str(error)))
                continue
            yield start, value

    def _leave_out(self, start: datetime, name: WindowName, why: str) -> None:
        partition = self._required.dataset.partition(name)
        self.damaged[name] = why
        # With the digest of its bytes, so that it counts once it is restored.
        self._read[name] = self._read[name]._replace(digest=partition.version_of_bytes() or "")
        del self._names[start]
        logger.warning("%s is left out: %s", partition.key, why)

    def __contains__(self, start: object) -> bool:
        return start in self._names  # Mapping's own would read the value

    def __iter__(self) -> Iterator[datetime]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    @property
    def read(self) -> WindowsRead:
        """What was there, and what was read by now."""
        return WindowsRead(self._read)

    @property
    def data_times(self) -> list[Timestamp]:
        """That of the newest of them; with the oldest, a day's asset would be late at noon."""
        if not self._names:
            return []
        newest = max(self._names)
        data_time = data_time_of(
            newest, self._required.dataset.partition(self._names[newest]).record()
        )
        return [data_time]

    def to_json(self, before: WindowsRead | None = None) -> dict[str, Any]:
        """What a record says of them.

        Args:
            before: what the asset was made from, of which it has been told that nothing changed but
                when it was written. What changed since is left for the next look to find.
        """
        read = self.read
        if before is not None:
            read = WindowsRead({name: self._renewed(name, r) for name, r in before.stored.items()})
        return read.to_json(self._required.names, self.missing)

    def _renewed(self, name: WindowName, then: WindowRead) -> WindowRead:
        now = self._read[name]
        is_same = then.is_as(now.size, now.fingerprint) or not then.digest
        partition = self._required.dataset.partition(name)
        is_same = is_same or then.digest == partition.version_of_bytes()
        return now._replace(digest=then.digest) if is_same else then

    def _require_all(
        self, stored: Mapping[WindowName, Stat], then: WindowsRead | None, is_remade: bool
    ) -> None:
        required = self._required
        folder = required.sample.partition.store.path(required.sample.folder)
        gone = [] if then is None else [name for name in then.stored if name not in stored]
        if gone:
            raise InputMissing(
                f"{len(gone)} of the windows in {folder} that it was made from "
                f"{'is' if len(gone) == 1 else 'are'} gone ({required.span(gone)}), and it is "
                "not made again from less: restore them, or remove its output and its record to "
                "have it made from what is left"
            )
        if not stored and not required.optional:
            is_past = required.sample.capture and required.is_over(window.now())
            remedy = "they are over" if is_past else f"run {type(required.sample).__name__} first"
            if required.looks_back:
                remedy += "; for the first window of all, leave them out of requires()"
            raise InputMissing(
                f"{folder} has no window from {required.since:%Y-%m-%d %H:%M} to "
                f"{required.until:%Y-%m-%d %H:%M} UTC: {remedy}"
            )
        at = window.now()
        if then is None and would_be_less(required, stored, at=at, is_remade=is_remade):
            remedy = ", or remove its output to have it made from what is left" if is_remade else ""
            raise InputMissing(
                f"windows in {folder} that it is made from have been pruned, so that it would be "
                f"made from less than there was: restore them{remedy}"
            )


class _ReadableItems(ItemsView[datetime, Any]):
    _mapping: StoredWindows

    def __iter__(self) -> Iterator[tuple[datetime, Any]]:
        return self._mapping.readable()


class _ReadableValues(ValuesView[Any]):
    _mapping: StoredWindows

    def __iter__(self) -> Iterator[Any]:
        return (value for _, value in self._mapping.readable())


def _require_readable(task: AssetDefinition, record: Record | Unreadable | None, path: str) -> None:
    """Refuse bytes that were stored by another format, and that no run replaces any more.

    One whose functions both are others may read them, and wrongly, as CSV of another separator.
    """
    now = formats.versions_of(task.suffix, task.own_format)
    stored = record.format if isinstance(record, Record) else None
    if stored is None or any(now.get(name) == stored.get(name) for name in ("encode", "decode")):
        return
    raise FormatError(
        f"{path} was stored by another Format than {type(task).__name__} has now, which may "
        f"misread it: run {task} again; if its window is over, set own_format to the Format that "
        "stored it"
    )


def with_windows(
    times: Sequence[Timestamp], ranges: Sequence[StoredWindows], *, capture: bool
) -> list[Timestamp]:
    """``times`` and the data times of ``ranges``, of which the oldest is the age of an output.

    Those that are only looked back at count where there is nothing else: what was read by a
    ``capture``, or single windows.
    """
    own = [values.data_times for values in ranges if not values.looks_back]
    counted = [*times, *chain.from_iterable(own)]
    if counted or capture:
        return counted
    return [*chain.from_iterable(values.data_times for values in ranges)]


def data_times_of(task: AssetDefinition) -> list[Timestamp]:
    """The data time of a single input; none of what knows no time, which has no age."""
    return [] if task.as_of == ALWAYS else [data_time_of(task.as_of, task.partition.record())]


def data_time_of(as_of: datetime, record: Record | Unreadable | None) -> Timestamp:
    """The recorded data time, or the earliest it can be where the record is gone."""
    return record.data_time if isinstance(record, Record) else window.timestamp(as_of)
