"""A JSON document that tells its version."""

from __future__ import annotations

import json

import pytest

from hn_luigi.assets.catalog import document


@pytest.mark.parametrize("text", ["München", "a\udc80b", "\ud83d", "\U0001f600", 'q"\\udc80'])
def test_it_comes_back_as_it_was_written(text):
    """Also the name of a file that isn't UTF-8, which an error's text may hold."""
    content = {"text": text, "version": 2}
    assert document.read(document.write(content), newest=3) == content


def test_a_later_one_is_not_guessed_at_but_says_who_wrote_it():
    with pytest.raises(document.LaterVersion) as caught:
        document.read(b'{"layout": 3, "hn_luigi": "9.0"}', newest=2, version="layout")
    assert caught.value.version == 3
    assert caught.value.content["hn_luigi"] == "9.0"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"\xff",
        b"null",
        b"3",
        b'"version"',
        b'[["version", 1]]',
        b"[" * 100_000,
        b"{}",
        b'{"version": 1, "size": NaN}',
        *(json.dumps({"version": v}).encode() for v in ("1", True, 1.0, 0, -1, None, [1])),
    ],
)
def test_what_is_no_such_document_says_why(data):
    with pytest.raises(document.Damaged, match=r"Error: ") as caught:
        document.read(data, newest=1)
    assert not isinstance(caught.value, document.LaterVersion)
