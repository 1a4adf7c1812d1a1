"""A list against that of the day before: what is new in it, what rose, and who climbed."""

from __future__ import annotations

import itertools
import math
import random

import pandas as pd
import pytest

from hn_luigi.cloud import vocabulary_of
from hn_luigi.trends.changes import (
    CLEAR,
    climbers,
    new_stories,
    new_words,
    rising_words,
    word_changes,
)

WORDS = ["".join(parts) + "x" for parts in itertools.product(("ba", "ko", "mi", "ru"), repeat=5)]
SHARES = [*itertools.accumulate(1 / (n + 10) for n in range(len(WORDS)))]
"""As in real headlines, of 500 of which the first word is in some 40, and the 20th in 10 or so."""


def titles_of(count, seed, **planted):
    """Headlines of four words each, and in so many of them a planted one."""
    chance = random.Random(seed)
    titles = [" ".join(chance.choices(WORDS, cum_weights=SHARES, k=4)) for _ in range(count)]
    for word, times in planted.items():
        for number in chance.sample(range(count), times):
            titles[number] += f" {word}"
    return titles


def a_day(*windows):
    """A day's list, in which each window has these stories, by id, in rank order."""
    rows = [
        {"id": id_, "title": title, "rank": rank, "as_of": pd.Timestamp(2026, 11, 21, hour)}
        for hour, window in enumerate(windows)
        for rank, (id_, title) in enumerate(window.items(), start=1)
    ]
    return pd.DataFrame(rows).sort_values(["id", "as_of"], ignore_index=True)


def a_list(stories):
    return pd.DataFrame(
        {"id": id_, "title": title, "rank": rank}
        for rank, (id_, title) in enumerate(stories.items(), start=1)
    )


def changed(titles, *windows):
    """How the words of ``titles`` stand against a day of these windows, each of titles."""
    vocabulary = vocabulary_of(titles)
    day = a_day(
        *({w * 1000 + n: title for n, title in enumerate(of)} for w, of in enumerate(windows))
    )
    return word_changes(vocabulary.find(titles), len(titles), day, vocabulary)


def test_a_planted_word_that_doubles_rises_first():
    now = titles_of(500, 1, Planted=24, Steady=24, Another=25, Rare=3)
    before = titles_of(500, 2, Planted=12, Steady=24, Another=24, Rare=2)
    changes = changed(now, before)
    assert rising_words(changes, at_most=9)[0] == "Planted"
    assert changes["Planted"].headlines == 24
    assert changes["Planted"].before == 12
    assert not {"Steady", "Another", "Rare"} & {*rising_words(changes, at_most=999)}


@pytest.mark.parametrize("now", range(1, 30))
def test_one_headline_more_is_no_rise(now):
    changes = changed(titles_of(500, 1, Planted=now + 1), titles_of(500, 2, Planted=now))
    assert 0 < changes["Planted"].rise < CLEAR


def test_a_word_in_three_headlines_never_rises():
    many = [titles_of(500, 2, Planted=1), *(titles_of(500, seed) for seed in range(3, 13))]
    changes = changed(titles_of(500, 1, Planted=3), *many)
    assert changes["Planted"].rise < CLEAR


def test_chance_alone_lets_hardly_a_word_rise():
    """Where each hour 17 of 500 stories go and others come, in 10 days."""
    risen = []
    for seed in range(10):
        chance, coming = random.Random(seed), titles_of(40 * 17, seed)
        hours = [titles_of(500, -seed)]
        while coming:
            staying = chance.sample(hours[-1], 500 - 17)
            hours.append(staying + [coming.pop() for _ in range(17)])
        risen += rising_words(changed(hours[-1], *hours[:24]), at_most=999)
    assert len(risen) < 10


def test_a_fall_mirrors_a_rise():
    few, many = titles_of(500, 1, Planted=5), titles_of(500, 2, Planted=20)
    up, down = changed(many, few)["Planted"].rise, changed(few, many)["Planted"].rise
    assert up == pytest.approx(-down)
    assert up > CLEAR


def test_a_list_of_another_length_is_compared_by_shares():
    half = changed(titles_of(250, 1, Planted=10), titles_of(500, 2, Planted=20))["Planted"]
    assert half.before == pytest.approx(10)
    assert half.rise == pytest.approx(0)


def test_a_story_counts_for_as_long_as_it_was_listed():
    """As it does now: at any time the list holds more of what stays."""
    stays, *passing = ({"title": f"Rust {n}", "id": n} for n in range(9))
    windows = [
        {stays["id"]: stays["title"], story["id"]: story["title"], 99: "other", 98: "more"}
        for story in passing
    ]
    now = a_list({1: "Rust", 2: "Rust again", 3: "x1 a thing", 4: "more"})
    vocabulary = vocabulary_of(now["title"])
    change = word_changes(vocabulary.find(now["title"]), 4, a_day(*windows), vocabulary)["Rust"]
    assert change.before == pytest.approx(2)
    assert change.rise == pytest.approx(0)


def test_a_title_counts_as_it_was_last():
    now = ["Rust leads"]
    before = a_day({1: "Russet"}, {1: "Rust"})
    vocabulary = vocabulary_of(now)
    assert word_changes(vocabulary.find(now), 1, before, vocabulary)["Rust"].before == 1


def test_a_word_is_new_that_no_title_of_the_day_holds_in_any_form():
    changes = changed(["Zebras", "Zebra", "Kettles", "Kettle", "Owls"], ["kettle", "OWLS"])
    assert [word for word, c in changes.items() if c.rise == math.inf] == ["Zebra"]


def test_of_new_words_those_in_three_headlines_are_told_in_their_order():
    changes = changed(["Ada"] * 2 + ["Bob"] * 3 + ["Cyd"] * 4, ["Dee"])
    assert new_words(changes, at_most=9) == ["Cyd", "Bob"]
    assert new_words(changes, at_most=1) == ["Cyd"]
    assert rising_words(changes, at_most=9) == []


def test_a_word_of_every_headline_has_a_finite_rise():
    assert math.isfinite(changed(["Rust"] * 9, ["Rust"] * 3)["Rust"].rise)


def test_new_stories_are_those_that_the_day_never_listed():
    now = a_list({5: "a", 1: "b", 6: "c", 2: "d"})
    assert list(new_stories(now, a_day({1: "b"}, {2: "d"}))["id"]) == [5, 6]


def test_who_climbed_most_since_last_seen_comes_first():
    now = a_list({1: "a", 2: "b", 3: "c", 4: "d", 5: "e"})
    early = {5: "e", 4: "d", 3: "c", 2: "b", 1: "a"}
    last = {5: "e", 2: "b", 8: "x", 1: "a", 4: "d"}
    risen = climbers(now, a_day(early, last), at_most=9)
    assert [*zip(risen["id"], risen["rank_before"], risen["rank"], strict=True)] == [
        (1, 4, 1),
        (4, 5, 4),
    ]
    assert list(climbers(now, a_day(early), at_most=1)["id"]) == [1]


def test_of_equal_rises_the_best_ranked_comes_first():
    now = a_list({1: "a", 2: "b", 3: "c"})
    then = a_day({9: "x", 1: "a", 2: "b", 3: "c"})
    assert list(climbers(now, then, at_most=9)["id"]) == [1, 2, 3]


def test_who_stayed_or_fell_is_no_climber():
    now = a_list({1: "a", 2: "b"})
    assert climbers(now, a_day({1: "a", 2: "b"}), at_most=9).empty
    assert climbers(now, a_day({3: "c"}), at_most=9).empty


def test_the_types_that_days_are_stored_in_take_part():
    now = a_list({1: "a", 2: "b"})
    then = a_day({9: "x", 8: "y", 2: "b"}).astype({"id": "uint32", "rank": "int16"})
    risen = climbers(now, then, at_most=9)
    assert [*zip(risen["id"], risen["rank_before"], strict=True)] == [(2, 3)]
    assert list(new_stories(now, then)["id"]) == [1]
