"""Items: as the API sends them, and nobody real is in them."""

from __future__ import annotations

import re

from hn_luigi.replica import FrontPage


def test_addresses_lead_to_nobody(sample: FrontPage) -> None:
    urls = [item["url"] for item in sample.items.values() if item and item.get("url")]
    hosts = {url.split("/")[2] for url in urls if url.startswith("https://")}
    reserved = (".example", "example.com", "example.org", "example.net")
    assert len(hosts) > 5
    assert all(host.endswith(reserved) for host in hosts)


def test_titles_are_escaped_as_the_api_does_it(sample: FrontPage) -> None:
    sent = [item["title"] for item in sample.items.values() if item and "title" in item]
    assert {entity for title in sent for entity in re.findall(r"&#?\w+;", title)} == {
        "&lt;",
        "&gt;",
    }
    assert not [title for title in sent if "<" in title or ">" in title]


def test_what_is_dead_or_a_job_has_no_comments_and_no_count(sample: FrontPage) -> None:
    for item in sample.items.values():
        if item and (item.get("dead") or item["type"] == "job"):
            assert not {"descendants", "kids"} & item.keys()
