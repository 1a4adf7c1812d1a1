"""``/assets``: the verdict on all that is watched, and its graphs."""

from __future__ import annotations

from tornado.web import RequestHandler

from hn_luigi.web.asset_views import graph_views
from hn_luigi.web.page import SECONDS_TO_REFRESH, Page
from hn_luigi.web.scheduler_tasks import running_tasks
from hn_luigi.web.verdict import verdict


class Overview(Page):
    """The graphs of assets, and how each stands."""

    async def get(self) -> None:
        """Draw them."""
        running = running_tasks(self.scheduler)
        graphs, broken = await self.read(lambda: graph_views(running))
        unread = sum(bool(graph.error) for graph in graphs) + len(broken)
        lines = await self.refreshed()
        found = verdict(
            (standing for graph in graphs for standing in graph.standings),
            broken=unread,
            paused=sum(line.is_paused for line in lines),
        )
        if unread == len(graphs) + len(broken):  # so that a probe notices as well
            self.set_status(503)
        busy = self.runs.current or any(graph.is_running for graph in graphs)
        self.render(
            "overview.html",
            verdict=found,
            tone=found.tone,
            graphs=graphs,
            broken=broken,
            paused=self.scheduler.is_paused()["paused"],
            lines_of=lambda graph: [line for line in lines if graph.has(line.folder)],
            current=self.other_run(lines),
            refresh=SECONDS_TO_REFRESH if busy else self.seconds_to_look(lines),
        )


class Home(RequestHandler):
    """The server's address: leads to the assets, where Luigi's own leads to its visualiser."""

    def get(self) -> None:
        """Lead there."""
        self.redirect("/assets")

    head = get
