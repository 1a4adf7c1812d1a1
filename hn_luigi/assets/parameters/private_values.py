"""Values of parameters that aren't for everybody, which nothing that is logged or stored shows."""

from __future__ import annotations

from typing import Any

import luigi
from luigi.parameter import ParameterVisibility

from hn_luigi.assets.secrets.log_masking import remember


def is_private(parameter: luigi.Parameter[Any]) -> bool:
    """Whether ``parameter`` says that its values aren't for everybody."""
    return bool(parameter.visibility != ParameterVisibility.PUBLIC)


def mask_value(parameter: luigi.Parameter[Any], value: Any) -> None:
    """Have no error that quotes ``value``, of a private ``parameter``, show it from now on."""
    if value is not None:
        remember(value if isinstance(value, str) else str(parameter.serialize(value)))


def mask_private(task: luigi.Task) -> None:
    """``mask_value`` of each private parameter of ``task``."""
    for name, parameter in task.get_params():
        if is_private(parameter):
            mask_value(parameter, getattr(task, name))
