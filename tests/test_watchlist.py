"""Which assets there are, by the names that commands, forms and addresses give them."""

from __future__ import annotations

import pytest

from hn_luigi import Stories, StoryIds
from hn_luigi.assets.operations import SettingError
from hn_luigi.watchlist import asset_named, kind_named


@pytest.mark.parametrize("name", ["StoryIds", "story_ids", "storyids", "STORY_IDS"])
def test_an_asset_is_known_by_its_class_or_its_folder_in_any_case(name):
    assert kind_named(name) is StoryIds


def test_an_asset_has_the_feed_and_the_window_it_is_asked_for(clock):
    assert asset_named("stories", feed="show", as_of=clock.at) == Stories(
        feed="show", as_of=clock.at
    )


@pytest.mark.parametrize("name", ["", "story", "top/stories", "story-ids"])
def test_what_is_no_asset_is_refused_with_those_there_are(name):
    assert kind_named(name) is None
    with pytest.raises(SettingError, match="choose from StoryIds, Stories, Wordcloud"):
        asset_named(name, feed="top", as_of=None)
