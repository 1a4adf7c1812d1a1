"""What a check is, what it may take and return, and which can't work."""

from __future__ import annotations

from copy import copy
from functools import partial

import numpy as np
import pandas as pd
import pytest

from hn_luigi.assets import Check, Severity, warn
from hn_luigi.assets.checks.check import checks_of
from hn_luigi.assets.errors import DefinitionError

FRAME = pd.DataFrame({"id": [1, 2]})


def crumbly(bread):
    return "it crumbles"


class Taster:
    def __call__(self, bread):
        return None

    def taste(self, bread):
        return None


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        (None, None),
        (True, None),
        (np.True_, None),
        ("", None),
        ("it is burnt", "it is burnt"),
        (False, "it returned False"),
        (np.False_, "it returned False"),
    ],
)
def test_it_returns_none_or_what_is_wrong_or_whether_all_is_well(said, problem):
    assert Check(lambda value: said, name="x").problem_of(FRAME, {}) == problem


@pytest.mark.parametrize("said", [["it is burnt"], [], {"burnt": 1}, 3, pd.Series([True])])
def test_what_else_it_returns_is_not_passed_over(said):
    found = Check(lambda value: said, name="x").problem_of(FRAME, {})
    assert found == (
        f"it returned a {type(said).__name__}; have it return None, or a text that says what is "
        "wrong"
    )


def test_what_validates_may_return_what_it_was_given_or_a_copy():
    assert Check(lambda frame: frame, name="x").problem_of(FRAME, {}) is None
    assert Check(pd.DataFrame.copy).problem_of(FRAME, {}) is None


@pytest.mark.parametrize(
    ("value", "said"), [([3, 3], [3]), ([3], []), ((1, 2), (2,)), ({"a": 1}, {"b": 2}), (7, 2)]
)
def test_findings_are_not_taken_for_a_copy_of_what_is_of_their_type(value, said):
    problem = Check(lambda value: said, name="x").problem_of(value, {})
    assert problem is not None
    assert problem.startswith(f"it returned a {type(said).__name__}; have")
    assert Check(lambda value: copy(value), name="x").problem_of(value, {}) is None


def test_a_text_is_what_is_wrong_with_a_page_even_if_it_is_the_page():
    assert Check(lambda page: page, name="x").problem_of("# Page", {}) == "# Page"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (KeyError("id"), "KeyError: 'id'"),
        (SystemExit("no"), "SystemExit: no"),
        (BaseException("a panic"), "BaseException: a panic"),
        (ValueError("x" * 9999), ("ValueError: " + "x" * 9999)[:2000]),
        (ValueError("\ud800"), "ValueError: \\ud800"),
    ],
)
def test_what_it_raises_is_what_is_wrong(error, words):
    def check(value):
        raise error

    assert Check(check).problem_of(FRAME, {}) == words


def test_half_a_character_is_written_so_that_a_record_can_hold_it():
    assert Check(lambda value: "\udc80", name="x").problem_of(FRAME, {}) == "\\udc80"


def test_an_interrupt_is_none_of_its_findings():
    def check(value):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Check(check).problem_of(FRAME, {})


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (crumbly, "crumbly"),
        (partial(crumbly), "crumbly"),
        (Taster(), "Taster"),
        (Taster().taste, "taste"),
        (len, "len"),
    ],
)
def test_it_is_called_as_its_function_is(function, name):
    assert Check(function).name == name
    assert (warn(function).name, warn(function).severity) == (name, Severity.WARN)


def test_it_can_be_called_something_else():
    assert warn(Check(crumbly, name="crumbs")).name == "crumbs"


def test_one_that_takes_two_gets_what_the_last_good_one_reported():
    check = warn(lambda value, last: f"{last['rows']} then, {len(value)} now")
    assert check.problem_of([1], {"rows": 7}) == "7 then, 1 now"


def test_a_second_one_with_a_default_is_the_function_s_own():
    """As that of pandera's ``validate(frame, head=None, ...)``."""
    assert Check(lambda value, head=None: head and "no", name="x").problem_of([1], {"a": 1}) is None


def test_one_whose_signature_can_t_be_had_takes_the_value():
    assert Check(dict.update, name="x").takes_last is False


class TestWhatCanTWork:
    def test_comparing_with_the_past_and_refusing(self):
        def halved(value, last):
            return None

        with pytest.raises(DefinitionError, match="halved compares .* make it warn"):
            Check(halved)
        assert warn(halved).takes_last

    @pytest.mark.parametrize(
        "function", [lambda: None, lambda a, b, c: None, lambda value, *, last: None]
    )
    def test_other_arguments(self, function):
        with pytest.raises(DefinitionError, match=r"<lambda> takes \(.*; have it take the value"):
            warn(function)

    def test_no_function(self):
        with pytest.raises(DefinitionError, match="'unique' is no check; give a function"):
            Check("unique")

    def test_no_severity(self):
        with pytest.raises(DefinitionError, match="has the severity 'warn'; give Severity"):
            Check(crumbly, "warn")

    def test_two_of_one_name(self):
        with pytest.raises(DefinitionError, match="two checks are called 'crumbly'; name one"):
            checks_of((crumbly, warn(crumbly)))
        assert len(checks_of((crumbly, Check(crumbly, name="again")))) == 2
