"""The words of all months, counted on Spark: the same bytes as the pool of processes makes."""

from __future__ import annotations

import json

import pytest
from luigi.execution_summary import LuigiStatusCode

from hn_luigi import WordHistory
from hn_luigi.assets.retry import is_final
from hn_luigi.spark import JobFailed, NoMaster, NoSpark, NoWorkers, UnfitWorkers

from ..assets.storage.servers import HOST, free_port
from ..history.months import put

NOVEMBER = "2026-11"
FILE = "word_history/2026-11-01T0000Z.parquet"
TITLES = {
    "2026-09": ["Compilers and a compiler", "Show HN: Zig"] * 4 + ["naïve Bayes"],
    "2026-10": ["Rust in space", "Open source is open source"] * 5,
    "2026-11": ["Rust in space"] * 5 + ["Cats & dogs", "\u202ecats"] * 5,
}


@pytest.fixture
def archive(tmp_path, settings, clock):
    """An archive of three months."""
    for month, titles in TITLES.items():
        put(tmp_path / "archive", month, titles)
    settings("history", source=tmp_path / "archive")


def is_made(build, caplog):
    caplog.clear()
    assert build(WordHistory(as_of=NOVEMBER)).status is LuigiStatusCode.SUCCESS
    return "Making WordHistory" in caplog.text


@pytest.mark.slow
def test_two_processes_of_spark_make_the_same_bytes_and_another_engine_makes_nothing_stale(
    archive, conf, settings, build, caplog, root
):
    caplog.set_level("INFO")
    assert is_made(build, caplog)
    first = (root / FILE).read_bytes()
    settings("history", engine="spark", spark_master="local[2]", spark_conf=json.dumps(conf))
    assert not is_made(build, caplog)
    (root / FILE).unlink()
    assert is_made(build, caplog)
    assert (root / FILE).read_bytes() == first
    settings("history", engine="local")
    assert not is_made(build, caplog)


def test_without_java_it_is_one_line_and_what_was_made_stays(
    archive, settings, build, caplog, root, tmp_path, monkeypatch
):
    build(WordHistory(as_of=NOVEMBER))
    first = (root / FILE).read_bytes()
    settings("history", engine="spark")
    settings("cloud", stopwords="rust")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert build(WordHistory(as_of=NOVEMBER)).status is not LuigiStatusCode.SUCCESS
    assert f"JAVA_HOME is {tmp_path}, where there is no bin/java: correct it" in caplog.text
    assert 'File "' not in caplog.text  # as a traceback has it
    assert (root / FILE).read_bytes() == first


@pytest.mark.parametrize("place", [None, "here:and there"])
def test_a_master_that_isn_t_there_is_not_tried_again(
    archive, conf, settings, build, caplog, root, place
):
    settings("history", engine="spark", spark_master=f"spark://{place or f'{HOST}:{free_port()}'}")
    assert build(WordHistory(as_of=NOVEMBER)).status is not LuigiStatusCode.SUCCESS
    (failed,) = root.glob("_failures/word_history/*")
    told = json.loads(failed.read_text())
    assert (told["attempt"], told["retried"]) == (1, False)
    assert "NoMaster: spark://" in told["error"]


def test_of_what_goes_wrong_only_what_may_pass_is_tried_again():
    kinds = {NoSpark: True, NoMaster: True, UnfitWorkers: True, NoWorkers: False, JobFailed: False}
    assert {kind: is_final(kind("")) for kind in kinds} == kinds
