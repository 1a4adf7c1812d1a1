"""Each command with each of its options, of assets that nobody here knows."""

from __future__ import annotations

import click
import pytest

from hn_luigi.cli import cli

from .conftest import OURS, PIN

EXAMPLES = {
    "--as-of": ["now", "latest"],
    "--file": ["written.html"],
    "--keep": ["10m"],
    "--limit": ["1"],
    "--sample": ["100%"],
    "--since": ["1d"],
    "--watch": ["observatory Names"],
    "NAME": ["my_pipeline"],
}
"""Values of options, and of arguments other than an asset."""
RUNS_ON = {"serve"}
"""They don't end; test_pages.py has them."""
REFUSED = {"alert --test": 2}
"""What can't be done here, and the exit code that says so: no channel is configured."""
CODES = {"freshness": {3}, "run": {0, 30}, "verify": {0, 1}, "check": {0, 1}}
"""Exit codes of a command, if not 0: a step fails, and of it the age is unknown."""


def lines(command):
    """A command line for each of the options of ``command``, beside what it can't do without."""
    needed, further = [], [[]]
    for parameter in command.params:
        if parameter.name in ("asset", "help", "storage_root"):
            continue
        flag = isinstance(parameter, click.Option) and parameter.is_flag
        name = parameter.opts[-1] if isinstance(parameter, click.Option) else parameter.metavar
        given = [[name]] if flag else [[name, value] for value in EXAMPLES[name]]
        if isinstance(parameter, click.Argument):
            given = [words[1:] for words in given]
        if parameter.required:
            needed += given[0]
        else:
            further += given
    return [[*needed, *words] for words in further]


def takes_asset(command):
    return any(parameter.name == "asset" for parameter in command.params)


def names_of(asset):
    """What an asset may be called: its folder, its class."""
    return [[asset.folder], [type(asset).__name__], [type(asset).get_task_family()]]


@pytest.mark.parametrize("name", sorted(set(cli.commands) - RUNS_ON))
class TestEachCommand:
    @pytest.fixture
    def well(self, name, say):
        """Runs the command; what it printed, which is to the point."""

        def run(*words):
            said = say(name, *words)
            line = " ".join((name, *words))
            assert said.code in ({REFUSED.get(line)} - {None} or CODES.get(name, {0})), said
            assert "Traceback" not in said.err.replace("LookupError", "")
            assert not OURS.search(said.out + said.err), line
            assert PIN not in said.out + said.err
            return said

        return run

    def test_with_each_option(self, name, assets, well):
        command = cli.commands[name]
        for words in lines(command):
            for asset in assets if takes_asset(command) else [None]:
                for called in [[]] if asset is None else names_of(asset)[:1]:
                    said = well(*called, *words)
                    if "--json" in words:
                        assert said.json is not None
                    if called and asset is not None and "--watch" not in words:
                        assert asset.folder in said.out + said.err
