"""The staleness of assets, from what their classes say and what is stored.

It is asked twice: by the scheduler, which has to know all the way upstream what will change
(``staleness_of``), and by a run, when what an asset is made from has had its turn
(``staleness_when_run``).

Luigi 3.8.1 looks at no dependency of a task that says it is complete, so complete() itself has to
ask upstream. If each asset asked its inputs' complete(), a diamond of 23 tasks took 4,095 checks;
one walk that visits each task once takes 23.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import replace
from functools import cache, partial
from itertools import islice
from typing import TypeAlias

import luigi

from hn_luigi.assets import formats, window
from hn_luigi.assets.catalog.dataset import Dataset
from hn_luigi.assets.catalog.partition import Partition
from hn_luigi.assets.catalog.record import DataVersion, Foreign, Key, Record
from hn_luigi.assets.code import Code, with_functions, without_parts
from hn_luigi.assets.definition import AssetDefinition, is_asset
from hn_luigi.assets.luigi_internals.expected_errors import logger
from hn_luigi.assets.parameters.assets_section import length_by_setting
from hn_luigi.assets.staleness.evaluate import (
    Staleness,
    StalenessInputs,
    State,
    evaluate,
    missing,
    taken,
)
from hn_luigi.assets.staleness.remake import as_asked
from hn_luigi.assets.staleness.required import (
    Node,
    Required,
    key_of,
    parts_of,
    read_by,
    required_by,
    structure_of,
    upstream_first,
)
from hn_luigi.assets.staleness.window_range import WindowRange, staleness_of_range
from hn_luigi.assets.storage import Store, cached_requests
from hn_luigi.assets.window import WindowName, clock_warning, is_of_future

_Part: TypeAlias = luigi.Task | WindowRange


def _former_keys(parts: Iterable[_Part]) -> dict[Key, Key]:
    """The keys of ``parts`` by those of the earlier version that they may have been moved from.

    Only the order in which parameters are declared now is told from others.
    """
    return {
        replace(task.partition, folder=folder).key: task.key
        for task in parts
        if not isinstance(task, WindowRange) and is_asset(task)
        for folder in islice(task.identity.former_folders, 1)
    }


def code_behind(asset: AssetDefinition, required: Required) -> Code:
    """The code that makes ``asset``: its class's, its format's, and what decodes ``required``.

    What reads a value makes it what it is, and so counts even where the bytes stay.
    """
    own = formats.counted_format(asset.suffix, asset.own_format)
    read = [
        formats.counted_format(t.suffix, t.own_format) for t in read_by(required) if is_asset(t)
    ]
    functions = [own.encoder, own.decoder] if own else []
    functions += [counted.decoder for counted in read if counted]
    code = asset.loaded_code
    return with_functions(code, tuple(dict.fromkeys(functions))) if functions else code


def staleness_of(
    assets: Iterable[AssetDefinition], *, by_size: bool = False
) -> dict[str, Staleness]:
    """The scheduler's question: the staleness of ``assets`` and all upstream, by task id.

    The walk doesn't pass a plain Luigi task.

    Args:
        assets: of any windows.
        by_size: whether an output of the recorded size is taken for the recorded one, unread.

    Raises:
        DefinitionError: one of them is made from itself.
    """
    # What is kept from call to call are requests and parsed records, by what stat says of their
    # files, and never the answer: a No that was kept would fail what depends on the asset, once
    # that is made. Without them a run of 200 tasks in diamonds took 15.6 s for 39,407 checks.
    with cached_requests():
        version_of = Partition.version_by_size if by_size else Partition.version
        return _evaluated(list(assets), version_of)


def _evaluated(
    assets: list[AssetDefinition], version_of: Callable[[Partition], DataVersion | None]
) -> dict[str, Staleness]:
    staleness: dict[str, Staleness] = {}
    newest = cache(Dataset.newest)  # one listing a dataset, however many of its windows are asked
    nodes = upstream_first(assets)
    if len(assets) > 1:
        _cache_ahead(node.task for node in nodes if is_asset(node.task))
    sections: dict[type[luigi.Config], luigi.Config] = {}  # a third of what 72 windows take
    for node in nodes:
        of_input = partial(_of_part, of_task=lambda task: staleness[task.task_id])
        with node.task.settings_resolved_once(sections) if is_asset(node.task) else nullcontext():
            staleness[node.task.task_id] = _staleness(node, of_input, newest, version_of)
    return staleness


def staleness_when_run(asset: AssetDefinition) -> Staleness:
    """The staleness of ``asset`` once what it is made from has had its turn: the run's question.

    Inputs are taken as they are stored: if one came out identical, or another run is making it
    by other settings, that is what this asset is made from.

    Luigi never asks a task's own complete() before its run(), so a task that was scheduled because
    its input was stale runs even where that came out identical. To ask here is what ends such a
    chain early. What isn't stored is made from whatever there is.
    """
    partition = asset.partition
    with cached_requests():
        if partition.version() is None and not isinstance(partition.record(), Foreign):
            return missing()
        node = Node(asset, required_by(asset))
        return _staleness(node, partial(_of_part, of_task=_as_stored, at_turn=True))


def _of_part(
    part: _Part,
    record: Record | None,
    *,
    of_task: Callable[[luigi.Task], Staleness],
    at_turn: bool = False,
) -> Staleness:
    """The staleness of an input of the asset with that ``record``, by that of single tasks."""
    if not isinstance(part, WindowRange):
        found = of_task(part)
        # What keeps an input as it is keeps nothing that is made from it, since that is stored.
        return replace(found, kept="") if found.kept else found
    of_open = None if part.open_task is None else of_task(part.open_task)
    return staleness_of_range(part, record, of_open, at=window.now(), at_turn=at_turn)


def _staleness(
    node: Node,
    of_input: Callable[[_Part, Record | None], Staleness],
    newest: Callable[[Dataset], WindowName | None] = Dataset.newest,
    version_of: Callable[[Partition], DataVersion | None] = Partition.version,
) -> Staleness:
    """The staleness of ``node``, given that of its inputs.

    ``newest`` tells a dataset's newest window, ``version_of`` the version of what is stored.
    """
    asset, parts = node.task, parts_of(node.required)
    if not is_asset(asset):
        return _of_plain_task(asset)
    dataset = asset.dataset
    partition = dataset.partition(window.name(asset.as_of))
    record, version = partition.record(), version_of(partition)
    if isinstance(record, Record):
        record = as_asked(partition, record)
    known = record if isinstance(record, Record) else None
    if known and is_of_future(known.created_at, window.now()):
        _tell_of_clock(partition, known)
    code = code_behind(asset, node.required)
    if known and known.format is None:
        code = asset.loaded_code  # formats didn't count yet
    if known and known.code is None:
        code = without_parts(code)  # nor did what others of its package say
    return evaluate(
        StalenessInputs(
            version=version,
            record=record,
            settings=asset.recorded_settings(),
            upstream={key_of(part): of_input(part, known) for part in parts},
            inputs=structure_of(node.required),
            window_length=asset.recorded_length(),
            length_by_setting=lambda: str(length_by_setting()),
            former_keys=partial(_former_keys, parts),
            sources=code.sources_with((known and known.code) or ()),
            code_version=lambda: code.version,
            code=lambda: code.parts,
            frozen=asset.is_frozen(window.now()),
            latest_missing=asset.keeps_latest
            and version is not None
            and dataset.lacks_latest(partition)
            and partition.window >= (newest(dataset) or ""),
        )
    )


def _tell_of_clock(partition: Partition, record: Record) -> None:
    """Warn that clocks differ too much, once a process: of many assets it is the same trouble."""
    if partition.store.root not in _told_of_clock:
        _told_of_clock.add(partition.store.root)
        maker = f"the machine that made {partition.key}"
        logger.warning(clock_warning(window.now(), window.moment(record.created_at), maker))


_told_of_clock: set[str] = set()
"""The roots of which that was said."""


def _of_plain_task(task: luigi.Task) -> Staleness:
    # Only here: most graphs have no plain task upstream, and the two modules are 1 % of a no-op.
    from hn_luigi.assets.staleness.external import staleness_of_task

    return staleness_of_task(task)


def _cache_ahead(assets: Iterable[AssetDefinition]) -> None:
    """Have object stores tell in few answers what the staleness of ``assets`` depends on."""
    folders: dict[tuple[Store, str], list[Partition]] = defaultdict(list)
    for asset in assets:
        partition = asset.partition
        folders[partition.store, partition.folder].append(partition)
    for (store, folder), partitions in folders.items():
        outputs = [partition.output_key.rpartition("/")[2] for partition in partitions]
        store.cache_ahead(folder, outputs, [partition.record_key for partition in partitions])


def is_made_from_stored(asset: AssetDefinition, record: Record) -> bool:
    """Whether ``asset``, whose ``record`` it is, was made from its inputs as they are stored."""
    versions = {
        key_of(part): _of_part(part, record, of_task=_as_stored).version
        for part in parts_of(required_by(asset))
    }
    return versions == record.upstream


def _as_stored(task: luigi.Task) -> Staleness:
    if not is_asset(task):
        return _of_plain_task(task)
    version, record = task.partition.version(), task.partition.record()
    if isinstance(record, Foreign):
        return taken(record, version)
    if version is None:
        return missing(lost=True)
    return Staleness(State.CURRENT, version=version)
