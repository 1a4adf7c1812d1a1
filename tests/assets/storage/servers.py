"""Starting real servers on loopback, asking them, and ending them."""

from __future__ import annotations

import json
import os
import random
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from ...limits import patience

HOST = "127.0.0.1"
SHOWN = 2000  # characters of the log of one that isn't
BUCKET = "bucket"  # each server has it


def identity(name: str) -> dict[str, str]:
    """An S3 user, as the SDKs read one."""
    return {
        "AWS_ACCESS_KEY_ID": f"key-of-{name}",
        "AWS_SECRET_ACCESS_KEY": f"secret-of-{name}",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


ADMIN, WRITER, READER = identity("admin"), identity("writer"), identity("reader")
ALLOWED = {"admin": ["Admin"], "writer": ["Read", "Write", "List"], "reader": ["Read", "List"]}


# Below what systems give to outgoing connections (Linux from 32,768, others from 49,152): a port
# that was free when asked for would else be some client's before its server takes it.
PORTS = range(20_000, 32_000)
given: set[int] = set()


def free_port() -> int:
    """A port for one server: not in use, and given to nobody else in this process."""
    for port in random.SystemRandom().sample(PORTS, len(PORTS)):
        with suppress(OSError), socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((HOST, port))
            if port not in given:
                given.add(port)
                return port
    raise RuntimeError(f"no free port from {PORTS.start} to {PORTS.stop}")


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
    begun = time.monotonic()
    while True:
        try:
            ready()
            return
        except OSError as error:
            if process.poll() is None and time.monotonic() - begun < patience():
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
    with direct.open(request, timeout=patience()) as answer:
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


@contextmanager
def seaweedfs(
    folder: Path,
    weed: str,
    *,
    host: str = HOST,
    within: Sequence[str] = (),
    asks: Callable[[Callable[[], None]], None] = lambda ready: ready(),
) -> Iterator[str]:
    """The URL of an S3 that the program ``weed`` serves from a folder, to those allowed.

    Args:
        host: the address to listen on.
        within: the words that begin its command, as to have it run on a network of its own.
        asks: calls a function where that address is reached.
    """
    identities = [
        {
            "name": name,
            "credentials": [{"accessKey": f"key-of-{name}", "secretKey": f"secret-of-{name}"}],
            "actions": actions,
        }
        for name, actions in ALLOWED.items()
    ]
    (folder / "s3.json").write_text(json.dumps({"identities": identities}))
    (folder / "data").mkdir()
    parts = ("master", "volume", "filer", "s3")
    ports = {f"{part}.port{kind}": free_port() for part in parts for kind in ("", ".grpc")}
    url = f"http://{host}:{ports['s3.port']}"
    options = {
        "ip": host,
        "ip.bind": host,
        "dir": "data",
        "filer": "true",
        "filer.localSocket": "filer.sock",
        "s3": "true",
        "s3.autoCreateBucket": "false",
        "s3.config": "s3.json",
        "s3.localSocket": "s3.sock",
        "s3.port.iceberg": 0,
        "s3.port.lance": 0,
        "master.telemetry": "false",
        "master.volumeSizeLimitMB": 64,
        "volume.max": 100,
        **ports,
    }
    # Not to files in /tmp, where its sockets are as well, which have no option and stay.
    command = [
        *within,
        weed,
        "-logtostderr=true",
        "server",
        *(f"-{name}={value}" for name, value in options.items()),
    ]

    def ready() -> None:
        ask_s3("PUT", f"{url}/{BUCKET}", ADMIN)
        ask_s3("PUT", f"{url}/{BUCKET}/written", ADMIN, b"1")

    try:
        with running(folder, command, lambda: asks(ready)):
            yield url
    finally:
        for port in ports.values():
            for left in Path("/tmp").glob(f"seaweedfs-*-grpc-{port}.sock"):
                left.unlink(missing_ok=True)
