"""What all pages have in common: they read storage in a thread of its own, and explain errors."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import Any, TypeVar

from luigi.scheduler import Scheduler
from tornado.web import HTTPError, RequestHandler

from hn_luigi import formatting
from hn_luigi.assets import AssetError
from hn_luigi.assets.operations import window
from hn_luigi.strangers import plain
from hn_luigi.web import urls
from hn_luigi.web.asset_views import asked
from hn_luigi.web.refresh_views import LineView, line_views, pauses, seconds_to_look
from hn_luigi.web.refresher import Refresher
from hn_luigi.web.runs import Run, Runs

# In whole seconds, for refresh.js, and for <meta http-equiv="refresh"> where no JavaScript runs.
SECONDS_TO_REFRESH = 2
SECONDS_TO_LOOK_AGAIN = 30
_Value = TypeVar("_Value")


class Page(RequestHandler):
    """What all pages have in common."""

    def initialize(
        self, scheduler: Scheduler, runs: Runs, reader: Executor, refresher: Refresher | None
    ) -> None:
        """Take what is shared."""
        self.scheduler, self.runs, self.reader = scheduler, runs, reader
        self.refresher = refresher

    def set_default_headers(self) -> None:
        """Have a browser ask again, and keep nothing."""
        self.set_header("Cache-Control", "no-store")

    def get_template_namespace(self) -> dict[str, Any]:
        """What templates may call."""
        return {
            **super().get_template_namespace(),
            "page_url": urls.page_url,
            "run_url": urls.run_url,
            "now": window.now(),
            "refresh": None,
            "refreshes": self.refresher is not None,
            "trouble": self.refresher.trouble if self.refresher else "",
            "tone": None,
            "more_folders": (),
            "isolated": plain,
            "formatting": formatting,
        }

    async def head(self, *args: str, **kwargs: str) -> None:
        """What GET has, of which Tornado sends the headers alone."""
        if (answer := self.get(*args, **kwargs)) is not None:
            await answer

    async def read(self, question: Callable[[], _Value]) -> _Value:
        """The answer to ``question``, which asks storage, without holding up workers' calls.

        Raises:
            AssetError: for whatever else it raises, which comes of the code of a watched class.
        """

        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.reader, asked, question)

    async def refreshed(self) -> list[LineView]:
        """What comes next of each line of the watch list; none if this server refreshes none."""
        if self.refresher is None:
            return []
        since = await self.read(pauses)
        return line_views(self.refresher.plans, since, window.now(), self.refresher.troubles)

    def other_run(self, lines: Sequence[LineView]) -> Run | None:
        """The first run that is under way, unless ``lines`` tell of it."""
        told = {line.run for line in lines}
        return next((run for run in self.runs.under_way if run.id not in told), None)

    def seconds_to_look(self, lines: Sequence[LineView]) -> int:
        """When a page that tells of ``lines`` looks again, while nothing is under way."""
        return seconds_to_look(lines, window.now(), SECONDS_TO_REFRESH, SECONDS_TO_LOOK_AGAIN)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Say what is wrong, in words."""
        error = kwargs.get("exc_info", (None, None))[1]
        what = _REASONS.get(status_code, "Something went wrong; see the server's log.")
        if isinstance(error, AssetError):
            self.set_status(503)
            what = str(error)
        self.render("error.html", what=what, status=self.get_status())

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Log what isn't an error of the assets, which the page explains."""
        if not isinstance(value, AssetError):
            super().log_exception(typ, value, tb)


_REASONS = {
    400: "The link or form is incomplete.",
    403: "This form has expired; reload the page.",
    404: "There is no such page.",
    405: "This page doesn't accept such a request.",
}


class NotFound(Page):
    """Any other URL."""

    def prepare(self) -> None:
        """Say so."""
        raise HTTPError(404)
