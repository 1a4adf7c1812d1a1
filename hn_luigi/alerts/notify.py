"""Compare assets with what was sent about them before, and notify people of what is new, once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from typing import TypeAlias

import luigi

from hn_luigi.alerts import grace_period
from hn_luigi.alerts.alert_state import AlertState, load_note, load_state, save_note, save_state
from hn_luigi.alerts.conditions import conditions_of, unknown, unreachable
from hn_luigi.alerts.grace_period import Polls
from hn_luigi.alerts.incidents import TRIES, Condition, Incident, Kind, after_sending, update
from hn_luigi.assets import Asset
from hn_luigi.assets.operations import (
    StorageError,
    cached_requests,
    is_asset,
    local_notes,
    masked,
    require_usable,
    root_store,
    sources_of,
    staging,
    status_with_failures,
    window,
)

_LOCK = "_alerts"
_POLLS = "looks.json"  # as an older version called them


@dataclass(frozen=True)
class AssetIncidents:
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


def find_incidents(assets: Sequence[Asset]) -> list[AssetIncidents]:
    """How each of ``assets`` is; changes nothing. Raises StorageError if that isn't known."""
    for cause in _unreadable(assets).values():
        raise cause
    return _find_incidents(assets, _polls_now(assets, {}), {})


Send: TypeAlias = Callable[[Sequence[AssetIncidents]], bool]
"""Sends the news of what is given; whether anybody was reached."""


def send_news(assets: Sequence[Asset], send: Send) -> list[AssetIncidents]:
    """Have ``send`` send the news of ``assets``, if there are any, and remember that.

    If ``send`` reaches nobody, the same is news the next time. Of several processes at once, one
    sends, and the others find nothing new.

    Returns:
        How the assets were, news included.

    Raises:
        StorageError: a root can't be read, which is sent, too, the second time in a row, with the
            news of what isn't stored there; or the alert state can be saved nowhere. That is found
            too late: rather than be silent where a disk is full, the news are sent once more.
    """
    down = _unreadable(assets)
    try:
        polls = _polls_now(assets, down)
        watched = _find_incidents(assets, polls, down)
    except StorageError as error:  # of a root that answered a moment ago
        down = {asset.dataset.store.root: error for asset in assets}
        polls = _polls_now(assets, down)
        watched = _find_incidents(assets, polls, down)
    _save_polls(polls)
    # Mostly there is no news: no lock is taken then, and nothing is written to the root.
    if any(asset.is_changed or asset.news for asset in watched):
        with _lock():
            # Once more: another process may have sent the news while this one waited.
            watched = _find_incidents(assets, polls, down)
            new = [asset for asset in watched if asset.news]
            _save(watched, down, reached=bool(new) and send(new))
    for cause in down.values():
        raise cause
    return watched


Down: TypeAlias = Mapping[str, StorageError]
"""Why a root can't be read, by root."""


def _unreadable(assets: Sequence[Asset]) -> Down:
    down = {}
    for store in {asset.dataset.store.root: asset.dataset.store for asset in assets}.values():
        try:
            require_usable(store)
        except StorageError as error:
            down[store.root] = error
    return down


def _readable(assets: Sequence[Asset], down: Down) -> list[Asset]:
    """Those of ``assets`` that can be judged: all that they are made from can be read, too."""

    @cache
    def is_readable(task: luigi.Task) -> bool:
        if is_asset(task) and task.dataset.store.root in down:
            return False
        return all(map(is_readable, sources_of(task)))

    return [asset for asset in assets if is_readable(asset)] if down else list(assets)


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


def _find_incidents(assets: Sequence[Asset], polls: Polls, down: Down) -> list[AssetIncidents]:
    with cached_requests():
        now, watched = window.timestamp(window.now()), []
        judged = status_with_failures(_readable(assets, down))
        found = {status.asset: (status, failures) for status, failures in judged}
        given_up = [failures.given_up for _, failures in found.values() if failures.given_up]
        too_early = grace_period.is_grace_period(polls, [last.failed_at for last in given_up])
        known_late: list[Asset] = []
        for asset in assets:
            cause = down.get(asset.dataset.store.root)
            # What this machine noted has to do for the state of what can't be read.
            before = load_note(asset.dataset) if cause else load_state(asset.dataset)
            if cause:
                tries = TRIES if grace_period.is_outage_confirmed(polls) else 1
                conditions = unreachable(masked(str(cause)), polls.down_since, tries)
            elif asset in found:
                explained = _is_made_from(asset, known_late)
                conditions = conditions_of(
                    *found[asset], too_early=too_early, is_explained=explained
                )
            else:
                conditions = unknown()
            if any(each.kind == Kind.LATE and each.told for each in before.incidents):
                known_late.append(asset)
            incidents = update(before.incidents, conditions, now)
            watched.append(AssetIncidents(asset, incidents, before, conditions))
    return watched


def _is_made_from(asset: Asset, others: Sequence[Asset]) -> bool:
    """Whether ``asset`` is made from one of ``others``, in whatever window."""
    places = {(other.dataset.store.root, other.folder) for other in others}

    @cache
    def is_behind(task: luigi.Task) -> bool:
        return any(
            (is_asset(each) and (each.dataset.store.root, each.folder) in places) or is_behind(each)
            for each in sources_of(task)
        )

    return bool(places) and is_behind(asset)


def _polls_now(assets: Sequence[Asset], down: Down) -> Polls:
    """The polls with the present one."""
    polls = before = _load_polls()
    if readable := _readable(assets, down):
        # The next run, which may mend what is late, comes with the shortest of their windows.
        length = timedelta(minutes=min(asset.own_length().minutes for asset in readable))
        is_making = any(map(_is_being_made, readable))
        polls = grace_period.with_poll(before, window.now(), length=length, is_making=is_making)
    if not down:
        return polls
    return grace_period.with_failed_poll(replace(polls, down_since=before.down_since), window.now())


def _is_being_made(asset: Asset) -> bool:
    """Whether a run on this machine makes the asset's present window, or still the last one."""
    before = asset.own_length().shift(asset.as_of, -1)
    names = map(window.name, (asset.as_of, before))
    return any(asset.dataset.store.is_held(asset.dataset.partition(name).key) for name in names)


def _load_polls() -> Polls:
    notes = local_notes.load(root_store().root, _POLLS, grace_period.parse)
    return max(notes, key=lambda polls: polls.last, default=Polls())


def _save_polls(polls: Polls) -> None:
    """Note them on this machine; without that, lateness is reported at once, an outage never."""
    with suppress(StorageError):
        local_notes.write(root_store().root, _POLLS, grace_period.to_json(polls))


def _save(watched: Sequence[AssetIncidents], down: Down, *, reached: bool) -> None:
    """Save the state of each; raises the first StorageError, having tried them all."""
    errors = []
    for found in watched:
        left = after_sending(found.incidents) if reached else found.incidents
        if left == found.before.incidents and found.before.error is None:
            continue
        try:
            save = save_note if found.asset.dataset.store.root in down else save_state
            save(found.asset.dataset, left)
        except StorageError as error:
            errors.append(error)
    if errors:
        raise errors[0]
