"""Luigi's visualiser: its own files and pages, mended where a browser or a person would stumble."""

from __future__ import annotations

import base64
import hashlib
import os
import re
from contextlib import suppress
from typing import Any

import luigi.server
from luigi.scheduler import Scheduler
from luigi.task_history import NopHistory
from tornado.routing import AnyMatches, PathMatches, Rule, URLSpec
from tornado.web import Application, RequestHandler

from hn_luigi.web.headers import StaticFiles, with_policy

# The visualiser links to the assets, and asks no other host for its typeface.
_TABS = '<ul class="nav navbar-nav" id="topNavbar">'
_LINK = '<li><a href="/assets">Assets</a></li>'
_FILES = os.path.join(os.path.dirname(luigi.server.__file__), "static")
_STYLE = "lib/AdminLTE/css/AdminLTE.min.css"
_NO_HISTORY = (
    "This scheduler keeps no history of tasks. That of an asset is on its page, see /assets, and "
    "shown by hn-luigi history.\n"
)
_NOT_IN_HISTORY = (
    "The history of tasks has nothing of that kind, or can't be read: the server's log tells.\n"
)
_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def rules(scheduler: Scheduler) -> list[Rule]:
    """What answers all that is Luigi's own but its API, with a link to the assets."""
    page = _file("index.html")
    policy = policy_of(page)
    style = re.sub(r"@import url\([^)]*\);?", "", _file(_STYLE))
    amended = [
        _amended("index.html", "text/html", page.replace(_TABS, f"{_TABS}{_LINK}"), policy),
        _amended(_STYLE, "text/css", style, policy),
    ]
    if isinstance(scheduler.task_history, NopHistory):  # Luigi's handlers take another for granted
        answer = {"text": _NO_HISTORY, "kind": "text/plain", "status": 404}
        history = with_policy(Application([URLSpec(r".*", _Fixed, answer)]))
        amended.append(Rule(PathMatches(r"/(history|tasklist)(/.*)?"), history))
    static = Application([URLSpec(r"/static/(.*)", StaticFiles, {"path": _FILES})])
    return [
        *amended,
        Rule(PathMatches(r"/static/.*"), with_policy(static, policy)),
        Rule(AnyMatches(), with_policy(_without_errors(luigi.server.app(scheduler)), policy)),
    ]


def policy_of(page: str) -> str:
    """The Content-Security-Policy of Luigi's visualiser.

    Its own files alone are loaded, and the scripts within ``page``, its HTML, run as they are
    now, by their hash. Attributes may style, which the templates and libraries of Luigi 3.8.1 do
    (widths of bars, positions in the graph); nothing else of what is inserted takes effect.
    """
    digests = (hashlib.sha256(text.encode()).digest() for text in _SCRIPT.findall(page))
    hashes = "".join(f" 'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    return (
        f"default-src 'none'; script-src 'self'{hashes}; style-src 'self'; "
        "style-src-attr 'unsafe-inline'; img-src 'self'; font-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def _without_errors(application: Application) -> Application:
    """``application``, Luigi's, whose pages of a history fail at what is not in it."""
    for rule in application.wildcard_router.rules:
        if issubclass(rule.target, luigi.server.BaseTaskHistoryHandler):
            rule.target = type(rule.target.__name__, (_Explained, rule.target), {})
    return application


class _Explained(RequestHandler):
    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Of what is asked for by a name or number, that it isn't there."""
        if status_code == 500:
            self.set_status(404 if self.path_args else 503)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(_NOT_IN_HISTORY)


def _file(path: str) -> str:
    """A file of the visualiser, empty where Luigi has none of that name."""
    with (
        suppress(FileNotFoundError),
        open(os.path.join(_FILES, "visualiser", path), encoding="utf-8") as file,
    ):
        return file.read()
    return ""


def _amended(path: str, kind: str, text: str, policy: str) -> Rule:
    """A rule that serves ``text`` in place of a file of the visualiser."""
    application = Application([URLSpec(r".*", _Fixed, {"text": text, "kind": kind})])
    matches = PathMatches(re.escape(f"/static/visualiser/{path}"))
    return Rule(matches, with_policy(application, policy))


class _Fixed(RequestHandler):
    def initialize(self, text: str, kind: str, status: int = 200) -> None:
        self._text, self._kind, self._status = text, kind, status

    def get(self) -> None:
        self.set_status(self._status)
        self.set_header("Content-Type", f"{self._kind}; charset=utf-8")
        self.finish(self._text)

    head = get
