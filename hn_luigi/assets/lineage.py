"""What an asset is made from: the walk upstream, and the parameters resolved on the way in."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeGuard

import luigi
from luigi.task import flatten
from luigi.task_register import Register

from hn_luigi.assets import window
from hn_luigi.assets.parameters import LATEST, check_sections, refuse
from hn_luigi.assets.provenance import State, Verdict, judge

if TYPE_CHECKING:
    from hn_luigi.assets.asset import Asset


class AssetClass(Register):
    """The class of asset classes; resolves an asset's parameters once, and settings before.

    Luigi resolves them twice, for its instance cache and again to make the instance; if the
    clock enters a new window in between, one run would hold two windows.
    """

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:  # noqa: D102, N805 - a metaclass
        check_sections()
        values = dict(cls.get_param_values(cls.get_params(), args, kwargs))  # type: ignore[attr-defined]
        if values["as_of"] == LATEST:
            values["as_of"] = _newest_captured(cls(**{**values, "as_of": _SOME_TIME}))
        return super().__call__(**values)  # type: ignore[no-untyped-call]


_SOME_TIME = datetime(1970, 1, 1)


def is_asset(task: luigi.Task) -> TypeGuard[Asset]:
    """Whether ``task`` is on the asset layer."""
    return isinstance(type(task), AssetClass)


def inputs_of(task: luigi.Task) -> list[luigi.Task]:
    """The tasks ``task`` directly requires, in order."""
    return list(flatten(task.requires()))


def key_of(task: luigi.Task) -> str:
    """What names ``task`` in records."""
    return task.key if is_asset(task) else str(task.task_id)


def verdict_on(asset: Asset) -> Verdict:
    """The verdict on ``asset``, after one on each asset it is made from, each judged once.

    A plain Luigi task is asked for its own ``complete()``, and the walk doesn't pass it: what
    is behind it is Luigi's business, and its outputs' bytes tell whether they changed.
    """
    verdicts: dict[str, Verdict] = {}
    pending: list[luigi.Task] = [asset]
    while pending:
        task = pending[-1]
        inputs = inputs_of(task) if is_asset(task) else []
        unjudged = [t for t in inputs if t.task_id not in verdicts]
        if unjudged:
            pending.extend(unjudged)
            continue
        pending.pop()
        if is_asset(task):
            facts = task.facts({key_of(t): verdicts[t.task_id] for t in inputs})
            verdicts[task.task_id] = judge(facts)
        else:
            verdicts[task.task_id] = _verdict_on_plain(task)
    return verdicts[asset.task_id]


def outputs_version(task: luigi.Task) -> str:
    """The data version of a plain task: a hash of its outputs' bytes, in order."""
    whole = hashlib.sha256()
    for target in flatten(task.output()):
        if isinstance(target, luigi.LocalTarget):
            with open(target.path, "rb") as file:
                data = file.read()
        else:
            with target.open("r") as file:
                content = file.read()
            data = content.encode() if isinstance(content, str) else content
        whole.update(hashlib.sha256(data).digest())
    return whole.hexdigest()


def _verdict_on_plain(task: luigi.Task) -> Verdict:
    if task.complete():
        return Verdict(State.CURRENT, version=outputs_version(task))
    return Verdict(State.MISSING, ("it is not complete",))


def _newest_captured(asset: Asset) -> datetime:
    """The newest window for which the captures that ``asset`` is made from are stored."""
    captures = _nearest_captures(asset) or [asset]
    windows = set.intersection(*(capture.stored.windows() for capture in captures))
    if not windows:
        raise refuse(
            f"--as-of latest: no window of {' and '.join(c.folder for c in captures)} is stored "
            f"under {asset.stored.store.root}; run without --as-of first"
        )
    return window.parse(max(windows))


def _nearest_captures(asset: Asset) -> list[Asset]:
    if asset.capture:
        return [asset]
    return [c for task in inputs_of(asset) if is_asset(task) for c in _nearest_captures(task)]
