"""The pages under ``/assets``: Tornado's handlers, which read storage in a thread of their own.

They need no JavaScript and ask no other host; what may change anything is a form with a token.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar
from urllib.parse import urlencode

from luigi.scheduler import Scheduler
from tornado.routing import URLSpec
from tornado.web import Application, HTTPError, RequestHandler

from hn_luigi import formatting
from hn_luigi.assets import Asset, AssetError
from hn_luigi.assets.operations import FormatError, window
from hn_luigi.hackernews import FEEDS
from hn_luigi.strangers import plain
from hn_luigi.watchlist import GRAPH, kind_named
from hn_luigi.web import render, svg, views
from hn_luigi.web.headers import StaticFiles, careful_transform
from hn_luigi.web.run_job import Order
from hn_luigi.web.runs import Run, Runs
from hn_luigi.web.scheduler_tasks import running

_HERE = os.path.dirname(__file__)
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_SECONDS_TO_REFRESH = 2
_SECONDS_TO_LOOK_AGAIN = 30
_Value = TypeVar("_Value")


def application(scheduler: Scheduler, runs: Runs) -> Application:
    """The pages, beside ``scheduler``, whose runs they start by ``runs``.

    They allow a browser next to nothing.
    """
    # One thread: Luigi's cache of tasks is not made for several, and workers' calls go first.
    shared = {"scheduler": scheduler, "runs": runs, "reader": ThreadPoolExecutor(1)}
    name = r"(?P<name>[a-z_]+)"
    made = Application(
        [
            URLSpec(r"/assets/?", Overview, shared),
            URLSpec(r"/assets/remake", Remake, shared),
            URLSpec(r"/assets/runs/(?P<number>\d{1,9})", RunPage, shared),
            URLSpec(rf"/assets/{name}", AssetPage, shared),
            URLSpec(rf"/assets/{name}/picture\.png", Picture, shared),
            URLSpec(rf"/assets/{name}/word", WordPage, shared),
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
    made.add_transform(careful_transform(_POLICY))  # static files are answers, too
    return made


def address(asset: str, feed: str, /, *more: str, **query: str | None) -> str:
    """Of the page of an asset, or of what ``more`` names below it."""
    chosen = {"feed": feed if feed != "top" else None, **query}
    known = {name: value for name, value in chosen.items() if value is not None}
    path = "/".join(["/assets", asset, *more])
    return f"{path}?{urlencode(known)}" if known else path


class Page(RequestHandler):
    """What all pages have in common."""

    def initialize(self, scheduler: Scheduler, runs: Runs, reader: ThreadPoolExecutor) -> None:
        """Take what is shared."""
        self.scheduler, self.runs, self.reader = scheduler, runs, reader

    def set_default_headers(self) -> None:
        """Have a browser ask again."""
        self.set_header("Cache-Control", "no-store")

    def get_template_namespace(self) -> dict[str, Any]:
        """What templates may call."""
        asked = self.request.query_arguments.get("feed", [b""])[-1].decode(errors="replace")
        return {
            **super().get_template_namespace(),
            "address": address,
            "svg": svg,
            "views": views,
            "of_feed": asked if asked in FEEDS else "top",
            "graph": [views.slug(kind) for kind in GRAPH],
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
        """Of the address; raises HTTPError."""
        feed = self.get_query_argument("feed", "top")
        if feed not in FEEDS:
            raise HTTPError(404)
        return feed

    def kind(self, name: str) -> type[Asset]:
        """The asset that the address names; raises HTTPError."""
        found = kind_named(name)
        if found is None or views.slug(found) != name:
            raise HTTPError(404)
        return found

    async def shown(self, name: str) -> views.Shown:
        """The window of an asset that the address names; raises HTTPError."""
        kind, feed = self.kind(name), self.feed
        at, now = self.get_query_argument("window", None), running(self.scheduler)
        found = await self.read(lambda: views.shown(kind, feed, at, now))
        if found is None:
            raise HTTPError(404)
        return found

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Say what is wrong, in words."""
        error = kwargs.get("exc_info", (None, None))[1]
        what = _REASONS.get(status_code, "Something went wrong here; the log of the server tells.")
        if isinstance(error, AssetError):
            self.set_status(503)
            what = str(error)
        self.render("error.html", what=what, status=self.get_status())

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Log what is not explained."""
        if not isinstance(value, AssetError):
            super().log_exception(typ, value, tb)


_REASONS = {
    400: "This address or form is not whole, or not well-formed.",
    403: "This form is too old, or not from here: go back, load the page again, and press again.",
    404: "There is nothing of that name here.",
    405: "That can't be done with this address.",
}


class NotFound(Page):
    """What no page is at."""

    def prepare(self) -> None:
        """Say so."""
        raise HTTPError(404)


class Overview(Page):
    """The graph of assets, and how each stands."""

    async def get(self) -> None:
        """Draw it."""
        now = running(self.scheduler)
        found = await self.read(lambda: views.lineages(now))
        busy = self.runs.current or any(lineage.is_running for lineage in found)
        self.render(
            "overview.html",
            lineages=found,
            runs=self.runs.last,
            current=self.runs.current,
            refresh=_SECONDS_TO_REFRESH if busy else _SECONDS_TO_LOOK_AGAIN,
        )


class AssetPage(Page):
    """One asset: its output in a window, that window's record, and what became of others."""

    async def get(self, name: str) -> None:
        """Show it."""
        shown = await self.shown(name)
        try:
            content = await self.read(lambda: self._content(shown))
        except FormatError as error:
            content = {"damaged": str(error)}
        plots = {what: svg.plot(p) for what, p in views.points(shown.events).items()}
        self.render(
            "asset.html",
            shown=shown,
            card=shown.card,
            slug=name,
            content=content,
            plots=plots,
            sorted_by=self._sorted_by,
            current=self.runs.current,
            refresh=_SECONDS_TO_REFRESH if self.runs.current or shown.card.running else None,
        )

    @property
    def _sorted_by(self) -> str:
        column = self.get_query_argument("sort", "rank")
        return column if column in render.COLUMNS else "rank"

    def _content(self, shown: views.Shown) -> dict[str, Any]:
        """What there is to see of the output, by what the template calls it."""
        if shown.data is None:
            return {}
        suffix, feed = shown.asset.suffix, shown.card.feed
        if suffix == ".json":
            return {"ids": render.ids_of(shown.data)}
        if suffix == ".parquet":
            stories = render.stories_of(render.frame_of(shown.data))
            return {"stories": render.sort(stories, self._sorted_by)}
        words = _words(shown)

        def link(*place: str, **query: str) -> str:
            return address("wordcloud", feed, *place, window=shown.window, **query)

        def of_word(word: str) -> str:
            return link("word", word=word)

        return {
            "page": render.to_html(shown.data, of_word),
            "picture": link("picture.png"),
            "size": render.size_of(shown.data),
            "rows": words.rows if words else {},
            "areas": words.areas if words else {},
            "of_word": of_word,
        }


class Picture(Page):
    """The cloud of a window as a PNG."""

    async def get(self, name: str) -> None:
        """Send it."""
        shown = await self.shown(name)
        picture = render.picture_of(shown.data) if shown.data else None
        if picture is None or shown.asset.suffix != ".md":
            raise HTTPError(404)
        self.set_header("Content-Type", "image/png")
        self.finish(picture)


class WordPage(Page):
    """The stories behind a word of a window's cloud."""

    async def get(self, name: str) -> None:
        """List them."""
        shown = await self.shown(name)
        word = self.get_query_argument("word")
        found = await self.read(lambda: _stories_with(shown, word))
        if found is None:
            raise HTTPError(404)
        self.render("word.html", shown=shown, slug=name, word=word, stories=found)


class Remake(Page):
    """The buttons: this asset, this and what it is made from, everything."""

    async def post(self) -> None:
        """Start a run, or lead to the one that is under way."""
        kind = self.kind(self.get_body_argument("asset"))
        feed, scope = self.get_body_argument("feed"), self.get_body_argument("scope")
        if feed not in FEEDS or scope not in ("one", "upstream", "all"):
            raise HTTPError(404)
        upstream = GRAPH[: GRAPH.index(kind) + 1]
        make = GRAPH[-1] if scope == "all" else kind
        again = {"one": (kind,), "upstream": upstream, "all": GRAPH}[scope]
        names = tuple(each.__name__ for each in again)
        run = await self.runs.start(Order(feed, make.__name__, names))
        self.redirect(f"/assets/runs/{run.number}", status=303)


class RunPage(Page):
    """A run that was started here: its log, and how it ended."""

    async def get(self, number: str) -> None:
        """Show it."""
        try:
            run: Run = self.runs[int(number)]
        except KeyError:
            raise HTTPError(404) from None
        refresh = _SECONDS_TO_REFRESH // 2 if run.code is None else None
        self.render("run.html", run=run, refresh=refresh)


def _words(shown: views.Shown) -> render.Words | None:
    """The words of the page shown, None if it isn't stored with what it was made of."""
    if shown.window is None or shown.asset.suffix != ".md":
        return None
    try:
        return render.words_behind(shown.asset, shown.window)
    except FormatError:
        return None


def _stories_with(shown: views.Shown, word: str) -> list[render.Story] | None:
    words = _words(shown)
    if words is None or word not in words.rows:
        return None
    return render.stories_of(words.stories, words.rows[word])
