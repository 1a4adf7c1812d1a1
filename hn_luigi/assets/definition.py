"""What a step declares, and what follows from that: which asset it is, and where it is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cached_property, partial
from os import PathLike
from types import ModuleType
from typing import Any, ClassVar, TypeGuard, TypeVar, cast

import luigi
from luigi.target import FileSystemTarget
from luigi.task_register import Register, TaskClassException

from hn_luigi.assets import formats, window
from hn_luigi.assets.catalog.dataset import Dataset
from hn_luigi.assets.catalog.identity import Identity
from hn_luigi.assets.catalog.layout_version import require_usable
from hn_luigi.assets.catalog.partition import Partition, key_of_window
from hn_luigi.assets.catalog.paths import snake_case
from hn_luigi.assets.catalog.record import Key, is_text
from hn_luigi.assets.checks.check import Check
from hn_luigi.assets.code import Code
from hn_luigi.assets.errors import AssetError, SettingError, StorageError
from hn_luigi.assets.formats.json_format import json_values
from hn_luigi.assets.freshness import FreshnessPolicy
from hn_luigi.assets.luigi_internals.assistant import refuse_as_assistant
from hn_luigi.assets.luigi_internals.command_line import refuse
from hn_luigi.assets.luigi_internals.parameter_values import default_text
from hn_luigi.assets.luigi_internals.registry import is_shipped
from hn_luigi.assets.luigi_internals.stored_only import STORED_ONLY
from hn_luigi.assets.luigi_internals.task_class import ResolvedOnce
from hn_luigi.assets.parameters.assets_section import length_by_setting
from hn_luigi.assets.parameters.private_values import mask_private
from hn_luigi.assets.parameters.sections import check_sections
from hn_luigi.assets.retry import NO_RETRIES, RetryPolicy
from hn_luigi.assets.secrets.log_masking import mask_secrets
from hn_luigi.assets.storage import FileKey, open_store, storage
from hn_luigi.assets.window_length import WindowLength

_Section = TypeVar("_Section", bound=luigi.Config)
BY_SETTING = "[assets] window_minutes"
"""The ``window_length`` of a class that leaves it out."""


class AssetDefinition(ResolvedOnce):
    """What the rooms below ``Asset`` know of an asset: all that its class says, and no more.

    ``Asset`` adds what Luigi calls. Whoever judges or makes an asset needs nothing of that, so
    that no import goes in a circle.
    """

    as_of: datetime
    """The start of the window, UTC; the parameter is declared by ``Asset``.

    What has no window has no such parameter; it is ``window_length.ALWAYS`` there.
    """
    stored_only = STORED_ONLY

    suffix: ClassVar[str] = ""
    """How the output is encoded, and what its name ends in: a key of ``FORMATS``."""
    own_format: ClassVar[formats.Format | None] = None
    """What encodes the output in place of the format that ``FORMATS`` has for its suffix."""
    window_length: ClassVar[timedelta | str | None] = BY_SETTING
    """How long its windows are, UTC: a ``timedelta`` that divides a day, ``"day"``, ``"week"``
    (ISO 8601, from Monday) or ``"month"``; None if it knows no time, as a static table.

    Left out, it is ``[assets] window_minutes``.
    """
    capture: ClassVar[bool] = False
    """Whether ``compute`` reads the outside world, which exists only now.

    It is made while its window is open, and for a grace of one window, 10 minutes at most.
    """
    keeps_latest: ClassVar[bool] = False
    """Whether the newest window's output is also kept as ``latest`` beside the others."""
    checks: ClassVar[tuple[Check | Callable[..., object], ...]] = ()
    """Rules that the output has to meet before it is published; a plain function refuses it.

    They are no part of the asset's code: to change them makes nothing stale.
    """
    expected_errors: ClassVar[tuple[type[BaseException], ...]] = ()
    """Errors of ``compute`` whose message says all: logged without a traceback."""
    retry: ClassVar[RetryPolicy] = NO_RETRIES
    """Whether and when a failed ``compute`` is tried again."""
    freshness: ClassVar[FreshnessPolicy | None] = None
    """How old the newest data may be."""
    code: ClassVar[tuple[ModuleType | str, ...]] = ()
    """Modules and packages, by name or not, whose change makes the asset stale.

    What ``compute`` uses of its own module, and of others of its package, counts without being
    named.
    """
    # No value, which would keep a parameter, or a method, from having the name.
    files: ClassVar[Sequence[str | PathLike[str]] | luigi.Parameter]
    """Files, such as queries, whose change makes the asset stale.

    Paths are relative to the folder of the module that names them.
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
    declared_length: ClassVar[WindowLength | None] = None
    """What ``window_length`` says; None where that is the setting's business."""
    _sections: dict[type[luigi.Config], luigi.Config] | None = None

    @classmethod
    def prepare_run(cls) -> None:
        """Refuse bad settings and a root that can't be used, once for a command line."""
        begins = check_sections()
        mask_secrets(anew=begins)
        if begins:
            refuse_as_assistant()
            _require_storage()

    def compute(self, *args: Any, **kwargs: Any) -> Any:
        """The step itself: input values in, output value out.

        A single task in ``requires()`` gives the only argument, a list of them positional
        arguments, a dict keyword arguments, or, with keys such as dates, the only argument; a
        plain Luigi task gives its target.
        """
        raise NotImplementedError(f"{type(self).__name__} must define compute()")

    def settings(self) -> Mapping[str, Any]:
        """The settings that shape the output, JSON values by ``section.name``.

        A changed one makes the stored asset stale. ``settings_of(self.settings_from(section))``
        gives all of a section; ``compute`` takes them from ``settings_from``, too.
        """
        return {}

    def storage_root(self) -> str:
        """The root this asset is stored under; override it to keep one asset elsewhere."""
        # Not storage(), which resolves the whole section: that takes 40 µs instead of 6, and a
        # page asks a thousand times for the 72 windows of its strip.
        return str(storage.root.task_value("storage", "root"))

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
        return Dataset(store, self.folder, self.suffix, self.identity, self.own_length())

    @property
    def partition(self) -> Partition:
        """Where this window lies in storage."""
        return self.dataset.partition(window.name(self.as_of))

    @property
    def key(self) -> Key:
        """What names the asset and its window in storage and in records."""
        return key_of_window(self.folder, window.name(self.as_of))

    def output(self) -> FileSystemTarget:
        """Where the value is stored."""
        return self._target(self.partition.output_key)

    def latest(self) -> FileSystemTarget:
        """Where the copy of the newest window's output is, if the asset keeps one."""
        return self._target(self.dataset.latest_key)

    def is_frozen(self, at: datetime) -> bool:
        """Whether it is a capture that ``at`` that time, UTC, is taken as it is stored."""
        if not self.capture:
            return False
        return self.stored_only or (self.as_of < at and not self.window_is_open(at))

    def window_is_open(self, at: datetime) -> bool:
        """Whether a capture may still be made at ``at``, UTC."""
        return self.own_length().is_open(self.as_of, at)

    @classmethod
    def own_length(cls) -> WindowLength:
        """How long its windows are: as declared, or else as the setting says."""
        if cls.declared_length is not None:
            return cls.declared_length
        return length_by_setting()

    @classmethod
    def recorded_length(cls) -> str:
        """How long its class says that its windows are, as records hold it; empty for nothing."""
        return "" if cls.window_length == BY_SETTING else str(cls.own_length())

    def settings_from(self, section: type[_Section]) -> _Section:
        """The settings in ``section``, which are resolved once an attempt.

        So what ``compute`` takes from here is what ``settings()`` recorded, whatever happens to
        the configuration meanwhile; the next attempt resolves them anew. Outside an attempt, as
        in a test, they are what the configuration says now.

        A section that ``compute`` makes by itself, as ``section()``, is what the configuration
        says by then, and nothing tells whether that was recorded.
        """
        # Rejected: to have section() itself answer for the attempt, which takes a metaclass for
        # users' own luigi.Config classes and an ambient variable for threads; to resolve settings
        # once more after compute and fail if they differ, since a compute that took them from here
        # has done nothing wrong; to hand them to compute, whose arguments are the inputs.
        if self._sections is None:
            return section()
        if section not in self._sections:
            self._sections[section] = section()
            mask_private(self._sections[section])
        return cast(_Section, self._sections[section])

    @contextmanager
    def settings_resolved_once(
        self, known: dict[type[luigi.Config], luigi.Config] | None = None
    ) -> Iterator[None]:
        """Within it, ``settings_from`` gives the same settings each time.

        They are added to those ``known``, which other assets of the same question share.
        """
        before, self._sections = self._sections, {} if known is None else known
        try:
            yield
        finally:
            self._sections = before

    def recorded_settings(self) -> dict[str, Any]:
        """``settings()`` as a record holds them; raises FormatError for what JSON can't say."""
        return json_values(self.settings(), what=f"the settings of {type(self).__name__}")

    def is_expected(self, error: BaseException) -> bool:
        """Whether the message of ``error`` says all that there is to say."""
        return isinstance(error, (AssetError, *self.expected_errors))

    @cached_property
    def _identity(self) -> Identity:
        return identity_of(self)

    def _target(self, key: FileKey) -> FileSystemTarget:
        form = formats.format_of(self.suffix, what=type(self).__name__, own=self.own_format)
        return self.partition.store.target(key, binary=form.binary)


def is_asset(task: object) -> TypeGuard[AssetDefinition]:
    """Whether ``task`` is on the asset layer."""
    return isinstance(task, AssetDefinition)


def identity_of(asset: AssetDefinition) -> Identity:
    """Which asset it is, by its class and its parameters."""
    values = asset.to_str_params(only_significant=True)
    values.pop("as_of", None)
    cls = type(asset)
    for name, text in values.items():
        if not is_text(text):
            raise SettingError(
                f"{cls.__name__}: {name} is {ascii(text)[:80]}; make it text in your "
                "locale's encoding"
            )
    return Identity(
        family=str(asset.task_family),
        parameters=values,
        name=_stored_name(cls),
        default_of=partial(_default_of, cls),  # no closure: a spawned worker's task is pickled
        ignored=[name for name, parameter in cls.get_params() if not parameter.significant],
        takes_over=partial(_takes_over, cls),
        is_other=partial(_is_other, cls),
    )


def _default_of(cls: type[AssetDefinition], name: str) -> str | None:
    return default_text(getattr(cls, name))


def _stored_name(cls: type[AssetDefinition]) -> str:
    return cls.stored_as or snake_case(cls.__name__)


def _takes_over(cls: type[AssetDefinition], family: str) -> bool:
    """Whether ``cls`` goes on with what the class that Luigi calls ``family`` has stored.

    It does if it says where it is stored, unless that other class is loaded as well and is
    stored in the same folder.
    """
    if cls.stored_as is None:
        return False
    try:
        other: Any = Register.get_task_cls(family)
    except TaskClassException:
        return True
    return not issubclass(other, AssetDefinition) or _stored_name(other) != cls.stored_as


def _is_other(cls: type[AssetDefinition], module: str) -> bool:
    """Whether the class of the same family in ``module`` is another one than ``cls``.

    A shipped one and a user's are two, unless the user's is made from it.
    """
    if is_shipped(cls.__module__):
        return module != "" and not is_shipped(module)
    same_name = (kind for kind in cls.__mro__ if kind.__name__ == cls.__name__)
    return is_shipped(module) and not any(is_shipped(kind.__module__) for kind in same_name)


def _require_storage() -> None:
    """Refuse a root that can't be used before anything runs, in a line, as a bad setting is.

    Luigi parses the command line again to sum a run up; what happened to the store meanwhile
    must not change how the run ends.
    """
    root = storage().root
    # Told here and not by the first step: Luigi would run all that doesn't need the root, and log
    # the same trouble for each that does.
    if root in _reached:
        return
    _reached.add(root)
    try:
        require_usable(open_store(root))
    except StorageError as error:
        refuse(str(error), cause=error)


_reached: set[str] = set()
