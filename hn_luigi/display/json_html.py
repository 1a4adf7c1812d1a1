"""A JSON value as HTML: a list, a tree of such, or a text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tornado.escape import xhtml_escape

from hn_luigi.formatting import LONGEST_TEXT, counted, cut_off, fact
from hn_luigi.strangers import one_line

_MOST_VALUES = 2_000
_DEEPEST = 20


def tree(value: Any) -> tuple[str, str]:
    """``value`` as HTML, and how much of it that is, empty if it is all."""
    left = [_MOST_VALUES]
    body = "".join(_tree(value, left))
    some = f"The first {_MOST_VALUES:,} values" if left[0] < 0 else ""
    return f'<div class="tree">{body}</div>', some


def _tree(value: Any, left: list[int], depth: int = 0) -> Iterator[str]:
    """A JSON value as HTML; of what comes after ``left`` is used up, or is too deep, how much.

    ``left`` holds how many values may still be shown, and is below 0 once one was left out.
    """
    if not isinstance(value, (dict, list)) or not value or depth > _DEEPEST:
        text = fact(value) if isinstance(value, (dict, list)) else _scalar(value)
        yield f"<bdi>{xhtml_escape(text)}</bdi>"
        return
    tag, items = ("ul", value.items()) if isinstance(value, dict) else ("ol", enumerate(value))
    flat = not isinstance(value, dict) and all(isinstance(item, (int, float)) for item in value)
    yield f"<{tag}{' class=numbers' if flat else ''}>"
    for number, (name, item) in enumerate(items):
        left[0] -= 1
        if left[0] < 0:
            yield f"<li>… {len(value) - number:,} more</li>"
            break
        label = f"<bdi>{xhtml_escape(_cut(name))}</bdi>" if isinstance(name, str) else ""
        if isinstance(item, (dict, list)) and item:
            many = counted(len(item), "value")
            opened = " open" if depth < 1 else ""
            yield f"<li><details{opened}><summary>{label or number + 1} <small>{many}</small>"
            yield "</summary>"
            yield from _tree(item, left, depth + 1)
            yield "</details></li>\n"
        else:
            yield f"<li>{label}{': ' if label else ''}"
            yield from _tree(item, left, depth + 1)
            yield "</li>\n"
    yield f"</{tag}>"


def _scalar(value: Any) -> str:
    return _cut(value) if isinstance(value, str) else json.dumps(value)


def _cut(text: str) -> str:
    return cut_off(one_line(text), LONGEST_TEXT)
