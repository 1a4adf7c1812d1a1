"""What an edit of the project's own code makes stale: a copy of it is edited and run."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hn_luigi.replica import Replica, bundled_front_page

from .processes import Forked, ended

PACKAGE = Path(__file__).parents[1] / "hn_luigi"
STATES = """
import json
from hn_luigi import Stories, StoryIds, Wordcloud
from hn_luigi.assets import window
as_of = window.parse({as_of!r})
states = {{t.__name__: t(as_of=as_of).staleness() for t in (StoryIds, Stories, Wordcloud)}}
print(json.dumps({{name: list(v.reasons) for name, v in states.items() if not v.current}}))
"""


@pytest.fixture(scope="module")
def api():
    with Replica(bundled_front_page()) as api:
        yield api


@pytest.fixture(scope="module")
def unchanged(api, forkserver, tmp_path_factory):
    """A copy of the package, with the graph made by it; its window of a day stays open for two."""
    checkout = Checkout(tmp_path_factory.mktemp("unchanged"))
    checkout.begin(api.base_url)
    assert checkout.luigi() == ["StoryIds", "Stories", "Wordcloud"]
    return checkout


@pytest.fixture
def checkout(unchanged, tmp_path):
    """The test's own copy of that, to edit."""
    shutil.copytree(unchanged.folder, tmp_path, dirs_exist_ok=True)
    return Checkout(tmp_path, unchanged.as_of)


class Checkout:
    def __init__(self, folder: Path, as_of: str | None = None) -> None:
        self.folder = folder
        self.package = folder / "hn_luigi"
        self.as_of = as_of or f"{datetime.now(UTC):%Y-%m-%dT%H%M}"

    def begin(self, base_url: str) -> None:
        shutil.copytree(PACKAGE, self.package, ignore=shutil.ignore_patterns("__pycache__"))
        (self.folder / "luigi.cfg").write_text(
            "[core]\nlocal_scheduler = true\nno_lock = true\n[assets]\nwindow_minutes = 1440\n"
            f"[hackernews]\nbase_url = {base_url}\nlimit = 60\n"
            "[cloud]\nwidth = 400\nheight = 200\nmax_words = 40\n"
            "[retcode]\ntask_failed = 30\nscheduling_error = 35\n"
        )

    def python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONPATH": str(self.folder)}
        done = ended(Forked([sys.executable, *arguments], cwd=self.folder, env=environment))
        assert done.returncode == 0, done.stderr
        return done

    def luigi(self) -> list[str]:
        """Run the graph; the names of what was made."""
        command = ["-m", "luigi", "--module", "hn_luigi", "Wordcloud", "--as-of", self.as_of]
        log = self.python(*command).stderr
        return re.findall("INFO: Making ([A-Za-z]+)", log)

    def stale(self) -> dict[str, list[str]]:
        """Reasons by name of the asset, of those that are not current."""
        return json.loads(self.python("-c", STATES.format(as_of=self.as_of)).stdout)

    def edit(self, module: str, old: str, new: str) -> None:
        path = self.package / module
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))


@pytest.mark.parametrize(
    ("module", "old", "new", "where"),
    [
        ("cloud/words.py", "def count_words(", "UNUSED = 1\n\n\ndef count_words(", ".cloud.words"),
        ("pages/wordcloud.py", "STORIES = 20, 10", "STORIES = 15, 10", ".pages.wordcloud"),
        ("hackernews/headlines.py", '{"hn"}', '{"hn", "yc"}', ".hackernews.headlines"),
        ("tasks.py", "words=len(picture.drawn)", "drawn=len(picture.drawn)", None),
        ("pages/news.py", "_MOST_OF_WINDOW = 5", "_MOST_OF_WINDOW = 6", ".pages.news"),
        ("trends/changes.py", "FEWEST = 3", "FEWEST = 4", ".trends.changes"),
        ("trends/log_odds.py", "PRIOR = 10", "PRIOR = 20", ".trends.log_odds"),
    ],
    ids=["cloud", "page", "stop words", "compute", "news", "changes", "log-odds"],
)  # fmt: skip
def test_a_change_of_the_transform_remakes_the_page_alone_without_a_request(
    checkout, api, module, old, new, where
):
    asked = len(api.requests)
    checkout.edit(module, old, new)
    reason = f"its code changed in hn_luigi{where}" if where else "its code changed"
    assert checkout.stale() == {"Wordcloud": [reason]}
    assert checkout.luigi() == ["Wordcloud"]
    assert checkout.stale() == {}
    assert len(api.requests) == asked


def test_a_change_of_all_that_only_the_page_uses_leaves_ids_and_stories_current(checkout):
    for path in [*checkout.package.glob("cloud/*.py"), checkout.package / "pages/wordcloud.py"]:
        path.write_text(
            re.sub("^( +)return ", r"\1assert True\n\1return ", path.read_text(), flags=re.M)
        )
    assert checkout.stale().keys() == {"Wordcloud"}


def test_a_change_of_how_requests_are_sent_counts_though_no_step_names_that_module(checkout):
    checkout.edit("hackernews/transport.py", "from email.utils import", "from email.utils import ")
    assert checkout.stale() == {}
    checkout.edit(
        "hackernews/transport.py", "class Transport:\n", "class Transport:\n    added = 1\n"
    )
    stale = checkout.stale()
    reason = "its code changed in hn_luigi.hackernews.transport"
    assert reason in stale["StoryIds"]
    assert reason in stale["Stories"]
    assert reason not in stale["Wordcloud"]


def test_a_change_of_how_stories_are_read_leaves_the_ids_alone(checkout):
    checkout.edit("hackernews/stories.py", '"untitled"', '"without a title"')
    assert set(checkout.stale()) == {"Stories", "Wordcloud"}
    assert checkout.luigi() == ["Stories"]


def test_a_helper_beside_the_tasks_counts_as_the_code_of_those_that_use_it(checkout):
    checkout.edit(
        "tasks.py",
        "return Client(settings.base_url,",
        "return Client(settings.base_url + '',",
    )
    assert set(checkout.stale()) == {"StoryIds", "Stories", "Wordcloud"}
    assert checkout.luigi() == ["StoryIds", "Stories"]


def test_what_only_looks_different_changes_nothing(checkout):
    for path in checkout.package.rglob("*.py"):
        text = path.read_text()
        text = re.sub('"""([A-Z])', r'"""Reworded. \1', text)
        text = re.sub("^( +)return ", r"\1# a remark\n\n\1return  ", text, flags=re.MULTILINE)
        path.write_text("# a first line\n" + text)
    assert checkout.stale() == {}
    assert checkout.luigi() == []


def test_a_copy_of_it_all_changes_nothing(checkout):
    assert checkout.stale() == {}


def test_a_policy_changes_nothing(checkout):
    checkout.edit("tasks.py", "max_retries=2, delay=2", "max_retries=3, delay=9")
    checkout.edit(
        "tasks.py", "maximum_lag=timedelta(minutes=30)", "maximum_lag=timedelta(minutes=40)"
    )
    checkout.edit("tasks.py", "Hacker News' list to read", "The list to read")
    checkout.edit("settings.py", "Share of the stories that a fetch must get", "Share to get")
    checkout.edit("settings.py", "maximum=600", "maximum=700")
    assert checkout.stale() == {}


def test_checks_are_no_code(checkout):
    for module in ("hackernews/checks.py", "pages/checks.py"):
        path = checkout.package / module
        path.write_text(
            re.sub("^    return ", "    assert True\n    return ", path.read_text(), flags=re.M)
        )
    checkout.edit("tasks.py", "checks = (ids_are_positive, unique())", "checks = (_new,)")
    checkout.edit(
        "tasks.py", "class StoryIds(", "def _new(ids):\n    return None\n\n\nclass StoryIds("
    )
    checkout.edit("tasks.py", "        ranks_ascend,\n        titles_show,\n", "")
    checkout.edit("tasks.py", "picture_decodes, warn(has_ten_words)", "warn(has_ten_words)")
    assert checkout.stale() == {}
    assert checkout.luigi() == []


class TestOlderRoots:
    """Records of before the modules of a package were followed say nothing of them."""

    def test_nothing_is_stale_as_a_whole(self, older):
        assert older.stale() == {}
        assert older.luigi() == []

    def test_what_counted_then_still_does(self, older):
        older.edit("hackernews/headlines.py", '{"hn"}', '{"hn", "yc"}')
        assert older.stale() == {"Wordcloud": ["its code changed"]}
        assert older.luigi() == ["Wordcloud"]
        older.edit("hackernews/headlines.py", '{"hn", "yc"}', '{"hn"}')
        assert older.stale() == {"Wordcloud": ["its code changed in hn_luigi.hackernews.headlines"]}


OLDER = """
import json, sys
from pathlib import Path
from hn_luigi import Stories, StoryIds, Wordcloud
from hn_luigi.assets import window
from hn_luigi.assets.code import without_parts
for kind in (StoryIds, Stories, Wordcloud):
    code = without_parts(kind.loaded_code)
    folder = kind(as_of=window.parse(sys.argv[1])).folder
    for path in Path("data/_records", folder).iterdir():
        record = json.loads(path.read_text())
        del record["code"]
        record |= {"code_version": code.version, "sources": code.sources}
        path.write_text(json.dumps(record))
"""


@pytest.fixture
def older(checkout):
    """With the records that the version before would have written: see ``PINNED``, in its test."""
    checkout.python("-c", OLDER, checkout.as_of)
    return checkout
