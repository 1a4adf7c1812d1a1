"""A line of the watch list: a module, a class in it and its flags, as after ``luigi --module``."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Collection, Sequence
from contextlib import redirect_stdout, suppress
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import cast

import luigi
from luigi.task_register import Register, TaskClassException

from hn_luigi.assets import Asset
from hn_luigi.assets.operations import (
    SettingError,
    flags_of,
    in_words,
    private_flags_of,
    task_with,
    values_in,
)

_MASK = "…"
_SHORTEST = 6
"""Characters of a value that is masked wherever it stands, as in logs."""


class WatchListError(SettingError):
    """The watch list, or the line of it that is given as anybody may see it, can't be used."""

    def __init__(self, why: str, *, line: str | None = None) -> None:
        super().__init__(f"[assets] watch: {'' if line is None else f'{line!r}: '}{why}")
        self.why = why
        """Without the line, for where that is named anyway."""


def asset_in(line: str) -> Asset:
    """The asset that ``line`` names, of the present window.

    Raises:
        WatchListError: it names none: no such module or class, a bad flag, a task that is no asset.
    """
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise _refusal(line, f"{error}, as a shell reads it") from None
    if len(words) < 2:
        raise _refusal(line, "name a module and a class, as after luigi --module")
    module, name, *flags = words
    try:
        kind = _class_in(_imported(module), name)
        if not issubclass(kind, Asset) or kind is Asset:
            raise SettingError(f"{name} is no asset: name an asset that it is made of")
        return cast(Asset, task_with(kind, values_in(kind, flags)))
    except SettingError as error:
        raise _refusal(line, str(error)) from error


@dataclass(frozen=True)
class PublicLine:
    """A line as anybody may see it: without the values of flags that aren't public.

    A flag that the class hasn't may be a private one, misspelled; of a class that can't be found,
    any may be private.
    """

    text: str
    hidden: Sequence[str] = ()
    """What is left out of it."""

    @classmethod
    def of(cls, line: str) -> PublicLine:
        """What of ``line`` anybody may see."""
        try:
            words = shlex.split(line)
        except ValueError:
            words = line.split()
        flags = _flags_to_show(*words[:2]) if len(words) > 2 else None
        if flags is None:
            return cls(line)
        told, hidden, is_hiding = words[:2], [], False
        for word in words[2:]:
            flag, equals, value = word.partition("=") if word.startswith("--") else ("", "", word)
            is_hiding = flag not in flags if flag else is_hiding
            if is_hiding and value:
                hidden.append(value)
            told.append(f"{flag}{equals}{_MASK}" if is_hiding and value else word)
        return cls(" ".join(told), hidden) if hidden else cls(line)

    def masked(self, message: str) -> str:
        """``message``, which may quote the line, without what is left out of that."""
        for value in sorted(self.hidden, key=len, reverse=True):
            # A short one is in other words by chance, and is told by its quotation marks.
            message = message.replace(value if len(value) >= _SHORTEST else repr(value), _MASK)
        return message


def _flags_to_show(module: str, name: str) -> Collection[str] | None:
    """The flags of a class whose values anybody may see, None if those are all."""
    try:
        kind = _class_in(sys.modules[module], name)
    except (KeyError, SettingError):
        return ()
    private = private_flags_of(kind)
    return {*flags_of(kind)} - {*private} if private else None


def _refusal(line: str, why: str) -> WatchListError:
    public = PublicLine.of(line)
    return WatchListError(public.masked(why), line=public.text)


def _imported(name: str) -> ModuleType:
    # Last, and not first as `python -m` has it: a file of the present folder mustn't stand in for
    # a library's module that happens to have its name.
    with suppress(FileNotFoundError):  # the folder was removed
        if (here := os.getcwd()) not in sys.path:
            sys.path.append(here)
    try:
        with redirect_stdout(sys.stderr):  # it may print, and the output of commands is read
            return import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise SettingError(f"{name} can't be imported: {in_words(error)}") from error
        where = "neither installed nor in the present folder"
        raise SettingError(f"there is no module {error.name}: it is {where}") from None
    except (Exception, SystemExit) as error:
        raise SettingError(f"{name} can't be imported: {in_words(error)}") from error


def _class_in(module: ModuleType, name: str) -> type[luigi.Task]:
    """The class of tasks that Luigi, or ``module``, calls ``name``."""
    classes = (found for found in vars(module).values() if isinstance(found, type))
    tasks = [found for found in classes if issubclass(found, luigi.Task)]
    # The module's own last, so that it is the one that is found, and not what is imported, under
    # whatever alias: Luigi takes two of one name for ambiguous, wherever they are.
    tasks.sort(key=lambda found: found.__module__ == module.__name__)
    there = {found.get_task_family(): found for found in tasks}
    by_class = [found for found in there.values() if found.__name__ == name]
    if name in there or by_class:
        return there.get(name) or by_class[-1]
    try:
        return cast(type[luigi.Task], Register.get_task_cls(name))
    except TaskClassException:
        own = sorted(
            family
            for family, found in there.items()
            if issubclass(found, Asset) and found is not Asset
        )
        has = f"it has {', '.join(own)}" if own else "it has no assets"
        raise SettingError(f"there is no {name} in {module.__name__}: {has}") from None
