"""Values of parameters that aren't for everybody, which nothing that is logged or stored shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import luigi

from hn_luigi.assets.luigi_internals.parameter_values import is_private
from hn_luigi.assets.secrets.log_masking import remember


def mask_value(value: Any) -> None:
    """Have no error that quotes a private ``value`` show it from now on."""
    # Not a date, which half of all lines have by chance.
    if isinstance(value, (str, int, float)):
        remember(str(value))
    elif isinstance(value, Mapping):
        mask_value([*value.values()])
    elif isinstance(value, (list, tuple)):
        for each in value:
            mask_value(each)


def mask_private(task: luigi.Task) -> None:
    """Have no error that quotes the value of a private parameter of ``task`` show it."""
    for name, parameter in task.get_params():
        if is_private(parameter):
            mask_value(getattr(task, name))
