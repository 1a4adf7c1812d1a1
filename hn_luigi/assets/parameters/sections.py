"""The sections of ``luigi.cfg`` that hold settings, checked before anything runs."""

from __future__ import annotations

from configparser import InterpolationError, InterpolationSyntaxError

import luigi

from hn_luigi.assets.luigi_internals.command_line import command_line, refuse

SECTIONS: list[type[luigi.Config]] = []
"""All that declare a parameter of ours, in the order of their loading."""

_checked_for: object | None = None


def add_section(section: type[luigi.Config]) -> None:
    """Have ``section`` be checked with the others."""
    if section not in SECTIONS:
        SECTIONS.append(section)


def check_sections() -> bool:
    """Refuse a bad setting before anything runs, once for a command line.

    Returns:
        Whether this was the first call for a command line.
    """
    # Luigi has no moment at which a command line is read and nothing was made yet: this is called
    # as the first task is. Its parser is another each time that it parses the line, thrice a run.
    global _checked_for
    current = command_line()
    if current is None or current is _checked_for:
        return False
    _checked_for = current
    check_settings()
    return True


def check_settings() -> None:
    """Refuse a bad setting in a line that names it, which Luigi's own error hides.

    A section without flags is left to the commands that read it: its secrets may be set for cron
    alone. So is one that leaves its name to a user's, of which the values may be.
    """
    for section in SECTIONS:
        if getattr(section, "has_flags", True) and section._visible_in_registry:
            check_section(section)


def check_section(section: type[luigi.Config]) -> None:
    """Refuse a bad setting of ``section``, as ``check_settings`` does."""
    try:
        section()
    except (ValueError, InterpolationError) as error:  # such as a lone %, or an unset ${X}
        cause = error.__cause__ or error
        text = _unset(cause) if isinstance(cause, InterpolationError) else str(cause)
        where = "" if text.startswith("[") else f"[{section.__name__}]: "
        refuse(where + text, cause=error)


# configparser's own message has the whole value in it ("Raw value: …").
def _unset(error: InterpolationError) -> str:
    """What is wrong with a value in the configuration, without the value: it may be a secret."""
    if isinstance(error, InterpolationSyntaxError):
        return f"'%' must be followed by '%' or '(' in {error.option}: write %% for a percent sign"
    return (
        f"{error.option} refers to something that is not set: set the environment variable or "
        "the setting that it names, or write %% for a percent sign"
    )
