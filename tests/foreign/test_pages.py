"""Each page that leads from the first, of assets that nobody here knows."""

from __future__ import annotations

import re
import shutil
from urllib.parse import unquote, urlsplit

import pytest
from luigi.scheduler import Scheduler

from hn_luigi.web.handlers import application
from hn_luigi.web.page import NotFound, Page
from hn_luigi.web.reader import Reader
from hn_luigi.web.runs import Runs

from ..processes import wait_until
from .conftest import AT, OURS, PIN
from .site import Site, buttons_of, ended, links_in, press, served

pytestmark = pytest.mark.slow
IN_RUNS = ("/runs", "/runs/0123456789ab")
"""What test_each_button_starts_a_run_that_ends asks for."""
FORMS = ("/refresh",)
"""What takes a form alone, on a server that refreshes: see tests/web/test_refresh_pages.py."""


@pytest.fixture(scope="module")
def site(made_once, tmp_path_factory):
    """All of it, at 12:34:56."""
    folder = tmp_path_factory.mktemp("site") / "work"
    shutil.copytree(made_once, folder)
    with served(folder, AT.format(34)) as client:
        site = Site()
        site.explore(client, "/assets")
    return site


def test_no_link_is_dead_and_no_page_fails(site):
    bad = {
        p: (a.status, site.linked_from.get(p)) for p, a in site.answers.items() if a.status != 200
    }
    assert bad == {}


def test_each_asset_has_a_page_that_is_linked_from_the_first(site, assets):
    first = {unquote(urlsplit(link).path) for link in links_in(site.pages["/assets"], "/assets")}
    for asset in assets:
        assert f"/assets/{asset.folder}" in first
        assert site.of(asset), asset.folder


def test_each_page_calls_its_asset_by_its_folder(site, assets):
    for asset in assets:
        for page in site.of(asset).values():
            assert asset.folder in page.one("main").text


def test_nothing_speaks_of_our_graph_or_tells_what_is_private(site):
    for path, page in site.pages.items():
        assert not OURS.search(page.text), path
        assert PIN not in site.answers[path].text, path


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("sky", ["constellation", "<i>Orion</i>", "int64"]),
        ("names", ["<i>Orion</i>: the hunter"]),
        ("signal", ["4.1 kB"]),
        ("night", ["2 looks at the sky, 8,192 bytes."]),
        ("vault", ["characters", "nested", "<i>"]),
        ("comet", ["LookupError: no comet in <b>Lyra</b>"]),
        ("orbit", ["Nothing has been made yet"]),
    ],
)
def test_an_output_is_shown_by_what_it_is(site, assets, name, shown):
    (asset,) = [asset for asset in assets if asset.folder == name]
    text = " ".join(page.text for page in site.of(asset).values())
    assert [what for what in shown if what not in text] == []


def test_a_page_says_what_a_plain_task_read(site, assets):
    dues = assets[1]
    text = " ".join(page.text for page in site.of(dues).values())
    assert "Ané <b>maria</b>" in text
    assert "600.0" in text


def test_what_a_class_shows_itself_leads_to_details(site, assets):
    (night,) = [asset for asset in assets if asset.folder == "night"]
    text = " ".join(page.text for page in site.of(night).values())
    assert "4 of its stars" in text
    assert "<i>Orion</i>" in text


def test_each_kind_of_page_is_among_them(site):
    rules = application(Scheduler(), Runs(""), Reader()).wildcard_router.rules
    own = [rule for rule in rules if issubclass(rule.target, Page) and rule.target != NotFound]
    patterns = [rule.matcher.regex for rule in own]
    paths = {*(urlsplit(link).path for link in site.answers), *IN_RUNS, *FORMS}
    assert [each for each in patterns if not any(map(each.fullmatch, paths))] == []


def test_a_picture_is_a_picture(site, assets):
    (plate,) = [asset for asset in assets if asset.folder == "plate"]
    pictures = {
        link: site.answers[link]
        for path, page in site.of(plate).items()
        for link in links_in(page, path)
        if site.answers[link].body.startswith(b"\x89PNG")
    }
    assert pictures
    assert all(p.headers["Content-Type"] == "image/png" for p in pictures.values())


def test_what_nobody_knows_can_be_downloaded(site, assets):
    (signal,) = [asset for asset in assets if asset.folder == "signal"]
    told = [
        site.answers[link]
        for path, page in site.of(signal).items()
        for link in links_in(page, path)
    ]
    assert bytes(range(256)) * 16 in [answer.body for answer in told]


@pytest.mark.parametrize("name", ["dues", "vault", "comet"])
def test_each_button_starts_a_run_that_ends(name, empty, tmp_path, assets):
    (asset,) = [asset for asset in assets if asset.folder.endswith(name)]
    work = tmp_path / "now"
    shutil.copytree(empty, work)
    with served(work) as client:
        links = links_in(client.page("/assets"), "/assets")
        path = next(link for link in links if unquote(link) == f"/assets/{asset.folder}")
        count = len([*buttons_of(client.page(path))])
        assert count
        for number in range(count):
            run = press(client, path, number)
            said = wait_until(lambda run=run: ended(client, run))
            assert ("Done." in said) == ("no comet" not in said), said
            assert PIN not in said
        site = Site()
        site.explore(client, "/assets")
        assert {a.status for a in site.answers.values()} == {200}
        assert run in site.answers
    outputs = [p for p in work.rglob(f"{name}/*") if not re.search("/_(records|fail)", str(p))]
    assert bool(outputs) == (name != "comet")
