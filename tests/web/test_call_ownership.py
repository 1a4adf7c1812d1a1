"""In whose name calls of the scheduler's API are made, and in whose words tasks stand."""

from __future__ import annotations

import json
import os

import pytest
from luigi.rpc import RemoteScheduler, RPCError
from luigi.scheduler import Scheduler

from hn_luigi.web.call_ownership import NotItsWorker, TaskDescriptions, WorkerOwners

from .client import data
from .test_owner import ASK, basic, request
from .users import stranger


class TestAWorkerOfAnother:
    @pytest.fixture
    def remote(self, server, settings):
        """A worker in a process that has imported hn_luigi, with a task."""
        settings("core", rpc_retry_attempts=1, rpc_retry_wait=0)
        remote = RemoteScheduler(f"http://127.0.0.1:{server.port}")
        remote.add_task(worker="w", task_id="Mine", status="PENDING", family="Mine")
        yield remote
        remote.close()

    @pytest.mark.parametrize(
        "method, more",
        [
            ("add_task", {"task_id": "Evil", "module": "os", "family": "Evil"}),
            ("add_task_batcher", {"task_family": "Mine", "batched_args": ["x"]}),
            ("add_worker", {"info": [["assistant", True]]}),
            ("announce_scheduling_failure", {}),
            ("count_pending", {}),
            ("get_work", {}),
            ("ping", {}),
        ],
    )
    def test_is_nobody_to_speak_for(self, server, remote, call, method, more):
        if method == "announce_scheduling_failure":
            more = dict.fromkeys(("task_name", "family", "params", "expl", "owners"), "x")
        answer = call(method, worker="w", **more)
        assert answer.status == 403
        assert "That worker is another client's" in answer.text
        assert remote.get_work(worker="w")["task_id"] == "Mine"
        assert server.scheduler.task_list("", "").keys() == {"Mine"}

    def test_may_be_told_by_the_visualiser_s_buttons(self, remote, call):
        assert call("set_worker_processes", worker="w", n=2).status == 200
        assert call("disable_worker", worker="w").status == 200

    def test_is_no_child_of_it(self, remote):
        """A task's own process tells where it can be tracked."""
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                remote.add_task(worker="w", task_id="Mine", status="RUNNING", tracking_url="x")
                code = 0
            finally:
                os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0

    def test_that_began_without_a_proof_goes_on_so(self, server, remote):
        """One that imports hn_luigi only while it runs."""
        older = RemoteScheduler(f"http://127.0.0.1:{server.port}")
        del older._fetcher._hn_luigi_proof
        older.add_task(worker="older", task_id="Older", status="PENDING")
        assert older.get_work(worker="older")["task_id"] == "Older"
        with pytest.raises(RPCError):
            remote.add_task(worker="older", task_id="Evil")
        older.close()


class TestABatch:
    """Of which a worker imports and runs what the scheduler hands it."""

    @pytest.fixture
    def descriptions(self):
        return TaskDescriptions(Scheduler(stable_done_cooldown_secs=0))

    @pytest.fixture
    def add(self, descriptions):
        def run(number, *, by_owner, **more):
            worker = "own" if by_owner else "evil"
            said = {"family": "F", "module": f"{worker}_module", "params": {"x": worker}}
            named = {"task_id": f"T{number}", "worker": worker, "batchable": True}
            descriptions.add({**named, **said, **more}, by_owner=by_owner)

        descriptions._scheduler.add_task_batcher(worker="own", task_family="F", batched_args=["x"])
        return run

    @pytest.fixture
    def work(self, descriptions):
        return lambda: descriptions._scheduler.get_work(worker="own")

    def test_is_made_of_what_one_side_says(self, add, work):
        for number in (1, 2):
            add(number, by_owner=True)
        assert work()["batch_task_ids"] == ["T1", "T2"]

    def test_has_nothing_of_who_named_its_tasks_first(self, add, work):
        for by_owner in (False, True):
            for number in (1, 2):
                add(number, by_owner=by_owner, priority=9)
        assert {work()["task_id"], work()["task_id"]} == {"T1", "T2"}

    def test_has_nothing_of_who_names_what_another_task_requires(self, add, work):
        add(3, by_owner=True, family="Other", deps=["T1", "T2"])
        for by_owner in (False, True, False):
            for number in (1, 2):
                add(number, by_owner=by_owner)
        assert {work()["task_id"], work()["task_id"]} == {"T1", "T2"}

    def test_takes_no_tasks_of_others_of_its_family(self, add, work):
        add(1, by_owner=True, resources={"r": 1})  # or a worker's own are looked through alone
        add(2, by_owner=False, resources={"r": 1})
        assert work()["task_id"] == "T1"

    def test_takes_none_after_a_restart(self, add, descriptions, work):
        add(1, by_owner=True, resources={"r": 1})
        again = TaskDescriptions(descriptions._scheduler)
        named = {"task_id": "T2", "family": "F", "params": {"x": "evil"}, "resources": {"r": 1}}
        again.add({**named, "worker": "evil", "batchable": True}, by_owner=False)
        assert work()["task_id"] == "T1"

    def test_is_of_others_where_they_say_the_same(self, add, descriptions):
        descriptions._scheduler.add_task_batcher(worker="evil", task_family="F", batched_args=["x"])
        for number in (1, 2):
            add(number, by_owner=False)
        assert "batch_id" in descriptions._scheduler.get_work(worker="evil")

    def test_of_another_user_isn_t_this_user_s(self, server, call):
        """The whole way, by connections."""
        ask, token = stranger(), basic(server.secret)
        call("add_task_batcher", worker="own", task_family="F", batched_args=["x"])
        for number in (1, 2):
            said = {"task_id": f"T{number}", "family": "F", "params": {"x": "1"}, "batchable": True}
            evil = data(worker="evil", module="evil", **said)
            assert " 200 " in ask(ASK, server.port, request("GET", f"/api/add_task?{evil}", token))
            assert call("add_task", worker="own", module="own", **said).status == 200
        assert json.loads(call("get_work", worker="own").text)["response"]["task_id"] == "T1"


class TestWorkerOwners:
    def test_let_go_of_workers_once_they_have_been_silent_for_as_long_as_the_dead(self):
        now = [0.0]
        owners = WorkerOwners(60, lambda: now[0])
        owners.require("w", "a")
        now[0] = 59.0
        owners.require("w", "a")
        now[0] = 119.0
        with pytest.raises(NotItsWorker):
            owners.require("w", "b")
        now[0] = 119.5
        owners.require("w", "b")
        with pytest.raises(NotItsWorker):
            owners.require("w", "a")

    def test_forget_them_then(self):
        now = [0.0]
        owners = WorkerOwners(60, lambda: now[0])
        for number in range(100):
            owners.require(f"w{number}", "a")
        now[0] = 61.0
        owners.require("w", "a")
        assert owners._owners.keys() == {"w"}
