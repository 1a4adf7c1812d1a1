"""How much of plain Luigi tasks' outputs is read to tell whether they changed."""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import contextmanager

import luigi
import pytest

from hn_luigi.assets.errors import InputMissing
from hn_luigi.assets.staleness.external import outputs_version
from hn_luigi.assets.storage import open_store


class TestWhatIsLarge:
    """Outputs of more than 4 MB count by their names, sizes and times."""

    LARGE = 5_000_000

    @pytest.fixture
    def month(self, tmp_path):
        path = tmp_path / "in/2006-10.parquet"
        path.parent.mkdir()
        with path.open("wb") as file:
            file.truncate(self.LARGE)
        return path

    @pytest.fixture
    def version(self, uses):
        def of(*targets):
            return outputs_version(uses(lambda: targets)().requires())

        return of

    def test_is_made_from_and_current_as_what_is_small(self, is_made_once, month):
        is_made_once(lambda: luigi.LocalTarget(month), changed=lambda: os.utime(month))

    def test_is_not_read(self, month, version):
        before, stat = version(luigi.LocalTarget(month)), month.stat()
        with month.open("r+b") as file:
            file.write(b"other bytes")
        os.utime(month, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        assert version(luigi.LocalTarget(month)) == before

    def test_counts_by_size(self, month, version):
        before, stat = version(luigi.LocalTarget(month)), month.stat()
        os.truncate(month, self.LARGE + 1)
        os.utime(month, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        assert version(luigi.LocalTarget(month)) != before

    def test_stays_what_it_is_in_another_folder(self, month, version, tmp_path):
        before = version(luigi.LocalTarget(month))
        moved = tmp_path / "elsewhere" / month.name
        moved.parent.mkdir()
        shutil.copy2(month, moved)
        assert version(luigi.LocalTarget(moved)) == before
        renamed = moved.rename(moved.with_name("2006-11.parquet"))
        assert version(luigi.LocalTarget(renamed)) != before

    def test_a_folder_counts_by_each_of_its_files(self, month, version):
        folder = luigi.LocalTarget(month.parent)
        before = version(folder)
        (month.parent / "2006").mkdir()
        (month.parent / "2006/small").write_text("1")
        with_small = version(folder)
        assert with_small != before
        (month.parent / "2006/small").rename(month.parent / "2006/tiny")
        assert version(folder) not in (before, with_small)

    def test_several_outputs_are_large_together(self, tmp_path, version):
        paths = [tmp_path / f"{number}" for number in range(5)]
        for path in paths:
            path.write_bytes(bytes(1_000_000))
        targets = [luigi.LocalTarget(path) for path in paths]
        few, all_of_them = version(*targets[:4]), version(*targets)
        for path in paths:
            os.utime(path, (1, 1))
        assert version(*targets[:4]) == few
        assert version(*targets) != all_of_them

    def test_what_is_gone_is_missing_whatever_its_task_says(self, month, version):
        with pytest.raises(InputMissing, match=r"2006-11.parquet is missing, though"):
            version(luigi.LocalTarget(month), luigi.LocalTarget(month.with_name("2006-11.parquet")))

    def test_a_no_op_over_the_months_of_an_archive_opens_none(self, uses, succeed, tmp_path):
        months = [tmp_path / f"in/{number:03}" for number in range(230)]
        months[0].parent.mkdir()
        for path in months:
            path.touch()
            os.truncate(path, 10_000_000)
        report = uses(lambda: [luigi.LocalTarget(path) for path in months])
        succeed(report())
        with opened() as paths:
            succeed(report())
        assert paths
        assert not [path for path in paths if str(months[0].parent) in path]
        assert report.made == [1]

    def test_an_object_of_a_store_counts_by_what_that_tells(self, is_made_once):
        store = open_store("memory://months")
        store.write("2006-10.parquet", bytes(self.LARGE))

        def target():
            found = store.target("2006-10.parquet", binary=True)
            found.open = None  # which only who reads it would call
            return found

        is_made_once(target, changed=lambda: store.write("2006-10.parquet", bytes(self.LARGE + 1)))

    def test_an_object_in_s3_counts_by_its_etag(self, is_made_once, s3):
        from luigi.contrib.s3 import S3Target

        s3.put_string(bytes(self.LARGE), "s3://bucket/news")
        target = S3Target("s3://bucket/news", client=s3)
        target.open = None  # which only who reads it would call
        is_made_once(
            lambda: target,
            changed=lambda: s3.put_string(bytes(self.LARGE + 1), "s3://bucket/news"),
        )


@contextmanager
def opened():
    """The paths that this process opens within it."""
    _opened.append([])
    yield _opened[-1]
    _opened.pop()


def _note(event, arguments):
    if event == "open" and _opened:
        _opened[-1].append(str(arguments[0]))


_opened = []
sys.addaudithook(_note)  # which nothing removes


@pytest.mark.parametrize(
    ("contents", "version"),
    [([b"1"], "7168302a"), ([b"1", b"2"], "29a62e9b")],
)
def test_what_is_small_has_the_version_that_it_had_in_records_from_before(
    uses, tmp_path, contents, version
):
    paths = [tmp_path / f"{number}" for number in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    report = uses(lambda: [luigi.LocalTarget(path) for path in paths])
    assert outputs_version(report().requires())[:8] == version
