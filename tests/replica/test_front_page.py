"""The front page: the invented one, those read from files, and the lists derived from items."""

from __future__ import annotations

import html
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import requests

import generate as generator
import hn_luigi.replica
from hn_luigi.replica import (
    FEEDS,
    FrontPage,
    Replica,
    SnapshotError,
    bundled_front_page,
    read_front_page,
)

from ..limits import patience

Story = dict[str, Any]


@pytest.fixture(scope="module")
def bundled() -> FrontPage:
    return bundled_front_page()


@pytest.fixture(scope="module")
def top(bundled: FrontPage) -> list[Story | None]:
    return [bundled.items[id_] for id_ in bundled.lists["top"]]


def titles(items: list[Story | None]) -> list[str]:
    return [html.unescape(item["title"]) for item in items if item and "title" in item]


def test_generator_writes_the_bundled_page_byte_for_byte(tmp_path: Path) -> None:
    again = tmp_path / "again.json"
    subprocess.run([sys.executable, generator.__file__, str(again)], check=True)
    bundled = Path(hn_luigi.replica.__file__).with_name("front_page.json")
    assert again.read_bytes() == bundled.read_bytes()


def test_bundled_page_has_every_list_within_the_real_limits(bundled: FrontPage) -> None:
    assert len(bundled.lists["top"]) == len(set(bundled.lists["top"])) == 500
    assert list(bundled.lists) == list(FEEDS)
    for feed, most in FEEDS.items():
        assert 10 <= len(bundled.lists[feed]) <= most
        assert set(bundled.lists[feed]) <= bundled.items.keys()


def test_bundled_headlines_are_many_and_some_words_lead(top: list[Story | None]) -> None:
    words = Counter(word for title in titles(top) for word in set(title.split()))
    assert len(set(titles(top))) >= 450
    assert words["AI"] > words["OCaml"] > 0
    assert len(words) > 500


def test_bundled_page_spares_a_client_that_needs_95_percent(top: list[Story | None]) -> None:
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
def test_bundled_page_has_something_awkward(
    top: list[Story | None], is_there: Callable[[Story], bool]
) -> None:
    assert any(is_there(story) for story in top if story and "title" in story)


def test_bundled_page_opens_pleasantly_and_turns_hostile_within_ten(
    top: list[Story | None],
) -> None:
    hostile = [title for title in titles(top)[:10] if "alert(1)" in title or "|" in title]
    assert len(hostile) == 3


def test_bundled_addresses_lead_to_nobody(bundled: FrontPage) -> None:
    urls = [item["url"] for item in bundled.items.values() if item and item.get("url")]
    hosts = {url.split("/")[2] for url in urls if url.startswith("https://")}
    reserved = (".example", "example.com", "example.org", "example.net")
    assert len(hosts) > 5
    assert all(host.endswith(reserved) for host in hosts)


def test_bundled_titles_are_escaped_as_the_api_does_it(bundled: FrontPage) -> None:
    sent = [item["title"] for item in bundled.items.values() if item and "title" in item]
    assert {entity for title in sent for entity in re.findall(r"&#?\w+;", title)} == {
        "&lt;",
        "&gt;",
    }
    assert not [title for title in sent if "<" in title or ">" in title]


def test_bundled_comments_are_what_their_parents_name(bundled: FrontPage) -> None:
    """Each kid is there and names its parent, and there are no more of them than are counted."""
    comments = {i for i, item in bundled.items.items() if item and item["type"] == "comment"}
    named: set[int] = set()
    for id_, item in bundled.items.items():
        for kid in (item or {}).get("kids", []):
            comment = bundled.items[kid]
            assert comment is not None
            assert (comment["type"], comment["parent"]) == ("comment", id_)
            assert comment["time"] >= (item or {})["time"]
            assert kid not in named
            named.add(kid)
    assert named == comments
    for item in bundled.items.values():
        if item and "descendants" in item:
            assert len(below(bundled, item)) <= item["descendants"]
            assert bool(item["descendants"]) == bool(item.get("kids"))


def below(page: FrontPage, item: Story) -> list[Story]:
    """All comments on an item."""
    kids = [page.items[kid] or {} for kid in item.get("kids", [])]
    return [*kids, *(comment for kid in kids for comment in below(page, kid))]


def test_bundled_comments_are_two_levels_deep_where_most_is_said(top: list[Story | None]) -> None:
    bundled = bundled_front_page()
    busy = [s for s in top[:30] if s and s.get("descendants", 0) > 3]
    assert len(busy) > 20
    for story in busy:
        kids = [bundled.items[kid] or {} for kid in story["kids"]]
        assert len(kids) > 1
        assert any(kid.get("kids") for kid in kids)
    comments = [c for s in busy for c in below(bundled, s)]
    assert all({"by", "text"} <= c.keys() or c.get("deleted") for c in comments)
    assert any(c.get("deleted") for c in comments)
    assert any("&#x27;" in c.get("text", "") for c in comments)


def test_what_is_dead_or_a_job_has_no_comments_and_no_count(bundled: FrontPage) -> None:
    for item in bundled.items.values():
        if item and (item.get("dead") or item["type"] == "job"):
            assert not {"descendants", "kids"} & item.keys()


def test_lists_that_are_not_given_follow_from_the_items() -> None:
    page = FrontPage(
        items={
            3: {"id": 3, "type": "story", "title": "Ask HN: Three?", "score": 5},
            1: {"id": 1, "type": "story", "title": "Show HN: One", "score": 9},
            9: {"id": 9, "type": "job", "title": "Nine is hiring", "score": 1},
            7: {"id": 7, "type": "comment", "parent": 1, "text": "seven"},
            5: {"id": 5, "type": "story", "title": "Show HN: Five", "dead": True},
            2: None,
        },
        lists={"show": (5,)},
    )
    assert page.lists == {
        "top": (3, 1, 9, 5, 2),
        "new": (9, 3, 1),
        "best": (1, 3, 9),
        "ask": (3,),
        "show": (5,),
        "job": (9,),
    }


@pytest.fixture
def captured(tmp_path: Path) -> Path:
    """Stories as the stories asset stores them, in another order than their ranks."""
    frame = pd.DataFrame(
        {
            "rank": [3, 1, 2],
            "id": [30, 10, 20],
            "type": ["job", "story", "story"],
            "title": ["Fernlight is hiring", 'AT&amp;T <b>\'s "R&D"', "Ask HN: 日本語?\n| x"],
            "url": ["", "https://www.example.com/a?b=1&c=2", None],
            "domain": [None, "example.com", None],
            "by": [None, "moss_fen12", "lark_rook34"],
            "score": pd.array([1, 250, None], dtype="Int64"),
            "descendants": pd.array([None, 12, 0], dtype="Int64"),
            "time": pd.to_datetime(["", "2026-10-26T07:33:20Z", "2026-10-26T07:43:20Z"]),
            "as_of": pd.to_datetime(["2026-10-26T12:30Z"] * 3),
        }
    )
    path = tmp_path / "stories.parquet"
    frame.to_parquet(path)
    return path


def test_captured_stories_come_back_from_the_replica_as_they_went_in(captured: Path) -> None:
    with Replica(read_front_page(captured)) as replica:
        ids = requests.get(f"{replica.base_url}/topstories.json", timeout=patience()).json()
        items = [
            requests.get(f"{replica.base_url}/item/{id_}.json", timeout=patience()).json()
            for id_ in ids
        ]
        user = requests.get(f"{replica.base_url}/user/moss_fen12.json", timeout=patience()).json()
    assert (user["id"], user["submitted"], user["karma"]) == ("moss_fen12", [10], 250)
    assert items[0]["title"] == 'AT&amp;amp;T &lt;b&gt;\'s "R&D"'  # raw but for what would be read
    for item in items:
        item["title"] = html.unescape(item["title"])
    assert items == [
        {
            "by": "moss_fen12",
            "descendants": 12,
            "id": 10,
            "score": 250,
            "time": 1_793_000_000,
            "title": 'AT&amp;T <b>\'s "R&D"',
            "type": "story",
            "url": "https://www.example.com/a?b=1&c=2",
        },
        {
            "by": "lark_rook34",
            "descendants": 0,
            "id": 20,
            "time": 1_793_000_600,
            "title": "Ask HN: 日本語?\n| x",
            "type": "story",
        },
        {"id": 30, "score": 1, "title": "Fernlight is hiring", "type": "job", "url": ""},
    ]


def test_lists_of_captured_stories_follow_from_them(captured: Path) -> None:
    page = read_front_page(captured)
    assert page.lists["ask"] == (20,)
    assert page.lists["job"] == (30,)
    assert page.lists["new"] == (30, 20, 10)


@pytest.mark.parametrize(
    ("name", "content", "cause"),
    [
        ("ids.json", b"[1, 2, 3]", 'no object "items"'),
        ("cut.json", b'{"items": {', "line 1"),
        ("latin.json", b'{"items": "\xff"}', "utf-8"),
        ("item.json", b'{"items": {"1": 5}}', "item 1"),
        ("key.json", b'{"items": {"one": null}}', "'one'"),
        ("feed.json", b'{"items": {}, "lists": {"worst": [1]}}', "'worst'"),
        ("list.json", b'{"items": {}, "lists": {"top": ["1"]}}', "'top'"),
        ("lists.json", b'{"items": {}, "lists": [1]}', "lists"),
        ("page.parquet", b"PAR1 but not really", "Parquet"),
        ("page.csv", b"id,title", ".csv"),
    ],
)
def test_a_file_that_is_no_front_page_is_named_with_cause_and_remedy(
    tmp_path: Path, name: str, content: bytes, cause: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(SnapshotError) as caught:
        read_front_page(path)
    message = str(caught.value)
    assert str(path) in message
    assert cause.lower() in message.lower()
    assert "give a front page as .json" in message
    assert "\n" not in message


def test_a_table_of_something_else_says_which_columns_it_lacks(tmp_path: Path) -> None:
    path = tmp_path / "other.parquet"
    pd.DataFrame({"id": [1], "word": ["x"]}).to_parquet(path)
    with pytest.raises(SnapshotError, match="lacks columns: rank, title"):
        read_front_page(path)


def test_a_missing_file_is_a_snapshot_error(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="No such file"):
        read_front_page(tmp_path / "nothing.json")


def test_an_item_whose_score_is_no_number_ranks_last_among_the_best() -> None:
    page = FrontPage({n: {"type": "story", "score": score} for n, score in enumerate(["9", 1])})
    assert page.lists["best"] == (1, 0)


def test_items_in_a_file_are_read_as_they_stand(tmp_path: Path) -> None:
    path = tmp_path / "page.json"
    path.write_text(json.dumps({"items": {"1": {"id": 1, "type": "story"}, "2": None}}))
    assert read_front_page(path).items == {1: {"id": 1, "type": "story"}, 2: None}
