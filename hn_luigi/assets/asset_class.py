"""The class of asset classes: where ``now`` and ``latest`` become a window, once a task."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeGuard, cast

import luigi
from luigi.task_register import Register

from hn_luigi.assets.catalog.layout_version import require_usable
from hn_luigi.assets.code import code_of
from hn_luigi.assets.definition_checks import check_definition
from hn_luigi.assets.errors import StorageError
from hn_luigi.assets.parameters.kinds import check_sections, refuse
from hn_luigi.assets.secrets.log_masking import mask_secrets
from hn_luigi.assets.storage import open_store, storage

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
            check_definition(asset, namespace, layer)
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
        begins = check_sections()
        mask_secrets(anew=begins)
        if begins:
            _require_storage()
        values = dict(cls.get_param_values(cls.get_params(), args, kwargs))  # type: ignore[attr-defined]
        return super().__call__(**values)  # type: ignore[no-untyped-call]


def _require_storage() -> None:
    """Refuse a root that can't be used before anything runs, in a line, as a bad setting is.

    Luigi parses the command line again to sum a run up; what happened to the store meanwhile
    must not change how the run ends.
    """
    root = storage().root
    if root in _reached:
        return
    _reached.add(root)
    try:
        require_usable(open_store(root))
    except StorageError as error:
        raise refuse(str(error)) from error


_reached: set[str] = set()


def is_asset(task: luigi.Task) -> TypeGuard[Asset]:
    """Whether ``task`` is on the asset layer."""
    return isinstance(type(task), AssetClass)
