"""The page of all of Hacker News."""

from __future__ import annotations

import base64
import io
import re
from datetime import date, timedelta

import pytest
from PIL import Image

from hn_luigi.assets import Materialization
from hn_luigi.cloud.markdown_page import escape
from hn_luigi.history.errors import UnknownWords
from hn_luigi.history.shares import history_of
from hn_luigi.pages.checks import picture_decodes
from hn_luigi.pages.history import history_shown, page_of
from hn_luigi.settings import cloud

from ..history.months import counts

YEARS = range(2007, 2027)
MONTHS = [
    counts(f"{year}-{month:02}", 1_000, Rust=10 + year - 2007, **{"*AI*": 5})
    for year in YEARS
    for month in range(1, 13)
]
SHARES = history_of(MONTHS)


def page(words="Rust", shares=SHARES):
    return page_of(shares, words=words, look=cloud())


def test_it_has_a_curve_for_each_word_and_says_what_it_shows():
    text = page("rust, *ai*")
    assert picture_decodes(text) is None
    assert "Rust 2.9 % in 2026-01, now 2.9 %; " in text
    (data,) = re.findall(r"base64,(\S+)", text)
    one = re.findall(r"base64,(\S+)", page("rust, rust"))[0]
    with Image.open(io.BytesIO(base64.b64decode(data))) as both:
        assert both.size[0] == 640
        assert data != one


def test_words_are_text_whatever_they_hold():
    assert escape("*AI*") in page("*AI*")
    assert "*AI*" not in page("*AI*").replace(escape("*AI*"), "")


def test_none_of_the_words_is_an_error_that_names_the_setting():
    with pytest.raises(UnknownWords, match=r"\[history\] words is 'Zig, <b>'"):
        page("Zig, <b>")
    with pytest.raises(UnknownWords):
        page("Rust", history_of([]))


def test_the_same_history_gives_the_same_page():
    assert page() == page()


@pytest.mark.parametrize("months", [2, 13, 30, 300])
def test_it_can_be_drawn_of_few_months_and_of_many(months):
    begin = date(2002, 1, 15)
    days = sorted({f"{begin + n * timedelta(days=30.5):%Y-%m}" for n in range(months)})
    history = history_of([counts(day, 100, Rust=9) for day in days])
    assert picture_decodes(page(shares=history)) is None


def test_one_month_alone_has_no_curve_and_is_told_all_the_same():
    assert picture_decodes(page(shares=history_of([counts("2026-11", 100, Rust=9)]))) is None


def test_the_table_of_all_months_is_shown_by_the_words_that_rose_in_the_newest():
    newest = counts("2027-01", 1_000, Rust=10, **{"*AI*": 99})
    shown = history_shown(Materialization(history_of([*MONTHS, newest]))).markdown
    assert shown.startswith("# The words of Hacker News in 2027-01\n\nMonths: 241 · Stories: ")
    assert f"\n| {escape('*AI*')} | 9.9 % | 0.50 % | +" in shown
    assert "| Rust |" not in shown


def test_the_table_of_no_month_that_can_be_compared_is_shown_without():
    alone = history_of([counts("2026-11", 1_000, Rust=10)])
    assert history_shown(Materialization(alone)).markdown == (
        "# The words of Hacker News in 2026-11\n\n"
        "Months: 1 · Stories: 1,000 · Words and phrases: 1\n"
    )
    empty = history_shown(Materialization(history_of([]))).markdown
    assert empty.endswith("\n\nNo word is in 5 headlines of a month.\n")
