"""How a class says that its output is to be shown: Markdown, and what its links lead to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class View:
    """What people are to see of a window: Markdown, never HTML, so that no class can harm a page.

    >>> View("[Rust](#Rust) leads.", {"Rust": lambda: "- Rust in space"})
    """

    markdown: str
    details: Mapping[str, Callable[[], str]] = field(default_factory=dict)
    """Markdown by name, made when it is asked for.

    ``[Rust](#Rust)`` leads to it, in the body and in other details; a name that isn't plain is
    percent-encoded there, as ``urllib.parse.quote`` does.
    """
    areas: Mapping[str, tuple[int, int, int, int]] = field(default_factory=dict)
    """Where the first picture of the body, a PNG, leads to the detail of that name: left, top,
    right and bottom in its pixels."""
    in_file: Collection[str] | None = None
    """The details that a file of it holds, where all that something leads to are too much; a link
    to another is mere text there."""


@dataclass(frozen=True)
class Materialization:
    """What a window of an asset is, as ``view()`` gets it.

    Of what is stored, each is read when it is asked for; a test gives plain values.
    """

    value: Any
    """What ``compute`` returned."""
    inputs: Any = ()
    """What ``compute`` got: a value, or a list or dict of such, as ``requires()`` is shaped.

    InputMissing if it isn't stored any more; of optional windows those are there that are left.
    """
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Those that shaped it, by ``section.name``, as its record holds them; empty without one."""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    """What ``compute`` reported; empty where the output isn't the one that was recorded."""
    window: str = ""
    """Its name, such as ``2026-11-22T1230Z``."""
