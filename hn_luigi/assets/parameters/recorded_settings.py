"""Settings as records hold them, so that a changed one shows and a secret one doesn't."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import luigi

from hn_luigi.assets.errors import FormatError
from hn_luigi.assets.formats.json_format import json_values
from hn_luigi.assets.luigi_internals.parameter_values import is_private
from hn_luigi.assets.parameters import private_digest
from hn_luigi.assets.parameters.kinds import Checked
from hn_luigi.assets.parameters.private_values import mask_value
from hn_luigi.assets.parameters.value_text import text_of


def settings_of(config: luigi.Config, *names: str) -> dict[str, Any]:
    """The values of ``config``'s settings called ``names``, or all, by ``section.name``.

    What is no JSON value is given as its parameter's text. One that is not public, or may hold a
    password, is given as a digest.

    Raises:
        FormatError: the parameter has no text for it that would tell it from others.
    """
    section = type(config).__name__
    parameters = dict(type(config).get_params())
    values: Mapping[str, Any] = config.param_kwargs
    return {
        f"{section}.{name}": _recorded(parameters[name], values[name], setting=f"{section}.{name}")
        for name in names or values
    }


def _recorded(parameter: luigi.Parameter[Any], value: Any, *, setting: str) -> Any:
    """``value`` of ``parameter`` as a record holds it; see ``settings_of``."""
    plain = _json_value_or_text(parameter, value)
    if plain is _NEITHER:
        raise FormatError(
            f"the setting {setting} isn't a JSON value, and its parameter can't turn it into text "
            "and back: use another parameter, or have settings() return what shapes the output"
        )
    if is_private(parameter):
        mask_value(value)
    elif not (isinstance(parameter, Checked) and parameter.holds_secret(value)):
        return plain
    return private_digest.digest(json.dumps(plain), setting=setting)


def _json_value_or_text(parameter: luigi.Parameter[Any], value: Any) -> Any:
    """Text where JSON has no form for it."""
    # Only a text that gives the value back: luigi.TimeDeltaParameter's (3.8.1) is short of the
    # microseconds, by which two settings would be one; text_of has all of them.
    with suppress(FormatError):
        return json_values({"": value}, what="it")[""]
    with suppress(Exception):  # whatever a parameter of somebody's own makes of its own text
        text = parameter.serialize(value)
        if isinstance(text, str) and parameter.normalize(parameter.parse(text)) == value:
            return text
    return text_of(value) or _NEITHER


_NEITHER = object()
