"""The pages under ``/assets``: Tornado's handlers, which read storage in a thread of their own.

They need no JavaScript and ask no other host; what may change anything is a form with a token.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from luigi.scheduler import Scheduler
from tornado.routing import URLSpec
from tornado.web import Application, HTTPError, RequestHandler

from hn_luigi import formatting
from hn_luigi.assets import Asset, AssetError
from hn_luigi.assets.operations import FormatError, window
from hn_luigi.hackernews import FEEDS
from hn_luigi.strangers import plain
from hn_luigi.watchlist import GRAPH
from hn_luigi.web import render, svg, urls, views
from hn_luigi.web.headers import StaticFiles, with_policy
from hn_luigi.web.markdown_html import picture_of
from hn_luigi.web.run_job import RunRequest
from hn_luigi.web.runs import Runs
from hn_luigi.web.scheduler_tasks import running_tasks
from hn_luigi.web.story_table import COLUMNS

_HERE = os.path.dirname(__file__)
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
# Pages load again by <meta http-equiv="refresh">, in whole seconds, and so need no JavaScript.
_SECONDS_TO_REFRESH = 2
_SECONDS_TO_LOOK_AGAIN = 30
_Value = TypeVar("_Value")


def application(scheduler: Scheduler, runs: Runs) -> Application:
    """The pages, beside ``scheduler``, whose runs they start by ``runs``.

    They allow a browser next to nothing.
    """
    # One thread: Luigi's cache of instances isn't made for several, and storage that is slow must
    # not hold up workers, whose calls the main thread answers: measured, one takes 1.3 ms while ten
    # people watch, and 1.5 ms alone.
    shared = {"scheduler": scheduler, "runs": runs, "reader": ThreadPoolExecutor(1)}
    slug = r"(?P<slug>[a-z_]+)"
    pages = Application(
        [
            URLSpec(r"/assets/?", Overview, shared),
            URLSpec(r"/assets/runs", StartRun, shared),
            URLSpec(r"/assets/runs/(?P<number>\d{1,9})", RunPage, shared),
            URLSpec(rf"/assets/{slug}", AssetPage, shared),
            URLSpec(rf"/assets/{slug}/picture\.png", Picture, shared),
            URLSpec(rf"/assets/{slug}/word", WordPage, shared),
            URLSpec(r".*", NotFound, shared),
        ],
        template_path=os.path.join(_HERE, "templates"),
        static_path=os.path.join(_HERE, "static"),
        static_url_prefix="/assets/static/",
        static_handler_class=StaticFiles,
        xsrf_cookies=True,
        xsrf_cookie_name="hn_luigi_xsrf",  # browsers send a Jupyter's _xsrf of another port too
        xsrf_cookie_kwargs={"httponly": True, "samesite": "Strict"},
        compress_response=True,
        default_handler_class=NotFound,
        default_handler_args=shared,
    )
    return with_policy(pages, _POLICY)


class Page(RequestHandler):
    """What all pages have in common."""

    def initialize(self, scheduler: Scheduler, runs: Runs, reader: ThreadPoolExecutor) -> None:
        """Take what is shared."""
        self.scheduler, self.runs, self.reader = scheduler, runs, reader

    def set_default_headers(self) -> None:
        """Have a browser ask again, and keep nothing."""
        self.set_header("Cache-Control", "no-store")

    def get_template_namespace(self) -> dict[str, Any]:
        """What templates may call."""
        asked = self.request.query_arguments.get("feed", [b""])[-1].decode(errors="replace")
        return {
            **super().get_template_namespace(),
            "page_url": urls.page_url,
            "url_of_key": urls.url_of_key,
            "svg": svg,
            "chosen_feed": asked if asked in FEEDS else urls.DEFAULT_FEED,
            "slugs": [urls.slug_of(known) for known in GRAPH],
            "now": window.now(),
            "refresh": None,
            "isolated": plain,
            "formatting": formatting,
        }

    async def head(self, *args: str, **kwargs: str) -> None:
        """What GET has, of which Tornado sends the headers alone."""
        if (answer := self.get(*args, **kwargs)) is not None:
            await answer

    async def read(self, question: Callable[[], _Value]) -> _Value:
        """The answer to ``question``, which asks storage, without holding up workers' calls."""
        return await asyncio.get_running_loop().run_in_executor(self.reader, question)

    @property
    def feed(self) -> str:
        """The feed that the URL names; raises HTTPError."""
        feed = self.get_query_argument("feed", urls.DEFAULT_FEED)
        if feed not in FEEDS:
            raise HTTPError(404)
        return feed

    def asset_class(self, slug: str) -> type[Asset]:
        """The asset that the URL names; raises HTTPError."""
        known = urls.class_of(slug)
        if known is None:
            raise HTTPError(404)
        return known

    async def window_view(self, slug: str) -> views.WindowView:
        """The window of an asset that the URL names; raises HTTPError."""
        asset_class, feed = self.asset_class(slug), self.feed
        name, running = self.get_query_argument("window", None), running_tasks(self.scheduler)
        view = await self.read(lambda: views.window_view(asset_class, feed, name, running))
        if view is None:
            raise HTTPError(404)
        return view

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


class Overview(Page):
    """The graph of assets, and how each stands."""

    async def get(self) -> None:
        """Draw it."""
        running = running_tasks(self.scheduler)
        feeds = await self.read(lambda: views.feed_views(running))
        busy = self.runs.current or any(feed.is_running for feed in feeds)
        self.render(
            "overview.html",
            feeds=feeds,
            runs=self.runs.last,
            current=self.runs.current,
            refresh=_SECONDS_TO_REFRESH if busy else _SECONDS_TO_LOOK_AGAIN,
        )


class AssetPage(Page):
    """One asset: its output in a window, that window's record, and what became of others."""

    async def get(self, slug: str) -> None:
        """Show it."""
        view = await self.window_view(slug)
        column = self.get_query_argument("sort", "rank")
        sorted_by = column if column in COLUMNS else "rank"
        try:
            content = await self.read(lambda: render.content_of(view, sorted_by=sorted_by))
        except FormatError as error:
            content = {"damaged": str(error)}
        values = views.values_over_time(view.events)
        self.render(
            "asset.html",
            asset=view.asset,
            window=view,
            content=content,
            plots={what: svg.plot(points) for what, points in values.items()},
            sorted_by=sorted_by,
            current=self.runs.current,
            refresh=_SECONDS_TO_REFRESH if self.runs.current or view.asset.running else None,
        )


class Picture(Page):
    """The cloud of a window as a PNG."""

    async def get(self, slug: str) -> None:
        """Send it."""
        view = await self.window_view(slug)
        picture = picture_of(view.data) if view.data else None
        if picture is None or view.asset.task.suffix != ".md":
            raise HTTPError(404)
        self.set_header("Content-Type", "image/png")
        self.finish(picture)


class WordPage(Page):
    """The stories behind a word of a window's cloud."""

    async def get(self, slug: str) -> None:
        """List them."""
        view = await self.window_view(slug)
        word = self.get_query_argument("word")
        stories = await self.read(lambda: render.stories_with(view, word))
        if stories is None:
            raise HTTPError(404)
        self.render("word.html", asset=view.asset, window=view, word=word, stories=stories)


class StartRun(Page):
    """The buttons: this asset, this and what it is made from, everything."""

    async def post(self) -> None:
        """Start a run, or lead to the one that is under way."""
        asset_class = self.asset_class(self.get_body_argument("asset"))
        feed, scope = self.get_body_argument("feed"), self.get_body_argument("scope")
        if feed not in FEEDS or scope not in ("one", "upstream", "all"):
            raise HTTPError(404)
        upstream = GRAPH[: GRAPH.index(asset_class) + 1]
        target = GRAPH[-1] if scope == "all" else asset_class
        again = {"one": (asset_class,), "upstream": upstream, "all": GRAPH}[scope]
        names = tuple(known.__name__ for known in again)
        run = await self.runs.start(RunRequest(feed, target.__name__, names))
        self.redirect(f"/assets/runs/{run.number}", status=303)


class RunPage(Page):
    """A run that was started here: its log, and how it ended."""

    async def get(self, number: str) -> None:
        """Show it."""
        try:
            run = self.runs[int(number)]
        except KeyError:
            raise HTTPError(404) from None
        refresh = _SECONDS_TO_REFRESH // 2 if run.code is None else None
        self.render("run.html", run=run, refresh=refresh)
