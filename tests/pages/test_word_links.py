"""The words of a page lead to the headlines that hold them."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pandas as pd
import pytest

from hn_luigi.assets import Materialization
from hn_luigi.hackernews import SCHEMA
from hn_luigi.pages.word_links import with_words, with_words_of_day

STORIES = [
    {"rank": 1, "id": 7, "title": "Rust in space", "url": "https://a.example/", "score": 1},
    {"rank": 2, "id": 8, "title": "Rust or C++?", "descendants": 3},
    {"rank": 4, "id": 9, "title": "[x](javascript:y) שלום", "url": "javascript:alert(1)"},
]
PAGE = """# Words

| Word | Headlines |
| --- | ---: |
| Rust | 2 |
| C++ | 1 |
| other | 1 |

1. [Rust in space](https://a.example/)
"""


@pytest.fixture
def shown():
    def show(metadata=None, **settings):
        frame = pd.DataFrame(STORIES, columns=[*SCHEMA]).astype(SCHEMA)
        return with_words(Materialization(PAGE, [frame, {}], settings, metadata or {}))

    return show


def test_a_word_of_the_table_leads_to_its_headlines_in_rank_order(shown):
    view = shown()
    assert "| [Rust](#Rust) | 2 |\n| [C++](#C%2B%2B) | 1 |\n| other | 1 |\n" in view.markdown
    assert view.details["Rust"]() == (
        "In 2 headlines:\n\n"
        "1. [Rust in space](https://a.example/) — 1 point, "
        "[discussion](https://news.ycombinator.com/item?id=7)\n"
        "2. [Rust or C++?](https://news.ycombinator.com/item?id=8) — "
        "[3 comments](https://news.ycombinator.com/item?id=8)\n"
    )


def test_so_does_one_of_a_table_whose_columns_are_padded(shown, monkeypatch):
    rows = "| Rust  |         2 |\n| C++   |        10 |\n"
    monkeypatch.setattr(f"{__name__}.PAGE", f"| Word  | Headlines |\n| ----- | --------: |\n{rows}")
    markdown = shown().markdown
    assert "| [Rust](#Rust)  |         2 |\n| [C++](#C%2B%2B)   |        10 |\n" in markdown


def test_so_does_one_that_was_a_word_only_when_the_page_was_made(shown):
    areas = {"SPACE": "1,2,30,40", "in": "5,6,7,8", "pac": "1,1,2,2", "C": "3,3,4,4"}
    view = shown({"areas": areas})
    assert [*view.areas] == ["SPACE", "in"]
    assert view.details["SPACE"]() == view.details["in"]()
    assert "Rust in space" in view.details["SPACE"]()
    (everything,) = (name for name in view.details if name.startswith("All "))
    assert everything == next(iter(shown().details))


NEWS = """## What changed since yesterday

### New and rising words

| Word | Headlines | Yesterday |
| ---- | --------: | --------: |
| C++  |         1 |       new |
| Rust |         2 |       1.5 |

### Climbers

- rank 9 → 1: [Rust](https://a.example/) — 9 points, [discussion](https://talk.example/)

"""
EXAMPLES = """## Headlines of the leading words

1. **Rust**: 2 headlines
    - [**C++**: 1 headline](https://a.example/) — [discussion](https://talk.example/)
2. **other**: 1 headline
10. **C++**: 1 headline
"""


def test_so_does_one_among_the_news_and_before_its_headlines(shown, monkeypatch):
    monkeypatch.setattr(f"{__name__}.PAGE", f"# Words\n\n{NEWS}{TABLE}{EXAMPLES}")
    markdown = shown().markdown
    assert "| [C++](#C%2B%2B)  |         1 |       new |\n| [Rust](#Rust) |" in markdown
    assert "\n1. **[Rust](#Rust)**: 2 headlines\n    - [**C++**: 1 headline](" in markdown
    assert "\n2. **other**: 1 headline\n10. **[C++](#C%2B%2B)**: 1 headline\n" in markdown
    assert "\n- rank 9 → 1: [Rust](https://a.example/) — " in markdown


@pytest.mark.parametrize("measure", ["Headlines", "Points", "Weight by rank"])
def test_all_words_are_below_the_leading_ones_whatever_comes_first(shown, monkeypatch, measure):
    table = TABLE.replace("Headlines", measure)
    monkeypatch.setattr(f"{__name__}.PAGE", f"# Words\n\n{NEWS}{table}{EXAMPLES}")
    assert "| [Rust](#Rust) | 2 |\n\n[All 5 words](" in shown().markdown


def test_the_picture_comes_before_the_news(shown, monkeypatch):
    note = "The colours tell nothing.\n\n"
    picture = f"![Words][cloud]\n\n{note}"
    monkeypatch.setattr(f"{__name__}.PAGE", f"# Words\n\nFacts\n\n{NEWS}{TABLE}{picture}{EXAMPLES}")
    assert shown().markdown.startswith(f"# Words\n\nFacts\n\n{picture}## What changed since")
    assert f"{note}## Headlines of the leading words" not in shown().markdown


PICTURE = "![Words][cloud]\n\nNot in the picture: 2 words (too long).\n\n"
TABLE = "## Leading words\n\n| Word | Headlines |\n| --- | ---: |\n| Rust | 2 |\n\n"


@pytest.mark.parametrize("parts", [(TABLE, PICTURE), (PICTURE, TABLE)], ids=["now", "of old"])
def test_the_picture_comes_first_wherever_the_file_has_it(shown, monkeypatch, parts):
    rest = "## Leading headlines\n\n1. One\n\n[cloud]: data:image/png;base64,AAAA\n"
    monkeypatch.setattr(f"{__name__}.PAGE", f"# Heading\n\nFacts\n\n{''.join(parts)}{rest}")
    head, words, _ = shown().markdown.split("\n## ")
    assert head == f"# Heading\n\nFacts\n\n{PICTURE}".removesuffix("\n")
    assert words.startswith("Leading words\n\n| Word | Headlines |\n")
    assert shown().markdown.endswith(rest)


def test_the_rest_of_the_page_stays_as_it_is(shown):
    begin, _, rest = PAGE.partition("| Rust")
    assert shown().markdown.startswith(begin)
    assert shown().markdown.endswith(rest.partition("| 1 |\n| other | 1 |\n")[2])


def test_below_the_table_is_a_link_to_all_words_which_lead_on(shown):
    view = shown()
    found = re.search(
        r"^\| other \| 1 \|\n\n\[[^]]*\]\(#([^)]*)\)\n\n1\.", view.markdown, re.MULTILINE
    )
    everything = unquote(found[1])
    assert everything == "All 5 words"
    links = re.findall(r"\]\(#([^)]*)\)", view.details[everything]())
    assert {*map(unquote, links)} == view.details.keys() - {everything}


def test_a_title_stays_text_and_leads_to_the_web_alone(shown):
    told = shown().details["שלום"]()
    assert "javascript:alert" not in told
    assert "1. [&#91;x&#93;(javascript\\:y) " in told.replace("\u2068", "")
    assert "https://news.ycombinator.com/item?id=9" in told


def test_a_stop_word_leads_nowhere(shown):
    view = shown(**{"cloud.stopwords": "rust"})
    assert "Rust" not in view.details
    assert "| Rust | 2 |" in view.markdown


@pytest.mark.parametrize(
    "areas, found",
    [
        ({"Rust": "10,20,110,60"}, {"Rust": (10, 20, 110, 60)}),
        ({"Rust": "10,20,110,60", "C++": "1,2,3"}, {"Rust": (10, 20, 110, 60)}),
        ({"nosuch": "10,20,110,60", "\ud800": "1,2,3,4"}, {}),
        ({"Rust": [10, 20, 110, 60]}, {}),
        (["Rust"], {}),
        (None, {}),
    ],
)
def test_a_word_has_the_place_that_was_recorded_of_it(shown, areas, found):
    assert shown({"areas": areas}).areas == found


def test_the_words_of_a_day_lead_to_each_story_once_at_its_best_rank():
    frame = pd.DataFrame(STORIES, columns=[*SCHEMA]).astype(SCHEMA)
    later = frame.assign(rank=[30, 1, 9], as_of=pd.Timestamp("2026-11-22 01:00Z"))
    day = pd.concat([frame.assign(as_of=pd.Timestamp("2026-11-22 00:00Z")), later])
    page = PAGE.replace("| 2 |", "| 2 | 4.0 % | 1.0 % |")
    trends = pd.DataFrame({"word": ["rust", "C++", "Go"]})
    view = with_words_of_day(
        Materialization(
            page.replace("Rust |", "rust |"), [day.sort_values(["id", "as_of"]), trends]
        )
    )
    assert "| [rust](#rust) | 2 | 4.0 % | 1.0 % |\n" in view.markdown
    told = re.findall(r"\[(Rust .*?)\]", view.details["rust"]())
    assert told == ["Rust in space", "Rust or C++?"]


def test_so_does_one_that_other_days_have_in_another_form():
    frame = pd.DataFrame(
        [{**STORIES[0], "id": n, "title": f"{name} has agents"} for n, name in enumerate("αβγ")],
        columns=[*SCHEMA],
    ).astype(SCHEMA)
    day = frame.assign(as_of=pd.Timestamp("2026-11-22 00:00Z"))
    page = "| Word | Stories |\n| --- | ---: |\n| Agent | 3 |\n| AI Agents | 0 |\n"
    trends = pd.DataFrame({"word": ["Agent", "AI Agents"]})
    view = with_words_of_day(Materialization(page, [day, trends]))
    assert "| [Agent](#Agent) | 3 |\n| AI Agents | 0 |\n" in view.markdown
    assert view.details["Agent"]().startswith("In 3 headlines:\n\n1. [α has agents](")
