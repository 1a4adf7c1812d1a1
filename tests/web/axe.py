"""axe-core, Deque's, which finds what bars people from a page."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

_SCRIPT = Path(__file__).parents[2] / ".venv/axe/node_modules/axe-core/axe.min.js"
_RUN = """() => axe.run().then(({violations}) => violations
  .filter(({impact}) => impact == "serious" || impact == "critical")
  .flatMap(({id, nodes}) => nodes.map((node) => `${id}: ${node.html}: ${node.failureSummary}`)))"""


@cache
def axe() -> str:
    """The script; where there is none, the test is skipped."""
    if not _SCRIPT.is_file():
        pytest.skip("there is no axe-core: run .ci/install-servers")
    return _SCRIPT.read_text()


def barriers(page) -> list[str]:
    """What is serious or critical about a page as it is laid out and coloured now."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe())  # the page's policy allows no script tag
    return page.evaluate(_RUN)
