"""The replica as a command: it serves until it is told to stop."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import NoReturn

from hn_luigi.replica.errors import ReplicaError
from hn_luigi.replica.faults import ALL_KINDS, Faults
from hn_luigi.replica.front_page import FrontPage
from hn_luigi.replica.server import Replica

__all__ = ["main"]

STOPS = (signal.SIGINT, signal.SIGTERM)

EXAMPLE = """\
example:
  hn-replica --port 8080 --latency-ms 50 --error-rate 0.05 --faults 5xx,reset,truncated
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; the first line of output is the address.

    Args:
        arguments: the command line without its first word; None takes the process's own.

    Returns:
        0 when told to stop, 2 (by ``SystemExit``, with one line on stderr) when what was asked
        for cannot be served.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        faults = _faults(options)
        page = FrontPage.read(options.snapshot) if options.snapshot else FrontPage.bundled()
        replica = Replica(page, latency=options.latency_ms / 1000, faults=faults, port=options.port)
        with _held(STOPS), replica:
            print(f"Replica of the Hacker News API: {replica.base_url}", flush=True)
            signal.sigwait(STOPS)
    except ReplicaError as error:
        parser.error(str(error))
    return 0


@contextmanager
def _held(signals: Collection[signal.Signals]) -> Iterator[None]:
    """Keep signals from interrupting: a handler may not take the locks that the next one needs.

    What came meanwhile is dropped at the end, and the mask, which children inherit, is put back.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        yield
    finally:
        while came := signal.sigpending() & set(signals):
            signal.sigwait(came)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _OneLineParser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")


def _parser() -> argparse.ArgumentParser:
    parser = _OneLineParser(
        prog="hn-replica",
        description="Serve a copy of the Hacker News API on 127.0.0.1.",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--port", type=int, default=0, metavar="P", help="where to listen (0: a free port)")
    add("--latency-ms", type=_milliseconds, default=0.0, metavar="N", help="delay of each answer")
    add("--error-rate", type=float, metavar="R", help="share of faulty requests, 0.0 to 1.0")
    add("--faults", metavar="KIND,KIND", help=f"which faults: {', '.join(ALL_KINDS)} (all of them)")
    add("--seed", type=int, default=0, metavar="N", help="other requests fail (0)")
    add("--snapshot", metavar="FILE", help="a front page as .json, or a captured stories .parquet")
    return parser


def _milliseconds(text: str) -> float:
    value = float(text)
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is no delay: give milliseconds, 0 or more")
    return value


def _faults(options: argparse.Namespace) -> Faults:
    if options.faults is not None and options.error_rate is None:
        raise ReplicaError("--faults says which, not how often: add --error-rate 0.1, say")
    kinds = ALL_KINDS if options.faults is None else tuple(options.faults.split(","))
    return Faults(rate=options.error_rate or 0.0, kinds=kinds, seed=options.seed)


if __name__ == "__main__":
    sys.exit(main())
