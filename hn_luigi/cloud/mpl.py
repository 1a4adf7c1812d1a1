"""What is used of matplotlib, imported so that no backend matters: nothing is plotted here.

A notebook and its children have ``MPLBACKEND`` name a module of IPython's. Where that isn't
installed, matplotlib 3.9 to 3.11 end their import with a ValueError, and so does what imports it,
such as wordcloud.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress

__all__ = ["colormaps", "english_stop_words", "get_data_path"]


def _import() -> None:
    if "matplotlib" in sys.modules:
        return
    backend = os.environ.pop("MPLBACKEND", None)
    try:
        import matplotlib
    finally:
        if backend is not None:
            os.environ["MPLBACKEND"] = backend
    if backend:  # others may plot in this process
        with suppress(ValueError):
            matplotlib.rcParams["backend"] = backend


_import()

from matplotlib import colormaps, get_data_path  # noqa: E402


def english_stop_words() -> frozenset[str]:
    """wordcloud's."""
    from wordcloud import STOPWORDS

    return frozenset(STOPWORDS)
