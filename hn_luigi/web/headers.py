"""What every answer tells a browser, whoever makes it: to be careful with it."""

from __future__ import annotations

from typing import Any

from tornado.httputil import HTTPHeaders, HTTPServerRequest
from tornado.web import Application, HTTPError, OutputTransform, StaticFileHandler

NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""The policy of an answer that is text alone."""
# Luigi's own answers carry none of these, so that any page could frame the visualiser, and a text
# that a worker chose could pass for a script.
_CAREFUL = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def careful(policy: str = NOTHING) -> dict[str, str]:
    """The headers of an answer with that Content-Security-Policy."""
    return {"Content-Security-Policy": policy, **_CAREFUL}


class StaticFiles(StaticFileHandler):
    """Tornado's (6.6.1), which answers 500 to a path that no file can have."""

    def validate_absolute_path(self, root: str, absolute_path: str) -> str | None:
        """The path of a file that is there; raises HTTPError."""
        try:
            return super().validate_absolute_path(root, absolute_path)
        except (OSError, ValueError):
            # A path that is too long, or has a NUL: os.stat raises, and Tornado lets it.
            raise HTTPError(404) from None


def with_policy(application: Application, policy: str = NOTHING) -> Application:
    """``application``, all of whose answers have the headers, files and errors included."""
    # A transform, since headers that a handler sets are lost when Tornado answers an error, and
    # Luigi's handlers aren't ours to change.
    application.add_transform(_careful_transform(policy))
    return application


def _careful_transform(policy: str) -> type[OutputTransform]:
    """Adds ``careful`` to all answers of an application, handlers that we didn't write included."""

    class Careful(OutputTransform):
        def __init__(self, request: HTTPServerRequest) -> None:
            pass

        def transform_first_chunk(
            self, status_code: int, headers: HTTPHeaders, chunk: bytes, finishing: bool
        ) -> Any:
            for name, value in careful(policy).items():
                headers.setdefault(name, value)
            return status_code, headers, chunk

    return Careful
