"""The page that the generator makes, which is the one that comes with the replica."""

from __future__ import annotations

import html
from typing import Any

import pytest

import generate
from hn_luigi.replica import FrontPage

Story = dict[str, Any]


@pytest.fixture(scope="session")
def sample() -> FrontPage:
    return generate.front_page()


@pytest.fixture(scope="session")
def top(sample: FrontPage) -> list[Story | None]:
    return [sample.items[id_] for id_ in sample.lists["top"]]


@pytest.fixture(scope="session")
def headlines(top: list[Story | None]) -> list[str]:
    """The titles of ``top`` as a reader sees them."""
    return [html.unescape(item["title"]) for item in top if item and "title" in item]
