"""The line that a reader is to see of strangers' text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hn_luigi.strangers import plain


@given(st.text())
def test_plain_text_is_one_tidy_line_and_stays_as_it_is(text: str) -> None:
    once = plain(text)

    assert "\n" not in once
    assert once == once.strip()
    assert plain(once) == once


def test_direction_controls_go_and_right_to_left_text_is_isolated() -> None:
    assert plain("a\u202eb\u2067c") == "abc"
    assert plain("ש 5") == "\u2068ש 5\u2069"
