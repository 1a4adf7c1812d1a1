"""Who may ask the server for what: its own user, who has its token, and no page of another site.

Luigi's scheduler trusts whoever reaches it: its API changes state by GET, whatever the Host and
Origin, and its workers import and run what it hands them. A page from anywhere could use it
through the browser of somebody here, by a form, a script or an image, or by a name of its own
that it has point to this machine (DNS rebinding). What a browser says of itself can't be forged
by a page: Host, Origin, Sec-Fetch-Site (Fetch Metadata, W3C), User-Agent, and that no foreign
page can add a header without being allowed to.

What isn't allowed is answered before its body is read, see ``refusals``.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import logging
import re
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qsl, urlencode, urlsplit

from tornado.httputil import HTTPServerRequest
from tornado.routing import Router

from hn_luigi.assets.operations import scheduler_token
from hn_luigi.web.guesses import SECONDS, Guesses
from hn_luigi.web.refusals import Refusal, Refused

if TYPE_CHECKING:
    from tornado.http1connection import HTTP1Connection

    from hn_luigi.web.connections import Connection

LARGEST_CALL = 16 << 20
"""Bytes of a call of the API; a task that requires 50,000 others takes 5 million."""
LARGEST_FORM = 64 << 10
"""Bytes of all else: a button's form takes a few hundred."""
_VARIABLE = scheduler_token.VARIABLE
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_HOST = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<name>[^:/@\[\]]+))(?::\d+)?")
_OF_PROXIES = ("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip")
_BASIC = {"WWW-Authenticate": f'Basic realm="{scheduler_token.REALM}", charset="UTF-8"'}
_BY_ITSELF = "X-Refresh"
"""What refresh.js sends."""
_ASKS = (
    "This server asks for its token as a password. Whoever runs the server finds it in the file "
    "`token` beside the server's state, .luigid/token unless told otherwise, or has set it by "
    f"{_VARIABLE}. In a browser, give it as the password, under any name, or add ?token=TOKEN to "
    "the address. Workers that import hn_luigi find it in .luigid/token of the folder they run "
    f"in, or take it from {_VARIABLE}; others need it in their scheduler's address, as in "
    "scheduler_url = http://luigi:TOKEN@HOST:PORT."
)
_FOREIGN = "This request comes from another site's page."
_logger = logging.getLogger("hn_luigi.web")


class Guard(Router):
    """Hands on to ``inner`` what is allowed, and answers the rest.

    The token is given as a link's ``?token=``, which sets a cookie and leads to the address
    without it, or as the password of HTTP's Basic authentication, under any name, as a browser
    asks for and ``scheduler_url = http://luigi:TOKEN@host`` sends. Who gives it may ask by any
    name of the server; who needn't, by a name of this machine's loopback alone.

    Args:
        inner: whom to hand on to.
        token: what opens.
        cookie_key: what nobody knows, for a token that somebody chose: cookies are looked at
            without a brake, and one could be made of each token that is guessed.
        trusts_owner: whether this server's own user needs no token.
        port: which the server listens on.
        guesses: the wrong tokens so far; none by default.
    """

    def __init__(
        self,
        inner: Router,
        token: str,
        *,
        cookie_key: str = "",
        trusts_owner: bool = False,
        port: int = 0,
        guesses: Guesses | None = None,
    ) -> None:
        self._inner = inner
        self._token = token.encode()
        self._trusts_owner = trusts_owner
        self._cookie_key = hmac.digest(cookie_key.encode(), self._token, hashlib.sha256)
        self._cookie = f"hn_luigi_{port}"
        self._guesses = guesses or Guesses()

    def find_handler(self, request: HTTPServerRequest, **kwargs: Any) -> Any:
        """Who answers ``request``."""
        connection = cast("Connection", request.server_connection)
        refused = self._refusal(request, connection) or _too_large(request)
        if refused is None:
            connection.answering = True
            return self._inner.find_handler(request, **kwargs)
        if refused.status >= 400:
            asked = f"{request.method} {request.path[:100]}"
            _logger.warning("%s to %s: %a", refused.status, connection.client, asked)
        return Refused(request, refused)

    def _refusal(self, request: HTTPServerRequest, connection: Connection) -> Refusal | None:
        linked = _linked(request)
        guess = _password(request) if linked is None else linked
        if guess and _is_of_a_foreign_page(request):  # which could use up this user's guesses
            return Refusal(403, _FOREIGN)
        has_cookie = self._has_cookie(request)
        is_owner = self._trusts_owner and connection.is_the_owners and not _is_handed_on(request)
        is_let_in = has_cookie or is_owner
        if guess and not is_let_in and self._guesses.are_too_many(connection.client):
            wait = {"Retry-After": str(SECONDS)}
            return Refusal(429, "Too many wrong tokens: try again in a minute.", wait)
        is_right = guess is not None and self._is_token(guess)
        if not (is_let_in or is_right):
            delay = self._guesses.note(connection.client) if guess else 0
            # A browser would ask the person for a password whenever a page in some tab looks again.
            asks = {"WWW-Authenticate": "Token"} if _BY_ITSELF in request.headers else _BASIC
            return Refusal(401, _ASKS, asks, delay)
        if reason := refusal(request, by_any_name=has_cookie or is_right):
            return Refusal(403, reason)
        if linked is not None:
            cookie = self._cookies_value(request) if is_right and not is_owner else ""
            return self._led_on(request, cookie)
        return None

    def _is_token(self, given: bytes) -> bool:
        return bool(given) and hmac.compare_digest(given, self._token)

    def _has_cookie(self, request: HTTPServerRequest) -> bool:
        given = request.cookies.get(self._cookie)
        right = self._cookies_value(request)
        return given is not None and hmac.compare_digest(given.value.encode(), right.encode())

    def _cookies_value(self, request: HTTPServerRequest) -> str:
        """What opens for one user of this machine, or for other machines.

        It isn't the token itself, and opens to nobody else where the kernel tells whose a
        connection is.
        """
        # Measured in Chromium: a cookie of one port of localhost is sent to all the others, which
        # may be another user's servers. Neither SameSite nor HttpOnly binds it to a port, and no
        # attribute does.
        uid = cast("Connection", request.server_connection).uid
        return hmac.digest(self._cookie_key, f"cookie of {uid}".encode(), hashlib.sha256).hex()

    def _led_on(self, request: HTTPServerRequest, cookie: str) -> Refusal:
        """Lead to the address without the token, which stays in no history and no Referer."""
        query = [pair for pair in parse_qsl(request.query) if pair[0] != "token"]
        path = "/" + request.path.lstrip("/\\")  # of two slashes a browser makes another host
        headers = {"Location": f"{path}?{urlencode(query)}" if query else path}
        if cookie:
            headers["Set-Cookie"] = f"{self._cookie}={cookie}; Path=/; HttpOnly; SameSite=Strict"
        return Refusal(303, "It is at another address.", headers)


def refusal(request: HTTPServerRequest, *, by_any_name: bool = False) -> str:
    """Why ``request`` is not answered, empty if it is."""
    headers = request.headers
    host = headers.get("Host", "")
    if not by_any_name and _name_in(host) not in scheduler_token.LOOPBACK:
        return "This server answers to 127.0.0.1 and localhost only."
    origin = headers.get("Origin")
    if origin is not None and _host_of(origin) != host.lower():
        return _FOREIGN
    is_call = request.path.startswith("/api/")
    acts = is_call or request.method not in _SAFE
    if (acts and not _is_ours(request)) or _is_of_a_foreign_page(request):
        return _FOREIGN
    # A page of another site can have a browser send a GET without an Origin, as for an image. The
    # visualiser's calls are jQuery's, with a header that such a page can't add without a CORS
    # preflight, which isn't answered. Workers aren't browsers, and needn't have it.
    by_a_browser = headers.get("User-Agent", "").startswith("Mozilla/")
    if is_call and by_a_browser and headers.get("X-Requested-With") != "XMLHttpRequest":
        return "The scheduler's API is for workers and for the visualiser."
    return ""


def _is_ours(request: HTTPServerRequest) -> bool:
    """Whether, as far as is told, a page of ours or the person at the browser asks."""
    return request.headers.get("Sec-Fetch-Site", "same-origin") in ("same-origin", "none")


def _is_of_a_foreign_page(request: HTTPServerRequest) -> bool:
    """Whether a page of another site asks, and not the person who follows its link."""
    return not _is_ours(request) and request.headers.get("Sec-Fetch-Dest") != "document"


def _too_large(request: HTTPServerRequest) -> Refusal | None:
    """Refuses a body by the length that it tells, and limits one that tells none."""
    most = LARGEST_CALL if request.path.startswith("/api/") else LARGEST_FORM
    cast("HTTP1Connection", request.connection).set_max_body_size(most)
    length = request.headers.get("Content-Length", "")
    if length.isdecimal() and (len(length) > 18 or int(length) > most):
        return Refusal(413, f"This request is too large: send {most} bytes at most.")
    return None


def _host_of(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return None


def _name_in(host: str) -> str:
    match = _HOST.fullmatch(host)
    return (match["six"] or match["name"]).lower() if match else ""


def _is_handed_on(request: HTTPServerRequest) -> bool:
    """Whether a proxy, which may be the owner's, asks for somebody else."""
    return any(name in request.headers for name in _OF_PROXIES)


def _password(request: HTTPServerRequest) -> bytes | None:
    """Of Basic authentication."""
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        return base64.b64decode(given, validate=True).partition(b":")[2]
    except (binascii.Error, ValueError):
        return None


def _linked(request: HTTPServerRequest) -> bytes | None:
    """The token in the address of a page."""
    if request.method not in ("GET", "HEAD") or request.path.startswith("/api/"):
        return None
    tokens = request.query_arguments.get("token")
    return tokens[-1] if tokens else None
