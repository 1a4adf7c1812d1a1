"""The class of asset classes: their parameters are resolved once a task, and found once a class."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import luigi
from luigi.task_register import Register

from hn_luigi.assets import window
from hn_luigi.assets.luigi_internals.registry import StepsAside
from hn_luigi.assets.luigi_internals.scheduling import workers_at_work


class TaskClass(Register):
    """Makes tasks whose parameters are resolved once.

    Luigi 3.8.1 resolves them twice: ``Register.__call__`` for its cache of instances, and
    ``Task.__init__`` for the instance itself. A parameter that means ``now`` would be two times,
    and where the clock entered a new window in between, one run would hold two windows and its
    cache a task under another's name.
    """

    # Rejected: a default that is computed once is frozen at the import, in a server for weeks; a
    # callable one was refused upstream (spotify/luigi pull request 2109), and would still be
    # called twice. Resolving in Task.__init__ comes too late: the cache has looked by then.

    def __init__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> None:  # noqa: N805
        super().__init__(name, bases, namespace)
        # Not __init_subclass__, though that is what subclass_made is like: Luigi's get_params, by
        # which a class is checked, fails in it. It reads all that dir() names; a base has
        # __abstractmethods__ there, which ABCMeta gives the new class only after type.__new__
        # has called __init_subclass__ (AttributeError on Python 3.11 to 3.13).
        subclass_made = getattr(super(cls, cls), "subclass_made", None)
        if subclass_made is not None:
            subclass_made(namespace)

    def __setattr__(cls, name: str, value: Any) -> None:  # noqa: N805
        super().__setattr__(name, value)
        # luigi.util.requires and inherits give a finished class the parameters of what it requires.
        # A requires of our own could clear the cache by itself, but who writes luigi.util's on an
        # asset, as Luigi's documentation has it, would lose them.
        if isinstance(value, luigi.Parameter) and "_params" in vars(cls):
            delattr(cls, "_params")

    # Luigi (3.8.1) keeps the cache as a private attribute of whichever metaclass it is cleared by:
    # of this one's own, which Stories.clear_instance_cache() would begin, nobody else knows.
    clear_instance_cache = Register.clear_instance_cache
    disable_instance_cache = Register.disable_instance_cache

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:  # noqa: D102, N805 - a metaclass
        _forget_former_instances()
        cls.prepare_run()  # type: ignore[attr-defined]
        # What is passed on by name and already resolved, Luigi only normalizes, twice.
        values = dict(cls.get_param_values(cls.get_params(), args, kwargs))  # type: ignore[attr-defined]
        return super().__call__(**values)  # type: ignore[no-untyped-call]


_made_at = window.now()
_made_by: frozenset[str] = frozenset()
"""The minute, and the workers, of the instances that Luigi keeps; no workers outside of a run."""


def _forget_former_instances() -> None:
    """Have Luigi make tasks anew in a process that lives on, as a server or a notebook does.

    Luigi keeps what it once made for the same parameters, and an asset decides once which window is
    the present one: that of a day's asset would be this morning's. A run keeps its tasks, and those
    that were made for it in the minute before. A minute is the shortest window.
    """
    global _made_at, _made_by
    minute, workers = window.now().replace(second=0, microsecond=0), workers_at_work()
    if _made_by and not _made_by & workers:
        is_former = True
    elif workers:
        is_former = not _made_by and abs(minute - _made_at) > timedelta(minutes=1)
    else:
        is_former = minute != _made_at
    _made_at, _made_by = minute, workers
    if is_former:
        Register.clear_instance_cache()


class ResolvedOnce(luigi.Task, metaclass=TaskClass):
    """A task of that kind."""

    _visible_in_registry = StepsAside()
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
        # Measured on Python 3.11: making a task takes 0.57 ms instead of 0.75, complete() of 56
        # assets 23 ms instead of 29, a no-op of the shipped graph 2.6 ms less of its 620. A year of
        # windows is 52,560 tasks: 9 s.
        if "_params" not in vars(cls):
            cls._params = super().get_params()  # type: ignore[no-untyped-call]
        return cls._params
