"""All of Hacker News from a bucket, as from a folder."""

from __future__ import annotations

import pytest

from hn_luigi import WordHistory
from hn_luigi.archive import archive_of
from hn_luigi.assets.storage import FileKey, open_store

from ...history.months import put

MONTHS = [f"{year}-{month:02}" for year in range(2007, 2010) for month in range(1, 13)]
LAST = "2009-12"


@pytest.fixture
def archive(tmp_path):
    """A folder of 36 months, each of 6 headlines or more."""
    for n, month in enumerate(MONTHS):
        put(tmp_path / "archive", month, ["Rust in space"] * (6 + n) + ["Cats &amp; dogs"] * n)
    return tmp_path / "archive"


def upload(archive, root):
    store = open_store(root)
    for month in MONTHS:
        key = f"data/{month[:4]}/{month}.parquet"
        store.write(FileKey(key), (archive / key).read_bytes())


def made(settings, succeed, source, root):
    """The bytes of the history that is made of the archive at ``source``."""
    settings("history", source=source)
    settings("storage", root=root)
    task = WordHistory(as_of=LAST)
    succeed(task)
    with task.output().open() as file:
        return file.read()


def test_it_is_the_same_from_each_store(object_store, archive, settings, succeed, tmp_path):
    upload(archive, f"{object_store.root}/hn")
    bucket = made(settings, succeed, f"{object_store.root}/hn", tmp_path / "of bucket")
    assert bucket == made(settings, succeed, archive, tmp_path / "of folder")


def test_one_listing_tells_all_months_of_a_bucket(relayed, relay, archive):
    upload(archive, relayed.root)
    relay.clear()
    found = archive_of(relayed.root, until=WordHistory(as_of=LAST).as_of)
    assert len(found.months()) == len(MONTHS)
    assert [method for method, _ in relay.requests] == ["GET", "GET"]  # one each
