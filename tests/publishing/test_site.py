"""A site has the pages of what is watched, up to date; nothing is lost, or written twice."""

from __future__ import annotations

import json
import os
import re
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime, timedelta
from itertools import count

import pytest

from hn_luigi.publishing import SiteError, look
from hn_luigi.publishing.site_folder import MANIFEST

from ..limits import largest_file
from .conftest import DAYS, MENU, TODAY, picture

OLD, MIDDLE, NEW = DAYS
TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def noticed():
    """Code is read anew each time, as by a process of its own."""

    def clear():
        look.look_of.cache_clear()
        look._hash_of.cache_clear()

    yield clear
    clear()


class TestWhatIsPublished:
    def test_is_each_day_the_newest_and_lists_of_them(self, site):
        outcome = site.publish()
        pictures = {f"menu/{day}-1.png" for day in DAYS}
        pages = {f"menu/{day}.html" for day in DAYS}
        lists = {"index.html", "menu/index.html", "menu/days.html"}
        assert set(site.files()) == pictures | pages | lists
        assert (outcome.pages, outcome.written, outcome.troubles) == (3, 9, [])
        assert site.files()["menu/index.html"] == site.files()[f"menu/{NEW}.html"]

    def test_leads_from_each_page_to_each_other(self, site):
        till = site.make("Till")
        site.make("Week")
        site.make("Staff", at=None)
        site.watch("Menu", "Till", "Week", "Staff")
        site.publish()
        assert "%26" in till.folder
        assert f"{till.folder}/index.html" in site.files()
        assert site.dead_links() == ([], set())

    def test_asks_for_nothing_and_runs_nothing(self, site):
        site.publish()
        for path in site.files():
            if path.endswith(".html"):
                page = site.page(path)
                assert not [tag for tag in ("script", "form", "button") if page.all(tag)]
                (policy,) = page.all("meta", http_equiv="Content-Security-Policy")
                assert policy["content"].startswith("default-src 'none'; style-src 'unsafe-inline'")

    def test_has_the_day_before_and_after_on_each_day(self, site):
        site.publish()
        beside = {
            day: [(a["rel"], a["href"]) for a in site.page(f"menu/{day}.html").all("a", rel="prev")]
            + [(a["rel"], a["href"]) for a in site.page(f"menu/{day}.html").all("a", rel="next")]
            for day in DAYS
        }
        assert beside == {
            OLD: [("next", f"{MIDDLE}.html")],
            MIDDLE: [("prev", f"{OLD}.html"), ("next", f"{NEW}.html")],
            NEW: [("prev", f"{MIDDLE}.html")],
        }

    def test_has_a_page_for_each_week_and_the_newest_of_minutes_and_of_no_window(self, site):
        site.watch("Week", "Till", "Staff")
        for at in (TODAY - timedelta(days=7), TODAY):
            site.make("Week", at=at)
        for minutes in (0, 10):
            till = site.make("Till", at=TODAY + timedelta(minutes=minutes))
        site.make("Staff", at=None)
        site.publish()
        assert {path for path in site.files() if "week/" in path} == {
            "week/2026-W46.html", "week/2026-W47.html", "week/index.html", "week/days.html",
        }  # fmt: skip
        assert "All weeks" in site.page("week/index.html").text
        assert "00:10" in site.page(f"{till.folder}/index.html").one("h1").text
        assert site.page("staff/index.html").one("h1").text == "staff"

    def test_tells_no_clock_but_that_of_what_is_stored(self, site, clock):
        site.publish()
        before = site.files()
        clock.advance(hours=5)
        site.path = site.work / "later"
        site.publish()
        assert site.files() == before

    def test_leads_to_details_with_their_pictures_in_place(self, site):
        site.publish()
        page = site.page(f"menu/{NEW}.html")
        links = {a["href"] for a in page.one("figure").all("a")}
        assert links == {"#detail-0"}
        assert {s["id"] for s in page.all("section", class_="detail")} == {"detail-0", "detail-1"}

    def test_tells_nobody_where_it_is_stored_or_what_is_private(self, site, root):
        site.watch("Menu", "Safe")
        site.make("Safe")
        outcome = site.publish()
        assert outcome.troubles == [
            "Safe isn't published: its folder tells combination, which isn't public"
        ]
        said = b"".join([*site.files().values(), (site.path / MANIFEST).read_bytes()])
        assert b"4711" not in said
        assert os.fsencode(root) not in said
        assert not [path for path in site.files() if "4711" in path]

    def test_is_for_everybody_to_read(self, site):
        old = os.umask(0o077)
        try:
            site.path = site.work / "a/site"
            site.publish()
        finally:
            os.umask(old)
        assert {path.stat().st_mode & 0o777 for path in site.path.rglob("*.*")} == {0o644}
        folders = [site.path, site.path / "menu"]
        assert {path.stat().st_mode & 0o777 for path in folders} == {0o755}


class TestWhatIsLarge:
    def test_has_the_first_details_and_says_how_many_there_are(self, site, monkeypatch):
        def view(self, made):
            names = [f"dish {n}" for n in range(900)]
            links = "\n".join(f"- [{name}](#{name.replace(' ', '%20')})" for name in names)
            return type(self).shown(links, {name: lambda: "x" * 500 for name in names})

        from hn_luigi.assets import View

        monkeypatch.setattr(site.module.Menu, "view", view)
        monkeypatch.setattr(site.module.Menu, "shown", View, raising=False)
        site.publish()
        page = site.page(f"menu/{NEW}.html")
        details = page.all("section", class_="detail")
        assert 50 < len(details) < 300
        said = f"The details behind the first {len(details)} of 900 links."
        assert page.one("p", class_="cut").text == said
        assert len(site.files()[f"menu/{NEW}.html"]) < 160_000
        assert site.dead_links() == ([], set())

    def test_has_its_first_lines(self, site, monkeypatch):
        monkeypatch.delattr(site.module.Menu, "view")
        site.menu(MENU + "\n\n" + "- a line of it\n" * 8_000)
        site.next_day()
        site.publish()
        page = site.page("menu/2026-11-23.html")
        count = len(page.all("li"))
        assert 3_000 < count < 8_000
        assert page.one("p", class_="cut").text.endswith("of 8,006 lines.")
        assert page.all("img")

    def test_leaves_out_what_can_not_be_cut(self, site):
        site.menu(f"# @day\n\n{picture()}\n\n{picture((800, 800), noisy=True)}\n")
        site.next_day()
        site.publish()
        page = site.page("menu/2026-11-23.html")
        assert len(page.all("img")) == 1
        assert re.search(r"A picture of [56]\d\d kB is left out\.", page.text)


class TestOnceMore:
    def test_draws_nothing_and_replaces_nothing(self, site):
        site.publish()
        drawn = site.drawn()
        assert site.replaced(site.publish) == set()
        assert site.drawn() == drawn
        assert site.publish().written == 0

    def test_a_new_day_replaces_what_tells_of_it(self, site):
        site.publish()
        site.next_day()
        drawn = len(site.drawn())
        assert site.replaced(site.publish) == {
            "menu/2026-11-23.html", "menu/2026-11-23-1.png", f"menu/{NEW}.html", "menu/index.html",
            "menu/days.html", "index.html", MANIFEST,
        }  # fmt: skip
        assert site.drawn()[drawn:] == ["2026-11-23T0000Z"]

    def test_a_day_that_was_made_anew_is_drawn_anew(self, site):
        site.publish()
        site.menu(MENU.replace("Today", "At last"))
        task = site.make()
        os.unlink(task.output().path)
        site.make()
        site.publish()
        assert "At last" in site.page("menu/index.html").text
        assert "At last" not in site.page(f"menu/{MIDDLE}.html").text

    def test_data_that_was_read_once_more_is_told_of_without_drawing(self, site, clock):
        site.publish()
        drawn = site.drawn()
        record = site.module.Menu(TODAY).partition.record()
        told = json.dumps({**asdict(record), "version": 1, "data_time": "2026-11-22T18:00:00.000Z"})
        (site.work.parent / f"data/_records/menu/{NEW}T0000Z.json").write_text(told)
        clock.advance(hours=6)
        site.publish()
        assert "Data of 2026-11-22 18:00 UTC" in site.page("menu/index.html").text
        assert site.drawn() == drawn

    def test_other_code_draws_anew_and_replaces_what_is_other(self, site, noticed):
        site.publish()
        with (site.work / "kitchen_of_site.py").open("a") as file:
            file.write("\nOTHER = 1\n")
        noticed()
        drawn = len(site.drawn())
        assert site.replaced(site.publish) == {MANIFEST}
        assert len(site.drawn()[drawn:]) == 3

    @pytest.mark.parametrize("name", [f"menu/{MIDDLE}.html", f"menu/{MIDDLE}-1.png", "index.html"])
    @pytest.mark.parametrize("change", ["removed", "written"])
    def test_what_somebody_changed_is_put_right(self, site, name, change):
        site.publish()
        before = site.files()
        if change == "removed":
            (site.path / name).unlink()
        else:
            (site.path / name).write_bytes(b"x" * len(before[name]))
        site.publish()
        assert site.files() == before

    def test_fewer_pictures_leave_no_file(self, site):
        site.menu(f"# @day\n\n{picture()}\n\n{picture((20, 20))}\n")
        task = site.next_day()
        site.publish()
        assert "menu/2026-11-23-2.png" in site.files()
        site.menu("# @day\n")
        os.unlink(task.output().path)
        site.make(at=TOMORROW)
        assert site.publish().removed == 2
        assert not [path for path in site.files() if path.startswith("menu/2026-11-23-")]
        assert site.dead_links() == ([], set())


class TestWhatWasPublished:
    def prune(self, site, day):
        os.unlink(site.module.Menu(datetime.fromisoformat(day)).output().path)

    def test_stays_when_its_window_is_pruned(self, site):
        site.publish()
        before = site.files()
        self.prune(site, OLD)
        assert site.publish().troubles == []
        assert site.files() == before

    def test_leads_to_a_day_that_came_later(self, site):
        """What stands around it, around what can't be drawn any more."""
        os.unlink(site.module.Menu(datetime.fromisoformat(MIDDLE)).output().path)
        site.publish()
        self.prune(site, OLD)
        site.make(at=datetime.fromisoformat(MIDDLE))
        site.publish()
        assert [a["href"] for a in site.page(f"menu/{OLD}.html").all("a", rel="next")] == [
            f"{MIDDLE}.html"
        ]
        assert site.dead_links() == ([], set())

    def test_is_taken_back_by_removing_both(self, site):
        site.publish()
        self.prune(site, MIDDLE)
        for name in (f"{MIDDLE}.html", f"{MIDDLE}-1.png"):
            (site.path / "menu" / name).unlink()
        site.publish()
        assert f"menu/{MIDDLE}.html" not in site.files()
        assert site.dead_links() == ([], set())

    def test_stays_when_it_is_watched_no_more(self, site):
        site.publish()
        site.make("Week")
        site.watch("Week")
        site.publish()
        assert f"menu/{OLD}.html" in site.files()
        headings = [h.text for h in site.page("index.html").all("h2")]
        assert headings == ["week", "No longer watched"]
        assert site.dead_links() == ([], set())

    def test_stays_when_windows_are_no_longer_days_and_comes_back(self, site, monkeypatch):
        site.publish()
        with monkeypatch.context() as patch:
            patch.setattr(site.module.Menu, "declared_length", None)
            site.publish()
        assert site.page("menu/index.html").one("h1").text == "menu, 2026-11-22 00:00"
        assert f"menu/{OLD}.html" in site.files()
        site.publish()
        assert site.page("menu/index.html").one("h1").text == f"menu, {NEW}"
        assert site.dead_links() == ([], set())


class TestWhatFails:
    def test_keeps_none_of_the_rest_from_being_published(self, site):
        (site.work / "bad.txt").write_text("2026-11-21T0000Z")
        site.watch("Menu", "Week")
        outcome = site.publish()
        assert outcome.troubles == [
            "week: no window is stored: make one with hn-luigi run week",
            "menu of 2026-11-21: RuntimeError: no such dish",
        ]
        assert {f"menu/{OLD}.html", f"menu/{NEW}.html"} <= set(site.files())
        assert f"menu/{MIDDLE}.html" not in site.files()
        assert site.dead_links() == ([], set())
        assert site.replaced(site.publish) == set()

    def test_leaves_the_page_that_was_there(self, site):
        site.publish()
        before = site.files()
        (site.work / "bad.txt").write_text("2026-11-21T0000Z")
        task = site.make(at=datetime.fromisoformat(MIDDLE))
        os.unlink(task.output().path)
        site.menu(MENU + " again")
        site.make(at=datetime.fromisoformat(MIDDLE))
        assert site.publish().troubles == ["menu of 2026-11-21: RuntimeError: no such dish"]
        assert site.files() == before

    def test_may_be_a_line_of_the_watch_list(self, site, settings):
        settings("assets", watch="kitchen_of_site Menu\nno_such_module Thing")
        (trouble,) = site.publish().troubles
        assert trouble.startswith("no_such_module Thing: ")
        assert "menu/index.html" in site.files()

    @pytest.mark.parametrize("ending", ["raise SystemExit(3)", "return 1"])
    def test_may_be_anything_that_a_view_does(self, site, monkeypatch, ending):
        names: dict = {}
        exec(f"def view(self, made):\n    {ending}", names)
        monkeypatch.setattr(site.module.Menu, "view", names["view"])
        assert len(site.publish(base_url="https://news.example.org").troubles) == 3
        assert set(site.files()) == {"index.html"}
        assert site.dead_links() == ([], set())

    def test_may_be_a_full_disk(self, site):
        site.publish()
        before = site.files()
        site.menu(MENU + "\n\n" + "- a long line of it\n" * 2_000)
        site.next_day()
        with largest_file(20_000), pytest.raises(SiteError) as failed:
            site.publish()
        assert "2026-11-23.html: File too large; check that it is yours, writable" in str(
            failed.value
        )
        after = site.files()
        assert {path: after[path] for path in before} == before
        assert not list(site.path.rglob("*.tmp"))
        site.publish()
        assert site.dead_links() == ([], set())


class TestTheFolder:
    def test_may_be_empty_but_for_what_hosts_want_there(self, site):
        site.path.mkdir()
        (site.path / ".nojekyll").touch()
        (site.path / ".git").mkdir()
        site.publish()
        assert "index.html" in site.files()

    def test_is_not_one_that_holds_something_else(self, site):
        site.path.mkdir()
        (site.path / "index.html").write_text("It works!")
        with pytest.raises(SiteError, match="isn't empty, and no site of hn-luigi publish: name"):
            site.publish()
        assert [*site.files()] == ["index.html"]

    @pytest.mark.parametrize(
        "name", ["index.html", f"menu/{MIDDLE}.html", f"menu/{MIDDLE}-1.png", "menu/days.html"]
    )
    def test_keeps_what_somebody_put_there(self, site, name):
        (site.path / "menu").mkdir(parents=True)
        (site.path / MANIFEST).write_text('{"version": 1}')
        (site.path / name).write_text("mine")
        (site.path / "robots.txt").write_text("mine, too")
        outcome = site.publish()
        assert outcome.troubles == [f"{site.path / name} isn't of hn-luigi publish: move it away"]
        assert (site.path / name).read_text() == "mine"
        assert (site.path / "robots.txt").read_text() == "mine, too"
        assert f"menu/{NEW}.html" in site.files()

    def test_is_on_this_machine(self, site):
        site.path = "s3://bucket/site"
        with pytest.raises(SiteError, match="is no folder: publish to one, and copy that there"):
            site.publish()

    def test_may_be_a_link(self, site):
        (site.work / "there").mkdir()
        site.path.symlink_to("there")
        site.publish()
        assert (site.work / "there/index.html").is_file()

    def test_is_not_left_by_a_link_in_it(self, site):
        site.publish()
        (site.work / "elsewhere").mkdir()
        for path in (site.path / "menu").iterdir():
            path.unlink()
        (site.path / "menu").rmdir()
        (site.path / "menu").symlink_to(site.work / "elsewhere")
        with pytest.raises(SiteError, match="a link leads elsewhere"):
            site.publish()
        assert [*(site.work / "elsewhere").iterdir()] == []

    @pytest.mark.parametrize(
        "content",
        [
            "{",
            '{"version": 1, "files": {"../x": null}}',
            '{"version": 1, "files": {"/etc/x": null}}',
            '{"version": 1, "files": 5}',
            '{"version": 1, "pages": {"x": {}}}',
            '{"version": 1, "pages": {"x": {"pictures": ["../x"], "around": []}}}',
        ],
    )
    def test_with_a_damaged_manifest_is_left_alone(self, site, content):
        site.path.mkdir()
        (site.path / MANIFEST).write_text(content)
        with pytest.raises(SiteError, match="is damaged"):
            site.publish()
        assert site.files() == {}

    def test_of_a_newer_hn_luigi_is_left_alone(self, site):
        site.path.mkdir()
        (site.path / MANIFEST).write_text('{"version": 2}')
        with pytest.raises(SiteError, match="is of a newer hn_luigi: update this one, or name"):
            site.publish()
        assert site.files() == {}

    def test_is_one_process_s_at_a_time(self, site, monkeypatch):
        from hn_luigi.publishing import publisher

        tried = []

        def lines():
            with pytest.raises(SiteError, match="another hn-luigi publish is writing to"):
                site.publish()
            tried.append(1)
            return [], []

        monkeypatch.setattr(publisher, "watched_lines", lines)
        site.publish()
        assert tried == [1]


def test_a_process_that_is_killed_at_any_write_leaves_whole_files_that_the_next_one_knows(
    site, monkeypatch
):
    class Killed(BaseException):
        pass

    site.publish()
    undisturbed = site.files()
    replace = os.replace
    for survived in count():
        site.path = site.work / f"killed-{survived}"
        left = iter(range(survived))

        def one_of(source, target):
            if next(left, None) is None:
                folder, name = os.path.split(target)
                os.link(source, f"{folder}/.{name}.1234.tmp")  # as SIGKILL leaves it
                raise Killed
            replace(source, target)

        with monkeypatch.context() as patch, suppress(Killed):
            patch.setattr(os, "replace", one_of)
            site.publish()
            break
        there = {p: data for p, data in site.files().items() if not p.endswith(".tmp")}
        assert there.items() <= undisturbed.items()
        site.publish()
        assert site.files() == undisturbed
    assert survived > len(undisturbed)


def test_a_year_of_the_largest_pages_is_at_most_300_mb(site):
    """Three assets of a day, one of them with pictures, as those of ours are."""
    from hn_luigi.publishing import windows

    site.publish()
    shell = len(site.files()[f"menu/{NEW}.html"])  # what comes to each, mostly style
    noted = len((site.path / MANIFEST).read_bytes()) // len(DAYS)
    largest = shell + windows._LARGEST_OF_A_DAY + noted
    assert 366 * (3 * largest + windows._PICTURES_OF_A_DAY) <= 300_000_000
