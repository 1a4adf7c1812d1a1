"""The client against real sockets: an API that works, fails, stalls and lies."""

from __future__ import annotations

import gzip
import http.server
import json
import socket
import sys
import threading
from contextlib import contextmanager
from dataclasses import replace

import pytest

from hn_luigi.hackernews import Client, Limits, Lost, NoStories, TooManyLost, TooSlow, Unavailable
from hn_luigi.replica import Faults, FrontPage, Replica

from ..limits import scaled

IDS = list(range(1, 41))
PAGE = FrontPage({i: {"id": i, "type": "story", "title": f"Story {i}"} for i in IDS})
QUICK = Limits(concurrency=8, attempts=3, backoff=0.001)


@pytest.fixture
def api():
    with Replica(PAGE) as api:
        yield api


@pytest.fixture
def client(api):
    return Client(api.base_url, replace(QUICK, read_timeout=scaled(1)))


def titles(items):
    return [item if isinstance(item, Lost) else item["title"] for item in items]


def test_a_feed_is_its_ids_in_rank_order(client):
    assert client.story_ids("top") == IDS


def test_a_repeated_id_counts_once_at_its_best_rank(api, client):
    api.front_page = FrontPage(PAGE.items, {"top": (3, 1, 3, 2, 1)})
    assert client.story_ids("top") == [3, 1, 2]


def test_items_come_in_the_order_they_were_asked_for(client):
    assert titles(client.items([7, 3, 5])) == ["Story 7", "Story 3", "Story 5"]


def test_no_ids_need_no_request(api, client):
    assert client.items([]) == []
    assert api.requests == []


def test_each_item_is_asked_for_once(api, client):
    client.items(IDS)
    assert sorted(api.requests) == sorted(f"/v0/item/{i}.json" for i in IDS)


def test_progress_is_told_in_the_calling_thread(client):
    told = []
    client.items(
        IDS, progress=lambda done, total: told.append((done, total, threading.current_thread()))
    )
    assert told == [(n, 40, threading.current_thread()) for n in range(1, 41)]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["5xx", "401", "429", "reset", "stall", "truncated", "html"])
class TestWhatPassesByItself:
    def test_each_failed_item_is_retried_alone(self, api, client, kind):
        api.faults = Faults(rate=0.2, kinds=(kind,), times=1, retry_after=0.01, only="item/")
        assert titles(client.items(IDS, min_share=1)) == [f"Story {i}" for i in IDS]
        failed = sum(api.faults.kind(f"/v0/item/{i}.json", 0) is not None for i in IDS)
        assert failed > 2
        assert len(api.requests) == len(IDS) + failed

    def test_a_failed_list_is_retried(self, api, client, kind):
        api.faults = Faults(rate=1, kinds=(kind,), times=1, retry_after=0.01)
        assert client.story_ids("top") == IDS

    def test_what_stays_is_reported_with_address_cause_and_attempts(self, api, kind):
        api.faults = Faults(rate=1, kinds=(kind,), retry_after=0.01)
        client = Client(
            api.base_url, replace(QUICK, read_timeout=scaled(0.2 if kind == "stall" else 1))
        )
        with pytest.raises(Unavailable) as caught:
            client.story_ids("top")
        assert caught.match(r"can't read http://127.0.0.1:\d+/v0/topstories.json: ")
        assert caught.match(CAUSES[kind])
        assert caught.match(r"\(3 requests\); check the network and")
        assert len(api.requests) == 3


CAUSES = {
    "5xx": "the server answered 5",
    "401": "the server answered 401",
    "429": "the server answered 429",
    "reset": "Connection reset by peer",
    "stall": "Read timed out",
    "truncated": "IncompleteRead|bytes read",
    "html": "bytes of text/html.* that aren't JSON",
}


def test_an_item_that_stays_lost_says_why_and_the_others_are_had(api, client):
    api.front_page = FrontPage({**PAGE.items, 2: None, 3: {"id": 4, "title": "Four"}})
    api.faults = Faults(rate=1, kinds=("5xx",), only="item/7.json")
    found = titles(client.items(IDS, min_share=0.9))
    assert found[1:3] == [Lost("null"), Lost("not the item")]
    assert found[6] == Lost("unreachable")
    assert sum(isinstance(title, Lost) for title in found) == 3


@pytest.mark.parametrize(
    ("asked", "lost", "min_share", "enough"),
    [
        (40, 2, 0.95, True),
        (40, 3, 0.95, False),
        (40, 18, 0.55, True),
        (40, 19, 0.55, False),
        (10, 1, 0.95, True),  # one may always be lost
        (10, 2, 0.95, False),
        (10, 1, 1, False),
        (10, 10, 0, True),
    ],
)
def test_the_share_that_has_to_be_had_is_exact(api, client, asked, lost, min_share, enough):
    api.front_page = FrontPage({**PAGE.items, **dict.fromkeys(IDS[:lost])})
    if enough:
        assert titles(client.items(IDS[:asked], min_share=min_share)).count(Lost("null")) == lost
    else:
        with pytest.raises(
            TooManyLost, match=f"{lost} of {asked} items couldn't be read.*answered 'None'"
        ):
            client.items(IDS[:asked], min_share=min_share)


def test_it_gives_up_as_soon_as_too_many_are_lost(api):
    api.faults, api.latency = Faults(rate=1, kinds=("5xx",)), 0.05
    client = Client(api.base_url, Limits(concurrency=1, attempts=1))
    with pytest.raises(TooManyLost, match=r"3 of 40 items couldn't be read.*min_share = 0.95"):
        client.items(IDS)
    assert len(api.requests) <= 4  # the thread may have begun another


def test_a_share_of_one_half_survives_half_the_items(api, client):
    api.faults = Faults(rate=1, kinds=("5xx",), only=r"item/\d*[02468].json")
    assert titles(client.items(IDS, min_share=0.5)).count(Lost("unreachable")) == 20


def test_a_retry_after_holds_for_all_threads(api):
    """Of two threads, one is told to wait: the other asks for nothing in the meantime."""
    api.faults = Faults(rate=1, kinds=("429",), times=1, retry_after=1, only="item/1.json")
    api.latency = 0.02  # so that the first can say so before the other has asked for 20
    client = Client(api.base_url, Limits(concurrency=2, attempts=2, backoff=0))
    client.items(IDS)
    told_to_wait = api.requests.index("/v0/item/1.json")
    again = api.requests.index("/v0/item/1.json", told_to_wait + 1)
    assert again - told_to_wait < 20  # else the other thread would have asked for all 39


def test_a_retry_after_beyond_the_deadline_is_not_waited_for(api):
    api.faults = Faults(rate=1, kinds=("429",), retry_after=3600)
    with pytest.raises(Unavailable, match=r"429.*\(1 request\)"):
        Client(api.base_url, Limits(deadline=20)).story_ids("top")


def test_nor_do_the_other_threads_wait_for_it(api):
    api.faults = Faults(rate=1, kinds=("429",), retry_after=3600, only="item/7.json")
    found = Client(api.base_url, Limits(concurrency=2, deadline=20)).items(IDS)
    assert titles(found).index(Lost("unreachable")) == 6
    assert sum(isinstance(item, Lost) for item in found) == 1


def test_the_deadline_holds_against_a_server_that_never_ends(api):
    api.faults = Faults(rate=1, kinds=("stall",))
    client = Client(api.base_url, Limits(read_timeout=600, deadline=0.2))
    with pytest.raises(TooSlow, match=r"only 0 of 40 answers .* in 0.2 s; try again later"):
        client.items(IDS)


@pytest.mark.slow
def test_an_item_that_never_ends_costs_no_more_than_itself(api):
    api.faults = Faults(rate=1, kinds=("stall",), only="item/7.json")
    client = Client(api.base_url, Limits(read_timeout=600, deadline=scaled(1)))
    found = titles(client.items(IDS))
    assert found.index(Lost("too slow")) == 6
    assert sum(isinstance(title, Lost) for title in found) == 1


def test_a_refused_connection_is_said():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(Unavailable, match=f"127.0.0.1:{port}.*Connection refused"):
        Client(f"http://127.0.0.1:{port}/v0", QUICK).story_ids("top")


def test_a_name_that_does_not_resolve_is_said():
    with pytest.raises(Unavailable, match="Failed to resolve 'nowhere.invalid'"):
        Client("http://nowhere.invalid/v0", QUICK).story_ids("top")


@pytest.mark.parametrize("url", ["", "ftp://example.com/v0", "http://", "hacker-news"])
def test_an_address_that_is_none_is_said_at_once(url):
    with pytest.raises(Unavailable, match=r"correct \[hackernews\] base_url"):
        Client(url, QUICK).story_ids("top")


@contextmanager
def answering(body, *, status=200, headers=None, seen=None):
    """A server that gives every request the same answer, and adds its headers to ``seen``."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            if seen is not None:
                seen.append(self.headers)
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v0"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        (b'{"error": "Permission denied"}', "answered the error 'Permission denied'"),
        (b"null", "'None', which isn't a list of ids"),
        (b'["1"]', "isn't a list of ids"),
        (b"[true]", "isn't a list of ids"),
        (b"[-1]", "isn't a list of ids"),
        (b"[9223372036854775808]", "isn't a list of ids"),
        (b"[" * 100_000, "aren't JSON"),
        (b'{"x": NaN}', "isn't a list of ids"),
        (b"", "0 bytes of no type that aren't JSON"),
        (b"[" + b"1," * 3_000_000 + b"1]", "aren't JSON"),
    ],
)
def test_an_answer_that_is_no_data_is_never_taken_for_it(body, cause):
    with answering(body) as url, pytest.raises(Unavailable, match=cause):
        Client(url, QUICK).story_ids("top")


def test_a_redirect_is_not_followed():
    with (
        answering(b"", status=302, headers={"Location": "http://login.example/"}) as url,
        pytest.raises(Unavailable, match="302 Found to http://login.example/"),
    ):
        Client(url, QUICK).story_ids("top")


def test_a_wrong_path_fails_at_once_and_names_the_setting():
    with (
        answering(b"", status=404) as url,
        pytest.raises(Unavailable, match=r"404 Not Found; check \[hackernews\] base_url"),
    ):
        Client(url, QUICK).story_ids("top")


def test_a_compressed_answer_is_read():
    body = gzip.compress(json.dumps(IDS).encode())
    with answering(body, headers={"Content-Encoding": "gzip"}) as url:
        assert Client(url, QUICK).story_ids("top") == IDS


def test_a_password_in_the_address_is_sent_and_never_told():
    seen = []
    with answering(b"", status=403, seen=seen) as url, pytest.raises(Unavailable) as caught:
        Client(url.replace("//", "//me:secret@"), QUICK).story_ids("top")
    assert seen[0]["Authorization"] == "Basic bWU6c2VjcmV0"
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("secret", ["secret", "se@cret", "se/cret", "se:cret"])
def test_no_form_of_a_password_is_told(secret):
    client = Client(f"https://me:{secret}@api.example/v0", QUICK)
    assert client.list_url("top") == "https://api.example/v0/topstories.json"
    for address in (f"ftp://me:{secret}@h/v0", f"http://me:{secret}@h.invalid:no/v0"):
        with pytest.raises(Unavailable) as caught:
            Client(address, QUICK).story_ids("top")
        assert "cret" not in str(caught.value)


def test_an_empty_list_is_an_error_and_not_a_result(client, api):
    api.front_page = FrontPage({})
    with pytest.raises(NoStories, match=r"topstories.json is empty; try again later"):
        client.story_ids("top")


def test_a_proxy_that_is_gone_is_named(monkeypatch):
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    with pytest.raises(Unavailable, match="through the proxy: .*Connection refused"):
        Client("https://api.invalid/v0", QUICK).story_ids("top")


def test_a_proxy_s_password_is_not_told(monkeypatch):
    monkeypatch.setenv("http_proxy", "http://me:secret@:99999")
    monkeypatch.delenv("no_proxy", raising=False)
    with pytest.raises(Unavailable) as caught:
        Client("http://api.invalid/v0", QUICK).story_ids("top")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "value",
    ["Mon, 01 Jan 2026 00:00:00 +999999999999999999", "inf", "nan", "soon", "-5", "1" * 400],
)
def test_an_absurd_retry_after_costs_no_more_than_itself(value):
    with (
        answering(b"", status=429, headers={"Retry-After": value}) as url,
        pytest.raises(Unavailable, match="the server answered 429"),
    ):
        Client(url, QUICK).story_ids("top")


def test_a_missing_certificate_file_is_named_whole(monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/ca.pem")
    with pytest.raises(Unavailable, match="certificate.* path: /nowhere/ca.pem"):
        Client("https://127.0.0.1:9/v0", QUICK).story_ids("top")


def test_a_proxy_of_the_environment_is_used(api, monkeypatch):
    monkeypatch.setenv("http_proxy", api.base_url.removesuffix("/v0"))
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    with pytest.raises(Unavailable, match="404"):  # the replica is no proxy, but was asked
        Client("http://api.invalid/v0", QUICK).story_ids("top")


@pytest.mark.parametrize("entry", ["default", "machine 127.0.0.1"])
def test_no_password_of_netrc_is_sent(tmp_path, monkeypatch, entry):
    path = tmp_path / ".netrc"
    path.write_text(f"{entry} login me password secret\n")
    path.chmod(0o600)
    monkeypatch.setenv("NETRC", str(path))
    seen = []
    with answering(b"[1]", seen=seen) as url:
        assert Client(url, QUICK).story_ids("top") == [1]
    assert "Authorization" not in seen[0]
    assert "gzip" in seen[0]["Accept-Encoding"]


@pytest.mark.parametrize("name", ["ALL_PROXY", "https_proxy"])
@pytest.mark.parametrize("scheme", ["socks5", "SOCKS5h", "socks4"])
def test_a_socks_proxy_without_pysocks_says_what_to_install_at_once(monkeypatch, name, scheme):
    monkeypatch.setitem(sys.modules, "socks", None)  # as if it were not installed
    monkeypatch.setenv(name, f"{scheme}://me:secret@127.0.0.1:9")
    with pytest.raises(Unavailable, match=r'run pip install "requests\[socks\]"$') as caught:
        Client("https://api.invalid/v0", QUICK).story_ids("top")
    assert caught.value.final
    assert "secret" not in str(caught.value)


def test_a_socks_proxy_that_is_not_for_this_host_is_not_missed(api, monkeypatch):
    monkeypatch.setitem(sys.modules, "socks", None)
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert Client(api.base_url, QUICK).story_ids("top") == IDS


@pytest.mark.parametrize(
    ("status", "asked"),
    [
        *((status, 3) for status in (401, 408, 425, 429, 500, 502, 503, 504)),
        *((status, 3) for status in (509, 520, 522, 529, 530, 599, 600, 999)),
        *((status, 1) for status in (400, 403, 404, 410, 418, 420, 451, 499)),
        *((status, 1) for status in (501, 505, 511)),
    ],
)
def test_what_nobody_has_defined_counts_as_the_first_of_its_class(status, asked):
    seen = []
    with (
        answering(b"", status=status, headers={"Content-Length": "0"}, seen=seen) as url,
        pytest.raises(Unavailable, match=f"the server answered {status}") as caught,
    ):
        Client(url, QUICK).story_ids("top")
    assert (len(seen), caught.value.final) == (asked, asked == 1)
