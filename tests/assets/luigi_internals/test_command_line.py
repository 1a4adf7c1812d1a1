"""Whether Luigi's command line is under way, and how it ends for a bad value."""

from __future__ import annotations

import luigi
import pytest
from luigi.retcodes import run_with_retcodes

from hn_luigi.assets.errors import SettingError
from hn_luigi.assets.luigi_internals.command_line import command_line, refuse

LOCAL = ["--local-scheduler", "--no-lock"]


@pytest.fixture
def lines():
    """The command lines under way as each parameter was parsed; None for a task of code."""
    lines = []

    class Word(luigi.Parameter):
        def parse(self, x):
            lines.append(command_line())
            return x

    class Step(luigi.Task):
        word = Word()

        def complete(self):
            lines.append(command_line())
            return True

    return lines


def test_luigi_keeps_its_parser_while_a_command_line_runs(lines):
    luigi.run(["Step", "--word", "a", *LOCAL])
    assert len(set(lines)) == 1
    assert None not in lines
    assert command_line() is None


def test_there_is_none_in_code(lines):
    luigi.build([luigi.task_register.load_task(None, "Step", {"word": "a"})], local_scheduler=True)
    assert set(lines) == {None}


def test_luigi_parses_the_line_again_around_a_run():
    """If it fails, sections needn't tell one parser from the next."""
    parsers = []

    class Word(luigi.Parameter):
        @classmethod
        def _parser_kwargs(cls, *args, **kwargs):
            parsers.append(command_line())
            return super()._parser_kwargs(*args, **kwargs)

    class Step(luigi.Task):
        word = Word()

        def complete(self):
            parsers.append(command_line())
            return True

    with pytest.raises(SystemExit) as ended:
        run_with_retcodes(["Step", "--word", "a", *LOCAL])
    assert ended.value.code == 0
    asked = parsers.index(next(each for each in parsers if each is not None))
    assert None in parsers[asked + 1 :], "no further parser was built after the run"


def test_luigi_ends_with_a_traceback_for_a_bad_value():
    """If it fails, ``refuse`` may raise what Luigi has an exit for."""

    class Step(luigi.Task):
        number = luigi.IntParameter()

    with pytest.raises(ValueError, match="invalid literal"):
        luigi.run(["Step", "--number", "many", *LOCAL])


def test_on_a_command_line_a_refusal_is_printed_and_exits_with_2(capsys):
    class Step(luigi.Task):
        def complete(self):
            refuse("--as-of is odd")

    with pytest.raises(SystemExit) as ended:
        luigi.run(["Step", *LOCAL])
    assert ended.value.code == 2
    assert capsys.readouterr().err.endswith("luigi: --as-of is odd\n")


def test_in_code_a_refusal_is_an_error_with_its_cause():
    cause = ValueError("odd")
    with pytest.raises(SettingError, match="--as-of is odd") as caught:
        refuse("--as-of is odd", cause=cause)
    assert caught.value.__cause__ is cause
