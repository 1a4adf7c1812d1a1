"""Settings of a command line, over the configuration's: here, and in processes begun from here."""

from __future__ import annotations

import json
import os
from typing import cast

from luigi.configuration import get_config

VARIABLE = "HN_LUIGI_SETTINGS"
"""The variable by which such a process is told: others see a process's arguments."""
_ATTRIBUTE = "hn_luigi_overrides"


def override(section: str, name: str, value: str) -> None:
    """Set ``[section] name`` over luigi.cfg and the environment's."""
    # A parser of configuration takes a lone % for the begin of an interpolation
    # (configparser.BasicInterpolation, which Luigi's builds on).
    get_config().set(section, name, value.replace("%", "%%"))
    _overrides().setdefault(section, {})[name] = value


def overrides_for_child() -> dict[str, str]:
    """What to add to the environment of a process, which reads the rest of the settings anew."""
    return {VARIABLE: json.dumps(_overrides())}


def inherit_overrides() -> None:
    """Take over what the process set that began this one."""
    for section, values in json.loads(os.environ.get(VARIABLE, "{}")).items():
        for name, value in values.items():
            override(section, name, value)


def _overrides() -> dict[str, dict[str, str]]:
    # Of the parser, since another one knows nothing of them.
    return cast(dict[str, dict[str, str]], vars(get_config()).setdefault(_ATTRIBUTE, {}))
