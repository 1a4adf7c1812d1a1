"""Times that machines whose clocks differ have written, and what is still told by them.

By so much as ``CLOCKS_DIFFER`` no order of events and no freshness is told wrong: what a machine
notes is put after what it follows, and what is a little of the future counts as of now. What
differs more is told of, once, since nothing here can tell whose clock is right.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from hn_luigi.assets import window
from hn_luigi.assets.window import Timestamp

# NTP keeps clocks within milliseconds. Kerberos and Active Directory refuse what is 5 minutes off,
# so that administrators keep to it; AWS and Azure refuse 15. Until they were 5 here they were 1,
# and data of a worker that was further ahead had no freshness.
CLOCKS_DIFFER = timedelta(minutes=5)
"""By so much clocks of machines that share a root may differ; what is later is of the future."""


def is_of_future(at: Timestamp, now: datetime) -> bool:
    """Whether no clock that is right can have noted ``at`` by ``now``, UTC."""
    return at > window.timestamp(now + CLOCKS_DIFFER)


def just_after(earlier: Iterable[Timestamp | None], now: datetime) -> Timestamp:
    """When to note an event of ``now``, UTC, that follows those noted as ``earlier``.

    That is ``now``, or a millisecond after the last of them where another machine's clock was
    ahead. What is of the future is no measure: its clock was wrong.
    """
    # What is known as a hybrid logical clock (Kulkarni et al., 2014), of one asset's events.
    at = window.timestamp(now)
    last = max((each for each in earlier if each and not is_of_future(each, now)), default=at)
    return at if last <= at else window.timestamp(window.moment(last) + timedelta(milliseconds=1))


def difference(now: datetime, other: datetime, whose: str) -> str:
    """That this machine's clock says ``now`` and ``whose`` says ``other``, and what to do."""
    minutes = round(abs(now - other) / timedelta(minutes=1))
    order = "behind" if now < other else "ahead of"
    return (
        f"this machine's clock says {now:%Y-%m-%d %H:%M} UTC, {minutes} min {order} that of "
        f"{whose}: set the one that is wrong by NTP, as with timedatectl set-ntp true"
    )
