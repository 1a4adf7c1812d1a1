"""A bakery as a pipeline, Flour → Bread → Shop, and what is seen of its making."""

from __future__ import annotations

import json
import os
from pathlib import Path

import luigi

from hn_luigi.assets import Number


class kitchen(luigi.Config):
    loaves = Number(2, minimum=0, maximum=9)
    glaze = Number(0, minimum=0, maximum=9)


class World:
    """The outside world, which a capture reads, and a log of what was computed."""

    def __init__(self):
        self.flour = "rye"
        self.trouble = None
        self.made = []


def value_of(task):
    return json.loads(Path(task.output().path).read_text())


def files(root):
    return sorted(
        os.path.relpath(os.path.join(folder, name), root)
        for folder, _, names in os.walk(root)
        for name in names
    )
