"""How the outputs of plain Luigi tasks count: by their bytes, else by name and existence."""

from __future__ import annotations

import dataclasses
import gzip
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import luigi
import luigi.format
import pytest

from hn_luigi.assets.errors import InputMissing, SettingError
from hn_luigi.assets.staleness.external import outputs_version
from hn_luigi.assets.staleness.target_name import name_of

from ...limits import patience
from .conftest import PASSWORD


class Unreadable(luigi.Target):
    """As Luigi's database targets are."""

    def __init__(self, error=None, there=True, **attributes):
        vars(self).update(attributes)
        self._error = error or NotImplementedError("Cannot open()")
        self._there = there

    def exists(self):
        return self._there

    def open(self, mode):
        raise self._error


CANT = [
    NotImplementedError("Cannot open()"),
    AttributeError("open"),
    TypeError("open() takes no mode"),
    ValueError("Unsupported open mode 'r'"),
    RuntimeError("a table can't be read"),
    Exception("can't"),
    IsADirectoryError("it is a folder"),
    luigi.target.FileSystemException("it is a folder"),
]


@pytest.mark.parametrize("error", CANT, ids=repr)
def test_a_target_that_can_t_be_opened_counts_by_its_name(is_made_once, error):
    is_made_once(lambda: Unreadable(error, table="news", password=PASSWORD, client=object()))


@pytest.mark.parametrize("error", CANT, ids=repr)
def test_one_that_isn_t_there_is_missing_whatever_its_task_says(uses, error):
    report = uses(lambda: Unreadable(error, there=False, table="news", password=PASSWORD))
    report().requires().__class__.complete = lambda self: True
    with pytest.raises(InputMissing, match=r"Unreadable\(table='news'\) is missing, though"):
        outputs_version(report().requires())


@pytest.mark.parametrize(
    "error",
    [PermissionError("not yours"), ConnectionError("it is down"), SettingError("[storage] root")],
)
def test_trouble_in_reading_is_not_taken_for_a_property_of_the_target(uses, error):
    with pytest.raises(type(error)):
        outputs_version(uses(lambda: Unreadable(error, table="news"))().requires())


@dataclasses.dataclass
class Part:
    table: str
    password: str = PASSWORD


class TestItsName:
    def test_is_the_same_for_another_object_and_another_process(self):
        code = (
            "import luigi, sys\n"
            "from hn_luigi.assets.staleness.target_name import name_of\n"
            "class Unreadable(luigi.Target):\n"
            "    def exists(self): return True\n"
            "target = Unreadable()\n"
            "vars(target).update(table='t', part={'b': 1, 'a': {2, 3}})\n"
            "sys.stdout.write(name_of(target))"
        )
        said = subprocess.run(
            [sys.executable, "-c", code],
            cwd=Path(__file__).parents[3],
            env={**os.environ, "PYTHONHASHSEED": "7"},
            capture_output=True,
            text=True,
            timeout=patience(),
        )
        assert said.stdout == name_of(Unreadable(table="t", part={"a": {3, 2}, "b": 1})), said
        assert said.stdout == "Unreadable(part=(a=['2', '3'], b=1), table='t')"

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ({"table": "a"}, {"table": "b"}),
            ({"host": "a", "table": "t"}, {"host": "b", "table": "t"}),
            ({"_index": "a"}, {"_index": "b"}),
            ({"path": "a"}, {"path": "b"}),
            ({"key": Decimal(1)}, {"key": Decimal(2)}),
            ({"key": UUID(int=1)}, {"key": UUID(int=2)}),
            ({"key": bytearray(b"a")}, {"key": bytearray(b"b")}),
            ({"model": Unreadable}, {"model": luigi.Target}),
            ({"of": [Part("a")]}, {"of": [Part("b")]}),
        ],
    )
    def test_tells_one_from_another(self, one, other):
        assert name_of(Unreadable(**one)) != name_of(Unreadable(**other))

    @pytest.mark.parametrize(
        "secret",
        [
            {"password": PASSWORD},
            {"http_auth": ("me", PASSWORD)},
            {"connect_args": {"password": PASSWORD}},
            {"url": f"postgresql://me:{PASSWORD}@host/db"},
            {"url": f"https://host/db?sig={PASSWORD}"},
            {"dsn": f"host=h password={PASSWORD}"},
            {"dsn": f"Driver=x;Server=y;PWD={PASSWORD};"},
            {"part": Part("a", PASSWORD)},
            {"aws_secret_access_key": PASSWORD, "api_key": PASSWORD, "token": PASSWORD},
        ],
        ids=str,
    )
    def test_holds_no_secret_and_stays_when_that_changes(self, secret):
        changed = eval(repr(secret).replace(PASSWORD, "another"))
        kind = dataclasses.make_dataclass("Row", [*secret, "table"], bases=(Unreadable,))
        for make in (Unreadable, kind):
            name = name_of(make(**secret, table="t"))
            assert "t" in name
            assert PASSWORD not in name
            assert name == name_of(make(**changed, table="t"))

    def test_is_not_changed_by_what_is_set_on_first_use(self):
        target = Unreadable(table="t", marker_table_bound=None, engine=None)
        before = name_of(target)
        target.marker_table_bound = target.engine = object()
        assert name_of(target) == before

    def test_holds_no_secret_of_an_address_in_parts(self):
        parts = urlsplit(f"https://me:{PASSWORD}@host/db")
        assert name_of(Unreadable(url=parts)) == "Unreadable(url='https://host/db')"

    def test_is_no_method_called_path(self):
        class Row(Unreadable):
            def path(self):
                return "/x"

        assert name_of(Row(table="t")) == "Row(table='t')"

    def test_needs_no_path_that_can_t_be_asked_for(self):
        class Row(Unreadable):
            @property
            def path(self):
                raise RuntimeError("the metastore is down")

        assert name_of(Row(table="t")) == "Row(table='t')"

    def test_holds_what_is_in_slots(self):
        class Row(Unreadable):
            __slots__ = ("table",)

            def __init__(self, table):
                super().__init__()
                self.table = table

        assert name_of(Row("t")) == "Row(table='t')"

    def test_may_be_its_own(self):
        @dataclasses.dataclass
        class Row(Unreadable):
            number: int

        assert name_of(Row(7)).endswith("Row(number=7)")


class TestLuigisTargets:
    def test_a_table_by_sqlalchemy(self, is_made_once, tmp_path):
        pytest.importorskip("sqlalchemy", reason='pip install "sqlalchemy<2"')
        from luigi.contrib.sqla import SQLAlchemyTarget

        def target(update="today"):
            address = f"sqlite:///{tmp_path}/news.db"
            secret = {"check_same_thread": False}
            return SQLAlchemyTarget(address, "news", update, connect_args=secret)

        target().touch()
        is_made_once(target)
        assert name_of(target()) != name_of(target("tomorrow"))

    def test_a_table_in_postgres(self, is_made_once, postgres):
        from luigi.contrib.postgres import PostgresTarget

        host = f"{postgres.hostname}:{postgres.port}"

        def target(update="today"):
            return PostgresTarget(host, "postgres", "me", postgres.password, "news", update)

        assert not target().exists()
        target().touch()
        is_made_once(target)
        assert postgres.password not in name_of(target())

    @pytest.mark.parametrize("data", [b"text\n", b"\xff\xfe\x00binary\x80" * 999_999])
    def test_an_object_in_s3(self, is_made_once, s3, data):
        from luigi.contrib.s3 import S3Target

        s3.put_string(data, "s3://bucket/news")
        is_made_once(
            lambda: S3Target("s3://bucket/news", client=s3),
            changed=lambda: s3.put_string(data + b"!", "s3://bucket/news"),
        )

    def test_a_folder_in_s3_by_its_name(self, is_made_once, s3):
        from luigi.contrib.s3 import S3FlagTarget

        s3.put_string("", "s3://bucket/news/_SUCCESS")
        is_made_once(lambda: S3FlagTarget("s3://bucket/news/", client=s3))

    def test_files_by_a_pattern(self, is_made_once, tmp_path):
        class Files(luigi.LocalTarget):
            def exists(self):
                return bool(list(tmp_path.glob("*.csv")))

        (tmp_path / "a.csv").write_text("1")
        (tmp_path / "b.csv").write_text("2")
        is_made_once(
            lambda: Files(tmp_path / "*.csv"), changed=lambda: (tmp_path / "b.csv").write_text("3")
        )

    def test_a_compressed_file(self, is_made_once, tmp_path):
        (tmp_path / "a.gz").write_bytes(gzip.compress(b"1"))
        is_made_once(
            lambda: luigi.LocalTarget(tmp_path / "a.gz", format=luigi.format.Gzip),
            changed=lambda: (tmp_path / "a.gz").write_bytes(gzip.compress(b"2")),
        )


def test_a_large_object_is_not_held_whole(uses):
    class Stream:
        left, largest = 50, 0

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def read(self, size=-1):
            assert 0 < size <= 1 << 20
            self.left -= 1
            return b"x" * size if self.left else b""

    class Large(Unreadable):
        def open(self, mode):
            return Stream()

    assert outputs_version(uses(Large)().requires())
