"""Headlines in; weighted words, a picture of them and a Markdown page out.

Three steps, each a pure function: `count_words` says what the headlines are about, `draw` makes
a word cloud of that, `render` writes the page. The same input gives the same bytes. Headlines
are strangers' text, and come out as text wherever they go.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hn_luigi.cloud.errors import CloudError
    from hn_luigi.cloud.markdown import escape
    from hn_luigi.cloud.markdown_page import Headline, render
    from hn_luigi.cloud.picture import Picture, draw
    from hn_luigi.cloud.weights import WEIGHTS, weigh
    from hn_luigi.cloud.words import Vocabulary, count_words, find_words, vocabulary_of

__all__ = [
    "WEIGHTS",
    "CloudError",
    "Headline",
    "Picture",
    "Vocabulary",
    "count_words",
    "draw",
    "escape",
    "find_words",
    "render",
    "vocabulary_of",
    "weigh",
]

_MODULES = {
    "WEIGHTS": "weights",
    "CloudError": "errors",
    "Headline": "markdown_page",
    "Picture": "picture",
    "Vocabulary": "words",
    "count_words": "words",
    "draw": "picture",
    "escape": "markdown",
    "find_words": "words",
    "render": "markdown_page",
    "vocabulary_of": "words",
    "weigh": "weights",
}


# With the names imported at once, a run with nothing to do takes 10 ms more of 280 (Python 3.11).
def __getattr__(name: str) -> object:
    """Import a part when it is first asked for: most runs find nothing to do, and need none."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
