"""What tasks require, directly and all the way upstream."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from graphlib import CycleError, TopologicalSorter
from typing import Any, NamedTuple, TypeAlias

import luigi
from luigi.task import flatten

from hn_luigi.assets.catalog.record import InputStructure, Key
from hn_luigi.assets.definition import AssetDefinition, is_asset
from hn_luigi.assets.errors import DefinitionError
from hn_luigi.assets.luigi_internals.task_structure import map_tasks
from hn_luigi.assets.parameters.value_text import text_of
from hn_luigi.assets.staleness.window_range import WindowRange
from hn_luigi.assets.window_length import NO_WINDOW

Required: TypeAlias = luigi.Task | WindowRange | dict[Any, Any] | list[Any]
"""A task or several windows, or such in a dict or list, within which there may be more."""


def required_by(task: luigi.Task) -> Required:
    """What ``task`` directly requires, as its ``requires()`` is shaped.

    Raises:
        DefinitionError: something in it is no task, can't be named in a record, or has shorter
            windows than ``task``.
    """
    try:
        required = _settled(task.requires())
    except RecursionError as error:
        raise _unfit(task, "holds itself") from error
    except _Unfit as error:
        raise _unfit(task, str(error)) from None
    if is_asset(task):
        _refuse_shorter(task, {type(part) for part in parts_of(required) if is_asset(part)})
    return required


def _refuse_shorter(asset: AssetDefinition, kinds: set[type[AssetDefinition]]) -> None:
    """Refuse one of ``kinds`` whose windows are shorter: of many, ``asset`` would get the first."""
    for kind in kinds:
        if kind.declared_length == asset.declared_length:
            continue  # 0.1 µs, where the setting takes 50; this is asked of each task of a walk
        own, theirs = asset.own_length(), kind.own_length()
        if theirs.minutes < own.minutes:
            remedy = f"return self.windows({kind.__name__}, ...) in requires() for several"
            if own == NO_WINDOW:
                remedy = f"give it a window_length, and {remedy}"
            raise DefinitionError(
                f"{asset}: it requires {kind.__name__}, whose windows are shorter ({theirs}) than "
                f"its own ({own}), so that it would be made from one of them alone: {remedy}"
            )


def _unfit(task: luigi.Task, why: str) -> DefinitionError:
    return DefinitionError(
        f"{task}: what requires() returns {why}; return tasks, or lists or dicts of tasks, with "
        "text, numbers, dates or the like as keys"
    )


class _Unfit(Exception):
    """What is required can't be, in words that go on from what it is."""


def _settled(required: Any) -> Required:
    """``required``, with what can be gone through only once as a list, and a set in order."""
    if isinstance(required, (luigi.Task, WindowRange)):
        return required
    if required is None:
        return []
    if isinstance(required, Mapping):
        named = {name: _settled(each) for name, each in required.items()}
        if len({_name_of(name) for name in named}) < len(named):
            raise _Unfit("has two keys that look the same")
        return named
    if isinstance(required, (str, bytes)) or not hasattr(required, "__iter__"):
        raise _Unfit(f"holds {ascii(required)[:80]}, which is no task")
    settled = [_settled(each) for each in required]
    if isinstance(required, (set, frozenset)):  # whose order differs in every process
        return sorted(settled, key=lambda each: json.dumps(structure_of(each)))
    return settled


def _name_of(key: Any) -> str:
    """A dict's key as records name it: text as it is, ``<date 2026-11-22>`` for others."""
    if isinstance(key, str):
        with suppress(UnicodeEncodeError):
            return str.__str__(key).encode().decode()
    name = text_of(key)
    if name is None:
        raise _Unfit(f"is a dict with the key {ascii(key)[:80]}, which differs in every process")
    return f"<{name}>"


def inputs_of(task: luigi.Task) -> list[luigi.Task]:
    """The tasks ``task`` directly requires, in order; of several windows the one that is open."""
    return list(flatten(required_by(task)))


def parts_of(required: Required) -> list[luigi.Task | WindowRange]:
    """The tasks and ranges of windows in ``required``, in order."""
    parts: list[luigi.Task | WindowRange] = []
    map_tasks(required, parts.append, several=parts.append)
    return parts


def read_by(required: Required) -> list[luigi.Task]:
    """One task of each kind that is read for ``required``, also where it is of windows."""
    parts = parts_of(required)
    return [part.sample if isinstance(part, WindowRange) else part for part in parts]


def sources_of(task: luigi.Task) -> list[luigi.Task]:
    """One task of each kind that ``task`` directly requires, also of windows that are all over."""
    return read_by(required_by(task))


def structure_of(required: Required) -> InputStructure:
    """The keys of what is required, shaped alike."""
    structure: InputStructure = map_tasks(required, key_of, several=key_of, rename=_name_of)
    return structure


def key_of(part: luigi.Task | WindowRange) -> Key:
    """What names a task, or several windows, in records."""
    if isinstance(part, WindowRange) or is_asset(part):
        return part.key
    return Key(part.task_id)


class Node(NamedTuple):
    """A task, and what it directly requires; nothing where the walk doesn't pass it."""

    task: luigi.Task
    required: Required

    def inputs(self, *, into_windows: bool = True) -> list[luigi.Task]:
        """The tasks that it directly requires, in order; of several windows the one open."""
        if into_windows:
            return list(flatten(self.required))
        return [part for part in parts_of(self.required) if isinstance(part, luigi.Task)]


def upstream_first(
    tasks: Iterable[luigi.Task],
    *,
    passes: Callable[[luigi.Task], bool] = is_asset,
    into_windows: bool = True,
) -> list[Node]:
    """``tasks`` and all that is upstream of them, each once, after what it is made from.

    The walk goes on upstream of those tasks that it ``passes``. A plain Luigi task is passed only
    where that is asked for: what is upstream of it is the business of its own ``complete()``. If
    an asset behind it could make one before it stale, each run would make that again, and fail
    with "Unfulfilled dependency", since the plain task stays as it is.

    Unless it goes ``into_windows``, the open one of several is no input.

    Raises:
        DefinitionError: one of them requires itself, or what can't be required.
    """
    nodes: dict[str, Node] = {}
    pending = list(tasks)[::-1]
    while pending:
        task = pending.pop()
        if task.task_id not in nodes:
            node = Node(task, required_by(task) if passes(task) else [])
            nodes[task.task_id] = node
            pending.extend(reversed(node.inputs(into_windows=into_windows)))
    order = TopologicalSorter(
        {
            name: [task.task_id for task in node.inputs(into_windows=into_windows)]
            for name, node in nodes.items()
        }
    )
    try:
        order.prepare()
    except CycleError as error:
        task = nodes[error.args[1][0]].task
        raise DefinitionError(f"{task} requires itself, by way of what it requires") from None
    return [nodes[name] for name in _in_reading_order(order, list(nodes))]


def _in_reading_order(order: TopologicalSorter[str], met: list[str]) -> Iterator[str]:
    """The names in ``order``, each close after what it is made from.

    ``static_order()`` would have all that is made from nothing first, whoever it is for; people
    read the order in ``explain``. Of what is ready, the last to become so is next, and of those
    the first that the walk has ``met``.
    """
    place = {name: number for number, name in enumerate(met)}
    ready: list[str] = []
    while order.is_active():
        ready.extend(sorted(order.get_ready(), key=place.__getitem__, reverse=True))
        name = ready.pop()
        yield name
        order.done(name)
