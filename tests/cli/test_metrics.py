"""``hn-luigi metrics`` tells Prometheus how the assets stand."""

from __future__ import annotations

import json
import math
import os

import pytest
from prometheus_client.parser import text_string_to_metric_families

from hn_luigi import Wordcloud
from hn_luigi.replica import FrontPage

ASSETS = ("top/story_ids", "top/stories", "top/wordcloud")


def parsed(text):
    """Values by name and labels; each is there once."""
    families = list(text_string_to_metric_families(text))
    samples = [sample for family in families for sample in family.samples]
    found = {(s.name, *sorted(s.labels.items())): s.value for s in samples}
    assert len(found) == len(samples)
    assert all(f.documentation.endswith(".") and f.type == "gauge" for f in families)
    return found


def gauge(samples, name, asset="top/stories", **labels):
    key = (f"hn_luigi_asset_{name}", *sorted({"asset": asset, **labels}.items()))
    return samples.get(key)


@pytest.fixture
def metrics(say):
    def run():
        said = say("metrics")
        assert (said.code, said.err) == (0, "")
        return parsed(said.out)

    return run


@pytest.fixture
def edit(record_of):
    """Changes what Stories reported of itself."""

    def run(**metadata):
        path = record_of("stories")
        record = json.loads(path.read_text())
        record["metadata"] = metadata
        path.write_text(json.dumps(record))

    return run


def test_what_is_known_of_an_asset_is_told_in_base_units(made, clock, metrics, root, window):
    clock.advance(minutes=3)
    samples = metrics()
    told = {name.removeprefix("hn_luigi_asset_") for name, *labels in samples}
    assert told == {
        *("lag_seconds", "freshness_limit_seconds", "data_timestamp_seconds"),
        *("last_success_timestamp_seconds", "duration_seconds", "size_bytes", "rows"),
        *("failed_attempts", "state_info"),
    }
    assert gauge(samples, "lag_seconds") == 180
    assert gauge(samples, "freshness_limit_seconds") == 1800
    assert gauge(samples, "data_timestamp_seconds") == 1795350896  # 2026-11-22 12:34:56 UTC
    assert gauge(samples, "last_success_timestamp_seconds") == 1795350896
    assert 0 <= gauge(samples, "duration_seconds") < 60
    size = (root / f"top/stories/{window}.parquet").stat().st_size
    assert gauge(samples, "size_bytes") == size
    assert gauge(samples, "rows") == 2
    assert gauge(samples, "failed_attempts") == 0
    assert gauge(samples, "state_info", state="current", freshness="PASS") == 1


def test_items_that_were_skipped_are_told_by_reason(made, clock, succeed, metrics):
    items = {i: {"id": i, "type": "story", "title": "Rust"} for i in range(1, 40)}
    made.front_page = FrontPage({**items, 40: {"id": 40, "type": "story", "dead": True}})
    clock.advance(minutes=10)
    succeed(Wordcloud())
    samples = metrics()
    skipped = {
        labels: v
        for (name, *labels), v in samples.items()
        if name.endswith("skipped_items")
        for labels in [tuple(labels)]
    }
    assert skipped == {(("asset", "top/stories"), ("reason", "dead")): 1}


def test_of_what_was_never_made_there_is_no_value_that_isn_t_known(metrics, clock, settings):
    settings("assets", watch="hn_luigi Stories")
    samples = metrics()
    assert {(name, dict(labels)["asset"]): v for (name, *labels), v in samples.items()} == {
        (f"hn_luigi_asset_{name}", asset): value
        for asset in ASSETS[:2]
        for name, value in [
            ("freshness_limit_seconds", 1800),
            ("failed_attempts", 0),
            ("state_info", 1),
        ]
    }


def test_failed_attempts_are_counted_since_the_last_making(failed, metrics):
    samples = metrics()
    assert gauge(samples, "failed_attempts", "top/story_ids") == 3
    assert gauge(samples, "failed_attempts", "top/wordcloud") == 0
    assert gauge(samples, "state_info", "top/story_ids", state="missing", freshness="PASS") == 1


@pytest.mark.parametrize("rows", [None, "many", True, [1], math.nan, math.inf, 10**400])
def test_what_is_no_number_is_left_out(rows, made, edit, metrics):
    edit(rows=rows, skipped={"dead": rows})
    samples = metrics()
    assert gauge(samples, "rows") is None
    assert not [key for key in samples if "skipped" in key[0]]


@pytest.mark.parametrize("skipped", [None, 3, ["dead"], "dead"])
def test_what_is_no_count_by_reason_is_left_out(skipped, made, edit, metrics):
    edit(rows=2, skipped=skipped)
    assert gauge(metrics(), "rows") == 2


def test_a_reason_may_be_any_text(made, edit, metrics):
    edit(skipped={'a"b\\c\nd': 1, 'a"b\\c d': 2, "\ud800": 3, "x" * 1000: 4})
    samples = metrics()
    assert gauge(samples, "skipped_items", reason='a"b\\c d') == 3
    assert gauge(samples, "skipped_items", reason="x" * 99 + "…") == 4
    assert len([key for key in samples if "skipped" in key[0]]) == 3


class TestAFile:
    def test_is_replaced_whole_and_nothing_is_left_beside_it(self, made, say, tmp_path):
        path = tmp_path / "collected/x.prom"
        path.parent.mkdir()
        path.write_text("old")
        before = path.stat().st_ino
        assert say(["metrics", "--file", str(path)]) == (0, "", "")
        assert path.read_text() == say("metrics").out
        assert path.stat().st_ino != before
        assert os.listdir(path.parent) == ["x.prom"]

    def test_may_be_read_by_others(self, made, say, tmp_path):
        before = os.umask(0o022)
        try:
            say(["metrics", "--file", str(tmp_path / "x.prom")])
        finally:
            os.umask(before)
        assert (tmp_path / "x.prom").stat().st_mode & 0o777 == 0o644

    def test_stays_as_it_is_where_something_goes_wrong(self, made, say, tmp_path, monkeypatch):
        path = tmp_path / "x.prom"
        path.write_text("old")

        def replace(source, target):
            assert os.path.basename(source).startswith(".x.prom.")
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as full:
            full.setattr(os, "replace", replace)
            said = say(["metrics", "--file", str(path)])
        assert said == (
            2,
            "",
            f"hn-luigi: can't write {path}: No space left on device; check that the folder "
            "exists, is writable and has space\n",
        )
        assert path.read_text() == "old"
        assert not list(tmp_path.glob(".x*"))

    @pytest.mark.parametrize("place", ["nowhere/x.prom", "."])
    def test_that_can_t_be_written_is_one_line(self, place, clock, say, tmp_path):
        said = say(["metrics", "--file", str(tmp_path / place)])
        assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
        assert not (tmp_path / "nowhere").exists()

    def test_in_the_present_folder_needs_no_path(self, made, say, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        say("metrics --file x.prom")
        assert parsed((tmp_path / "x.prom").read_text())
