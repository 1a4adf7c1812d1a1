"""What storage remembers of the making of an asset."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields
from functools import cache, cached_property
from typing import (
    Any,
    NewType,
    TypeAlias,
    TypeGuard,
    TypeVar,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

from hn_luigi.assets import window
from hn_luigi.assets.catalog import document
from hn_luigi.assets.catalog.windows_read import WindowsRead, from_json, is_form
from hn_luigi.assets.window import Timestamp, WindowName

RECORD_VERSION = 1
"""The form of a record; a record of a later form is not guessed at."""

Key = NewType("Key", str)
"""What names an input in records: an asset's folder and window, or the id of a plain Luigi task."""
DataVersion = NewType("DataVersion", str)
"""What tells an output from others by its bytes: a SHA-256 in hex."""

InputStructure: TypeAlias = Key | list[Any] | dict[str, Any]
"""A key, or keys in a list or dict, within which there may be more of such."""


@dataclass(frozen=True)
class Record:
    """The record of one materialization, stored as a JSON object with these keys.

    Times are ISO 8601, UTC, with milliseconds.
    """

    asset: str
    """Folder of the asset below the root, such as ``top/stories``."""
    window: WindowName
    """Name of the window, such as ``2026-11-22T1230Z``."""
    created_at: Timestamp
    """When it was published."""
    data_time: Timestamp
    """When the oldest data in the asset was read from its source, inherited downstream."""
    settings: dict[str, Any]
    """Every setting that shaped the output, by ``section.name``."""
    upstream: dict[Key, DataVersion]
    """Data version of each input as it was read, by the input's key."""
    data_version: DataVersion
    """SHA-256 of the output's bytes, in hex."""
    size: int
    """Bytes of the output."""
    fingerprint: str
    """What the store said of the output when it was written, by which a change shows."""
    inputs: InputStructure | None = None
    """The keys in ``upstream`` as ``requires()`` gives them: one, a list, or a dict by name."""
    code_version: str = ""
    """Hash of the code that made it, in hex."""
    sources: str = ""
    """Hash of that code's very text, comments included: while it stays, so does the version."""
    code: dict[str, str] | None = None
    """Versions, shortened, of the modules and files that are part of that code, by their names.

    That of its own module has the empty name. Null in records of before others were followed.
    """
    read_at: Timestamp | None = None
    """When a capture began to read the outside world; null for other assets."""
    duration: float = 0.0
    """Seconds that it took to read the inputs, compute, retry and publish."""
    attempts: int = 1
    """How often ``compute`` was called, the successful call included."""
    metadata: dict[str, Any] = field(default_factory=dict)
    """What the step reported of itself, such as rows and skipped items."""
    versions: dict[str, str] = field(default_factory=dict)
    """Versions of Python and of the libraries that took part."""
    latest_fingerprint: str | None = None
    """What the store said of the copy called latest when this output was last copied there."""
    invalidated_at: Timestamp | None = None
    """When somebody asked for it to be made again; null if nobody did."""
    family: str = ""
    """Luigi's name of the task's class, with its namespace; empty in a record from before."""
    parameters: dict[str, str] | None = None
    """The task's significant parameters but ``as_of``, as text; null in a record from before."""
    suffix: str = ""
    """What the name of the output ends in."""
    window_length: str = ""
    """How long its class says that windows are; empty where that is the setting's business."""
    module: str = ""
    """Where the class was defined; for people, and never compared."""
    format: dict[str, str] | None = None
    """Versions of the functions that ``encode`` it and ``decode`` it, by those names.

    Empty where they are the layer's own, null in records that are older than this key.
    """
    windows: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Of each input that is several windows, by its key in ``upstream``: what was ``stored``, by
    window in one text its size, fingerprint and data version (empty if its value wasn't read); how
    many windows were ``missing``; and the first and the last of each of these ``gaps``."""
    warnings: dict[str, str] = field(default_factory=dict)
    """What checks that only warn found wrong with the output, by the name of the check."""
    run: str = ""
    """Id of the run that made it, shared by all that it made; empty in a record from before."""
    started_by: str = ""
    """Who started that run, in a few words, such as ``luigi``."""
    version: int = RECORD_VERSION

    @cached_property
    def windows_read(self) -> dict[str, WindowsRead]:
        """Of each input that is several windows, which were there, by its key."""
        return {key: from_json(content) for key, content in self.windows.items()}

    def to_json(self) -> bytes:
        """The record as it is stored."""
        return document.write(asdict(self))


@dataclass(frozen=True)
class Unreadable:
    """A record that can't be used, and why."""

    reason: str


@dataclass(frozen=True)
class Foreign(Unreadable):
    """A record of another asset, whose output must neither be read nor overwritten."""

    of_other_class: bool = True
    """Whether it is of a class of another name, and not of other parameters."""


_Kind = TypeVar("_Kind")


def parse_record(data: bytes) -> Record | Unreadable:
    """The record in ``data``; never raises."""
    return parse(Record, data)


def parse(kind: type[_Kind], data: bytes) -> _Kind | Unreadable:
    """The dataclass ``kind`` in ``data``, a JSON object with its fields; never raises."""
    try:
        content = document.read(data, newest=RECORD_VERSION)
        known = {f.name for f in fields(cast(Any, kind))}
        found = kind(**{name: content[name] for name in known & content.keys()})
    except document.LaterVersion as later:
        return Unreadable(f"its record has the later form {later.version}")
    except (document.Damaged, TypeError) as error:
        return Unreadable(f"its record is unreadable ({error})")
    for name, allowed in _allowed(cast(Any, kind)).items():
        value = getattr(found, name)
        form = _FORMS.get(name)
        fits = isinstance(value, allowed) and (bool in allowed or not isinstance(value, bool))
        fits = fits and (not isinstance(value, str) or is_text(value))
        if not fits or (form is not None and value is not None and not form(value)):
            return Unreadable(f"its record is unreadable ({name} is {ascii(value)[:60]})")
    return found


def is_timestamp(value: str) -> TypeGuard[Timestamp]:
    """Whether ``value`` is a time as records hold it, and not merely close to one.

    Years that no clock shows are none: to add an age to them can be more than a time can hold.
    """
    try:
        moment = window.moment(Timestamp(value))
        return window.timestamp(moment) == value and moment.year in _YEARS
    except (ValueError, TypeError):
        return False


def is_run_id(text: str) -> bool:
    """Whether ``text`` is of the form that ids of runs have."""
    return _RUN_ID.fullmatch(text) is not None


_RUN_ID = re.compile("[0-9a-f]{12}")
_YEARS = range(1970, 9000)
_HALF_A_CHARACTER = re.compile("[\ud800-\udfff]")


def _is_digest(value: str) -> bool:
    return len(value) == 64 and set(value) <= set("0123456789abcdef")


def is_text(value: Any) -> bool:
    """Whether it can be written anywhere; half of a character that JSON escapes can't.

    A record has some thirty texts, and this is asked of each: sign by sign in Python it was a
    quarter of the 110 µs that reading a record of 6 kB takes, and commands read thousands.
    """
    return isinstance(value, str) and (value.isascii() or not _HALF_A_CHARACTER.search(value))


def _is_text_by_name(value: dict[str, Any]) -> bool:
    return all(map(is_text, [*value, *value.values()]))


def _is_structure(value: Any) -> bool:
    if isinstance(value, dict):
        return all(map(is_text, value)) and _is_structure(list(value.values()))
    return all(map(_is_structure, value)) if isinstance(value, list) else is_text(value)


_FORMS: dict[str, Callable[[Any], bool]] = {
    "created_at": is_timestamp,
    "data_time": is_timestamp,
    "failed_at": is_timestamp,
    "invalidated_at": is_timestamp,
    "read_at": is_timestamp,
    "data_version": _is_digest,
    "window": window.is_name,
    "size": lambda size: size >= 0,
    "duration": lambda seconds: 0 <= seconds < _LONGEST_RUN,
    "attempt": lambda number: number >= 1,
    "attempts": lambda number: number >= 1,
    "upstream": _is_text_by_name,
    "parameters": _is_text_by_name,
    "format": _is_text_by_name,
    "code": _is_text_by_name,
    "versions": _is_text_by_name,
    "warnings": _is_text_by_name,
    "inputs": _is_structure,
    "windows": is_form,
    "run": lambda run: not run or is_run_id(run),
}
_LONGEST_RUN = 1e9
"""Seconds; 30 years. What is longer is no duration, and more than a ``timedelta`` may hold."""


@cache
def _allowed(kind: Any) -> dict[str, tuple[type, ...]]:
    """The types that each key's value may have, by the annotations."""
    allowed = {}
    for name, hint in get_type_hints(kind).items():
        hints = get_args(hint) if get_origin(hint) not in (None, dict) else (hint,)
        # A NewType is a function, which nothing is an instance of.
        types = tuple(get_origin(h) or getattr(h, "__supertype__", h) for h in hints)
        allowed[name] = (float, int) if types == (float,) else types
    return allowed
