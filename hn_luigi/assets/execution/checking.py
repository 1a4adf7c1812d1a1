"""The checks of one output: what they find, and whether it may be published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hn_luigi.assets.checks.check import Check, Severity, checks_of
from hn_luigi.assets.definition import AssetDefinition
from hn_luigi.assets.errors import CheckFailed, in_words
from hn_luigi.assets.formats.json_format import json_values
from hn_luigi.assets.luigi_internals.expected_errors import logger
from hn_luigi.assets.secrets.log_masking import masked
from hn_luigi.assets.window import WindowName
from hn_luigi.assets.window_length import ALWAYS


@dataclass(frozen=True)
class CheckedOutput:
    """What is recorded of the checks of an output that may be published."""

    warnings: dict[str, str] = field(default_factory=dict)
    """What is wrong, by the name of the check."""
    reported: dict[str, Any] = field(default_factory=dict)
    """What the checks report for the next output to be compared with."""


def check_output(asset: AssetDefinition, value: Any) -> CheckedOutput:
    """Check what ``compute`` returned; raises CheckFailed if it must not be published."""
    checks = checks_of(asset.checks)
    errors = [check for check in checks if check.severity is Severity.ERROR]
    wrong = problems_of(errors, value, {})  # errors don't compare
    if wrong:
        said = "; ".join(f"the check {name} found: {problem}" for name, problem in wrong.items())
        raise CheckFailed(
            f"{asset} is not published, and what was stored stays: {said}. "
            "Correct what it is made from, or compute, or the check",
            check=", ".join(wrong),
            # What the outside world said may be right the next time; another compute on the same
            # inputs returns the same.
            final=not asset.capture,
        )
    # Not before: a rule that warns may then lean on those that refuse, such as on the columns.
    warns = [check for check in checks if check.severity is Severity.WARN]
    last = last_metadata(asset, warns, before=asset.partition.window)
    warnings = problems_of(warns, value, last)
    reported: dict[str, Any] = {}
    for check in checks:
        try:
            facts = {} if check.reports is None else check.reports(value)
            reported |= json_values(facts, what=f"what the check {check.name} reports")
        except Exception as error:
            warnings.setdefault(check.name, masked(in_words(error)))
    for name, problem in warnings.items():
        logger.warning("%s: the check %s warns: %s", asset, name, problem)
    return CheckedOutput(warnings, reported)


def problems_of(checks: Sequence[Check], value: Any, last: Mapping[str, Any]) -> dict[str, str]:
    """What those of ``checks`` that fail say is wrong with ``value``, by their names."""
    found = {check.name: check.problem_of(value, last) for check in checks}
    return {name: masked(problem) for name, problem in found.items() if problem}


def last_metadata(
    asset: AssetDefinition, checks: Sequence[Check], *, before: WindowName
) -> dict[str, Any]:
    """What the newest window before that one reported, if one of ``checks`` compares with it."""
    # Not the last one that was made: a window that is remade would be compared with itself, and
    # one of the past with what came after it. What has no windows has only the last one.
    if not any(check.takes_last for check in checks):
        return {}
    record = asset.dataset.newest_made(before=None if asset.as_of == ALWAYS else before)
    return {} if record is None else dict(record.metadata)
