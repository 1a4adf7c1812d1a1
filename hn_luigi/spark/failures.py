"""What Spark says when something fails, as one line with a remedy.

Spark 4.3 tells all causes by one Java exception, whose text holds the stack of the JVM, and within
it the traceback of the worker's Python. So, other than elsewhere, what happened is told by that
text; what isn't recognised is told by its own last line.
"""

from __future__ import annotations

import re
from typing import IO, TYPE_CHECKING

from hn_luigi.spark.errors import JobFailed, NoMaster, NoWorkers, SparkError, UnfitWorkers
from hn_luigi.spark.watchdog import PATIENCE

if TYPE_CHECKING:
    from hn_luigi.spark.watchdog import Watchdog

_SHIP = (
    "ship the environment (venv-pack; spark.archives and spark.pyspark.python of the session's "
    "conf), or install it on each worker"
)
# What is known of a text, and what to say of it; the first that fits. First, what workers lack.
_UNFIT = (
    (
        r"Python in worker has different version: (?P<w>[\d.]+) than that in driver: (?P<d>[\d.]+)",
        "the workers have Python {w}, and this process has {d}: " + _SHIP,
    ),
    (
        r'Cannot run program "(?P<path>[^"]+)"',
        "the workers have no Python at {path}: " + _SHIP,
    ),
    (
        r"ModuleNotFoundError: No module named '(?P<name>[^']+)'",
        "the workers' Python has no {name}: " + _SHIP,
    ),
)
_KNOWN = (
    *_UNFIT,
    (
        r"ExecutorLostFailure \(executor \S+ [^)]*\)(?: Reason: (?P<why>[^\n]*))?",
        "it lost one executor after the other ({why}): see the workers' logs, and give them more "
        "memory (spark.executor.memoryOverhead) if they were killed",
    ),
    (
        r"Python worker exited unexpectedly \(crashed\)",
        "a worker's Python was killed again and again: give it more memory "
        "(spark.executor.memoryOverhead), or fewer cores (spark.executor.cores)",
    ),
    (
        r"java\.lang\.OutOfMemoryError: (?P<what>[^\n]*)",
        "the JVM has too little memory ({what}): raise spark.driver.memory or "
        "spark.executor.memory",
    ),
    (  # who says so last of all that "A fatal exception has occurred"
        r"(?P<why>[^\n]+)\nError: Could not create the Java Virtual Machine",
        "there is no JVM with these settings ({why}): correct spark.driver.memory, or "
        "spark.driver.extraJavaOptions",
    ),
    (
        r"UnsupportedClassVersionError",
        "the java here is too old: Spark 4 takes Java 17 or later",
    ),
)
_TRACEBACK = re.compile(r"Traceback \(most recent call last\):\n(?:  .*\n|\n)*(?P<error>\S.*)")
_AFTER_MOST_RECENT = re.compile(r"most recent failure: (?P<rest>.*)", re.DOTALL)
_EXCEPTION = re.compile(
    r'(?:^|Caused by: |Exception in thread "main" |: )[\w.$]*(?:Exception|Error): (?P<said>[^\n]+)',
    re.MULTILINE,
)
_LOGGED = re.compile(r"^\S+ \S+ (?:ERROR|FATAL) \S+: (?P<said>.*)$", re.MULTILINE)


def to_spark_error(
    error: Exception, log: IO[bytes], watchdog: Watchdog | None
) -> SparkError | None:
    """What to raise instead of ``error``, which is none of Spark's if there is None.

    Args:
        log: what the session's JVM wrote.
        watchdog: of the session, if it came to be.
    """
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    if watchdog is not None and watchdog.gave_up_after is not None:
        return NoWorkers(
            f"no worker of the cluster took the job for {watchdog.gave_up_after} s: see on the "
            "master's page whether there are any, with cores and memory left, or wait longer by "
            f"{PATIENCE}"
        )
    if isinstance(error, PySparkException) and error.getCondition() == "JAVA_GATEWAY_EXITED":
        return NoMaster(f"Spark didn't start: {line_of_log(log)}")
    if not isinstance(error, (Py4JError, PySparkException)):
        return None
    # Said here, while the JVM is there: pyspark's own errors ask it how to put it.
    text = str(error)
    cause = cause_in(text)
    if "stopped SparkContext" in cause:  # which says why in its log alone
        cause = line_of_log(log)
    if watchdog is None:
        return NoMaster(f"no session of Spark: {cause}")
    is_unfit = any(re.search(pattern, text) for pattern, _ in _UNFIT)
    return (UnfitWorkers if is_unfit else JobFailed)(f"Spark failed: {cause}")


def cause_in(text: str) -> str:
    """What a text of Spark's says in its last consequence, in one line."""
    for pattern, line in _KNOWN:
        if found := re.search(pattern, text):
            told = {name: (value or "").strip() for name, value in found.groupdict().items()}
            return line.format(**told)
    if found := _AFTER_MOST_RECENT.search(text):
        text = found["rest"]
    if tracebacks := _TRACEBACK.findall(text):
        return str(tracebacks[-1])
    if exceptions := _EXCEPTION.findall(text):
        return str(exceptions[-1]).strip()
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[0].strip() if lines else "it didn't say why"


def line_of_log(log: IO[bytes]) -> str:
    """Why a JVM ended, as it wrote."""
    log.seek(0)
    text = log.read().decode(errors="replace")
    if logged := _LOGGED.findall(text):
        return str(logged[-1])
    return cause_in(text)
