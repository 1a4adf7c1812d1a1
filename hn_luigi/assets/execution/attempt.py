"""One making of an asset: read the inputs, compute, publish, record; if that fails, once more.

Publication is output, then latest, then the record. The record is the commit: until it is
there, what was published counts as not made.
"""

from __future__ import annotations

import importlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import datetime, timedelta
from time import sleep

from hn_luigi.assets import formats, window
from hn_luigi.assets.catalog import layout_version
from hn_luigi.assets.catalog.failure import Failure, keep, last_failed_at, settle
from hn_luigi.assets.catalog.library_versions import versions_of
from hn_luigi.assets.catalog.partition import data_version_of
from hn_luigi.assets.catalog.record import Record
from hn_luigi.assets.code import Code
from hn_luigi.assets.definition import AssetDefinition
from hn_luigi.assets.errors import (
    CheckFailed,
    LockLost,
    Orphaned,
    StorageError,
    WindowClosed,
    in_words,
)
from hn_luigi.assets.execution.checking import check_output
from hn_luigi.assets.execution.current_run import current_run
from hn_luigi.assets.execution.inputs import read_inputs
from hn_luigi.assets.execution.progress import Progress
from hn_luigi.assets.luigi_internals.expected_errors import logger
from hn_luigi.assets.retry import call_with_retries
from hn_luigi.assets.secrets.log_masking import masked
from hn_luigi.assets.staleness.required import required_by
from hn_luigi.assets.staleness.resolve import code_behind
from hn_luigi.assets.window import Timestamp, just_after
from hn_luigi.assets.window_length import ALWAYS


def make(asset: AssetDefinition, progress: Progress, *, require_parent: Callable[[], None]) -> None:
    """Make ``asset`` under its retry policy; its lock must be held.

    Args:
        asset: what to make.
        progress: what is told of it, and reported by it.
        require_parent: raises if nothing may be published any more.
    """
    started = time.monotonic()
    _require_open_window(asset, window.now())
    # What would fail at the end fails now, and not after 500 requests to a stranger's server.
    formats.format_of(asset.suffix, what=type(asset).__name__, own=asset.own_format)
    with recording_failure(asset):
        asset.partition.store.require_writable()
        layout_version.claim(asset.partition.store)
    _preload(asset.preload)
    making = _Making(asset, progress, require_parent, started)
    call_with_retries(
        making.attempt,
        asset.retry,
        may_wait=making.may_wait,
        on_failed=making.note_failure,
        sleep=sleep,
    )
    settle(asset.dataset)
    asset.dataset.sweep()


@contextmanager
def recording_failure(asset: AssetDefinition) -> Iterator[None]:
    """Within it, a StorageError, which keeps ``asset`` from beginning, is kept as a failed try."""
    started = time.monotonic()
    try:
        yield
    except StorageError as error:
        code = code_behind(asset, required_by(asset))
        _keep(asset, code, started, attempt=1, what=masked(in_words(error)), retried=False)
        raise


class _Making:
    """The making of ``asset``, attempt by attempt."""

    def __init__(
        self,
        asset: AssetDefinition,
        progress: Progress,
        require_parent: Callable[[], None],
        started: float,
    ) -> None:
        self._asset, self._progress = asset, progress
        self._require_parent, self._started = require_parent, started
        self._code = code_behind(asset, required_by(asset))

    def attempt(self, number: int) -> None:
        """Read the inputs, compute, publish and record."""
        asset, begun = self._asset, window.now()
        self._progress.restart()
        with asset.settings_resolved_once():
            settings = asset.recorded_settings()
            inputs = read_inputs(asset)
            value = asset.compute(*inputs.args, **inputs.kwargs)
        # Before the parent is looked for: both may take seconds, in which that may die. Encoded
        # first, so that a check that changes the value changes nothing that is published.
        data = formats.encode(asset.suffix, value, what=asset.key, own=asset.own_format)
        found = check_output(asset, value)
        _require_open_window(asset, window.now())
        self._require_parent()
        asset.partition.require_lock()
        dataset, partition, told = asset.dataset, asset.partition, self._progress.metadata
        failed_at = last_failed_at(dataset, partition.window)
        stat = partition.store.write(partition.output_key, data)
        latest = dataset.publish_latest(partition.window) if asset.keeps_latest else None
        partition.write_record(
            Record(
                asset=partition.folder,
                window=partition.window,
                created_at=just_after([failed_at], window.now()),
                read_at=window.timestamp(begun) if asset.capture else None,
                data_time=min([window.timestamp(begun), *inputs.data_times]),
                code_version=self._code.version,
                sources=self._code.sources,
                code=self._code.parts,
                format=formats.versions_of(asset.suffix, asset.own_format),
                settings=settings,
                upstream=inputs.all_versions(),
                inputs=inputs.structure,
                windows={values.key: values.to_json() for values in inputs.ranges},
                data_version=data_version_of(data),
                size=stat.size,
                fingerprint=stat.fingerprint,
                family=asset.identity.family,
                parameters=dict(asset.identity.parameters),
                suffix=asset.suffix,
                window_length=asset.recorded_length(),
                module=type(asset).__module__,
                latest_fingerprint=latest,
                duration=_seconds_since(self._started),
                attempts=number,
                metadata={**told, **found.reported, **told},  # compute has the last word
                versions=library_versions(asset),
                warnings={**inputs.warnings(), **found.warnings},
                **asdict(current_run()),
            )
        )

    def may_wait(self, seconds: float) -> bool:
        """Whether there will be anything to try after ``seconds``."""
        asset, then = self._asset, window.now() + timedelta(seconds=seconds)
        return not asset.capture or asset.window_is_open(then)

    def note_failure(self, number: int, error: BaseException, wait: float | None) -> None:
        """Tell of a failed attempt: in the log, in the visualiser, and in storage."""
        if isinstance(error, (LockLost, Orphaned)):
            return  # what was tried is nobody's business any more
        asset, what = self._asset, masked(in_words(error))
        check = error.check if isinstance(error, CheckFailed) else ""
        if wait is not None:
            total = asset.retry.max_retries + 1
            told = f"attempt {number} of {total} failed, trying again in {wait:.3g} s: {what}"
            logger.warning("%s: %s", asset, told, exc_info=not asset.is_expected(error))
            self._progress.say(told)
        retried = wait is not None
        _keep(
            asset,
            self._code,
            self._started,
            attempt=number,
            what=what,
            retried=retried,
            check=check,
        )


def library_versions(asset: AssetDefinition) -> dict[str, str]:
    """The versions that the record of ``asset`` names."""
    return versions_of(("hn_luigi", "luigi", *asset.libraries))


def _keep(
    asset: AssetDefinition,
    code: Code,
    started: float,
    *,
    attempt: int,
    what: str,
    retried: bool,
    check: str = "",
) -> None:
    failure = Failure(
        asset=asset.folder,
        window=asset.partition.window,
        failed_at=just_after(_made_at(asset), window.now()),
        error=what[:2000],  # some libraries put a whole answer, or a page of HTML, into a message
        attempt=attempt,
        retried=retried,
        duration=_seconds_since(started),
        code_version=code.version,
        check=check,
        **asdict(current_run()),
    )
    try:
        keep(asset.dataset, failure)
    except StorageError as error:
        logger.warning("%s: can't record its failure: %s", asset, error)


def _made_at(asset: AssetDefinition) -> list[Timestamp]:
    """When its window was made; nothing while the root can't be read, of which it may fail."""
    with suppress(StorageError):
        record = asset.partition.record()
        return [record.created_at] if isinstance(record, Record) else []
    return []


def _seconds_since(started: float) -> float:
    return round(time.monotonic() - started, 3)


def _require_open_window(asset: AssetDefinition, at: datetime) -> None:
    if asset.capture and (asset.stored_only or not asset.window_is_open(at)):
        raise WindowClosed(_why_closed(asset, at))


def _why_closed(asset: AssetDefinition, at: datetime) -> str:
    if asset.stored_only:
        how = "without a window" if asset.as_of == ALWAYS else "for the present window"
        return (
            f"{asset} can't be made: it isn't stored, and this run reads only what is stored, "
            f"as with --as-of latest. Run it {how} to capture it"
        )
    length = asset.own_length()
    which = length.label(asset.as_of, lambda start: f"which starts at {start:%Y-%m-%d %H:%M} UTC")
    what = "is over" if asset.as_of < at else "has not begun"
    return (
        f"{asset} can't be made: its window, {which}, "
        f"{what}, and its source can be read only while the window is open. "
        "Leave out --as-of for the present, or give --as-of latest for what is stored; what is "
        "made from it and can do without takes it by self.windows()"
    )


def _preload(modules: tuple[str, ...]) -> None:
    if modules:
        # pandas, pyarrow and matplotlib take 1.2 s of CPU to import, which a fetch leaves idle.
        # A daemon, since an interrupted import may hold it up for ever.
        threading.Thread(target=_import_all, args=[modules], daemon=True).start()


def _import_all(modules: tuple[str, ...]) -> None:
    """Import ahead of use; what fails here fails again, with its cause, where it is used."""
    with suppress(Exception):
        for module in modules:
            importlib.import_module(module)
