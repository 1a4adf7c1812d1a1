"""``/runs``: the buttons that start runs, and a page for each run."""

from __future__ import annotations

from tornado.web import HTTPError

from hn_luigi.assets.operations import window
from hn_luigi.web.asset_views import graph_of
from hn_luigi.web.page import SECONDS_TO_REFRESH, Page
from hn_luigi.web.run_job import SCOPES, RunRequest


class StartRun(Page):
    """The buttons: this asset, this and what it is made from, everything of its graph."""

    async def post(self) -> None:
        """Start a run, or lead to the one that is under way."""
        folders, scope = self.get_body_arguments("asset"), self.get_body_argument("scope")
        name = self.get_body_argument("window", None)
        if not folders:
            raise HTTPError(400)
        graph = await self.read(lambda: graph_of(folders))
        if graph is None or scope not in SCOPES or (name is not None and not window.is_name(name)):
            raise HTTPError(404)
        run = await self.runs.start(RunRequest.of(graph, folders, scope, name))
        self.redirect(f"/runs/{run.number}", status=303)


class RunPage(Page):
    """A run that was started here: its log, and how it ended."""

    async def get(self, number: str) -> None:
        """Show it."""
        try:
            run = self.runs[int(number)]
        except KeyError:
            raise HTTPError(404) from None
        refresh = SECONDS_TO_REFRESH // 2 if run.code is None else None
        self.render("run.html", run=run, refresh=refresh)
