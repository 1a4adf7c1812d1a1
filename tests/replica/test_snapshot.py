"""Front pages from files: the two forms, and those that are refused."""

from __future__ import annotations

import html
import json
from pathlib import Path

import pandas as pd
import pytest
import requests

from hn_luigi.replica import Replica, SnapshotError, read_front_page

from ..limits import patience


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
        ("ids.json", b"[1, 2, 3]", 'no "items" object'),
        ("cut.json", b'{"items": {', "line 1"),
        ("deep.json", b"[" * 100_000, "recursion"),
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
    with pytest.raises(SnapshotError, match="missing columns: rank, title"):
        read_front_page(path)


@pytest.mark.parametrize("wrong", [{"id": [1, None]}, {"title": [1, 2]}, {"time": [1, 2]}])
def test_a_table_with_values_of_other_kinds_is_no_front_page(
    tmp_path: Path, wrong: dict[str, list[object]]
) -> None:
    path = tmp_path / "other.parquet"
    table = pd.DataFrame({"rank": [1, 2], "id": [1, 2], "title": ["One", "Two"], **wrong})
    table.to_parquet(path)
    with pytest.raises(SnapshotError, match="its columns do not hold stories"):
        read_front_page(path)


def test_a_missing_file_is_a_snapshot_error(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="No such file"):
        read_front_page(tmp_path / "nothing.json")


def test_items_in_a_file_are_read_as_they_stand(tmp_path: Path) -> None:
    path = tmp_path / "page.json"
    path.write_text(json.dumps({"items": {"1": {"id": 1, "type": "story"}, "2": None}}))
    assert read_front_page(path).items == {1: {"id": 1, "type": "story"}, 2: None}
