"""The code that encodes and decodes a value is part of the code of what is made by it."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from hn_luigi.assets import FORMATS, PARQUET_ZSTD, Asset, AssetError, Format, requires
from hn_luigi.assets.code.functions import functions
from hn_luigi.assets.formats.format import versions_of
from hn_luigi.assets.staleness.required import required_by
from hn_luigi.assets.staleness.resolve import code_behind


def csv(separator, *, strip=False):
    """Rows of text; ``strip`` changes how they are decoded alone."""

    def encode(rows):
        return "\n".join(separator.join(row) for row in rows).encode()

    def decode(data):
        rows = [line.split(separator) for line in data.decode().split("\n")]
        return [[cell.strip() for cell in row] for row in rows] if strip else rows

    return Format(encode, decode)


def csv_without_strip(separator):
    return replace(csv(separator), decode=lambda data: [data.decode().split(separator)])


ROWS = [["a", "b"], ["1", "2"]]


@pytest.fixture
def made():
    return []


@pytest.fixture
def register(monkeypatch):
    return lambda form, suffix=".csv": monkeypatch.setitem(FORMATS, suffix, form)


@pytest.fixture
def graph(made, clock):
    """Makes Table → Header, anew as another process would."""

    def classes(*, capture=False, own=None):
        class Table(Asset):
            suffix = ".csv"
            own_format = own

            def compute(self):
                made.append("Table")
                return ROWS

        Table.capture = capture

        @requires(Table)
        class Header(Asset):
            suffix = ".json"

            def compute(self, rows):
                made.append("Header")
                return rows[0]

        return SimpleNamespace(Table=Table, Header=Header)

    return classes


def header(task) -> object:
    return json.loads(Path(task.output().path).read_text())


def test_another_format_for_a_suffix_makes_stale_what_is_stored_by_it(
    graph, register, made, succeed
):
    register(csv(","))
    succeed(graph().Header())
    assert made == ["Table", "Header"]
    register(csv(","))
    assert graph().Header().complete()
    register(csv(";"))
    tasks = graph()
    assert tasks.Table().staleness().reasons == ("its code changed",)
    succeed(tasks.Header())
    assert made == ["Table", "Header", "Table", "Header"]
    assert Path(tasks.Table().output().path).read_text() == "a;b\n1;2"
    assert header(tasks.Header()) == ["a", "b"]
    assert tasks.Header().complete()


def test_what_is_decoded_otherwise_is_made_anew_though_the_bytes_stay(
    graph, register, made, succeed
):
    register(csv(","))
    succeed(graph().Header())
    made.clear()
    register(csv(",", strip=True))
    tasks = graph()
    assert not tasks.Header().complete()
    succeed(tasks.Header())
    assert made == ["Table", "Header"]


def test_a_version_that_a_format_declares_counts(graph, register, succeed):
    register(csv(","))
    succeed(graph().Table())
    register(replace(csv(","), version="2"))
    assert not graph().Table().complete()


def test_a_version_of_the_layer_s_own_formats_counts(monkeypatch, succeed, clock):
    """And reads what was stored before it, as a capture of the past is."""

    class Number(Asset):
        suffix = ".json"
        capture = True

        def compute(self):
            return 1

    @requires(Number)
    class Doubled(Asset):
        suffix = ".json"

        def compute(self, number):
            return 2 * number

    then = Doubled().as_of
    succeed(Doubled())
    clock.advance(days=1)
    monkeypatch.setitem(FORMATS, ".json", replace(FORMATS[".json"], version="2"))
    assert Number(then).complete()
    assert not Doubled(then).complete()
    succeed(Doubled(then))
    assert Doubled(then).complete()


def test_parquet_may_be_compressed_otherwise_from_now_on(clock, succeed):
    """What is stored stays as it is, a capture of the past too, and is read as ever."""

    def graph(own):
        class Grain(Asset):
            suffix = ".parquet"
            own_format = own
            capture = True

            def compute(self):
                return pd.DataFrame({"n": [1]})

        @requires(Grain)
        class Sum(Asset):
            suffix = ".json"

            def compute(self, grain):
                return int(grain["n"].sum())

        return SimpleNamespace(Grain=Grain, Sum=Sum)

    snappy = graph(None)
    then = snappy.Sum().as_of
    succeed(snappy.Sum())
    clock.advance(days=1)
    zstd = graph(PARQUET_ZSTD)
    assert zstd.Sum(then).complete()
    Path(zstd.Sum(then).output().path).unlink()
    succeed(zstd.Sum(then))
    succeed(zstd.Sum())
    old, new = (Path(zstd.Grain(at).output().path).read_bytes() for at in (then, None))
    assert old != new
    assert versions_of(".parquet", PARQUET_ZSTD) == {}


def test_another_of_the_layer_s_formats_under_a_suffix_counts(graph, register, succeed):
    register(FORMATS[".txt"])
    text, whole = (code_behind(graph().Table(), []).version for _ in range(2))
    register(FORMATS[".png"])
    assert text == whole != code_behind(graph().Table(), []).version


class TestOwnFormat:
    def test_it_wins_over_what_is_registered_for_the_suffix(self, graph, register, succeed):
        register(csv(","))
        tasks = graph(own=csv(";"))
        succeed(tasks.Header())
        assert Path(tasks.Table().output().path).read_text() == "a;b\n1;2"
        assert header(tasks.Header()) == ["a", "b"]
        register(csv("|"))
        assert tasks.Header().complete()
        assert not graph(own=csv("|")).Table().complete()

    def test_it_needs_no_registration(self, graph, succeed):
        assert ".csv" not in FORMATS
        tasks = graph(own=csv(";"))
        succeed(tasks.Header())
        assert header(tasks.Header()) == ["a", "b"]

    def test_it_says_whether_the_target_is_binary(self, graph, succeed):
        tasks = graph(own=replace(csv(";"), binary=True))
        succeed(tasks.Table())
        with tasks.Table().output().open() as file:
            assert file.read() == b"a;b\n1;2"

    def test_it_keeps_one_suffix_in_two_modules_apart(self, graph, succeed):
        class Other(Asset):
            suffix = ".csv"
            own_format = csv("|")

            def compute(self):
                return ROWS

        tasks = graph(own=csv(";"))
        succeed(tasks.Table())
        succeed(Other())
        assert Path(Other().output().path).read_text() == "a|b\n1|2"
        assert Path(tasks.Table().output().path).read_text() == "a;b\n1;2"

    def test_it_must_be_a_format(self):
        with pytest.raises(AssetError, match="Pan: own_format is 'csv'; make it a Format"):
            type(Asset)("Pan", (Asset,), {"own_format": "csv", "__module__": "pan"})


class TestCapturesOfThePast:
    """They stay as they are; what reads them is held to the format that they were stored by."""

    @pytest.fixture
    def past(self, graph, register, succeed, clock, made):
        register(csv(","))
        then = graph(capture=True).Header().as_of
        succeed(graph(capture=True).Header())
        clock.advance(days=1)
        made.clear()
        return then

    def test_one_that_another_format_might_misread_is_refused(self, past, graph, register, build):
        register(csv(";"))
        tasks = graph(capture=True)
        assert tasks.Table(past).complete()
        with pytest.raises(AssetError, match=r"csv was stored by another Format than Table has"):
            tasks.Header(past).run()
        assert header(tasks.Header(past)) == ["a", "b"]

    def test_the_format_that_it_was_stored_by_reads_it(self, past, graph, register, succeed, made):
        register(csv(";"))
        tasks = graph(capture=True, own=csv(","))
        succeed(tasks.Header(past))
        assert made == []

    def test_another_decoder_of_the_same_encoder_s_reads_it(
        self, past, graph, register, succeed, made
    ):
        register(csv_without_strip(","))
        tasks = graph(capture=True)
        assert not tasks.Header(past).complete()
        succeed(tasks.Header(past))
        assert made == ["Header"]
        assert tasks.Header(past).complete()


class TestOlderRoots:
    """Records of before formats counted are taken as they were."""

    def test_what_was_stored_by_the_layer_s_formats_has_the_version_that_it_had(self, tmp_path):
        """As the release before formats counted computed it."""
        text = (
            "from hn_luigi.assets import Asset, requires\n"
            "SALT = 3\n"
            "def knead(x): return x * SALT\n"
            "class Flour(Asset):\n"
            '    suffix = ".json"\n'
            "    def compute(self): return knead(2)\n"
            "@requires(Flour)\n"
            "class Bread(Asset):\n"
            '    suffix = ".parquet"\n'
            '    code_version = "1"\n'
            "    def compute(self, flour): return [knead(flour)]\n"
        )
        (tmp_path / "bakery_of_old.py").write_text(text)
        sys.path.insert(0, str(tmp_path))
        try:
            import bakery_of_old as bakery
        finally:
            sys.path.remove(str(tmp_path))
            sys.modules.pop("bakery_of_old", None)
        codes = [code_behind(t, required_by(t)) for t in (bakery.Flour(), bakery.Bread())]
        assert [(code.sources, code.version) for code in codes] == [PINNED_FLOUR, PINNED_BREAD]

    def test_a_record_that_names_no_format_is_current(self, graph, register, succeed, root):
        register(csv(","))
        tasks = graph()
        succeed(tasks.Header())
        for name, task in (("table", tasks.Table()), ("header", tasks.Header())):
            [path] = (root / "_records" / name).iterdir()
            record = json.loads(path.read_text())
            del record["format"]
            record["code_version"] = task.loaded_code.version
            record["sources"] = task.loaded_code.sources
            path.write_text(json.dumps(record))
        assert graph().Header().complete()


def test_a_record_says_by_what_it_was_stored(graph, register, succeed, root):
    form = csv(",")
    register(form)
    tasks = graph()
    succeed(tasks.Header())
    assert tasks.Table().partition.record().format == {
        "encode": functions("", form.encode).version,
        "decode": functions("", form.decode).version,
    }
    assert tasks.Header().partition.record().format == versions_of(".json") == {}


PINNED_FLOUR = (
    "8f440591174f96d376a0da8e0a7baf252326717f61a779a6c2c2a6999c7dd243",
    "6b411cd066025955104ebd2df21cf4dea6b8e4936922bdc1b82b5713f7b0a8cb",
)
PINNED_BREAD = (
    "13a0dc5bade739c8406fe549f3a62cffcfd4e1cc629cb18c879375f80bf71a05",
    "451d63e4012c948d94ab81fd7ba55a8ac618ca1b10e5f704f8f6fc6e0a2f6e18",
)


def test_a_failed_attempt_names_the_code_that_a_good_one_would(graph, succeed, build, root):
    class Table(Asset):
        suffix = ".csv"
        own_format = csv(";")

        def compute(self):
            if not (root / "table").exists():
                raise RuntimeError("no rows")
            return ROWS

    build(Table())
    [failure] = (root / "_failures/table").iterdir()
    (root / "table").mkdir()
    succeed(Table())
    noted = json.loads(failure.read_text())["code_version"]
    assert noted == Table().partition.record().code_version != Table.loaded_code.version
