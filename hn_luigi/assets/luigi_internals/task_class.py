"""The class of asset classes: their parameters are resolved once a task, and found once a class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import luigi
from luigi.task_register import Register


class TaskClass(Register):
    """Makes tasks whose parameters are resolved once.

    Luigi 3.8.1 resolves them twice: ``Register.__call__`` for its cache of instances, and
    ``Task.__init__`` for the instance itself. A parameter that means ``now`` would be two times,
    and where the clock entered a new window in between, one run would hold two windows and its
    cache a task under another's name. A default that is computed once can't replace it: it is
    frozen at the import (a callable one was refused upstream, pull request 2109).
    """

    def __init__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> None:  # noqa: N805
        super().__init__(name, bases, namespace)
        # As ``__init_subclass__`` would be, in which Luigi's ``get_params`` fails: it asks for all
        # that ``dir()`` names, and ABCMeta (Python 3.11) sets ``__abstractmethods__`` only later.
        subclass_made = getattr(super(cls, cls), "subclass_made", None)
        if subclass_made is not None:
            subclass_made(namespace)

    def __setattr__(cls, name: str, value: Any) -> None:  # noqa: N805
        super().__setattr__(name, value)
        if isinstance(value, luigi.Parameter) and "_params" in vars(cls):
            delattr(cls, "_params")  # luigi.util.requires adds those of what is required

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:  # noqa: D102, N805 - a metaclass
        cls.prepare_run()  # type: ignore[attr-defined]
        values = dict(cls.get_param_values(cls.get_params(), args, kwargs))  # type: ignore[attr-defined]
        return super().__call__(**values)  # type: ignore[no-untyped-call]


class ResolvedOnce(luigi.Task, metaclass=TaskClass):
    """A task of that kind."""

    _params: list[tuple[str, luigi.Parameter[Any]]]

    @classmethod
    def subclass_made(cls, namespace: Mapping[str, Any]) -> None:
        """Called for each subclass of the class that defines it, with what its body defines."""

    @classmethod
    def prepare_run(cls) -> None:
        """Called before the parameters of a task are resolved."""

    @classmethod
    def get_params(cls) -> list[tuple[str, luigi.Parameter[Any]]]:
        """Luigi's, found once a class.

        Luigi 3.8.1 looks through ``dir(cls)`` at each call, and calls a dozen times a task.
        """
        if "_params" not in vars(cls):
            cls._params = super().get_params()  # type: ignore[no-untyped-call]
        return cls._params
