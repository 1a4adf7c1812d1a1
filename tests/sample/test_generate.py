"""The page as a whole, and the command that writes it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import generate
import hn_luigi.replica
from hn_luigi.replica import FEEDS, FrontPage

BUNDLED = Path(hn_luigi.replica.__file__).with_name("front_page.json")


def test_it_is_the_page_that_comes_with_the_replica_byte_for_byte(sample: FrontPage) -> None:
    written = generate.to_json(sample, about=generate.ABOUT)
    assert written.encode() == BUNDLED.read_bytes()


def test_one_command_writes_it_from_any_folder(tmp_path: Path) -> None:
    command = [sys.executable, generate.__file__, "again.json"]
    subprocess.run(command, cwd=tmp_path, check=True)
    assert (tmp_path / "again.json").read_bytes() == BUNDLED.read_bytes()


@pytest.mark.parametrize("arguments", [[], ["--help"], ["one.json", "two.json"]])
def test_without_a_file_to_write_it_says_how_to_call_it(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["generate.py", *arguments])
    with pytest.raises(SystemExit, match=r"usage: .*scripts/sample/generate.py FILE"):
        generate.main()


def test_page_has_every_list_within_the_real_limits(sample: FrontPage) -> None:
    assert len(sample.lists["top"]) == len(set(sample.lists["top"])) == 500
    assert list(sample.lists) == list(FEEDS)
    for feed, most in FEEDS.items():
        assert 10 <= len(sample.lists[feed]) <= most
        assert set(sample.lists[feed]) <= sample.items.keys()
