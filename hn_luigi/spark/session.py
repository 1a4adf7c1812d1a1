"""A session that leaves nothing behind: no JVM, no signal handler, no path to import from.

Each session has a JVM of its own, which ends with the block. pyspark would keep the JVM of the
first session until the process ends, some 0.5 GB, and a second one would have its memory and its
jars whatever is asked for, since only the start of a JVM heeds them. A process that is killed
leaves none either: the JVM reads from a pipe, and ends when nobody holds the other end.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from tempfile import NamedTemporaryFile, TemporaryFile
from typing import IO, TYPE_CHECKING, Any

from hn_luigi.spark.errors import NoMaster, NoSpark
from hn_luigi.spark.failures import line_of_log, to_spark_error
from hn_luigi.spark.masters import is_local, is_on_loopback, require_master
from hn_luigi.spark.packages import packed
from hn_luigi.spark.watchdog import Watchdog

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_NOTHING: Mapping[str, str] = {}
_PYTHON = "spark.pyspark.python"
_SUBMIT_ARGS = "PYSPARK_SUBMIT_ARGS"
# A JVM takes 0.2 s to take leave of its master and remove its temporary files. After SIGTERM, a
# step has 5 s to unwind.
_SECONDS_TO_END = 60.0
_SECONDS_TO_END_IN_HASTE = 3.0
# What a SparkContext sets for the whole process (pyspark 4.3).
_VARIABLES = ("SPARK_AUTH_SOCKET_TIMEOUT", "SPARK_BUFFER_SIZE")


@contextmanager
def spark_session(
    master: str,
    conf: Mapping[str, str] = _NOTHING,
    *,
    name: str = "hn_luigi",
    packages: Sequence[str] = (),
) -> Iterator[SparkSession]:
    """Have a session while the block runs; it takes 5 s to start on a quiet machine.

    Args:
        master: ``local[2]`` for two processes of this machine, ``spark://host:7077``, ``yarn`` or
            ``k8s://…``. Spark Connect (``sc://…``) isn't one.
        conf: of https://spark.apache.org/docs/latest/configuration.html, by name.
            ``spark.pyspark.python`` is the Python of the workers; unless it or the environment's
            ``PYSPARK_PYTHON`` says so, it is this one, by its path.
        name: by which the cluster shows it.
        packages: names of importable packages that the workers take from this machine, so that
            they run its code; libraries have to be there (``spark.archives``).

    Raises:
        NoSpark: pyspark or Java isn't installed, or this process has a session already.
        NoMaster: the master can't be reached within seconds, or refuses, or the settings can't be
            had.
        NoWorkers: the master has none for the session, or no more.
        JobFailed: what the block had Spark do failed.
    """
    _require_java()
    start = _pyspark()
    require_master(master)
    settings = {**_defaults(master), **conf, "spark.master": master, "spark.app.name": name}
    python = settings.pop(_PYTHON, None) or os.environ.get("PYSPARK_PYTHON") or sys.executable
    with ExitStack() as ending:
        log = ending.enter_context(TemporaryFile())
        ending.enter_context(_process_as_it_was())
        # As a setting, spark-submit alone heeds it (pyspark 4.3).
        ending.enter_context(_variable("PYSPARK_PYTHON", python))
        watchdog = None
        try:
            session = start(settings, log, ending)
            for archive in ending.enter_context(packed(packages)):
                session.sparkContext.addPyFile(archive)
            watchdog = ending.enter_context(Watchdog(session.sparkContext))
            yield session
        except Exception as error:
            if (told := to_spark_error(error, log, watchdog)) is None:
                raise
            raise told from error


@contextmanager
def _submitted(settings: Mapping[str, str]) -> Iterator[None]:
    """Have a JVM that starts meanwhile take the settings from a file that nobody else can read.

    As ``launch_gateway`` would hand them over, the list of processes shows all, passwords included.
    """
    with NamedTemporaryFile("w", suffix=".properties") as file:
        for name, value in settings.items():
            escaped = value.replace("\\", "\\\\").replace("\n", "\\n")
            file.write(f"{name}={escaped}\n")
        file.flush()
        told = os.environ.get(_SUBMIT_ARGS, "pyspark-shell")
        options = f"--load-spark-defaults --properties-file {shlex.quote(file.name)} {told}"
        with _variable(_SUBMIT_ARGS, options):
            yield


def _defaults(master: str) -> dict[str, str]:
    """What is set unless it's said otherwise: no server for all, and no progress bar of its own."""
    defaults = {"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false"}
    if is_on_loopback(master):
        # By default its ports are in reach of the network.
        defaults |= {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
    if is_local(master):
        # And in that of all users of the machine; by itself, Spark then draws the password.
        defaults["spark.authenticate"] = "true"
    return defaults


def _require_java() -> None:
    """Raise NoSpark where Spark's scripts find no Java; they look as this does."""
    from shutil import which

    home = os.environ.get("JAVA_HOME")
    if home and not which(os.path.join(home, "bin", "java")):
        raise NoSpark(f"JAVA_HOME is {home}, where there is no bin/java: correct it, or unset it")
    if not home and not which("java"):
        raise NoSpark(
            "Spark takes Java 17 or later, and there is no java here: install it (Debian: apt "
            "install default-jre-headless), or set JAVA_HOME"
        )


def _pyspark() -> Callable[[Mapping[str, str], IO[bytes], ExitStack], Any]:
    """How a session is started: by which settings, with which log, and by what it is ended."""
    try:
        from pyspark import SparkConf, SparkContext
        from pyspark.java_gateway import launch_gateway
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise NoSpark(
            f"Spark needs {error.name or 'pyspark'}, which is not installed: "
            'pip install "hn_luigi[spark]"'
        ) from error
    if (active := SparkContext._active_spark_context) is not None:
        raise NoSpark(
            f"this process has a session of Spark already ({active.appName}), and can have one "
            "at a time: stop it first, or run this in a process of its own"
        )

    def start(settings: Mapping[str, str], log: IO[bytes], ending: ExitStack) -> Any:
        conf = SparkConf(loadDefaults=False).setAll(list(settings.items()))
        with _submitted(settings):
            gateway = launch_gateway(None, {"stdout": log, "stderr": log})
        ending.push(partial(_end, gateway))
        with _no_word_of_pandas():
            context = SparkContext(conf=conf, gateway=gateway)
            if context._jsc.sc().isStopped():  # nobody at the master's address answered as one
                raise NoMaster(f"{context.master} refused the session: {line_of_log(log)}")
            return SparkSession(context)

    return start


@contextmanager
def _no_word_of_pandas() -> Iterator[None]:
    """Pass over "PySpark does not yet fully support pandas >= 3.0.0" (4.3), asked for or not."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        yield


@contextmanager
def _process_as_it_was() -> Iterator[None]:
    """Undo what pyspark does to the process: variables, paths, and what Ctrl-C does.

    Its handler asks the stopped session to cancel its jobs, for as long as the process lives.
    """
    paths = list(sys.path)
    is_main = threading.current_thread() is threading.main_thread()
    interrupt = signal.getsignal(signal.SIGINT)
    try:
        yield
    finally:
        if is_main:
            signal.signal(signal.SIGINT, interrupt)
        sys.path[:] = [path for path in sys.path if path in paths]
        for name in _VARIABLES:
            os.environ.pop(name, None)


@contextmanager
def _variable(name: str, value: str) -> Iterator[None]:
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        os.environ.pop(name)
        if before is not None:
            os.environ[name] = before


def _end(gateway: Any, _kind: object, error: BaseException | None, _at: object) -> None:
    """Have pyspark forget the session, and end the JVM, which stops its own side first.

    ``SparkSession.stop`` would ask the JVM, by a connection on which, after an interrupt, the next
    answer belongs to another question.
    """
    _forget()  # first, as what listens to the JVM would complain of its end
    process: subprocess.Popen[bytes] = gateway.proc
    with suppress(OSError):
        process.stdin.close()  # type: ignore[union-attr]
    is_stopped = error is not None and not isinstance(error, Exception)
    try:
        process.wait(_SECONDS_TO_END_IN_HASTE if is_stopped else _SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    with suppress(Exception):
        gateway.close()


def _forget() -> None:
    """Clear what pyspark 4.3 remembers of a session, all of it in attributes of classes."""
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

    if (context := SparkContext._active_spark_context) is not None:
        context._jsc = None  # else it would be asked
        context.stop()
    SparkSession._instantiatedSession = SparkSession._activeSession = None
    SparkContext._gateway = SparkContext._jvm = None
