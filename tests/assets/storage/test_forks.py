"""What a forked step pays for an object store, and that nothing of its worker's is in its way."""

from __future__ import annotations

import json
import os
import ssl
import sys
import threading
from urllib.parse import unquote, urlsplit
from uuid import uuid4

import luigi
import pytest
import trustme
from luigi.execution_summary import LuigiStatusCode

from hn_luigi.assets import Asset
from hn_luigi.assets.catalog.failure import failures_of
from hn_luigi.assets.errors import BackendUnavailable
from hn_luigi.assets.storage import client, open_store, s3_sessions
from hn_luigi.assets.storage.probe import PROBE

from .children import in_child
from .relay import Relay
from .servers import BUCKET, WRITER

CHILDREN, STEPS = 12, 5
KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")

pytestmark = [
    pytest.mark.usefixtures("machine", "clock"),
    # Luigi forks its workers beside the threads of fsspec, and so do these tests.
    pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning"),
]


@pytest.fixture
def steps():
    """A task that is made from several, each in a process of its own with two workers."""

    class Step(Asset):
        number = luigi.IntParameter()
        suffix = ".json"
        window_length = None

        def compute(self):
            return [self.number, os.getpid()]

    class Steps(Asset):
        suffix = ".json"
        window_length = None

        def requires(self):
            return [Step(number=number) for number in range(STEPS)]

        def compute(self, *made):
            return list(made)

    return Steps


def probes(relay):
    """The objects by which it was tried whether the store can be written."""
    return {path for method, path in relay.requests if method == "PUT" and f"/{PROBE}" in path}


def test_steps_of_several_workers_leave_the_probe_to_the_one_that_schedules_them(
    relayed, relay, steps, succeed
):
    succeed(steps(), workers=2)
    with steps().output().open() as file:
        made = json.load(file)
    assert len({process for _, process in made}) == STEPS
    assert len(probes(relay)) == 1

    relay.clear()
    succeed(steps(), workers=2)
    assert {method for method, _ in relay.requests} <= {"GET", "HEAD"}


def test_a_step_and_who_reads_it_ask_little_of_the_store(relayed, relay, steps, succeed):
    """Scheduled and forked by 1 each; made by 8, and the lock's removal; read by 2."""
    succeed(steps(), workers=2)
    paths = [unquote(path) for _, path in relay.requests]
    assert 0 < len([path for path in paths if "/3/step" in path]) <= 12


def test_a_probe_that_fails_before_the_steps_is_each_step_s_own_failure(
    enter, steps, build, monkeypatch
):
    seaweed = enter("seaweed")
    for module, known in ((client, "_clients"), (s3_sessions, "_spares")):
        monkeypatch.setattr(module, known, {})  # those know the writer
    for name, value in seaweed.reader.items():
        monkeypatch.setenv(name, value)
    assert build(steps(), workers=2).status is LuigiStatusCode.FAILED
    failures = [failure for step in steps().requires() for failure in failures_of(step.dataset)]
    assert len(failures) == STEPS
    assert all("no valid credentials for " in failure.error for failure in failures)


def test_forked_processes_work_while_their_parent_is_asking(object_store):
    store = open_store(object_store.root)
    store.write("parent", b"1")
    over, answers = threading.Event(), []

    def ask():
        while not over.is_set():
            answers.append(store.read("parent"))

    asking = [threading.Thread(target=ask) for _ in range(3)]
    for thread in asking:
        thread.start()
    try:
        for number in range(CHILDREN):

            def work(number=number):
                stat = store.write(f"child/{number}", b"22")
                return store.read("parent"), store.stat(f"child/{number}") == stat

            assert in_child(work) == (b"1", True)
    finally:
        over.set()
        for thread in asking:
            thread.join()
    assert set(answers) == {b"1"}
    assert len(store.names("child")) == CHILDREN


def test_a_forked_process_reads_none_of_amazon_s_models(s3):
    store = open_store(s3.root)
    store.write("x", b"1")

    def read():
        opened = []
        sys.addaudithook(lambda event, of: opened.append(str(of[0])) if event == "open" else None)
        assert store.read("x") == b"1"
        return [path for path in opened if "/botocore/data/" in path]

    assert in_child(read) == []


@pytest.fixture
def own_certificate(seaweed, settings, tmp_path, monkeypatch):
    """S3 by HTTPS, whose certificate is of an authority that only botocore is told of."""
    authority, tls = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    for name, value in {**WRITER, "AWS_CA_BUNDLE": str(tmp_path / "authority.pem")}.items():
        monkeypatch.setenv(name, value)
    for module, known in (
        (client, "_clients"),
        (s3_sessions, "_spares"),
        (s3_sessions, "_loaders"),
    ):
        monkeypatch.setattr(module, known, {})
    with Relay(urlsplit(seaweed).port, tls) as relay:
        settings("storage_s3", endpoint_url=relay.url, region="us-east-1")
        yield tls


def test_a_forked_process_has_the_certificates_that_its_parent_loaded(own_certificate, monkeypatch):
    store = open_store(f"s3://{BUCKET}/{uuid4().hex}")
    store.require_writable()

    def read():
        loaded, load = [], ssl.SSLContext.load_verify_locations
        monkeypatch.setattr(
            ssl.SSLContext,
            "load_verify_locations",
            lambda context, *args, **kwargs: loaded.append(args) or load(context, *args, **kwargs),
        )
        return store.read("x"), loaded

    assert in_child(read) == (None, [])

    trustme.CA().issue_cert("127.0.0.1").configure_cert(own_certificate)
    with pytest.raises(BackendUnavailable, match="CERTIFICATE_VERIFY"):
        in_child(read)


@pytest.mark.parametrize("learnt", ["error_shapes", "_resolve_endpoint"])
def test_a_forked_process_works_nothing_out_about_s3_again(s3, learnt, monkeypatch):
    store = open_store(s3.root)
    store.require_writable()

    def read():
        ran = []
        sys.setprofile(lambda frame, event, _: ran.append(frame.f_code.co_name))
        threading.setprofile(sys.getprofile())
        assert store.read("x") is None
        sys.setprofile(None)
        return ran.count(learnt)

    assert in_child(read) == 0


@pytest.fixture
def sts(enter, settings, tmp_path, monkeypatch):
    """What the credentials of a role come from, for a store that is reached by them."""
    moto = enter("moto")
    monkeypatch.setattr(client, "_clients", {})
    (tmp_path / "aws").write_text(
        "[profile worker]\nrole_arn = arn:aws:iam::123456789012:role/worker\n"
        "credential_source = Environment\nregion = us-east-1\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "aws"))
    with Relay(urlsplit(moto.settings["storage_s3"]["endpoint_url"]).port) as sts:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", sts.url)
        settings("storage_s3", profile="worker")
        yield sts


def test_a_forked_process_asks_for_no_credentials_of_its_own(sts, steps, succeed):
    """A role is assumed once, and once more for those that are forked, whatever many they are."""
    succeed(steps(), workers=2)
    assert [method for method, _ in sts.requests] == ["POST"] * 2


def test_a_store_is_used_though_nobody_gives_credentials_for_forked_processes(sts, steps):
    store = steps().partition.store
    store.read("x")
    sts.hang()
    store.require_writable()
    store.write("x", b"1")
    assert store.read("x") == b"1"


def test_a_forked_process_finds_credentials_that_were_written_anew(enter, tmp_path, monkeypatch):
    """As those for an hour are, while a run goes on."""
    store = open_store(enter("seaweed").root)
    monkeypatch.setattr(client, "_clients", {})
    lines = [f"{name.lower()} = {WRITER[name]}\n" for name in KEYS]
    (kept := tmp_path / "credentials").write_text("".join(["[default]\n", *lines]))
    for name in KEYS:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(kept))
    store.require_writable()
    assert in_child(lambda: store.read("x")) is None
    kept.write_text(kept.read_text().replace("secret-of", "new-secret-of"))
    with pytest.raises(BackendUnavailable, match="no valid credentials"):
        in_child(lambda: store.read("x"))
