"""Luigi parameters whose bad values are one clear line, and the window parameter.

Luigi lets a value's ``ValueError`` end as a traceback from its own inside. On a command line
these parameters print one line and exit with 2, as argparse does; in code they raise
``SettingError``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from configparser import InterpolationError, InterpolationSyntaxError
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlsplit

import luigi
from luigi.cmdline_parser import CmdlineParser
from luigi.parameter import ParameterVisibility

from hn_luigi.assets import window
from hn_luigi.assets.catalog.record import json_values
from hn_luigi.assets.errors import FormatError, SettingError
from hn_luigi.assets.luigi_internals.stored_only import STORED_ONLY
from hn_luigi.assets.parameters import private_digest
from hn_luigi.assets.parameters.value_text import text_of
from hn_luigi.assets.secrets.log_masking import mask_secrets

LATEST = datetime.max
"""What ``--as-of latest`` parses to, until the class of a task resolves it to a stored window."""

_sections: list[type[luigi.Config]] = []
_checked_for: CmdlineParser | None = None
_latest_for: CmdlineParser | None = None


def refuse(message: str) -> BaseException:
    """The exception for a value a user got wrong: an exit of ``luigi``, else SettingError."""
    if CmdlineParser.get_instance() is None:
        return SettingError(message)
    print(f"luigi: {message}", file=sys.stderr)
    return SystemExit(2)


def check_sections() -> bool:
    """Refuse a bad setting before anything runs, once for a command line.

    Returns:
        Whether this was the first call for a command line.
    """
    global _checked_for
    command_line = CmdlineParser.get_instance()
    if command_line is None or command_line is _checked_for:
        return False
    _checked_for = command_line
    check_settings()
    return True


def is_run_of_latest() -> bool:
    """Whether the command line that is run asks for ``latest``, so that nothing may be fetched.

    Tasks hand that on to what they require (``stored_only``), but Luigi makes those that a
    ``run()`` yields anew, from the text of their parameters, and not every plain task has such
    a parameter.
    """
    return _latest_for is not None and _latest_for is CmdlineParser.get_instance()


def check_settings() -> None:
    """Refuse a bad setting in a line that names it, which Luigi's own error hides.

    A section without flags is left to the commands that read it: its secrets may be set for cron
    alone.
    """
    for section in _sections:
        if getattr(section, "has_flags", True):
            check_section(section)


def check_section(section: type[luigi.Config]) -> None:
    """Refuse a bad setting of ``section``, as ``check_settings`` does."""
    try:
        section()
    except (ValueError, InterpolationError) as error:  # such as a lone %, or an unset ${X}
        cause = error.__cause__ or error
        text = _unset(cause) if isinstance(cause, InterpolationError) else str(cause)
        where = "" if text.startswith("[") else f"[{section.__name__}]: "
        raise refuse(where + text) from error


def _unset(error: InterpolationError) -> str:
    """What is wrong with a value in the configuration, without the value: it may be a secret."""
    if isinstance(error, InterpolationSyntaxError):
        return f"'%' must be followed by '%' or '(' in {error.option}: write %% for a percent sign"
    return (
        f"{error.option} refers to something that is not set: set the environment variable or "
        "the setting that it names, or write %% for a percent sign"
    )


def recorded(parameter: luigi.Parameter[Any], value: Any, *, setting: str) -> Any:
    """``value`` of ``parameter`` as a record holds it; see ``settings_of``."""
    plain = _json_value_or_text(parameter, value)
    if plain is _NEITHER:
        raise FormatError(
            f"the setting {setting} is no JSON value, and its parameter has no text that gives "
            "it back: use another parameter, or put what shapes the output into settings()"
        )
    public = parameter.visibility == ParameterVisibility.PUBLIC
    if public and not (isinstance(parameter, Checked) and parameter.holds_secret(value)):
        return plain
    return private_digest.digest(json.dumps(plain), setting=setting)


def _json_value_or_text(parameter: luigi.Parameter[Any], value: Any) -> Any:
    """Text where JSON has no form for it; a timedelta's is short of microseconds in Luigi."""
    with suppress(FormatError):
        return json_values({"": value}, what="it")[""]
    with suppress(Exception):  # whatever a parameter of somebody's own makes of its own text
        text = parameter.serialize(value)
        if isinstance(text, str) and parameter.normalize(parameter.parse(text)) == value:
            return text
    return text_of(value) or _NEITHER


_NEITHER = object()


class Checked(luigi.Parameter[Any]):
    """A parameter that says which setting or flag was wrong, and what it takes."""

    is_secret = False
    """Whether a value may hold a password, and so is not shown."""

    _flag = ""

    def holds_secret(self, value: Any) -> bool:
        """Whether that very value may hold a password."""
        return self.is_secret

    def __init__(self, default: Any, *, description: str = "", **kwargs: Any) -> None:
        if default not in ("", None):
            description = f"{description} Default: {default}.".lstrip()
        super().__init__(default, description=description, **kwargs)

    def __set_name__(self, owner: type, name: str) -> None:
        super().__set_name__(owner, name)  # type: ignore[no-untyped-call]
        dashed = name.replace("_", "-")
        self._flag = f"--{dashed}"
        if issubclass(owner, luigi.Config):
            section = owner.__name__.replace("_", "-")
            flag = f" (--{section}-{dashed})" if getattr(owner, "has_flags", True) else ""
            self._flag = f"[{owner.__name__}] {name}{flag}"
            self.always_in_help = True
            if owner not in _sections:
                _sections.append(owner)

    @classmethod
    def _parser_kwargs(cls, *args: Any, **kwargs: Any) -> Any:
        """Luigi asks for it as it begins to read a command line, before it makes any task."""
        mask_secrets(anew=False)
        return super()._parser_kwargs(*args, **kwargs)  # type: ignore[no-untyped-call]

    def parse(self, x: str) -> Any:
        try:
            return self.check(self.read(x))
        except ValueError as error:
            raise refuse(self._complaint(x, error)) from error

    def normalize(self, x: Any) -> Any:
        try:
            return self.check(x)
        except ValueError as error:
            raise SettingError(self._complaint(x, error)) from error

    def _complaint(self, value: Any, error: ValueError) -> str:
        return f"{self._flag}{'' if self.is_secret else f' is {value!r}'}: {error}"

    def _parse_or_no_value(self, x: str | None) -> Any:
        """Luigi takes an empty flag, as of an unset variable, as none at all; it is one."""
        return super()._parse_or_no_value(x) if x is None else self.parse(x)  # type: ignore[no-untyped-call]

    def read(self, text: str) -> Any:
        """The value that ``text`` means; raises ValueError with what is wanted instead."""
        return text

    def check(self, value: Any) -> Any:
        """``value``, if it is allowed; raises ValueError with what is wanted instead."""
        raise NotImplementedError


class Choice(Checked):
    """One of a few words."""

    def __init__(self, default: str, *, choices: Sequence[str], **kwargs: Any) -> None:
        self.choices = tuple(choices)
        super().__init__(default, **kwargs)

    def check(self, value: str) -> str:
        if value not in self.choices:
            raise ValueError(f"choose from {', '.join(self.choices)}")
        return value


class Number(Checked):
    """A number within bounds, both included; whole if its default is an ``int``."""

    def __init__(
        self, default: int | float, *, minimum: float, maximum: float, **kwargs: Any
    ) -> None:
        self.kind = type(default)
        self.minimum, self.maximum = minimum, maximum
        super().__init__(default, **kwargs)

    def read(self, text: str) -> int | float:
        try:
            return self.kind(text)
        except ValueError:
            raise ValueError(self._wanted) from None

    def check(self, value: int | float) -> int | float:
        if not isinstance(value, (int, self.kind)) or not self.minimum <= value <= self.maximum:
            raise ValueError(self._wanted)
        return value

    @property
    def _wanted(self) -> str:
        noun = "a whole number" if self.kind is int else "a number"
        return f"it must be {noun} from {self.minimum:g} to {self.maximum:g}"


class Text(Checked):
    """A string, surrounding space removed; ``required`` refuses an empty one."""

    def __init__(self, default: str, *, required: bool = False, **kwargs: Any) -> None:
        self.required = required
        super().__init__(default, **kwargs)

    def check(self, value: str) -> str:
        if self.required and not value.strip():
            raise ValueError("it must not be empty")
        try:
            return value.strip().encode().decode()
        except UnicodeEncodeError:
            raise ValueError("it must be text in the encoding of your locale") from None


class Address(Text):
    """The address of a web service, which may hold a user and password; empty only by default."""

    is_secret = True

    def __init__(self, default: str, **kwargs: Any) -> None:
        super().__init__(default, required=bool(default), **kwargs)

    def holds_secret(self, value: str) -> bool:
        """Whether there is a user or a password in the address."""
        return "@" in value

    def check(self, value: str) -> str:
        if not self.required and not value.strip():
            return ""
        parts = urlsplit(super().check(value))
        if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
            raise ValueError("it must be an address like https://host/path")
        if parts.query or parts.fragment:
            raise ValueError("it must end with its path: paths are added to it")
        return super().check(value)


class Switch(Checked):
    """Yes or no: ``true`` or ``false``."""

    def read(self, text: str) -> bool:
        try:
            return {"true": True, "false": False}[text.lower()]
        except KeyError:
            raise ValueError("it must be true or false") from None

    def check(self, value: bool) -> bool:
        if not isinstance(value, bool):
            raise ValueError("it must be True or False")
        return value


class JsonObject(Text):
    """A JSON object, kept as its text, which may hold secrets."""

    is_secret = True

    def check(self, value: str) -> str:
        text = super().check(value) or "{}"
        try:
            is_object = isinstance(json.loads(text), dict)
        except (ValueError, RecursionError):
            is_object = False
        if not is_object:
            raise ValueError('it must be a JSON object like {"key": "value"}')
        return text


class assets(luigi.Config):
    """The ``[assets]`` section."""

    window_minutes = Number(
        10,
        minimum=1,
        maximum=1440,
        description="Length of a window in minutes: how often an asset is made anew.",
    )
    feeds = Text(
        "top",
        required=True,
        description="Feeds whose assets status and freshness are about, separated by commas.",
    )


_WANTED = "it must be now, latest, or a UTC time like 2026-11-22T1230 or '2026-11-22 12:30'"


class WindowParameter(Checked):
    """A window's start, UTC: ``now``, ``latest``, or a time, floored to its window.

    In code it takes a ``datetime``, a ``date``, which means its midnight, or the text of a flag;
    so Luigi's Range tools fit, which hand over dates and datetimes.

    Unlike a ``datetime.now()`` default, which freezes at import, ``now`` is resolved when a task
    is made. The window's length is read from ``[assets] window_minutes`` each time.
    """

    def __set_name__(self, owner: type, name: str) -> None:
        super().__set_name__(owner, name)
        if not issubclass(owner, luigi.Config) and not hasattr(owner, "stored_only"):
            owner.stored_only = STORED_ONLY  # type: ignore[attr-defined]  # as luigi.util.requires does, of an asset

    def __get__(self, instance: Any, owner: Any) -> Any:
        if instance is None:
            if issubclass(owner, luigi.Task):  # and not a mixin of one
                from hn_luigi.assets.staleness.latest import adopt

                adopt(owner)
            return self
        return super().__get__(instance, owner)

    def parse(self, x: str) -> Any:
        global _latest_for
        value = super().parse(x)
        if value == LATEST:
            _latest_for = CmdlineParser.get_instance()
        return value

    def read(self, text: str) -> datetime:
        if text in ("", "now"):
            return window.now()
        if text == "latest":
            return LATEST
        try:
            start = self.check(window.parse(text))
        except ValueError:
            raise ValueError(_WANTED) from None
        if start > window.now():
            raise ValueError(f"that is in the future: it is {window.now():%Y-%m-%d %H:%M} UTC")
        return start

    def check(self, value: Any) -> datetime:
        if isinstance(value, str):
            return self.check(self.read(value))
        if value == LATEST:
            return LATEST
        minutes: int = assets().window_minutes
        moment = window.now() if value is None else _moment(value)
        try:
            start = window.floor(moment, minutes)
            # When it closes at latest. To ask for the next window would read the configuration
            # again, which made complete() of 56 assets take 37 ms and not 24.
            _ = start + timedelta(minutes=2 * minutes)
        except OverflowError:
            raise ValueError("it must be a time within the years 1 to 9999") from None
        return start

    def serialize(self, x: datetime) -> str:
        return "latest" if x == LATEST else window.name(x)

    def next_in_enumeration(self, value: datetime) -> datetime:
        return value if value == LATEST else value + timedelta(minutes=assets().window_minutes)


def _moment(value: object) -> datetime:
    """``value`` as a plain datetime, of the same instant; raises ValueError for no time."""
    if isinstance(value, datetime):  # or of a subclass, such as pandas' Timestamp and its NaT
        if value == value:
            return datetime.combine(value.date(), value.timetz())
    elif isinstance(value, date):
        return datetime.combine(value, time())
    raise ValueError(f"{_WANTED}, or a datetime or date")
