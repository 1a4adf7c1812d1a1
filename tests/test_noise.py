"""What of new headlines may be noise is listed by ``scripts/noise.py``, the likeliest first."""

from __future__ import annotations

import csv
import itertools
import subprocess
import sys

import pytest

from .processes import REPOSITORY

SUBJECTS = ["Zorblax", "Quanta", "Wibble", "Trellis", "Okapi", "Vellum"]
OBJECTS = ["databases", "compilers", "satellites", "bicycles"]
VERBS = ["says it reveals", "announces it makes", "Blorgs", "fnords", "claims it needs", "wants"]
TITLES = [
    f"{subject} {verb} the {thing} that everybody used"
    for subject, verb, thing in itertools.product(SUBJECTS, VERBS, OBJECTS)
]


@pytest.fixture
def listed(tmp_path):
    def listed(text, *options):
        (file := tmp_path / "headlines").write_text(text)
        words = [sys.executable, REPOSITORY / "scripts/noise.py", file, *options]
        done = subprocess.run(words, capture_output=True, text=True, check=True)
        return [line.split(maxsplit=2) for line in done.stdout.splitlines()]

    return listed


def test_a_word_that_is_used_as_noise_is_comes_before_names_and_what_they_are_about(listed):
    (first, count, headline), (capitalised, *_), *others = listed("\n".join(TITLES))
    assert (first, count) == ("fnords", "24")
    assert headline == "Zorblax fnords the databases that everybody used"
    assert capitalised == "blorgs"
    assert {word for word, *_ in others} == {word.casefold() for word in (*SUBJECTS, *OBJECTS)}


def test_a_table_is_read_by_its_column_of_titles(listed, tmp_path):
    with (tmp_path / "table").open("w+", newline="") as file:
        csv.writer(file).writerows([["id", "title"], *enumerate(TITLES)])
        file.seek(0)
        assert listed(file.read()) == listed("\n".join(TITLES))


def test_what_is_known_or_in_too_few_headlines_or_a_mark_is_not_listed(listed):
    found = listed("\n".join(["Show HN: Zorblax says it's big [pdf]"] * 3 + ["Okapi", "Okapi"]))
    assert [word for word, *_ in found] == ["zorblax"]


def test_as_many_are_listed_as_were_asked_for(listed):
    assert len(listed("\n".join(TITLES), "--count", "2")) == 2
    assert listed("") == []


@pytest.mark.parametrize("name", ["nothing", "folder"])
def test_what_cannot_be_read_is_refused_in_a_line(tmp_path, name):
    (tmp_path / "folder").mkdir()
    words = [sys.executable, REPOSITORY / "scripts/noise.py", tmp_path / name]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 2
    assert "can't be read" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
