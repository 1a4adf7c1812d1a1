"""The pages under ``/assets``: Tornado's handlers, which read storage in a thread of their own.

They need no JavaScript and ask no other host; what may change anything is a form with a token.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from typing import Any, TypeVar
from urllib.parse import quote

from luigi.scheduler import Scheduler
from tornado.iostream import StreamClosedError
from tornado.routing import URLSpec
from tornado.web import Application, HTTPError, RequestHandler

from hn_luigi import formatting
from hn_luigi.assets import Asset, AssetError
from hn_luigi.assets.operations import in_words, is_called, masked, values_over_time, window
from hn_luigi.display import STYLE, Output, kind_of, plot, show_detail, show_output
from hn_luigi.strangers import plain
from hn_luigi.watchlist import watched
from hn_luigi.web import urls, views
from hn_luigi.web.headers import NOTHING, StaticFiles, with_policy
from hn_luigi.web.run_job import SCOPES, RunRequest
from hn_luigi.web.runs import Runs
from hn_luigi.web.scheduler_tasks import running_tasks

_HERE = os.path.dirname(__file__)
_logger = logging.getLogger("hn_luigi.web")
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
# Pages load again by <meta http-equiv="refresh">, in whole seconds, and so need no JavaScript.
_SECONDS_TO_REFRESH = 2
_SECONDS_TO_LOOK_AGAIN = 30
_CHUNK = 1 << 20
_Value = TypeVar("_Value")


def application(scheduler: Scheduler, runs: Runs) -> Application:
    """The pages, beside ``scheduler``, whose runs they start by ``runs``.

    They allow a browser next to nothing.
    """
    # One thread: Luigi's cache of instances isn't made for several, and storage that is slow must
    # not hold up workers, whose calls the main thread answers: measured, one takes 1.3 ms while ten
    # people watch, and 1.5 ms alone.
    shared = {"scheduler": scheduler, "runs": runs, "reader": ThreadPoolExecutor(1)}
    pages = Application(
        [
            URLSpec(r"/assets/?", Overview, shared),
            URLSpec(rf"{urls.OUTPUTS}(?P<key>.+)", Download, shared),
            URLSpec(r"/assets/(?P<name>[^_].*?)/?", AssetPage, shared),
            URLSpec(r"/runs", StartRun, shared),
            URLSpec(r"/runs/(?P<number>\d{1,9})", RunPage, shared),
            URLSpec(r".*", NotFound, shared),
        ],
        template_path=os.path.join(_HERE, "templates"),
        static_path=os.path.join(_HERE, "static"),
        static_url_prefix=urls.STATIC,
        static_handler_class=PageFiles,
        xsrf_cookies=True,
        xsrf_cookie_name="hn_luigi_xsrf",  # browsers send a Jupyter's _xsrf of another port too
        xsrf_cookie_kwargs={"httponly": True, "samesite": "Strict"},
        compress_response=True,
        default_handler_class=NotFound,
        default_handler_args=shared,
    )
    return with_policy(pages, _POLICY)


class PageFiles(StaticFiles):
    """What pages look like; the style of outputs is that of another room."""

    @classmethod
    def get_absolute_path(cls, root: str, path: str) -> str:
        """Where the file at ``path`` of the URL is."""
        return os.fspath(STYLE) if path == STYLE.name else super().get_absolute_path(root, path)

    def validate_absolute_path(self, root: str, absolute_path: str) -> str | None:
        """The path of a file that is there; raises HTTPError."""
        is_style = absolute_path == os.fspath(STYLE)
        return super().validate_absolute_path(
            str(STYLE.parent) if is_style else root, absolute_path
        )


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
        return {
            **super().get_template_namespace(),
            "page_url": urls.page_url,
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
        """The answer to ``question``, which asks storage, without holding up workers' calls.

        Raises:
            AssetError: for whatever else it raises, which comes of the code of a watched class.
        """

        def answer() -> _Value:
            try:
                return question()
            except AssetError:
                raise
            except (Exception, SystemExit) as error:  # which would end the server
                _logger.exception("The watched assets can't be asked")
                said = masked(in_words(error))
                raise AssetError(f"The watched assets can't be asked: {said}") from error

        return await asyncio.get_running_loop().run_in_executor(self.reader, answer)

    async def window_view(self, asset: Asset) -> views.WindowView:
        """The window of an asset that the URL names; raises HTTPError."""
        name, running = self.get_query_argument("window", None), running_tasks(self.scheduler)
        view = await self.read(lambda: views.window_view(asset, name, running))
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
    """The graphs of assets, and how each stands."""

    async def get(self) -> None:
        """Draw them."""
        running = running_tasks(self.scheduler)
        graphs = await self.read(lambda: views.graph_views(running))
        busy = self.runs.current or any(graph.is_running for graph in graphs)
        self.render(
            "overview.html",
            graphs=graphs,
            runs=self.runs.last,
            current=self.runs.current,
            refresh=_SECONDS_TO_REFRESH if busy else _SECONDS_TO_LOOK_AGAIN,
        )


class AssetPage(Page):
    """One asset: its output in a window, that window's record, and what became of others."""

    async def get(self, name: str) -> None:
        """Show it, or a detail of it; lead there from another name of it."""
        assets = await self.read(watched)
        asset = urls.asset_in(name, assets)
        if asset is None:
            self.lead_on(name, assets)
            return
        view = await self.window_view(asset)
        folder, window_name = asset.folder, view.name

        def link(to: str) -> str:
            return urls.page_url(folder, window=window_name, detail=to)

        asked, output = self.get_query_argument("detail", None, strip=False), self.output(view)
        if asked is not None and output is not None:
            part = await self.read(lambda: show_detail(asset, output, asked, link))
            if part is None:
                raise HTTPError(404)
            self.render("detail.html", window=view, name=asked, shown=part)
            return
        shown = await self.read(lambda: show_output(asset, output, link)) if output else None
        self.render(
            "asset.html",
            asset=view.asset,
            window=view,
            shown=shown,
            output_url=output and output.url,
            url_of_key=lambda key: urls.url_of_key(key, assets),
            plots={w: plot(points) for w, points in values_over_time(view.events).items()},
            current=self.runs.current,
            refresh=_SECONDS_TO_REFRESH if self.runs.current or view.asset.running else None,
        )

    def output(self, view: views.WindowView) -> Output | None:
        """The output of a window, to be sorted as the URL says; None if it isn't stored."""
        if view.name is None or view.size is None:
            return None
        return Output(
            view.asset.task.dataset,
            view.name,
            view.size,
            sort=self.get_query_argument("sort", None, strip=False),
            sort_url=lambda sort: urls.page_url(view.asset.folder, window=view.name, sort=sort),
            url=urls.output_url(view.asset.task.dataset.partition(view.name).output_key),
        )

    def lead_on(self, name: str, assets: Sequence[Asset]) -> None:
        """Redirect to what is called ``name`` by its class, or let choose; raises HTTPError."""
        query = {key: self.get_query_argument(key) for key in self.request.query_arguments}
        own = {key: query.pop(key, None) for key in ("window", "sort", "detail")}
        found = [
            asset
            for asset in assets
            if is_called(asset, name)
            and all(asset.to_str_params().get(key) == value for key, value in query.items())
        ]
        if not found:
            raise HTTPError(404)
        urls_of_found = {asset.folder: urls.page_url(asset.folder, **own) for asset in found}
        if len(urls_of_found) > 1:
            self.set_status(300)
            self.render("choose.html", found=urls_of_found)
            return
        (url,) = urls_of_found.values()
        self.redirect(url)


class Download(Page):
    """An output as it is stored, to be kept and not shown: it may be anybody's HTML."""

    async def get(self, key: str) -> None:
        """Send it, a part at a time."""
        folder, _, name = key.rpartition("/")
        asset = urls.asset_in(folder, await self.read(watched))
        output = await self.read(lambda: views.output_at(asset, name)) if asset else None
        if output is None:
            raise HTTPError(404)
        self.set_header("Content-Type", kind_of(output.dataset.suffix))
        self.set_header("Content-Security-Policy", f"{NOTHING}; sandbox")
        named = quote(f"{folder.replace('/', '-')}-{name}", safe="")
        self.set_header("Content-Disposition", f"attachment; filename*=UTF-8''{named}")
        if self.request.method == "HEAD":
            return
        file = await self.read(output.open)
        with closing(file), suppress(StreamClosedError):
            while chunk := await self.read(lambda: file.read(_CHUNK)):
                self.write(chunk)
                await self.flush()


class StartRun(Page):
    """The buttons: this asset, this and what it is made from, everything of its graph."""

    async def post(self) -> None:
        """Start a run, or lead to the one that is under way."""
        folder, scope = self.get_body_argument("asset"), self.get_body_argument("scope")
        graph = await self.read(lambda: views.graph_of(folder))
        if graph is None or scope not in SCOPES:
            raise HTTPError(404)
        run = await self.runs.start(RunRequest.of(graph, folder, scope))
        self.redirect(f"/runs/{run.number}", status=303)


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
