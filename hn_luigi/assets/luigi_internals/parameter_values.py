"""How Luigi comes to the values of parameters, where it offers no hook."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import luigi
from luigi.parameter import ParameterVisibility

Values: TypeAlias = list[tuple[str, Any]]
"""Of parameters, by name, as ``get_param_values`` gives them."""


def resolve_values_of(
    task_class: type[luigi.Task], resolve: Callable[[type[luigi.Task], Values], Values]
) -> None:
    """Have the parameters of ``task_class`` pass through ``resolve`` before a task is made.

    For a plain task that has the window of an asset by ``luigi.util.requires``, of which
    ``--as-of latest`` is asked.
    """
    # A plain task gets its values from its class alone (Task.get_param_values, Luigi 3.8.1),
    # before Luigi looks for an instance of those values; so they can be exchanged nowhere else.
    # Rejected: the parameter's own parse() and normalize() see one value, and neither the class
    # nor the other parameters, by which the newest window is looked for. A parameter learns of
    # the class as Task.get_params reads it there, by the descriptor's __get__; __set_name__ isn't
    # called for what luigi.util.requires sets.
    if hasattr(task_class, RESOLVES):
        return
    values_of = task_class.get_param_values.__func__  # type: ignore[attr-defined]

    def get_param_values(cls: type[luigi.Task], *args: Any, **kwargs: Any) -> Values:
        return resolve(cls, values_of(cls, *args, **kwargs))

    task_class.get_param_values = classmethod(get_param_values)  # type: ignore[assignment]
    setattr(task_class, RESOLVES, True)


RESOLVES = "_resolves_latest"
"""The attribute of classes whose values are exchanged, by this or by themselves."""


def is_private(parameter: luigi.Parameter[Any]) -> bool:
    """Whether ``parameter`` says that its values aren't for everybody."""
    return bool(parameter.visibility != ParameterVisibility.PUBLIC)


def default_text(parameter: luigi.Parameter[Any]) -> str | None:
    """The default that ``parameter`` is declared with, as text; None if it has none."""
    # task_value, which Luigi offers, is what the configuration says today instead: with that, a
    # changed luigi.cfg would make an asset of another folder one that has always been there.
    default = parameter._default
    if default is luigi.parameter._no_value:
        return None
    return str(parameter.serialize(parameter.normalize(default)))
