"""What Luigi's command line does with parameters, and what ours hear of it."""

from __future__ import annotations

import luigi

from hn_luigi.assets.luigi_internals.parameter_class import Flag


def value_of_an_empty_flag(kind):
    # The long flag, as all settings have: of a task's own --word no parameter is asked.
    seen = []

    class Step(luigi.Task):
        word = kind(default="default")

        def complete(self):
            seen.append(self.word)
            return True

    luigi.run(["Step", "--Step-word", "", "--local-scheduler", "--no-lock"])
    return seen[0]


def test_luigi_takes_an_empty_flag_for_none():
    """If it fails, ``_parse_or_no_value`` may go."""
    assert value_of_an_empty_flag(luigi.Parameter) == "default"


def test_ours_takes_it_for_an_empty_value():
    assert value_of_an_empty_flag(Flag) == ""


def test_it_hears_of_a_command_line_before_anything_is_parsed():
    heard = []

    class Word(Flag):
        @classmethod
        def command_line_begins(cls):
            heard.append("begins")

        def parse(self, x):
            heard.append("parsed")
            return x

    class Step(luigi.Task):
        word = Word()

        def complete(self):
            heard.append("asked")
            return True

    luigi.build([Step(word="a")], local_scheduler=True, no_lock=True)
    assert heard == ["asked"]
    heard.clear()
    luigi.run(["Step", "--word", "a", "--local-scheduler", "--no-lock"])
    assert heard[0] == "begins"
    assert heard.index("begins") < heard.index("parsed") < heard.index("asked")
