"""How many requests a no-op takes on an object store: SeaweedFS, counted by a relay."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType
from urllib.parse import urlsplit

# By hand, since a library that brings a package of this name would go before a folder without one.
sys.modules["tests"] = ModuleType("tests")
sys.modules["tests"].__path__ = [str(Path(__file__).parents[2] / "tests")]

from tests.assets.storage.relay import Relay  # noqa: E402
from tests.assets.storage.servers import BUCKET, WRITER, seaweedfs  # noqa: E402


def requests_of_a_no_op(folder: Path, luigi: list[str], environment: dict[str, str]) -> int | None:
    """How many requests the second of two runs of ``luigi`` makes, None without SeaweedFS."""
    weed = shutil.which("weed", path=str(Path(sys.executable).parent)) or shutil.which("weed")
    if weed is None:
        return None
    folder.mkdir()
    with seaweedfs(folder, weed) as url, Relay(urlsplit(url).port) as relay:
        window = time.strftime("%Y-%m-%dT%H%M", time.gmtime())
        flags = ["--as-of", window, "--storage-root", f"s3://{BUCKET}/bench"]
        flags += ["--storage-s3-endpoint-url", relay.url, "--storage-s3-region", "us-east-1"]
        for _ in range(2):
            relay.clear()
            subprocess.run([*luigi, *flags], cwd=folder, env={**environment, **WRITER}, check=True)
        return len(relay.requests)
