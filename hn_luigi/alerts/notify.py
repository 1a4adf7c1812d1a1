"""Compare assets with what was sent about them before, and notify people of what is new, once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias

from hn_luigi.alerts import grace_period
from hn_luigi.alerts.alert_state import AlertState, load_note, load_state, save_note, save_state
from hn_luigi.alerts.conditions import conditions_of, unreachable
from hn_luigi.alerts.grace_period import Polls
from hn_luigi.alerts.incidents import TRIES, Condition, Incident, Kind, after_sending, update
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

_LOCK = "_alerts"
_POLLS = "looks.json"  # as an older version called them


@dataclass(frozen=True)
class Watched:
    """An asset that is watched, and its incidents."""

    asset: Asset
    incidents: tuple[Incident, ...]
    before: AlertState
    """What was stored before."""
    conditions: tuple[Condition, ...]
    """How it is now."""

    @property
    def is_well(self) -> bool:
        """Whether it is known to be in no trouble: nothing failed, and it isn't late.

        What checks warn of is published all the same, so that whoever watches for silence need not
        be called.
        """
        return all(c.wrong is False for c in self.conditions if c.kind != Kind.SUSPECT)

    @property
    def news(self) -> tuple[Incident, ...]:
        """What is to be sent."""
        return tuple(incident for incident in self.incidents if incident.is_news)

    def left(self, *, reached: bool) -> tuple[Incident, ...]:
        """What is to be stored of its incidents, given whether its news reached anybody."""
        return after_sending(self.incidents) if reached else self.incidents

    @property
    def pending(self) -> tuple[Condition, ...]:
        """What is wrong and not reported, since it may pass by itself."""
        open_kinds = {incident.kind for incident in self.incidents if incident.over_at is None}
        wrong = (condition for condition in self.conditions if condition.wrong or condition.cause)
        return tuple(condition for condition in wrong if condition.kind not in open_kinds)

    @property
    def is_changed(self) -> bool:
        """Whether what is stored of it has to change."""
        return self.incidents != self.before.incidents or self.before.error is not None


def find_incidents(assets: Sequence[Asset]) -> list[Watched]:
    """How each of ``assets`` is; changes nothing. Raises StorageError if that isn't known."""
    return _find_incidents(assets, _polls_now(assets))


Send: TypeAlias = Callable[[Sequence[Watched]], bool]
"""Sends the news of what is given; whether anybody was reached."""


def send_news(assets: Sequence[Asset], send: Send) -> list[Watched]:
    """Have ``send`` send the news of ``assets``, if there are any, and remember that.

    If ``send`` reaches nobody, the same is news the next time. Of several processes at once, one
    sends, and the others find nothing new.

    Returns:
        How the assets were, news included.

    Raises:
        StorageError: the root can't be read, which is sent, too, the second time in a row; or the
            alert state can be saved nowhere. That is found too late: rather than be silent where a
            disk is full, the news are sent once more.
    """
    try:
        polls = _polls_now(assets)
        watched = _find_incidents(assets, polls)
    except StorageError as error:
        with _lock():
            _send_outage(assets, send, error)
        raise
    _save_polls(polls)
    # Mostly there is no news: no lock is taken then, and nothing is written to the root.
    if not any(asset.is_changed or asset.news for asset in watched):
        return watched
    with _lock():
        # Once more: another process may have sent the news while this one waited.
        watched = _find_incidents(assets, polls)
        _save(watched, reached=_sent(watched, send))
    return watched


@contextmanager
def _lock() -> Iterator[None]:
    """Keep other processes out: of this machine, and where the root is a folder, of all.

    A root that can't be written or reached has no lock, and this machine may have no place for one.
    Without either the news are sent all the same, perhaps twice.
    """
    store = root_store()
    # Both, since the root's own may be on a disk that is full or read-only, and this machine's
    # excludes no other machine that shares the folder.
    with ExitStack() as stack:
        for lock in (staging.hold(store.root, f"here/{_LOCK}"), store.lock(_LOCK)):
            with suppress(StorageError):
                stack.enter_context(lock)
        yield


def _find_incidents(assets: Sequence[Asset], polls: Polls) -> list[Watched]:
    with cached_requests():
        now, watched = window.timestamp(window.now()), []
        found = [
            (status, consecutive_failures_of(status.asset.dataset, status.newest))
            for status in status_of(assets)
        ]
        failed_at = [failures.given_up.failed_at for _, failures in found if failures.given_up]
        too_early = grace_period.is_grace_period(polls, failed_at)
        for status, failures in found:
            before = load_state(status.asset.dataset)
            conditions = conditions_of(status, failures, too_early=too_early)
            incidents = update(before.incidents, conditions, now)
            watched.append(Watched(status.asset, incidents, before, conditions))
    return watched


def _sent(watched: Sequence[Watched], send: Send) -> bool:
    new = [asset for asset in watched if asset.news]
    return bool(new) and send(new)


def _send_outage(assets: Sequence[Asset], send: Send, error: StorageError) -> None:
    """Send that the root can't be read: what this machine noted has to do for the state."""
    now = window.timestamp(window.now())
    polls = grace_period.with_failed_poll(_load_polls(), window.now())
    _save_polls(polls)
    tries = TRIES if grace_period.is_outage_confirmed(polls) else 1
    conditions = unreachable(masked(str(error)), polls.down_since, tries)
    watched = []
    for asset in assets:
        before = load_note(asset.dataset)
        incidents = update(before.incidents, conditions, now)
        watched.append(Watched(asset, incidents, before, conditions))
    reached = _sent(watched, send)
    for found in watched:
        left = found.left(reached=reached)
        if left != found.before.incidents:
            save_note(found.asset.dataset, left)


def _polls_now(assets: Sequence[Asset]) -> Polls:
    """The polls with the present one; raises StorageError if the root can't be read."""
    require_usable(root_store())
    # The next run, which may mend what is late, comes with the shortest of their windows.
    length = timedelta(minutes=min(asset.own_length().minutes for asset in assets))
    is_making = any(map(_is_being_made, assets))
    return grace_period.with_poll(_load_polls(), window.now(), length=length, is_making=is_making)


def _is_being_made(asset: Asset) -> bool:
    """Whether a run on this machine makes the asset's present window, or still the last one."""
    before = asset.own_length().shift(asset.as_of, -1)
    names = map(window.name, (asset.as_of, before))
    return any(asset.dataset.store.is_held(asset.dataset.partition(name).key) for name in names)


def _load_polls() -> Polls:
    found = [Polls()]
    for folder in local_notes.of(root_store().root):
        with suppress(StorageError):
            found.append(folder.load(_POLLS, grace_period.parse) or Polls())
    return max(found, key=lambda polls: polls.last)


def _save_polls(polls: Polls) -> None:
    """Note them on this machine; without that, lateness is reported at once, an outage never."""
    with suppress(StorageError):
        local_notes.write(root_store().root, _POLLS, grace_period.to_json(polls))


def _save(watched: Sequence[Watched], *, reached: bool) -> None:
    """Save the state of each; raises the first StorageError, having tried them all."""
    errors = []
    for found in watched:
        left = found.left(reached=reached)
        if left == found.before.incidents and found.before.error is None:
            continue
        try:
            save_state(found.asset.dataset, left)
        except StorageError as error:
            errors.append(error)
    if errors:
        raise errors[0]
