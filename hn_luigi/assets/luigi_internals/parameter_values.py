"""How Luigi comes to the values of parameters, where it offers no hook."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import luigi

Values: TypeAlias = list[tuple[str, Any]]
"""Of parameters, by name, as ``get_param_values`` gives them."""


def resolve_values_of(
    task_class: type[luigi.Task], resolve: Callable[[type[luigi.Task], Values], Values]
) -> None:
    """Have the parameters of ``task_class`` pass through ``resolve`` before a task is made.

    A plain task gets its values from its class alone (``Task.get_param_values``, luigi 3.8.1),
    before Luigi looks for an instance of those values; so they can be exchanged nowhere else.
    """
    if hasattr(task_class, RESOLVES):
        return
    values_of = task_class.get_param_values.__func__  # type: ignore[attr-defined]

    def get_param_values(cls: type[luigi.Task], *args: Any, **kwargs: Any) -> Values:
        return resolve(cls, values_of(cls, *args, **kwargs))

    task_class.get_param_values = classmethod(get_param_values)  # type: ignore[assignment]
    setattr(task_class, RESOLVES, True)


RESOLVES = "_resolves_latest"
"""The attribute of classes whose values are exchanged, by this or by themselves."""


def default_text(parameter: luigi.Parameter[Any]) -> str | None:
    """The default that ``parameter`` is declared with, as text; None if it has none.

    What Luigi offers, ``task_value``, is what the configuration says today instead.
    """
    default = parameter._default
    if default is luigi.parameter._no_value:
        return None
    return str(parameter.serialize(parameter.normalize(default)))
