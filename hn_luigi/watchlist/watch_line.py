"""A line of the watch list: a module, a class in it and its flags, as after ``luigi --module``."""

from __future__ import annotations

import os
import shlex
import sys
from contextlib import redirect_stdout, suppress
from importlib import import_module
from types import ModuleType
from typing import cast

import luigi
from luigi.task_register import Register, TaskClassException

from hn_luigi.assets import Asset
from hn_luigi.assets.operations import SettingError, in_words, task_with, values_in


def asset_in(line: str) -> Asset:
    """The asset that ``line`` names, of the present window.

    Raises:
        SettingError: it names none: no such module or class, a bad flag, a task that is no asset.
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


def _refusal(line: str, why: str) -> SettingError:
    return SettingError(f"[assets] watch: {line!r}: {why}")


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
