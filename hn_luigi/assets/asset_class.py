"""The class of asset classes: where ``now`` and ``latest`` become a window, once a task."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeGuard, cast

import luigi
from luigi.task import flatten
from luigi.task_register import Register

from hn_luigi.assets import window
from hn_luigi.assets.code import code_of
from hn_luigi.assets.parameters import LATEST, assets, check_sections, refuse

if TYPE_CHECKING:
    from hn_luigi.assets.asset import Asset


class AssetClass(Register):
    """Makes assets; resolves their parameters once, after refusing bad settings.

    Luigi resolves them twice, for its instance cache and again to make the instance; if the
    clock enters a new window in between, one run would hold two windows.
    """

    def __init__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> None:  # noqa: N805
        super().__init__(name, bases, namespace)
        layer = [kind for kind in cls.__mro__ if isinstance(kind, AssetClass)][-1]
        if cls is not layer:
            asset = cast("type[Asset]", cls)
            asset.loaded_code = code_of(
                asset,
                base=layer,
                modules=asset.code,
                declared=asset.code_version,
                ignored=[name for name, _ in asset.get_params()],
            )

    def __setattr__(cls, name: str, value: Any) -> None:  # noqa: N805
        super().__setattr__(name, value)
        if isinstance(value, luigi.Parameter) and "_params" in vars(cls):
            delattr(cls, "_params")  # luigi.util.requires adds those of what is required

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:  # noqa: D102, N805 - a metaclass
        check_sections()
        values = dict(cls.get_param_values(cls.get_params(), args, kwargs))  # type: ignore[attr-defined]
        if values["as_of"] == LATEST:
            values["stored_only"] = True
            values["as_of"] = _newest_captured(cls(**{**values, "as_of": _SOME_TIME}))
        return super().__call__(**values)  # type: ignore[no-untyped-call]


_SOME_TIME = datetime(1970, 1, 1)


def is_asset(task: luigi.Task) -> TypeGuard[Asset]:
    """Whether ``task`` is on the asset layer."""
    return isinstance(type(task), AssetClass)


def captured_windows(asset: Asset) -> set[str]:
    """The windows for which the captures that ``asset`` is made from are stored."""
    captures = _nearest_captures(asset) or [asset]
    return set.intersection(*(capture.series.stored() for capture in captures))


def starts_of(windows: Iterable[str]) -> list[datetime]:
    """When those of ``windows``, given by name, begin that can be an asset's by now, in order.

    Windows of another length, stored before the setting changed, count where they begin with
    one of the present length.
    """
    length, now = assets().window_minutes, window.now()
    starts = sorted(window.parse(name) for name in windows)
    return [start for start in starts if window.floor(start, length) == start <= now]


def _newest_captured(asset: Asset) -> datetime:
    starts = starts_of(captured_windows(asset))
    if not starts:
        captures = _nearest_captures(asset) or [asset]
        raise refuse(
            f"--as-of latest: no window of {' and '.join(c.folder for c in captures)} is stored "
            f"under {asset.slot.store.root}; run without --as-of first"
        )
    return starts[-1]


def _nearest_captures(asset: Asset) -> list[Asset]:
    """The captures upstream of ``asset``, itself included, that no other stands before."""
    found: list[Asset] = []
    seen: set[str] = set()
    pending: list[luigi.Task] = [asset]
    while pending:
        task = pending.pop()
        if task.task_id in seen or not is_asset(task):
            continue
        seen.add(task.task_id)
        if task.capture:
            found.append(task)
        else:
            pending.extend(flatten(task.requires()))
    return found
