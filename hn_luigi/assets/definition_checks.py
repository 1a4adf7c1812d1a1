"""What is refused at once, when an asset class is made, since it would go wrong much later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from os import PathLike
from typing import Any

import luigi
from luigi import DateHourParameter, DateMinuteParameter, DateSecondParameter

from hn_luigi.assets.catalog.paths import is_name, snake_case
from hn_luigi.assets.checks.check import checks_of
from hn_luigi.assets.definition import AssetDefinition
from hn_luigi.assets.errors import DefinitionError
from hn_luigi.assets.formats.format import Format
from hn_luigi.assets.freshness import FreshnessPolicy
from hn_luigi.assets.parameters.window_parameter import WindowParameter
from hn_luigi.assets.retry import RetryPolicy

OFFERED = frozenset(
    {
        "as_of",
        "capture",
        "checks",
        "code",
        "code_version",
        "compute",
        "expected_errors",
        "files",
        "freshness",
        "keeps_latest",
        "libraries",
        "on_failure",
        "own_format",
        "preload",
        "priority",
        "retry",
        "settings",
        "storage_root",
        "stored_as",
        "suffix",
        "view",
        "window_length",
        "worker_timeout",
    }
)
"""What of the layer a class may define; of Luigi's own it may define what the layer doesn't use."""

# What the layer relies on and does not define in its class: Luigi's, and what is set later. As a
# list and not by looking: Luigi's Task has 41 public names, most of which (priority, resources,
# retry_count, on_success …) are there to be redefined.
_USED_OF_LUIGI = frozenset(
    {
        "_id_under_root",
        "_params",
        "clone",
        "get_param_values",
        "get_task_family",
        "loaded_code",
        "param_kwargs",
        "set_progress_percentage",
        "set_status_message",
        "set_tracking_url",
        "task_family",
        "task_id",
        "to_str_params",
    }
)


def check_definition(
    asset: type[AssetDefinition], namespace: Mapping[str, Any], layer: type[AssetDefinition]
) -> None:
    """Raise DefinitionError for an ``asset`` class that can't work.

    Args:
        asset: the class.
        namespace: what its class statement defines.
        layer: the class of the layer that it inherits from.
    """
    _check_names(asset, namespace, layer)
    former = getattr(asset, "explained", None)
    if former is not None and not isinstance(former, luigi.Parameter):
        raise DefinitionError(f"{asset.__name__}: 'explained' is now called 'expected_errors'")
    for parameter, _ in asset.get_params():
        _check_parameter(asset, parameter, layer)
    if asset.stored_as is not None and not is_name(asset.stored_as):
        raise _unfit(
            asset, "stored_as", f"one part of a path, such as {snake_case(asset.__name__)!r}"
        )
    if asset.window_length is None:
        _check_timeless(asset, namespace)
    for attribute, kinds, wanted in _KINDS:
        if not isinstance(getattr(asset, attribute), kinds):
            raise _unfit(asset, attribute, wanted)
    try:
        checks_of(asset.checks)
    except DefinitionError as error:
        raise DefinitionError(f"{asset.__name__}: {error}") from error


def _check_timeless(asset: type[AssetDefinition], namespace: Mapping[str, Any]) -> None:
    for attribute in ("as_of", "freshness", "keeps_latest"):
        if namespace.get(attribute) or (attribute != "as_of" and getattr(asset, attribute)):
            raise DefinitionError(
                f"{asset.__name__}: {attribute} is about windows, and it has none "
                "(window_length is None): leave one of them out"
            )


# All of luigi.parameter._DatetimeParameterBase, which is Luigi's own business.
_TIMES = (WindowParameter, DateHourParameter, DateMinuteParameter, DateSecondParameter)
"""Parameters whose values name a window; those of a date don't."""

_KINDS: tuple[tuple[str, tuple[type, ...], str], ...] = (
    ("as_of", (*_TIMES, datetime), "a WindowParameter, or leave it out and set window_length"),
    ("retry", (RetryPolicy,), "a RetryPolicy"),
    ("freshness", (FreshnessPolicy, type(None)), "a FreshnessPolicy"),
    ("own_format", (Format, type(None)), "a Format"),
    ("code", (tuple, list), "a tuple of modules or their dotted names"),
    ("checks", (tuple, list), "a tuple of functions and Checks"),
)


def _unfit(asset: type[AssetDefinition], attribute: str, wanted: str) -> DefinitionError:
    value = getattr(asset, attribute)
    return DefinitionError(f"{asset.__name__}: {attribute} is {value!r}; make it {wanted}")


def declared_files(asset: type[AssetDefinition]) -> Sequence[str | PathLike[str]]:
    """The files that ``asset`` says are part of its code.

    None where the name is that of something else, as it was free to be: a parameter, a method.
    """
    files = getattr(asset, "files", ())
    if isinstance(files, luigi.Parameter) or hasattr(files, "__get__"):
        return ()
    if not isinstance(files, (tuple, list)) or not all(
        isinstance(f, (str, PathLike)) for f in files
    ):
        raise _unfit(asset, "files", "a tuple of paths, or rename it if it is no code")
    return files


def _check_parameter(asset: type, name: str, layer: type) -> None:
    # Luigi sets each parameter on the instance, where it would hide the method of that name.
    uses = hasattr(layer, name) and not isinstance(getattr(layer, name), luigi.Parameter)
    if uses or name in _USED_OF_LUIGI:
        raise DefinitionError(
            f"{asset.__name__}: a parameter can't be called {name!r}, which the layer uses; "
            "rename it"
        )


def _check_names(
    asset: type[AssetDefinition], namespace: Mapping[str, Any], layer: type[AssetDefinition]
) -> None:
    """Refuse what hides a name that the layer uses, or is hidden by it, in a class or its mixins.

    A mixin that stands behind Asset calls its own ``report()``, and gets the layer's.
    """
    layers = [kind for kind in layer.__mro__ if issubclass(kind, AssetDefinition)]
    defined = {name for kind in layers for name in vars(kind)}
    used = {name for name in defined if not name.startswith(("__", "_abc_"))}
    place = asset.__mro__.index(layer)
    # A base that is below the layer was checked when it was made.
    others = [kind for kind in asset.__mro__[:place] if not issubclass(kind, layer)]
    # A task of somebody's own that stands behind has such names of Luigi's, and is overruled.
    others += [
        k for k in asset.__mro__[place:] if not issubclass(k, luigi.Task) and k is not object
    ]
    bodies = [namespace, *map(vars, others)]
    for name in sorted((used | _USED_OF_LUIGI) - OFFERED):
        values = [body[name] for body in bodies if name in body]
        if any(not isinstance(value, luigi.Parameter) for value in values):
            how = "put what it does into compute()" if hasattr(luigi.Task, name) else "rename it"
            raise DefinitionError(
                f"{asset.__name__}: {name!r} can't be redefined, since the layer uses it: {how}"
            )
