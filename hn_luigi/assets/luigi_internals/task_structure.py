"""What ``requires()`` may return: a task, or anything that holds tasks, within one another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import luigi


class Several:
    """What ``requires()`` may return in the place of a task, and which stands for several.

    The layer hands it on whole. Luigi 3.8.1 goes through whatever is no task and no mapping
    (``flatten``, ``getpaths``), so to it, and to all that asks it, this is the tasks that it
    iterates over: one or none, where a thousand would each be asked whether it is complete.
    """

    def __iter__(self) -> Iterator[luigi.Task]:
        raise NotImplementedError


def map_tasks(
    structure: Any,
    change: Callable[[luigi.Task], Any],
    *,
    several: Callable[[Any], Any] = lambda several: several,
    rename: Callable[[Any], Any] = lambda name: name,
) -> Any:
    """``structure``, with what ``change`` makes of each task in it; what is no task stays.

    What can be gone through only once becomes a list, and None an empty one. Tuples stay tuples
    and sets sets, since a plain task's own ``run()`` may look.

    Args:
        structure: what a ``requires()`` returns.
        change: is called with each task, in order.
        several: is called with what stands for several.
        rename: what becomes of a dict's keys.
    """
    # luigi.task.getpaths is the like of it, but for targets alone, and leaves what is wrong to
    # whoever meets it; flatten forgets the shape.
    if structure is None:
        return []
    if isinstance(structure, luigi.Task):
        return change(structure)
    if isinstance(structure, Several):
        return several(structure)
    if isinstance(structure, Mapping):
        return {
            rename(name): map_tasks(inner, change, several=several, rename=rename)
            for name, inner in structure.items()
        }
    if not isinstance(structure, Iterable) or isinstance(structure, (str, bytes)):
        return structure
    changed = [map_tasks(inner, change, several=several, rename=rename) for inner in structure]
    if isinstance(structure, (set, frozenset)):
        return frozenset(changed)
    return tuple(changed) if isinstance(structure, tuple) else changed
