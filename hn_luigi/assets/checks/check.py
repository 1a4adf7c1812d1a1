"""A check: a function that says what is wrong with an output, and how much that matters."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from hn_luigi.assets.errors import DefinitionError, in_words

_LONGEST_PROBLEM = 2000
"""Characters; some libraries put a whole table into a message."""


class Severity(Enum):
    """What follows if a check fails; Dagster's ``AssetCheckSeverity`` has the same two."""

    ERROR = "error"
    """Nothing is published, and the attempt fails: the last good output stays."""
    WARN = "warn"
    """It is published, and people are told."""


# Compared by identity, as its functions are: to define eq takes 0.2 ms of every start.
@dataclass(frozen=True, eq=False)
class Check:
    """A rule that an output has to meet.

    Raises:
        DefinitionError: it can't work: ``function`` takes other arguments, say.
    """

    function: Callable[..., object]
    """Takes the value that ``compute`` returned; returns None, or a text that says what is wrong.

    With a second parameter that has no default it also gets the metadata of the last good output:
    that of the newest window before, an empty mapping if there is none.

    What it raises is what is wrong, and so is False. True, the value, or a copy of it, as a
    library that validates returns, says that all is well; anything else is taken for a mistake.
    """
    severity: Severity = Severity.ERROR
    name: str = ""
    """What it is called in records and messages; that of the function if left out."""
    reports: Callable[[Any], Mapping[str, Any]] | None = None
    """What of a value its record's metadata is to hold, for the next one to be compared with.

    As what ``report`` adds, but no part of the asset's code. What ``compute`` reports by the same
    name counts.
    """

    def __post_init__(self) -> None:
        if not callable(self.function):
            raise DefinitionError(f"{self.function!r} is no check; give a function of the value")
        object.__setattr__(self, "name", self.name or _name_of(self.function))
        if not isinstance(self.severity, Severity):
            raise DefinitionError(
                f"the check {self.name} has the severity {self.severity!r}; give Severity.ERROR or "
                "Severity.WARN"
            )
        if self.takes_last and self.severity is Severity.ERROR:
            raise DefinitionError(
                f"the check {self.name} compares with the last good output, so it can only warn: "
                f"make it warn({self.name}). After an outage everything differs from what was "
                "there before, and as an error it would refuse every output for ever"
            )

    @property
    def takes_last(self) -> bool:
        """Whether the function is given the metadata of the last good output."""
        return _takes_last(self.function, self.name)

    def problem_of(self, value: Any, last: Mapping[str, Any]) -> str | None:
        """What is wrong with ``value``, None if nothing is.

        Args:
            value: the output.
            last: metadata of the last good output, empty if there is none.
        """
        try:
            said = self.function(value, last) if self.takes_last else self.function(value)
            problem = _problem_said(said, value)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # a panic in Rust code (pyo3), as polars has it, included
            problem = in_words(error)
        return problem and problem.encode(errors="backslashreplace").decode()[:_LONGEST_PROBLEM]


def warn(check: Check | Callable[..., object]) -> Check:
    """``check``, so that it only warns."""
    if isinstance(check, Check):
        return replace(check, severity=Severity.WARN)
    return Check(check, severity=Severity.WARN)


def checks_of(declared: Iterable[Check | Callable[..., object]]) -> tuple[Check, ...]:
    """What a class declares as its checks; a plain function is one that refuses.

    Raises:
        DefinitionError: one can't work, or two have the same name.
    """
    checks = tuple(each if isinstance(each, Check) else Check(each) for each in declared)
    names = [check.name for check in checks]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise DefinitionError(
            f"two checks are called {twice!r}; name one of them: Check(function, name='…')"
        )
    return checks


def _name_of(function: Any) -> str:
    while hasattr(function, "func"):  # a partial
        function = function.func
    return str(getattr(function, "__name__", type(function).__name__))


def _takes_last(function: Callable[..., object], name: str) -> bool:
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # some that are written in C tell nothing of theirs
        return False
    # A second parameter with a default isn't ours to fill: pandera's validate(frame, head=None, …)
    # would take the metadata for a number of rows.
    for arguments in ((None,), (None, None)):
        try:
            signature.bind(*arguments)
        except TypeError:
            continue
        return len(arguments) == 2
    raise DefinitionError(
        f"the check {name} takes {signature}; have it take the value, and, to compare, the "
        "metadata of the last good output"
    )


def _problem_said(said: object, value: Any) -> str | None:
    """What is wrong with ``value``, by what a check of it returned."""
    if isinstance(said, str):
        return said or None
    if getattr(said, "shape", None) == () and hasattr(said, "item"):
        said = said.item()  # numpy's truth values are neither True nor False
    if said is False:
        return "it returned False"
    if said is None or said is True or said is value or _is_copy(said, value):
        return None
    kind = type(said).__name__
    return f"it returned a {kind}; have it return None, or a text that says what is wrong"


def _is_copy(said: object, value: object) -> bool:
    """Whether ``said`` is ``value`` as a library that validates hands it back, cast perhaps."""
    # A list of what is wrong with a list, or a count of it with a number, is of the same type, and
    # would otherwise be passed over in silence. What can't be compared so, as a frame, only a
    # library returns.
    plain = type(value).__module__ == "builtins"
    return said == value if plain else isinstance(said, type(value))
