"""The class of our parameters: it hears of a command line, and takes an empty flag for a value."""

from __future__ import annotations

from typing import Any

import luigi


class Flag(luigi.Parameter[Any]):
    """A parameter that Luigi's command line treats as such."""

    @classmethod
    def command_line_begins(cls) -> None:
        """Called before ``luigi`` parses a flag or makes a task."""

    @classmethod
    def _parser_kwargs(cls, *args: Any, **kwargs: Any) -> Any:
        # Luigi (CmdlineParser._build_parser) asks each parameter that is known for its argparse
        # arguments, before it parses anything, and calls nothing else of ours until then. Not at
        # the import instead: that is to change nothing of others' logging.
        cls.command_line_begins()
        return super()._parser_kwargs(*args, **kwargs)  # type: ignore[no-untyped-call]

    def _parse_or_no_value(self, x: str | None) -> Any:
        # Luigi takes an empty flag for one that wasn't given: `--storage-root "$ROOT"` with an
        # unset variable would write to the default root. Ours is asked what it makes of nothing.
        # Of a root task's own flags (`--feed`) it drops empty ones before a parameter is asked.
        return super()._parse_or_no_value(x) if x is None else self.parse(x)  # type: ignore[no-untyped-call]
