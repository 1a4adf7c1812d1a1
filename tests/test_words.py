"""Commands, pages, alerts and the watch list are about any graph, and say nothing of ours."""

from __future__ import annotations

import ast
import re

import pytest

from .processes import REPOSITORY

# A site's feed.xml is another thing, which is called so everywhere.
OURS = re.compile(r"(?<!hi)stor(?:y|ies)|\bwords?\b|\bfeeds?\b(?!\.xml)", re.IGNORECASE)
ROOMS = ("alerts", "cli", "display", "publishing", "watchlist", "web")


def said_in(source):
    """The texts in a module that somebody may read: help, messages, names of what is asked for."""
    nodes = list(ast.walk(ast.parse(source)))
    helps = {id(node.body[0]) for node in nodes if is_command(node)}
    alone = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}  # documentation
    alone -= {id(node.value) for node in nodes if id(node) in helps}
    texts = [node for node in nodes if isinstance(node, ast.Constant) and id(node) not in alone]
    return [node.value for node in texts if isinstance(node.value, str)]


def is_command(node):
    return any("command" in ast.unparse(each) for each in getattr(node, "decorator_list", []))


@pytest.mark.parametrize("room", ROOMS)
def test_no_message_or_template_says_a_word_of_our_graph(room):
    folder = REPOSITORY / "hn_luigi" / room
    texts = [
        (path.name, text) for path in folder.rglob("*.py") for text in said_in(path.read_text())
    ]
    texts += [(path.name, path.read_text()) for path in folder.rglob("*.html")]
    assert len(texts) > 5
    assert sorted({(name, OURS.search(text)[0]) for name, text in texts if OURS.search(text)}) == []


def test_what_says_one_would_be_found():
    source = '''
    """A story."""
    @click.command(cls=Command)
    def tell(feed):
        """Tell of a feed."""
        say(f"{len(feed)} Stories")
    def helper():
        """A word."""
        return getattr(asset, "feed"), "history of a password"
    LIMIT = 3
    """How many words."""
    '''
    said = said_in(re.sub("^    ", "", source, flags=re.MULTILINE))
    assert [OURS.search(text)[0] for text in said if OURS.search(text)] == [
        "feed",
        "Stories",
        "feed",
    ]
