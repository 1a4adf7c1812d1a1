"""What is imported of matplotlib, whatever it is told to plot by."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hn_luigi.cloud import count_words, draw


@pytest.mark.slow
@pytest.mark.parametrize(
    "backend", ["module://matplotlib_inline.backend_inline", "TkAgg", "bogus", ""]
)
def test_no_backend_matters_and_none_is_lost(tmp_path: Path, backend: str) -> None:
    """A notebook has its children plot by a module of IPython's, a desktop in a window."""
    (tmp_path / "matplotlibrc").write_text("backend: module://nowhere.too\n")
    code = (
        "import hashlib, os, sys; from hn_luigi.cloud import count_words, draw\n"
        "words = count_words(['alpha beta', 'beta gamma'])\n"
        "print(hashlib.sha256(draw(words, width=300, height=200).png).hexdigest())\n"
        "print(repr(os.environ['MPLBACKEND']), 'matplotlib.pyplot' in sys.modules)\n"
        "import matplotlib; print(matplotlib.rcParams['backend'] == 'TkAgg')"
    )
    environment = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "MPLBACKEND")}
    environment |= {
        "MPLBACKEND": backend,
        "PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path)),
    }

    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )

    here = draw(count_words(["alpha beta", "beta gamma"]), width=300, height=200).png
    assert done.stdout.splitlines() == [
        hashlib.sha256(here).hexdigest(),
        f"{backend!r} False",
        str(backend == "TkAgg"),
    ]
