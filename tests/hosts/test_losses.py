"""Two machines share the work, and one of them is lost: to a power cut, or behind a cable."""

from __future__ import annotations

import base64
import json
import time
import urllib.parse

from ..assets.storage.servers import ask
from ..limits import scaled
from ..processes import wait_until
from .conftest import PORT, TOKEN

RETRY_DELAY = 900  # seconds; Luigi's, after which its scheduler gives a lost task to another worker
MILL = {"module": "mill", "task": "Whole"}
FLAGS = ("--pieces", "1")
# Luigi asks three times by default, which take up to 90 s.
ASKS_ON = """
rpc_retry_attempts = 1000
rpc_retry_wait = 1
rpc_connect_timeout = 1
"""


def short_lease():
    """Code by which a lost holder's lock is another's soon."""
    return f"""
from functools import partial
from hn_luigi.assets.storage import lease
lease.hold = partial(lease.hold, seconds={scaled(3)})
"""


class TestAHostThatIsKilledInTheMiddle:
    def test_another_takes_over_within_the_leases_time(
        self, place, scheduler, notes, record_property
    ):
        a, b = (place(name, scheduler=scheduler) for name in ("a", "b"))
        notes.hold(0)
        a.luigi(*FLAGS, **MILL)
        notes.wait_for("piece-0")
        second = b.luigi(*FLAGS, **MILL)
        wait_until(lambda: "waiting for it" in second.said)
        killed = time.monotonic()
        assert a.crash()
        notes.release(0)
        again = notes.wait_for("piece-0", times=2)
        record_property("seconds until it was taken over", round(again.began - killed, 1))
        assert again.host == "b"
        assert again.began - killed < RETRY_DELAY
        assert second.end() == 0, second.said
        assert notes.names() == ["piece-0", "piece-0", "whole"]

    def test_on_itself_it_begins_anew_at_once(self, place, scheduler, notes):
        a = place("a", scheduler=scheduler)
        notes.hold(0)
        a.luigi(*FLAGS, **MILL)
        notes.wait_for("piece-0")
        assert a.crash()
        notes.release(0)
        again = a.luigi(*FLAGS, **MILL)
        assert again.end() == 0, again.said
        assert "waiting for it" not in again.said


class TestAHostThatLosesTheStoreInTheMiddle:
    def test_it_fails_in_a_line_and_another_makes_it(self, place, scheduler, notes, network):
        a, b = (place(name, scheduler=scheduler) for name in ("a", "b"))
        notes.hold(0)
        first = a.luigi(*FLAGS, **MILL, before=short_lease())
        notes.wait_for("piece-0")
        second = b.luigi(*FLAGS, **MILL, before=short_lease())
        wait_until(lambda: "waiting for it" in second.said)
        network["a"].part_from(network["store"])
        notes.wait_for("piece-0", times=2)
        notes.release(0)
        assert second.end() == 0, second.said
        assert first.end() == 30, first.said
        assert "Traceback" not in first.said
        assert notes.names() == ["piece-0", "piece-0", "whole"]


class TestAHostThatLosesTheSchedulerInTheMiddle:
    def test_of_which_the_scheduler_never_knew_goes_on(self, place, serve, notes, network):
        """It makes its step while it is cut off, and the other finds that; it asks until it may."""
        central = serve()
        a, b = (place(name, scheduler=central + ASKS_ON) for name in ("a", "b"))
        notes.hold(0)
        first = a.luigi(*FLAGS, **MILL)
        notes.wait_for("piece-0")
        second = b.luigi(*FLAGS, **MILL)
        wait_until(lambda: "waiting for it" in second.said)
        network["a"].part_from(network["scheduler"])
        notes.release(0)
        assert second.end() == 0, second.said
        wait_until(lambda: "Failed connecting to remote scheduler" in first.said)
        network["a"].join(network["scheduler"])
        assert first.end() == 0, first.said
        assert notes.names() == ["piece-0", "whole"]

    def test_that_was_given_up_makes_nothing_twice(self, place, serve, notes, network):
        """After 60 s by default. Luigi's scheduler then has no work for it, as it says by 25."""
        central = serve(gone_after=scaled(3))
        a, b = (place(name, scheduler=central) for name in ("a", "b"))
        notes.hold(0)
        first = a.luigi(*FLAGS, **MILL)
        notes.wait_for("piece-0")
        second = b.luigi(*FLAGS, **MILL)
        wait_until(lambda: "waiting for it" in second.said)
        network["a"].part_from(network["scheduler"])
        wait_until(lambda: not knows(network["scheduler"], first.process.pid))
        network["a"].join(network["scheduler"])
        notes.release(0)
        assert second.end() == 0, second.said
        assert first.end() in (0, 25), first.said
        assert notes.names() == ["piece-0", "whole"]


def knows(host, pid):
    """Whether the scheduler on a host knows the worker of that process."""
    url = f"http://{host.address}:{PORT}/api/worker_list"
    data = urllib.parse.urlencode({"data": "{}"}).encode()
    password = base64.b64encode(f":{TOKEN}".encode()).decode()
    answer = host.call(lambda: ask("POST", url, data, {"Authorization": f"Basic {password}"}))
    return any(f"pid={pid}" in worker["name"] for worker in json.loads(answer)["response"])
