"""What is put in several requests isn't read back, and what another has changed is noticed."""

from __future__ import annotations

import os
import signal
from collections import Counter

import pytest

from hn_luigi.assets.errors import BackendUnavailable
from hn_luigi.assets.storage import client, open_store
from hn_luigi.assets.storage.s3_multipart import MULTIPART_FROM

from .user import filesystem

KEY = "top/large.bin"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.usefixtures("machine"),
    pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning"),  # by aiohttp
]


@pytest.fixture(scope="module")
def large():
    """105 MB, no two kB of which are alike."""
    return b"".join(
        number.to_bytes(8, "big") * 128 for number in range(MULTIPART_FROM // 1024 + 100)
    )


def asked(relay):
    """How often by which method, of the object itself."""
    return Counter(method for method, path in relay.requests if f"/{KEY}" in path)


def replaced(backend, relay, data, **options):
    """Have another process put ``data`` there between the upload and the question about it."""
    direct, root = filesystem(backend)
    direct.pipe_file(f"{root}/other", data, **options)
    # Within the store, which is quick, since the question that it holds up has a limit.
    relay.meanwhile("HEAD", lambda: direct.cp_file(f"{root}/other", f"{root}/{KEY}"))


def test_a_large_upload_is_held_against_its_size_and_tag_alone(relayed, relay, large):
    store = open_store(relayed.root)
    stat = store.write(KEY, large)
    # Begun, three parts, completed, and asked for.
    assert asked(relay) == {"POST": 2, "PUT": 3, "HEAD": 1}
    assert store.stat(KEY) == stat
    assert stat.size == len(large)
    assert stat.fingerprint.endswith("-3")
    assert store.read(KEY) == large


@pytest.mark.parametrize("theirs", [b"shorter", "as long"], ids=["shorter", "as long"])
def test_one_that_another_process_has_replaced_meanwhile_is_noticed(relayed, relay, large, theirs):
    store = open_store(relayed.root)
    theirs = large[::-1] if theirs == "as long" else theirs
    replaced(relayed, relay, theirs)
    with pytest.raises(BackendUnavailable, match="was changed by another process"):
        store.write(KEY, large)
    assert store.read(KEY) == theirs


def test_one_whose_tag_says_nothing_is_read_back(relayed, relay, large):
    """As where another process put the same bytes in other parts."""
    store = open_store(relayed.root)
    replaced(relayed, relay, large, chunksize=len(large) // 2)
    stat = store.write(KEY, large)
    assert asked(relay)["GET"] == 1
    assert stat == store.stat(KEY)
    assert not stat.fingerprint.endswith("-3")


def test_an_interrupt_leaves_what_was_there_and_no_parts(relayed, relay, large):
    store, (direct, root) = open_store(relayed.root), filesystem(relayed)
    old = store.write(KEY, b"old")
    relay.clear()
    relay.meanwhile("PUT", lambda: os.kill(os.getpid(), signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):
        store.write(KEY, large)
    assert asked(relay)["POST"] == 1
    begun = direct.call_s3("list_multipart_uploads", Bucket=root.partition("/")[0])
    assert not [upload for upload in begun.get("Uploads", ()) if upload["Key"].endswith(KEY)]
    assert store.stat(KEY) == old


@pytest.mark.parametrize("kind", ["fake_gcs", "azurite"])
def test_of_other_stores_none_is_read_back(enter, large, kind, monkeypatch):
    store = open_store(enter(kind).root)
    monkeypatch.setattr(client.Client, "read", None)
    stat = store.write(KEY, large)
    assert store.stat(KEY) == stat
    assert stat.size == len(large)
