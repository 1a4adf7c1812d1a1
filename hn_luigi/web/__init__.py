"""The server: Luigi's central scheduler and visualiser, pages of assets, and a watch over them."""

from hn_luigi.web.server import Place, serve

__all__ = ["Place", "serve"]
