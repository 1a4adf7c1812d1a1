"""The places and the relay that the tests beside this one stand on keep their promises."""

from __future__ import annotations

import http.client
import socket
from urllib.parse import quote, urlsplit

import fsspec
import pytest

from ...limits import scaled


def client(backend):
    """A backend's filesystem as its SDK makes it, and the root in it."""
    options = {"use_listings_cache": False, "skip_instance_cache": True}
    for section, values in backend.settings.items():
        options["endpoint_url"] = values["endpoint_url"]
        if section == "storage_s3":
            options["config_kwargs"] = {"retries": {"total_max_attempts": 1}}
        if section == "storage_gcs":
            options["token"] = "anon"
    return fsspec.url_to_fs(backend.root, **options)


def test_a_root_is_empty_and_gives_what_it_took(object_store):
    filesystem, root = client(object_store)
    assert filesystem.find(root) == []
    filesystem.pipe_file(f"{root}/a b.txt", b"1")
    assert filesystem.cat_file(f"{root}/a b.txt") == b"1"
    assert filesystem.find(root) == [f"{root}/a b.txt"]


def test_a_bucket_that_doesn_t_exist_can_t_be_listed(object_store):
    filesystem, _ = client(object_store)
    with pytest.raises(FileNotFoundError):
        filesystem.ls(urlsplit(object_store.without).netloc)


def test_a_reader_reads_and_can_t_write(enter, monkeypatch):
    seaweed = enter("seaweed")
    for name, value in seaweed.reader.items():
        monkeypatch.setenv(name, value)
    filesystem, root = client(seaweed)
    assert filesystem.find(root) == []
    with pytest.raises(PermissionError):
        filesystem.pipe_file(f"{root}/a", b"1")


class TestRelay:
    @pytest.fixture
    def connection(self, relay):
        connection = http.client.HTTPConnection(urlsplit(relay.url).netloc, timeout=scaled(1))
        yield connection
        connection.close()

    @pytest.fixture
    def ask(self, connection):
        def get(path):
            try:
                connection.request("GET", path)
                connection.getresponse().read()
            except OSError:
                connection.close()
                raise

        return get

    def test_signed_requests_pass_and_are_counted(self, relayed, relay):
        filesystem, root = client(relayed)
        path = f"/{quote(root)}/a"
        filesystem.pipe_file(f"{root}/a", bytes(1_000_000))
        assert relay.requests == [("PUT", path)]
        relay.clear()
        assert filesystem.cat_file(f"{root}/a") == bytes(1_000_000)
        assert relay.requests[-1] == ("GET", path)

    def test_a_request_line_in_pieces_counts_once(self, relay):
        with socket.create_connection(("127.0.0.1", urlsplit(relay.url).port)) as end:
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for piece in (
                b"GE",
                b"T /there HTTP",
                b"/1.1\r",
                b"\nHost: a\r\n",
                b"Connection: close\r\n\r\n",
            ):
                end.sendall(piece)
            while end.recv(1000):
                pass
        assert relay.requests == [("GET", "/there")]

    def test_refuses_an_open_connection_and_a_new_one_until_restored(self, relay, ask):
        ask("/")
        relay.refuse()
        with pytest.raises(ConnectionError):
            ask("/")
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", urlsplit(relay.url).port))
        relay.restore()
        ask("/")

    def test_hangs_until_restored(self, relay, ask):
        ask("/")
        relay.hang()
        with pytest.raises(TimeoutError):
            ask("/hung")
        assert relay.requests[-1] == ("GET", "/hung")
        relay.restore()
        ask("/")

    def test_an_upload_cut_in_the_middle_leaves_nothing(self, relayed, relay):
        filesystem, root = client(relayed)
        filesystem.retries = 1
        relay.cut_after(500_000)
        with pytest.raises(Exception):  # noqa: B017
            filesystem.pipe_file(f"{root}/a", bytes(1_000_000))
        relay.restore()
        assert not filesystem.exists(f"{root}/a")
