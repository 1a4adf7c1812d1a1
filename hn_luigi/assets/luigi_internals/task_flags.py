"""Flags of a task's class, read as Luigi reads them after ``luigi --module … Class``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any, NoReturn

import luigi
from luigi.parameter import MissingParameterException

from hn_luigi.assets.errors import AssetError, SettingError, in_words
from hn_luigi.assets.luigi_internals.parameter_values import is_private

_OF_A_RUN = ("as_of", "stored_only")
"""Parameters that say which window of an asset is meant, and not which asset."""


class FlagParser(argparse.ArgumentParser):
    """Parses flags that are written out, into those alone that were given."""

    def __init__(self) -> None:
        super().__init__(add_help=False, allow_abbrev=False, argument_default=argparse.SUPPRESS)

    def error(self, message: str) -> NoReturn:
        """Raise SettingError, in the place of argparse's usage and exit."""
        raise SettingError(message)


def flags_of(task_class: type[luigi.Task]) -> list[str]:
    """The flags that say which task of ``task_class`` is meant, such as ``--city``."""
    return [_flag(name) for name, _ in task_class.get_params() if name not in _OF_A_RUN]


def private_flags_of(task_class: type[luigi.Task]) -> list[str]:
    """Those of ``flags_of`` whose values aren't for everybody, as their parameters say."""
    hidden = {_flag(name) for name, each in task_class.get_params() if is_private(each)}
    return [flag for flag in flags_of(task_class) if flag in hidden]


def values_in(task_class: type[luigi.Task], words: Sequence[str]) -> dict[str, Any]:
    """The values of parameters of ``task_class`` that the flags in ``words`` give, by name.

    Raises:
        SettingError: ``words`` hold something else than its own flags, or a bad value.
    """
    # Not Luigi's CmdlineParser (3.8.1): it takes the flags of every class that is loaded and of
    # Luigi itself, --workers among them, ends the process with argparse's usage, and keeps its
    # last line in a class attribute.
    parser = FlagParser()
    parameters = {name: each for name, each in task_class.get_params() if name not in _OF_A_RUN}
    for name, parameter in parameters.items():
        parser.add_argument(_flag(name), **parameter._parser_kwargs(name))
    given, others = parser.parse_known_args(list(words))
    if others:
        raise SettingError(_unknown(task_class, others[0]))
    whose = f"{task_class.__name__}: "
    return {
        name: value_of(f"{whose}{_flag(name)}", parameters[name], text)
        for name, text in vars(given).items()
    }


def value_of(flag: str, parameter: luigi.Parameter[Any], text: str) -> Any:
    """What ``parameter`` makes of the ``text`` of ``flag``; raises SettingError."""
    try:
        return parameter.normalize(parameter.parse(text))
    except SettingError:
        raise
    except Exception as error:
        raise SettingError(f"{flag} is {text!r}: {in_words(error)}") from error


def task_with(task_class: type[luigi.Task], values: dict[str, Any]) -> luigi.Task:
    """The task of ``task_class`` with these values; raises SettingError for a bad one, or none."""
    try:
        return task_class(**values)
    except AssetError:
        raise
    except MissingParameterException:
        lacking = [
            _flag(name)
            for name, parameter in task_class.get_params()
            if name not in values
            and not parameter.has_task_value(task_class.get_task_family(), name)
        ]
        raise SettingError(f"{task_class.__name__} needs {' and '.join(lacking)}") from None
    except Exception as error:  # of a parameter's own, or of a user's __init__
        raise SettingError(f"{task_class.__name__}: {in_words(error)}") from error


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _unknown(task_class: type[luigi.Task], word: str) -> str:
    name, known = word.partition("=")[0], flags_of(task_class)
    if name in map(_flag, _OF_A_RUN):
        return f"{task_class.__name__}: leave out {name}, which says which window, not which asset"
    takes = f"it takes {', '.join(known)}" if known else "it takes none"
    if name.startswith("-"):
        return f"{task_class.__name__} has no flag {name}: {takes}"
    return f"{task_class.__name__}: {word!r} belongs to no flag: {takes}"
