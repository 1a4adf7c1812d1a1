"""Whoever asks: a browser, a worker, or somebody who writes requests by hand."""

from __future__ import annotations

import json
import socket
from http.client import HTTPMessage, HTTPResponse
from http.cookies import SimpleCookie
from typing import NamedTuple
from urllib.parse import urlencode

from ..limits import patience
from .document import Element, parsed, require_harmless


class Answer(NamedTuple):
    """What the server said."""

    status: int
    headers: HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def page(self) -> Element:
        """The page that it is, which is harmless."""
        page = parsed(self.text)
        require_harmless(page)
        return page

    @property
    def cookie(self) -> str:
        """The cookie it sets, as it is sent back."""
        cookies = SimpleCookie(self.headers.get("Set-Cookie", ""))
        return "; ".join(f"{name}={cookie.value}" for name, cookie in cookies.items())


def send(port: int, request: bytes, host: str = "127.0.0.1", source: str = "") -> Answer:
    """What a server answers to the very bytes ``request``, from any or that ``source``."""
    with socket.create_connection((host, port), patience(), (source, 0)) as connection:
        connection.sendall(request)
        with HTTPResponse(connection, method=request.split(b" ", 1)[0].decode()) as response:
            response.begin()
            return Answer(response.status, response.headers, response.read())


class Client:
    """Whatever asks the server on a port; with no headers but those that are given."""

    def __init__(self, port: int, **headers: str) -> None:
        self.port = port
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def ask(self, method: str, path: str, headers=None, body: bytes = b"") -> Answer:
        """Ask for ``path`` as it is; a header that is None is left out."""
        return send(self.port, self.head(method, path, headers, body) + body)

    def head(self, method: str, path: str, headers=None, body: bytes = b"") -> bytes:
        """What is sent before ``body``."""
        said = {"Host": self.host, "Connection": "close", **self.headers, **(headers or {})}
        if body:
            said["Content-Length"] = str(len(body))
        lines = [f"{name}: {value}\r\n" for name, value in said.items() if value is not None]
        return f"{method} {path} HTTP/1.1\r\n{''.join(lines)}\r\n".encode()

    def get(self, path: str, **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.ask("GET", path, named)

    def post(self, path: str, headers=None, **fields: str) -> Answer:
        """Send a form."""
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.ask("POST", path, {**kind, **(headers or {})}, urlencode(fields).encode())

    def page(self, path: str, status: int = 200) -> Element:
        """The page at ``path``, which is harmless and has that status."""
        answer = self.get(path)
        assert answer.status == status, answer.text
        return answer.page

    def press(self, asset: str, scope: str = "one") -> Answer:
        """Load the page of an asset, and press one of its buttons."""
        seen = self.get(f"/assets/{asset}")
        form = parsed(seen.text).one("form", class_="run-buttons")
        fields = {field["name"]: field["value"] for field in form.all("input")}
        said = {"Cookie": seen.cookie, "Origin": f"http://{self.host}"}
        return self.post(form["action"], said, **fields, scope=scope)


def data(**arguments: object) -> str:
    """The query of a call of the scheduler's API."""
    return urlencode({"data": json.dumps(arguments)})
