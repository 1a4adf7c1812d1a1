"""Luigi's log has an expected error's message alone, and of any other error all that there is."""

from __future__ import annotations

import asyncio
import logging

import luigi
import pytest
from luigi.execution_summary import LuigiStatusCode

from hn_luigi.assets import Asset, AssetError, RetryPolicy, requires
from hn_luigi.assets.errors import in_words
from hn_luigi.assets.luigi_internals.expected_errors import message_only


class OutOfFlour(Exception):
    pass


@pytest.fixture
def log(tmp_path):
    """What Luigi logs at WARNING or above, as lines of a file: forked steps write there too."""
    path = tmp_path / "log"
    handler = logging.FileHandler(path)
    handler.setLevel("WARNING")
    logger = logging.getLogger("luigi-interface")
    logger.addHandler(handler)
    yield lambda: path.read_text().splitlines()
    logger.removeHandler(handler)
    handler.close()


def failing_with(error, *, cause=None, **attributes):
    class Bread(Asset):
        suffix = ".json"

        def compute(self):
            if cause:
                raise error from cause
            try:
                raise ValueError("deep down")
            except ValueError:
                raise error  # noqa: B904 - with a context, and no cause

    for name, value in attributes.items():
        setattr(Bread, name, value)
    return Bread


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("cause", [None, ValueError("deep down")])
@pytest.mark.parametrize("error", [OutOfFlour("no flour; buy some"), AssetError("no flour")])
def test_a_step_that_fails_by_an_explained_error_adds_a_line_to_luigi_s_own(
    build, clock, log, error, cause, workers
):
    bread = failing_with(error, cause=cause, expected_errors=(OutOfFlour,))
    assert build(bread(), workers=workers).status is LuigiStatusCode.FAILED
    first, *rest = log()
    assert first.endswith("failed    Bread(as_of=2026-11-22T1230Z)")
    kind = type(error)
    assert rest == [f"{kind.__module__}.{kind.__qualname__}: {error}"]


@pytest.mark.parametrize("workers", [1, 2])
def test_any_other_error_is_told_with_all_that_led_to_it(build, clock, log, workers):
    build(failing_with(KeyError("flour"), expected_errors=(OutOfFlour,))(), workers=workers)
    text = "\n".join(log())
    assert "in compute" in text
    assert "ValueError: deep down" in text
    assert text.endswith("KeyError: 'flour'")


def test_an_attempt_that_is_followed_by_another_is_a_line(build, clock, log):
    bread = failing_with(
        OutOfFlour("buy some"), expected_errors=(OutOfFlour,), retry=RetryPolicy(max_retries=1)
    )
    build(bread())
    assert log()[0].endswith("attempt 1 of 2 failed, trying again in 0 s: OutOfFlour: buy some")
    assert len(log()) == 3


def test_a_question_that_can_t_be_answered_is_a_line(build, clock, log, succeed):
    class Bread(Asset):
        suffix = ".json"
        unsayable = False

        def settings(self):
            return {"oven": object()} if self.unsayable else {}

        def compute(self):
            return 1

    succeed(Bread())
    Bread.unsayable = True
    assert build(Bread()).status is LuigiStatusCode.SCHEDULING_FAILED
    first, second = log()
    assert first.startswith("Will not run Bread(as_of=2026-11-22T1230Z) or any dependencies")
    assert second.startswith("hn_luigi.assets.errors.FormatError: ")


def test_what_can_t_be_required_is_a_line(build, clock, log):
    class Bread(Asset):
        suffix = ".json"
        expected_errors = (OutOfFlour,)

        def requires(self):
            raise OutOfFlour("the mill\nis closed")

        def compute(self):
            return 1

    assert build(Bread()).status is LuigiStatusCode.SCHEDULING_FAILED
    assert log()[1:] == [f"{__name__}.OutOfFlour: the mill", "is closed"]


def test_a_bug_in_what_is_asked_is_told_with_all_that_led_to_it(build, clock, log):
    class Bread(Asset):
        suffix = ".json"

        def requires(self):
            raise KeyError("mill")

        def compute(self):
            return 1

    build(Bread())
    assert any("in requires" in line for line in log())


def test_a_plain_task_keeps_its_traceback_beside_explained_ones(build, clock, log):
    bread = failing_with(OutOfFlour("buy some"), expected_errors=(OutOfFlour,))

    class Butter(luigi.Task):
        def run(self):
            raise OutOfFlour("none needed")

    class Sandwich(luigi.WrapperTask):
        def requires(self):
            return [bread(), Butter()]

    build(Sandwich())
    text = "\n".join(log())
    assert text.count("in run") >= 1
    assert "in compute" not in text


def test_in_code_an_explained_error_is_raised_as_it_is():
    error = OutOfFlour("buy some")
    with pytest.raises(OutOfFlour) as caught, message_only((OutOfFlour,), "a step"):
        raise error
    assert caught.value is error


class Panic(BaseException):
    """As pyo3 raises where Rust code panics, in pyarrow or polars."""


ODD = [SystemExit(3), SystemExit(), GeneratorExit(), asyncio.CancelledError("late"), Panic("oh")]


class TestWhatIsNoException:
    """``sys.exit()`` and its like are failures, told and retried as others are."""

    @pytest.mark.parametrize("workers", [1, 2])
    @pytest.mark.parametrize("error", ODD, ids=repr)
    def test_fails_the_step_and_is_kept_and_nothing_else_suffers(
        self, build, clock, root, error, workers, succeed
    ):
        bread = failing_with(error)

        class Butter(Asset):
            suffix = ".json"
            priority = -1  # its turn is after

            def compute(self):
                return 1

        @requires(bread, Butter)
        class Sandwich(luigi.WrapperTask):
            pass

        assert build(Sandwich(), workers=workers).status is LuigiStatusCode.FAILED
        (kept,) = (root / "_failures/bread").iterdir()
        assert in_words(error) in kept.read_text()
        assert Butter().complete()

    @pytest.mark.parametrize("error", ODD, ids=repr)
    def test_is_tried_again_by_the_policy(self, build, clock, root, error):
        build(failing_with(error, retry=RetryPolicy(max_retries=2))())
        assert len(list((root / "_failures/bread").iterdir())) == 3

    def test_may_be_explained(self, build, clock, log):
        build(failing_with(SystemExit("no flour"), expected_errors=(SystemExit,))())
        assert log()[1:] == ["SystemExit: no flour"]

    def test_an_interrupt_ends_the_run_and_is_no_failure(self, build, clock, root):
        with pytest.raises(KeyboardInterrupt):
            build(failing_with(KeyboardInterrupt())())
        assert not (root / "_failures").exists()

    def test_an_interrupt_in_a_group_is_one(self, build, clock, root):
        """As trio has it, where several tasks of its own end at once."""
        error = BaseExceptionGroup("tasks", [KeyboardInterrupt(), ValueError("too late")])
        bread = failing_with(error, retry=RetryPolicy(max_retries=3))
        with pytest.raises(KeyboardInterrupt):
            build(bread())
        assert not list(root.glob("_failures/bread/*"))


@pytest.mark.parametrize("question", ["requires", "settings"])
@pytest.mark.parametrize("error", [SystemExit(0), asyncio.CancelledError()], ids=repr)
def test_what_would_end_luigi_untold_fails_the_question(
    build, clock, log, succeed, question, error
):
    class Bread(Asset):
        suffix = ".json"
        ends = False

        def requires(self):
            return self._of("requires", [])

        def settings(self):
            return self._of("settings", {})

        def _of(self, what, value):
            if self.ends and question == what:
                raise error
            return value

        def compute(self):
            return 1

    succeed(Bread())
    Bread.ends = True
    assert build(Bread()).status is LuigiStatusCode.SCHEDULING_FAILED
    assert log()[-1].startswith("RuntimeError: Bread(as_of=2026-11-22T1230Z) can't tell whether")


def test_an_error_without_a_text_is_kept_all_the_same(build, clock, root):
    class Mute(Exception):
        def __str__(self):
            raise ValueError

    build(failing_with(Mute())())
    (kept,) = root.glob("_failures/bread/*")
    assert "Mute: it has no text" in kept.read_text()


def test_where_luigi_logs_all_that_it_does_the_frames_are_left_out_too(clock, build, caplog):
    """As ``luigi`` does without a configuration file."""

    class Fetch(Asset):
        suffix = ".json"
        expected_errors = (OSError,)

        def compute(self):
            raise OSError("the API is down")

    with caplog.at_level("DEBUG", "luigi-interface"):
        build(Fetch())
    assert "the API is down" in caplog.text
    assert "in compute" not in caplog.text
    with caplog.at_level(1, "luigi-interface"):
        build(Fetch())
    assert "in compute" in caplog.text
