"""What the API says to a path, as bytes made beforehand.

The replica stands in for a fast service in benchmarks, so a request must cost it a lookup; only
one with a query is worked out when it comes. The odd answers are the real ones: an unknown item
or user is ``null`` with status 200, and Firebase calls every path that it does not want to know
"Permission denied".
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote

from hn_luigi.replica.front_page import FrontPage
from hn_luigi.replica.query import QueryError, pretty, select
from hn_luigi.replica.users import users_of

__all__ = ["DENIED", "LOGIN_PAGE", "PREFLIGHT", "Answer", "answer_to", "known_answers"]

JSON = "application/json; charset=utf-8"
UPDATED = 20
"""Items that ``updates`` names: a few dozen on the real API, whose own example has 29
(HackerNews/API, README, "Changed Items and Profiles")."""


@dataclass(frozen=True)
class Answer:
    """One HTTP answer without its misfortunes."""

    body: bytes
    status: int = 200
    content_type: str = JSON


NULL = Answer(b"null")
SILENCE = Answer(b"", status=204)
PREFLIGHT = Answer(b"")
"""What a browser asks before a request that pages of other sites may not make unasked."""
DENIED = Answer(b'{"error" : "Permission denied"}', status=401)
NOT_FOUND = Answer(b"404: not part of the API\n", status=404, content_type="text/plain")
LOGIN_PAGE = Answer(
    b"<!DOCTYPE html><html><head><title>Sign in</title></head>"
    b"<body><form>This network asks you to sign in first.</form></body></html>",
    content_type="text/html; charset=utf-8",
)


def known_answers(front_page: FrontPage) -> Mapping[str, Answer]:
    """The answer to each path that the front page knows."""
    items = front_page.items
    newest = sorted((item for item in items.values() if item), key=_id, reverse=True)[:UPDATED]
    documents: dict[str, object] = {
        "maxitem": max(items, default=0),
        "updates": {
            "items": [_id(item) for item in newest],
            "profiles": sorted({by for item in newest if isinstance(by := item.get("by"), str)}),
        },
    }
    documents |= {f"{feed}stories": ids for feed, ids in front_page.lists.items()}
    documents |= {f"item/{id_}": item for id_, item in items.items()}
    documents |= {f"user/{name}": user for name, user in users_of(items).items()}
    return {f"/v0/{name}.json": Answer(_json(document)) for name, document in documents.items()}


def answer_to(path: str, query: str, known: Mapping[str, Answer]) -> Answer:
    """The answer to any path at all.

    Args:
        path: the request's path, without its query.
        query: what stands behind its question mark.
        known: what ``known_answers`` made of the front page being served.
    """
    path = unquote(path)
    answer = known.get(path)
    if answer is None and re.fullmatch(r"/v0/(item/\d+|user/[^/]+)\.json", path):
        answer = NULL
    if answer is None:
        return DENIED if re.fullmatch(r"/v0/.*\.json", path) else NOT_FOUND
    return _queried(answer, path.removesuffix(".json"), query) if query else answer


def _queried(answer: Answer, path: str, query: str) -> Answer:
    asked = dict(parse_qsl(query, keep_blank_values=True))
    try:
        document = select(json.loads(answer.body), path, asked)
    except QueryError as error:
        return Answer(b'{"error" : ' + json.dumps(str(error)).encode() + b"}", status=400)
    if asked.get("print") == "silent":
        return SILENCE
    return Answer(_bytes(pretty(document)) if asked.get("print") == "pretty" else _json(document))


def _id(item: dict[str, object]) -> int:
    id_ = item.get("id", 0)
    return id_ if isinstance(id_, int) else 0


def _json(document: object) -> bytes:
    return _bytes(json.dumps(document, ensure_ascii=False, separators=(",", ":"), sort_keys=True))


def _bytes(text: str) -> bytes:
    # "replace": a snapshot may hold half of a surrogate pair, which UTF-8 cannot say.
    return text.encode("utf-8", "replace")
