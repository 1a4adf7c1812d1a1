"""What is asked of storage before anything is planned; ``test_refresher.py`` has the rest."""

from __future__ import annotations

from concurrent.futures import Future
from types import SimpleNamespace

import pytest

from hn_luigi.assets import AssetError
from hn_luigi.web import refresh_plans


def test_a_line_that_hangs_is_not_asked_again_until_it_has_answered(monkeypatch):
    """Or each look would leave one more thread behind."""
    asked = []

    def start(_question):
        asked.append(Future())
        return asked[-1]

    monkeypatch.setattr(refresh_plans.deadline, "start", start)
    monkeypatch.setattr(refresh_plans, "_PATIENCE", 0)
    planner = refresh_plans.Planner()

    def plan():
        with pytest.raises(AssetError, match="isn't told within"):
            planner.facts(SimpleNamespace(text="a line"), [], (), {}, frozenset())

    plan()
    plan()
    assert len(asked) == 1
    asked[0].set_result(None)
    plan()
    assert len(asked) == 2
