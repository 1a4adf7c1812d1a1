"""What of Luigi keeps a worker from having a token; how ours give it is tested with the guard."""

from __future__ import annotations

from inspect import signature

import pytest
import requests
from luigi.rpc import RemoteScheduler, RequestsFetcher


def test_luigi_s_scheduler_is_told_its_address_alone():
    """If it fails, there may be a place for the token, and the fetcher needn't be amended."""
    assert list(signature(RemoteScheduler).parameters) == ["url", "connect_timeout"]
    assert isinstance(RemoteScheduler("http://127.0.0.1:1")._fetcher, RequestsFetcher)


def test_luigi_forgets_a_session_with_all_that_it_was_told_after_a_fork():
    """If it fails, a token that was given once holds in forked workers, too."""
    fetcher = RequestsFetcher()
    fetcher.session.auth = ("hn_luigi", "token")
    fetcher.process_id -= 1  # as in a process that was forked from that one
    fetcher.check_pid()
    assert fetcher.session.auth is None


def test_luigi_asks_again_where_it_is_refused(settings):
    """If it fails, Luigi tells a refusal from a scheduler that is away."""
    settings("core", rpc_retry_wait=0)
    refused = requests.Response()
    refused.status_code, asked = 401, []

    def ask():
        asked.append(None)
        refused.raise_for_status()

    with pytest.raises(requests.HTTPError):
        RemoteScheduler._get_retryer.__wrapped__(RemoteScheduler("http://scheduler:8082"))(ask)
    assert len(asked) == 3
