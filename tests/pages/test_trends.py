"""A day's trends as they are shown: the words that moved, which lead to their shares by day."""

from __future__ import annotations

import re
from urllib.parse import unquote

from hn_luigi import Trends
from hn_luigi.assets import Materialization
from hn_luigi.pages.trends import trends_shown

from ..trends.invented import A_DAY, DAY
from ..trends.test_shares import days, planted_trends, trends


def shown(table):
    return trends_shown(Materialization(table, window="2026-11-22T0000Z"))


def test_what_moved_leads_to_its_shares_by_day():
    view = shown(planted_trends(1, without=DAY - 5 * A_DAY))
    assert view.markdown.startswith("# What rose and fell on 2026-11-22\n\nWords: ")
    assert " · Compared with 27 of the 28 days before\n" in view.markdown
    rose, fell = view.markdown.split("## Fell")
    assert re.search(r"\n\| \[Doubled\]\(#Doubled\) +\| +13.3 % \| +6.7 % \| \+[0-9]", rose)
    assert re.search(r"\n\| \[Halved\]\(#Halved\) +\| +6.7 % \| +13.3 % \| -[0-9]", fell)
    table = view.details["Doubled"]().splitlines()
    assert len(table) == 2 + 29
    assert table[2].split("|")[1:4] == [" 2026-11-22 ", " 40 of 300 ", " 13.3 % "]
    assert table[7].split("|")[1:4] == [" 2026-11-17 ", "   missing ", "        "]


def test_every_link_leads_to_a_detail():
    view = shown(planted_trends(1))
    links = re.findall(r"\]\(#(\S+)\)", view.markdown)
    assert links
    assert {unquote(link) for link in links} == set(view.details)


def test_on_the_first_day_it_says_so():
    view = shown(trends(days(1)[0], {}))
    assert "There is nothing to compare this day with." in view.markdown
    assert not view.details


def test_no_words_are_no_error():
    assert "Words: 0" in shown(planted_trends(1).iloc[:0]).markdown


def test_it_is_how_the_task_shows_itself():
    made = Materialization(planted_trends(1), window="2026-11-22T0000Z")
    assert Trends(as_of=DAY).view(made).markdown == shown(made.value).markdown
