"""The replica that most tests ask."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hn_luigi.replica import Replica

from .asking import PAGE


@pytest.fixture
def replica() -> Iterator[Replica]:
    with Replica(PAGE) as running:
        yield running
