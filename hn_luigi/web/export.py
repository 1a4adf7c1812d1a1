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
from hn_luigi.web import render

_HERE = Path(__file__).parent


def published(task: Asset) -> str:
    """The page of the window of ``task``; each word of its cloud leads to the stories behind it.

    Raises:
        InputMissing: the page or its stories are not stored.
        FormatError: the stories are damaged.
    """
    page, words = task.partition.read(), render.words_behind(task, task.partition.window)
    if page is None or words is None:
        raise InputMissing(
            f"{task} is not stored with its stories and its record: make it, with luigi --module "
            "hn_luigi Wordcloud, or name another window"
        )
    picture = base64.b64encode(render.picture_of(page) or b"").decode()
    places = {word: f"#word-{n}" for n, word in enumerate(words.areas or words.rows)}
    html = (
        Loader(os.fspath(_HERE / "templates"))
        .load("export.html")
        .generate(
            areas=words.areas,
            isolated=plain,
            page=render.to_html(page, lambda word: places.get(word, "#words")),
            picture=f"data:image/png;base64,{picture}",
            of_word=places.__getitem__,
            places=places,
            rows=words.rows,
            size=render.size_of(page),
            stories_of=lambda word: render.stories_of(words.stories, words.rows[word]),
            style=(_HERE / "static/assets.css").read_text(),
            formatting=formatting,
        )
    )
    return html.decode()
