"""What an asset is made from, all the way upstream."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cache, partial
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeAlias

import luigi
from luigi.task import flatten

from hn_luigi.assets import formats
from hn_luigi.assets.asset_class import is_asset
from hn_luigi.assets.catalog.dataset import Dataset
from hn_luigi.assets.catalog.partition import Partition
from hn_luigi.assets.catalog.record import Foreign, InputStructure
from hn_luigi.assets.code import Code, with_functions
from hn_luigi.assets.errors import DefinitionError
from hn_luigi.assets.parameters.value_text import text_of
from hn_luigi.assets.staleness import external
from hn_luigi.assets.staleness.evaluate import Staleness, State, evaluate
from hn_luigi.assets.storage import Store, cached_requests

if TYPE_CHECKING:
    from hn_luigi.assets.asset import Asset


Required: TypeAlias = luigi.Task | dict[Any, Any] | list[Any]
"""A task, or tasks in a dict or list, within which there may be more of such."""


def required_by(task: luigi.Task) -> Required:
    """What ``task`` directly requires, as its ``requires()`` is shaped.

    Raises:
        DefinitionError: something in it is no task, or can't be named in a record.
    """
    try:
        return _settled(task.requires())
    except RecursionError as error:
        raise _unfit(task, "holds itself") from error
    except _Unfit as error:
        raise _unfit(task, str(error)) from None


def _unfit(task: luigi.Task, why: str) -> DefinitionError:
    return DefinitionError(
        f"{task}: what requires() returns {why}; return tasks, or lists or dicts of tasks, with "
        "text, numbers, dates or the like as keys"
    )


class _Unfit(Exception):
    """What is required can't be, in words that go on from what it is."""


def _settled(required: Any) -> Required:
    """``required``, with what can be gone through only once as a list, and a set in order."""
    if isinstance(required, luigi.Task):
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
    """The tasks ``task`` directly requires, in order."""
    return list(flatten(required_by(task)))


def structure_of(required: Required) -> InputStructure:
    """The keys of what is required, shaped alike."""
    if isinstance(required, luigi.Task):
        return key_of(required)
    if isinstance(required, dict):
        return {_name_of(name): structure_of(each) for name, each in required.items()}
    return [structure_of(each) for each in required]


def key_of(task: luigi.Task) -> str:
    """What names ``task`` in records."""
    return task.key if is_asset(task) else str(task.task_id)


def _former_keys(inputs: Iterable[luigi.Task]) -> dict[str, str]:
    """The keys of ``inputs`` by those of the earlier version that they may have been moved from.

    Only the order in which parameters are declared now is told from others.
    """
    found = {}
    for task in filter(is_asset, inputs):
        for folder in islice(task.identity.former_folders, 1):
            found[replace(task.partition, folder=folder).key] = task.key
    return found


def code_of(asset: Asset, inputs: Iterable[luigi.Task]) -> Code:
    """The code that makes ``asset``: its class's, its format's, and what decodes its inputs.

    What reads a value makes it what it is, and so counts even where the bytes stay.
    """
    own = formats.counted_format(asset.suffix, asset.own_format)
    read = [formats.counted_format(t.suffix, t.own_format) for t in inputs if is_asset(t)]
    found = [own.encoder, own.decoder] if own else []
    found += [each.decoder for each in read if each]
    code = asset.loaded_code
    return with_functions(code, tuple(dict.fromkeys(found))) if found else code


def staleness_of(assets: Iterable[Asset]) -> dict[str, Staleness]:
    """The staleness of ``assets`` and all that they are made from, by task id.

    The walk doesn't pass a plain Luigi task.

    Raises:
        DefinitionError: one of them is made from itself.
    """
    with cached_requests():
        return _evaluated(list(assets))


def _evaluated(assets: list[Asset]) -> dict[str, Staleness]:
    staleness_by_id: dict[str, Staleness] = {}
    opened: set[str] = set()
    newest = cache(Dataset.newest)  # one listing an asset, however many of its windows are judged
    required = cache(required_by)
    if len(assets) > 1:
        _cache_ahead(_all_assets(assets, required))
    pending: list[luigi.Task] = list(assets)
    while pending:
        task = pending[-1]
        inputs: list[luigi.Task] = flatten(required(task)) if is_asset(task) else []
        unjudged = [each for each in inputs if each.task_id not in staleness_by_id]
        if unjudged:
            if task.task_id in opened:
                raise DefinitionError(f"{task} requires itself, by way of what it requires")
            opened.add(task.task_id)
            pending.extend(unjudged)
            continue
        pending.pop()
        if task.task_id in staleness_by_id:
            continue  # it was required from two sides
        if is_asset(task):
            upstream = {key_of(each): staleness_by_id[each.task_id] for each in inputs}
            code = code_of(task, inputs)
            facts = task.facts(
                upstream,
                structure_of(required(task)),
                code=code,
                former_keys=partial(_former_keys, inputs),
                newest=newest,
            )
            staleness_by_id[task.task_id] = evaluate(facts)
        else:
            staleness_by_id[task.task_id] = external.staleness_of_task(task)
    return staleness_by_id


def _all_assets(assets: Iterable[Asset], required: Callable[[luigi.Task], Required]) -> list[Asset]:
    """``assets`` and all assets upstream of them, each once."""
    found: dict[str, Asset] = {}
    pending: list[luigi.Task] = list(assets)
    while pending:
        task = pending.pop()
        if is_asset(task) and task.task_id not in found:
            found[task.task_id] = task
            pending.extend(flatten(required(task)))
    return list(found.values())


def _cache_ahead(assets: Iterable[Asset]) -> None:
    """Have object stores tell in few answers what the staleness of ``assets`` depends on."""
    folders: dict[tuple[Store, str], list[Partition]] = defaultdict(list)
    for asset in assets:
        partition = asset.partition
        folders[partition.store, partition.folder].append(partition)
    for (store, folder), partitions in folders.items():
        outputs = [partition.window + partition.suffix for partition in partitions]
        store.cache_ahead(folder, outputs, [partition.record_key for partition in partitions])


def stored_inputs(asset: Asset) -> dict[str, str | None]:
    """The data versions of what ``asset`` is made from, as they are stored, by key."""
    return {key_of(task): _as_stored(task).version for task in inputs_of(asset)}


def staleness_when_run(asset: Asset) -> Staleness:
    """The staleness of ``asset`` once what it is made from has had its turn.

    Inputs are taken as they are stored: if one came out identical, or another run is making it
    by other settings, that is what this asset is made from.
    """
    required = required_by(asset)
    with cached_requests():
        inputs = flatten(required)
        upstream = {key_of(task): _as_stored(task) for task in inputs}
        facts = asset.facts(
            upstream,
            structure_of(required),
            code=code_of(asset, inputs),
            former_keys=partial(_former_keys, inputs),
        )
        return evaluate(facts)


def _as_stored(task: luigi.Task) -> Staleness:
    if not is_asset(task):
        return external.staleness_of_task(task)
    version, record = task.partition.version(), task.partition.record()
    if isinstance(record, Foreign):
        return Staleness(State.STALE, (record.reason,), version, is_taken=True)
    if version is None:
        return Staleness(State.MISSING, ("its output is missing",), lost=True)
    return Staleness(State.CURRENT, version=version)
