"""What an asset is made from, read for one making: values, their versions, their age."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Any

import luigi

from hn_luigi.assets import formats, window
from hn_luigi.assets.catalog.partition import data_version_of
from hn_luigi.assets.catalog.record import DataVersion, InputStructure, Key, Record, Unreadable
from hn_luigi.assets.definition import AssetDefinition, is_asset
from hn_luigi.assets.errors import FormatError, InputMissing
from hn_luigi.assets.luigi_internals.task_structure import map_tasks
from hn_luigi.assets.staleness import external
from hn_luigi.assets.staleness.place import require_own_output
from hn_luigi.assets.staleness.required import key_of, required_by, structure_of
from hn_luigi.assets.window import Timestamp


@dataclass(frozen=True)
class Inputs:
    """Arguments for ``compute``, and what the record says of them."""

    structure: InputStructure
    args: list[Any] = field(default_factory=list)
    kwargs: dict[str, Any] = field(default_factory=dict)
    versions: dict[Key, DataVersion] = field(default_factory=dict)
    """Data version by key: of the very bytes read, or, of a plain task, just before."""
    data_times: list[Timestamp] = field(default_factory=list)


def read_inputs(asset: AssetDefinition) -> Inputs:
    """Read what ``asset`` requires, as its ``requires()`` is shaped.

    Raises:
        InputMissing: one is not stored.
        FormatError: one is damaged.
        PlaceTaken: what is stored in its place is another asset's.
    """
    required = required_by(asset)
    inputs = Inputs(structure=structure_of(required))
    values = map_tasks(required, partial(_read, inputs=inputs))
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
    # The very bytes, hashed here: a stat or a record says what was there at another moment, and
    # another run may replace them at any.
    path, data = task.output().path, task.partition.read()
    require_own_output(task)
    if data is None:
        raise InputMissing(f"{path} is missing: run {task} first")
    inputs.versions[task.key] = data_version_of(data)
    record = task.partition.record()
    inputs.data_times.append(data_time_of(task, record))
    _require_readable(task, record, path)
    return formats.decode(task.suffix, data, what=path, own=task.own_format)


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


def data_time_of(asset: AssetDefinition, record: Record | Unreadable | None) -> Timestamp:
    """The recorded data time, or the earliest it can be where the record is gone."""
    return record.data_time if isinstance(record, Record) else window.timestamp(asset.as_of)
