"""Whether an asset has to be made when its turn comes, and what there is to do if not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from typing import TypeAlias

from hn_luigi.assets import window
from hn_luigi.assets.catalog.record import Record, Unreadable
from hn_luigi.assets.definition import AssetDefinition, is_asset
from hn_luigi.assets.errors import InputMissing, LockLost
from hn_luigi.assets.execution import process
from hn_luigi.assets.execution.attempt import make, recording_failure
from hn_luigi.assets.execution.inputs import StoredWindows, data_times_of, with_windows
from hn_luigi.assets.execution.progress import Progress
from hn_luigi.assets.luigi_internals.expected_errors import logger
from hn_luigi.assets.luigi_internals.step_events import MAKING, WAITING
from hn_luigi.assets.staleness.evaluate import Category
from hn_luigi.assets.staleness.place import require_own_place
from hn_luigi.assets.staleness.required import parts_of, required_by
from hn_luigi.assets.staleness.resolve import is_made_from_stored, staleness_when_run
from hn_luigi.assets.staleness.window_range import WindowRange
from hn_luigi.assets.storage import cached_requests

_Found: TypeAlias = Record | Unreadable | None
_OF_A_MACHINE = (Category.CODE, Category.SETTING)
_MOST_LOST = 3
"""How often a lock may be lost to others until something else must be wrong."""


def materialize(asset: AssetDefinition, progress: Progress) -> None:
    """Make ``asset``, unless it is current by now; one process at a time."""
    begun, found, lost = window.now(), list[_Found](), 0
    while True:
        try:
            _materialize(asset, progress, begun, found)
            return
        except LockLost as error:
            lost += 1
            if lost == _MOST_LOST:
                raise
            logger.warning("%s: %s. Looking again what there is to do", asset, error)


def _materialize(
    asset: AssetDefinition, progress: Progress, begun: datetime, found: list[_Found]
) -> None:
    """``materialize``, but that it raises LockLost.

    ``found`` is what the record was when this run first saw that it may come too late; empty
    before.
    """
    # The lock and not Luigi's scheduler keeps runs apart: Luigi's own lock is keyed on the exact
    # command line, so that two of other arguments, or an asset beside its input, run twice.
    with process.attached() as require_parent, _locked(asset, found):
        if found and _was_made_since(asset, found[0]):
            _tell_of_other_run(asset)
            return
        with cached_requests():  # of its place nothing is asked that was asked for its staleness
            staleness = staleness_when_run(asset)
            found[:] = found or [asset.partition.record()]
            if not (staleness.current or staleness.needs_only_latest):
                require_own_place(asset)
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
            logger.info("Making %s: %s", asset, "; ".join(staleness.reasons))
            asset.trigger_event(MAKING, asset, staleness.reasons)
            make(asset, progress, require_parent=require_parent)


def _was_made_since(asset: AssetDefinition, found: _Found) -> bool:
    """Whether another run has made it from what is stored, by whatever settings and code."""
    partition = asset.partition
    record = partition.record()
    # By that, and not by when: the other machine's clock may be behind or ahead of this one's.
    return (
        isinstance(record, Record)
        and not (isinstance(found, Record) and _making_of(found) == _making_of(record))
        and record.invalidated_at is None
        and record.data_version == partition.version()
        and is_made_from_stored(asset, record)
    )


def _making_of(record: Record) -> tuple[str, str]:
    """What tells it from any other making, and stays when the record is amended."""
    return record.run, record.created_at


def _tell_of_other_run(asset: AssetDefinition) -> None:
    """Say that another run made it, and in what its machine differs from this one."""
    # Stale by these alone, since it was made from what is stored.
    causes = staleness_when_run(asset).causes
    differing = [each.reason for each in causes if each.category in _OF_A_MACHINE]
    if not differing:
        logger.info("%s was made by another process: nothing to do", asset)
        return
    logger.warning(
        "%s was made by another process, from other settings or code than this one's: %s. It is "
        "taken as it is; give all machines the same luigi.cfg, flags and release, or each makes it "
        "again",
        asset,
        "; ".join(differing),
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
def _locked(asset: AssetDefinition, found: list[_Found]) -> Iterator[None]:
    """Hold the asset's lock; ``found`` gets its record if another process holds that."""
    with ExitStack() as stack:
        with recording_failure(asset):
            # Tried before it is waited for, to tell people what they wait for.
            try:
                stack.enter_context(asset.partition.lock(wait=False))
            except BlockingIOError:
                found[:] = found or [asset.partition.record()]
                logger.info("%s is being made by another process: waiting for it", asset)
                asset.trigger_event(WAITING, asset)
                stack.enter_context(asset.partition.lock())
        yield
