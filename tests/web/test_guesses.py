"""Guesses at the token: braked for who guesses, and for nobody else."""

from __future__ import annotations

import pytest

from hn_luigi import peer
from hn_luigi.web import guesses
from hn_luigi.web.guesses import Guesses

from .client import send
from .test_guard import basic


class Seconds:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def seconds():
    return Seconds()


@pytest.fixture
def brake(seconds):
    return Guesses(seconds)


def test_slips_are_answered_at_once_and_more_later_and_later(brake):
    assert [brake.note("a") for _ in range(8)] == [0, 0, 0, 0.25, 0.5, 1, 2, 2]
    assert brake.note("b") == 0


def test_one_after_the_other_are_never_too_many(brake, seconds):
    for _ in range(1000):
        assert not brake.are_too_many("a")
        seconds.now += brake.note("a")


def test_at_once_they_are_until_a_minute_later(brake, seconds):
    for _ in range(guesses.MOST):
        assert not brake.are_too_many("a")
        brake.note("a")
    assert brake.are_too_many("a")
    assert not brake.are_too_many("b")
    seconds.now += guesses.SECONDS
    assert not brake.are_too_many("a")
    assert brake.note("a") == 0


def test_of_however_many_clients_only_so_many_are_kept(brake, monkeypatch):
    monkeypatch.setattr(guesses, "_CLIENTS", 3)
    for number in range(10):
        brake.note(f"client {number}")
    assert len(brake._at) == 3


class TestTheServer:
    @pytest.fixture
    def server(self, serve, monkeypatch):
        monkeypatch.setattr(peer, "ways", lambda: ())
        monkeypatch.setattr(guesses, "MOST", 2)
        return serve()

    def test_looks_at_no_more_guesses_of_a_client(self, server):
        for given in ("one", "two"):
            assert server.ask("GET", "/assets", basic(given)).status == 401
        for given in ("three", server.secret):
            answer = server.ask("GET", "/assets", basic(given))
            assert (answer.status, answer.headers["Retry-After"]) == (429, "60")
            assert server.get(f"/assets?token={given}").status == 429

    @pytest.mark.parametrize("site", ["cross-site", "same-site"])
    @pytest.mark.parametrize("kind", ["image", "iframe", "empty"])
    def test_counts_none_of_a_page_elsewhere(self, server, site, kind):
        """Or any page that is open in a browser would lock this machine's workers out."""
        fetched = {"Sec-Fetch-Site": site, "Sec-Fetch-Dest": kind}
        for given in ("one", "two", "three"):
            assert server.ask("GET", f"/assets?token={given}", fetched).status == 403
            assert server.ask("GET", "/assets", fetched | basic(given)).status == 403
        assert server.ask("GET", "/assets", basic(server.secret)).status == 200

    def test_takes_all_addresses_of_the_loopback_for_one_client(self, server):
        for number in (1, 2):
            head = server.head("GET", "/assets", basic("a wrong one"))
            assert send(server.port, head, source=f"127.1.1.{number}").status == 401
        assert send(server.port, head, source="127.1.1.3").status == 429

    def test_goes_on_with_who_is_in(self, server):
        cookie = server.get(f"/assets?token={server.secret}").cookie
        for given in ("one", "two", "three"):
            server.ask("GET", "/assets", basic(given))
        assert server.get("/assets", Cookie=cookie).status == 200

    def test_counts_no_one_who_gives_nothing(self, server):
        for _ in range(5):
            assert server.get("/assets").status == 401
        assert server.ask("GET", "/assets", basic(server.secret)).status == 200
