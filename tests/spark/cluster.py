"""A standalone cluster on loopback: a master, and two workers with a core each."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pyspark

from ..assets.storage.servers import HOST, ask, free_port, running

WORKERS = 2
_CLASSES = "org.apache.spark.deploy"
# Spark has no way to tell that a cluster's daemons are to be small but the environment.
_ENVIRONMENT = {
    "SPARK_DAEMON_JAVA_OPTS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "SPARK_DAEMON_MEMORY": "256m",
    "SPARK_LOCAL_IP": HOST,
}


@contextmanager
def cluster(folder: Path) -> Iterator[str]:
    """The address of its master, once both workers are there."""
    program = str(
        Path(pyspark.__file__).parent / "bin/spark-class"
    )  # the package has no start-*.sh
    port, page = free_port(), free_port()
    address = f"spark://{HOST}:{port}"
    common = ["env", *(f"{name}={value}" for name, value in _ENVIRONMENT.items()), program]
    master = [f"{_CLASSES}.master.Master", "--host", HOST, "--port", str(port)]
    worker = [f"{_CLASSES}.worker.Worker", "--host", HOST, "--cores", "1", "--memory", "1g"]

    def is_up() -> None:
        socket.create_connection((HOST, port)).close()

    def has_workers() -> None:
        if json.loads(ask("GET", f"http://{HOST}:{page}/json/"))["aliveworkers"] < WORKERS:
            raise ConnectionError("a worker isn't there yet")

    with ExitStack() as ending:
        for name in ("master", *map(str, range(WORKERS))):
            (folder / name).mkdir()
        command = [*common, *master, "--webui-port", str(page)]
        ending.enter_context(running(folder / "master", command, is_up))
        for number in range(WORKERS):
            command = [*common, *worker, "--webui-port", "0", "--work-dir", "work", address]
            ready = has_workers if number == WORKERS - 1 else is_up
            ending.enter_context(running(folder / str(number), command, ready))
        yield address
