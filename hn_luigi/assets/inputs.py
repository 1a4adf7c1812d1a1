"""The values a step is computed from, read as its ``requires()`` is shaped."""

from __future__ import annotations

from typing import Any

import luigi

from hn_luigi.assets import formats
from hn_luigi.assets.errors import InputMissing
from hn_luigi.assets.lineage import is_asset, key_of, outputs_version
from hn_luigi.assets.provenance import Record
from hn_luigi.assets.stored import digest


class Inputs:
    """Arguments for ``compute``, and what the record says of them.

    Versions are of the very bytes that were read, so that a record is true even where an input
    is replaced meanwhile.
    """

    def __init__(self, task: luigi.Task) -> None:
        self.args: list[Any] = []
        self.kwargs: dict[str, Any] = {}
        self.versions: dict[str, str] = {}
        """Data version by key."""
        self.data_times: list[str] = []
        required = task.requires()
        if isinstance(required, luigi.Task):
            self.args = [self._read(required)]
        elif isinstance(required, dict):
            self.kwargs = {name: self._read(upstream) for name, upstream in required.items()}
        else:
            self.args = [self._read(upstream) for upstream in required]

    def _read(self, task: luigi.Task) -> Any:
        if not is_asset(task):
            self.versions[key_of(task)] = outputs_version(task)
            return task.output()
        path, record, data = task.output().path, task.stored.record(), task.stored.read()
        if data is None:
            raise InputMissing(f"{path} is missing: run {task} first")
        self.versions[task.key] = digest(data)
        if isinstance(record, Record):
            self.data_times.append(record.data_time)
        return formats.decode(task.suffix, data, what=path)
