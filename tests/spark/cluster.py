"""A standalone cluster on loopback: a master, and two workers with a core each."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPException
from pathlib import Path

import pyspark

from ..assets.storage.servers import HOST, ask, free_port, running

WORKERS = 2
_CLASSES = "org.apache.spark.deploy"


def environment(folder: Path) -> dict[str, str]:
    """By which daemons are small, and what they leave when they are killed is in ``folder``."""
    options = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
    return {
        "SPARK_DAEMON_JAVA_OPTS": f"{options} -Djava.io.tmpdir={folder}",
        "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_LOCAL_DIRS": str(folder),
        "SPARK_LOCAL_IP": HOST,
    }


@contextmanager
def cluster(folder: Path) -> Iterator[str]:
    """The address of its master, once both workers are there."""
    # The package has none of the scripts that start a daemon (pyspark 4.3).
    program = str(Path(pyspark.__file__).parent / "bin/spark-class")
    port, page = free_port(), free_port()
    address = f"spark://{HOST}:{port}"
    common = ["env", *(f"{name}={value}" for name, value in environment(folder).items())]
    common.append(program)
    master = [f"{_CLASSES}.master.Master", "--host", HOST, "--port", str(port)]
    worker = [f"{_CLASSES}.worker.Worker", "--host", HOST, "--cores", "1", "--memory", "1g"]

    def is_up() -> None:
        socket.create_connection((HOST, port)).close()

    def has_workers() -> None:
        try:
            told = json.loads(ask("GET", f"http://{HOST}:{page}/json/"))
        except (HTTPException, ValueError) as error:  # of a page that isn't whole yet
            raise ConnectionError(str(error)) from error
        if told["aliveworkers"] < WORKERS:
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
