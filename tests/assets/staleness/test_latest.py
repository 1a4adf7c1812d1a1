"""``latest``: a stored window for every kind of task, and nothing that is fetched for it."""

from __future__ import annotations

import pickle
from datetime import datetime, timedelta

import luigi
import pytest
from luigi.cmdline_parser import CmdlineParser
from luigi.execution_summary import LuigiStatusCode
from luigi.task import DynamicRequirements, flatten
from luigi.util import inherits
from luigi.util import requires as luigis_requires

from hn_luigi.assets import Asset, requires
from hn_luigi.assets.errors import SettingError
from hn_luigi.assets.parameters.window_parameter import LATEST

HALF_PAST = datetime(2026, 11, 22, 12, 30)
TEN = timedelta(minutes=10)


@pytest.fixture
def feed(clock):
    """A capture, stored for the window of 12:30; the clock is in the next one."""

    class Feed(Asset):
        suffix = ".json"
        capture = True

        def compute(self):
            return "news"

    Feed().run()
    clock.advance(minutes=10)
    return Feed


def of_text(kind, **others):
    return kind.from_str_params({"as_of": "latest", **others})


def of_a_flag(kind):
    arguments = [kind.task_family, "--as-of", "latest"]
    with CmdlineParser.global_instance(arguments, allow_override=True) as parser:
        return parser.get_task_obj()


WAYS = [of_text, of_a_flag, lambda kind: kind(as_of=LATEST), lambda kind: kind("latest")]
ways = pytest.mark.parametrize("latest", WAYS, ids=["text", "flag", "value", "text in code"])


class TestOfAPlainTask:
    @ways
    @pytest.mark.parametrize("decorate", [requires, luigis_requires])
    def test_it_is_the_newest_window_whose_captures_are_stored(
        self, feed, latest, decorate, clock, build
    ):
        @decorate(feed)
        class Export(luigi.Task):
            pass

        @decorate(Export)
        class Further(luigi.WrapperTask):
            pass

        for kind in (Export, Further):
            task = latest(kind)
            assert task.as_of == task.param_kwargs["as_of"] == HALF_PAST
            assert task.task_id == kind(as_of=HALF_PAST).task_id
            assert kind().as_of == HALF_PAST + TEN
        feed().run()
        assert latest(Further).as_of == HALF_PAST + TEN  # it isn't kept from before

    @ways
    def test_it_may_take_the_parameter_alone(self, feed, latest):
        class Everything(luigi.WrapperTask):
            as_of = Asset.as_of

            def requires(self):
                return feed(as_of=self.as_of)

        task = latest(Everything)
        assert task.as_of == HALF_PAST
        assert task.requires() is feed(as_of=HALF_PAST, stored_only=True)

    def test_it_may_have_the_parameter_from_a_mixin(self, feed):
        class Windowed:
            as_of = Asset.as_of

        assert Windowed.as_of is Asset.as_of

        class Everything(Windowed, luigi.WrapperTask):
            def requires(self):
                return feed(as_of=self.as_of)

        assert Everything(as_of=LATEST).requires() is feed(as_of=HALF_PAST, stored_only=True)

    def test_all_that_it_is_made_from_must_be_stored(self, feed):
        class Other(feed):
            pass

        @inherits(feed, Other)
        class Both(luigi.WrapperTask):
            def requires(self):
                return {"both": self.clone_parents()}

        with pytest.raises(SettingError, match="no window of (other and feed|feed and other) is"):
            Both(as_of=LATEST)

    def test_what_is_made_from_no_asset_has_none(self, clock):
        class Alone(luigi.WrapperTask):
            as_of = Asset.as_of

        with pytest.raises(SettingError, match="Alone is made from no asset"):
            Alone(as_of=LATEST)

    def test_a_summary_of_several_says_which_windows(self, feed, build):
        @requires(feed)
        class Export(luigi.Task):
            number = luigi.IntParameter()

            def output(self):
                return luigi.LocalTarget("/nowhere")

            def complete(self):
                return True

        class All(luigi.WrapperTask):
            as_of = Asset.as_of

            def requires(self):
                return [Export(as_of=self.as_of, number=n) for n in range(4)]

        result = build(All(as_of=LATEST))
        assert "as_of=2026-11-22T1230Z" in result.summary_text
        assert "9999" not in result.summary_text

    def test_a_value_that_stays_unresolved_breaks_no_summary(self):
        parameter = Asset.as_of
        assert parameter.next_in_enumeration(LATEST) == LATEST
        assert parameter.parse(parameter.serialize(LATEST)) == LATEST


def test_a_source_at_an_offset_is_looked_for_there(feed, clock):
    class Page(Asset):
        suffix = ".json"

        def requires(self):
            return feed(as_of=self.as_of - TEN)

    assert Page(as_of=LATEST).as_of == HALF_PAST + TEN

    class Both(Page):
        def requires(self):
            return [super().requires(), feed(as_of=self.as_of)]

    feed().run()
    assert Both(as_of=LATEST).as_of == HALF_PAST + TEN
    clock.advance(minutes=20)
    feed().run()  # after a gap
    assert Both(as_of=LATEST).as_of == HALF_PAST + TEN


def pages(feed, root):
    """Tasks that require the capture for a window in which it isn't stored, in many ways."""

    class Plain(luigi.Task):
        when = luigi.DateMinuteParameter()

        def requires(self):
            return {"feed": [feed(as_of=self.when)]}

        def output(self):
            return luigi.LocalTarget("/nowhere")

    class WithoutWindow(luigi.Task):
        def requires(self):
            return feed()

        def output(self):
            return luigi.LocalTarget("/nowhere")

    class Further(luigi.WrapperTask):
        def requires(self):
            yield WithoutWindow()

    @inherits(feed)
    class Inheriting(luigi.Task):
        def requires(self):
            return feed(as_of=self.as_of + TEN)

    class Yielding(luigi.Task):
        wrapped = luigi.BoolParameter()

        def output(self):
            return luigi.LocalTarget("/nowhere")

        def run(self):
            step = feed()
            yield DynamicRequirements([step]) if self.wrapped else {"step": step}

    class Written(WithoutWindow):  # else Luigi would go on to run it for ever
        def output(self):
            return luigi.LocalTarget(root / "written")

        def run(self):
            self.output().open("w").close()

    class YieldingPlain(Yielding):
        def output(self):
            return luigi.LocalTarget(root / "yielded")

        def run(self):
            step = [Written()]
            yield DynamicRequirements(step) if self.wrapped else step
            self.output().open("w").close()

    class YieldingTwice(Yielding):
        def run(self):
            yield YieldingPlain()

    class Static(WithoutWindow):
        @staticmethod
        def requires():
            return feed()

    class OfTheClass(WithoutWindow):
        @classmethod
        def requires(cls):
            return feed()

    class OfTheInstance(WithoutWindow):
        def __init__(self):
            super().__init__()
            self.requires = feed

    class Deps(WithoutWindow):
        def requires(self):
            return []

        def deps(self):
            return [feed()]

    ready = feed()

    class Page(Asset):
        suffix = ".json"
        more = None

        def requires(self):
            return [feed(as_of=self.as_of), type(self).more(self)]

        def compute(self, *inputs):
            return 1

    return Page, {
        "another time": lambda task: feed(as_of=task.as_of + TEN),
        "the present": lambda task: feed(),
        "made beforehand": lambda task: ready,
        "nested": lambda task: {"a": (feed(),), "b": None},
        "a generator": lambda task: (feed() for _ in range(1)),
        "explicitly": lambda task: feed(stored_only=False),
        "a plain task": lambda task: Plain(when=task.as_of + TEN),
        "a plain task without window": lambda task: WithoutWindow(),
        "two plain tasks": lambda task: Further(),
        "one that inherits": lambda task: Inheriting(as_of=task.as_of),
        "yielded": lambda task: Yielding(),
        "yielded in an object": lambda task: Yielding(wrapped=True),
        "by a yielded plain task": lambda task: YieldingPlain(),
        "by one yielded in an object": lambda task: YieldingPlain(wrapped=True),
        "by a plain task yielded by a yielded one": lambda task: YieldingTwice(),
        "by a static method": lambda task: Static(),
        "by a method of the class": lambda task: OfTheClass(),
        "by one of the instance": lambda task: OfTheInstance(),
        "by deps": lambda task: Deps(),
    }


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize(
    "way",
    [
        "another time",
        "the present",
        "made beforehand",
        "nested",
        "a generator",
        "explicitly",
        "a plain task",
        "a plain task without window",
        "two plain tasks",
        "one that inherits",
        "yielded",
        "yielded in an object",
        "by a yielded plain task",
        "by one yielded in an object",
        "by a plain task yielded by a yielded one",
        "by a static method",
        "by a method of the class",
        "by one of the instance",
        "by deps",
    ],
)
def test_nothing_is_fetched_in_whatever_way_it_is_required(feed, build, root, way, workers):
    page, ways = pages(feed, root)
    page.more = ways[way]
    log = root / "feed/2026-11-22T1240Z.json"
    result = build(page(as_of=LATEST), workers=workers)
    assert result.status in (LuigiStatusCode.FAILED, LuigiStatusCode.FAILED_AND_SCHEDULING_FAILED)
    assert not log.exists()
    # In the same process, a run for the present goes on to fetch: the tasks aren't changed.
    build(page(as_of=HALF_PAST), workers=workers)
    assert log.exists()


def test_one_of_latest_and_one_of_now_are_both_right_in_one_run(feed, build, root):
    page, ways = pages(feed, root)
    page.more = ways["the present"]

    class Now(Asset):
        suffix = ".json"

        def requires(self):
            return feed(as_of=self.as_of)

        def compute(self, news):
            return news

    class Stored(Now):
        def requires(self):
            return feed(as_of=self.as_of)

    stored, now = Stored(as_of=LATEST), Now()
    result = luigi.build([stored, now], local_scheduler=True, detailed_summary=True)
    assert result.status is LuigiStatusCode.SUCCESS
    assert (stored.as_of, now.as_of) == (HALF_PAST, HALF_PAST + TEN)
    assert (root / "feed/2026-11-22T1240Z.json").exists()


def test_on_a_command_line_of_latest_every_asset_is_stored_only(feed):
    """Those as well that Luigi makes anew from what a plain task's ``run()`` yielded."""

    @requires(feed)
    class Export(luigi.Task):
        pass

    arguments = ["Export", "--as-of", "latest"]
    with CmdlineParser.global_instance(arguments, allow_override=True) as parser:
        parser.get_task_obj()
        assert feed().stored_only
    with CmdlineParser.global_instance(["Export"], allow_override=True) as parser:
        assert not parser.get_task_obj().stored_only
        assert not feed().stored_only
    assert not feed().stored_only


class News(Asset):
    suffix = ".json"


@requires(News)
class Paper(Asset):
    suffix = ".json"


def test_what_is_stored_only_can_be_handed_to_another_process():
    """As Luigi does for --parallel-scheduling."""
    task = pickle.loads(pickle.dumps(Paper(as_of=HALF_PAST, stored_only=True)))
    assert task.requires().stored_only


def test_luigi_s_own_views_of_what_is_required_hold_too(feed):
    @requires(feed)
    class Page(Asset):
        suffix = ".json"

    task = Page(as_of=LATEST)
    assert all(each.stored_only for each in [*task.deps(), *flatten(task.requires())])
    assert task.input().path == feed(as_of=HALF_PAST).output().path


class TestSeveralWindows:
    """Windows that are over yield no task, and yet are what the latest window is known by."""

    def test_of_a_day_is_the_last_in_which_something_was_captured(self, station, clock):
        station.tick("12:10", "12:20")
        clock.advance(days=2)
        day = station.Day(as_of=LATEST)
        assert day.as_of == datetime(2026, 11, 22)
        assert station.made_by(day) == ["day/2026-11-22T0000Z"]

    def test_it_makes_no_present_window(self, station):
        station.tick("12:10")
        assert station.made_by(station.Day(as_of=LATEST)) == ["day/2026-11-22T0000Z"]
        assert not station.Tick().output().exists()

    def test_of_a_week_of_days_it_is_the_last_that_has_a_day(self, station, clock, succeed):
        class Week(station.Day):
            window_length = "week"

            def requires(self):
                return self.windows(station.Day)

        station.tick("12:10")
        succeed(station.Day())
        clock.advance(days=20)
        assert Week(as_of=LATEST).as_of == datetime(2026, 11, 16)
