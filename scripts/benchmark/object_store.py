"""SeaweedFS as an object store to measure on, and how many requests a no-op takes there."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from urllib.parse import urlsplit

# By hand, since a library that brings a package of this name would go before a folder without one.
sys.modules["tests"] = ModuleType("tests")
sys.modules["tests"].__path__ = [str(Path(__file__).parents[2] / "tests")]

from tests.assets.storage.relay import Relay  # noqa: E402
from tests.assets.storage.servers import BUCKET, WRITER, seaweedfs  # noqa: E402


@contextmanager
def seaweed(folder: Path) -> Iterator[str | None]:
    """The URL of SeaweedFS, which runs in ``folder`` meanwhile; None where it isn't installed."""
    weed = shutil.which("weed", path=str(Path(sys.executable).parent)) or shutil.which("weed")
    if weed is None:
        print(
            "\rSeaweedFS is not installed, see .ci/install-servers: not measured", file=sys.stderr
        )
        yield None
        return
    folder.mkdir()
    with seaweedfs(folder, weed) as url:
        yield url


def flags(url: str, name: str) -> list[str]:
    """Flags of ``luigi`` for the root called ``name`` in the S3 at ``url``."""
    root = ["--storage-root", f"s3://{BUCKET}/{name}"]
    return [*root, "--storage-s3-endpoint-url", url, "--storage-s3-region", "us-east-1"]


def requests_of_a_no_op(folder: Path, luigi: list[str], environment: dict[str, str]) -> int | None:
    """How many requests the second of two runs of ``luigi`` makes, None without SeaweedFS."""
    with seaweed(folder) as url:
        if url is None:
            return None
        window = time.strftime("%Y-%m-%dT%H%M", time.gmtime())
        with Relay(urlsplit(url).port) as relay:
            command = [*luigi, "--as-of", window, *flags(relay.url, "bench")]
            for _ in range(2):
                relay.clear()
                subprocess.run(command, cwd=folder, env={**environment, **WRITER}, check=True)
            return len(relay.requests)
