"""A day's trends and its page, made by the layer as the days go by."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from hn_luigi import Digest
from hn_luigi.replica import FrontPage

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def at_half_past(clock, settings):
    settings("cloud", width=200, height=100)


@pytest.fixture
def front(replica):
    """Have Hacker News list stories with these titles."""

    def listed(*titles):
        items = {
            n: {"id": n, "type": "story", "title": title, "score": 9, "descendants": n % 5}
            for n, title in enumerate(titles, start=1)
        }
        replica.front_page = FrontPage(items, {"top": tuple(items)})

    return listed


def page(root, day):
    return (root / f"top/digest/{day}T0000Z.md").read_text()


def record(root, asset, day):
    return json.loads((root / f"_records/top/{asset}/{day}T0000Z.json").read_text())


def test_each_day_is_compared_with_those_that_are_stored(front, succeed, clock, root):
    front(*[f"Rust {n}" for n in range(9)])
    succeed(Digest())
    assert "This is the first day" in page(root, "2026-11-22")
    clock.advance(days=2)  # the day between is missing
    front(*[f"Zig {n}" for n in range(40)])
    succeed(Digest())
    assert "Compared with 1 of the 28 days before" in page(root, "2026-11-24")
    assert "| Zig " in page(root, "2026-11-24")
    trends = pd.read_parquet(root / "top/trends/2026-11-24T0000Z.parquet").set_index("word")
    assert trends.loc["Rust", "headlines"].tolist()[-3:-1] == [9, pd.NA]
    assert trends.loc["Rust", "z"].iloc[-1] < 0 < trends.loc["Zig", "z"].iloc[-1]
    assert record(root, "trends", "2026-11-24")["metadata"]["days_before"] == 1
    assert record(root, "digest", "2026-11-24")["warnings"] == {}
    assert page(root, "2026-11-24") == (root / "top/digest/latest.md").read_text()


def test_today_is_made_anew_as_windows_come_and_not_without_any(front, succeed, clock, root):
    front(*[f"Rust {n}" for n in range(9)])
    succeed(Digest())
    made = record(root, "digest", "2026-11-22")
    succeed(Digest())
    assert record(root, "digest", "2026-11-22") == made
    clock.advance(minutes=10)
    succeed(Digest())
    assert "Windows: 2, the last of 2026-11-22 12:40 UTC" in page(root, "2026-11-22")


def test_a_day_is_not_made_anew_for_words_that_only_the_next_one_has(front, succeed, clock, root):
    front(*[f"Rust {n}" for n in range(9)])
    succeed(Digest())
    before = record(root, "trends", "2026-11-22")
    clock.advance(days=1)
    front(*[f"Zig {n}" for n in range(9)])
    succeed(Digest())
    assert record(root, "trends", "2026-11-22") == before


def test_a_stop_word_makes_trends_and_page_anew_and_no_other_look_trends(
    front, succeed, settings, root
):
    front(*[f"Rust and Zig {n}" for n in range(9)])
    succeed(Digest())
    made = record(root, "trends", "2026-11-22")
    settings("cloud", colormap="plasma")
    succeed(Digest())
    assert record(root, "trends", "2026-11-22") == made
    settings("cloud", stopwords="zig")
    succeed(Digest())
    words = set(pd.read_parquet(root / "top/trends/2026-11-22T0000Z.parquet")["word"])
    assert words == {"Rust"}
