"""Starting real servers on loopback, asking them, and ending them."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path

HOST = "127.0.0.1"
LIMIT = 30  # seconds in which a server has to be ready
SHOWN = 2000  # characters of the log of one that isn't


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


@contextmanager
def running(folder: Path, command: list[str], ready: Callable[[], object]) -> Iterator[None]:
    """A server runs in a folder while the block does, from when ``ready`` raises no ``OSError``."""
    log = folder / "log.txt"
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [*with_us(), *command],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is ours
        ) as process,
    ):
        try:
            wait(ready, process, log)
            yield
        finally:
            process.kill()  # its data is of no use to anyone


def wait(ready: Callable[[], object], process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + LIMIT
    while True:
        try:
            ready()
            return
        except OSError as error:
            if process.poll() is None and time.monotonic() < end:
                time.sleep(0.05)
                continue
            how = "isn't ready" if process.returncode is None else f"ended ({process.returncode})"
            tail = log.read_text(errors="replace")[-SHOWN:]
            raise RuntimeError(
                f"{log.parent.name} {how}: {error}; its log ends:\n{tail}"
            ) from error


@cache
def with_us() -> list[str]:
    """What makes a server end even with a killed suite, where there is such a thing."""
    command = ["setpriv", "--pdeathsig", "KILL"]
    found = shutil.which("setpriv")
    if found and subprocess.run([*command, "true"], capture_output=True).returncode == 0:
        return command
    return []


def ask(
    method: str, url: str, body: bytes = b"", headers: Mapping[str, str] | None = None
) -> bytes:
    request = urllib.request.Request(url, data=body, method=method, headers=dict(headers or {}))
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(request, timeout=5) as answer:
        return answer.read()


def ask_s3(method: str, url: str, identity: Mapping[str, str], body: bytes = b"") -> bytes:
    """Asks in the name of an identity, given as ``AWS_…`` variables."""
    from botocore.auth import S3SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    request = AWSRequest(method, url, data=body)
    key, secret = identity["AWS_ACCESS_KEY_ID"], identity["AWS_SECRET_ACCESS_KEY"]
    S3SigV4Auth(Credentials(key, secret), "s3", "us-east-1").add_auth(request)
    return ask(method, url, body, request.headers)
