"""What is a secret in a text, and the text without it.

By its form: the user and password in an address, its query, what an ``Authorization`` header
gives, what follows such a name as ``password=``. By its value: what the environment holds under a
name that says so. Who reads the configuration knows more: see ``log_masking``. It takes the
standard library alone, since ``scripts/refresher`` loads this file by its path.
"""

# Two others look for secrets, and stay apart. staleness/target_name leaves out user names, too, and
# what it leaves becomes part of data versions: with these expressions, stored assets would be made
# again. hackernews/transport knows one kind of text, urllib3's, and nothing of this layer.

from __future__ import annotations

import json
import re
from bisect import insort
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote, unquote, urlsplit

MASK = "…"
_ADDRESS = re.compile(r"""://[^\s"<>]+""")
_NO_PORT = re.compile(r"[^/:@?#\[]*:(?!\d*(?:[/?#]|$))")
"""A user's name and what is no port, so that a slash that follows is in a password."""
_QUERY = re.compile(r"""\?[^\s"')]+""")
_QUERY_OF_PATH = re.compile(r"""(?<=[\w/])\?[^\s"')]+""")
_IS_NO_PROSE = r"(?=\S{0,15}\d|\S{16})"
_HEADER = re.compile(
    r"""(?i)(authorization["']?\s?[:=,]\s?b?["']?)"""
    rf"""(?:(?=(?:basic|bearer|token|digest|negotiate|sharedkey)\s)|{_IS_NO_PROSE})[^"'\r\n\\]+"""
)
_NAMED = re.compile(
    r"""(?i)((?:cookie|token|secret|password|passwd|(?:api|access|account)[_-]?key|signature)"""
    rf"""(?:["']?=b?["']?|["']\s?[:,]\s?b?["']|:\s?{_IS_NO_PROSE}))[^\s"',;)\\]+"""
)
"""A value under a name, as code, JSON, headers and connection strings write it; prose has neither
digits nor such long words after a colon."""
_SECRET_NAME = re.compile(
    r"(?i)token(?!s|iz)|secret|passw|passphrase|(?:^|[_-])pass$|[_-](?:pwd|auth)$"
    r"|(?:api|app|access|account|storage|private|encryption|signing)_?key$"
    r"|connection_string|sas(?:_token)?$|webhook|alert_urls"
)
_CONNECTION = re.compile(r"(?i)(?:key|signature|password|pwd|token)=([^;\s]+)")
"""The secrets in a connection string, as Azure has them."""
# Shorter than any token that a scheduler's server takes (16), longer than "root" or "admin".
_SHORTEST = 6
"""Characters of a value that is masked: shorter ones are in half of all lines by chance."""
_SHORTEST_PIECE = 8
"""Characters of a piece of an address that may be its token, such as one in its path."""


class Mask:
    """Takes secrets out of texts: those that show by their form, and some known values."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        # Or of two secrets, one of which begins with the other, the longer one's end would be left.
        known = {text for value in values for text in _spellings(value)}
        self._longest_first = sorted(known, key=len, reverse=True)

    def add(self, value: str) -> None:
        """Know ``value`` as well."""
        # No expression of them all: to compile one of 100 takes 20 ms, at each of a run's steps
        # that has a private parameter of its own. And a list of its own for who is reading it.
        longest_first = [*self._longest_first]
        for text in {*_spellings(value)}:
            insort(longest_first, text, key=lambda each: -len(each))
        self._longest_first = longest_first

    def __call__(self, text: str) -> str:
        """``text`` without them."""
        for known in self._longest_first:
            text = text.replace(known, MASK)
        return by_form(text)


def by_form(text: str) -> str:
    """``text`` without what shows to be secret by its form."""
    # In time as the text is long: no expression here looks ahead over what it then leaves. A log
    # line may be a page of HTML or a table of a million characters, made by strangers.
    text = _QUERY_OF_PATH.sub(_if_it_has_values, _ADDRESS.sub(_without_user_and_query, text))
    return _NAMED.sub(rf"\1{MASK}", _HEADER.sub(rf"\1{MASK}", text))


def _without_user_and_query(address: re.Match[str]) -> str:
    addresses = address[0].split("://")  # as one may be in another's query
    for number, part in enumerate(addresses):
        user, sign, place = part.rpartition("@")
        if sign and ("/" not in user or _NO_PORT.match(user)):
            addresses[number] = MASK + place
    return _QUERY.sub(MASK, "://".join(addresses), count=1)


def _if_it_has_values(query: re.Match[str]) -> str:
    return MASK if "=" in query[0] else query[0]


def of_environment(environment: Mapping[str, str]) -> Iterator[str]:
    """The secrets that variables hold: passwords in addresses, and what a name says is one."""
    for name, value in environment.items():
        yield from of_setting(name, value)


def of_setting(name: str, value: str) -> Iterator[str]:
    """The secrets in ``value``, which stands under ``name``."""
    is_secret = _SECRET_NAME.search(name) is not None
    # Apprise and database URLs have their secret as user, password, path or query.
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
