"""What Spark says, in a line. The texts are Spark 4.3's own, shortened to what tells."""

from __future__ import annotations

import io

import pytest

from hn_luigi.spark.failures import cause_in, line_of_log

ABORTED = (
    "An error occurred while calling z:org.apache.spark.api.python.PythonRDD.collectAndServe.\n"
    ": org.apache.spark.SparkException: Job aborted due to stage failure: Task 0 in stage 0.0 "
    "failed 4 times, most recent failure: Lost task 0.3 in stage 0.0 (TID 3) (127.0.0.1 executor "
    "1): {}\n\nDriver stacktrace:\n\tat org.apache.spark.scheduler.DAGScheduler.abort(A.scala:1)"
)
PYTHON = (
    "org.apache.spark.api.python.PythonException: Traceback (most recent call last):\n"
    '  File "/spark/worker.py", line 1, in main\n    process()\n{}\n'
    "\tat org.apache.spark.api.python.BasePythonRunner$ReaderIterator.handle(P.scala:1)"
)


def in_python(error):
    return ABORTED.format(PYTHON.format(error))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (in_python("ValueError: no number: 'x'"), "ValueError: no number: 'x'"),
        (
            in_python(
                "pyspark.errors.exceptions.base.PySparkRuntimeError: [PYTHON_VERSION_MISMATCH] "
                "Python in worker has different version: 3.12 than that in driver: 3.11, PySpark "
                "cannot run with different minor versions."
            ),
            "the workers have Python 3.12, and this process has 3.11: ship ",
        ),
        (
            in_python("ModuleNotFoundError: No module named 'pyarrow'"),
            "the workers' Python has no pyarrow: ship the environment (venv-pack; ",
        ),
        (
            ABORTED.format(
                'java.io.IOException: Cannot run program "./environment/bin/python": error=2, No '
                "such file or directory\n\tat java.base/java.lang.ProcessBuilder.start(P.java:1)"
            ),
            "the workers have no Python at ./environment/bin/python: ship ",
        ),
        (
            ABORTED.format(
                "ExecutorLostFailure (executor 1 exited caused by one of the running tasks) "
                "Reason: Command exited with code 137"
            ),
            "it lost one executor after the other (Command exited with code 137): see ",
        ),
        (
            ABORTED.format(
                "org.apache.spark.SparkException: Python worker exited unexpectedly (crashed)\n"
                "\tat org.apache.spark.api.python.PythonRunner.handle(P.scala:1)"
            ),
            "a worker's Python was killed again and again: give it more memory ",
        ),
        (
            ": java.lang.OutOfMemoryError: Java heap space\n\tat java.base/java.util.Arrays.copy",
            "the JVM has too little memory (Java heap space): raise spark.driver.memory ",
        ),
        (
            "An error occurred while calling None.org.apache.spark.api.java.JavaSparkContext.\n"
            ": org.apache.spark.SparkException: Could not parse Master URL: 'local[q]'\n"
            "\tat org.apache.spark.SparkContext$.createTaskScheduler(SparkContext.scala:3391)",
            "Could not parse Master URL: 'local[q]'",
        ),
        (
            "[UNRESOLVED_COLUMN.WITH_SUGGESTION] A column with name `x` cannot be resolved; line 1 "
            "pos 7;\n'Project ['x]\n+- Range (0, 3, step=1)",
            "[UNRESOLVED_COLUMN.WITH_SUGGESTION] A column with name `x` cannot be resolved; ",
        ),
        ("", "it didn't say why"),
    ],
)
def test_a_text_of_spark_is_told_in_one_line(text, line):
    told = cause_in(text)
    assert told.startswith(line)
    assert "\n" not in told


@pytest.mark.parametrize(
    ("log", "line"),
    [
        (
            "WARNING: Using incubator modules: jdk.incubator.vector\n"
            'Exception in thread "main" org.apache.spark.SparkException: Master must either be '
            "yarn or start with spark, k8s, or local\n\tat org.apache.spark.deploy.SparkSubmit\n",
            "Master must either be yarn or start with spark, k8s, or local",
        ),
        (
            "26/11/27 20:46:03 ERROR StandaloneSchedulerBackend: Application has been killed. "
            "Reason: All masters are unresponsive! Giving up.\n"
            "26/11/27 20:46:03 WARN StandaloneSchedulerBackend: Application ID is not known yet\n",
            "Application has been killed. Reason: All masters are unresponsive! Giving up.",
        ),
        (
            "Error: A JNI error has occurred\n"
            "java.lang.UnsupportedClassVersionError: org/apache/spark/launcher/Main has been "
            "compiled by a more recent version of the Java Runtime (class file version 61.0)\n",
            "the java here is too old: Spark 4 takes Java 17 or later",
        ),
        (
            "Invalid maximum heap size: -Xmx1x\nError: Could not create the Java Virtual Machine.\n"
            "Error: A fatal exception has occurred. Program will exit.\n",
            "there is no JVM with these settings (Invalid maximum heap size: -Xmx1x): correct "
            "spark.driver.memory, or spark.driver.extraJavaOptions",
        ),
    ],
)
def test_a_jvm_that_ended_is_told_by_its_log(log, line):
    assert line_of_log(io.BytesIO(log.encode())) == line
