"""Luigi's visualiser: its own files and pages, mended where a browser or a person would stumble.

What is mended is that of Luigi 3.8.1. A file that has another text by then is served as it is: the
link to the assets would be missing, and nothing else.
"""

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

_TABS = '<ul class="nav navbar-nav" id="topNavbar">'
_LINK = '<li><a href="/assets">Assets</a></li>'
_FILES = os.path.join(os.path.dirname(luigi.server.__file__), "static")
# Imports a typeface from fonts.googleapis.com, which would learn who looks at which page, and when.
_STYLE = "lib/AdminLTE/css/AdminLTE.min.css"
_NO_HISTORY = (
    "This scheduler keeps no task history. The history of an asset is on its page under /assets, "
    "and in hn-luigi history.\n"
)
_NOT_IN_HISTORY = "The task history has no such entry, or can't be read: see the server's log.\n"
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
    # Luigi's handlers take a history in a database for granted, and answer 500 without one.
    if isinstance(scheduler.task_history, NopHistory):
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
    now, by their hash; nothing of what is inserted into it runs.
    """
    # The visualiser puts what workers said into its page by jQuery's .html(). That is escaped on
    # its way in; the policy is for what isn't, such as the state that an older server has left.
    # Style attributes are allowed, since its templates and D3 set widths and positions by them.
    digests = (hashlib.sha256(text.encode()).digest() for text in _SCRIPT.findall(page))
    hashes = "".join(f" 'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    return (
        f"default-src 'none'; script-src 'self'{hashes}; style-src 'self'; "
        "style-src-attr 'unsafe-inline'; img-src 'self'; font-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def _without_errors(application: Application) -> Application:
    """``application``, which is Luigi's, with words for what its task history doesn't hold."""
    # With a history that is kept, an id or name that isn't in it raises in Luigi's handlers, and
    # so does SQLAlchemy 2 (spotify/luigi 3227) and a database that can't be read.
    for rule in application.wildcard_router.rules:
        if issubclass(rule.target, luigi.server.BaseTaskHistoryHandler):
            rule.target = type(rule.target.__name__, (_Explained, rule.target), {})
    return application


class _Explained(RequestHandler):
    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Say that there is no such entry, or that the history can't be read."""
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
