"""A session on this machine: what it leaves, and what is said where there can be none."""

from __future__ import annotations

import os
import signal
import sys

import psutil
import pytest

from hn_luigi.spark import NoMaster, NoSpark, UnfitWorkers, collect, spark_session


def state():
    """What of this process a session could change."""
    return list(sys.path), dict(os.environ), signal.getsignal(signal.SIGINT)


def square(number):
    """Refuses 13."""
    if number == 13:
        raise LookupError("13 has none", number)
    return number * number


@pytest.mark.slow
class TestASession:
    def test_gives_results_in_their_order_and_errors_as_they_are_and_leaves_nothing(self, conf):
        before, told = state(), []
        secret = {"spark.executorEnv.TOKEN": "hunter2"}
        with spark_session("local[2]", conf | secret) as session:
            context = session.sparkContext
            found = collect(context, range(7), square, on_done=told.append)
            with pytest.raises(LookupError) as raised:
                collect(context, [12, 13, 14], square, on_done=told.append)
            jvm = context._gateway.proc
            command = " ".join(psutil.Process(jvm.pid).cmdline())
        assert found == [0, 1, 4, 9, 16, 25, 36]
        assert raised.value.args == ("13 has none", 13)
        assert told[-1] == 3
        assert "hunter2" not in command
        assert jvm.returncode is not None
        assert state() == before

    def test_has_a_jvm_of_its_own_and_tells_in_a_line_what_a_task_could_not_import(self, conf):
        def lacking(_number):
            import no_such_library  # noqa: F401

        lacks = r"^Spark failed: the workers' Python has no no_such_library: ship .*$"
        memory = []
        with (
            pytest.raises(UnfitWorkers, match=lacks),
            spark_session("local[1]", {**conf, "spark.driver.memory": "600m"}) as session,
        ):
            runtime = session.sparkContext._jvm.java.lang.Runtime.getRuntime()
            memory.append(runtime.maxMemory() / 2**20)
            with pytest.raises(NoSpark, match="this process has a session of Spark already"):
                spark_session("local[1]").__enter__()
            collect(session.sparkContext, [1], lacking, on_done=lambda done: None)
        assert 540 < memory[0] < 610


@pytest.mark.slow
def test_a_master_that_spark_refuses_is_one_line(conf):
    before = state()
    with pytest.raises(NoMaster, match=r"Could not parse Master URL: 'local\[many\]'"):
        spark_session("local[many]", conf).__enter__()
    assert state() == before


class TestWithout:
    def test_java_it_says_what_to_install(self, monkeypatch, tmp_path):
        monkeypatch.delenv("JAVA_HOME", raising=False)
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(NoSpark, match=r"Java 17 or later, and there is no java here: install"):
            spark_session("local").__enter__()

    def test_java_in_java_home_it_says_which_that_is(self, monkeypatch, tmp_path):
        monkeypatch.setenv("JAVA_HOME", str(tmp_path))
        with pytest.raises(NoSpark, match=f"JAVA_HOME is {tmp_path}, where there is no bin/java"):
            spark_session("local").__enter__()

    def test_pyspark_it_names_the_extra(self, monkeypatch, java):
        monkeypatch.setitem(sys.modules, "pyspark", None)
        with pytest.raises(NoSpark, match=r'pip install "hn_luigi\[spark\]"'):
            spark_session("local").__enter__()
