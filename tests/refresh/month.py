"""A month of a graph that the server refreshes, simulated: decisions are real, storage is not.

``due`` decides what runs and when, and ``alerts`` what people are told; what is stored, how long a
run takes and whether it fails is a model of the layer, which ``test_month.py`` holds against the
layer itself. The table is printed by ``python -m tests.refresh.month``.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from types import SimpleNamespace

from hn_luigi.alerts import grace_period
from hn_luigi.alerts.conditions import conditions_of
from hn_luigi.alerts.grace_period import Polls
from hn_luigi.alerts.incidents import Kind, after_sending, update
from hn_luigi.assets import Freshness, FreshnessPolicy
from hn_luigi.assets.catalog.failure import Failure
from hn_luigi.assets.catalog.record import Record
from hn_luigi.assets.freshness import judge_lag
from hn_luigi.assets.operations import AssetStatus, ConsecutiveFailures, WindowLength
from hn_luigi.assets.window import CLOCKS_DIFFER, moment, name, timestamp
from hn_luigi.assets.window_length import DAY, of_minutes
from hn_luigi.refresh import AssetFacts, Due, LineFacts, Need, PastRun, Try, due

from .world import Api, Spell, Time, World

TEN = of_minutes(10)
HALF_AN_HOUR = FreshnessPolicy(timedelta(minutes=30), timedelta(minutes=20))
AN_HOUR = FreshnessPolicy(timedelta(hours=1), timedelta(minutes=30))
START_UP = 3.0
TIME_LIMIT = 540.0
"""Seconds after which a run is ended, as ``[refresh] time_limit`` has it."""
RETRIES, DELAY = 2, 2.0
"""Of a step that asks the API; the waits are 2 and 6 s, as its policy has them."""
LOOK, POLL = timedelta(minutes=1), timedelta(minutes=5)
"""How often storage is looked at, and whether to alert."""
SHARE = 0.5
A_WINDOW_AND_A_RUN = timedelta(minutes=11)
"""After which what was in the way is no excuse."""


@dataclass(frozen=True)
class Step:
    """An asset, upstream first in a graph."""

    folder: str
    inputs: tuple[str, ...] = ()
    requests: int = 0
    """That it asks of the API; with any it is a capture."""
    policy: FreshnessPolicy | None = HALF_AN_HOUR
    length: WindowLength = TEN
    yesterday: str = ""
    """Of what it looks back at the day before, which may be missing."""
    is_root: bool = False
    """Whether a line of the watch list names it."""
    is_changed: bool = False
    """Whether its code is what somebody changes."""


OURS = (
    Step("ids", requests=1),
    Step("stories", ("ids",), requests=500, is_changed=True),
    Step("day", ("stories",), policy=None, length=DAY),
    Step("trends", ("day",), policy=None, length=DAY, yesterday="day"),
    Step("digest", ("day", "trends"), policy=AN_HOUR, length=DAY, is_root=True),
    Step("page", ("stories",), yesterday="day", is_root=True),
)
ROLL_UP = (
    Step("tick", requests=1, is_changed=True),
    Step("day", ("tick",), policy=FreshnessPolicy(timedelta(hours=2)), length=DAY, is_root=True),
)


@dataclass(frozen=True)
class Made:
    """A window that is stored."""

    created_at: datetime
    data_time: datetime
    code: int
    inputs: dict[tuple[str, datetime], object]
    version: object


@dataclass(frozen=True)
class Started:
    """A run, when it began and what became of it; in the machine's time."""

    at: datetime
    what: Due
    end: str = "done"
    """``failed`` and ``killed`` besides."""
    made: tuple[str, ...] = ()
    """What it made, each with its window."""


@dataclass(frozen=True)
class Told:
    """What people were told."""

    at: datetime
    folder: str
    kind: str
    is_over: bool


class Killed(Exception):
    """The run is ended, by its time limit or with its machine."""


@dataclass
class Month:
    """What is stored of ``graph``, and what is done about it in ``world``."""

    world: World
    graph: Sequence[Step]
    time: Time = field(init=False)
    runs: list[Started] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    lags: list[tuple[timedelta, timedelta, bool, bool]] = field(default_factory=list)
    """Of the last asset: how long it had which lag, whether it was late, and whether nothing but
    the decisions can be blamed for that."""
    breaches: list[str] = field(default_factory=list)
    """When which asset was late though nothing had been in the way for a window."""

    def __post_init__(self) -> None:
        self.time = Time(self.world)
        self.api = Api(self.time)
        self.steps = {step.folder: step for step in self.graph}
        self.made = {folder: dict[datetime, Made]() for folder in self.steps}
        self.newest = dict[str, datetime]()
        self.of_day: defaultdict[tuple[str, date], dict[datetime, None]] = defaultdict(dict)
        self.just_made = list[str]()
        self.code = dict.fromkeys(self.steps, 1)
        self.failures = {folder: list[Failure]() for folder in self.steps}
        """Since it was last made, of each."""
        self.read = {}
        """What ``_inputs`` has found, as long as nothing is made."""
        self.past = deque[PastRun](maxlen=200)
        self.captured = 0
        self.run: Started | None = None
        self.last = dict[str, Started]()
        """Of each line, by what it names."""
        self.polls, self.polled_at = Polls(), datetime.min
        self.incidents = defaultdict(tuple)
        self.sampled_at = self.blameless_at = self.world.begin
        self.time.observers += [self._note_lag, self._poll]

    # The refresher, as hn_luigi.web has it.

    def live(self) -> Month:
        while (at := self.time.at) < self.world.end:
            if spell := self.world.spell(at, "off", "asleep"):
                self.time.pass_until(spell.end)
                if spell.what == "off":  # of what ended before it, a server knows what failed
                    kept = [run for run in self.past if not run.succeeded]
                    self.past = deque(kept, maxlen=200)
                continue
            self._operate()
            lines, now = self.facts(), self.time.now()
            planned = {line.root.folder: due(line, now, SHARE, lines) for line in lines}
            if ready := [root for root, next_ in planned.items() if next_.is_now(now)]:
                root = min(ready, key=lambda each: self._turn_of(each, planned[each]))
                self._start(root, planned[root])
                continue
            whens = [next_.when - now for next_ in planned.values() if next_.when]
            in_time = min(whens, default=LOOK)
            self.time.pass_until(min(at + min(LOOK, in_time), self.time.next_change))
        return self

    def _operate(self) -> None:
        for change in self.world.changes:
            if change == self.time.at:
                self.change_code(next(step.folder for step in self.graph if step.is_changed))
        for prune in self.world.prunes:
            if prune == self.time.at:
                self.prune(self.time.now() - timedelta(days=2))

    def _turn_of(self, root: str, what: Due) -> tuple[bool, datetime, datetime]:
        last = self.last.get(root)
        fails = last is not None and last.end != "done"
        return fails, what.length.end(what.start), last.at if last else datetime.min

    def _start(self, root: str, what: Due) -> None:
        self.run = Started(self.time.now(), what)
        self.awake_until = TIME_LIMIT
        self.just_made = []
        run_id = f"{len(self.runs):012x}"
        try:
            end = "done" if self.make(what, run_id) else "failed"
        except Killed:
            end = "killed"
        self.last[root] = replace(self.run, end=end, made=tuple(self.just_made))
        self.runs.append(self.last[root])
        was_off = self.world.spell(self.time.at, "off")
        if not was_off:
            self.past.append(
                PastRun(
                    run_id,
                    (what.folder,),
                    self.run.at,
                    self.time.now(),
                    succeeded=end == "done",
                    window=name(what.start) if what.is_settling else None,
                )
            )
        self.run = None

    def spend(self, seconds: float) -> None:
        """Have time pass in a run; raises Killed."""
        seconds = min(seconds, self.awake_until)
        until = self.time.at + timedelta(seconds=seconds)
        while self.time.at < until:
            if self.world.spell(self.time.at, "off"):
                raise Killed
            if asleep := self.world.spell(self.time.at, "asleep"):
                until += asleep.end - self.time.at
                self.time.pass_until(asleep.end)
            self.time.pass_until(min(until, self.time.next_change))
        self.awake_until -= seconds
        if not self.awake_until:
            raise Killed

    def ask(self, step: Step) -> bool:
        """Have the API answer what a step asks; whether it does."""
        seconds, is_answered = self.api.ask(step.requests)
        self.spend(seconds + 1)
        return is_answered

    # What the layer does.

    def facts(self) -> list[LineFacts]:
        return [self._line(step) for step in reversed(self.graph) if step.is_root]

    def _line(self, root: Step) -> LineFacts:
        steps = self._watched(root)
        starts = [step.length.floor(self.time.now()) for step in steps]
        assets = [
            self._facts(step, start, steps) for step, start in zip(steps, starts, strict=True)
        ]
        upstream = [frozenset(s.folder for s in self._behind(step)) for step in steps]
        paused = self.world.spell(self.time.at, "paused")
        since = self.world.clock(paused.begin) if paused else None
        ended = (self._ended(asset, steps) for asset in assets if asset.inputs_every)
        return LineFacts(root.folder, assets, upstream, [*filter(None, ended)], since)

    def _ended(self, asset: AssetFacts, line: Sequence[Step]) -> AssetFacts | None:
        before = asset.length.shift(asset.start, -1)
        if not asset.length.is_open(before, self.time.now()):
            return None
        facts = self._facts(self.steps[asset.folder], before, line, is_over=True)
        tries = [each for each in facts.tries if each.ended >= facts.end]
        if facts.need is Need.NOTHING:
            return None
        is_lost = not any(self._inputs(step, before) for step in self._of_window(asset.folder))
        return replace(facts, tries=tries, unmakable="it is lost" if is_lost else "")

    def make(self, what: Due, run_id: str) -> bool:
        """Make it, and what it is made from; whether that went well."""
        self.spend(START_UP)
        now = self.time.now()
        steps = self._of_window if what.is_settling else self._made_with
        for step in steps(what.folder):
            start = what.start if what.is_settling else step.length.floor(now)
            if self._need(step, start) is Need.NOTHING:
                continue
            if not self._made(step, start, run_id):
                return False
        return True

    def change_code(self, folder: str) -> None:
        self.code[folder] += 1

    def prune(self, before: datetime) -> None:
        self.read.clear()
        for step in self.graph:
            needed = before
            for other in self.graph:
                if step.folder in other.inputs and other.length != step.length:
                    needed = min(needed, other.length.floor(self.time.now()))
            kept, newest = self.made[step.folder], self.newest.get(step.folder)
            self.made[step.folder] = {s: m for s, m in kept.items() if s >= needed or s == newest}

    def _facts(
        self, step: Step, start: datetime, line: Sequence[Step], *, is_over: bool = False
    ) -> AssetFacts:
        behind = [step] if is_over else self._behind(step)
        need = self._need(step, start)
        newest = self._newest(step)
        shortest = min((s.length for s in self._behind(step)), key=lambda each: each.minutes)
        return AssetFacts(
            step.folder,
            step.length,
            start,
            step.policy,
            need,
            "its code changed" if need is Need.STALE else "",
            data_time=newest[1].data_time if newest else None,
            tries=self._tries(step, start, behind, line) if need is not Need.NOTHING else (),
            inputs_every=shortest if shortest.minutes < step.length.minutes else None,
        )

    def _need(self, step: Step, start: datetime) -> Need:
        made = self.made[step.folder].get(start)
        if made is None:
            return Need.MISSING
        if made.code != self.code[step.folder]:
            return Need.STALE
        for source, at in self._required(step, start):
            if self._need(source, at) is not Need.NOTHING:
                return Need.INPUTS
        return Need.NOTHING if made.inputs == self._inputs(step, start) else Need.INPUTS

    def _required(self, step: Step, start: datetime) -> Iterator[tuple[Step, datetime]]:
        """What it is made from, and is itself made first."""
        for source in map(self.steps.get, step.inputs):
            at = source.length.floor(max(start, self.time.now()))
            if source.length == step.length:
                yield source, start
            elif start <= at < step.length.end(start):
                yield source, at

    def _inputs(self, step: Step, start: datetime) -> dict[tuple[str, datetime], object]:
        """What it would read now: windows by their version."""
        now = self.time.now()
        key = step.folder, start, TEN.floor(now)  # what is of the future isn't read yet
        if key not in self.read:
            found, then = {}, self.made[step.folder].get(start)
            for source in step.inputs:
                made = self.made[source]
                same = self.steps[source].length == step.length
                for at in [start] if same else self.of_day[source, start.date()]:
                    # What was read before a clock was set back still counts.
                    is_known = at <= now or (then and (source, at) in then.inputs)
                    if is_known and at in made:
                        found[source, at] = made[at].version
            before = DAY.shift(DAY.floor(start), -1)
            if looked_back := self.made.get(step.yesterday, {}).get(before):
                found[step.yesterday, before] = looked_back.version
            self.read[key] = found
        return self.read[key]

    def _tries(
        self, step: Step, start: datetime, behind: Sequence[Step], line: Sequence[Step]
    ) -> list[Try]:
        found = {}
        for each in behind:
            at = start if each is step else each.length.floor(self.time.now())
            since = self.made[each.folder].get(at)
            for failure in self.failures[each.folder]:
                is_since = not since or failure.failed_at > timestamp(since.created_at)
                if not failure.retried and failure.window == name(at) and is_since:
                    found[failure.run] = Try(failure.run, moment(failure.failed_at))
        made = self.made[step.folder].get(start)
        since = made.created_at if made else start
        wider = {each.folder for each in line if step in self._behind(each)}
        for run in self.past:
            if run.ended < since or wider.isdisjoint(run.make):
                continue
            if (run.window or name(step.length.floor(run.began))) == name(start):
                found[run.id] = Try(run.id, run.ended, succeeded=run.succeeded)
        return list(found.values())

    def _made(self, step: Step, start: datetime, run_id: str) -> bool:
        for retries_left in reversed(range(RETRIES + 1 if step.requests else 1)):
            read_at = self.time.now()
            is_open = not step.requests or step.length.is_open(start, read_at)
            if is_open and self.ask(step) and self._is_open(step, start):
                break
            retried = is_open and self._is_open(step, start) and retries_left > 0
            at = timestamp(self.time.now())
            failed = Failure(step.folder, name(start), at, "no", retried=retried, run=run_id)
            self.failures[step.folder].append(failed)
            if not retried:
                return False
            self.spend(DELAY * (2 ** (RETRIES - retries_left + 1) - 1))
        inputs = self._inputs(step, start)
        if step.requests:
            self.captured += 1
        # Of several windows the newest counts, and of days before none.
        times = [
            max(self.made[s][at].data_time for s, at in inputs if s == source and at >= start)
            for source in step.inputs
        ]
        read = min(times, default=read_at)
        version = (step.requests and self.captured, self.code[step.folder], tuple(inputs.values()))
        self.made[step.folder][start] = Made(
            self.time.now(),
            min(read, read_at),
            self.code[step.folder],
            inputs,
            hash(version),
        )
        self.failures[step.folder].clear()
        self.read.clear()
        self.of_day[step.folder, start.date()][start] = None
        self.newest[step.folder] = max(start, self.newest.get(step.folder, start))
        self.just_made.append(f"{step.folder} {name(start)}")
        return True

    def _is_open(self, step: Step, start: datetime) -> bool:
        return not step.requests or step.length.is_open(start, self.time.now())

    def _watched(self, root: Step) -> list[Step]:
        """What a line is about that names it: with what that looks back at, upstream first."""
        looked_back = self.steps.get(root.yesterday, root)
        both = [*self._behind(root), *self._behind(looked_back)]
        return [each for each in self.graph if each in both]

    def _made_with(self, folder: str) -> list[Step]:
        """What a run makes of the present windows, upstream first."""
        return self._behind(self.steps[folder])

    def _of_window(self, folder: str) -> list[Step]:
        """What is made for the same window, and itself, upstream first."""
        made = self._made_with(folder)
        return [each for each in made if each.length == made[-1].length]

    def _behind(self, step: Step) -> list[Step]:
        """What it is made from, and itself, upstream first."""
        wanted = {step.folder}
        for each in reversed(self.graph):
            if each.folder in wanted:
                wanted.update(each.inputs)
        return [each for each in self.graph if each.folder in wanted]

    def _newest(self, step: Step) -> tuple[datetime, Made] | None:
        start = self.newest.get(step.folder)
        return (start, self.made[step.folder][start]) if start else None

    # What people see of it.

    def statuses(self) -> list[tuple[AssetStatus, ConsecutiveFailures]]:
        """As ``status_with_failures`` has them."""
        return [self._status(step) for step in self.graph]

    def _status(self, step: Step) -> tuple[AssetStatus, ConsecutiveFailures]:
        newest, now = self._newest(step), self.time.now()
        record, since = None, ""
        if newest:
            since, data_time = timestamp(newest[1].created_at), timestamp(newest[1].data_time)
            record = Record(step.folder, name(newest[0]), since, data_time, {}, {}, "", 0, "")
        lag = judge_lag(step.policy, newest[1].data_time if newest else None, now)
        asset = SimpleNamespace(freshness=step.policy)
        latest = timestamp(now + CLOCKS_DIFFER)
        standing = [f for f in self.failures[step.folder] if since < f.failed_at <= latest]
        given_up = [f for f in standing if not f.retried]
        failures = ConsecutiveFailures(
            len(standing),
            min((f.failed_at for f in standing), default=None),
            given_up[-1] if given_up else None,
            min(2, len({f.run for f in given_up})),
        )
        return AssetStatus(asset, None, record, None, lag), failures

    def _poll(self) -> None:
        """Look whether to alert, as ``send_news`` does."""
        at, now = self.time.at, self.time.now()
        if self.world.spell(at, "off", "asleep") or at - self.polled_at < POLL:
            return
        self.polled_at = at
        length = timedelta(minutes=min(step.length.minutes for step in self.graph))
        self.polls = grace_period.with_poll(
            self.polls, now, length=length, is_making=self.run is not None
        )
        found = self.statuses()
        given_up = [failures.given_up.failed_at for _, failures in found if failures.given_up]
        too_early = grace_period.is_grace_period(self.polls, given_up)
        before = self.incidents.copy()
        for step, (status, failures) in zip(self.graph, found, strict=True):
            explained = any(
                each.kind == Kind.LATE and each.told
                for source in self._behind(step)
                if source is not step
                for each in before[source.folder]
            )
            conditions = conditions_of(
                status, failures, too_early=too_early, is_explained=explained
            )
            incidents = update(self.incidents[step.folder], conditions, timestamp(now))
            for each in incidents:
                if each.is_news:
                    is_over = each.over_at is not None
                    self.told.append(Told(self.time.at, step.folder, each.kind, is_over))
            self.incidents[step.folder] = after_sending(incidents)

    def _note_lag(self) -> None:
        at, now = self.time.at, self.time.now()
        passed, self.sampled_at = at - self.sampled_at, at
        troubles = [spell.end for spell in self.world.spells if is_trouble(spell, at)]
        troubles += [since for since, _ in self.world.steps if since == at]
        if troubles:
            self.blameless_at = max(troubles) + A_WINDOW_AND_A_RUN
        is_blameless = at >= self.blameless_at
        for step in self.graph:
            newest = self._newest(step)
            if not newest or not step.policy:
                continue
            lag = judge_lag(step.policy, newest[1].data_time, now)
            is_late = lag.freshness is Freshness.FAIL
            if is_late and is_blameless:
                self.breaches.append(f"{step.folder} {lag.lag} at {now}")
            if step is self.graph[-1]:
                self.lags.append((passed, lag.lag, is_late, is_blameless))


def is_trouble(spell: Spell, at: datetime) -> bool:
    """Whether that is in the way of any run at that time, or of most."""
    is_in_the_way = spell.what not in ("failing", "slow") or spell.share > 0.2
    return is_in_the_way and spell.begin <= at < spell.end


def table(month: Month) -> str:
    """What became of it, for people."""
    total = sum((each for each, *_ in month.lags), timedelta(0))

    def quantile(share: float) -> timedelta:
        passed = timedelta(0)
        for each, lag, *_ in sorted(month.lags, key=lambda sample: sample[1]):
            passed += each
            if passed >= share * total:
                return lag - timedelta(microseconds=lag.microseconds)
        raise AssertionError

    late = sum((each for each, _, is_late, _ in month.lags if is_late), timedelta(0))
    answered = sum((each for each, *_, is_blameless in month.lags if is_blameless), timedelta(0))
    blamed = sum((e for e, _, is_late, ours in month.lags if is_late and ours), timedelta(0))
    ends = Counter(run.end for run in month.runs)
    made = Counter(key for run in month.runs for key in run.made)
    told = Counter("over" if told.is_over else "begun" for told in month.told)
    rows = [
        ("lag, median", quantile(0.5)),
        ("lag, 90 %", quantile(0.9)),
        ("lag, 99 %", quantile(0.99)),
        ("lag, most", quantile(1)),
        ("late, of all the time", f"{late / total:.2%}"),
        ("late, while the API answered", f"{blamed / answered:.2%}"),
        ("runs started", len(month.runs)),
        ("tries wasted", ends["failed"] + ends["killed"]),
        ("windows made", len(made)),
        ("windows made again", sum(count > 1 for count in made.values())),
        ("alerts", f"{told['begun']} begun, {told['over']} over"),
    ]
    return "\n".join(f"{what:<30}{value!s:>22}" for what, value in rows)


def eventful(begin: datetime, seed: int = 1) -> World:
    """A month in which all of it happens, each some days after the last, at a drawn minute."""
    drawn = random.Random(seed)

    def spell(what: str, day: int, hour: float, hours: float, share: float = 0.0) -> Spell:
        # The two that are to begin in a run stay.
        late = timedelta(seconds=0 if what in ("off", "asleep") else drawn.randrange(1200))
        start = begin + timedelta(days=day, hours=hour) + late
        return Spell(what, start, start + timedelta(hours=hours), share)

    def at(day: int, hour: float) -> datetime:
        return begin + timedelta(days=day, hours=hour)

    return World(
        begin,
        begin + timedelta(days=30),
        spells=(
            spell("down", 1, 9.05, 1 / 6),
            spell("down", 2, 9.05, 1),
            spell("down", 3, 20.05, 6),  # over midnight
            spell("failing", 5, 0, 24, 0.1),
            spell("failing", 7, 8, 12, 0.5),
            spell("slow", 9, 8, 6),
            spell("off", 11, 23.02, 8),
            spell("asleep", 13, 23.03, 8),
            spell("asleep", 14, 12.005, 1),  # in a run
            spell("off", 15, 12.004, 0.1),  # in a run
            spell("paused", 17, 10.02, 5),
            spell("down", 18, 23.66, 0.5),  # as a day begins
            spell("down", 27, 9.05, 1 / 6),
        ),
        steps=((at(20, 14.7), timedelta(hours=1)), (at(22, 14.7), -timedelta(hours=1))),
        changes=(at(24, 9.07), at(25, 9.12)),
        prunes=(at(26, 3), at(28, 3)),
        seed=seed,
    )


if __name__ == "__main__":
    for graph in (OURS, ROLL_UP):
        month = Month(eventful(datetime(2026, 11, 1)), graph).live()
        print(", ".join(step.folder for step in graph), table(month), "", sep="\n")
        print(*month.breaches[:10], sep="\n")
