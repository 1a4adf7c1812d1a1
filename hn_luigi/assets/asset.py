"""Asset: a Luigi task whose output is stored under a window, with a record of its making.

A step declares what it is made from and how its bytes are encoded, and computes a value from
values. The layer decides whether that has to be done, and publishes.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from types import ModuleType
from typing import TYPE_CHECKING, Any, ClassVar

import luigi
from luigi.target import FileSystemTarget
from luigi.worker import TaskProcess

from hn_luigi.assets import formats, window
from hn_luigi.assets.asset_class import AssetClass, is_asset
from hn_luigi.assets.catalog.dataset import Dataset
from hn_luigi.assets.catalog.identity import Identity, identity_of
from hn_luigi.assets.catalog.partition import Partition, digest
from hn_luigi.assets.catalog.record import InputStructure, Record, json_values
from hn_luigi.assets.code import Code
from hn_luigi.assets.errors import AssetError
from hn_luigi.assets.execution import process
from hn_luigi.assets.freshness import FreshnessPolicy
from hn_luigi.assets.luigi_internals.expected_errors import (
    heed_in_luigis_log,
    in_words,
    logger,
    shortly,
)
from hn_luigi.assets.luigi_internals.stored_only import STORED_ONLY
from hn_luigi.assets.parameters.kinds import WindowParameter, assets, is_run_of_latest, recorded
from hn_luigi.assets.retry import NO_RETRIES, RetryPolicy
from hn_luigi.assets.secrets.log_masking import masked
from hn_luigi.assets.staleness import resolve
from hn_luigi.assets.staleness.evaluate import Staleness, StalenessInputs
from hn_luigi.assets.staleness.latest import Values, resolved
from hn_luigi.assets.storage import cached_requests, open_store, storage

if TYPE_CHECKING:
    from hn_luigi.assets.execution.progress import Activity

_RUN = os.urandom(4).hex()


class Asset(luigi.Task, metaclass=AssetClass):
    """One thing in storage, for one window, made by one task.

    Subclasses set ``suffix``, define ``compute``, and say with ``luigi.util.requires`` (or
    ``requires()``) what they are made from. Parameters are what the asset *is*: its path is a
    function of them. What only shapes the output is a setting: see ``settings``.
    """

    as_of = WindowParameter(
        default=None,
        description="The window: now, latest (the newest one whose captures are stored, taken "
        "as they are), or a UTC time such as 2026-11-22T1230.",
    )
    stored_only = STORED_ONLY

    suffix: ClassVar[str] = ""
    """How the output is encoded, and what its name ends in: a key of ``FORMATS``."""
    own_format: ClassVar[formats.Format | None] = None
    """What encodes the output in place of the format that ``FORMATS`` has for its suffix."""
    capture: ClassVar[bool] = False
    """Whether ``compute`` reads the outside world, which exists only now.

    It is made while its window is open, and for a grace of one window, 10 minutes at most.
    """
    keeps_latest: ClassVar[bool] = False
    """Whether the newest window's output is also kept as ``latest`` beside the others."""
    expected_errors: ClassVar[tuple[type[BaseException], ...]] = ()
    """Errors of ``compute`` whose message says all: logged without a traceback."""
    retry: ClassVar[RetryPolicy] = NO_RETRIES
    """Whether and when a failed ``compute`` is tried again."""
    freshness: ClassVar[FreshnessPolicy | None] = None
    """How old the newest data may be."""
    code: ClassVar[tuple[ModuleType | str, ...]] = ()
    """Modules and packages, by name or not, whose change makes the asset stale.

    What ``compute`` uses of its own module counts without being named.
    """
    code_version: ClassVar[str | None] = None
    """A version of the code, where a change is one that its text doesn't show."""
    libraries: ClassVar[tuple[str, ...]] = ()
    """Distributions whose versions the record is to name."""
    preload: ClassVar[tuple[str, ...]] = ()
    """Modules to import while ``compute`` waits for a network."""
    stored_as: ClassVar[str | None] = None
    """The last part of the folder, instead of the class's name in snake case.

    With it, the class goes on with what one of another name or namespace has stored there, as
    after a rename.
    """

    loaded_code: ClassVar[Code]
    """The code that makes the asset, as it was when the class was loaded."""
    _activity: Activity | None = None
    _resolves_latest: ClassVar[bool] = True  # in get_param_values; see captured.adopt
    _params: ClassVar[list[tuple[str, luigi.Parameter[Any]]]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[no-untyped-call]
        heed_in_luigis_log()
        # A central scheduler would send a second worker away, with exit code 10, or keep it
        # waiting for one that was killed. Where the asset's lock excludes everybody, it does
        # better: so to the scheduler, every run's tasks are its own; elsewhere every root's.
        store = open_store(str(self.storage_root()))
        root = os.path.abspath(store.root) if store.lock_is_global else store.root
        self._id_under_root = f"{self.task_id}_{digest(root.encode())[:8]}"
        mark = f"_{_RUN}" if store.lock_is_global else ""
        self.task_id = f"{self._id_under_root}{mark}"

    @classmethod
    def get_params(cls) -> list[tuple[str, luigi.Parameter[Any]]]:
        """Luigi's, found once a class: it asks a dozen times a task, and looks everywhere."""
        if "_params" not in vars(cls):
            cls._params = super().get_params()  # type: ignore[no-untyped-call]
        return cls._params

    @classmethod
    def get_param_values(cls, params: Any, args: Any, kwargs: Any) -> Values:
        """Luigi's, with the window that ``latest`` means."""
        if is_run_of_latest():
            kwargs = {**kwargs, "stored_only": True}
        values: Values = super().get_param_values(params, args, kwargs)  # type: ignore[no-untyped-call]
        return resolved(cls, values)

    def compute(self, *args: Any, **kwargs: Any) -> Any:
        """The step itself: input values in, output value out.

        A single task in ``requires()`` gives the only argument, a list of them positional
        arguments, a dict keyword arguments, or, with keys such as dates, the only argument; a
        plain Luigi task gives its target.
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

    def report(self, **metadata: Any) -> None:
        """Add facts about this run to its record; called from ``compute``, else without effect.

        Values are JSON values, such as counts of rows and skipped items; others raise
        FormatError.
        """
        if self._activity is not None:
            plain = json_values(metadata, what=f"what {self} reports")
            self._activity.metadata.update(plain)

    def progress(self, done: int, total: int, noun: str = "items") -> None:
        """Show that ``done`` of ``total`` things are done; without effect outside a run."""
        if self._activity is not None:
            self._activity.progress(done, total, noun)

    def link(self, url: str) -> None:
        """Link ``url`` from the visualiser; without effect outside a run."""
        if self._activity is not None:
            self._activity.tell(self.set_tracking_url, url)

    @property
    def identity(self) -> Identity:
        """Which asset it is, whatever its window."""
        return self._identity

    @property
    def folder(self) -> str:
        """The asset's folder below its root: its parameters, then its name in snake case."""
        return self.identity.folder

    @property
    def dataset(self) -> Dataset:
        """Where all windows of this asset lie in storage."""
        store = open_store(str(self.storage_root()))
        return Dataset(store, self.folder, self.suffix, self.identity)

    @property
    def partition(self) -> Partition:
        """Where this window lies in storage."""
        return self.dataset.partition(window.name(self.as_of))

    @property
    def key(self) -> str:
        """What names the asset and its window in storage and in records."""
        return self.partition.key

    def output(self) -> FileSystemTarget:
        """Where the value is stored."""
        return self._target(self.partition.output_key)

    def latest(self) -> FileSystemTarget:
        """Where the copy of the newest window's output is, if the asset keeps one."""
        return self._target(self.dataset.latest_key)

    def deps(self) -> list[luigi.Task]:
        """What Luigi is to see done before this; just before ``run()``, the plain tasks alone.

        Luigi then asks again whether each is complete, and fails the run of one whose inputs
        another run has meanwhile remade by other settings. The layer takes assets as they are
        stored by then.
        """
        is_turn = sys._getframe(1).f_code is TaskProcess.run.__code__
        if is_turn:
            process.die_with_worker()  # before a store that doesn't answer keeps it alive
        with self._shortly(asks=True), cached_requests():
            if self.keeps_latest and self._is_stored() and self.staleness().needs_only_latest:
                return []  # nothing has to be made for it
            tasks = resolve.inputs_of(self)
        return [task for task in tasks if not is_asset(task)] if is_turn else tasks

    @classmethod
    def bulk_complete(cls, parameter_tuples: Iterable[Any]) -> list[Any]:
        """Those of ``parameter_tuples`` whose tasks are complete, for Luigi's range tools.

        They hand over values of ``as_of``, and as ``cls`` a partial of the class.
        """
        values = list(parameter_tuples)
        tasks = [cls(*v) if isinstance(v, (list, tuple)) else cls(v) for v in values]
        with shortly((AssetError,), cls, asks=True):
            staleness_by_id = resolve.staleness_of(tasks)
        return [v for v, t in zip(values, tasks, strict=True) if staleness_by_id[t.task_id].current]

    def complete(self) -> bool:
        """Whether what is stored matches its definition, all the way upstream; only looks."""
        # A missing output settles it without a walk upstream, which would make a first run of a
        # large graph quadratic.
        with self._shortly(asks=True), cached_requests():
            return self._is_stored() and self.staleness().current

    def is_made_by(self, task_id: str) -> bool:
        """Whether the task of that id, of this run or of another one, makes it under this root."""
        return task_id.startswith(self._id_under_root)

    def staleness(self) -> Staleness:
        """The asset's state, with reasons; only looks."""
        return resolve.staleness_of([self])[self.task_id]

    def run(self) -> None:
        """Make the asset, unless it turns out to be current by now."""
        from hn_luigi.assets.execution.materialize import materialize

        try:
            with self._shortly():
                materialize(self)
        except KeyboardInterrupt:
            logger.error("%s was interrupted. What was published stays; run again.", self)
            raise

    def on_failure(self, exception: BaseException) -> str:
        """What the visualiser shows as the error."""
        if self.is_expected(exception):
            return masked(in_words(exception))
        return masked(str(super().on_failure(exception)))  # type: ignore[no-untyped-call]

    def facts(
        self,
        upstream: Mapping[str, Staleness],
        inputs: InputStructure,
        *,
        code: Code,
        former_keys: Callable[[], Mapping[str, str]],
        newest: Callable[[Dataset], str | None] = Dataset.newest,
    ) -> StalenessInputs:
        """What the staleness on this asset depends on, given those on its inputs.

        ``inputs`` are the keys of those as it requires them, ``former_keys`` tells which they had,
        ``code`` is all that makes it, and ``newest`` tells the newest window.
        """
        dataset = self.dataset
        partition = dataset.partition(window.name(self.as_of))
        record, version = partition.record(), partition.version()
        if isinstance(record, Record) and record.format is None:
            code = self.loaded_code  # formats didn't count yet
        return StalenessInputs(
            version=version,
            record=record,
            settings=self.recorded_settings(),
            upstream=upstream,
            inputs=inputs,
            former_keys=former_keys,
            sources=code.sources,
            code_version=lambda: code.version,
            frozen=self.is_frozen(window.now()),
            latest_missing=self.keeps_latest
            and version is not None
            and dataset.lacks_latest(partition)
            and partition.window >= (newest(dataset) or ""),
        )

    def is_frozen(self, at: datetime) -> bool:
        """Whether it is a capture that ``at`` that time, UTC, is taken as it is stored."""
        if not self.capture:
            return False
        return self.stored_only or (self.as_of < at and not self.window_is_open(at))

    def recorded_settings(self) -> dict[str, Any]:
        """``settings()`` as a record holds them; raises FormatError for what JSON can't say."""
        return json_values(self.settings(), what=f"the settings of {type(self).__name__}")

    def window_is_open(self, at: datetime) -> bool:
        """Whether a capture may still be made at ``at``, UTC."""
        return window.is_open(self.as_of, assets().window_minutes, at)

    @contextmanager
    def active(self) -> Iterator[Activity]:
        """Let ``report``, ``progress`` and ``link`` have an effect."""
        from hn_luigi.assets.execution.progress import Activity

        self._activity = activity = Activity(self)
        try:
            yield activity
        finally:
            activity.close()
            self._activity = None

    def is_expected(self, error: BaseException) -> bool:
        """Whether the message of ``error`` says all that there is to say."""
        return isinstance(error, (AssetError, *self.expected_errors))

    @cached_property
    def _identity(self) -> Identity:
        return identity_of(self)

    def _shortly(self, *, asks: bool = False) -> shortly:
        """Let Luigi print the message of an expected error, without what led to it."""
        return shortly((AssetError, *self.expected_errors), self, asks=asks)

    def _is_stored(self) -> bool:
        return self.partition.stat() is not None

    def _target(self, key: str) -> FileSystemTarget:
        binary = formats.format_of(
            self.suffix, what=type(self).__name__, own=self.own_format
        ).binary
        return self.partition.store.target(key, binary=binary)


def settings_of(config: luigi.Config, *names: str) -> dict[str, Any]:
    """The values of ``config``'s settings called ``names``, or all, by ``section.name``.

    What is no JSON value is given as its parameter's text. One that is not public, or may hold a
    password, is given as a digest.

    Raises:
        FormatError: the parameter has no text for it that would tell it from others.
    """
    section = type(config).__name__
    parameters = dict(type(config).get_params())
    values: Mapping[str, Any] = config.param_kwargs
    return {
        f"{section}.{name}": recorded(parameters[name], values[name], setting=f"{section}.{name}")
        for name in names or values
    }
