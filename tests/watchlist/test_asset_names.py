"""What people may call an asset: as it is printed, by its class, or by its class with flags."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hn_luigi import Stories, StoryIds, Wordcloud
from hn_luigi.assets.operations import SettingError
from hn_luigi.watchlist import asset_of, first_if_unnamed


@pytest.mark.parametrize("name", ["top/story_ids", "StoryIds", "story_ids", "STORYIDS"])
def test_an_asset_is_known_by_its_folder_or_by_its_class_in_any_case(name):
    assert asset_of([name]) == StoryIds()


@pytest.mark.parametrize(
    "words", [["Stories", "--feed", "job"], ["stories", "--feed=job"], ["Stories --feed job"]]
)
def test_flags_name_another_asset_of_a_watched_class(words):
    assert asset_of(words) == Stories(feed="job")


def test_flags_tell_apart_those_that_are_watched(shops, settings):
    lines = ["shops Total --city Rome", "shops Total --city 'New York'"]
    settings("assets", watch="\n".join(lines))
    assert asset_of(["Total", "--city", "New York"]).folder == "New York/total"
    assert asset_of(["New York/total"]).city == "New York"
    with pytest.raises(SettingError, match="'Total' may be Rome/total or New York/total"):
        asset_of(["Total"])


def test_flags_that_are_left_out_are_those_of_what_is_watched(shops, settings):
    settings("assets", watch="shops Prices --city Rome --unit USD")
    assert asset_of(["Prices", "--city", "Rome"]).unit == "USD"
    assert asset_of(["Prices", "--city", "Oslo"]).unit == "EUR"


def test_no_words_name_the_first_of_the_watch_list(settings):
    settings("assets", watch="hn_luigi Stories\nhn_luigi Wordcloud")
    assert asset_of([]) == Stories()


@pytest.mark.parametrize(
    ("words", "folder"),
    [([], "top/stories"), (["--feed", "job"], "job/stories"), (["Wordcloud"], "top/wordcloud")],
)
def test_flags_alone_are_of_the_first_of_the_watch_list_where_that_is_meant(
    words, folder, settings
):
    settings("assets", watch="hn_luigi Stories\nhn_luigi Wordcloud")
    assert asset_of(first_if_unnamed(words)).folder == folder


def test_it_is_for_the_window_that_holds_the_time(clock):
    then = clock.at - timedelta(hours=1)
    assert asset_of(["Wordcloud"], as_of=then) == Wordcloud(as_of=then)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["Nothing"], "choose from top/story_ids, top/stories, top/stories_of_day, "),
        (["story"], "choose from"),
        (["show/wordcloud"], "choose from"),
        ([""], "names no asset"),
        (["Story 'Ids"], "No closing quotation"),
        (["--feed", "show", "Wordcloud"], "name that first, then its flags"),
        (["Wordcloud", "--jsno"], "Wordcloud has no flag --jsno: it takes --feed"),
        (["Wordcloud", "show"], "'show' belongs to no flag"),
        (["top/wordcloud", "--feed", "show"], "takes no flags, a class does: leave out --feed"),
    ],
)
def test_what_names_none_is_refused_with_what_there_is(words, why):
    with pytest.raises(SettingError, match=why):
        asset_of(words)


def test_what_has_no_windows_takes_no_time(shops, settings, clock):
    settings("assets", watch="shops Names")
    with pytest.raises(SettingError, match="names has no windows: leave it out"):
        asset_of(["Names"], as_of=clock.at)
