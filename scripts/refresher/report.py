"""What is reported after a run, and what is remembered of it: pure decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from child import Ending
from refresh_state import RefreshState
from shared import ROOT, incidents
from troubles import (
    FAILED,
    HAMPERED,
    LATE,
    LATE_DATA,
    LEFT_TO_ANOTHER,
    MAY_PASS,
    UNSURE,
    Trouble,
)


def exit_code(ending: Ending, troubles: Sequence[Trouble]) -> int:
    """Luigi's, unless that is 0 and something else is wrong."""
    if ending.code:
        return ending.code
    if any(trouble.kind in (LATE_DATA, UNSURE) for trouble in troubles):
        return LATE
    return HAMPERED if troubles else 0


def after_run(
    state: RefreshState | None, troubles: Sequence[Trouble], code: int, at: datetime
) -> tuple[RefreshState | None, str]:
    """The state after a run at ``at`` (UTC) that ended with ``code``, and what there is to report.

    Returns:
        None for the state if all is well, and an empty text if there is no news.
    """
    is_well = not troubles and not code  # a run that was left to another proves nothing
    now = f"{at:%Y-%m-%dT%H:%M}"
    after = state or RefreshState(since=now)
    if troubles:
        kinds = {trouble.kind for trouble in troubles}
        after = after.with_run(worst(troubles), kinds, proves=code not in LEFT_TO_ANOTHER)
    conditions = conditions_of(after, troubles, now, is_well=is_well)
    changed = incidents.update(after.reported, conditions, now)
    begun = [incident for incident in changed if incident.is_news and incident.over_at is None]
    if begun:
        text = "\n\n".join(incident.cause for incident in begun)
        after = replace(after, said=after.said | {incident.kind for incident in begun})
        return after, f"hn_luigi in {ROOT}, {at:%Y-%m-%d %H:%M} UTC: {text}"
    if not is_well:
        return (after if state or troubles else None), ""
    return None, end_of(after) if after.said else ""


def conditions_of(
    after: RefreshState, troubles: Sequence[Trouble], now: str, *, is_well: bool
) -> list[incidents.Condition]:
    """How things are in the respect of each trouble, met now or reported before."""
    reported = after.said - {trouble.kind for trouble in troubles}
    return [
        *(condition(trouble, after, now) for trouble in troubles),
        *(incidents.Condition(kind, wrong=False if is_well else None) for kind in reported),
    ]


def condition(trouble: Trouble, after: RefreshState, now: str) -> incidents.Condition:
    """How things are in the respect of ``trouble``, ``after`` the run that met it."""
    by_tries = trouble.kind in MAY_PASS or trouble.may_pass
    tries = after.tries.get(trouble.kind, 1) if by_tries else incidents.TRIES
    return incidents.Condition(trouble.kind, wrong=True, since=now, cause=str(trouble), tries=tries)


def end_of(state: RefreshState) -> str:
    """That all is well again."""
    since = state.since.replace("T", " ")
    return f"hn_luigi in {ROOT} is fine again after {counted(state.counts)} since {since} UTC"


def worst(troubles: Sequence[Trouble]) -> str:
    """What a run with ``troubles`` is counted as."""
    kinds = {trouble.kind for trouble in troubles}
    if FAILED in kinds:
        return "failed"
    return "late" if kinds & {LATE_DATA, UNSURE} else "hampered"


def counted(counts: Mapping[str, int]) -> str:
    """``3 failed runs and 1 late run``."""
    parts = [f"{n} {kind} run{'' if n == 1 else 's'}" for kind, n in counts.items() if n]
    return " and ".join(parts) or "trouble"
