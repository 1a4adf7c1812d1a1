"""The rooms are as ``hn_luigi/README.md`` draws them, and no import goes up or in a circle."""

from __future__ import annotations

import re
from graphlib import TopologicalSorter

import grimp
import pytest

from .processes import REPOSITORY

DOCUMENT = (REPOSITORY / "hn_luigi/README.md").read_text()
_, _, SECTION = DOCUMENT.partition("\n## Rooms and arrows\n")
DRAWINGS = re.findall(r"```text\n(.*?)```", SECTION.partition("\n## ")[0], re.DOTALL)
MOST_ENTRIES = 22


@pytest.fixture(scope="module")
def graph():
    """All imports, also those for types alone and within functions."""
    return grimp.build_graph(
        "hn_luigi", include_external_packages=False, exclude_type_checking_imports=False
    )


def floors(drawing):
    """The rooms on each line of a drawing, the highest first."""
    lines = [re.split(r"\s{3,}", line)[0] for line in drawing.splitlines()]
    return [line.split(" | ") for line in lines]


def upward(graph, house, drawing):
    """The imports that a drawing of the rooms of ``house`` doesn't allow."""
    level = {room: n for n, rooms in enumerate(floors(drawing)) for room in rooms}
    found = []
    for importer in graph.modules:
        for imported in graph.find_modules_directly_imported_by(importer):
            rooms = [
                name.removeprefix(f"{house}.").partition(".")[0]
                for name in (importer, imported)
                if name.startswith(f"{house}.")
            ]
            if len(rooms) == 2 and rooms[0] != rooms[1] and level[rooms[0]] >= level[rooms[1]]:
                found.append(f"{importer} -> {imported}")
    return sorted(found)


def test_there_is_a_drawing_of_the_house_and_of_the_layer():
    assert len(DRAWINGS) == 2


@pytest.mark.parametrize(("house", "number"), [("hn_luigi", 0), ("hn_luigi.assets", 1)])
class TestADrawing:
    def test_shows_each_room_once(self, graph, house, number):
        drawn = [room for floor in floors(DRAWINGS[number]) for room in floor]
        assert sorted(drawn) == sorted(
            child.rpartition(".")[2] for child in graph.find_children(house)
        )

    def test_has_no_arrow_that_goes_up_or_sideways(self, graph, house, number):
        assert upward(graph, house, DRAWINGS[number]) == []

    def test_upside_down_would_be_refused(self, graph, house, number):
        upside_down = "\n".join(reversed(DRAWINGS[number].splitlines()))
        assert upward(graph, house, upside_down)


def test_no_import_goes_in_a_circle(graph):
    """Neither within a room, nor behind ``TYPE_CHECKING``, nor in a function."""
    arrows = {m: graph.find_modules_directly_imported_by(m) for m in graph.modules}
    TopologicalSorter(arrows).prepare()  # which raises CycleError, with the circle


def test_the_layer_can_be_taken_in_at_a_glance():
    listed = (REPOSITORY / "hn_luigi/assets").iterdir()
    entries = [each.name for each in listed if each.name != "__pycache__"]
    assert len(entries) <= MOST_ENTRIES, sorted(entries)
