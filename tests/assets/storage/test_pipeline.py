"""The graph and its commands work alike wherever results lie."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from shutil import copy
from urllib.parse import urlsplit

import pytest

from hn_luigi import Stories, StoryIds, Wordcloud
from hn_luigi.assets.operations import verify
from hn_luigi.cli import main
from hn_luigi.replica import Faults

from ...limits import scaled
from ...processes import REPOSITORY, Forked, ended, wait_until
from .relay import Careless
from .servers import HOST, ask, free_port, running
from .user import LOOK, STORIES, User, contents

WINDOW = "2026-11-22T1230Z"
COMMANDED = ["memory", "seaweed", "fake_gcs", "azurite"]  # a folder is tests/cli's
OUTPUTS = {"story_ids": ".json", "stories": ".parquet", "wordcloud": ".md"}
LUIGID = """
import sys
from luigi.cmdline import luigid
luigid(["--address", "127.0.0.1", "--port", sys.argv[1], "--state-path", "state"])
"""


LAYOUT = "_layout.json"

pytestmark = pytest.mark.usefixtures("forkserver")


def stored(*names):
    """Where all of the windows of those names is."""
    outputs = {f"top/{asset}/{n}{suffix}" for asset, suffix in OUTPUTS.items() for n in names}
    records = {f"_records/top/{asset}/{n}.json" for asset in OUTPUTS for n in names}
    return {*outputs, *records, "top/wordcloud/latest.md", LAYOUT}


@pytest.fixture
def small(replica, settings):
    """A short front page and a small picture."""
    settings("hackernews", limit=STORIES)
    settings("cloud", **LOOK)
    return replica


@pytest.fixture
def asked(replica):
    """How often Hacker News was asked since this was called last."""
    seen = 0

    def since():
        nonlocal seen
        before, seen = seen, len(replica.requests)
        return seen - before

    return since


@pytest.fixture
def say(capsys, monkeypatch):
    """What ``hn-luigi`` says; it has to succeed."""
    monkeypatch.setattr(verify, "sleep", lambda seconds: None)

    def run(line, code=0):
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(line.split())
        out, err = capsys.readouterr()
        assert (ended.value.code or 0, err) == (code, ""), out
        return out

    return run


@pytest.mark.usefixtures("clock")
class TestInOneProcess:
    def test_a_run_makes_what_is_missing_or_stale_and_nothing_else(
        self, backend, small, succeed, settings, clock, asked
    ):
        succeed(Wordcloud())
        made = contents(backend)
        assert made.keys() == stored(WINDOW)
        assert made["top/wordcloud/latest.md"] == made[f"top/wordcloud/{WINDOW}.md"]
        assert asked() == STORIES + 1

        succeed(Wordcloud())
        assert contents(backend) == made

        clock.advance(days=1)
        settings("cloud", height=120)
        succeed(Wordcloud.from_str_params({"as_of": "latest"}))
        remade = contents(backend)
        assert {path for path in remade if remade[path] != made.get(path)} == {
            f"top/wordcloud/{WINDOW}.md",
            f"_records/top/wordcloud/{WINDOW}.json",
            "top/wordcloud/latest.md",
        }
        assert asked() == 0

    @pytest.mark.parametrize("kind", COMMANDED)
    def test_hn_luigi_tells_how_all_stands(
        self, enter, kind, small, settings, succeed, build, clock, say
    ):
        backend = enter(kind)
        settings("assets", watch="hn_luigi Wordcloud")
        succeed(Wordcloud())
        clock.advance(minutes=10)
        good = contents(backend)
        small.faults = Faults(rate=1, kinds=("5xx",))
        build(Wordcloud())
        now = contents(backend)
        assert {path: now[path] for path in good} == good
        assert now.keys() - good.keys() == {
            f"_failures/top/story_ids/2026-11-22T1240Z.2026-11-22T124456.000Z-{attempt}.json"
            for attempt in (1, 2, 3)
        }

        status = say("status")
        assert f"stored under {backend.root}" in status
        assert "failed top/story_ids of 2026-11-22 12:40" in status
        states = [line.split()[1] for line in status.splitlines() if line.startswith("top/")]
        assert states == ["missing"] * 4
        history = [line.split() for line in say("history StoryIds").splitlines()]
        kinds = [words[1:3] for words in history if len(words) > 1 and words[0] == "2026-11-22"]
        assert kinds == [["12:40", "failed"]] * 3 + [["12:30", "made"]]
        told = "A run would make top/story_ids, top/stories and top/wordcloud."
        assert told in say("explain Wordcloud")
        assert "Nothing would be made." in say("explain Wordcloud --as-of latest")
        assert [line.split(":")[0] for line in say("freshness").splitlines()] == [
            f"PASS top/{asset}" for asset in OUTPUTS
        ]
        assert say("verify") == "3 outputs match their records\n"
        assert contents(backend) == now

    @pytest.mark.parametrize("kind", COMMANDED)
    def test_hn_luigi_looks_after_all(
        self, enter, kind, small, succeed, settings, clock, say, asked
    ):
        backend = enter(kind)
        for _ in range(2):
            succeed(Wordcloud())
            clock.advance(minutes=10)
        asked()

        say("invalidate Wordcloud --as-of 2026-11-22T1230")
        assert "it was invalidated" in say("explain Wordcloud --as-of 2026-11-22T1230")
        assert "Remade 1 of 1 stale window" in say("rebuild Wordcloud --since 1d")
        settings("cloud", height=120)
        assert "Remade 2 of 2 stale windows" in say("rebuild Wordcloud --since 1d")
        assert "2 windows current" in say("rebuild Wordcloud --since 1d")
        assert say("verify") == "6 outputs match their records\n"

        clock.advance(days=30)
        before = contents(backend)
        told = say("prune --keep 30d --dry-run")
        assert contents(backend) == before
        assert say("prune --keep 30d") == told.replace("Would remove", "Removed")
        kept = contents(backend)
        for asset in OUTPUTS:
            assert b"2026-11-22T" in kept.pop(f"_records/top/{asset}/_pruned.json")
        assert kept.keys() == stored("2026-11-22T1240Z")
        assert kept == {path: before[path] for path in kept}
        assert say("verify") == "3 outputs match their records\n"
        assert asked() == 0

    def test_what_another_hand_does_shows(self, enter, small, succeed, say):
        backend = enter("seaweed")
        succeed(Wordcloud())
        page, ids = Wordcloud(), StoryIds()
        with page.output().open("w") as file:
            file.write("mine")
        ids.output().remove()
        assert say("verify", code=1).splitlines() == [
            f"top/story_ids/{WINDOW}: its output is missing, though it is recorded",
            f"top/wordcloud/{WINDOW}: its output was modified outside hn_luigi",
            "2 problems; otherwise 1 output matches its record",
        ]
        succeed(Wordcloud())
        assert say("verify") == "3 outputs match their records\n"
        assert contents(backend)["top/wordcloud/latest.md"].startswith(b"# Hacker News")


@pytest.mark.parametrize("kind", ["moto", "fake_gcs", "azurite"])  # each library has its ways
def test_two_workers_make_all(enter, replica, tmp_path, kind, asked):
    backend = enter(kind)
    done = User(tmp_path / "work", backend, replica).luigi("--workers", "2")
    assert done.returncode == 0, done.stderr
    (window,) = windows_of(backend)
    assert contents(backend).keys() == stored(window)
    assert asked() == STORIES + 1


def windows_of(backend):
    paths = [path for path in contents(backend) if path.startswith("_records/")]
    return {path.rpartition("/")[2].removesuffix(".json") for path in paths}


def test_the_root_may_come_from_the_environment_or_a_flag(enter, replica, tmp_path):
    backend = enter("moto")
    user = User(tmp_path / "work", backend, replica)
    user.set("storage", root="${HN_ROOT}")
    told = f"stored under {backend.root}"
    assert told in user.hn_luigi("status", HN_ROOT=backend.root).stdout
    done = user.luigi("--storage-root", backend.root, HN_ROOT="elsewhere")
    assert done.returncode == 0, done.stderr
    assert contents(backend).keys() == stored(*windows_of(backend))


def test_a_folder_needs_no_library_of_object_stores(enter, replica, tmp_path):
    user = User(tmp_path / "work", enter("folder"), replica)
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\nsys.modules.update(dict.fromkeys(['fsspec', 's3fs', 'gcsfs', 'adlfs']))"
    )
    path = f"{tmp_path}{os.pathsep}{REPOSITORY}"
    for words in (["luigi", "Wordcloud"], ["hn-luigi", "status"], ["hn-luigi", "verify"]):
        done = ended(user.start_python(*words, PYTHONPATH=path))
        assert done.returncode == 0, done.stderr


class TestElsewhere:
    """An asset may name a root of its own."""

    @pytest.fixture
    def bucket(self, enter, root, settings):
        bucket = enter("moto")
        settings("storage", root=root)
        return bucket

    @pytest.mark.parametrize("moved", [StoryIds, Stories, Wordcloud])
    def test_one_asset_lies_in_a_bucket_and_the_others_in_a_folder(
        self, bucket, root, small, clock, succeed, settings, monkeypatch, asked, moved
    ):
        monkeypatch.setattr(moved, "storage_root", lambda self: bucket.root)
        succeed(Wordcloud())
        folder = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
        there = contents(bucket).keys()
        assert folder & there == {LAYOUT}
        assert folder | there == stored(WINDOW)
        assert {path.split("/")[-2] for path in there - {LAYOUT}} == {snake(moved)}
        assert asked() == STORIES + 1
        settings("cloud", height=120)
        succeed(Wordcloud())
        assert asked() == 0


def snake(asset):
    return asset(as_of=None).folder.split("/")[-1]


def test_a_task_has_an_id_of_its_own_in_each_run_which_begins_by_its_root(tmp_path):
    """The lock keeps runs apart, and a scheduler would send the second away."""
    places = ["memory://bucket/a", "memory://bucket/a/", "memory://bucket/b", str(tmp_path)]
    printed = (
        "import sys; from luigi.configuration import get_config; from hn_luigi import Wordcloud\n"
        "from luigi.task_register import Register\n"
        "for root in sys.argv[1:]:\n"
        "    get_config().set('storage', 'root', root)\n"
        "    Register.clear_instance_cache()\n"
        f"    print(Wordcloud.from_str_params({{'as_of': '{WINDOW}'}}).task_id)\n"
    )
    runs = [
        ended(
            Forked([sys.executable, "-c", printed, *places], cwd=tmp_path, env=os.environ)
        ).stdout.split()
        for _ in range(2)
    ]
    begins = [[each.rpartition("_")[0] for each in run] for run in runs]
    assert begins[0] == begins[1]
    assert begins[0][0] == begins[0][1]
    assert len(set(begins[0])) == 3
    assert not set(runs[0]) & set(runs[1])


class TestThroughTheCentralScheduler:
    @pytest.fixture
    def users(self, tmp_path, replica):
        """Makes two users of a place, who run through one scheduler."""
        port, folder = free_port(), tmp_path / "scheduler"
        folder.mkdir()
        copy(REPOSITORY / "luigi.cfg", folder)
        command = [sys.executable, "-c", LUIGID, str(port)]

        def two(backend):
            both = [User(tmp_path / name, backend, replica) for name in ("one", "other")]
            for user in both:
                scheduler = {"scheduler_host": HOST, "scheduler_port": port}
                user.set("core", local_scheduler="false", **scheduler)
                # as on another machine: locks are on this one
                (tmp := user.folder / "tmp").mkdir()
                user.environment["TMPDIR"] = str(tmp)
                user.set("hackernews", read_timeout=scaled(2), attempts=20)
            return both

        url = f"http://{HOST}:{port}/api/graph"
        with running(folder, command, lambda: ask("GET", url)):
            yield two

    def test_machines_that_meet_make_each_asset_once(self, enter, users, asked):
        one, other = users(enter("seaweed"))
        as_of = time.strftime("%Y-%m-%dT%H%M", time.gmtime())
        runs = [
            user.start("luigi", "Wordcloud", "--as-of", as_of, "--workers", "2")
            for user in (one, other)
        ]
        codes = [ended(run) for run in runs]
        assert [done.returncode for done in codes] == [0, 0], codes
        assert asked() == STORIES + 1
        assert one.hn_luigi("verify").stdout == "3 outputs match their records\n"

    def test_who_comes_second_leaves_it_to_the_first_where_the_store_can_t_keep_them_apart(
        self, enter, users, replica
    ):
        moto = enter("moto")
        section = moto.settings["storage_s3"]
        with Careless(urlsplit(section["endpoint_url"]).port) as careless:
            careless.takes_out = True
            settings = {"storage_s3": {**section, "endpoint_url": careless.url}}
            one, other = users(replace(moto, settings=settings))
            as_of = time.strftime("%Y-%m-%dT%H%M", time.gmtime())
            replica.faults = Faults(rate=1, kinds=("stall",), only="item/")
            first = one.start("luigi", "Wordcloud", "--as-of", as_of)
            wait_until(lambda: len(replica.requests) > 1)
            second = other.luigi("--as-of", as_of)
            replica.faults = Faults()
            assert ended(first).returncode == 0
        assert second.returncode == 25
        assert "start all that writes there by one central scheduler" in second.stderr
