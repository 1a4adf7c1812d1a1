"""``/runs``: the buttons that start runs, what ran when, and a page for each run."""

from __future__ import annotations

from datetime import datetime, timedelta

from tornado.web import HTTPError

from hn_luigi.assets.operations import is_timestamp, window
from hn_luigi.web import urls
from hn_luigi.web.asset_views import graph_of
from hn_luigi.web.page import SECONDS_TO_LOOK_AGAIN, SECONDS_TO_REFRESH, Page
from hn_luigi.web.run_job import SCOPES, RunRequest
from hn_luigi.web.run_views import RunView, asset_links, log_view, run_list, run_view, step_url
from hn_luigi.web.timeline import spans, timeline


class RunsPage(Page):
    """What ran when; and the buttons, which start a run."""

    async def get(self) -> None:
        """Show the last runs, or those ``before`` a time."""
        before = _before(self)
        found = await self.read(lambda: run_list(self.runs, before))
        is_busy = any(not run.is_over for run in found.runs)
        refresh = SECONDS_TO_REFRESH if is_busy else SECONDS_TO_LOOK_AGAIN
        self.render(
            "runs.html",
            found=found,
            timeline=timeline(found.runs, found.until) if found.runs else None,
            links_of=asset_links,
            url_of=lambda run: urls.run_url(run.id, _after(run) if before else None),
            older=urls.runs_url(found.runs[-1].began) if found.has_older else None,
            is_newest=before is None,
            refresh=refresh if before is None else None,
        )

    async def post(self) -> None:
        """Start a run, or lead to the one that is under way."""
        folders, scope = self.get_body_arguments("asset"), self.get_body_argument("scope")
        name = self.get_body_argument("window", None)
        if not folders:
            raise HTTPError(400)
        graph = await self.read(lambda: graph_of(folders))
        if graph is None or scope not in SCOPES or (name is not None and not window.is_name(name)):
            raise HTTPError(404)
        run = await self.runs.press(RunRequest.of(graph, folders, scope, name))
        self.redirect(urls.run_url(run.id), status=303)


class RunPage(Page):
    """A run: what it made, how it ended, and its log."""

    async def get(self, run_id: str) -> None:
        """Show it."""
        before = _before(self)
        view = await self.read(lambda: run_view(self.runs, run_id, before))
        if view is None:
            raise HTTPError(404)
        log = await self.read(lambda: log_view(self.runs, view))
        self.render(
            "run.html",
            run=view,
            log=log,
            spans=spans(view),
            url_of=step_url,
            refresh=None if view.is_over else SECONDS_TO_REFRESH // 2,
        )


def _before(page: Page) -> datetime | None:
    """The time that a page is asked to show what is before it."""
    text = page.get_query_argument("before", None)
    if text is None:
        return None
    if not is_timestamp(text):
        raise HTTPError(404)
    return window.moment(text)


def _after(run: RunView) -> datetime:
    """A time that all of ``run`` is before."""
    return (run.ended or run.began) + timedelta(seconds=1)
