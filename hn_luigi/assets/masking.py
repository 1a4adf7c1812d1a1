"""What is a secret in a text, and the text without it.

By its form: the user and password in an address, its query, what an ``Authorization`` header
gives. By its value: what the environment holds under a name that says so. More is known to who
reads the configuration, see ``log_secrets``. It takes the standard library alone, since
``scripts/refresher`` loads this file by its path, and shares it with no ``luigi``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote, unquote, urlsplit

MASK = "…"
_USER = re.compile(r"""(?<=://)[^\s/"<>]*@""")
_QUERY = re.compile(r"""(?<=[\w/])\?(?=[^\s"')]*=)[^\s"')]+""")
_QUERY_OF_URL = re.compile(r"""(://[^\s?"'<>]*)\?[^\s"')]+""")
_AUTHORIZATION = re.compile(r"""(?i)(authorization\W{1,6}(?:basic|bearer|token)\s+)[^\s'",]+""")
_SECRET_NAME = re.compile(
    r"(?i)token(?!s)|secret|passw|passphrase|(?:^|[_-])pass$|(?:api|access|account|storage|private)_?key$"
    r"|connection_string|sas(?:_token)?$|webhook|alert_urls"
)
_CONNECTION = re.compile(r"(?i)(?:key|signature|password|pwd|token)=([^;\s]+)")
"""The secrets in a connection string, as Azure has them."""
_SHORTEST = 6
"""Characters of a value that is masked: shorter ones are in half of all lines by chance."""
_SHORTEST_PIECE = 8
"""Characters of a piece of an address that may be its token, such as one in its path."""


class Mask:
    """Takes secrets out of texts: those that show by their form, and some known values."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        spellings = {each for value in values for each in _spellings(value)}
        longest_first = sorted(spellings, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, longest_first))) if spellings else None

    def __call__(self, text: str) -> str:
        """``text`` without them."""
        if self._known is not None:
            text = self._known.sub(MASK, text)
        if "://" in text or "?" in text:
            text = by_form(text)
        return _AUTHORIZATION.sub(rf"\1{MASK}", text) if "uthorization" in text else text


def by_form(text: str) -> str:
    """``text`` without the users, passwords and queries of its addresses."""
    text = _USER.sub(MASK, text)
    return _QUERY.sub(MASK, _QUERY_OF_URL.sub(rf"\1{MASK}", text))


def of_environment(environment: Mapping[str, str]) -> Iterator[str]:
    """The secrets that variables hold: passwords in addresses, and what a name says is one."""
    for name, value in environment.items():
        yield from of_setting(name, value)


def of_setting(name: str, value: str) -> Iterator[str]:
    """The secrets in ``value``, which stands under ``name``."""
    is_secret = _SECRET_NAME.search(name) is not None
    for word in value.split() if "://" in value else ():
        yield from passwords_in(word)
        if is_secret:
            yield from pieces_of(word)
    if is_secret and not value.startswith("/"):  # a path only leads to a secret
        yield value
        yield from _CONNECTION.findall(value)


def passwords_in(url: str) -> Iterator[str]:
    """The password of an address; where it has a user alone, that is the secret."""
    try:
        parts = urlsplit(url)
        secret = parts.password or ("" if parts.password is not None else parts.username)
    except ValueError:
        return
    if secret:
        yield unquote(secret)


def pieces_of(url: str) -> Iterator[str]:
    """What of an address that is a secret as a whole may be its token: all but a host's name."""
    for piece in re.split(r"[/:@?&=#,+]+", url.partition("://")[2]):
        if len(piece) >= _SHORTEST_PIECE and not re.fullmatch(r"[\d.]+|[\w-]+(\.[\w-]+)+", piece):
            yield unquote(piece)


def _spellings(value: str) -> Iterator[str]:
    """``value`` as it is, and as addresses, ``repr`` and JSON write it."""
    if len(value.strip()) >= _SHORTEST:
        value = value.strip()
        yield from (value, quote(value, safe=""), repr(value)[1:-1], json.dumps(value)[1:-1])
