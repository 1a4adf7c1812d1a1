"""``/refresh``: the buttons that pause a line of the watch list, and resume it."""

from __future__ import annotations

import re

from tornado.web import HTTPError

from hn_luigi.web.page import Page
from hn_luigi.web.refresh_views import anchor

_CAME_FROM = re.compile(r"https?://[^/]+(/assets(?:[/?][!-~]*)?)")


class RefreshPage(Page):
    """Pauses and resumes."""

    async def post(self) -> None:
        """Do either with the line that names an asset, and lead back to where it came from."""
        folder, do = self.get_body_argument("asset", strip=False), self.get_body_argument("do")
        if self.refresher is None or folder not in self.refresher.plans:
            raise HTTPError(404)
        if do == "pause":
            await self.refresher.pause(folder)
        elif do == "resume":
            await self.refresher.resume(folder)
        else:
            raise HTTPError(400)
        back = _back(self.request.headers.get("Referer", ""))
        self.redirect(f"{back}#{anchor(folder)}", status=303)


def _back(referer: str) -> str:
    """The page of assets that a browser came from; the one of all if it doesn't tell."""
    came_from = _CAME_FROM.fullmatch(referer)
    return came_from[1] if came_from else "/assets"
