"""What breaks clients is on the page, and where a page shows it."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

Story = dict[str, Any]


def test_page_spares_a_client_that_needs_95_percent(top: list[Story | None]) -> None:
    lost = [
        item
        for item in top
        if item is None or item.get("deleted") or item.get("dead") or "title" not in item
    ]
    assert Counter("null" if item is None else "other" for item in lost)["null"] == 3
    assert sum(1 for item in lost if item and item.get("deleted")) == 2
    assert sum(1 for item in lost if item and item.get("dead")) == 2
    assert len(lost) == 8


@pytest.mark.parametrize(
    "is_there",
    [
        pytest.param(lambda s: s["type"] == "job" and "descendants" not in s, id="job"),
        pytest.param(lambda s: s["type"] == "job" and s["url"] == "", id="job with empty url"),
        pytest.param(lambda s: s["type"] == "poll" and len(s["parts"]) == 3, id="poll"),
        pytest.param(lambda s: s["title"].startswith("Ask HN") and "url" not in s, id="ask"),
        pytest.param(lambda s: s["title"].startswith("Launch HN"), id="launch"),
        pytest.param(lambda s: s["title"].endswith("[pdf]"), id="pdf"),
        pytest.param(lambda s: s["title"].endswith("[video]"), id="video"),
        pytest.param(lambda s: s["title"].endswith("(2019)"), id="year"),
        *(
            pytest.param(lambda s, entity=entity: entity in s["title"], id=entity)
            for entity in (" & ", "Q&A", "It's", "&gt;", '"')
        ),
        *(
            pytest.param(lambda s, sign=sign: sign in html.unescape(s["title"]), id=ascii(sign))
            for sign in ("C++", "C#", "Node.js", "\u2019", "\n", "|", "`", "$x$", "\u202e", "🚀")
        ),
        *(
            pytest.param(lambda s, letter=letter: letter in s["title"], id=ascii(letter))
            for letter in ("用", "を", "작", "и", "\N{GREEK SMALL LETTER ALPHA}", "ל", "ك")
        ),
        pytest.param(lambda s: max(map(len, s["title"].split())) >= 300, id="300-letter word"),
        pytest.param(lambda s: "](javascript:alert(1))" in s["title"], id="link out of a title"),
        pytest.param(lambda s: "&lt;script&gt;alert(1)" in s["title"], id="script, escaped"),
        pytest.param(lambda s: s["title"].startswith("![tracking"), id="image"),
        pytest.param(lambda s: s["title"].startswith("#"), id="heading"),
        pytest.param(lambda s: s.get("url") == "javascript:alert(1)", id="script as url"),
        pytest.param(lambda s: set(" )|") <= set(s.get("url", "")), id="url that breaks a table"),
    ],
)
def test_page_has_something_awkward(
    top: list[Story | None], is_there: Callable[[Story], bool]
) -> None:
    assert any(is_there(story) for story in top if story and "title" in story)


def test_page_opens_pleasantly_and_turns_hostile_within_ten(headlines: list[str]) -> None:
    hostile = [title for title in headlines[:10] if "alert(1)" in title or "|" in title]
    assert len(hostile) == 3
