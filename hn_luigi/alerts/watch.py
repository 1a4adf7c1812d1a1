"""Judge assets against what was told of them before, and tell what is new, once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass

from hn_luigi.alerts.conditions import conditions_of
from hn_luigi.alerts.incidents import Incident, follow, told
from hn_luigi.alerts.memory import Memory, keep, recall
from hn_luigi.assets import Asset, window
from hn_luigi.assets.errors import StorageError
from hn_luigi.assets.storage import one_look, open_store, storage
from hn_luigi.assets.streak import streak_of
from hn_luigi.assets.survey import survey

_LOCK = "_alerts"


@dataclass(frozen=True)
class Watched:
    """An asset that is watched, and its incidents."""

    asset: Asset
    incidents: tuple[Incident, ...]
    memory: Memory
    """What was known before."""
    is_well: bool
    """Whether it is known to be in no trouble: nothing failed, and it isn't late."""

    @property
    def news(self) -> tuple[Incident, ...]:
        """What is to be told."""
        return tuple(each for each in self.incidents if each.is_news)

    @property
    def is_to_be_kept(self) -> bool:
        """Whether what is stored of it is to change."""
        return self.incidents != self.memory.incidents or self.memory.trouble is not None


def look(assets: Sequence[Asset]) -> list[Watched]:
    """How each of ``assets`` is; changes nothing."""
    with one_look():
        now, found = window.timestamp(window.now()), []
        for each in survey(assets):
            series, memory = each.asset.series, recall(each.asset.series)
            conditions = conditions_of(each, streak_of(series, each.newest))
            incidents = follow(memory.incidents, conditions, now)
            is_well = all(condition.wrong is False for condition in conditions)
            found.append(Watched(each.asset, incidents, memory, is_well))
    return found


def tell(assets: Sequence[Asset], send: Callable[[Sequence[Watched]], bool]) -> list[Watched]:
    """Have ``send`` tell the news of ``assets``, if there are any, and remember that.

    ``send`` returns whether anybody was reached; if not, the same is news the next time. Of
    several processes at once, one sends, and the others find nothing new.

    Returns:
        How the assets were, news included.

    Raises:
        StorageError: it can't be looked at, or not be kept what was told. The latter is found
            too late: rather than to be silent where a disk is full, it is told once more.
    """
    watched = look(assets)
    if not any(each.is_to_be_kept or each.news for each in watched):
        return watched
    with ExitStack() as stack:
        # Of a disk that can't be written people must hear: then without it, and maybe twice.
        with suppress(StorageError):
            stack.enter_context(open_store(str(storage().root)).lock(_LOCK))
        watched = look(assets)
        new = [each for each in watched if each.news]
        reached = bool(new) and send(new)
        _keep_all(watched, reached)
    return watched


def _keep_all(watched: Sequence[Watched], reached: bool) -> None:
    """Keep what is known now of each; raises the first StorageError, having tried them all."""
    troubles = []
    for each in watched:
        left = told(each.incidents) if reached else each.incidents
        if left == each.memory.incidents and each.memory.trouble is None:
            continue
        try:
            keep(each.asset.series, left)
        except StorageError as error:
            troubles.append(error)
    if troubles:
        raise troubles[0]
