"""What ``requires()`` may return: a task, or anything that holds tasks, within one another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import luigi


def map_tasks(
    structure: Any,
    change: Callable[[luigi.Task], Any],
    *,
    rename: Callable[[Any], Any] = lambda name: name,
) -> Any:
    """``structure``, with what ``change`` makes of each task in it; what is no task stays.

    What can be gone through only once becomes a list, and None an empty one. Tuples stay tuples
    and sets sets, since a plain task's own ``run()`` may look.

    Args:
        structure: what a ``requires()`` returns.
        change: is called with each task, in order.
        rename: what becomes of a dict's keys.
    """
    # luigi.task.getpaths is the like of it, but for targets alone, and leaves what is wrong to
    # whoever meets it; flatten forgets the shape.
    if structure is None:
        return []
    if isinstance(structure, luigi.Task):
        return change(structure)
    if isinstance(structure, Mapping):
        return {
            rename(name): map_tasks(inner, change, rename=rename)
            for name, inner in structure.items()
        }
    if not isinstance(structure, Iterable) or isinstance(structure, (str, bytes)):
        return structure
    changed = [map_tasks(inner, change, rename=rename) for inner in structure]
    if isinstance(structure, (set, frozenset)):
        return frozenset(changed)
    return tuple(changed) if isinstance(structure, tuple) else changed
