"""The printed ways to take a root elsewhere and back work, and all stays current there."""

from __future__ import annotations

import os
import shlex
import subprocess

import pytest

from hn_luigi import Wordcloud
from hn_luigi.cli import main

from ...documents import STORAGE, commands
from ...limits import patience
from .user import LOOK, STORIES, contents

TOOLS = {"aws": "pip install awscli", "rclone": "apt-get install rclone"}


@pytest.mark.parametrize(("tool", "kind"), [("aws", "moto"), ("rclone", "seaweed")])
def test_all_is_current_in_a_bucket_and_in_a_folder_again(
    enter, shell, replica, settings, clock, succeed, tmp_path, capsys, tool, kind
):
    bucket, folder = enter(kind), tmp_path / "data"
    settings("storage", root=folder)
    settings("hackernews", limit=STORIES)
    settings("cloud", **LOOK)
    for _ in range(2):
        clock.advance(minutes=10)
        succeed(Wordcloud())
    stored = {str(p.relative_to(folder)): p.read_bytes() for p in files(folder)}
    litter(folder)
    asked = len(replica.requests)
    there, back = commands(f"{tool} ", STORAGE)

    for command, root in ((there, bucket.root), (back, folder)):
        shell(command, bucket)
        if root == bucket.root:
            folder.rename(tmp_path / "old")
        settings("storage", root=root)
        with pytest.raises(SystemExit) as ended:
            main(["verify"])
        assert ended.value.code is None
        assert capsys.readouterr().out == "6 outputs match their records\n"
        assert all(step.complete() for step in (Wordcloud(), *Wordcloud().deps()))
        succeed(Wordcloud())
        assert len(replica.requests) == asked
    assert contents(bucket) == stored
    assert {str(p.relative_to(folder)): p.read_bytes() for p in files(folder)} == stored


@pytest.fixture
def shell(program, tmp_path):
    """Runs a printed command with the bucket that a test has."""

    def run(command, bucket):
        place = bucket.root.removeprefix("s3://")
        words = [word.replace("bucket/prefix", place) for word in shlex.split(command)]
        words[0] = program(words[0], install=TOOLS[words[0]])
        url = bucket.settings["storage_s3"]["endpoint_url"]
        env = {**os.environ, "AWS_ENDPOINT_URL": url, "AWS_DEFAULT_REGION": "us-east-1"}
        env |= {"RCLONE_S3_ENDPOINT": url, "RCLONE_CONFIG": os.devnull}
        done = subprocess.run(
            words, env=env, capture_output=True, text=True, timeout=patience(), cwd=tmp_path
        )
        assert done.returncode == 0, done.stderr

    return run


def files(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def litter(folder):
    """What a killed run leaves."""
    for path in ("_locks/top/stories/a.lock", "top/stories/.2026-11-22T1240Z.parquet.1.tmp"):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(b"")
