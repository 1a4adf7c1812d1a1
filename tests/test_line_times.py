"""The time before each line, however a line comes."""

from __future__ import annotations

from datetime import datetime

import pytest

from hn_luigi.line_times import WIDTH, LineTimes

AT, LATER = datetime(2026, 11, 22, 12, 34, 56), datetime(2026, 11, 22, 12, 35)


@pytest.mark.parametrize(
    "pieces, stamped",
    [
        ([b"one\n", b"two\n"], b"12:34:56 one\n12:35:00 two\n"),
        ([b"on", b"e\ntwo\n"], b"12:34:56 one\n12:35:00 two\n"),
        ([b"one\n\n", b"\n"], b"12:34:56 one\n12:34:56 \n12:35:00 \n"),
        ([b"\xff\x00", b""], b"12:34:56 \xff\x00"),
        ([b"", b"one"], b"12:35:00 one"),
    ],
)
def test_is_that_of_its_begin(pieces, stamped):
    stamp = LineTimes()
    assert stamp(pieces[0], AT) + stamp(pieces[1], LATER) == stamped


def test_has_one_width():
    assert LineTimes()(b"x", AT)[WIDTH:] == b"x"
