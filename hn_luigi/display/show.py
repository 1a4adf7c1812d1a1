"""A window's output as its class says by ``view()``, or else by its suffix.

``view()`` is its author's code, and what it is made of anybody's bytes: whatever it does, there is
a page, which says in a line why it isn't as it is meant to be.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from threading import Thread
from typing import TypeVar

from hn_luigi import formatting
from hn_luigi.assets import Asset, AssetError, View
from hn_luigi.assets.operations import in_words, masked, view_of
from hn_luigi.display.outputs import LARGEST, Output, Shown, markdown_shown, shown_by_suffix

PATIENCE = 5.0
"""Seconds that ``view()`` may take; other pages wait meanwhile, workers don't."""
_Value = TypeVar("_Value")
_logger = logging.getLogger("hn_luigi.display")
_busy: dict[str, Thread] = {}
"""What is still at a view that took too long, by the folder of its asset."""


def show_output(asset: Asset, output: Output, link: Callable[[str], str]) -> Shown:
    """What is to be seen of ``output``.

    Args:
        asset: whose it is, of any window.
        output: of a window that is stored.
        link: the address of the detail of that name.

    Raises:
        StorageError: it can't be read.
    """

    def drawn() -> Shown | None:
        view = view_of(asset, output.window, largest=LARGEST)
        return view_shown(view, link) if view else None

    try:
        shown = _within_patience(asset.folder, drawn)
    except _Failed as failed:
        return replace(shown_by_suffix(output), notice=str(failed))
    return shown or shown_by_suffix(output)


def show_detail(
    asset: Asset, output: Output, name: str, link: Callable[[str], str]
) -> Shown | None:
    """A detail of the view of ``output``; None if it has none of that name."""

    def drawn() -> Shown | None:
        view = view_of(asset, output.window, largest=LARGEST)
        return detail_shown(view, name, link) if view and name in view.details else None

    try:
        return _within_patience(asset.folder, drawn)
    except _Failed as failed:
        return Shown(notice=str(failed))


def view_shown(view: View, link: Callable[[str], str | None]) -> Shown:
    """The body of ``view``."""
    return markdown_shown(view.markdown, _known(view, link), view.areas)


def detail_shown(view: View, name: str, link: Callable[[str], str | None]) -> Shown:
    """The detail of ``view`` of that name; raises whatever making it does."""
    markdown = view.details[name]()
    if not isinstance(markdown, str):
        raise TypeError(f"the detail {name!r} is a {type(markdown).__name__}, not Markdown")
    return markdown_shown(markdown, _known(view, link))


def _known(view: View, link: Callable[[str], str | None]) -> Callable[[str], str | None]:
    return lambda name: link(name) if name in view.details else None


class _Failed(Exception):
    """What a view did, in a line."""


def _within_patience(folder: str, question: Callable[[], _Value]) -> _Value:
    """The answer to ``question``; raises _Failed."""
    answers: list[_Value] = []
    errors: list[BaseException] = []

    def answer() -> None:
        try:
            answers.append(question())
        except BaseException as error:  # sys.exit() as well: it ends nothing but this thread
            errors.append(error)

    # A thread of its own, of the kind that nothing waits for at the end: one can't be stopped. It
    # is waited for here, so that Luigi's cache of instances is still asked by one at a time.
    if not (folder in _busy and _busy[folder].is_alive()):
        _busy.pop(folder, None)
        thread = Thread(target=answer, name=f"view of {folder}", daemon=True)
        thread.start()
        thread.join(PATIENCE)
        if thread.is_alive():
            _busy[folder] = thread
            _logger.warning("view() of %s takes longer than %g s", folder, PATIENCE)
    if answers:
        return answers[0]
    if not errors:
        raise _Failed(f"Shown without its view(), which takes longer than {PATIENCE:g} s.")
    (error,) = errors
    if not isinstance(error, AssetError):
        _logger.error("view() of %s failed", folder, exc_info=error)
    said = str(error) if isinstance(error, AssetError) else f"view() failed: {in_words(error)}"
    raise _Failed(f"Shown without its view(): {formatting.plain(masked(said))}")
