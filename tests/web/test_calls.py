"""No call of the scheduler's API and no address answers 500."""

from __future__ import annotations

import inspect
import json
from urllib.parse import urlencode

import pytest
from luigi.rpc import RPC_METHODS
from luigi.scheduler import Scheduler

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
    assert server.get("/history/by_id/x").text.startswith("The task history has no such entry")
    kept.write_bytes(b"no database" * 1000)
    assert server.get("/history").status == 503


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
            "/assets/_static/%00",
            "/static/" + "x" * 9000,
            "/assets/_static/" + "x" * 9000,
        ),
        *("/%ff", "/assets%ff", "/?data=x", "/history?limit=x"),
    ):
        for method in ("GET", "HEAD", "OPTIONS", "POST", "PUT"):
            assert server.ask(method, path).status < 500, (method, path)
    for path in ("/history", "/tasklist", "/history/by_name/x"):
        answer = server.get(path)
        assert answer.status == 404
        assert answer.text.startswith("This scheduler keeps no task history.")
