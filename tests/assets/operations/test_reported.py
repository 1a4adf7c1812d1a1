"""Numbers of records, which hold whatever a step has reported."""

from __future__ import annotations

from typing import ClassVar

import pytest

from hn_luigi.assets import Asset
from hn_luigi.assets.operations import rows_of, skipped_of, values_over_time


class Sieve(Asset):
    suffix = ".json"
    told: ClassVar[dict] = {}

    def compute(self):
        self.report(**self.told)
        return 1


@pytest.fixture
def records(succeed, monkeypatch):
    """The record of a window whose step reports that."""

    def make(**told):
        monkeypatch.setattr(Sieve, "told", told)
        succeed(Sieve())
        return [Sieve().partition.record()]

    return make


def test_counts_are_taken_as_they_are_and_skipped_ones_together(records):
    made = records(rows=7, skipped={"dead": 2, "null": 1, "note": "x", "yes": True})
    (record,) = made
    assert rows_of(record) == 7
    assert skipped_of(record) == {"dead": 2, "null": 1}
    values = {what: points[0][1] for what, points in values_over_time(made).items()}
    assert (values["rows"], values["skipped"]) == (7, 3)
    assert values["duration"] >= 0
    assert values["lag"] >= 0


@pytest.mark.parametrize("told", [{}, {"rows": "many", "skipped": 3}, {"rows": True}])
def test_what_is_no_count_is_none(records, told):
    made = records(**told)
    (record,) = made
    assert (rows_of(record), skipped_of(record)) == (None, None)
    assert set(values_over_time(made)) == {"duration", "lag"}
