"""How the class of an asset shows what is stored of it, if it says so by ``view()``."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property
from typing import Any

from hn_luigi.assets import window
from hn_luigi.assets.asset import Asset
from hn_luigi.assets.catalog.partition import Partition
from hn_luigi.assets.catalog.record import Record
from hn_luigi.assets.errors import DefinitionError, FormatError, InputMissing
from hn_luigi.assets.view import Materialization, View
from hn_luigi.assets.window import WindowName
from hn_luigi.assets.window_length import NO_WINDOW


def view_of(asset: Asset, name: WindowName, *, largest: int) -> View | None:
    """How the class of ``asset`` shows its window called ``name``; None if it doesn't say.

    Args:
        asset: of any window.
        name: of a window that is stored.
        largest: bytes of an output that ``view()`` may read; more is a FormatError to it.

    Raises:
        DefinitionError: it gives something else than a View.
        Exception: whatever ``view()`` raises, which is its author's code.
    """
    # Looked for, and not declared by the layer, so that a parameter can still be called view.
    if not callable(getattr(type(asset), "view", None)):
        return None
    task = _of_window(asset, name)
    view = task.view(_Stored(task, name, largest))  # type: ignore[attr-defined]
    if not isinstance(view, View):
        raise _unfit(asset, f"a {type(view).__name__}; return a View")
    for what, kind in (("markdown", str), ("details", Mapping), ("areas", Mapping)):
        if not isinstance(getattr(view, what), kind):
            raise _unfit(asset, f"a View whose {what} is a {type(getattr(view, what)).__name__}")
    if isinstance(view.in_file, str) or not isinstance(view.in_file, Collection | None):
        raise _unfit(asset, f"a View whose in_file is a {type(view.in_file).__name__}")
    return view


def _unfit(asset: Asset, what: str) -> DefinitionError:
    return DefinitionError(f"{type(asset).__name__}: view() returns {what}")


def _of_window(asset: Asset, name: WindowName) -> Asset:
    """The asset of that window, all of whose captures are taken as they are stored."""
    at = {} if asset.own_length() == NO_WINDOW else {"as_of": window.parse(name)}
    task: Asset = asset.clone(stored_only=True, **at)
    return task


class _Stored(Materialization):
    """A Materialization whose values are read as they are asked for."""

    _asset: Asset
    _partition: Partition
    _largest: int

    def __init__(self, asset: Asset, name: WindowName, largest: int) -> None:
        partition = asset.dataset.partition(name)
        vars(self).update(window=name, _asset=asset, _partition=partition, _largest=largest)

    @cached_property
    def value(self) -> Any:
        """Raises FormatError if it is damaged or too large, InputMissing if it is gone."""
        from hn_luigi.assets.execution.inputs import read_asset

        stat = self._partition.stat()
        if stat is not None and stat.size > self._largest:
            raise FormatError(
                f"{self._partition.output_key} has {stat.size:,} bytes, more than the "
                f"{self._largest:,} that view() may read"
            )
        value, _ = read_asset(self._asset, self._partition)
        return value

    @cached_property
    def inputs(self) -> Any:
        """Raises InputMissing if one is gone, FormatError if one is damaged."""
        from hn_luigi.assets.execution.inputs import read_inputs

        if self._asset.partition.window != self.window:
            raise InputMissing(
                f"what {self._partition.key} was made from can't be told: its window isn't one of "
                f"those that {type(self._asset).__name__} has now"
            )
        read = read_inputs(self._asset, to_show=True)
        if isinstance(read.structure, dict) and not read.args:
            return read.kwargs
        return read.args if isinstance(read.structure, list) else read.args[0]

    @cached_property
    def settings(self) -> Mapping[str, Any]:
        record = self._partition.record()
        return record.settings if isinstance(record, Record) else {}

    @cached_property
    def metadata(self) -> Mapping[str, Any]:
        stat, record = self._partition.stat(), self._partition.record()
        if stat is None or not isinstance(record, Record) or stat.size != record.size:
            return {}
        # Somebody else's output in the place of the one that was recorded is about something else.
        return record.metadata if self._partition.version() == record.data_version else {}
