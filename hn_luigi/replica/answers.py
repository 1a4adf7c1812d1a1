"""What the API says to a path, as bytes made beforehand.

The replica stands in for a fast service in benchmarks, so a request must cost it a lookup.
The odd answers are the real ones: an unknown item is ``null`` with status 200, and Firebase
calls every path that it does not want to know "Permission denied".
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from hn_luigi.replica.front_page import FrontPage

__all__ = ["DENIED", "LOGIN_PAGE", "Answer", "answer_to", "known_answers"]

JSON = "application/json; charset=utf-8"


@dataclass(frozen=True)
class Answer:
    """One HTTP answer without its misfortunes."""

    body: bytes
    status: int = 200
    content_type: str = JSON


NULL = Answer(b"null")
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
    newest = sorted((item for item in items.values() if item), key=_id, reverse=True)[:20]
    documents: dict[str, object] = {
        "maxitem": max(items, default=0),
        "updates": {
            "items": [_id(item) for item in newest],
            "profiles": sorted({by for item in newest if isinstance(by := item.get("by"), str)}),
        },
    }
    documents |= {f"{feed}stories": ids for feed, ids in front_page.lists.items()}
    documents |= {f"item/{id_}": item for id_, item in items.items()}
    return {f"/v0/{name}.json": Answer(_json(document)) for name, document in documents.items()}


def answer_to(path: str, known: Mapping[str, Answer]) -> Answer:
    """The answer to any path at all.

    Args:
        path: the request's path, without its query.
        known: what ``known_answers`` made of the front page being served.
    """
    answer = known.get(path)
    if answer is not None:
        return answer
    if re.fullmatch(r"/v0/item/\d+\.json", path):
        return NULL
    return DENIED if re.fullmatch(r"/v0/.*\.json", path) else NOT_FOUND


def _id(item: dict[str, object]) -> int:
    id_ = item.get("id", 0)
    return id_ if isinstance(id_, int) else 0


def _json(document: object) -> bytes:
    # "replace": a snapshot may hold half of a surrogate pair, which UTF-8 cannot say.
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")
