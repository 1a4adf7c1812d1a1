"""Judge assets against what was told of them before, and tell what is new, once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias

from hn_luigi.alerts import looks as looking
from hn_luigi.alerts.alert_state import Memory, keep, note, recall, recall_note
from hn_luigi.alerts.conditions import conditions_of, unreachable
from hn_luigi.alerts.incidents import TRIES, Condition, Incident, follow, told
from hn_luigi.alerts.looks import (
    Looks,
    is_down_again,
    is_too_early,
    look_again,
    look_in_vain,
)
from hn_luigi.assets import Asset
from hn_luigi.assets.operations import (
    StorageError,
    cached_requests,
    consecutive_failures_of,
    local_notes,
    masked,
    require_usable,
    root_store,
    staging,
    status_of,
    window,
)
from hn_luigi.assets.operations import assets as asset_settings

_LOCK = "_alerts"
_LOOKS = "looks.json"


@dataclass(frozen=True)
class Watched:
    """An asset that is watched, and its incidents."""

    asset: Asset
    incidents: tuple[Incident, ...]
    memory: Memory
    """What was known before."""
    conditions: tuple[Condition, ...]
    """How it is now."""

    @property
    def is_well(self) -> bool:
        """Whether it is known to be in no trouble: nothing failed, and it isn't late."""
        return all(condition.wrong is False for condition in self.conditions)

    @property
    def news(self) -> tuple[Incident, ...]:
        """What is to be told."""
        return tuple(each for each in self.incidents if each.is_news)

    def left(self, *, reached: bool) -> tuple[Incident, ...]:
        """What is to be kept of its incidents, given whether its news reached anybody."""
        return told(self.incidents) if reached else self.incidents

    @property
    def pending(self) -> tuple[Condition, ...]:
        """What is wrong and not told, since it may pass by itself."""
        going_on = {each.kind for each in self.incidents if each.over_at is None}
        wrong = (each for each in self.conditions if each.wrong or each.cause)
        return tuple(each for each in wrong if each.kind not in going_on)

    @property
    def is_to_be_kept(self) -> bool:
        """Whether what is stored of it is to change."""
        return self.incidents != self.memory.incidents or self.memory.trouble is not None


def look(assets: Sequence[Asset]) -> list[Watched]:
    """How each of ``assets`` is; changes nothing. Raises StorageError if that can't be told."""
    return _look(assets, _looks_now(assets))


Send: TypeAlias = Callable[[Sequence[Watched]], bool]
"""Sends the news of what is given; whether anybody was reached."""


def tell(assets: Sequence[Asset], send: Send) -> list[Watched]:
    """Have ``send`` tell the news of ``assets``, if there are any, and remember that.

    If ``send`` reaches nobody, the same is news the next time. Of several processes at once, one
    sends, and the others find nothing new.

    Returns:
        How the assets were, news included.

    Raises:
        StorageError: it can't be looked at, which is told, too, the second time in a row; or it
            can't be kept, nowhere, what was told. That is found too late: rather than to be silent
            where a disk is full, it is told once more.
    """
    try:
        looks = _looks_now(assets)
        watched = _look(assets, looks)
    except StorageError as error:
        with _alone():
            _tell_of_outage(assets, send, error)
        raise
    _note_looks(looks)
    if not any(each.is_to_be_kept or each.news for each in watched):
        return watched
    with _alone():
        watched = _look(assets, looks)
        _keep_all(watched, reached=_sent(watched, send))
    return watched


@contextmanager
def _alone() -> Iterator[None]:
    """Of several processes one at a time: on this machine, and where the root is a folder, of all.

    A root that can't be written or reached has no lock, and one of this machine may lack a place.
    Where there is neither people must hear all the same, and maybe twice.
    """
    store = root_store()
    with ExitStack() as stack:
        for lock in (staging.hold(store.root, f"here/{_LOCK}"), store.lock(_LOCK)):
            with suppress(StorageError):
                stack.enter_context(lock)
        yield


def _look(assets: Sequence[Asset], looks: Looks) -> list[Watched]:
    with cached_requests():
        now, found = window.timestamp(window.now()), []
        statuses = status_of(assets)
        streaks = [consecutive_failures_of(each.asset.dataset, each.newest) for each in statuses]
        failed_at = [failing.given_up.failed_at for failing in streaks if failing.given_up]
        too_early = is_too_early(looks, failed_at)
        for each, failing in zip(statuses, streaks, strict=True):
            memory = recall(each.asset.dataset)
            conditions = conditions_of(each, failing, too_early=too_early)
            incidents = follow(memory.incidents, conditions, now)
            found.append(Watched(each.asset, incidents, memory, conditions))
    return found


def _sent(watched: Sequence[Watched], send: Send) -> bool:
    new = [each for each in watched if each.news]
    return bool(new) and send(new)


def _tell_of_outage(assets: Sequence[Asset], send: Send, error: StorageError) -> None:
    """What ``tell`` does where the root can't be read: what this machine noted has to do."""
    now = window.timestamp(window.now())
    looks = look_in_vain(_noted_looks(), window.now())
    _note_looks(looks)
    tries = TRIES if is_down_again(looks) else 1
    conditions = unreachable(masked(str(error)), looks.down_since, tries)
    watched = []
    for asset in assets:
        memory = recall_note(asset.dataset)
        incidents = follow(memory.incidents, conditions, now)
        watched.append(Watched(asset, incidents, memory, conditions))
    reached = _sent(watched, send)
    for each in watched:
        left = each.left(reached=reached)
        if left != each.memory.incidents:
            note(each.asset.dataset, left)


def _looks_now(assets: Sequence[Asset]) -> Looks:
    """The looks with that of now; raises StorageError if the root can't be read."""
    require_usable(root_store())
    length = timedelta(minutes=asset_settings().window_minutes)
    is_making = any(map(_is_being_made, assets))
    return look_again(_noted_looks(), window.now(), length=length, is_making=is_making)


def _is_being_made(asset: Asset) -> bool:
    """Whether a run on this machine makes the asset's present window, or still the last one."""
    length = timedelta(minutes=asset_settings().window_minutes)
    names = (window.name(as_of) for as_of in (asset.as_of, asset.as_of - length))
    return any(asset.dataset.store.is_held(asset.dataset.partition(name).key) for name in names)


def _noted_looks() -> Looks:
    found = [Looks()]
    for folder in local_notes.of(root_store().root):
        with suppress(StorageError):
            found.append(folder.load(_LOOKS, looking.parse) or Looks())
    return max(found, key=lambda looks: looks.last)


def _note_looks(looks: Looks) -> None:
    """Note them; where that can't be, lateness is told at once, and an outage not at all."""
    with suppress(StorageError):
        local_notes.write(root_store().root, _LOOKS, looking.to_json(looks))


def _keep_all(watched: Sequence[Watched], *, reached: bool) -> None:
    """Keep what is known now of each; raises the first StorageError, having tried them all."""
    troubles = []
    for each in watched:
        left = each.left(reached=reached)
        if left == each.memory.incidents and each.memory.trouble is None:
            continue
        try:
            keep(each.asset.dataset, left)
        except StorageError as error:
            troubles.append(error)
    if troubles:
        raise troubles[0]
