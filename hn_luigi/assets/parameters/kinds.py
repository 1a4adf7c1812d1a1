"""Luigi parameters whose bad values are one clear line.

On a command line they print that line and exit with 2, as argparse does; in code they raise
``SettingError``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import luigi

from hn_luigi.assets.errors import SettingError
from hn_luigi.assets.luigi_internals.command_line import refuse
from hn_luigi.assets.luigi_internals.parameter_class import Flag
from hn_luigi.assets.luigi_internals.registry import step_aside
from hn_luigi.assets.parameters.sections import add_section
from hn_luigi.assets.secrets.log_masking import mask_secrets


class Checked(Flag):
    """A parameter that says which setting or flag was wrong, and what it takes."""

    is_secret = False
    """Whether a value may hold a password, and so is not shown."""

    _flag = ""

    def holds_secret(self, value: Any) -> bool:
        """Whether that very value may hold a password."""
        return self.is_secret

    def __init__(self, default: Any, *, description: str = "", **kwargs: Any) -> None:
        # Luigi's --help tells no defaults; argparse can't, as Luigi gives it none.
        if default not in ("", None):
            description = f"{description} Default: {default}.".lstrip()
        super().__init__(default, description=description, **kwargs)

    def __set_name__(self, owner: type, name: str) -> None:
        super().__set_name__(owner, name)  # type: ignore[no-untyped-call]
        # Called by Python for what a class body defines, and not for what luigi.util.requires sets:
        # an inherited parameter keeps the name and the flag of the class that declared it.
        dashed = name.replace("_", "-")
        self._flag = f"--{dashed}"
        if issubclass(owner, luigi.Config):
            section = owner.__name__.replace("_", "-")
            flag = f" (--{section}-{dashed})" if getattr(owner, "has_flags", True) else ""
            self._flag = f"[{owner.__name__}] {name}{flag}"
            self.always_in_help = True  # --help shows the root task's alone, unless told
            add_section(owner)
            step_aside(owner)

    @classmethod
    def command_line_begins(cls) -> None:
        mask_secrets(anew=False)

    def parse(self, x: str) -> Any:
        try:
            return self.check(self.read(x))
        except ValueError as error:
            refuse(self._complaint(x, error), cause=error)

    def normalize(self, x: Any) -> Any:
        try:
            return self.check(x)
        except ValueError as error:
            raise SettingError(self._complaint(x, error)) from error

    def _complaint(self, value: Any, error: ValueError) -> str:
        return f"{self._flag}{'' if self.is_secret else f' is {value!r}'}: {error}"

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

    # luigi.NumericalParameter has bounds, too, but excludes the upper one unless told otherwise,
    # and its message names neither the setting nor what it may be.
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
        # Bytes of a command line that aren't text in the locale's encoding arrive as lone
        # surrogates, which no record and no page can hold.
        try:
            return value.strip().encode().decode()
        except UnicodeEncodeError:
            raise ValueError("it must be text in your locale's encoding") from None


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
        # luigi.BoolParameter (3.8.1) normalizes what is neither to None, without a word, and as a
        # flag takes no value by default: what luigi.cfg switches on, a flag couldn't switch off.
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
