"""Strangers' text in Markdown, as it is written there; how it is read, see the page's tests."""

from __future__ import annotations

import pytest

from hn_luigi.cloud.markdown import escape


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("$a$ and $$b$$", r"\$a\$ and \$\$b\$\$"),
        (":smile: :+1:", r"\:smile: \:+1:"),
        ("@someone", "&#64;someone"),
        ("http://site.example //host", r"http\:\//site\.example \//host"),
        ("{{ title }} {% include %}", r"\{\{ title \}\} \{\% include %\}"),
        ("[^1]", "&#91;^1&#93;"),
        (r"\(y\)", "&#92;(y&#92;)"),
    ],
)
def test_what_some_renderers_make_more_of_is_escaped_too(text: str, source: str) -> None:
    """Formulas, emoji, mentions, bare addresses, templates, footnotes: beyond CommonMark."""
    assert escape(text) == source


@pytest.mark.parametrize(
    "text",
    ["Ask: is it 50% of 3.14 (or 1/2)?", "at 12:30, C++ - don't!", "on 2. of May", ".NET; a=b"],
)
def test_what_can_start_nothing_is_left_as_it_is(text: str) -> None:
    assert escape(text) == text
