"""What the process that schedules steps finds out before it forks one for each."""

from __future__ import annotations

import json
import os

import luigi
import pytest
from luigi.execution_summary import LuigiStatusCode

from hn_luigi.assets import Asset
from hn_luigi.assets.operations import invalidate_asset

pytestmark = [
    pytest.mark.usefixtures("clock"),
    pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning"),
]


class TestStepsThatAnotherRunHasMade:
    @pytest.fixture
    def late(self):
        """A step of this run, before which ``meanwhile`` is called in another process."""

        class Gate(luigi.Task):
            def output(self):
                return luigi.LocalTarget("gate")

            def run(self):
                with self.output().open("w"):
                    pass
                Late.meanwhile()

        class Late(Asset):
            suffix = ".json"
            window_length = None
            meanwhile = staticmethod(lambda: None)

            def requires(self):
                return [Gate()]

            def compute(self, gate):
                return os.getpid()

        return Late

    @pytest.fixture
    def run(self, late, succeed, tmp_path, monkeypatch):
        """Runs it with two workers; in which process, and in which it was made."""
        monkeypatch.chdir(tmp_path)

        def run():
            began = tmp_path / "began"
            late.event_handler(luigi.Event.START)(lambda _: began.write_text(str(os.getpid())))
            succeed(late(), workers=2)
            with late().output().open() as file:
                return int(began.read_text()), json.load(file)

        return run

    def test_have_no_process_forked_for_them(self, late, run, build):
        late.meanwhile = staticmethod(lambda: build(late()))
        ran, made = run()
        assert ran == os.getpid() != made

    def test_have_one_if_there_is_something_to_do_all_the_same(self, late, run, build):
        def meanwhile():
            build(late())
            invalidate_asset(late())

        late.meanwhile = staticmethod(meanwhile)
        ran, made = run()
        assert ran == made != os.getpid()

    def test_have_one_if_the_class_says_how_long_it_may_take(self, late, run):
        late.worker_timeout = 600
        late.meanwhile = staticmethod(lambda: late().run())
        ran, made = run()
        assert os.getpid() != ran != made

    def test_have_one_if_it_can_t_be_asked_whether_there_is_something_to_do(
        self, late, build, tmp_path, monkeypatch
    ):
        def settings(step):
            if os.path.exists("trouble"):
                raise OSError("what it asks is away")
            return {}

        def meanwhile():
            build(late())
            (tmp_path / "trouble").touch()

        monkeypatch.chdir(tmp_path)
        late.settings, late.meanwhile = settings, staticmethod(meanwhile)
        late.event_handler(luigi.Event.FAILURE)(lambda *_: (tmp_path / "failed").touch())
        assert build(late(), workers=2).status is LuigiStatusCode.FAILED
        assert (tmp_path / "failed").exists()

    def test_are_made_by_a_later_run_if_their_turn_didn_t_come(
        self, late, build, succeed, tmp_path, monkeypatch
    ):
        def meanwhile():
            build(late())
            os.unlink("gate")  # which keeps its turn from coming

        monkeypatch.chdir(tmp_path)
        late.meanwhile = staticmethod(meanwhile)
        late.complete = late._is_stored  # and looks no further upstream
        assert build(late(), workers=2).status is not LuigiStatusCode.SUCCESS
        del late.complete
        late.meanwhile = staticmethod(lambda: None)
        invalidate_asset(late())
        succeed(late())
        assert late().complete()

    def test_are_others_than_those_that_are_made_here(self, run):
        ran, made = run()
        assert ran == made != os.getpid()

    def test_or_than_those_that_this_run_makes_again(self, late, run, succeed):
        succeed(late())
        invalidate_asset(late())
        ran, made = run()
        assert ran == made != os.getpid()
