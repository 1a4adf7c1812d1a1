"""Assets that are made from plain Luigi tasks."""

from __future__ import annotations

import warnings

import luigi
import pytest

from hn_luigi.assets import Asset

PASSWORD = "Wr3n-And-0wl"


@pytest.fixture
def uses(clock, root):
    """Makes an asset of a plain task's output; told is how often it was made."""

    def of(output):
        class Table(luigi.ExternalTask):
            def output(self):
                return output()

        class Report(Asset):
            suffix = ".json"
            made = []  # noqa: RUF012

            def requires(self):
                return Table()

            def compute(self, target):
                self.made.append(1)
                return 1

        return Report

    return of


@pytest.fixture
def is_made_once(uses, succeed, root):
    """Whether a report on what ``output`` makes is made, and then current in another process."""

    def check(output, *, changed=None):
        report = uses(output)
        succeed(report())
        assert report().complete()  # by another object of the target
        succeed(report())
        assert len(report.made) == 1
        assert not [p for p in root.rglob("*") if p.is_file() and PASSWORD in p.read_text()]
        if changed:
            changed()
            assert not report().complete()

    return check


@pytest.fixture
def s3():
    """Luigi's client of an S3 that is here, with a bucket."""
    pytest.importorskip("moto", reason='pip install "moto[server]"')
    from luigi.contrib.s3 import S3Client
    from moto import mock_aws

    with mock_aws(), warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        client = S3Client("key", "secret", region_name="us-east-1")
        client.s3.create_bucket(Bucket="bucket")
        yield client
