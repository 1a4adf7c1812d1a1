"""Each command with each of its options, on assets that nobody here knows."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

import click
import pytest

from hn_luigi.cli import cli

from .conftest import DUES, OURS, PIN, WATCH, watch_lines

EXAMPLES = {
    "--as-of": ["now", "latest"],
    "--file": ["written.html"],
    "--folder": ["was"],
    "--hours": ["1"],
    "--keep": ["10m"],
    "--limit": ["1"],
    "--sample": ["100%"],
    "--since": ["1d"],
    "--storage-root": ["data"],
    "--to": ["site"],
    "--watch": ["observatory Sky"],
    "NAME": ["my_pipeline"],
}
"""Values of options, and of arguments other than an asset."""
NEEDED = {"prune": ["--keep", "10m"]}
"""What a command can't do without, though click doesn't know."""
RUNS_ON = {"serve"}
"""They don't end; test_pages.py has them."""
ENDS = {
    "alert --test": 2,  # no channel is configured
    "check comet": 2,  # nothing of it is stored
    "check orbit": 2,
    "freshness": 3,  # a step fails, and of what was never made the age is unknown
    "freshness --watch": 0,
    "page comet": 2,
    "page orbit": 2,
    "publish": 1,  # of some nothing is stored
    "publish --to site --watch": 0,
    "rebuild comet": 1,
    "rebuild orbit": 1,
    "run comet": 30,
    "run orbit": 30,
    "status --follow": 2,  # it needs a terminal
}
"""Exit codes by how a command line begins, where it isn't 0."""


@pytest.fixture
def well(say, settings):
    """Runs a command; what it printed, which is to the point."""

    def run(*words):
        shutil.rmtree("my_pipeline", ignore_errors=True)  # of a command before
        said, line = say(*words), " ".join(words)
        settings("storage", root="data")  # options set them for the process
        settings("assets", watch=watch_lines(*WATCH))
        if words[0] == "prune" and "--folder" in words:
            assert said.code == 2, (line, said)  # --keep and --folder are one or the other
            return said
        known = [start for start in ENDS if f"{line} ".startswith(f"{start} ")]
        assert said.code == (ENDS[max(known, key=len)] if known else 0), (line, said)
        assert "  File " not in said.err or "LookupError: no comet" in said.err, (line, said)
        assert not OURS.search(said.out + said.err), (line, said)
        assert PIN not in said.out + said.err
        return said

    return run


def options_of(command):
    """Each option of ``command``, with a value, beside what the command can't do without."""
    needed, further = [*NEEDED.get(command.name, [])], [[]]
    for parameter in command.params:
        if parameter.name == "help" or is_asset(parameter) or parameter.opts[-1] in needed:
            continue
        if isinstance(parameter, click.Argument):
            given = [[value] for value in EXAMPLES[parameter.metavar]]
        elif parameter.is_flag:
            given = [[parameter.opts[-1]]]
        else:
            name = parameter.opts[-1]
            given = [[name, value] for value in EXAMPLES[name]]
        if parameter.required:
            needed += given[0]
        else:
            further += given
    return [[*needed, *words] for words in further]


def is_asset(parameter):
    return isinstance(parameter, click.Argument) and "ASSET" in parameter.metavar


def takes_asset(command):
    return any(map(is_asset, command.params))


ENDING = sorted(set(cli.commands) - RUNS_ON)
OF_AN_ASSET = [name for name in ENDING if takes_asset(cli.commands[name])]


@pytest.mark.parametrize("name", ENDING)
def test_with_each_option_and_of_each_asset_as_it_is_printed(name, assets, well):
    command = cli.commands[name]
    for asset in assets if takes_asset(command) else [None]:
        called = [] if asset is None else [asset.folder]
        for options in options_of(command):
            alone = called and "--watch" in options
            said = well(name, *(["sky"] if alone else called), *options)
            if "--json" in options and said.out:
                assert said.json is not None


@pytest.mark.parametrize("name", OF_AN_ASSET)
def test_of_an_asset_by_its_class_and_by_flags(name, assets, well):
    needed, *_ = options_of(cli.commands[name])
    told = {well(name, called, *needed).out for called in ("Dues", "port.Dues", shlex.join(DUES))}
    assert len(told) == 1 or name in ("check", "run", "prune")  # what takes time, or goes once


def test_what_is_no_longer_watched_is_told_and_can_be_removed(assets, say):
    only = ("--watch", WATCH[-1])
    assert " night, " in say("verify", *only).out
    assert say("prune", "--folder", "sky", "--yes", *only).code == 2
    removed = say("prune", "--folder", "night", "--yes", *only)
    assert removed.code == 0, removed
    assert not any(Path("data", part, "night").exists() for part in ("", "_records", "_failures"))
    assert say("verify", *only).code == 0
