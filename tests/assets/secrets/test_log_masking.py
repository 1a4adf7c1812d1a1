"""What is secret is in no line that this process logs, whoever logs it, and in no traceback."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest

from ...limits import patience
from ...processes import REPOSITORY

TOKEN = "hush-hush/4711 %"
AS_WRITTEN = "hush-hush%2F4711%20%25"
WAYS = f"""
import logging, multiprocessing, os, sys, threading, traceback, warnings
from hn_luigi.assets.secrets.log_masking import mask_secrets
logging.basicConfig(format="%(name)s %(message)s")
mask_secrets()
token = os.environ["HN_LUIGI_TOKEN"]
url = "http://me:{AS_WRITTEN}@news1:8082/x?sig=s1gnature"
def fail(*_):
    raise RuntimeError(f"can't reach {{url}} with {{token}}")
class Told:
    def __repr__(self):
        return f"<Told {{url!r}} {{token!r}}>"
"""


@pytest.fixture
def said(tmp_path):
    """Runs code in a process of its own, in an environment with a token; what it prints."""

    def run(code, **environment):
        process = subprocess.run(
            [sys.executable, "-c", WAYS + code],
            env={**os.environ, "PYTHONPATH": str(REPOSITORY), "HN_LUIGI_TOKEN": TOKEN}
            | environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=patience(),
        )
        return process.stdout + process.stderr

    return run


@pytest.mark.slow
@pytest.mark.parametrize(
    "code",
    [
        "logging.warning(url)",
        "logging.warning('at %r by %s', url, token)",
        "logging.getLogger('a.b').warning('%(where)s', {'where': [url, token]})",
        "logging.warning('%r', Told())",
        "logging.warning('%d', url)",
        "logging.warning('quoted: %s', {'authorization': 'Basic bWU6aHVzaA=='})",
        "logging.warning('x', stack_info=True); logging.warning('%s', token, stack_info=True)",
        "try:\n fail()\nexcept RuntimeError: logging.exception('no')",
        "try:\n fail()\nexcept RuntimeError as e: logging.error('%s', e, exc_info=e)",
        "logging.getLogger('child').propagate = False; logging.getLogger('child').addHandler("
        "logging.StreamHandler()); logging.getLogger('child').warning(url)",
        "warnings.warn(f'{url} is odd: {token}')",
        "logging.captureWarnings(True); warnings.warn(f'{url} is odd: {token}')",
        "t = threading.Thread(target=fail); t.start(); t.join()",
        "try:\n fail()\nexcept RuntimeError: traceback.print_exc()",
        "try:\n fail()\nexcept RuntimeError: print(traceback.format_exc())",
        "p = multiprocessing.get_context('fork').Process(target=fail); p.start(); p.join()",
        "class Gone:\n __del__ = fail\nGone()",
        "pid = os.fork()\nif not pid:\n logging.warning(url)\n os._exit(0)\nos.waitpid(pid, 0)",
        "fail()",
    ],
)
def test_a_secret_is_in_no_line_however_it_comes_there(said, code):
    text = said(f"\n{code}\n")
    assert "…" in text
    for secret in (TOKEN, AS_WRITTEN, "s1gnature", "bWU6aHVzaA"):
        assert secret not in text


def test_what_holds_no_secret_is_logged_as_it_is(said):
    text = said(
        """
class Kept(logging.Handler):
    def emit(self, record):
        print(record.msg, record.args, record.exc_info and record.exc_info[0].__name__)
logging.getLogger().addHandler(Kept())
try:
    raise KeyError("why?")
except KeyError:
    logging.exception("is it there? %s", "http://127.0.0.1:8082/assets")
"""
    )
    assert "is it there? %s ('http://127.0.0.1:8082/assets',) KeyError\n" in text
    assert "…" not in text


def test_a_record_factory_that_was_there_goes_on(said):
    text = said(
        """
before = logging.getLogRecordFactory()
import hn_luigi.assets.secrets.log_masking as module
module._is_installed = False
def mine(*args, **kwargs):
    record = before(*args, **kwargs)
    record.msg = f"mine: {record.msg}"
    return record
logging.setLogRecordFactory(mine)
mask_secrets()
logging.warning(token)
"""
    )
    assert "mine: …" in text
    assert TOKEN not in text


def test_the_configuration_s_secrets_are_known_too(said, tmp_path):
    (tmp_path / "luigi.cfg").write_text(
        "[smtp]\npassword = ${MAIL_SECRET}\n"
        "[mine]\napi_key = k3y-of-mine\nbroken = ${NOT_SET}\n"
        "[alerts]\nurls = slack://T0KENaaaaa/T0KENbbbbb/ json://hooks.example.org/T0KENccccc\n"
        "heartbeat_url = https://hc.example.org/ping/T0KENddddd\n"
        '[storage_s3]\noptions = {"key": "AKIA12345", "secret": "s3-s3cret", "anon": false}\n'
    )
    words = ["m41l-s3cret", "k3y-of-mine", *(f"T0KEN{5 * c}" for c in "abcd")]
    words += ["AKIA12345", "s3-s3cret"]
    text = said(f"logging.warning('%s', {words})", MAIL_SECRET="m41l-s3cret")
    assert text == f"root {['…'] * len(words)}\n"


@pytest.mark.parametrize("value", ["k3y%of-mine", "k3y%(of-mine", "k3y%(of)s-mine"])
def test_what_can_t_be_read_is_not_shown_by_the_error_that_says_so(said, tmp_path, value):
    (tmp_path / "luigi.cfg").write_text(f"[smtp]\npassword = {value}\n")
    text = said("from luigi.notifications import smtp; smtp().password")
    assert "configparser.Interpolation" in text
    assert "of-mine" not in text
    assert "k3y" not in text


def test_importing_the_package_changes_nothing_of_logging(said):
    code = """
import logging, sys, threading, warnings
before = logging.getLogRecordFactory(), sys.excepthook, threading.excepthook, warnings.formatwarning
import hn_luigi.cli, hn_luigi.web.run_job, hn_luigi.web.server
print(before == (logging.getLogRecordFactory(), sys.excepthook, threading.excepthook,
                 warnings.formatwarning))
"""
    process = subprocess.run(
        [sys.executable, "-c", code],
        cwd=REPOSITORY, capture_output=True, text=True, timeout=patience(),
    )  # fmt: skip
    assert process.stdout == "True\n", process.stderr


PLAIN = """
import time
import luigi
from hn_luigi import StoryIds

class Plain(luigi.Task):
    def complete(self):
        time.sleep(1.5)  # the worker pings its scheduler each second
        return False

    def requires(self):
        return StoryIds()
"""


@pytest.mark.slow
@pytest.mark.parametrize("how", ["luigi", "build", "plain", "built plain"])
def test_a_worker_whose_scheduler_is_down_keeps_its_token(tmp_path, how):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    (tmp_path / "luigi.cfg").write_text(
        "[core]\nlocal_scheduler = false\nrpc-retry-wait = 0\n"
        f"scheduler_url = http://luigi:${{HN_LUIGI_TOKEN}}@127.0.0.1:{port}\n"
    )
    build = "import luigi, hn_luigi; luigi.build([hn_luigi.StoryIds()])"
    (tmp_path / "plain.py").write_text(PLAIN)
    words = {
        "luigi": ["-m", "luigi", "--module", "hn_luigi", "StoryIds"],
        "plain": ["-m", "luigi", "--module", "plain", "Plain"],
        "build": ["-c", build],
        "built plain": ["-c", "import luigi, plain; luigi.build([plain.Plain()])"],
    }
    process = subprocess.run(
        [sys.executable, *words[how]],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "HN_LUIGI_TOKEN": "hush-hush"},
        cwd=tmp_path, capture_output=True, text=True, timeout=patience(),
    )  # fmt: skip
    text = process.stdout + process.stderr
    assert process.returncode
    assert text.count("Failed connecting to remote scheduler") >= 3
    assert f"…127.0.0.1:{port}" in text
    assert "hush" not in text


def test_a_long_line_takes_no_more_time_than_its_length(said):
    """Squared, one of these would take hours."""
    pieces = ["a?", "://", "://a", "://a:", "://a@", "://a?", "authorization: ", "token:,"]
    logged = said(f"for piece in {pieces}: logging.warning(piece * 200_000)\nprint('done')")
    assert "done" in logged
    assert len(logged.splitlines()) == len(pieces) + 1
