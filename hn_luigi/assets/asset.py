"""Asset: a Luigi task whose output is stored under a window, with a record of its making.

A step declares what it is made from and how its bytes are encoded, and computes a value from
values. The layer decides whether that has to be done, and publishes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Self

import luigi

from hn_luigi.assets import window
from hn_luigi.assets.code import code_of
from hn_luigi.assets.definition import BY_SETTING, AssetDefinition, is_asset
from hn_luigi.assets.definition_checks import check_definition, declared_files
from hn_luigi.assets.errors import AssetError, DefinitionError, in_words
from hn_luigi.assets.formats.json_format import json_values
from hn_luigi.assets.luigi_internals.assistant import id_handed_over, require_no_assistant
from hn_luigi.assets.luigi_internals.expected_errors import (
    logger,
    message_only,
    shorten_luigis_log,
)
from hn_luigi.assets.luigi_internals.parameter_values import Values
from hn_luigi.assets.luigi_internals.scheduling import (
    ids_at_scheduler,
    is_called_at_turn,
    is_called_when_scheduled,
    priority_of,
    process_to_fork,
    run_unforked,
)
from hn_luigi.assets.parameters.private_values import mask_private
from hn_luigi.assets.parameters.window_parameter import WindowParameter, is_run_of_latest
from hn_luigi.assets.secrets.log_masking import masked
from hn_luigi.assets.staleness.evaluate import Staleness
from hn_luigi.assets.staleness.latest import AsOf, resolved
from hn_luigi.assets.staleness.required import inputs_of
from hn_luigi.assets.staleness.resolve import staleness_of
from hn_luigi.assets.staleness.window_range import WindowRange, windows_of
from hn_luigi.assets.storage import cached_requests, open_store
from hn_luigi.assets.window_length import ALWAYS, NO_WINDOW, WindowLength, length_of, of_minutes

if TYPE_CHECKING:
    from hn_luigi.assets.execution.progress import Progress


class Asset(AssetDefinition):
    """One thing in storage, for one window, made by one task.

    Subclasses set ``suffix``, define ``compute``, and say with ``luigi.util.requires`` (or
    ``requires()``) what they are made from. Parameters are what the asset *is*: its path is a
    function of them. What only shapes the output is a setting: see ``settings``.
    """

    as_of = AsOf(
        default=None,
        description="The window: now, latest (the newest one whose captures are stored, taken "
        "as they are), or a UTC time such as 2026-11-22T1230.",
    )

    _progress: Progress | None = None
    _was_made_meanwhile: bool = False
    """It was looked for in the process that runs it, a moment ago."""
    _resolves_latest: ClassVar[bool] = True  # in get_param_values

    @classmethod
    def subclass_made(cls, namespace: Mapping[str, Any]) -> None:
        """Refuse a class that can't work, and note its code as it is loaded now."""
        _declare_window(cls)
        check_definition(cls, namespace, Asset)
        cls.loaded_code = code_of(
            cls,
            base=Asset,
            modules=cls.code,
            declared=cls.code_version,
            ignored=[name for name, _ in cls.get_params()],
            files=declared_files(cls),
        )
        _warn_if_unread(cls)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mask_private(self)
        self._present = window.now()
        shorten_luigis_log()
        # task_id is a plain attribute, which Luigi sets above and reads everywhere: as a property
        # it would have to be set all the same. ids_at_scheduler says why it isn't Luigi's.
        store = open_store(str(self.storage_root()))
        root = store.identity
        if self.stored_as is not None:  # by which it may be apart from another of its name
            root = f"{root}/{self.stored_as}"
        self._id_under_root, self.task_id = ids_at_scheduler(self.task_id, root)

    @classmethod
    def get_param_values(cls, params: Any, args: Any, kwargs: Any) -> Values:
        """Luigi's, with the window that ``latest`` means."""
        if is_run_of_latest():
            kwargs = {**kwargs, "stored_only": True}
        values: Values = super().get_param_values(params, args, kwargs)  # type: ignore[no-untyped-call]
        return resolved(cls, values)

    @classmethod
    def from_str_params(cls, params_str: Mapping[str, str]) -> Self:
        """Luigi's; what a worker is handed by a scheduler keeps its id, to be refused by it."""
        task: Self = super().from_str_params(params_str)  # type: ignore[no-untyped-call]
        task.task_id = id_handed_over() or task.task_id
        return task

    def report(self, **metadata: Any) -> None:
        """Add facts about this run to its record; called from ``compute``, else without effect.

        Values are JSON values, such as counts of rows and skipped items; others raise
        FormatError.
        """
        if self._progress is not None:
            plain = json_values(metadata, what=f"what {self} reports")
            self._progress.metadata.update(plain)

    def progress(self, done: int, total: int, noun: str = "items") -> None:
        """Show that ``done`` of ``total`` things are done; without effect outside a run."""
        if self._progress is not None:
            self._progress.progress(done, total, noun)

    def windows(
        self,
        kind: type[Asset],
        *,
        since: datetime | date | str | None = None,
        until: datetime | date | str | None = None,
        optional: bool = False,
        **parameters: Any,
    ) -> WindowRange:
        """Those windows of ``kind`` that are stored, to be returned by ``requires()``.

        ``compute`` gets a mapping of their values by the starts of the windows, oldest first, in
        which each is read as it is asked for. A window that was never stored is left out, and the
        record says so. The present window is made first, if it is one of them; windows that are
        over are taken as they are stored.

        Args:
            kind: the class of the asset.
            since: the first window to begin at that time or later, UTC; its own start if left out.
            until: the last one to begin before it, UTC; its own end if left out.
            optional: whether there may be none, for which ``compute`` gets an empty mapping.
            parameters: of ``kind``; those that this asset has as well are handed on.

        Raises:
            DefinitionError: there can't be such windows.
        """
        return windows_of(
            self,
            kind,
            since=since,
            until=until,
            present=self._present,
            optional=optional,
            parameters=parameters,
        )

    def link(self, url: str) -> None:
        """Link ``url`` from the visualiser; without effect outside a run."""
        if self._progress is not None:
            self._progress.tell(self.set_tracking_url, url)

    def deps(self) -> list[luigi.Task]:
        """What Luigi must see done before this; just before ``run()``, the plain tasks alone.

        Luigi then asks again whether each is complete, and fails the run of one whose inputs
        another run has meanwhile remade by other settings. The layer takes assets as they are
        stored by then.
        """
        is_turn = is_called_at_turn()
        if is_turn:
            # Not a part of the answer, but Luigi's first call in a forked process, and what follows
            # may wait for a store that doesn't answer: a worker killed meanwhile would leave this
            # process behind. Rejected: os.register_at_fork, which concerns every fork of a user's;
            # [worker] task_process_context, a setting that may be the user's own.
            from hn_luigi.assets.execution.process import die_with_worker

            die_with_worker()
        with self._message_only(asks=True), cached_requests():
            if self.keeps_latest and self._is_stored() and self.staleness().needs_only_latest:
                return []  # nothing has to be made for it
            tasks = inputs_of(self)
            if is_called_when_scheduled():
                from hn_luigi.assets.execution.preparation import prepare

                prepare(self)
        return [task for task in tasks if not is_asset(task)] if is_turn else tasks

    @property
    def priority(self) -> float:  # type: ignore[override]
        """What Luigi sorts tasks by that may run; a class may set a number of its own."""
        return priority_of(self.task_id)

    @property
    def worker_timeout(self) -> int | None:  # type: ignore[override]
        """No limit in seconds but that of Luigi's ``[worker] timeout``; a class may set its own."""
        process = process_to_fork()
        self._was_made_meanwhile = False  # of an earlier run, in which its turn didn't come
        if process is not None:
            from hn_luigi.assets.execution.preparation import was_made_meanwhile

            self._was_made_meanwhile = was_made_meanwhile(self)
            if self._was_made_meanwhile:
                run_unforked(process)
        return None

    def process_resources(self) -> dict[str, int]:
        """What a central scheduler counts: the class's own ``resources``, and maybe a lock.

        Where the store's lock excludes this machine's processes alone, the scheduler lets one run
        at a time make the asset.
        """
        own: dict[str, int] = super().process_resources()  # type: ignore[no-untyped-call]
        store = self.partition.store
        return own if store.lock_is_global else {**own, f"{store.identity} {self.key}": 1}

    @classmethod
    def bulk_complete(cls, parameter_tuples: Iterable[Any]) -> list[Any]:
        """Those of ``parameter_tuples`` whose tasks are complete, for Luigi's range tools.

        They hand over values of ``as_of``, and as ``cls`` a partial of the class.
        """
        # One walk for all: luigi.tools.range would otherwise list folders and never ask complete().
        values = list(parameter_tuples)
        tasks = [cls(*v) if isinstance(v, (list, tuple)) else cls(v) for v in values]
        with message_only((AssetError,), cls, asks=True):
            staleness = staleness_of(tasks)
        return [v for v, t in zip(values, tasks, strict=True) if staleness[t.task_id].current]

    def complete(self) -> bool:
        """Whether what is stored matches its definition, all the way upstream; only looks."""
        # A missing output settles it without a walk upstream, which would make a first run of a
        # large graph quadratic. The answer isn't kept: Luigi asks once more when what is upstream
        # has been made, and a no that was remembered would fail the run ("Unfulfilled dependency").
        with self._message_only(asks=True), cached_requests():
            require_no_assistant(self)
            return self._is_stored() and self.staleness().current

    def is_made_by(self, task_id: str) -> bool:
        """Whether the task of that id, of this run or of another one, makes it under this root."""
        return task_id.startswith(self._id_under_root)

    def staleness(self) -> Staleness:
        """The asset's state, with reasons; only looks."""
        return staleness_of([self])[self.task_id]

    def run(self) -> None:
        """Make the asset, unless it turns out to be current by now."""
        if self._was_made_meanwhile:
            self._was_made_meanwhile = False
            logger.info("%s was made by another process: nothing to do", self)
            return
        # Luigi doesn't ask complete() just before run(), only of what is required. A task that was
        # scheduled because an input was stale would run though that came out the same: so
        # materialize looks again. Imported here, as all of execution, since a no-op makes nothing.
        from hn_luigi.assets.execution.materialize import materialize
        from hn_luigi.assets.execution.progress import Progress

        self._progress = progress = Progress(self)
        try:
            with self._message_only():
                require_no_assistant(self)
                materialize(self, progress)
        except KeyboardInterrupt:
            # Luigi lets it through without a word about which task it was.
            logger.error("%s was interrupted. What was published stays; run again.", self)
            raise
        finally:
            progress.close()
            self._progress = None

    def on_failure(self, exception: BaseException) -> str:
        """What the visualiser shows as the error."""
        if self.is_expected(exception):
            return masked(in_words(exception))
        return masked(str(super().on_failure(exception)))  # type: ignore[no-untyped-call]

    def _message_only(self, *, asks: bool = False) -> message_only:
        """Let Luigi print the message of an expected error, without what led to it."""
        return message_only((AssetError, *self.expected_errors), self, asks=asks)

    def _is_stored(self) -> bool:
        return self.partition.stat() is not None


def _declare_window(cls: Any) -> None:
    """Have the class of an asset know how long its windows are, and its parameter as well."""
    try:
        length = None if cls.window_length == BY_SETTING else length_of(cls.window_length)
    except ValueError as error:
        told = f"window_length is {cls.window_length!r}; make it {error}"
        raise DefinitionError(f"{cls.__name__}: {told}") from None
    cls.declared_length = length
    if length == NO_WINDOW:
        cls.as_of = ALWAYS  # no parameter: what requires it beside others would inherit it
        return
    # What a class that has no window has given up, one that is made from it takes up again.
    declared = (vars(kind)["as_of"] for kind in cls.__mro__ if "as_of" in vars(kind))
    parameter = next(each for each in declared if each is not ALWAYS)
    if isinstance(parameter, WindowParameter):
        if cls.as_of is not parameter or parameter.declared_length != length:
            cls.as_of = parameter.with_length(length)
    elif isinstance(parameter, luigi.Parameter):
        if length is not None:
            raise DefinitionError(
                f"{cls.__name__}: as_of is a {type(parameter).__name__}, which knows how long its "
                "windows are: leave out as_of or window_length"
            )
        cls.declared_length = _interval_of(parameter)


def _interval_of(parameter: Any) -> WindowLength | None:
    """How far apart the values of Luigi's ``parameter`` are; None for one that has no times."""
    epoch = datetime(1970, 1, 1)
    try:
        apart = parameter.next_in_enumeration(epoch) - epoch
    except TypeError:  # no time, which is refused
        return None
    return of_minutes(max(apart // timedelta(minutes=1), 1))  # names have no seconds


_unread: set[str] = set()
"""Modules whose source can't be had, of which that was said."""


def _warn_if_unread(cls: type[Asset]) -> None:
    """Say, once a module, that changes of its code won't be noticed."""
    code = cls.loaded_code
    unread = code.declared is None and any(text.source is None for text in code.own)
    if unread and cls.__module__ not in _unread:
        _unread.add(cls.__module__)
        logger.warning(
            "The source of %s can't be read, as where it is typed in or given by -c, so a change "
            'of its code won\'t be noticed. Put it into a file, or set code_version = "1" in each '
            "class and raise it with each change.",
            cls.__name__,
        )
