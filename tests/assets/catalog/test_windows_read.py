"""What a record says of several windows comes back from it, and what is damaged is told."""

from __future__ import annotations

import json

import pytest

from hn_luigi.assets.catalog.windows_read import WindowRead, WindowsRead, from_json, is_form

DIGEST = "a" * 64
NAMES = [f"2026-11-22T{hour:02}00Z" for hour in range(6)]
READ = WindowsRead(
    {
        NAMES[1]: WindowRead(12, "1795754136571149304", DIGEST),
        NAMES[2]: WindowRead(0, '"0x8D \t E"', DIGEST),  # as a store may have it
        NAMES[4]: WindowRead(7, "etag"),
    }
)


def test_it_comes_back_as_it_was():
    told = json.loads(json.dumps(READ.to_json(NAMES, [])))
    assert is_form({"a": told, "b": WindowsRead().to_json([], [])})
    assert from_json(told).stored == READ.stored


def test_gaps_are_told_by_their_ends():
    told = READ.to_json(NAMES, [NAMES[0], NAMES[3], NAMES[5]])
    assert told["missing"] == 3
    assert told["gaps"] == [[NAMES[0]] * 2, [NAMES[3]] * 2, [NAMES[5]] * 2]
    assert WindowsRead().to_json(NAMES, NAMES)["gaps"] == [[NAMES[0], NAMES[5]]]


def test_the_version_follows_what_was_there_and_what_was_read_of_it():
    def version(**changed):
        stored = {
            name: read._replace(**changed.get(name, {})) for name, read in READ.stored.items()
        }
        return WindowsRead(stored).version

    assert version(**{NAMES[1]: {"fingerprint": "another", "size": 13}}) == READ.version
    assert version(**{NAMES[1]: {"digest": "b" * 64}}) != READ.version
    assert version(**{NAMES[4]: {"digest": DIGEST}}) != READ.version
    fewer = {name: read for name, read in READ.stored.items() if name != NAMES[4]}
    assert WindowsRead(fewer).version != READ.version
    assert WindowsRead(dict(reversed(READ.stored.items()))).version == READ.version


def test_a_window_is_as_it_was_by_size_and_fingerprint():
    read = READ.stored[NAMES[1]]
    assert read.is_as(12, "1795754136571149304")
    assert not read.is_as(13, "1795754136571149304")
    assert not read.is_as(12, "1795754136571149305")


@pytest.mark.parametrize(
    "damaged",
    [
        None,
        [],
        {},
        {"stored": None},
        {"stored": ["2026-11-22T0000Z"]},
        {"stored": {"2026-11-22": "1 2 "}},
        {"stored": {NAMES[0]: None}},
        {"stored": {NAMES[0]: 12}},
        {"stored": {NAMES[0]: ""}},
        {"stored": {NAMES[0]: "12"}},
        {"stored": {NAMES[0]: "-1 2 "}},
        {"stored": {NAMES[0]: "² 2 "}},
        {"stored": {NAMES[0]: "9" * 5000 + " 2 "}},
    ],
)
def test_what_is_damaged_is_told(damaged):
    assert not is_form({"a": damaged})
