"""``hn-luigi``: what ``luigi`` itself doesn't offer, on the command line."""

from __future__ import annotations

from hn_luigi.cli.app import cli, main

__all__ = ["cli", "main"]
