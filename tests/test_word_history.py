"""All of Hacker News, by month: the assets as the layer makes them of an archive's files."""

from __future__ import annotations

import json
import random
import re

import pandas as pd
import pyarrow as pa
import pytest
from luigi.execution_summary import LuigiStatusCode

from hn_luigi import WordHistory, WordHistoryPage
from hn_luigi.watchlist import watched

from .history.months import item, put, table

NOVEMBER = "2026-11"
FILE = "word_history/2026-11-01T0000Z.parquet"


@pytest.fixture
def archive(tmp_path, settings, clock):
    """An archive of two months."""
    folder = tmp_path / "archive"
    put(folder, "2026-10", ["Rust in space", "Show HN: Rust and Zig"] * 5)
    put(folder, "2026-11", ["Rust in space"] * 5 + ["Cats"] * 5)
    settings("history", source=folder, words="Rust, cats")
    settings("cloud", label="SAMPLE")
    return folder


@pytest.fixture
def made(succeed, root):
    """Runs the page of November; which assets were made."""

    def run():
        def when():
            return {
                path.parent.name: path.stat().st_mtime_ns
                for path in root.glob("_records/*/2026-11*.json")
            }

        before = when()
        succeed(WordHistoryPage(as_of=NOVEMBER))
        return {name for name, at in when().items() if before.get(name) != at}

    return run


def shares(root):
    frame = pd.read_parquet(root / FILE)
    rows = zip(frame["word"], frame["month"], frame["share"], strict=True)
    return {(word, f"{month:%Y-%m}"): share for word, month, share in rows}


def test_the_history_has_the_share_of_each_word_in_each_month(archive, made, root):
    assert made() == {"word_history", "word_history_page"}
    assert shares(root) == {
        ("Cats", "2026-11"): 0.5,
        ("Rust", "2026-10"): 1.0,
        ("Rust", "2026-11"): 0.5,
        ("space", "2026-10"): 0.5,
        ("space", "2026-11"): 0.5,
        ("Zig", "2026-10"): 0.5,
    }
    record = json.loads((root / "_records/word_history/2026-11-01T0000Z.json").read_text())
    assert record["metadata"] == {"rows": 6, "words": 4, "months": 2, "headlines": 20}


def test_the_page_draws_the_words_and_names_those_of_years(archive, made, root):
    put(archive, "2025-10", ["Postgres is enough"] * 1_200)
    put(archive, "2026-11", ["Rust in space"] * 1_200)
    made()
    page = (root / "word_history_page/latest.md").read_text()
    assert page.startswith("# SAMPLE · The words of Hacker News, 2025-10 to 2026-11\n")
    assert "Months: 3 · Stories: 2,410 · Words and phrases: 4" in page
    assert re.search(r"!\[Share of each month's headlines; Rust 100.0 % in 2026-11, now", page)
    assert "Not drawn, since no month has 5 headlines with it: cats." in page
    assert "- **2025**: Postgres\n- **2026**: Rust, space, Zig\n" in page


def test_a_second_run_finds_all_current(archive, made):
    made()
    assert made() == set()


def test_a_look_at_an_archive_of_more_than_some_megabytes_opens_none_of_its_files(
    archive, made, opened
):
    body = random.Random(1).randbytes(600_000)
    for month in range(1, 10):
        content = table(*map(item, ["Rust in space"] * 9))
        path = put(archive, f"2026-{month:02}", content.append_column("body", pa.array([body] * 9)))
        assert path.stat().st_size > 500_000
    put(archive, "2006-10", ["The first one is small"])
    made()
    with opened() as paths:
        assert made() == set()
        assert not [path for path in paths if path.is_relative_to(archive)]
        path.read_bytes()
        assert path in paths


def test_a_month_that_is_written_on_makes_it_anew_and_whatever_else_changes_doesn_t(
    archive, made, root
):
    made()
    (archive / "data/2026/notes.txt").write_text("mine")
    put(archive, "2026-12", ["Zig"])
    assert made() == set()
    put(archive, "2026-11", ["Rust in space"] * 5 + ["Cats"] * 15)
    assert made() == {"word_history", "word_history_page"}
    assert shares(root)[("Cats", "2026-11")] == 0.75


def test_a_stop_word_makes_both_anew_and_the_words_to_draw_the_page_alone(archive, made, settings):
    made()
    settings("history", words="space")
    assert made() == {"word_history_page"}
    settings("cloud", stopwords="cats")
    assert made() == {"word_history", "word_history_page"}


def test_the_past_is_told_without_the_months_after(archive, succeed, root):
    succeed(WordHistory(as_of="2026-10"))
    frame = pd.read_parquet(root / "word_history/2026-10-01T0000Z.parquet")
    assert set(frame["month"].dt.month) == {10}


def test_two_workers_make_the_same_bytes(archive, made, succeed, root):
    made()
    first = (root / FILE).read_bytes()
    (root / FILE).unlink()
    succeed(WordHistoryPage(as_of=NOVEMBER), workers=2)
    assert (root / FILE).read_bytes() == first


def test_months_are_told_as_they_are_counted(archive, succeed, monkeypatch):
    told = []
    monkeypatch.setattr(WordHistory, "progress", lambda self, *said: told.append(said))
    succeed(WordHistory(as_of=NOVEMBER))
    assert told == [(0, 2, "months"), (1, 2, "months"), (2, 2, "months")]


class TestWhatIsWrong:
    @pytest.fixture
    def said(self, build, caplog):
        """What a run that fails logs."""

        def run(task):
            assert build(task).status is not LuigiStatusCode.SUCCESS
            assert 'File "' not in caplog.text  # as a traceback has it
            return caplog.text

        return run

    def test_no_source_is_one_line(self, said, clock):
        assert "[history] source (--history-source) is empty: set it" in said(WordHistoryPage())

    def test_no_months_are_one_line(self, said, settings, tmp_path, clock):
        settings("history", source=tmp_path)
        assert f"{tmp_path}/data holds no month of Hacker News until 2026-11" in said(WordHistory())

    def test_another_layout_is_one_line_and_what_was_made_stays(self, archive, made, said, root):
        made()
        before = (root / FILE).read_bytes()
        path = put(archive, "2026-10", table(item("Rust")).rename_columns(7 * ["x"]))
        assert f"{path}: its column type isn't there" in said(WordHistory(as_of=NOVEMBER))
        assert (root / FILE).read_bytes() == before

    def test_words_that_no_month_has_are_one_line(self, archive, said, settings):
        settings("history", words="Fortran")
        assert "[history] words is 'Fortran', and no month has 5" in said(WordHistoryPage())


def test_nobody_watches_it_who_doesn_t_ask_to():
    assert not {"WordHistory", "WordHistoryPage"} & {task.task_family for task in watched()}
