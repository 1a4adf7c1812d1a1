"""Which class Luigi finds by a name that one of this package has, and a user's as well.

To import the layer is to load all classes of this package, the shipped graph's and its sections',
so that a user's ``Stories``, or ``class cloud(luigi.Config)``, would not be the only one.
"""

# Luigi 3.8.1 makes such a name ambiguous: the task can't be run, and of a section all flags are
# gone, without a word. It offers two ways out. A task_namespace would rename the shipped tasks on
# the command line, in ids and in records; so would one that they take only as long as another class
# has their name, and then a server that has loaded both wouldn't know a run's tasks by their ids.
# Where no other class is loaded, nothing is to change: so the class says, whenever it is asked,
# that it isn't in the registry. Rejected as well: to import the graph only when asked for it, by
# which `luigi --module hn_luigi Wordcloud` would find no task.

from __future__ import annotations

import sys
from types import FrameType

import luigi
from luigi.task_register import Register, load_task


def is_shipped(module: str) -> bool:
    """Whether the module of that name is part of the package that this one is in."""
    return module.partition(".")[0] == __name__.partition(".")[0]


class StepsAside:
    """As ``_visible_in_registry`` of a class: whether Luigi finds it by its name.

    A shipped class isn't found where a user's has the same family, whichever was loaded first. All
    else stays as it is: what requires the class still has it, and it reads the same settings.

    One of the two that is made from the other is Luigi's business, which takes the one that is.
    """

    def __get__(self, _instance: object, owner: type[luigi.Task]) -> bool:
        if not is_shipped(owner.__module__):
            return True
        name = owner.__name__
        others = [other for other in Register._reg if other.__name__ == name]
        is_taken = any(_takes_family(other, owner) for other in others)
        return not is_taken or _is_loaded_from(owner.__module__)


def step_aside(section: type[luigi.Task]) -> None:
    """Have ``section`` leave its name to a user's, if it is a shipped one."""
    if is_shipped(section.__module__):
        section._visible_in_registry = StepsAside()  # type: ignore[assignment]


def _takes_family(other: type[luigi.Task], owner: type[luigi.Task]) -> bool:
    return (
        not is_shipped(other.__module__)
        and bool(other._visible_in_registry)
        and other.get_task_family() == owner.get_task_family()
        and not issubclass(other, owner)
    )


def _is_loaded_from(module: str) -> bool:
    """Whether Luigi looks for what it knows to be in ``module``, and looks by the name alone."""
    # load_task makes anew what a run() has yielded, or what another worker has scheduled. It is
    # told the module, and only imports it. With the other class it would run what nobody asked
    # for, again and again where it is for a run() that yields ours; ambiguous, it fails.
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code is not load_task.__code__:
        frame = frame.f_back
    return frame is not None and frame.f_locals["module"] == module
