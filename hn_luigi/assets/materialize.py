"""One making of an asset: read the inputs, compute, publish, record.

Publication is output, then latest, then the record. The record is the commit: until it is
there, what was published counts as not made.
"""

from __future__ import annotations

import importlib
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import luigi

from hn_luigi.assets import formats, lifeline, plain, window
from hn_luigi.assets.asset_class import is_asset
from hn_luigi.assets.errors import InputMissing, WindowClosed
from hn_luigi.assets.lineage import inputs_of, key_of
from hn_luigi.assets.provenance import LATEST_MISSING, Record
from hn_luigi.assets.slot import digest

if TYPE_CHECKING:
    from hn_luigi.assets.asset import Asset

logger = logging.getLogger("luigi-interface.assets")  # Luigi shows what is below luigi-interface


def materialize(asset: Asset) -> None:
    """Make ``asset``, unless it is current by now; one process at a time."""
    with lifeline.attached() as may_publish, _locked(asset):
        verdict = asset.verdict()
        if verdict.current:
            logger.info("%s is current: nothing to do", asset)
            _refresh_data_time(asset)
        elif verdict.reasons == (LATEST_MISSING,):
            asset.slot.publish_latest()
        else:
            logger.info("Making %s: %s", asset, "; ".join(verdict.reasons))
            _make(asset, may_publish)


@dataclass(frozen=True)
class Inputs:
    """Arguments for ``compute``, and what the record says of them."""

    args: list[Any] = field(default_factory=list)
    kwargs: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    """Data version by key: of the very bytes read, or, of a plain task, just before."""
    data_times: list[str] = field(default_factory=list)


def read_inputs(asset: Asset) -> Inputs:
    """Read what ``asset`` requires, as its ``requires()`` is shaped.

    Raises:
        InputMissing: one is not stored.
        FormatError: one is damaged.
    """
    inputs = Inputs()
    required = asset.requires()
    if isinstance(required, luigi.Task):
        inputs.args.append(_read(required, inputs))
    elif isinstance(required, dict):
        inputs.kwargs.update({name: _read(task, inputs) for name, task in required.items()})
    else:
        inputs.args.extend(_read(task, inputs) for task in required)
    return inputs


def _read(task: luigi.Task, inputs: Inputs) -> Any:
    if not is_asset(task):
        inputs.versions[key_of(task)] = plain.outputs_version(task)
        return task.output()
    path, data = task.output().path, task.slot.read()
    if data is None:
        raise InputMissing(f"{path} is missing: run {task} first")
    inputs.versions[task.key] = digest(data)
    inputs.data_times.append(_data_time(task))
    return formats.decode(task.suffix, data, what=path)


def _make(asset: Asset, may_publish: Callable[[], None]) -> None:
    begun = window.now()
    _require_open_window(asset, begun)
    settings = asset.recorded_settings()
    _preload(asset.preload)
    with asset.active() as activity:
        inputs = read_inputs(asset)
        value = asset.compute(*inputs.args, **inputs.kwargs)
    data = formats.encode(asset.suffix, value, what=asset.key)
    _require_open_window(asset, window.now())
    may_publish()
    slot = asset.slot
    stat = slot.store.write(slot.output_key, data)
    if asset.keeps_latest:
        slot.publish_latest()
    slot.write_record(
        Record(
            asset=slot.folder,
            window=slot.window,
            created_at=_timestamp(window.now()),
            read_at=_timestamp(begun) if asset.capture else None,
            data_time=min([_timestamp(begun), *inputs.data_times]),
            settings=settings,
            upstream=inputs.versions,
            data_version=digest(data),
            size=stat.size,
            fingerprint=stat.fingerprint,
            metadata=activity.metadata,
        )
    )
    slot.sweep()


def _refresh_data_time(asset: Asset) -> None:
    """Note that inputs were read again and came out identical."""
    record = asset.slot.record()
    times = [_data_time(task) for task in inputs_of(asset) if is_asset(task)]
    if isinstance(record, Record) and times:
        data_time = min([*times, record.read_at] if record.read_at else times)
        if data_time != record.data_time:
            asset.slot.write_record(replace(record, data_time=data_time))


def _data_time(asset: Asset) -> str:
    """The recorded data time, or the earliest it can be where the record is gone."""
    record = asset.slot.record()
    return record.data_time if isinstance(record, Record) else _timestamp(asset.as_of)


def _require_open_window(asset: Asset, at: datetime) -> None:
    if asset.capture and (asset.stored_only or not asset.window_is_open(at)):
        raise WindowClosed(_why_closed(asset, at))


def _why_closed(asset: Asset, at: datetime) -> str:
    if asset.stored_only:
        why = "it is not stored, and --as-of latest reads nothing but what is stored"
    else:
        what = "is over" if asset.as_of < at else "has not begun"
        why = (
            f"its window, which starts at {asset.as_of:%Y-%m-%d %H:%M} UTC, {what}, and its "
            "source can be read only in its own time"
        )
    return (
        f"{asset} can't be made: {why}. "
        "Leave --as-of out for the present, or give --as-of latest for what is stored"
    )


@contextmanager
def _locked(asset: Asset) -> Iterator[None]:
    store, key = asset.slot.store, asset.key
    with ExitStack() as stack:
        try:
            stack.enter_context(store.lock(key, wait=False))
        except BlockingIOError:
            logger.info("%s is being made by another process: waiting for it", asset)
            stack.enter_context(store.lock(key))
        yield


def _preload(modules: tuple[str, ...]) -> None:
    if modules:
        # A daemon, since an interrupted import may hold it up for ever.
        threading.Thread(target=_import_all, args=[modules], daemon=True).start()


def _import_all(modules: tuple[str, ...]) -> None:
    """Import ahead of use; what fails here fails again, with its cause, where it is used."""
    with suppress(Exception):
        for module in modules:
            importlib.import_module(module)


def _timestamp(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds") + "Z"
