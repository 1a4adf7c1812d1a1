"""``/assets/FOLDER``: an asset in a window, details of it, and its output to be kept."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing, suppress
from urllib.parse import quote

from tornado.iostream import StreamClosedError
from tornado.web import HTTPError

from hn_luigi.assets import Asset, AssetError
from hn_luigi.assets.operations import is_called, values_over_time
from hn_luigi.display import Output, kind_of, plot, show_detail, show_output
from hn_luigi.watchlist import BrokenLine, watched_or_broken
from hn_luigi.web import urls
from hn_luigi.web.asset_views import graph_view_of
from hn_luigi.web.headers import NOTHING
from hn_luigi.web.page import SECONDS_TO_REFRESH, Page
from hn_luigi.web.scheduler_tasks import running_tasks
from hn_luigi.web.window_view import WindowView, output_at, window_view

_CHUNK = 1 << 20
_MOST_FAILURES = 20
"""Failed attempts at one window that are told of beside the last; ``hn-luigi history`` has all."""


class AssetPage(Page):
    """One asset: its output in a window, that window's record, and what became of others."""

    async def get(self, name: str) -> None:
        """Show it, or a detail of it; lead there from another name of it."""
        assets, broken = await self.read(watched_or_broken)
        asset = urls.asset_in(name, assets)
        if asset is None:
            self.lead_on(name, assets, broken)
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
        running = running_tasks(self.scheduler)
        graph = await self.read(lambda: graph_view_of(asset, assets, running))
        all_lines = await self.refreshed()
        lines = sorted(
            (line for line in all_lines if folder in line.assets),
            key=lambda line: line.folder != folder,
        )
        looks_again = self.seconds_to_look(lines) if lines else None
        is_busy = self.runs.current or view.asset.running
        self.render(
            "asset.html",
            at=view,
            lines=lines,
            graph=graph,
            scopes=scopes_of(view),
            most_failures=_MOST_FAILURES,
            tone=view.asset.standing.tone,
            shown=shown,
            output_url=output and output.url,
            url_of_key=lambda key: urls.url_of_key(key, assets),
            plots={w: plot(points) for w, points in values_over_time(view.records).items()},
            current=self.other_run(all_lines),
            refresh=SECONDS_TO_REFRESH if is_busy else looks_again,
        )

    async def window_view(self, asset: Asset) -> WindowView:
        """The window of an asset that the URL names; raises HTTPError."""
        name, running = self.get_query_argument("window", None), running_tasks(self.scheduler)
        view = await self.read(lambda: window_view(asset, name, running))
        if view is None:
            raise HTTPError(404)
        return view

    def output(self, view: WindowView) -> Output | None:
        """The output of a window, to be sorted as the URL says; None if it isn't stored."""
        if view.size is None:
            return None
        folder = view.asset.folder
        return Output(
            view.asset.task.dataset,
            view.name,
            view.size,
            sort=self.get_query_argument("sort", None, strip=False),
            all_rows=self.get_query_argument("rows", None) == "all",
            table_url=lambda sort, all_rows: urls.page_url(
                folder, window=view.name, sort=sort, rows="all" if all_rows else None
            ),
            url=urls.output_url(view.asset.task.dataset.partition(view.name).output_key),
        )

    def lead_on(self, name: str, assets: Sequence[Asset], broken: Sequence[BrokenLine]) -> None:
        """Redirect to what is called ``name`` by its class, or let choose.

        Raises:
            HTTPError: nothing is.
            AssetError: the same, but it may be of one of the ``broken`` lines.
        """
        query = {key: self.get_query_argument(key) for key in self.request.query_arguments}
        own = {key: query.pop(key, None) for key in ("window", "sort", "rows", "detail")}
        found = [
            asset
            for asset in assets
            if is_called(asset, name)
            and all(asset.to_str_params().get(key) == value for key, value in query.items())
        ]
        if not found and broken:
            raise AssetError("; ".join(line.error for line in broken))
        if not found:
            raise HTTPError(404)
        urls_of_found = {asset.folder: urls.page_url(asset.folder, **own) for asset in found}
        if len(urls_of_found) > 1:
            self.set_status(300)
            self.render("choose.html", found=urls_of_found)
            return
        (url,) = urls_of_found.values()
        self.redirect(url)


def scopes_of(view: WindowView) -> list[tuple[str, str, str]]:
    """What can be asked of a run for the window that is shown, or else for the present one.

    Each as ``run_buttons.html`` has it: a scope, what the button says, and what it does.
    """
    if view.is_chosen:
        again = "" if view.size is None else " again"
        return [("one", f"Materialize this window{again}", "and what it lacks for that")]
    again = " again" if view.asset.status.staleness.current else ""
    return [
        ("one", f"Materialize{again}", "the present window, and what it lacks for that"),
        ("upstream", "With all that it is made from", "made again, current or not"),
        ("all", "With all that hangs together with it", "made again, current or not"),
    ]


class Download(Page):
    """An output as it is stored, to be kept and not shown: it may be anybody's HTML."""

    async def get(self, key: str) -> None:
        """Send it, a part at a time."""
        folder, _, name = key.rpartition("/")
        assets, _ = await self.read(watched_or_broken)
        asset = urls.asset_in(folder, assets)
        output = await self.read(lambda: output_at(asset, name)) if asset else None
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
