"""The replica as a command: it serves until it is told to stop."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import NoReturn

from hn_luigi.replica.errors import ReplicaError
from hn_luigi.replica.faults import ALL_KINDS, Faults
from hn_luigi.replica.server import Replica
from hn_luigi.replica.snapshot import bundled_front_page, read_front_page

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
        page = read_front_page(options.snapshot) if options.snapshot else bundled_front_page()
        replica = Replica(page, latency=options.latency_ms / 1000, faults=faults, port=options.port)
        with _held(STOPS), replica:
            print(f"Replica of the Hacker News API: {replica.base_url}", flush=True)
            signal.sigwait(STOPS)
    except ReplicaError as error:
        parser.error(str(error))
    return 0


@contextmanager
def _held(signals: Collection[signal.Signals]) -> Iterator[None]:
    """Block signals, so that ``sigwait`` takes them.

    A handler that sets an event was rejected: a second signal can come while the first holds the
    event's lock, and would wait for it forever. Signals still pending at the end are dropped, and
    the mask, which children inherit, is put back.
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
    kinds = ", ".join(ALL_KINDS)
    add = parser.add_argument
    add("--port", type=int, default=0, metavar="P", help="port to listen on (default: a free one)")
    add("--latency-ms", type=_milliseconds, default=0.0, metavar="N", help="delay of each response")
    add("--error-rate", type=float, metavar="R", help="share of requests that fail, 0.0 to 1.0")
    add("--faults", metavar="KIND,KIND", help=f"how they fail (default: all): {kinds}")
    add("--seed", type=int, default=0, metavar="N", help="changes which requests fail (default: 0)")
    add("--snapshot", metavar="FILE", help="front page: .json, or a past run's stories .parquet")
    return parser


def _milliseconds(text: str) -> float:
    # argparse would quote this function's name at what float() refuses.
    with suppress(ValueError):
        if 0 <= (value := float(text)) < float("inf"):
            return value
    raise argparse.ArgumentTypeError(f"invalid delay {text!r}: give milliseconds, 0 or more")


def _faults(options: argparse.Namespace) -> Faults:
    if options.faults is not None and options.error_rate is None:
        raise ReplicaError("--faults needs --error-rate: add --error-rate 0.1, for example")
    kinds = ALL_KINDS if options.faults is None else tuple(options.faults.split(","))
    return Faults(rate=options.error_rate or 0.0, kinds=kinds, seed=options.seed)


if __name__ == "__main__":
    sys.exit(main())
