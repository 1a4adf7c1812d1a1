"""A small page, and a client of its replica."""

from __future__ import annotations

import requests

from hn_luigi.replica import FrontPage, Replica

from ..limits import patience

PAGE = FrontPage(
    items={
        1: {"id": 1, "type": "story", "title": "One &amp; only", "by": "moss_fen12", "score": 3},
        2: {"id": 2, "type": "story", "title": "Ask HN: 二?", "by": "lark_rook34", "score": 8},
        3: None,
        4: {"id": 4, "type": "job", "title": "Four is hiring", "by": "lark_rook34"},
    }
)


def get(replica: Replica, path: str, *, timeout: float | None = None) -> requests.Response:
    return requests.get(f"{replica.base_url}/{path}", timeout=timeout or patience())


def outcome(replica: Replica, path: str) -> str:
    """What a client sees of one request, in a word."""
    try:
        return str(get(replica, path).status_code)
    except requests.RequestException as error:
        return type(error).__name__
