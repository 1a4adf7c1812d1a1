"""All that is watched, as one task: ``luigi --module hn_luigi.watchlist Watched``."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import luigi

from hn_luigi.assets import Asset, AssetError
from hn_luigi.assets.operations import ResolvedOnce, check_settings, ids_at_scheduler, refuse
from hn_luigi.watchlist.watched import roots


class Watched(ResolvedOnce, luigi.WrapperTask):
    """The roots of the watch list, which are decided once a run."""

    @classmethod
    def prepare_run(cls) -> None:
        """Refuse a watch list that names no assets in a line, before anything runs."""
        check_settings()
        try:
            roots()
        except AssetError as error:
            refuse(str(error), cause=error)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Not anew in requires(): at this task's turn, after the others, another window may have
        # begun, whose roots nobody made.
        self._roots = roots()
        _, self.task_id = ids_at_scheduler(self.task_id, "")

    def requires(self) -> list[Asset]:
        """The roots, of the present window."""
        return self._roots

    def complete(self) -> bool:
        """Whether all of it is made."""
        # Luigi (3.8.1) runs nothing that is behind a task whose complete() raises: a fault of one
        # graph would keep all others from being made. It asks each root by itself as well, and so
        # is told of the fault where it belongs.
        with suppress(Exception):
            return all(root.complete() for root in self._roots)
        return False
