"""What keeps a root from being used is one line, and nothing is read from Hacker News for it."""

from __future__ import annotations

import json
import os
import re
import socket
from importlib.util import find_spec
from uuid import uuid4

import pytest

from hn_luigi.assets.storage.translate_errors import to_storage_error

from ...limits import scaled
from ...processes import REPOSITORY, ended
from .conftest import AZURITE_KEY, WRITER, Backend
from .servers import HOST, free_port
from .user import User, contents

LONG = 30  # seconds, which the libraries by themselves take longer than where nothing answers
SHORT_OF_PATIENCE = """
from hn_luigi.assets.storage.client import Client
Client._ask.__kwdefaults__["seconds"] = 1
"""
PASSWORD = "hunter2"
SECRETS = (PASSWORD, WRITER["AWS_SECRET_ACCESS_KEY"], AZURITE_KEY)
LIBRARIES = {"s3": "s3fs", "gs": "gcsfs", "az": "adlfs"}

pytestmark = pytest.mark.usefixtures("forkserver")


@pytest.fixture
def user(tmp_path, replica):
    """Somebody who works with a place; Hacker News hears nothing of it."""
    yield lambda backend: User(tmp_path / uuid4().hex, backend, replica)
    assert replica.requests == []


def complaint(run, start="luigi: "):
    """What a process says before it ends, in its line."""
    done = ended(run, scaled(LONG))
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    (line,) = done.stderr.splitlines()
    assert line.startswith(start)
    assert not [secret for secret in SECRETS if secret in line]
    return line.removeprefix(start)


def at(scheme, url):
    """A place of a kind that is reached at ``url``, whatever is there."""
    if scheme == "az":
        account = f"AccountName=devstoreaccount1;AccountKey={AZURITE_KEY}"
        endpoint = f"DefaultEndpointsProtocol=http;BlobEndpoint={url}/devstoreaccount1"
        connection = {"AZURE_STORAGE_CONNECTION_STRING": f"{endpoint};{account};"}
        return Backend(scheme, "az://bucket/news", "", {}, connection)
    if scheme == "gs":
        anybody = {"storage_gcs": {"endpoint_url": url, "anon": "true"}}
        return Backend(scheme, "gs://bucket/news", "", anybody)
    section = {"storage_s3": {"endpoint_url": url, "region": "us-east-1"}}
    return Backend(scheme, "s3://bucket/news", "", section, WRITER)


@pytest.mark.parametrize("root", [f"ftp://me:{PASSWORD}@b", f"s3://me:{PASSWORD}@b"])
def test_a_root_of_no_known_form(enter, user, root):
    line = complaint(user(enter("folder")).start("luigi", "Wordcloud", "--storage-root", root))
    assert "it must be a folder, s3://bucket/prefix, gs://bucket/prefix" in line


@pytest.mark.parametrize(
    ("scheme", "extra"), [("s3", "s3"), ("gs", "gcs"), ("az", "azure"), ("memory", "s3")]
)
def test_a_library_that_is_not_installed(enter, user, tmp_path, scheme, extra):
    library = LIBRARIES.get(scheme, "fsspec")
    (tmp_path / "sitecustomize.py").write_text(f"import sys; sys.modules[{library!r}] = None")
    path = f"{tmp_path}{os.pathsep}{REPOSITORY}"
    flags = ["--storage-root", f"{scheme}://bucket/news"]
    run = user(enter("folder")).start_python("luigi", "Wordcloud", *flags, PYTHONPATH=path)
    line = complaint(run)
    assert line.startswith(f"{scheme}:// needs {library}")
    assert line.endswith(f'which is not installed: pip install "hn_luigi[{extra}]"')


def test_a_bucket_that_doesn_t_exist(object_store, user):
    bucket = re.match(r"\w+://[^/]+", object_store.without)[0]
    run = user(object_store).start("luigi", "Wordcloud", "--storage-root", object_store.without)
    assert f"there is no {bucket}; create it or correct [storage] root" in complaint(run)


def test_a_command_says_the_same(enter, user):
    moto = enter("moto")
    run = user(moto).start("hn-luigi", "--storage-root", moto.without, "status")
    assert "; create it or correct [storage] root, and run again" in complaint(run, "hn-luigi: ")


@pytest.mark.parametrize(
    "wrong",
    [
        {"AWS_ACCESS_KEY_ID": "key-of-nobody"},
        {"AWS_SECRET_ACCESS_KEY": PASSWORD},
        {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None},
    ],
    ids=["unknown key", "wrong secret", "none"],
)
def test_wrong_credentials_of_s3(enter, user, wrong):
    seaweed = enter("seaweed")
    line = complaint(user(seaweed).start("luigi", "Wordcloud", **wrong))
    assert seaweed.root in line
    assert "no valid credentials for " in line


def test_a_wrong_account_key_of_azure(enter, user):
    azurite = enter("azurite")
    right = azurite.environment["AZURE_STORAGE_CONNECTION_STRING"]
    wrong = right.replace(AZURITE_KEY, AZURITE_KEY.swapcase())
    run = user(azurite).start("luigi", "Wordcloud", AZURE_STORAGE_CONNECTION_STRING=wrong)
    line = complaint(run)
    assert AZURITE_KEY.swapcase() not in line
    assert "no valid credentials for " in line


def test_nobody_listens_or_answers(user):
    """All at once, since each takes as long as is waited for an answer."""
    with socket.create_server((HOST, 0)) as silent:
        mute, refused = f"http://{HOST}:{silent.getsockname()[1]}", f"http://{HOST}:{free_port()}"
        places = [
            at(scheme, url)
            for scheme, library in LIBRARIES.items()
            for url in (refused, mute)
            if find_spec(library)
        ]
        runs = [
            (place.name, user(place).start("luigi", "Wordcloud", before=SHORT_OF_PATIENCE))
            for place in places
        ]
        status = user(at("s3", mute)).start("hn-luigi", "status", before=SHORT_OF_PATIENCE)
        lines = [(scheme, complaint(run)) for scheme, run in runs]
        lines.append(("s3", complaint(status, "hn-luigi: ")))
    for scheme, line in lines:
        assert f"{scheme}:// can't be reached, or doesn't answer in time; check that" in line


def test_a_password_in_the_address_of_a_service_is_refused_and_not_shown(user):
    run = user(at("s3", f"http://me:{PASSWORD}@host")).start("luigi", "Wordcloud")
    assert "[storage_s3] endpoint_url (--storage-s3-endpoint-url): credent" in complaint(run)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("for url: /tokeninfo?access_token=hunter2 (Caused by x)", "/tokeninfo… (Caused by x)"),
        ('"https://me:hunter2@h:1/b?sig=hunter2"', '"https://…h:1/b…"'),
        ("is it there? yes", "is it there? yes"),
    ],
)
def test_what_a_library_says_is_shown_without_its_secrets(said, shown):
    line = str(to_storage_error("open", "gs://", ConnectionError(said)))
    assert shown in line
    assert PASSWORD not in line


def test_a_secret_in_options_is_not_shown(user):
    mistyped = user(at("s3", f"http://{HOST}:{free_port()}"))
    mistyped.set("storage_s3", options=json.dumps({"sekret": PASSWORD}))
    line = complaint(mistyped.start("luigi", "Wordcloud"))
    assert "can't open s3://: correct [storage_s3]" in line
    assert "'sekret'" in line


class TestWhoMayOnlyRead:
    @pytest.mark.parametrize("workers", ["1", "2"])
    def test_makes_nothing_and_reads_nothing_from_hacker_news(self, enter, user, workers):
        seaweed = enter("seaweed")
        done = user(seaweed).luigi("--workers", workers, **seaweed.reader)
        assert done.returncode == 30
        assert f"can't write {seaweed.root}" in done.stderr
        assert "no valid credentials for " in done.stderr
        assert "Traceback (most recent call last)" not in done.stderr
        assert contents(seaweed) == {}

    def test_looks_and_finds_all_current(self, enter, tmp_path, replica):
        seaweed = enter("seaweed")
        user = User(tmp_path / "work", seaweed, replica)
        assert user.luigi().returncode == 0
        (name,) = {path[-21:-5] for path in contents(seaweed) if path.startswith("_records")}
        before, asked = contents(seaweed), len(replica.requests)
        done = user.luigi("--as-of", name, **seaweed.reader)
        assert done.returncode == 0, done.stderr
        assert user.hn_luigi("verify", **seaweed.reader).returncode == 0
        assert (contents(seaweed), len(replica.requests)) == (before, asked)
