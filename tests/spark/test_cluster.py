"""A session on a real cluster of two workers, and what may happen to one."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import tarfile

import psutil
import pytest

from hn_luigi import WordHistory
from hn_luigi.assets.storage import FileKey, open_store
from hn_luigi.spark import JobFailed, NoWorkers, collect, spark_session

from ..assets.storage.servers import ADMIN, BUCKET, HOST, ask_s3, free_port, running
from ..history.months import put
from .test_word_history import FILE, NOVEMBER, TITLES

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def master(java, tmp_path_factory):
    """The address of a cluster."""
    from .cluster import cluster

    with cluster(tmp_path_factory.mktemp("cluster")) as address:
        yield address


@pytest.fixture
def bucket(tmp_path, settings, monkeypatch):
    """The URL of an archive in a bucket, which this process has credentials for."""
    port = free_port()
    server = f"http://{HOST}:{port}"
    command = [sys.executable, "-m", "moto.server", "-H", HOST, "-p", str(port)]
    (tmp_path / "moto").mkdir()
    with running(tmp_path / "moto", command, lambda: ask_s3("PUT", f"{server}/{BUCKET}", ADMIN)):
        for name, value in ADMIN.items():
            monkeypatch.setenv(name, value)
        settings("storage_s3", endpoint_url=server, region="us-east-1")
        source = f"s3://{BUCKET}/archive"
        for month, titles in TITLES.items():
            path = put(tmp_path / "archive", month, titles)
            key = path.relative_to(tmp_path / "archive").as_posix()
            open_store(source).write(FileKey(key), path.read_bytes())
        yield source


@pytest.fixture
def shipped(conf, tmp_path):
    """The settings by which workers have a packed environment, whose Python says that it is it."""
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nSHIPPED=yes exec {sys.executable} "$@"\n')
    python.chmod(0o755)
    with tarfile.open(tmp_path / "environment.tar.gz", "w:gz") as archive:
        archive.add(python, "bin/python")
    return conf | {
        "spark.archives": f"{tmp_path}/environment.tar.gz#environment",
        "spark.pyspark.python": "./environment/bin/python",
    }


# What workers run is nested, so that it's sent by value: they have no package of tests.


def killer():
    """Kills the executor that it's called in, which started a daemon, which started the Python."""

    def kill():
        psutil.Process().parents()[1].kill()
        signal.pause()  # until the daemon notices

    return kill


def test_a_dead_executor_is_made_good_and_the_workers_run_what_was_shipped(
    master, shipped, tmp_path
):
    killed, kill = str(tmp_path / "killed"), killer()

    def told(number):
        """Takes its executor with it, if it is the first to get here."""
        import hn_luigi

        try:
            os.close(os.open(killed, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return number, hn_luigi.__file__, os.environ.get("SHIPPED")
        kill()

    with spark_session(master, shipped, packages=("hn_luigi",)) as session:
        found = collect(session.sparkContext, range(6), told, on_done=lambda done: None)
    assert os.path.exists(killed)
    assert [number for number, _, _ in found] == list(range(6))
    assert all(re.search(r"hn_luigi\.zip/hn_luigi/__init__\.py$", file) for _, file, _ in found)
    assert {said for _, _, said in found} == {"yes"}


def test_the_words_of_a_bucket_s_months_are_the_bytes_that_the_pool_makes(
    master, bucket, conf, settings, clock, succeed, root
):
    settings("history", source=bucket)
    succeed(WordHistory(as_of=NOVEMBER))
    first = (root / FILE).read_bytes()
    (root / FILE).unlink()
    conf |= {f"spark.executorEnv.{name}": value for name, value in ADMIN.items()}
    settings("history", engine="spark", spark_master=master, spark_conf=json.dumps(conf))
    succeed(WordHistory(as_of=NOVEMBER))
    assert (root / FILE).read_bytes() == first


def test_executors_that_die_again_and_again_are_one_line(master, conf):
    kill = killer()
    with (
        pytest.raises(JobFailed, match=r"^Spark failed: it lost one executor .* memory .*$"),
        spark_session(master, {**conf, "spark.task.maxFailures": "1"}) as session,
    ):
        collect(session.sparkContext, range(2), lambda _: kill(), on_done=lambda done: None)


def test_a_cluster_that_has_no_worker_for_it_is_given_up(master, conf):
    conf |= {
        "spark.executor.memory": "100g",
        "spark.scheduler.maxRegisteredResourcesWaitingTime": "1s",
    }
    with (
        pytest.raises(NoWorkers, match=r"^no worker of the cluster took the job for 1 s: .*$"),
        spark_session(master, conf) as session,
    ):
        session.sparkContext.parallelize([1]).count()
