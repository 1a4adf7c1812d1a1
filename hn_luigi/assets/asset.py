"""Asset: a Luigi task whose output is stored under a window, with a record of its making.

A step declares what it is made from and how its bytes are encoded, and computes a value from
values. The layer decides whether that has to be done, and publishes.
"""

from __future__ import annotations

import importlib
import logging
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import quote

import luigi

from hn_luigi.assets import formats, lifeline, window
from hn_luigi.assets.activity import Activity
from hn_luigi.assets.errors import AssetError, WindowClosed
from hn_luigi.assets.inputs import Inputs
from hn_luigi.assets.lineage import AssetClass, inputs_of, is_asset, verdict_on
from hn_luigi.assets.parameters import WindowParameter, assets
from hn_luigi.assets.provenance import LATEST_MISSING, Facts, Record, Verdict
from hn_luigi.assets.storage import open_store, storage
from hn_luigi.assets.stored import Stored, digest

logger = logging.getLogger("luigi-interface.assets")  # Luigi shows what is below luigi-interface


class Asset(luigi.Task, metaclass=AssetClass):
    """One thing in storage, for one window, made by one task.

    Subclasses set ``suffix``, define ``compute``, and say with ``luigi.util.requires`` (or
    ``requires()``) what they are made from. Parameters are what the asset *is*: its path is a
    function of them. What only shapes the output is a setting: see ``settings``.
    """

    as_of = WindowParameter(
        default=None,
        description="The window: now, latest (the newest one whose captures are stored), "
        "or a UTC time such as 2026-11-22T1230.",
    )

    suffix: ClassVar[str]
    """How the output is encoded, and what its name ends in: a key of ``FORMATS``."""
    capture: ClassVar[bool] = False
    """Whether ``compute`` reads the outside world, which exists only now."""
    keeps_latest: ClassVar[bool] = False
    """Whether the newest window's output is also kept as ``latest`` beside the others."""
    explained: ClassVar[tuple[type[Exception], ...]] = ()
    """Errors of ``compute`` whose message says all: logged without their inner traceback."""
    preload: ClassVar[tuple[str, ...]] = ()
    """Modules to import while ``compute`` waits for a network."""

    _activity: Activity | None = None

    def compute(self, *args: Any, **kwargs: Any) -> Any:
        """The step itself: input values in, output value out.

        A single task in ``requires()`` gives the only argument, a list of them positional
        arguments, a dict keyword arguments; a plain Luigi task gives its target.
        """
        raise NotImplementedError(f"{type(self).__name__} must define compute()")

    def settings(self) -> Mapping[str, Any]:
        """The settings that shape the output, JSON values by ``section.name``.

        See ``settings_of``. A changed one makes the stored asset stale.
        """
        return {}

    def storage_root(self) -> str:
        """The root this asset is stored under; override it to keep one asset elsewhere."""
        return str(storage().root)

    @property
    def folder(self) -> str:
        """The asset's folder below its root: its parameters, then its name in snake case."""
        values = self.to_str_params(only_significant=True)
        parts = [_path_part(value) for name, value in values.items() if name != "as_of"]
        return "/".join([*parts, _snake(type(self).__name__)])

    @property
    def stored(self) -> Stored:
        """Where this window lies in storage."""
        store = open_store(self.storage_root())
        return Stored(store, self.folder, window.name(self.as_of), self.suffix)

    @property
    def key(self) -> str:
        """What names the asset and its window in storage and in records."""
        return self.stored.key

    def output(self) -> luigi.LocalTarget:
        """Where the value is stored."""
        return self._target(self.stored.output_key)

    def latest(self) -> luigi.LocalTarget:
        """Where the copy of the newest window's output is, if the asset keeps one."""
        return self._target(self.stored.latest_key)

    def complete(self) -> bool:
        """Whether what is stored matches its definition, all the way upstream; only looks."""
        return self.verdict().current

    def verdict(self) -> Verdict:
        """The asset's state, with reasons; only looks."""
        return verdict_on(self)

    def facts(self, upstream: Mapping[str, Verdict]) -> Facts:
        """What the verdict on this asset depends on, given those on its inputs."""
        stored, now = self.stored, window.now()
        stat = stored.stat()
        return Facts(
            stored=None if stat is None else (stat.size, stat.modified_ns),
            digest=lambda: digest(stored.read() or b""),
            record=stored.record(),
            settings=_as_json(self.settings()),
            upstream=upstream,
            frozen=self.capture and self.as_of < now and not self._window_is_open(now),
            latest_missing=self.keeps_latest and stored.lacks_latest(),
        )

    def report(self, **metadata: Any) -> None:
        """Add facts about this run to its record; called from ``compute``, else without effect.

        Values are JSON values, such as counts of rows and skipped items.
        """
        if self._activity is not None:
            self._activity.metadata.update(metadata)

    def progress(self, done: int, total: int, noun: str = "items") -> None:
        """Show that ``done`` of ``total`` things are done; without effect outside a run."""
        if self._activity is not None:
            self._activity.progress(done, total, noun)

    def track(self, url: str) -> None:
        """Link ``url`` from the visualiser; without effect outside a run."""
        if self._activity is not None:
            self._activity.tell(self.set_tracking_url, url)

    def run(self) -> None:
        """Make the asset, unless it turns out to be current by now."""
        try:
            with lifeline.attached(), self._locked():
                self._make_if_needed()
        except KeyboardInterrupt:
            logger.error("%s was interrupted. What was published stays; run again.", self)
            raise
        except Exception as error:
            if not self._is_explained(error):
                raise
            logger.debug("%s failed", self, exc_info=True)
            raise error from None

    def on_failure(self, exception: BaseException) -> str:
        """What the visualiser shows as the error."""
        if self._is_explained(exception):
            return f"{type(exception).__name__}: {exception}"
        return str(super().on_failure(exception))  # type: ignore[no-untyped-call]

    def _make_if_needed(self) -> None:
        verdict = self.verdict()
        if verdict.current:
            logger.info("%s is current: nothing to do", self)
            self._refresh_data_time()
        elif verdict.reasons == (LATEST_MISSING,):
            self.stored.publish_latest()
        else:
            logger.info("Making %s: %s", self, "; ".join(verdict.reasons))
            self._make()

    def _make(self) -> None:
        begun = window.now()
        if self.capture and not self._window_is_open(begun):
            raise WindowClosed(self._why_closed(begun))
        with self._active() as activity:
            inputs = Inputs(self)
            value = self.compute(*inputs.args, **inputs.kwargs)
        stored = self.stored
        data = formats.encode(self.suffix, value, what=stored.key)
        lifeline.check()
        stat = stored.store.write(stored.output_key, data)
        if self.keeps_latest:
            stored.publish_latest()
        stored.write_record(
            Record(
                asset=stored.folder,
                window=stored.window,
                created_at=_timestamp(window.now()),
                read_at=_timestamp(begun) if self.capture else None,
                data_time=min([_timestamp(begun), *inputs.data_times]),
                settings=_as_json(self.settings()),
                upstream=inputs.versions,
                data_version=digest(data),
                size=stat.size,
                modified_ns=stat.modified_ns,
                metadata=activity.metadata,
            )
        )
        stored.sweep()

    @contextmanager
    def _active(self) -> Iterator[Activity]:
        threading.Thread(target=_import_all, args=[self.preload]).start()
        self._activity = activity = Activity(self)
        try:
            yield activity
        finally:
            activity.close()
            self._activity = None

    def _refresh_data_time(self) -> None:
        """Note that inputs were read again and came out identical."""
        record = self.stored.record()
        inputs = [task.stored.record() for task in inputs_of(self) if is_asset(task)]
        times = [upstream.data_time for upstream in inputs if isinstance(upstream, Record)]
        if isinstance(record, Record) and times:
            data_time = min([*times, record.read_at] if record.read_at else times)
            if data_time != record.data_time:
                self.stored.write_record(replace(record, data_time=data_time))

    @contextmanager
    def _locked(self) -> Iterator[None]:
        store, key = self.stored.store, self.key
        with ExitStack() as stack:
            try:
                stack.enter_context(store.lock(key, wait=False))
            except BlockingIOError:
                logger.info("%s is being made by another process: waiting for it", self)
                stack.enter_context(store.lock(key))
            yield

    def _is_explained(self, error: BaseException) -> bool:
        return isinstance(error, (AssetError, *self.explained))

    def _target(self, key: str) -> luigi.LocalTarget:
        binary = formats.format_of(self.suffix).binary
        return self.stored.store.target(key, binary=binary)

    def _window_is_open(self, at: datetime) -> bool:
        return window.is_open(self.as_of, assets().window_minutes, at)

    def _why_closed(self, at: datetime) -> str:
        what = "is over" if self.as_of < at else "has not begun"
        return (
            f"{self} can't be made: its window, which starts at {self.as_of:%Y-%m-%d %H:%M} UTC, "
            f"{what}, and its source can be read only in its own time. "
            "Leave --as-of out for the present, or give --as-of latest for what is stored"
        )


def settings_of(config: luigi.Config, *names: str) -> dict[str, Any]:
    """The values of ``config``'s settings called ``names``, or all, by ``section.name``."""
    section = type(config).__name__
    values: Mapping[str, Any] = config.param_kwargs
    return {f"{section}.{name}": values[name] for name in names or values}


def _as_json(settings: Mapping[str, Any]) -> dict[str, Any]:
    """``settings`` as they come back from JSON, so that both sides compare alike."""
    return {k: list(v) if isinstance(v, (tuple, set)) else v for k, v in settings.items()}


def _import_all(modules: tuple[str, ...]) -> None:
    """Import ahead of use; what fails here fails again, with its cause, where it is used."""
    with suppress(Exception):
        for module in modules:
            importlib.import_module(module)


def _timestamp(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds") + "Z"


def _path_part(text: str) -> str:
    """``text`` as one part of a path that no reserved name can collide with."""
    part = quote(text, safe=" +,;=@")
    return f"%{ord(part[0]):02X}{part[1:]}" if part[:1] in ("_", ".") else part or "%"


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
