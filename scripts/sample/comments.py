"""Invented comments below an item, with the fields that the real API gives them.

Their text is HTML, escaped as theirs is (HackerNews/API, README, "Items"); one that its author
took back keeps its place, without a name and a text.
"""

from __future__ import annotations

from random import Random
from typing import Any

from draws import any_of
from items import posted, user

__all__ = ["comments_below"]

REPLIES = (4, 8, 9)
"""Ids of replies, counted from the story's: its kids have 1 to 3, and a poll's parts 5 to 7."""

DELETED = 0.03
"""Share of the replies that were taken back; it comes to one on the whole page."""

TEXTS = (
    "I&#x27;ve run this at home for a year, and it hasn&#x27;t failed once.",
    "This is the part that nobody writes about.<p>Thank you for doing it.",
    "&gt; which nobody asked for<p>I did, in fact.",
    "What happens if <i>both</i> ends are closed at once?",
    "It&#x27;s simpler than it looks: measure, cut, measure again.",
    "The title says &quot;fast&quot;. Faster than what?",
    'There is a longer text on it: <a href="https:&#x2F;&#x2F;www.example.com&#x2F;longer" '
    'rel="nofollow">https:&#x2F;&#x2F;www.example.com&#x2F;longer</a>',
    "We tried that and went back.<p><pre><code>  cost(after) &gt; cost(before)\n</code></pre>",
    "My grandmother would have used string.",
    "Does it work without a network &amp; without a battery?",
    "Author here, happy to answer questions.",
    "I was wrong about this for ten years.",
)


def comments_below(item: dict[str, Any]) -> list[dict[str, Any]]:
    """The comments that ``item`` names as its kids, and replies to the first of them.

    Only an item with more than one kid is talked about so much that there are replies, and there
    are never more comments than the item counts.
    """
    kids: list[int] = item.get("kids", [])
    chance = Random(item["id"])
    comments = {kid: _comment(chance, kid, item["id"]) for kid in kids}
    replies = REPLIES[: item["descendants"] - len(kids)] if len(kids) > 1 else ()
    for place, number in enumerate(replies):
        above, id_ = comments[kids[place // 2]], item["id"] + number
        above.setdefault("kids", []).append(id_)
        comments[id_] = _comment(chance, id_, above["id"])
        if chance.random() < DELETED:
            del comments[id_]["by"], comments[id_]["text"]
            comments[id_]["deleted"] = True
    return [dict(sorted(comment.items())) for comment in comments.values()]


def _comment(chance: Random, id_: int, parent: int) -> dict[str, Any]:
    text, by = any_of(chance, TEXTS), user(chance)
    return {
        "by": by,
        "id": id_,
        "parent": parent,
        "text": text,
        "time": posted(id_),
        "type": "comment",
    }
