"""``/assets``: the graphs of assets, and how each stands."""

from __future__ import annotations

from hn_luigi.web.asset_views import graph_views
from hn_luigi.web.page import SECONDS_TO_LOOK_AGAIN, SECONDS_TO_REFRESH, Page
from hn_luigi.web.scheduler_tasks import running_tasks


class Overview(Page):
    """The graphs of assets, and how each stands."""

    async def get(self) -> None:
        """Draw them."""
        running = running_tasks(self.scheduler)
        graphs = await self.read(lambda: graph_views(running))
        busy = self.runs.current or any(graph.is_running for graph in graphs)
        self.render(
            "overview.html",
            graphs=graphs,
            runs=self.runs.last,
            current=self.runs.current,
            refresh=SECONDS_TO_REFRESH if busy else SECONDS_TO_LOOK_AGAIN,
        )
