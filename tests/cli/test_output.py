"""How a stranger's text, long lines and JSON get out."""

from __future__ import annotations

import json
import sys
from io import BytesIO, TextIOWrapper

import pytest

from hn_luigi.cli.output import complain, say, show, show_json, styled
from hn_luigi.formatting import plain


def test_a_stranger_s_text_is_one_harmless_line():
    assert plain("a\n\tb \x1b[2J\u202e\ud800 [red]x[/red] é") == (
        "a b \\x1b[2J\\u202e\\ud800 [red]x[/red] é"
    )


@pytest.mark.parametrize("width", [40, 80, 200])
def test_on_a_terminal_long_lines_are_folded_and_nothing_is_cut_off(width, capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", str(width))
    show(styled("FAIL", " " + "x" * 300))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("\x1b[1;31mFAIL\x1b[0m")
    assert "".join(lines).count("x") == 300
    assert all(line.count("x") <= width for line in lines)


def test_in_a_pipe_a_line_stays_a_line_without_colour(capsys):
    show(styled("FAIL", " [red]" + "x " * 300))
    assert capsys.readouterr().out == "FAIL [red]" + ("x " * 300).rstrip() + "\n"


def test_json_is_ascii(capsys):
    show_json([{"a": None, "b": (1.5, "\x1bé")}])
    out = capsys.readouterr().out
    assert out.isascii()
    assert json.loads(out) == [{"a": None, "b": [1.5, "\x1bé"]}]


def test_one_text_is_2_000_characters_at_most():
    assert plain("x" * 2_000) == "x" * 2_000
    assert plain("x" * 2_001) == "x" * 1_999 + "…"


def test_where_the_encoding_is_ascii_text_is_escaped(monkeypatch):
    for name, write in (("stdout", show), ("stdout", say), ("stderr", complain)):
        stream = TextIOWrapper(BytesIO(), encoding="ascii")
        monkeypatch.setattr(sys, name, stream)
        write(plain("é" + "x" * 3_000))
        assert stream.buffer.getvalue() == b"\\xe9" + b"x" * 1_998 + b"\\u2026\n"
        assert plain("é") == "é"  # as a page or a mail has it


def test_colour_is_for_a_terminal_alone(capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    show(styled("PASS"))
    assert capsys.readouterr().out == "\x1b[32mPASS\x1b[0m\n"
    monkeypatch.delenv("FORCE_COLOR")
    show(styled("PASS"))
    assert capsys.readouterr().out == "PASS\n"
