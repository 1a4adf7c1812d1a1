"""What a browser's reader takes from a page of the pages."""

from __future__ import annotations

KINDS = {"story_ids": ".json", "stories": ".parquet", "wordcloud": ".md"}
NAMES = {"story_ids": "StoryIds", "stories": "Stories", "wordcloud": "Wordcloud"}
AREA = ("x", "y", "width", "height")


def areas_of(page):
    """The words that can be clicked in the picture, with left, top, width and height."""
    found = page.one("figure", class_="cloud").all("a")
    return {a["aria-label"]: [int(a.one("rect")[n]) for n in AREA] for a in found}


def titles(page):
    return [row.all("td")[1].text for row in page.one("tbody").all("tr")]
