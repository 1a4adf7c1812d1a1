"""The printed ways to read all windows of an asset as one table work, wherever it lies."""

from __future__ import annotations

import pytest

from hn_luigi import Stories

from ...documents import STORAGE, blocks, text_of
from .user import STORIES

SNIPPETS = blocks("python", text_of(STORAGE))
WINDOWS = ["2026-11-22 12:30", "2026-11-22 12:40"]


@pytest.mark.parametrize(("kind", "root"), [("folder", "data"), ("moto", "s3://bucket/prefix")])
def test_pandas_and_duckdb_read_all_windows_as_one_table(
    enter, replica, settings, clock, succeed, monkeypatch, kind, root
):
    backend = enter(kind)
    settings("hackernews", limit=STORIES)
    for _ in WINDOWS:
        succeed(Stories())
        clock.advance(minutes=10)
    if kind != "folder":
        monkeypatch.setenv("AWS_ENDPOINT_URL", backend.settings["storage_s3"]["endpoint_url"])
    (snippet,) = [block for block in SNIPPETS if f'"{root}/top/stories"' in block]

    frame, counted = values_of(snippet.replace(f"{root}/top", f"{backend.root}/top"))

    assert frame["as_of"].dt.strftime("%Y-%m-%d %H:%M").value_counts().to_dict() == dict.fromkeys(
        WINDOWS, STORIES
    )
    counts = counted.df().set_index("as_of").squeeze().sort_index()
    counts.index = counts.index.tz_convert("UTC").strftime("%Y-%m-%d %H:%M")
    assert counts.to_dict() == dict.fromkeys(WINDOWS, STORIES)


def values_of(snippet: str) -> list[object]:
    """What those of its statements are worth that an interpreter would print."""
    from ast import Expr, Expression, parse, unparse

    scope: dict[str, object] = {}
    values = []
    for statement in parse(snippet).body:
        if isinstance(statement, Expr):
            values.append(eval(compile(Expression(statement.value), STORAGE, "eval"), scope))
        else:
            exec(unparse(statement), scope)
    return [value for value in values if value is not None]
