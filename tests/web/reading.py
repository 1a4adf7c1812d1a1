"""What a browser's reader takes from a page of the pages."""

from __future__ import annotations

KINDS = {"top/story_ids": ".json", "top/stories": ".parquet", "top/wordcloud": ".md"}
AREA = ("x", "y", "width", "height")


def areas_of(page):
    """The words that can be clicked in the picture, with left, top, width and height."""
    found = page.one("figure", class_="picture").all("a")
    return {a["aria-label"]: [int(a.one("rect")[n]) for n in AREA] for a in found}


def titles(page):
    """What a page of stories, or of those behind a word, has as their titles."""
    if listed := page.one("div", class_="page").all("li"):
        return [item.all("a")[0].text for item in listed]
    return cells(page, "title")


def cells(page, column):
    """What is in a column of the table of an output."""
    table = page.one("section", aria_label="Output").one("table")
    place = [th.one("bdi").text for th in table.all("th")].index(column)
    return [row.all("td")[place].text for row in table.one("tbody").all("tr")]
