"""Who may ask the server for what: against pages of others that a browser here has open.

Luigi's scheduler trusts whoever reaches it: its API changes state by GET, whatever the Host and
Origin. A page from anywhere could use it through the browser of somebody here, by a form, a
script or an image, or by a name of its own that it has point to this machine (DNS rebinding).
What a browser says of itself can't be forged by a page: Host, Origin, Sec-Fetch-Site (Fetch
Metadata, W3C), User-Agent, and that no foreign page can add a header without being allowed to.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from typing import Any
from urllib.parse import urlsplit

from tornado.httputil import HTTPServerRequest
from tornado.routing import Router
from tornado.web import Application, RequestHandler

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_FRAMES = frozenset({"embed", "frame", "iframe", "object"})
_HOST = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<name>[^:/@\[\]]+))(?::\d+)?")


class Guard(Router):
    """Hands on to ``inner`` what is allowed, and answers the rest.

    With a token, whoever asks must give it as the password of HTTP's Basic authentication, under
    any name, as a browser asks for and ``scheduler_url = http://luigi:TOKEN@host`` sends.
    Without one, the server must be asked for by a name of this machine's loopback.
    """

    def __init__(self, inner: Router, token: str = "") -> None:
        self._inner = inner
        self._token = token

    def find_handler(self, request: HTTPServerRequest, **kwargs: Any) -> Any:
        """Who answers ``request``."""
        if self._token and not _knows(self._token, request):
            headers = {"WWW-Authenticate": 'Basic realm="hn_luigi", charset="UTF-8"'}
            return _refuse(request, 401, "This server asks for its token as a password.", headers)
        if reason := refusal(request, by_any_name=bool(self._token)):
            return _refuse(request, 403, reason, {})
        return self._inner.find_handler(request, **kwargs)


def refusal(request: HTTPServerRequest, *, by_any_name: bool = False) -> str:
    """Why ``request`` is not answered, empty if it is."""
    headers = request.headers
    host = headers.get("Host", "")
    if not by_any_name and _name_in(host) not in LOOPBACK:
        return "This server answers to 127.0.0.1 and localhost only."
    origin = headers.get("Origin")
    if origin is not None and _host_of(origin) != host.lower():
        return "This request comes from a page of another site."
    is_call = request.path.startswith("/api/")
    acts = is_call or request.method not in _SAFE
    framed = headers.get("Sec-Fetch-Dest") in _FRAMES
    is_ours = headers.get("Sec-Fetch-Site", "same-origin") in ("same-origin", "none")
    if (acts or framed) and not is_ours:
        return "This request comes from a page of another site."
    # A foreign page can have a browser send a GET without an Origin; the visualiser's say more.
    by_a_browser = headers.get("User-Agent", "").startswith("Mozilla/")
    if is_call and by_a_browser and headers.get("X-Requested-With") != "XMLHttpRequest":
        return "The scheduler's API is for workers and for the visualiser."
    return ""


def _host_of(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return None


def _name_in(host: str) -> str:
    found = _HOST.fullmatch(host)
    return (found["six"] or found["name"]).lower() if found else ""


def _knows(token: str, request: HTTPServerRequest) -> bool:
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "basic":
        return False
    try:
        password = base64.b64decode(given, validate=True).partition(b":")[2]
    except (binascii.Error, ValueError):
        return False
    return hmac.compare_digest(password, token.encode())


def _refuse(request: HTTPServerRequest, status: int, reason: str, headers: dict[str, str]) -> Any:
    arguments = {"status": status, "reason": reason, "headers": headers}
    return Application([(r".*", _Refusal, arguments)]).find_handler(request)


class _Refusal(RequestHandler):
    def initialize(self, status: int, reason: str, headers: dict[str, str]) -> None:
        self._answer = status, reason, headers

    def prepare(self) -> None:
        status, reason, headers = self._answer
        self.set_status(status)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        for name, value in headers.items():
            self.set_header(name, value)
        self.finish(f"{reason}\n")
