"""Files that are read in parts, in each store."""

from __future__ import annotations

import pickle

import pytest

from hn_luigi.assets.errors import StorageError
from hn_luigi.assets.storage import FileKey, open_store
from hn_luigi.assets.storage.parts import PartReader

KEY = FileKey("large/file.bin")
DATA = bytes(range(256)) * 2048


@pytest.fixture
def path(store):
    store.write(KEY, DATA)
    return store.path(KEY)


@pytest.fixture
def reader(backend):
    return PartReader.of(backend.root)


def test_parts_are_read_where_they_are(reader, path):
    with reader.opened(path) as file:
        file.seek(-3, 2)
        assert file.read(10) == DATA[-3:]
        assert file.seek(1000) == file.tell() == 1000
        assert file.read(5) == DATA[1000:1005]


def test_its_stat_is_that_of_the_store(reader, store, path):
    assert reader.stat(path)[:2] == store.stat(KEY)[:2]
    assert reader.stat(f"{path}x") is None


def test_what_isn_t_there_is_told_of_as_such(reader, path):
    with pytest.raises(FileNotFoundError), reader.opened(f"{path}x") as file:
        file.read(1)


def test_what_the_user_set_goes_with_it_into_a_process_that_knows_nothing_of_it(
    s3, settings, tmp_path
):
    """As into an executor of Spark, which has no luigi.cfg; credentials it finds by itself."""
    open_store(s3.root).write(KEY, DATA)
    sent = pickle.dumps(PartReader.of(s3.root))
    settings("storage_s3", endpoint_url="http://127.0.0.1:9", region="")
    with pickle.loads(sent).opened(f"{s3.root}/{KEY}") as file:
        assert file.read(3) == DATA[:3]


def test_only_what_is_asked_for_is_fetched(relayed, relay):
    open_store(relayed.root).write(KEY, DATA)
    reader = PartReader.of(relayed.root)
    with reader.opened(f"{relayed.root}/{KEY}") as file:
        relay.clear()
        file.seek(400_000)
        file.read(1000)
    assert [method for method, _ in relay.requests] == ["GET"]


def test_a_store_that_fails_meanwhile_is_told_of_in_our_words(relayed, relay, settings):
    settings("storage_s3", options='{"config_kwargs": {"read_timeout": 1}}')
    open_store(relayed.root).write(KEY, DATA)
    with PartReader.of(relayed.root).opened(f"{relayed.root}/{KEY}") as file:
        relay.refuse()
        with pytest.raises(StorageError, match=f"can't read {relayed.root}/{KEY}: "):
            file.read(1000)
