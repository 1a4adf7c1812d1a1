"""Which task's output lies in a place, since a folder's name doesn't tell all.

Two classes may have one name, in two modules or namespaces or but for case, and a class may be
renamed or get other parameters. Their records tell them apart.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import luigi
from luigi.task_register import Register, TaskClassException

from hn_luigi.assets.asset_class import AssetClass
from hn_luigi.assets.catalog.paths import folder_of, former_folders, name_of
from hn_luigi.assets.catalog.record import Foreign, Record, is_text
from hn_luigi.assets.errors import SettingError

if TYPE_CHECKING:
    from hn_luigi.assets.asset import Asset


@dataclass(frozen=True)
class Identity:
    """What makes a task this asset and no other, whatever its window."""

    family: str
    """Luigi's name of the class, with its namespace."""
    parameters: Mapping[str, str]
    """The significant ones but the window, as text, by name; in the order of declaration."""
    name: str
    """The last part of its folder."""
    default_of: Callable[[str], str | None]
    """A parameter's default as text, None if it has none; for records from before it was added."""
    ignored: Collection[str] = ()
    """Names of parameters that are not significant, and may have been."""
    takes_over: Callable[[str], bool] = lambda family: False
    """Whether it goes on with what the class of another family has stored."""

    @property
    def folder(self) -> str:
        """Where it is stored."""
        return folder_of(self.name, self.parameters)

    @property
    def former_folders(self) -> Iterator[str]:
        """Where an earlier version may have stored it."""
        return former_folders(self.name, self.parameters)

    def objection_to(self, record: Record) -> Foreign | None:
        """What says that ``record`` is another asset's, None if it is this one's.

        One from before records told this is accepted. The module doesn't count: it changes with
        ``__main__``, notebooks, and moves.
        """
        if record.family and record.family != self.family and not self.takes_over(record.family):
            module = f" (module {record.module})" if record.module else ""
            return Foreign(f"it holds the output of {record.family}{module}, not of {self.family}")
        theirs = record.parameters
        if theirs is None:
            return None
        shared = {name: theirs.get(name, self.default_of(name)) for name in self.parameters}
        others = theirs.keys() - self.parameters.keys() - set(self.ignored)
        if shared == self.parameters and not others:
            return None
        reason = f"it holds the output for {listed(theirs)}, not for {listed(self.parameters)}"
        return Foreign(reason, of_other_class=False)


def is_of(
    told: str,
    folder: str,
    identity: Identity | None,
    parameters: Mapping[str, str] | None = None,
) -> bool:
    """Whether what says that it is of the folder ``told`` is of ``folder``, or was before.

    That is so, too, where it had fewer ``parameters`` then. Case doesn't count, since there are
    file systems on which two such folders are one.
    """
    if told.casefold() == folder.casefold():
        return True
    if identity is None:
        return False
    then = None if parameters is None else folder_of(identity.name, parameters)
    return told == then or told in identity.former_folders


def listed(parameters: Mapping[str, str]) -> str:
    """``parameters`` as people read them: ``base=USD quote=EUR``."""
    return " ".join(f"{name}={parameters[name]}" for name in sorted(parameters)) or "no parameters"


def identity_of(asset: Asset) -> Identity:
    """Which asset it is, by its class and its parameters."""
    values = asset.to_str_params(only_significant=True)
    del values["as_of"]
    cls = type(asset)
    for name, text in values.items():
        if not is_text(text):
            raise SettingError(
                f"{cls.__name__}: {name} is {ascii(text)[:80]}; make it text in the encoding of "
                "your locale"
            )
    return Identity(
        family=str(asset.task_family),
        parameters=values,
        name=_stored_name(cls),
        default_of=partial(_default_text, dict(cls.get_params())),
        ignored=[name for name, each in cls.get_params() if not each.significant],
        takes_over=partial(_takes_over, cls),
    )


def _stored_name(cls: type[Asset]) -> str:
    return cls.stored_as or name_of(cls.__name__)


def _default_text(parameters: Mapping[str, luigi.Parameter[Any]], name: str) -> str | None:
    parameter = parameters[name]
    # The class's own, and not what Luigi offers: what the configuration says today instead.
    default = parameter._default
    if default is luigi.parameter._no_value:
        return None
    return str(parameter.serialize(parameter.normalize(default)))


def _takes_over(cls: type[Asset], family: str) -> bool:
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
    return not isinstance(other, AssetClass) or (
        _stored_name(cast("type[Asset]", other)) != cls.stored_as
    )
