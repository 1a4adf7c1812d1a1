"""Strangers' text and addresses in Markdown: text stays text, and only the web is linked to.

The rules are CommonMark's with GitHub's extensions: tables, strikethrough, bare addresses that
turn into links, `$formulas$`, `:emoji:` and @mentions. Where a character cannot start anything
it is left as it is, so that an ordinary headline reads well in the source too.
"""

from __future__ import annotations

import re

from hn_luigi.strangers import plain, web_address

_SPECIAL = re.compile(
    r"""
    [\\`*_\[\]#|~$@{}&<>]
    | :(?=\S)(?!(?<=\d:)\d\d(?![\d:]))    # :emoji: and http://, but not "Title: more" and 12:30
    | /(?=/)                    # //example.org
    | (?<=\S)\.(?=[^\W\d_])     # example.org, but not a full stop
    | (?<=\{)%                  # {% the templates of static site generators %}
    | ^[-+=:]                   # lists, underlines of headings
    """,
    re.VERBOSE,
)
# A backslash would do for CommonMark. But marked, which JupyterLab uses, takes it from brackets in
# the text of a link before it reads that text again (`outputLinkReplace` in 16.4.2 and 18), so
# that they would be live; and JupyterLab looks for `\\(` before and for `@@0@@` after Markdown is
# read, to hide formulas from it (`removeMath` and `replaceMath` in rendermime 4), and would lose
# what stands up to the next `\\)`, or fail.
_ENTITIES = {
    **{"&": "&amp;", "<": "&lt;", ">": "&gt;"},
    **{"[": "&#91;", "]": "&#93;", "\\": "&#92;", "@": "&#64;"},
}

_LIST_NUMBER = re.compile(r"^([0-9]{1,9})([.)])(?=\s|$)")


def escape(text: str) -> str:
    """Write `text` in Markdown such that it is read as `plain(text)`, whatever it holds.

    It is safe in a paragraph, a heading, a table cell, a link's text and an image's description.
    """
    escaped = _SPECIAL.sub(
        lambda found: _ENTITIES.get(found.group(), "\\" + found.group()), plain(text)
    )
    return _LIST_NUMBER.sub(r"\1\\\2", escaped)


def address(url: str | None) -> str | None:
    """Write a web address as the destination of a Markdown link; None where it isn't one.

    Whatever could end the destination, the link or a table cell is percent-encoded.
    """
    found = web_address(url)
    if found is None:
        return None
    found = found.replace("@@", "%40%40")  # JupyterLab's, as above
    # A formula's sign and what reads as an entity are undone by the Markdown parser. marked 16
    # leaves the rest to the browser, to which `&copy` is one unless a letter or `=` follows.
    return re.sub(r"&(?=#?\w+(?:;|(?![\w=])))", "&amp;", found.replace("$", "\\$"))
