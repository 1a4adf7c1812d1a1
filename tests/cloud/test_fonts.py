"""Which font draws a word, tried with small fonts made here."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from fontTools.fontBuilder import FontBuilder  # type: ignore[import-untyped]
from fontTools.pens.ttGlyphPen import TTGlyphPen  # type: ignore[import-untyped]

from hn_luigi.cloud import fonts
from hn_luigi.cloud.fonts import NO_FONT, NO_SHAPING, choose

INVENTED = "\ue000\ue001"
"""A word in a script of private-use characters, which no font on any machine should have."""


def make_font(path: Path, characters: str) -> Path:
    """Write a real font whose every letter is a filled square."""
    square = TTGlyphPen(None)
    square.moveTo((50, 0))
    square.lineTo((50, 700))
    square.lineTo((750, 700))
    square.lineTo((750, 0))
    square.closePath()
    names = {ord(char): f"letter{ord(char):x}" for char in characters}
    order = [".notdef", *names.values()]
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(order)
    builder.setupCharacterMap(names)
    builder.setupGlyf({name: square.glyph() for name in order})
    builder.setupHorizontalMetrics(dict.fromkeys(order, (800, 50)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": path.stem, "styleName": "Regular"})
    builder.setupOS2(sTypoAscender=800, usWinAscent=800, usWinDescent=200)
    builder.setupPost()
    path.parent.mkdir(parents=True, exist_ok=True)
    builder.save(path)
    return path


def test_the_first_font_is_the_one_matplotlib_brings(tmp_path: Path) -> None:
    make_font(tmp_path / "NotoSans-Bold.ttf", "cloud")

    path = choose(["cloud"], folders=[tmp_path]).faces["cloud"].path

    assert path.endswith("DejaVuSans-Bold.ttf")
    assert "mpl-data" in path


def test_the_machines_fonts_are_not_looked_for_unless_needed() -> None:
    code = (
        "import sys; from hn_luigi.cloud.fonts import choose\n"
        "choose(['cloud', 'שלום'])\n"
        "print('matplotlib.font_manager' in sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONUTF8": "1"}

    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "False"


def test_a_word_beyond_the_first_font_gets_a_font_that_has_all_of_it(tmp_path: Path) -> None:
    make_font(tmp_path / "a.ttf", INVENTED[0])
    whole = make_font(tmp_path / "deeper" / "b.ttf", INVENTED)

    choice = choose([INVENTED, "cloud"], folders=[tmp_path])

    assert choice.faces[INVENTED].path == str(whole)
    assert choice.reasons == {}


def test_bold_sans_serif_comes_first_whatever_the_folder_lists_first(tmp_path: Path) -> None:
    for name in ("ASerif-Bold.ttf", "Sans-Italic.ttf", "Sans-Regular.ttf", "Sans-Bold.ttf"):
        make_font(tmp_path / name, INVENTED)

    path = choose([INVENTED], folders=[tmp_path]).faces[INVENTED].path

    assert Path(path).name == "Sans-Bold.ttf"


def test_a_word_no_font_has_is_named_with_the_reason() -> None:
    choice = choose(["cloud", INVENTED])

    assert set(choice.faces) == {"cloud"}
    assert choice.reasons == {INVENTED: NO_FONT}


def test_broken_and_placeholder_fonts_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a.ttf").write_bytes(b"")
    (tmp_path / "b.otf").write_bytes(b"\x00\x01\x00\x00 no font at all")
    whole = make_font(tmp_path / "z.ttf", INVENTED)
    (tmp_path / "c.ttf").write_bytes(whole.read_bytes()[:300])
    make_font(tmp_path / "LastResort.ttf", INVENTED)

    assert choose([INVENTED], folders=[tmp_path]).faces[INVENTED].path == str(whole)


def test_a_joiner_needs_no_glyph(tmp_path: Path) -> None:
    make_font(tmp_path / "a.ttf", INVENTED)
    word = "\u200d".join(INVENTED)

    assert word in choose([word], folders=[tmp_path]).faces


@pytest.mark.parametrize("word", ["שלום", "سلام", "हिन्दी", "x\u0303"])
def test_joined_and_right_to_left_words_need_shaping(word: str) -> None:
    assert fonts.needs_shaping(word)


@pytest.mark.parametrize("word", ["cloud", "Ångström", "Привет", "漢字", "C++"])
def test_other_words_do_not(word: str) -> None:
    assert not fonts.needs_shaping(word)


def test_without_a_shaping_engine_such_words_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "_can_shape", lambda: False)

    choice = choose(["שלום", "cloud"])

    assert choice.reasons == {"שלום": NO_SHAPING}
    assert set(choice.faces) == {"cloud"}


def test_every_word_has_either_a_face_or_a_reason() -> None:
    words = ["", " ", "\n", "cloud", INVENTED, "שלום"]

    choice = choose(words)

    assert set(choice.faces) | set(choice.reasons) == set(words)
    assert not set(choice.faces) & set(choice.reasons)
