"""Chromium, for tests that see pages as a person does."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from .limits import patience


@contextmanager
def chromium() -> Iterator[Any]:
    """Playwright's browser; where there is none, the test is skipped."""
    sync_api = pytest.importorskip(
        "playwright.sync_api", reason="there is no Playwright: pip install playwright"
    )
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        pytest.skip("there is no Chromium: apt-get install chromium")
    # Chromium's sandbox refuses to be root's, as one is in a container.
    args = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=args, timeout=patience() * 1000
        )
        yield browser
        browser.close()
