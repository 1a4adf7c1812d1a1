"""Records that say what can't be are shown as unreadable, and no page fails of them."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import get_type_hints

import pytest

from hn_luigi import Stories
from hn_luigi.assets.catalog.failure import Failure
from hn_luigi.assets.catalog.record import Record

NUMBERS = ["-1", "0", "1e99", "1e308", "1e400", "NaN", "-Infinity", "9" * 99, "9" * 4000]
TEXTS = ["", "x", "\ud800", "\x1b[2J", "9" * 5000, "top/stories", "2020-01-01T0000Z"]
TIMES = ["0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z", "2026-11-22T12:34:56.000Z"]
OTHERS = ["5", *map(json.dumps, ["x", None, True, [], {}, {"a": {"b": [[]]}}])]
OBJECTS = [
    '{"rows": ' + "9" * 4000 + "}",
    '{"rows": ' + "9" * 99 + ', "skipped": {"x": -1e99, "y": "z", "w": 9e99}}',
    '{"\\ud800": "\\ud800", "rows": ["\\ud800"]}',
    '{"rows": NaN, "skipped": NaN}',
    '{"cloud.width": 1e99, "cloud.stopwords": 5, "cloud.no_such": null}',
]
FIELDS = sorted({field.name for kind in (Record, Failure) for field in fields(kind)})


def values_of(field):
    """What to put there: of its own type what can't be, and what is of other types."""
    hints = {**get_type_hints(Record), **get_type_hints(Failure)}
    hint = str(hints[field])
    own = OBJECTS if "dict" in hint else NUMBERS if hints[field] in (int, float) else []
    texts = [json.dumps(text) for text in (*TEXTS, *TIMES)] if "str" in hint and not own else []
    return list(dict.fromkeys([*own, *texts, *OTHERS]))


@pytest.mark.slow
@pytest.mark.parametrize("field", FIELDS)
def test_every_page_is_there_whatever_records_say(made, server, fail, root, field):
    fail(Stories())
    records = [*(root / "_records").rglob("*.json"), *(root / "_failures").rglob("*.json")]
    kept = {path: json.loads(path.read_bytes()) for path in records}
    for value in values_of(field):
        for path, told in kept.items():
            said = {name: json.dumps(known) for name, known in told.items()} | {field: value}
            path.write_text("{" + ", ".join(f'"{n}": {v}' for n, v in said.items()) + "}")
        assert server.get("/assets/top/stories").status == 200, value
    assert server.get("/assets").status == 200
