"""Which task's output lies in a place, since a folder's name doesn't tell all.

Two classes may have one name, in two modules or namespaces or but for case, and a class may be
renamed or get other parameters. Their records tell them apart.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from hn_luigi.assets.catalog.paths import folder_of, former_folders
from hn_luigi.assets.catalog.record import Foreign, Record


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
    is_other: Callable[[str], bool] = lambda module: False
    """Whether the class of the same family in a module, as records name it, is another one."""

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

        One from before records told this is accepted. The module doesn't count, since it changes
        with ``__main__``, notebooks, and moves; but a shipped class is never a user's.
        """
        if record.family and record.family != self.family and not self.takes_over(record.family):
            module = f" (module {record.module})" if record.module else ""
            return Foreign(f"it holds the output of {record.family}{module}, not of {self.family}")
        if self.is_other(record.module):
            told = f"{record.family} (module {record.module}), another class of that name"
            return Foreign(f"it holds the output of {told}", of_other_class=False)
        theirs = record.parameters
        if theirs is None:
            return None
        shared = {name: theirs.get(name, self.default_of(name)) for name in self.parameters}
        others = theirs.keys() - self.parameters.keys() - set(self.ignored)
        if shared == self.parameters and not others:
            return None
        reason = f"it holds the output for {as_pairs(theirs)}, not for {as_pairs(self.parameters)}"
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


def as_pairs(parameters: Mapping[str, str]) -> str:
    """``parameters`` as people read them: ``base=USD quote=EUR``."""
    return " ".join(f"{name}={parameters[name]}" for name in sorted(parameters)) or "no parameters"
