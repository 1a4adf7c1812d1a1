"""Whether a store writes on condition is found out by trying it, and said where it doesn't."""

from __future__ import annotations

from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from hn_luigi.assets.storage import open_store

from .relay import Careless

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("machine")]


@pytest.fixture
def careless(enter, settings):
    """Stands in front of a store that checks no signatures, and so notices nothing."""
    moto = enter("moto")
    section = moto.settings["storage_s3"]
    with Careless(urlsplit(section["endpoint_url"]).port) as relay:
        settings("storage_s3", **{**section, "endpoint_url": relay.url})
        relay.root = moto.root
        yield relay


@pytest.fixture
def found(careless, caplog):
    """Whether the store is found to honour conditions, and whether that is told."""

    def look():
        store = open_store(careless.root)
        store.require_writable()
        with store.lock("top/x", guards="_records/top/x.json"):
            store.write_guarded("_records/top/x.json", b"1")
        assert store.read("_records/top/x.json") == b"1"
        return store.lock_is_global, "doesn't write on condition" in caplog.text

    return look


def test_one_that_honours_them(found):
    assert found() == (True, False)


def test_one_that_passes_over_them(found, careless):
    careless.takes_out = True
    assert found() == (False, True)


def test_one_that_refuses_them(found, careless):
    careless.fails = 1_000
    assert found() == (False, True)


@pytest.mark.parametrize("before", range(4))
def test_one_that_fails_for_a_moment_is_tried_again(found, careless, before):
    careless.passes, careless.fails = before, 1
    assert found() == (True, False)


def test_of_what_is_in_memory_nothing_is_tried_since_nobody_else_can_write_it(caplog):
    store = open_store(f"memory://{uuid4().hex}")
    assert store.lock_is_global
    store.require_writable()
    assert store.lock_is_global
    with store.lock("asset"):
        assert store.is_held("asset")
    assert caplog.messages == []
