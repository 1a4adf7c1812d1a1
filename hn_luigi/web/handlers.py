"""The pages and their forms: which URL is whose. ``/`` leads to ``/assets``.

They need no JavaScript, which only spares them to be loaded again as a whole, and ask no other
host; what may change anything is a form with a token.
"""

from __future__ import annotations

import os
from concurrent.futures import Executor

from luigi.scheduler import Scheduler
from tornado.routing import URLSpec
from tornado.web import Application

from hn_luigi.display import STYLE
from hn_luigi.web import urls
from hn_luigi.web.asset_page import AssetPage, Download
from hn_luigi.web.headers import StaticFiles, with_policy
from hn_luigi.web.overview_page import Home, Overview
from hn_luigi.web.page import NotFound
from hn_luigi.web.refresh_page import RefreshPage
from hn_luigi.web.refresher import Refresher
from hn_luigi.web.run_pages import RunPage, RunsPage
from hn_luigi.web.runs import Runs

_HERE = os.path.dirname(__file__)
_POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; "
    "img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def application(
    scheduler: Scheduler, runs: Runs, reader: Executor, refresher: Refresher | None = None
) -> Application:
    """The pages, beside ``scheduler``, whose runs they start by ``runs``.

    They allow a browser next to nothing.
    """
    shared = {"scheduler": scheduler, "runs": runs, "reader": reader, "refresher": refresher}
    pages = Application(
        [
            URLSpec(r"/", Home),
            URLSpec(r"/assets/?", Overview, shared),
            URLSpec(rf"{urls.OUTPUTS}(?P<key>.+)", Download, shared),
            URLSpec(r"/assets/(?P<name>[^_].*?)/?", AssetPage, shared),
            URLSpec(r"/runs/?", RunsPage, shared),
            URLSpec(r"/runs/(?P<run_id>[0-9a-f]{12})", RunPage, shared),
            URLSpec(r"/refresh", RefreshPage, shared),
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
