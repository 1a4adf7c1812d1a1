"""The page of a window as one file of HTML that needs nothing else, for publishing."""

from __future__ import annotations

import base64
import os
from pathlib import Path

from tornado.template import Loader

from hn_luigi import formatting
from hn_luigi.assets import Asset
from hn_luigi.assets.operations import InputMissing
from hn_luigi.strangers import plain
from hn_luigi.web import markdown_html
from hn_luigi.web.render import words_behind
from hn_luigi.web.story_table import stories_of

_HERE = Path(__file__).parent


def export_html(task: Asset) -> str:
    """The page of the window of ``task``; each word of its cloud leads to the stories behind it.

    Raises:
        InputMissing: the page or its stories are not stored.
        FormatError: the stories are damaged.
    """
    page, words = task.partition.read(), words_behind(task, task.partition.window)
    if page is None or words is None:
        raise InputMissing(
            f"{task} is not stored with its stories and its record: run luigi --module "
            "hn_luigi Wordcloud to make it, or name another window"
        )
    picture = base64.b64encode(markdown_html.picture_of(page) or b"").decode()
    anchors = {word: f"#word-{n}" for n, word in enumerate(words.areas or words.rows)}
    html = (
        Loader(os.fspath(_HERE / "templates"))
        .load("export.html")
        .generate(
            anchors=anchors,
            areas=words.areas,
            formatting=formatting,
            isolated=plain,
            page=markdown_html.to_html(page, lambda word: anchors.get(word, "#words")),
            picture=f"data:image/png;base64,{picture}",
            rows=words.rows,
            size=markdown_html.size_of(page),
            stories_of=lambda word: stories_of(words.stories, words.rows[word]),
            style=(_HERE / "static/assets.css").read_text(),
            word_url=anchors.__getitem__,
        )
    )
    return html.decode()
