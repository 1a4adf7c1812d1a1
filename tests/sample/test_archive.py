"""The made archive: its shape, and the command that writes it."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import archive
from hn_luigi.cloud import count_words
from hn_luigi.hackernews import headline_of

MONTHS = archive.months_until(date(2026, 11, 1), 14)


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive")
    for _ in archive.write_archive(folder, 4_000, MONTHS):
        pass
    return folder


def test_there_is_a_file_a_month_where_the_real_one_has_it(written: Path) -> None:
    files = sorted(path.relative_to(written) for path in written.rglob("*.parquet"))
    assert files == [Path(f"data/{m:%Y}/{m:%Y-%m}.parquet") for m in MONTHS]
    assert (MONTHS[0], MONTHS[-1]) == (date(2025, 10, 1), date(2026, 11, 1))


def test_it_has_so_many_stories_among_other_items_whose_ids_ascend(written: Path) -> None:
    tables = [pq.read_table(path) for path in sorted(written.rglob("*.parquet"))]
    assert all(table.schema.equals(archive.SCHEMA) for table in tables)
    kinds = [kind for table in tables for kind in table["type"].to_pylist()]
    assert kinds.count(1) == 4_000
    assert kinds.count(2) > 7 * 4_000
    assert {3, 4, 5} <= set(kinds)
    ids = [each for table in tables for each in table["id"].to_pylist()]
    assert ids == [*range(1, len(ids) + 1)]


def test_only_stories_have_titles_and_some_are_dead_or_deleted(written: Path) -> None:
    rows = pq.read_table(max(written.rglob("*.parquet"))).to_pylist()
    titled = [row for row in rows if row["title"]]
    assert all(row["type"] == 1 and not row["deleted"] for row in titled)
    assert {row["dead"] for row in titled} == {0, 1}
    assert any(row["deleted"] for row in rows)
    month = {f"{row['time']:%Y-%m}" for row in rows}
    assert month == {"2026-11"}


def test_words_are_as_many_as_in_a_language_some_lead_and_most_are_rare(written: Path) -> None:
    titles = [
        headline
        for path in written.rglob("*.parquet")
        for title in pq.read_table(path, columns=["title"])["title"].to_pylist()
        if (headline := headline_of(title))
    ]
    half, whole = count_words(titles[::2]), count_words(titles)
    assert len(whole) > 1.4 * len(half)
    assert sum(number == 1 for number in whole.values()) > len(whole) / 2


def test_it_is_the_same_bytes_each_time_by_one_command(written: Path, tmp_path: Path) -> None:
    command = [sys.executable, archive.__file__, "again", "--stories", "4000", "--months", "14"]
    subprocess.run(command, cwd=tmp_path, check=True)
    for path in written.rglob("*.parquet"):
        assert (tmp_path / "again" / path.relative_to(written)).read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "usage: .venv/bin/python scripts/sample/archive.py FOLDER"),
        (["there"], "there/data exists: name another folder, or remove it"),
        (["new", "--months", "0"], "--months takes 1 to 230, and --stories at least as many"),
        (["file", "--stories", "9", "--months", "1"], "file can't be written: "),
    ],
)
def test_what_is_wrong_is_told_in_a_line(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    (tmp_path / "there/data").mkdir(parents=True)
    (tmp_path / "file").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["archive.py", *arguments])
    with pytest.raises(SystemExit) as ended:
        archive.main()
    assert said in f"{ended.value.code}\n{capsys.readouterr().err}"
