"""What ``view()`` of a class gets of a window, and what it may give."""

from __future__ import annotations

import json
from datetime import timedelta

import luigi
import pytest

from hn_luigi.assets import Asset, Materialization, View, window
from hn_luigi.assets.errors import DefinitionError, FormatError, InputMissing
from hn_luigi.assets.operations.view import view_of

WINDOW = "2026-11-22T1230Z"


@pytest.fixture
def shown(clock, succeed):
    """Makes an asset of a class with that ``view``, which requires ``inputs``; its view."""

    def show(view, requires=lambda self: [], *, largest=10**6, **attributes):
        def compute(self, *args, **kwargs):
            self.report(loaves=3)
            return "bread"

        body = {"suffix": ".txt", "compute": compute, "requires": requires, "__module__": "oven"}
        kind = type(Asset)("Loaf", (Asset,), {**body, "view": view, **attributes})
        show.asset = kind()
        succeed(show.asset)
        return view_of(show.asset, show.asset.partition.window, largest=largest)

    return show


class Flour(Asset):
    suffix = ".json"

    def compute(self):
        return ["rye"]


class Dish(luigi.ExternalTask):
    def output(self):
        return luigi.LocalTarget(__file__)


def told(look):
    return lambda self, made: View(json.dumps(look(made)))


def test_a_class_that_says_nothing_has_none(mill, bake):
    bake()
    assert view_of(mill.Bread(), WINDOW, largest=10**6) is None


def test_a_parameter_can_be_called_view(shown):
    assert shown(luigi.Parameter(default="wide")) is None


def test_it_gets_what_compute_returned_reported_and_was_set_by(shown):
    look = told(lambda made: [made.value, made.metadata, made.settings, made.window])
    view = shown(look, settings=lambda self: {"oven.heat": 220})
    assert json.loads(view.markdown) == ["bread", {"loaves": 3}, {"oven.heat": 220}, WINDOW]


@pytest.mark.parametrize(
    "requires, inputs",
    [
        (lambda self: Flour(), ["rye"]),
        (lambda self: [Flour()], [["rye"]]),
        (lambda self: {"flour": Flour()}, {"flour": ["rye"]}),
        (lambda self: {}, {}),
        (lambda self: [], []),
    ],
    ids=["one", "a list", "a dict", "an empty dict", "nothing"],
)
def test_its_inputs_are_shaped_as_they_are_required(shown, requires, inputs):
    assert json.loads(shown(told(lambda made: made.inputs), requires).markdown) == inputs


def test_a_plain_task_among_its_inputs_is_its_target(shown):
    assert (
        shown(told(lambda made: made.inputs.path), lambda self: Dish()).markdown == f'"{__file__}"'
    )


def test_it_is_called_on_the_task_of_that_window(shown, clock, succeed):
    assert shown(lambda self, made: View(f"{self.as_of:%H:%M}")).markdown == "12:30"
    asset = shown.asset
    clock.advance(minutes=20)
    assert view_of(type(asset)(), WINDOW, largest=9).markdown == "12:30"


def test_what_has_no_window_has_a_view(shown):
    view = shown(told(lambda made: made.value), window_length=None)
    assert view.markdown == '"bread"'


def test_an_input_that_is_gone_is_missed_only_where_it_is_asked_for(shown, root):
    view = shown(told(lambda made: made.value), lambda self: Flour())
    (root / f"flour/{WINDOW}.json").unlink()
    assert view_of(shown.asset, WINDOW, largest=9) == view
    shown(told(lambda made: made.inputs), lambda self: Flour())
    (root / f"flour/{WINDOW}.json").unlink()
    with pytest.raises(InputMissing, match=f"flour/{WINDOW}.json is missing"):
        view_of(shown.asset, WINDOW, largest=9)


@pytest.fixture
def sacks(clock, succeed):
    """Stores flour of two windows, half an hour and an hour before the present one."""
    for minutes in (-60, 30):
        clock.advance(minutes=minutes)
        succeed(Flour())
    clock.advance(minutes=30)


def of_the_last_hour(*, optional):
    def requires(self):
        since = self.as_of - timedelta(hours=1)
        return self.windows(Flour, since=since, until=self.as_of, optional=optional)

    return requires


LEFT = told(lambda made: [f"{start:%H:%M}" for start in made.inputs])


@pytest.mark.parametrize("way", ["unlinked", "pruned before", "pruned, of no record"])
def test_of_optional_windows_it_gets_those_that_are_left(shown, sacks, root, clock, way):
    assert json.loads(shown(LEFT, of_the_last_hour(optional=True)).markdown) == ["11:30", "12:00"]
    if way == "pruned, of no record":
        (root / f"_records/loaf/{WINDOW}.json").unlink()
    if way != "unlinked":
        clock.advance(hours=9)
        shown.asset = type(shown.asset)(as_of=window.parse(WINDOW))
        Flour().dataset.note_pruned("2026-11-22T1140Z")
    (root / "flour/2026-11-22T1130Z.json").unlink()
    assert json.loads(view_of(shown.asset, WINDOW, largest=99).markdown) == ["12:00"]


def test_windows_that_are_not_optional_have_to_be_there(shown, sacks, root):
    shown(LEFT, of_the_last_hour(optional=False))
    (root / "flour/2026-11-22T1130Z.json").unlink()
    with pytest.raises(InputMissing, match="1 of the windows in .* is gone"):
        view_of(shown.asset, WINDOW, largest=99)


def test_of_a_window_that_is_none_any_more_it_gets_the_value_but_no_inputs(shown, settings):
    shown(told(lambda made: made.value), lambda self: Flour())
    settings("assets", window_minutes=60)
    type(shown.asset).clear_instance_cache()
    asset = type(shown.asset)()
    assert view_of(asset, WINDOW, largest=9).markdown == '"bread"'
    type(asset).view = told(lambda made: made.inputs)
    with pytest.raises(InputMissing, match="its window isn't one of those that Loaf has now"):
        view_of(asset, WINDOW, largest=9)


@pytest.mark.parametrize("text", ["cake!", "stone"])
def test_of_another_s_output_it_gets_no_metadata(shown, root, text):
    shown(told(lambda made: [made.value, made.metadata]))
    (root / f"loaf/{WINDOW}.txt").write_text(text)
    assert json.loads(view_of(shown.asset, WINDOW, largest=9).markdown) == [text, {}]


def test_without_a_record_it_gets_neither_settings_nor_metadata(shown, root):
    shown(told(lambda made: [made.settings, made.metadata]), settings=lambda self: {"oven.heat": 1})
    (root / f"_records/loaf/{WINDOW}.json").write_text("no record")
    assert view_of(shown.asset, WINDOW, largest=9).markdown == "[{}, {}]"


def test_what_is_too_large_is_not_read(shown):
    with pytest.raises(FormatError, match=r"loaf/.*Z.txt has 5 bytes, more than the 4 that"):
        shown(told(lambda made: made.value), largest=4)
    assert view_of(shown.asset, WINDOW, largest=5)


@pytest.mark.parametrize(
    "given, said",
    [
        (None, "view() returns a NoneType; return a View"),
        ("# Loaf", "view() returns a str; return a View"),
        (View(b"x"), "view() returns a View whose markdown is a bytes"),
        (View("x", ["rust"]), "view() returns a View whose details is a list"),
        (View("x", {}, 7), "view() returns a View whose areas is a int"),
        (View("x", in_file="rust"), "view() returns a View whose in_file is a str"),
        (View("x", in_file=7), "view() returns a View whose in_file is a int"),
    ],
)
def test_what_is_no_view_is_refused(shown, given, said):
    with pytest.raises(DefinitionError) as refused:
        shown(lambda self, made: given)
    assert str(refused.value) == f"Loaf: {said}"


def test_it_is_tested_with_plain_values():
    made = Materialization("bread", ["rye"], metadata={"loaves": 3})
    assert (made.value, made.inputs, made.metadata, made.settings) == (
        "bread",
        ["rye"],
        {"loaves": 3},
        {},
    )
