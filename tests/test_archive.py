"""The archive of all of Hacker News, as Luigi and the layer see it."""

from __future__ import annotations

import os
import pickle
from datetime import datetime

import pytest

from hn_luigi.archive import OpenMonth, archive_of
from hn_luigi.assets import AssetError
from hn_luigi.history.errors import MonthChanged

from .history.months import month_file, put

NOVEMBER = datetime(2026, 11, 1)


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "archive"
    for month in ("2026-10", "2026-11"):
        put(folder, month, ["Rust in space"])
    return folder


def names(archive):
    return [target.path.rpartition("/")[2] for target in archive.output()]


def test_its_outputs_are_its_months_and_it_is_complete(source):
    archive = archive_of(str(source), until=NOVEMBER)
    assert names(archive) == ["2026-10.parquet", "2026-11.parquet"]
    assert archive.complete()
    assert names(archive_of(str(source), until=datetime(2026, 10, 1))) == ["2026-10.parquet"]


def test_a_month_is_told_with_size_and_time(source):
    *_, told = archive_of(str(source), until=NOVEMBER).months()
    assert told == month_file(source / "data/2026/2026-11.parquet")


def test_a_relative_folder_and_one_of_a_user_are_found_from_anywhere(source, monkeypatch):
    monkeypatch.chdir(source.parent)
    monkeypatch.setenv("HOME", str(source.parent))
    here, home = (archive_of(name, until=NOVEMBER).months() for name in ("archive", "~/archive"))
    assert here == home == archive_of(str(source), until=NOVEMBER).months()


def test_without_a_source_the_setting_is_named():
    with pytest.raises(AssetError, match=r"\[history\] source .* is empty: set it to") as refused:
        archive_of("", until=NOVEMBER)
    assert "data/2026/2026-11.parquet" in str(refused.value)


@pytest.mark.parametrize(
    "source", ["https://example.org/hn", "s3:/bucket", "s3://me:secret@bucket"]
)
def test_a_source_of_no_known_form_is_told_of_by_its_setting(source):
    with pytest.raises(AssetError, match=r"^\[history\] source \(--history-source\): ") as refused:
        archive_of(source, until=NOVEMBER)
    assert "\n" not in str(refused.value)
    assert "secret" not in str(refused.value)


def test_a_source_that_isn_t_there_or_holds_no_month_is_refused(tmp_path):
    told = r"^\[history\] source \(--history-source\): .*/gone/data holds no month of Hacker News "
    with pytest.raises(AssetError, match=told):
        archive_of(str(tmp_path / "gone"), until=NOVEMBER)


class TestAMonthThatIsRead:
    @pytest.fixture
    def file(self, source):
        return archive_of(str(source), until=NOVEMBER).months()[0]

    @pytest.fixture
    def open_month(self, source):
        return pickle.loads(pickle.dumps(OpenMonth.of(str(source))))

    def test_is_the_one_that_was_listed(self, file, open_month):
        with open_month(file) as opened:
            assert opened.read(4) == b"PAR1"

    def test_may_not_have_been_replaced_before(self, file, open_month, source):
        put(source, "2026-10", ["Rust in space", "Zig, too"])
        with pytest.raises(MonthChanged, match="run again"), open_month(file):
            pass

    def test_nor_meanwhile_even_if_reading_it_fails(self, file, open_month):
        with pytest.raises(MonthChanged), open_month(file):
            os.utime(file.path, (1, 1))
            raise ValueError("other bytes")

    def test_nor_be_gone(self, file, open_month):
        os.remove(file.path)
        with pytest.raises(MonthChanged), open_month(file):
            pass

    def test_another_error_stays_what_it_is(self, file, open_month):
        with pytest.raises(ValueError, match="mine"), open_month(file):
            raise ValueError("mine")
