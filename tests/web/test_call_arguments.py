"""What calls of the scheduler's API may bring in: text, names, numbers."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest

from hn_luigi.web.call_arguments import as_text, checked

IMAGE = "<img src=x onerror=alert(1)>"


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
        assert checked(method, {name: IMAGE}) == {name: as_text(IMAGE)}
        assert "<" not in checked(method, {name: {"x": [IMAGE]}})[name]


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
        assert answer.text.startswith(f"invalid {next(iter(change))}: ")
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
        assert checked("add_task", names) == names

    @pytest.mark.parametrize(
        "url", ["javascript:alert(1)", " javascript:alert(1)", "data:text/html,x", "//x", "x", 7]
    )
    def test_of_places_that_aren_t_of_the_web_are_left_out(self, url):
        assert checked("add_task", {"task_id": "T", "tracking_url": url})["tracking_url"] is None

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
        assert checked("add_task", {"task_id": "T", **told}) == {"task_id": "T", **told}
