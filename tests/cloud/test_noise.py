"""What headlines are full of doesn't count, in all its forms, and what they are about does."""

from __future__ import annotations

import itertools
import random

import pytest

from hn_luigi.cloud import count_words
from hn_luigi.cloud.noise import noise_of

OF_A_KIND = {
    "verbs of reporting": """
        say says said saying announce announces announced announcing claim claims claimed claiming
        warn warns warned warning reveal reveals revealed revealing unveil unveils unveiled report
        reports reported reporting reportedly allegedly confirm confirms confirmed""",
    "other verbs": """
        make makes made making take takes took taken taking find finds found finding give gives gave
        given giving keep keeps kept keeping come comes came coming see sees saw seen seeing let
        lets letting try tries tried trying run runs ran running need needs needed use uses used
        using build builds built building get gets got gotten getting goes going went gone become
        becomes became turn turns turned turning think thinks thought thinking allow allows allowed
        require requires required start starts started starting want wants wanted work works worked
        working does did doing done""",
    "auxiliaries": "may might must will would could should can cannot is are was were been",
    "contractions": """
        you'll we're here's isn't i've they'd what's let's won't it's who's could've ain't y'all
        needn't don\u2019t DON'T dont isnt gonna wanna""",
    "numbers": """
        zero one two three four ten eleven twenty ninety hundred hundreds thousand million millions
        billion trillion dozens first second third tenth 10k 1.5m 5bn 10x 2nd 90s 1980s 16gb
        10-year-old""",
    "quantities": """
        many much more most few fewer several enough every another others lot lots half whole entire
        nearly almost barely roughly""",
    "times": """
        day days daily week weeks weekly month months year years yearly hour hours minute minutes
        decade decades today tonight yesterday tomorrow now later soon again always never ever
        recent recently january december monday sundays""",
    "adverbs": """
        actually really finally still already quickly probably simply suddenly even just instead""",
    "pronouns": """
        everyone everybody everything anyone anything someone something nobody nothing whose
        whatever themselves""",
    "prepositions": """
        via vs per without within across against among toward us behind inside despite until unless
        whether although""",
    "adjectives": """
        new newest old older oldest big bigger biggest large larger largest high higher highest good
        better best bad worse worst great real full long longer easy hard different able""",
    "nouns": "thing things way ways part parts kind kinds reason reasons people stuff",
    "abbreviations": "e.g. e.g i.e. etc aka",
}
TOPICS = """
    C++ Go Rust Swift Python R code data AI free system launch launches show ask PDF TV
    video audio war court startup security game language bans dies killed hiring rights
    learning reading writing 3D 4K 5G x86 US Linux open-source
"""


@pytest.mark.parametrize(
    "word", [word for words in OF_A_KIND.values() for word in dict.fromkeys(words.split())]
)
def test_noise_is_none_of_the_words_of_a_headline(word: str) -> None:
    for form in (word, word.capitalize(), word.upper()):
        abbreviations = {"IT", "US", "WHO"}
        assert set(count_words([f"Wolf {form} fox"])) - abbreviations == {"Wolf", "fox"}


@pytest.mark.parametrize("word", TOPICS.split())
def test_what_says_something_stays(word: str) -> None:
    assert count_words([f"Wolf, {word}, fox"]).keys() == {"Wolf", word, "fox"}


@pytest.mark.parametrize("seed", range(20))
def test_headlines_that_nobody_has_seen_have_no_other_words_than_their_subjects(seed: int) -> None:
    syllables = itertools.product(
        ["zor", "quan", "wib", "fjo", "kum", "trel"], ["blax", "dle", "quat"]
    )
    names = ["".join(pair) for pair in syllables]
    phrases = [
        "{s} says it will bring back {o} this year",
        "Here's what nobody told you about {s}'s new {o}",
        "Why I finally stopped using {s} and started making my own {o}",
        "{s} reportedly gives up on {o} after nearly three decades, and that isn't all",
        "Ten things every one of us should know before trying {s} for {o}",
        "{s} vs. {o}: which is actually better today, and when it doesn't matter at all?",
        "The best way to find {o} without {s}, e.g. in 30 minutes",
        "They tried {s} again; we've never seen {o} run so long",
        "How {s} built the largest {o} with less than $10k a month",
        "{s} announces first {o}: everyone can get it now via {s}, may come with 16GB",
    ]
    chance = random.Random(seed)
    titles = [
        phrase.format(s=subject.capitalize(), o=thing)
        for phrase in phrases
        for subject, thing in itertools.pairwise(chance.sample(names, 7))
    ]
    words = {word.casefold() for word in count_words(titles)}
    assert words - {"matter"} <= {*names}
    assert len(words) > 10


@pytest.mark.parametrize(
    "name",
    [
        "Let's Encrypt",
        "Big Bang",
        "Stranger Things",
        "Google Meet",
        "Climate Change",
        "Second Life",
        "Million Dollar Baby",
        "Black Friday",
        "High Court",
        "White Night",
        "Build System",
        "New Zealand",
        "Financial Times",
        "Long Covid",
        "Milky Way",
    ],
)
def test_a_name_may_hold_what_alone_would_be_noise(name: str) -> None:
    noise = noise_of()
    parts = [part.casefold().removesuffix("'s") for part in name.split()]
    assert not any(noise.stops_at(part) for part in parts)
    assert any(noise.fills(part) for part in parts)
    assert not all(noise.fills(part) for part in parts)


@pytest.mark.parametrize("word", ["the", "says", "big", "you'll", "10k", "rust"])
@pytest.mark.parametrize("change", [str.lower, str.upper])
def test_what_is_to_be_kept_is_no_noise_whatever_list_has_it(word, change) -> None:
    counted = count_words(
        [f"wolf {word} fox"], stop_words=["rust"], keep=[change(word).replace("'", "\u2019")]
    )
    assert counted.keys() == {"wolf", word, "fox"}


def test_one_that_is_kept_takes_no_other_back() -> None:
    assert count_words(["Big wolf said big things"], keep=["big"]).keys() == {"Big", "wolf"}


def test_no_word_is_on_both_lists() -> None:
    """A filler that was a stop as well would end each name that it is in."""
    noise = noise_of()
    assert [word for word in noise.stops if noise.fills(word)] == []
