"""What Luigi does with tasks that a run() yields, and that what stands for them lasts."""

from __future__ import annotations

import copy

import luigi
import pytest

from hn_luigi.assets.luigi_internals.stored_only import Yielded


@pytest.mark.parametrize("workers", [1, 2])
def test_luigi_makes_what_a_run_yields_anew_from_text(build, tmp_path, workers):
    """If it fails, ``Yielded`` may go: a copy of the task would do."""

    class Inner(luigi.Task):
        mark = "made anew"

        def output(self):
            return luigi.LocalTarget(tmp_path / "inner.txt")

        def run(self):
            with self.output().open("w") as file:
                file.write(self.mark)

    class Outer(luigi.Task):
        def run(self):
            inner = copy.copy(Inner())
            inner.mark = "as it was yielded"
            yield inner

    build(Outer(), workers=workers)
    assert (tmp_path / "inner.txt").read_text() == "made anew"


def test_what_is_yielded_instead_is_the_task_again_when_luigi_makes_it_anew(tmp_path):
    class Inner(luigi.Task):
        word = luigi.Parameter()

        def output(self):
            return luigi.LocalTarget(tmp_path / f"{self.word}.txt")

    stand_in = Yielded.of(Inner(word="a"))
    assert stand_in.output().path == str(tmp_path / "a.txt")
    assert not stand_in.complete()
    again = Yielded.from_str_params(stand_in.to_str_params())
    assert (type(again), again.word) == (Inner, "a")
    assert again is not Inner(word="a"), "another run's instance is held to what is stored"
