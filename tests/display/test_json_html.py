"""A JSON value is shown as far as people would read it, and says where it isn't all."""

from __future__ import annotations

import pytest

from hn_luigi.display.json_html import tree


@pytest.mark.parametrize("value", [[*range(2_000)], {"a": [*range(1_999)]}])
def test_what_just_fits_is_all(value):
    html, some = tree(value)
    assert "more</li>" not in html
    assert some == ""


@pytest.mark.parametrize("value", [[*range(2_001)], {"a": [*range(2_000)]}])
def test_one_value_more_is_left_out_and_said(value):
    html, some = tree(value)
    assert "<li>… 1 more</li>" in html
    assert some == "The first 2,000 values"
