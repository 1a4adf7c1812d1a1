"""Calls of the scheduler's API: in whose name, with what, and that no address answers 500."""

from __future__ import annotations

import inspect
import json
import os
from urllib.parse import urlencode

import pytest
from luigi.rpc import RPC_METHODS, RemoteScheduler, RPCError
from luigi.scheduler import Scheduler

from hn_luigi.web.calls import Described, NotItsWorker, Workers, as_text, safe

from .client import data
from .test_owner import ASK, basic, request
from .users import stranger

IMAGE = "<img src=x onerror=alert(1)>"
NONSENSE = [None, True, -1.5, "<b>", "\ud800", [[1]], {"x": "y"}, [None]]


@pytest.fixture
def kept(settings, tmp_path):
    """A history of tasks is kept, as [scheduler] record_task_history has it."""
    if pytest.importorskip("sqlalchemy").__version__ >= "2":
        pytest.skip("Luigi's history takes SQLAlchemy 1 (spotify/luigi 3227)")
    settings("scheduler", record_task_history="true")
    settings("task_history", db_connection=f"sqlite:///{tmp_path}/history.db")
    return tmp_path / "history.db"


def test_a_history_that_is_kept_has_no_address_that_answers_500(kept, serve):
    server = serve()
    named = urlencode({"data": json.dumps({"a": {}})})
    for path in (
        *("by_id/x", "by_id/1", "by_id/" + "9" * 30, "by_task_id/x", "by_name/x", "by_name/%ff"),
        *("by_params/x?data=x", "by_params/x?data=[]", f"by_params/x?{named}"),
    ):
        answer = server.get(f"/history/{path}")
        assert answer.status in (200, 400, 404), path
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    for path in ("/history", "/tasklist", "/tasklist/x"):
        assert server.get(path).status == 200
    assert server.get("/history/by_id/x").text.startswith("The history of tasks has nothing")
    kept.write_bytes(b"no database" * 1000)
    assert server.get("/history").status == 503


@pytest.fixture
def call(server):
    def run(method, **arguments):
        return server.ask("GET", f"/api/{method}?{data(**arguments)}")

    return run


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
        assert "That worker is another's" in answer.text
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
    def described(self):
        return Described(Scheduler(stable_done_cooldown_secs=0))

    @pytest.fixture
    def add(self, described):
        def run(number, *, by_owner, **more):
            worker = "own" if by_owner else "evil"
            said = {"family": "F", "module": f"{worker}_module", "params": {"x": worker}}
            named = {"task_id": f"T{number}", "worker": worker, "batchable": True}
            described.add({**named, **said, **more}, by_owner=by_owner)

        described._scheduler.add_task_batcher(worker="own", task_family="F", batched_args=["x"])
        return run

    @pytest.fixture
    def work(self, described):
        return lambda: described._scheduler.get_work(worker="own")

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

    def test_takes_none_after_a_restart(self, add, described, work):
        add(1, by_owner=True, resources={"r": 1})
        again = Described(described._scheduler)
        named = {"task_id": "T2", "family": "F", "params": {"x": "evil"}, "resources": {"r": 1}}
        again.add({**named, "worker": "evil", "batchable": True}, by_owner=False)
        assert work()["task_id"] == "T1"

    def test_is_of_others_where_they_say_the_same(self, add, described):
        described._scheduler.add_task_batcher(worker="evil", task_family="F", batched_args=["x"])
        for number in (1, 2):
            add(number, by_owner=False)
        assert "batch_id" in described._scheduler.get_work(worker="evil")

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


class TestWorkers:
    def test_are_others_once_they_have_been_silent_for_as_long_as_the_dead(self):
        now = [0.0]
        workers = Workers(60, lambda: now[0])
        workers.require("w", "a")
        now[0] = 59.0
        workers.require("w", "a")
        now[0] = 119.0
        with pytest.raises(NotItsWorker):
            workers.require("w", "b")
        now[0] = 119.5
        workers.require("w", "b")
        with pytest.raises(NotItsWorker):
            workers.require("w", "a")

    def test_are_forgotten_then(self):
        now = [0.0]
        workers = Workers(60, lambda: now[0])
        for number in range(100):
            workers.require(f"w{number}", "a")
        now[0] = 61.0
        workers.require("w", "a")
        assert workers._owners.keys() == {"w"}


class TestText:
    @pytest.mark.parametrize(
        "said, html",
        [
            ("193 of 500 items", "193 of 500 items"),
            (IMAGE, "&lt;img src=x onerror=alert(1)&gt;"),
            ('AT&T\'s "R&amp;D"', 'AT&amp;T\'s "R&amp;D"'),
            ("&copy;", "&amp;copy;"),
            ("\ud800", "\\ud800"),
        ],
    )
    def test_gets_in_as_html_that_shows_it(self, said, html):
        assert as_text(said) == html
        assert as_text(html) == html

    @pytest.mark.parametrize(
        "method, name",
        [
            ("set_task_status_message", "status_message"),
            ("add_scheduler_message_response", "response"),
        ],
    )
    def test_is_so_wherever_the_visualiser_takes_it_for_html(self, method, name):
        assert safe(method, {name: IMAGE}) == {name: as_text(IMAGE)}
        assert "<" not in safe(method, {name: {"x": [IMAGE]}})[name]


class TestNames:
    @pytest.mark.parametrize(
        "change",
        [
            {"task_id": IMAGE},
            {"task_id": "x' onmouseover='alert(1)"},
            {"family": IMAGE},
            {"worker": IMAGE},
            {"deps": [IMAGE]},
            {"new_deps": [IMAGE]},
            {"resources": {IMAGE: 1}},
            {"resources": {"r": IMAGE}},
            {"priority": IMAGE},
            {"status": IMAGE},
        ],
    )
    def test_that_would_be_html_are_refused(self, server, call, change):
        answer = call("add_task", **{"worker": "w", "task_id": "Mine", "family": "Mine", **change})
        assert answer.status == 400
        assert answer.text.startswith(f"{next(iter(change))} can't be used: ")
        assert server.scheduler.task_list("", "") == {}

    def test_of_luigi_s_own_get_in_as_they_are(self):
        names = {
            "task_id": "my-space.Stories_top_2026_11_22T1230_a1b2c3d4e5_0f0f0f0f",
            "family": "my-space.Stories",
            "worker": "Worker(salt=0123456789, workers=1, host=a, username=o'brien, pid=7)",
            "params": {"a": "x < y & z", "b": "'\"", "c": ""},
            "resources": {"db": 1},
            "tracking_url": "https://news.ycombinator.com/item?id=1&x='<b>'",
        }
        assert safe("add_task", names) == names

    @pytest.mark.parametrize(
        "url", ["javascript:alert(1)", " javascript:alert(1)", "data:text/html,x", "//x", "x", 7]
    )
    def test_of_places_that_aren_t_of_the_web_are_left_out(self, url):
        assert safe("add_task", {"task_id": "T", "tracking_url": url})["tracking_url"] is None

    def test_of_what_a_worker_tells_don_t_hide_the_scheduler_s(self, call):
        for info in ([["name", "x"]], [["running", "x"]], [[1, 2]], ["x"], [["x", IMAGE, 1]], 7):
            assert call("add_worker", worker="w", info=info).status == 400
        assert call("worker_list").status == 200


class TestNumbers:
    @pytest.mark.parametrize("number", ["Infinity", "-Infinity", "1e999", "NaN", "9" * 400])
    @pytest.mark.parametrize(
        "method, argument",
        [
            ("add_task", '"priority": %s'),
            ("add_task", '"params": {"a": %s}'),
            ("add_task", '"resources": {"r": %s}'),
            ("add_task", '"accepts_messages": [%s]'),
            ("add_task_batcher", '"task_family": "F", "batched_args": ["x"], "max_batch_size": %s'),
            ("add_worker", '"info": [["x", %s]]'),
            ("get_work", '"assistant": {"x": %s}'),
        ],
    )
    def test_that_no_browser_reads_don_t_get_out_again(
        self, server, call, method, argument, number
    ):
        """One would leave the visualiser empty, for whoever looks; workers say infinity of some."""
        named = '"task_id": "T", "family": "F", ' if method == "add_task" else ""
        said = urlencode({"data": f'{{"worker": "w", {named}{argument % number}}}'})
        assert server.get(f"/api/{method}?{said}").status == (400 if number == "NaN" else 200)
        assert call("add_task", worker="w", task_id="T", family="F").status == 200
        assert json.loads(call("get_work", worker="w").text)["response"]["task_id"] == "T"
        for look in ("task_list", "worker_list", "resource_list"):
            json.loads(call(look).text, parse_constant=pytest.fail)

    @pytest.mark.parametrize("value", ["x", True, [1]])
    def test_that_the_scheduler_would_stumble_over_later_are_refused(self, call, value):
        """In a call of another worker's, or while it looks for dead ones."""
        for method, more in (
            ("add_task", {"task_id": "T", "retry_policy_dict": {"disable_window": value}}),
            ("add_task", {"task_id": "T", "resources": {"r": value}}),
            ("add_task_batcher", {"task_family": "F", "batched_args": [], "max_batch_size": value}),
            ("add_worker", {"info": [["workers", value]]}),
            (
                "decrease_running_task_resources",
                {"task_id": "T", "decrease_resources": {"r": value}},
            ),
            ("update_resource", {"resource": "r", "amount": value}),
            ("set_task_progress_percentage", {"task_id": "T", "progress_percentage": value}),
        ):
            named = {"worker": "w"} if method.startswith("add") else {}
            assert call(method, **named, **more).status == 400, method

    def test_however_large_are_added_up(self, call):
        for name, amount in (("Large", 10**400), ("Small", 0.5)):
            added = {"task_id": name, "family": name, "resources": {"r": amount}}
            assert call("add_task", worker="w", **added).status == 200
            assert call("update_resource", resource="r", amount=10**400).status == 200
            assert json.loads(call("get_work", worker="w").text)["response"]["task_id"] == name

    def test_of_luigi_s_own_get_in_as_they_are(self):
        policy = {"retry_count": 3, "disable_hard_timeout": None, "disable_window": 0.5}
        told = {"retry_policy_dict": policy, "priority": -1, "resources": {"r": 0.5}}
        assert safe("add_task", {"task_id": "T", **told}) == {"task_id": "T", **told}


@pytest.mark.slow
def test_no_call_answers_500(server, call):
    """Whatever it is called with; and the scheduler goes on."""
    for method in sorted(RPC_METHODS):
        assert call(method).status in (200, 400)
        known = inspect.signature(getattr(Scheduler, method)).parameters
        right = {"worker": "w", "task_id": "T"} if "worker" in known else {"task_id": "T"}
        right = {name: value for name, value in right.items() if name in known}
        for name in known.keys() - {"self", "kwargs"}:
            for value in NONSENSE:
                assert call(method, **{**right, name: value}).status < 500
    call("unpause")
    for method in ("task_list", "worker_list", "resource_list", "graph"):
        assert call(method).status == 200, method
    assert call("add_task", worker="v", task_id="Good", family="Good").status == 200
    assert json.loads(call("get_work", worker="v").text)["response"]["task_id"] == "Good"


@pytest.mark.parametrize("query", ["data=", "data=x", "data=[]", "data=1", "data=" + "[" * 9999])
def test_a_call_that_is_none_is_refused(server, query):
    assert server.get(f"/api/task_list?{query}").status == 400
    assert server.get(f"/api/nope?{query}").status == 404


def test_no_address_answers_500(server):
    for path in (
        *("/", "/metrics", "/history", "/tasklist", "/history/", "/tasklist/x", "/tasklist/%ff"),
        *("/history/by_name/x", "/history/by_id/1", "/history/by_task_id/x"),
        *("/history/by_params/x", "/history/by_params/x?data=x", "/static/", "/static", "/nope"),
        *("/api", "/api/", "/api/%ff", "/static/visualiser/", "/static/visualiser/index.html/x"),
        *(
            "/static/%00",
            "/assets/static/%00",
            "/static/" + "x" * 9000,
            "/assets/static/" + "x" * 9000,
        ),
        *("/%ff", "/assets%ff", "/?data=x", "/history?limit=x"),
    ):
        for method in ("GET", "HEAD", "OPTIONS", "POST", "PUT"):
            assert server.ask(method, path).status < 500, (method, path)
    for path in ("/history", "/tasklist", "/history/by_name/x"):
        answer = server.get(path)
        assert answer.status == 404
        assert answer.text.startswith("This scheduler keeps no history of tasks.")
