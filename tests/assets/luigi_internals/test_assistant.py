"""Luigi's assistants make no assets, and are told what to start in their place."""

from __future__ import annotations

import luigi
import pytest
from luigi.execution_summary import LuigiStatusCode
from luigi.scheduler import Scheduler
from luigi.worker import Worker

from hn_luigi.assets import Asset

INSTEAD = "start the same luigi command in its place"


@pytest.fixture
def bread(root):
    class Bread(Asset):
        suffix = ".json"
        window_length = None

        def compute(self):
            return 1

    return Bread


@pytest.fixture
def plain(tmp_path):
    class Plain(luigi.Task):
        def output(self):
            return luigi.LocalTarget(tmp_path / "plain")

        def run(self):
            self.output().makedirs()
            with self.output().open("w") as file:
                file.write("1")

    return Plain


def test_luigi_hands_an_assistant_a_task_of_others_without_any_setting():
    """If it fails, assistants may know enough to make assets."""
    scheduler = Scheduler()
    scheduler.add_task(worker="run", task_id="Bread", family="Bread", module="m", params={})
    work = scheduler.get_work(worker="assistant", assistant=True)
    told = {name: value for name, value in work.items() if name.startswith("task_")}
    assert told == {
        "task_id": "Bread",
        "task_family": "Bread",
        "task_module": "m",
        "task_params": {},
    }


def test_a_run_as_an_assistant_makes_nothing_and_says_what_to_start(bread, build, caplog, root):
    result = build(bread(), assistant=True)
    assert result.status is LuigiStatusCode.SCHEDULING_FAILED
    assert INSTEAD in caplog.text
    assert "Traceback" not in caplog.text
    assert not root.exists()


@pytest.mark.parametrize("workers", [1, 2])
def test_an_assistant_of_plain_tasks_refuses_an_asset_and_goes_on(bread, plain, root, workers):
    scheduler = Scheduler()
    theirs = {"task_id": f"{bread().task_id}_of_their_run", "family": "Bread", "params": {}}
    scheduler.add_task(worker="theirs", priority=1, **theirs)
    run, assistant = Worker(scheduler), Worker(scheduler, "it", workers, assistant=True)
    run.add(plain())
    with assistant:
        assistant.run()
    assert INSTEAD in scheduler.fetch_error(theirs["task_id"])["error"]
    assert theirs["task_id"] in scheduler.task_list("FAILED", "")
    assert plain().complete()
    assert not root.exists()
