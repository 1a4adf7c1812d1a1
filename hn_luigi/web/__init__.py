"""The server: Luigi's central scheduler and visualiser, with a watch over the assets."""

from hn_luigi.web.server import serve

__all__ = ["serve"]
