"""How incidents read in a message to a person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from socket import gethostname

from hn_luigi.alerts import AssetIncidents, Condition, Incident, Message
from hn_luigi.assets import Asset
from hn_luigi.assets.operations import Timestamp, storage, window
from hn_luigi.cli.command import again
from hn_luigi.formatting import absolute, age, listed, moment, plain

# Characters. RFC 5322 (2.1.1) would let a line have 998, but people see the first of them in a
# list of mails; the names that don't fit are in the body.
_LONGEST_SUBJECT = 150


def to_message(watched: Sequence[AssetIncidents]) -> Message:
    """One message with all the news of ``watched``."""
    news = [(found.asset, incident) for found in watched for incident in found.news]
    paragraphs = ["\n".join(_paragraph(asset, incident)) for asset, incident in news]
    is_good = all(incident.over_at is not None for _, incident in news)
    place = _place(asset.dataset.store.root for asset, _ in news)
    return Message(_subject(news), "\n\n".join([*paragraphs, place]) + "\n", is_good)


def test_message() -> Message:
    """A message that shows that messages arrive."""
    text = "This is a test: messages about assets that fail or are late arrive like this one."
    return Message(
        "hn_luigi: a test message", f"{text}\n\n{_place([str(storage().root)])}\n", is_good=True
    )


def since(trouble: Incident | Condition) -> str:
    """``since 2026-11-22 12:44:56 UTC``."""
    return f"since {moment(Timestamp(trouble.since))} UTC"


def lasted(incident: Incident) -> str:
    """``from 2026-11-22 12:44:56 to 2026-11-22 13:05:10 UTC (21 min)`` of what is over."""
    begin, end = Timestamp(incident.since), Timestamp(incident.over_at or incident.since)
    length = age(window.moment(end) - window.moment(begin))
    return f"from {moment(begin)} to {moment(end)} UTC ({length})"


def _subject(news: Sequence[tuple[Asset, Incident]]) -> str:
    """``hn_luigi: failed: top/stories; late: top/stories and top/wordcloud``."""
    by_kind: dict[str, list[str]] = {}
    for asset, incident in news:
        by_kind.setdefault(_kind(incident), []).append(asset.folder)
    subject = "; ".join(f"{kind}: {listed(folders)}" for kind, folders in by_kind.items())
    return plain(f"hn_luigi: {subject}", _LONGEST_SUBJECT)


def _paragraph(asset: Asset, incident: Incident) -> Iterator[str]:
    when = since(incident) if incident.over_at is None else lasted(incident)
    yield f"{_kind(incident)}: {asset.folder}, {when}"
    yield f"  {plain(incident.cause)}"
    yield f"  See: {again('history', asset.folder)}, and the log of the run"


def _kind(incident: Incident) -> str:
    return incident.kind if incident.over_at is None else f"no longer {incident.kind}"


def _place(roots: Iterable[str]) -> str:
    there = listed([*dict.fromkeys(plain(absolute(root)) for root in roots)])
    return f"Stored under {there}, seen from {plain(gethostname())}."
