"""``hn-luigi publish`` writes a site, and says what it did and what it couldn't do."""

from __future__ import annotations

import sys

import pytest

from hn_luigi import Wordcloud


@pytest.fixture
def site(tmp_path):
    return tmp_path / "site"


@pytest.fixture
def watched(settings):
    """Two lines, of one of which nothing is made yet."""
    settings("assets", watch="hn_luigi Wordcloud\nhn_luigi Wordcloud --feed show")


NOT_MADE = "show/wordcloud: no window is stored: make one with hn-luigi run show/wordcloud\n"


@pytest.fixture
def publish(say, site):
    return lambda *more: say(["publish", "--to", str(site), *more])


@pytest.fixture
def stories(settings):
    """Three assets, all of which are made."""
    settings("assets", watch="hn_luigi Stories")


def test_it_says_what_it_wrote_and_nothing_once_that_is_there(made, stories, publish, site):
    said = publish()
    assert said == (
        0,
        f"Published to {site}: 2 pages, 3 files written\n"
        "Readers can't subscribe to it: set [publish] base_url to its address\n",
        "",
    )
    assert publish() == (0, "", "")


def test_what_is_not_stored_is_named_and_the_rest_published(made, watched, publish, site):
    said = publish()
    assert (said.code, said.err) == (1, NOT_MADE)
    assert {path.parent.name for path in site.glob("top/*/index.html")} == {
        "story_ids",
        "stories",
        "wordcloud",
    }
    assert (site / "top/wordcloud/index-1.png").read_bytes()[:4] == b"\x89PNG"


def test_what_an_asset_can_do_without_may_be_missing(made, settings, publish):
    """Yesterday's stories, on the first day."""
    settings("assets", watch="hn_luigi Wordcloud")
    assert (publish().code, publish().err) == (0, "")


def test_words_lead_to_their_headlines(made, watched, publish, site):
    publish()
    text = (site / "top/wordcloud/index.html").read_text()
    assert 'id="detail-0"' in text
    assert "Rust in space" in text


def test_the_watch_list_may_be_given_for_once(made, publish, site):
    assert publish("--watch", "hn_luigi StoryIds").code == 0
    assert [path.parent.name for path in site.glob("top/*/index.html")] == ["story_ids"]


def test_a_line_that_names_nothing_is_told_without_what_is_private(
    made, publish, tmp_path, monkeypatch
):
    (tmp_path / "safe_of_publish.py").write_text(
        "import luigi\n"
        "from luigi.parameter import ParameterVisibility\n"
        "from hn_luigi.assets import Asset\n"
        "class Safe(Asset):\n"
        "    suffix = '.json'\n"
        "    pin = luigi.IntParameter(visibility=ParameterVisibility.PRIVATE)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    line = "safe_of_publish Safe --pin hush-4711"
    said = publish("--watch", line, "--watch", "hn_luigi StoryIds")
    assert said.code == 1
    assert said.err.startswith("safe_of_publish Safe --pin …: ")
    assert "4711" not in said.out + said.err
    del sys.modules["safe_of_publish"]


@pytest.mark.parametrize(
    "address, reason",
    [
        ("news.example.org", "it must be an address like https://host/path"),
        ("https://a.example/?x=1", "it must end with its path: paths are added to it"),
        ("https://me:hush@a.example/", "it must have no user and no password: it is published"),
    ],
)
def test_a_bad_address_is_refused(made, stories, publish, settings, site, address, reason):
    settings("publish", base_url=address)
    said = publish()
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("hn-luigi: [publish] base_url")
    assert reason in said.err
    assert "hush" not in said.err
    assert not site.exists()


def test_a_folder_of_something_else_is_refused(made, stories, publish, site):
    site.mkdir()
    (site / "index.html").write_text("It works!")
    said = publish()
    assert (said.code, said.out) == (2, "")
    assert said.err == (
        f"hn-luigi: {site} isn't empty, and no site of hn-luigi publish: name another folder with "
        "--to, such as a new one in it\n"
    )


def test_a_place_that_can_not_be_written_is_one_line(made, stories, say, tmp_path):
    (tmp_path / "file").touch()
    said = say(["publish", "--to", f"{tmp_path}/file/site"])
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
    assert f"can't write {tmp_path}/file: File exists; check that it is yours" in said.err


@pytest.mark.parametrize("to", ["a/b/", "./c", "~/d"])
def test_a_folder_is_made_however_it_is_named(made, stories, say, tmp_path, monkeypatch, to):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert say(["publish", "--to", to]).code == 0
    where = tmp_path / to.replace("~", "home")
    assert (where / "index.html").is_file()


def test_a_view_that_fails_is_named_and_its_traceback_is_not_cron_s(
    made, watched, publish, monkeypatch, site
):
    def view(self, made):
        raise ValueError("no words\nat all")

    monkeypatch.setattr(Wordcloud, "view", view)
    said = publish()
    failed = "top/wordcloud of 2026-11-22 12:30: ValueError: no words at all\n"
    assert (said.code, said.err) == (1, NOT_MADE + failed)
    assert (site / "top/stories/index.html").is_file()
    assert said.out.startswith("Published to ")
