"""What Luigi does with a name that two classes have; a shipped one leaves it to a user's."""

from __future__ import annotations

import sys
import types

import luigi
import pytest
from luigi.cmdline_parser import CmdlineParser
from luigi.task_register import Register, TaskClassAmbigiousException, load_task

import hn_luigi
from hn_luigi import settings as shipped
from hn_luigi.assets import Asset, Number
from hn_luigi.assets.errors import PlaceTaken, SettingError
from hn_luigi.assets.parameters import sections


def asset(name, base=Asset, **attributes):
    """A class of a user's module."""
    body = {"suffix": ".json", "compute": lambda self, *_: 1, "__module__": "mine", **attributes}
    return type(Asset)(name, (base,), body)


def plain(name, **attributes):
    return type(luigi.Task)(name, (luigi.Task,), {"__module__": "mine", **attributes})


class TestLuigi:
    """Each of these that fails is a trick that may go, or has to be another."""

    def test_finds_neither_of_two_classes_of_one_name(self):
        plain("Bread"), plain("Bread")
        with pytest.raises(TaskClassAmbigiousException):
            Register.get_task_cls("Bread")

    def test_drops_the_flags_of_two_sections_of_one_name_without_a_word(self):
        for name in ("oven", "oven"):
            type(luigi.Config)(name, (luigi.Config,), {"heat": luigi.Parameter("200")})
        assert "oven" not in {name for name, *_ in Register.get_all_params()}

    def test_takes_of_a_class_and_one_made_from_it_the_latter(self):
        bread = plain("Bread")
        rye = type(luigi.Task)("Bread", (bread,), {"__module__": "mine"})
        assert Register.get_task_cls("Bread") is rye

    def test_looks_by_the_name_alone_whatever_module_it_loads(self, monkeypatch):
        bread = plain("Bread")
        monkeypatch.setitem(sys.modules, "theirs", types.ModuleType("theirs"))
        assert type(load_task("theirs", "Bread", {})) is bread


@pytest.mark.parametrize("make", [asset, plain])
@pytest.mark.parametrize("name", ["Stories", "Wordcloud", "StoryIds"])
def test_a_user_s_class_has_the_name(make, name):
    ours = getattr(hn_luigi, name)
    assert Register.get_task_cls(name) is ours
    theirs = make(name)
    assert Register.get_task_cls(name) is theirs
    assert Register.task_names().count(name) == 1


def test_so_it_has_if_it_was_loaded_first():
    theirs = plain("Stories")
    Register._reg.insert(0, Register._reg.pop())
    assert Register.get_task_cls("Stories") is theirs


def test_two_of_a_user_s_are_luigi_s_business():
    asset("Stories"), plain("Stories")
    with pytest.raises(TaskClassAmbigiousException):
        Register.get_task_cls("Stories")


def test_one_that_is_in_another_namespace_or_hidden_takes_no_name():
    asset("Stories", task_namespace="mine")
    plain("Stories", _visible_in_registry=False)
    assert Register.get_task_cls("Stories") is hn_luigi.Stories


def test_one_made_from_the_shipped_one_is_found_under_whatever_name():
    same = asset("Stories", hn_luigi.Stories)
    other = asset("Headlines", hn_luigi.Stories)
    assert Register.get_task_cls("Stories") is same
    plain("Wordcloud")
    assert Register.get_task_cls("Headlines") is other


def test_a_hidden_one_of_a_user_s_stays_hidden():
    asset("Bread", _visible_in_registry=False)
    assert "Bread" not in Register.task_names()


@pytest.mark.parametrize("params", [{}, {"feed": "top"}])
def test_what_is_loaded_from_the_shipped_module_is_never_a_user_s(params):
    """As where a ``run()`` yields the shipped one, or another worker has scheduled it."""
    assert type(load_task("hn_luigi.tasks", "Stories", {"feed": "top"})) is hn_luigi.Stories
    theirs = asset("Stories", feed=luigi.Parameter("own"))
    with pytest.raises(TaskClassAmbigiousException):
        load_task("hn_luigi.tasks", "Stories", params)
    assert type(load_task("hn_luigi", "Stories", params)) is theirs


class TestSections:
    @pytest.fixture(autouse=True)
    def their_own(self, monkeypatch):
        monkeypatch.setattr(sections, "SECTIONS", list(sections.SECTIONS))

    @pytest.mark.parametrize("width", [luigi.IntParameter(7), Number(7, minimum=0, maximum=9)])
    def test_a_user_s_has_the_flags(self, width):
        body = {"width": width, "region": luigi.Parameter("eu"), "__module__": "mine"}
        theirs = type(luigi.Config)("cloud", (luigi.Config,), body)
        plain("Errand")
        with CmdlineParser.global_instance(
            ["Errand", "--cloud-region", "us", "--cloud-width", "3", "--hackernews-limit", "9"]
        ):
            assert (theirs().region, theirs().width) == ("us", 3)
            assert shipped.hackernews().limit == 9

    def test_what_a_user_s_is_set_to_is_not_held_against_the_shipped_one(self, settings):
        settings("cloud", width="wide")
        with pytest.raises(SettingError, match="width"):
            sections.check_settings()
        theirs = {"width": luigi.Parameter("narrow"), "__module__": "mine"}
        type(luigi.Config)("cloud", (luigi.Config,), theirs)
        sections.check_settings()


class TestRecords:
    """A folder that both would have is that of who was first."""

    @pytest.fixture
    def same_folder(self):
        return asset("Wordcloud", feed=luigi.Parameter("top", positional=False))

    def test_a_user_s_neither_reads_nor_overwrites_the_shipped_one_s(
        self, same_folder, clock, succeed
    ):
        ours = asset("Wordcloud", __module__="hn_luigi.tasks", feed=feed())
        succeed(ours())
        assert same_folder().folder == ours().folder
        assert same_folder().staleness().is_taken
        with pytest.raises(PlaceTaken) as refused:
            same_folder().run()
        assert "Wordcloud (module hn_luigi.tasks), another class" in str(refused.value)
        assert 'stored_as on the class: another name, such as "wordcloud_2"' in str(refused.value)
        assert ours().complete()

    def test_the_shipped_one_neither_reads_nor_overwrites_a_user_s(
        self, same_folder, clock, succeed
    ):
        succeed(same_folder())
        assert hn_luigi.Wordcloud().staleness().is_taken
        with pytest.raises(PlaceTaken, match=r"\(module mine\).*another \[storage\] root"):
            hn_luigi.Wordcloud().run()
        assert same_folder().complete()

    def test_one_made_from_the_shipped_one_goes_on_with_its_folder(self, clock, succeed):
        ours = asset("Wordcloud", __module__="hn_luigi.tasks", feed=feed())
        succeed(ours())
        theirs = asset("Wordcloud", ours)
        assert not theirs().staleness().is_taken
        succeed(theirs())
        assert not theirs().staleness().is_taken

    def test_both_are_made_in_one_run_where_the_user_s_is_stored_elsewhere(self, clock, succeed):
        ours = asset("Wordcloud", __module__="hn_luigi.tasks", feed=feed())
        theirs = asset("Wordcloud", feed=feed(), stored_as="clouds")

        class Both(luigi.WrapperTask):
            def requires(self):
                return [ours(), theirs()]

        succeed(Both())
        assert ours().complete()
        assert theirs().complete()


def feed():
    return luigi.Parameter("top", positional=False)
