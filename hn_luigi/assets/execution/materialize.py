"""Whether an asset has to be made when its turn comes, and what there is to do if not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import datetime

from hn_luigi.assets import window
from hn_luigi.assets.catalog.record import Record
from hn_luigi.assets.definition import AssetDefinition, is_asset
from hn_luigi.assets.errors import InputMissing, LockLost
from hn_luigi.assets.execution import process
from hn_luigi.assets.execution.attempt import make, recording_failure
from hn_luigi.assets.execution.inputs import StoredWindows, data_times_of, with_windows
from hn_luigi.assets.execution.progress import Progress
from hn_luigi.assets.luigi_internals.expected_errors import logger
from hn_luigi.assets.luigi_internals.step_events import MAKING, WAITING
from hn_luigi.assets.staleness.place import require_own_place
from hn_luigi.assets.staleness.required import parts_of, required_by
from hn_luigi.assets.staleness.resolve import is_made_from_stored, staleness_when_run
from hn_luigi.assets.staleness.window_range import WindowRange

_MOST_LOST = 3
"""How often a lock may be lost to others until something else must be wrong."""


def materialize(asset: AssetDefinition, progress: Progress) -> None:
    """Make ``asset``, unless it is current by now; one process at a time."""
    begun, lost = window.now(), 0
    while True:
        try:
            _materialize(asset, progress, begun, is_late=lost > 0)
            return
        except LockLost as error:
            lost += 1
            if lost == _MOST_LOST:
                raise
            logger.warning("%s: %s. Looking again what there is to do", asset, error)


def _materialize(
    asset: AssetDefinition, progress: Progress, begun: datetime, *, is_late: bool
) -> None:
    # The lock and not Luigi's scheduler keeps runs apart: Luigi's own lock is keyed on the exact
    # command line, so that two of other arguments, or an asset beside its input, run twice.
    with process.attached() as require_parent, _locked(asset) as waited:
        if (waited or is_late) and _was_made_since(asset, begun):
            logger.info("%s was made by another process: nothing to do", asset)
            return
        staleness = staleness_when_run(asset)
        if staleness.current:
            logger.info("%s is current: nothing to do", asset)
            if not (staleness.kept or asset.is_frozen(begun)):
                # Pruned since it was asked: the asset is whole, and the next look tells of it.
                with suppress(InputMissing):
                    _note_reread_inputs(asset)
        elif staleness.needs_only_latest:
            asset.trigger_event(MAKING, asset, staleness.reasons)
            _copy_to_latest(asset)
        else:
            require_own_place(asset)
            logger.info("Making %s: %s", asset, "; ".join(staleness.reasons))
            asset.trigger_event(MAKING, asset, staleness.reasons)
            make(asset, progress, require_parent=require_parent)


def _was_made_since(asset: AssetDefinition, moment: datetime) -> bool:
    """Whether another run has made it from what is stored, by whatever settings and code."""
    partition = asset.partition
    record = partition.record()
    return (
        isinstance(record, Record)
        and record.created_at >= window.timestamp(moment)
        and record.invalidated_at is None
        and record.data_version == partition.version()
        and is_made_from_stored(asset, record)
    )


def _copy_to_latest(asset: AssetDefinition) -> None:
    partition = asset.partition
    latest, record = asset.dataset.publish_latest(partition.window), partition.record()
    if isinstance(record, Record):
        partition.write_record(replace(record, latest_fingerprint=latest))
    asset.dataset.sweep()


def _note_reread_inputs(asset: AssetDefinition) -> None:
    """Note that inputs were read again, or written again, and came out identical."""
    record = asset.partition.record()
    if not isinstance(record, Record):
        return
    windows, times, ranges = dict(record.windows), [], []
    for part in parts_of(required_by(asset)):
        if isinstance(part, WindowRange):
            if part.key in windows:
                values = StoredWindows(part, record)
                windows[part.key] = values.to_json(record.windows_read[part.key])
                ranges.append(values)
        elif is_asset(part):
            times += data_times_of(part)
    times = with_windows(times, ranges, capture=asset.capture)
    data_time = min([*times, record.read_at or times[0]]) if times else record.data_time
    then = replace(record, data_time=data_time, windows=windows)
    if then != record:
        asset.partition.write_record(then)


@contextmanager
def _locked(asset: AssetDefinition) -> Iterator[bool]:
    """Hold the asset's lock; yields whether another process held it."""
    waited = False
    with ExitStack() as stack:
        with recording_failure(asset):
            # Tried before it is waited for, to tell people what they wait for.
            try:
                stack.enter_context(asset.partition.lock(wait=False))
            except BlockingIOError:
                waited = True
                logger.info("%s is being made by another process: waiting for it", asset)
                asset.trigger_event(WAITING, asset)
                stack.enter_context(asset.partition.lock())
        yield waited
