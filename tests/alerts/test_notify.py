"""``hn-luigi alert`` notifies people of what went wrong, once, and when it is over."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys

import psutil
import pytest

from hn_luigi import Digest, Stories, StoryIds
from hn_luigi.assets import Check, warn, window
from hn_luigi.assets.errors import StorageError
from hn_luigi.assets.storage import Folder
from hn_luigi.replica import FrontPage

from ..limits import patience, scaled
from ..processes import PIPES, REPOSITORY, Forked, wait_until
from .conftest import TOKEN
from .test_incidents import FLAPPING, MESSAGES_OF_FLAPPING

pytestmark = pytest.mark.usefixtures("one_asset")
STATE = "_alerts/top/story_ids.json"
ALL_WELL = "Nothing failed, and nothing is late.\n"


@pytest.fixture
def make(succeed, clock):
    """Makes StoryIds for the present window, a minute later."""

    def run():
        clock.advance(minutes=1)
        succeed(StoryIds())

    return run


class TestAWarningOfChecks:
    @pytest.fixture
    def found(self, monkeypatch):
        """What a check finds from now on."""
        found = []
        check = Check(lambda ids: "; ".join(found), name="odd")
        monkeypatch.setattr(StoryIds, "checks", (warn(check),))
        return found

    def test_is_told_once_and_its_end_once(self, hook, found, succeed, say, clock, root):
        found += ["too\nfew"]
        succeed(StoryIds())
        line = "suspect top/story_ids: since 2026-11-22 12:34 UTC: odd: too few\n"
        assert say("alert").out.startswith(line)
        clock.advance(minutes=10)
        found += ["and worse"]
        succeed(StoryIds())
        assert "(already sent)" in say("alert").out
        assert [m["title"] for m in hook.messages] == ["hn_luigi: suspect: top/story_ids"]
        assert "  odd: too few\n" in hook.messages[0]["message"]
        clock.advance(minutes=10)
        found.clear()
        succeed(StoryIds())
        say("alert")
        assert hook.messages[1]["title"] == "hn_luigi: no longer suspect: top/story_ids"
        assert "12:34 to 2026-11-22 12:54 UTC (20 min)" in hook.messages[1]["message"]
        assert say("alert") == (0, ALL_WELL, "")
        assert len(hook.messages) == 2

    def test_goes_on_while_later_tries_fail(self, hook, found, succeed, fail, say, clock):
        found += ["too few"]
        succeed(StoryIds())
        say("alert")
        clock.advance(minutes=10)
        fail()
        say("alert")
        assert [m["title"] for m in hook.messages] == [
            "hn_luigi: suspect: top/story_ids",
            "hn_luigi: failed: top/story_ids",
        ]

    def test_doesn_t_stop_the_heartbeat(self, found, succeed, say, web, settings):
        found += ["too few"]
        succeed(StoryIds())
        settings("alerts", heartbeat_url=f"http://127.0.0.1:{web.port}/beat")
        say("alert")
        assert web.beats == ["/beat"]


class TestAFailure:
    def test_is_told_by_mail_once_and_its_end_once(self, mail, fail, make, say, clock, root):
        fail("Unavailable: can't\nread it")
        clock.advance(minutes=3)
        told = "Sent by e-mail to a@example.org and e-mail to b@example.org.\n"
        line = "failed top/story_ids: since 2026-11-22 12:34 UTC: Unavailable: can't read it\n"
        assert say("alert") == (0, line + told, "")
        clock.advance(minutes=4)
        fail("Another: error")
        before = line.replace(" UTC: ", " UTC (already sent): ")
        assert say("alert") == (0, before, "")
        assert sorted(m["To"] for m in mail.mails) == ["a@example.org", "b@example.org"]
        first = mail.mails[0]
        assert (first["From"], first["Subject"]) == (
            "luigi@example.org",
            "hn_luigi: failed: top/story_ids",
        )
        text = first.get_content()
        assert "failed: top/story_ids, since 2026-11-22 12:34 UTC\n" in text
        assert "  Unavailable: can't read it\n" in text
        assert "  See: hn-luigi history top/story_ids, and the log of the run\n" in text
        assert f"Stored under {root}, seen from" in text

        make()
        said = say("alert")
        assert said.out.endswith(told)
        over = "no longer failed: top/story_ids"
        assert mail.mails[2]["Subject"] == f"hn_luigi: {over}"
        period = "from 2026-11-22 12:34 to 2026-11-22 12:42 UTC (8 min)"
        assert f"{over}, {period}\n" in mail.mails[2].get_content()
        assert not (root / STATE).exists()
        assert say("alert") == (0, ALL_WELL, "")
        assert len(mail.mails) == 4

    def test_is_shown_and_not_told_until_the_next_try_fails_too(self, hook, fail, say, clock):
        fail(tries=1)
        said = say("alert")
        assert said.out == (
            "failed top/story_ids: since 2026-11-22 12:34 UTC (not sent yet): OSError: no net\n"
        )
        assert hook.messages == []
        clock.advance(minutes=10)
        fail(tries=1)
        assert "since 2026-11-22 12:34 UTC: OSError" in say("alert").out
        assert len(hook.messages) == 1

    @pytest.mark.slow
    def test_that_comes_and_goes_is_told_when_it_stays(self, hook, fail, succeed, say, clock):
        """At 50 % errors, 14 messages in 32 windows were as good as none."""
        for fails_now in FLAPPING:
            clock.advance(minutes=10)
            if fails_now:
                fail(tries=1)
            else:
                succeed(StoryIds())
            say("alert")
        assert len([m for m in hook.messages if "failed" in m["title"]]) == MESSAGES_OF_FLAPPING

    def test_is_not_over_while_the_data_is_late(self, hook, make, fail, say, clock):
        """As where an old window is made that had failed."""
        make()
        old = clock()
        clock.advance(minutes=40)
        fail(as_of=old)
        say("alert")
        clock.advance(minutes=1)
        record = StoryIds(as_of=old).partition.record()
        made = {**vars(record), "created_at": window.timestamp(clock())}
        StoryIds(as_of=old).partition.write_record(type(record)(**made))
        clock.advance(minutes=1)
        say("alert")
        assert len(hook.messages) == 1
        make()
        say("alert")
        assert hook.messages[1]["title"] == (
            "hn_luigi: no longer failed: top/story_ids; no longer late: top/story_ids"
        )

    def test_that_is_to_be_tried_again_is_none_yet(self, hook, fail, say, clock):
        fail(retried=True, attempt=1)
        assert say("alert").out.startswith("Nothing failed")
        clock.advance(seconds=2)
        fail(retried=False, attempt=2)
        clock.advance(minutes=1)
        fail(retried=True, attempt=1)  # of the next run
        assert "failed top/story_ids: since 2026-11-22 12:34 UTC" in say("alert").out
        assert len(hook.messages) == 1

    def test_of_a_past_window_is_over_when_that_is_made(self, hook, fail, make, say, clock):
        make()
        old = clock()
        clock.advance(minutes=10)
        make()
        clock.advance(minutes=1)
        fail(as_of=old)
        assert "failed" in say("alert").out
        clock.advance(minutes=1)
        record = StoryIds(as_of=old).partition.record()
        made = record.__class__(**{**vars(record), "created_at": "2026-11-22T12:48:00.000Z"})
        StoryIds(as_of=old).partition.write_record(made)
        assert "over" in say("alert").out
        assert len(hook.messages) == 2

    def test_names_the_command_that_shows_more_with_the_options_of_this_one(
        self, hook, fail, root, say
    ):
        fail()
        say(["alert", "--watch", "hn_luigi StoryIds", "--storage-root", f"{root}/../{root.name}"])
        (message,) = hook.messages
        (see,) = re.findall("See: hn-luigi (.*), and the log", message["message"])
        options = f"--watch 'hn_luigi StoryIds' --storage-root {root}/../{root.name}"
        assert see == f"history top/story_ids {options}"
        assert "OSError: no net" in say(shlex.split(see)).out


def test_what_is_late_is_told_once_with_since_when_and_its_end_once(hook, make, say, clock):
    make()
    clock.advance(minutes=30)
    assert say("alert").out == ALL_WELL
    clock.advance(minutes=5)
    assert say("alert").out.startswith("late top/story_ids: since 2026-11-22 13:05 UTC: its")
    say("alert")
    make()
    assert "over, from 2026-11-22 13:05 to 2026-11-22 13:11 UTC (6 min)" in say("alert").out
    begun, over = hook.messages
    assert (begun["title"], begun["type"]) == ("hn_luigi: late: top/story_ids", "failure")
    assert "its newest data was read at 2026-11-22 12:35 UTC, limit 30 min" in begun["message"]
    assert (over["title"], over["type"]) == ("hn_luigi: no longer late: top/story_ids", "success")


class TestWhatIsMadeFromWhatIsLate:
    """An outage makes the ids late after half an hour, and the day's digest after an hour."""

    @pytest.fixture
    def watched(self, settings, succeed, replica):
        story = {"id": 1, "type": "story", "title": "Rust in space", "score": 5}
        replica.front_page = FrontPage({1: story})
        settings("assets", watch="hn_luigi StoryIds\nhn_luigi Digest")
        succeed(Digest())

    def test_is_no_news_once_that_is_told(self, watched, hook, say, clock, succeed):
        assert say("alert").out == ALL_WELL
        clock.advance(minutes=35)
        say("alert")
        clock.advance(minutes=35)
        assert "late top/digest: since" in (shown := say("alert").out)
        assert shown.count("(not sent yet)") == 1
        succeed(Stories())
        say("alert")  # before the digest is made anew
        assert [m["title"] for m in hook.messages] == [
            "hn_luigi: late: top/story_ids and top/stories",
            "hn_luigi: no longer late: top/story_ids and top/stories",
        ]

    def test_is_news_if_it_stays_late(self, watched, hook, say, clock, succeed):
        for _ in range(2):
            clock.advance(minutes=35)
            say("alert")
        succeed(Stories())
        for _ in range(2):
            say("alert")
        assert [m["title"] for m in hook.messages[1:]] == [
            "hn_luigi: no longer late: top/story_ids and top/stories",
            "hn_luigi: late: top/digest",
        ]


def test_what_is_new_together_is_one_message(hook, make, fail, say, clock):
    make()
    clock.advance(minutes=40)
    fail()
    say("alert")
    (message,) = hook.messages
    assert message["title"] == "hn_luigi: failed: top/story_ids; late: top/story_ids"


class TestWhatIsKept:
    def test_that_can_t_be_read_is_told_of_and_begun_anew(self, hook, fail, say, root):
        fail()
        say("alert")
        for data in (b"{", b'{"version": 9}', b'{"version": 1, "incidents": [{}]}', b"\xff"):
            (root / STATE).write_bytes(data)
            said = say("alert")
            assert said.code == 0
            assert said.err.startswith("hn-luigi: top/story_ids: its alert state can't be read")
            assert said.err.count("\n") == 1
            assert say("alert").err == ""
        assert len(hook.messages) == 5

    def test_unreadable_of_an_asset_that_is_well_goes(self, hook, make, say, root):
        make()
        (root / STATE).parent.mkdir(parents=True)
        (root / STATE).write_text("{")
        assert say("alert").out == ALL_WELL
        assert not (root / STATE).exists()
        assert hook.asked == []

    def test_nothing_is_while_there_is_nothing_to_tell(self, hook, say, root):
        assert say("alert").code == 0
        assert not root.exists()

    def test_can_t_be_so_it_is_told_and_exit_code_2(self, hook, fail, say, monkeypatch):
        """Rather twice than never: a full disk is what it may be about."""

        def write(self, key, data):
            raise StorageError("can't write it: No space left on device")

        fail()
        monkeypatch.setattr(Folder, "write", write)
        for _ in range(2):
            said = say("alert")
            assert (said.code, said.err) == (
                2,
                "hn-luigi: can't write it: No space left on device\n",
            )
        assert len(hook.messages) == 2

    def test_nothing_is_without_a_channel(self, fail, say, root, settings, web):
        fail()
        said = say("alert")
        assert (said.code, said.out.splitlines()[-1]) == (0, "No channel is configured.")
        assert said.err.startswith("hn-luigi: no channel is configured: set [email] receiver")
        assert not (root / "_alerts").exists()
        settings("alerts", urls=f"json://127.0.0.1:{web.port}")
        say("alert")
        assert len(web.messages) == 1

    def test_is_under_the_root_alone(self, hook, fail, say, root):
        fail()
        say("alert")
        paths = [p for p in root.rglob("*") if p.is_file() and "_failures" not in p.parts]
        assert paths == [root / STATE]


class TestAChannelThatFails:
    def test_is_a_line_and_the_others_have_told_it(self, hook, mail, fail, say):
        hook.status = 500
        fail()
        said = say("alert")
        assert said.code == 0
        assert said.err == (
            "hn-luigi: URL 1 of [alerts] urls (json): the service didn't accept it; check the "
            "URL, and that the service works and can be reached\n"
        )
        say("alert")
        assert (len(hook.asked), len(mail.mails)) == (1, 2)

    @pytest.mark.parametrize("over", [False, True])
    def test_alone_is_tried_again_until_somebody_is_reached(self, hook, fail, make, say, over):
        hook.status = 500
        fail()
        assert say("alert").out.endswith("No channel accepted it; it is sent the next time.\n")
        if over:
            make()
        assert say("alert").out.endswith("No channel accepted it; it is sent the next time.\n")
        hook.status = 200
        assert say("alert").out.endswith("Sent by URL 1 of [alerts] urls (json).\n")
        say("alert")
        assert len(hook.messages) == 3
        assert ("no longer" in hook.messages[-1]["title"]) is over

    @pytest.mark.slow
    def test_to_answer_holds_up_nobody_beyond_the_timeout(
        self, hook, mail, fail, make, say, settings
    ):
        seconds = min(10, scaled(2))
        patient = f"json://127.0.0.1:{hook.port}/?rto=60"  # as Apprise is for 4 s
        settings("alerts", timeout=seconds, urls=patient)
        hook.go_on.clear()
        fail()
        said = say("alert")
        assert (said.code, len(mail.mails)) == (0, 2)
        assert said.err == (
            f"hn-luigi: URL 1 of [alerts] urls (json): no answer within {seconds:g} s; check that "
            "it works\n"
        )

    def test_hangs_and_the_process_ends_all_the_same(self, hook, fail, started):
        hook.go_on.clear()
        fail()
        process = started("[alerts]\ntimeout = 0.3\n", subprocess.Popen, **PIPES)
        _, err = process.communicate(timeout=patience())  # before the hook answers
        assert (process.returncode, err.count("\n")) == (0, 1), err


class TestAClockThatWasWrong:
    def test_leaves_no_failure_of_the_future(self, hook, make, fail, say, clock):
        clock.advance(days=3)
        fail()
        clock.advance(days=-3)
        make()
        assert say("alert").out == ALL_WELL
        assert hook.messages == []

    def test_ends_nothing_before_it_began(self, hook, fail, make, say, clock):
        make()
        clock.advance(minutes=20)
        fail()
        say("alert")
        clock.advance(minutes=-10)
        assert "from 2026-11-22 12:55 to 2026-11-22 12:55 UTC (0 s)" in say("alert").out


def test_what_can_t_be_locked_is_told_all_the_same(hook, fail, say, root):
    fail()
    (root / "_locks").write_text("in the way")
    assert "Sent by" in say("alert").out
    assert len(hook.messages) == 1


class TestTwoAtOnce:
    @pytest.mark.parametrize("has_locks", [True, False])
    def test_send_one_message(self, hook, fail, started, root, has_locks):
        """Also where the root can't be locked, being read-only, say."""
        hook.go_on.clear()
        fail()
        if not has_locks:
            (root / "_locks").write_text("in the way")
        both = [started(), started()]
        wait_until(lambda: hook.asked and all(map(is_at_the_lock, both)))
        hook.go_on.set()
        outs = sorted(process.communicate(timeout=patience())[0] for process in both)
        assert len(hook.messages) == 1
        assert [("(already sent)" in out, "Sent by" in out) for out in outs] == [
            (True, False),
            (False, True),
        ]


def is_at_the_lock(process):
    files = psutil.Process(process.pid).open_files()
    return any(file.path.endswith("_alerts.lock") for file in files)


@pytest.fixture
def started(hook, root, tmp_path, forkserver):
    """Starts ``hn-luigi alert`` as a process of its own, which watches the real graph."""

    processes = []

    def run(config="", start=Forked, **options):
        (tmp_path / "mine.cfg").write_text(config)
        url = f"json://user:{TOKEN}@127.0.0.1:{hook.port}/{TOKEN}?rto=60"
        process = start(
            [sys.executable, "-m", "hn_luigi.cli", "--storage-root", str(root), "alert"],
            cwd=tmp_path,
            env={
                **os.environ,
                "PYTHONPATH": str(REPOSITORY),
                "LUIGI_CONFIG_PATH": "mine.cfg",
                "HN_LUIGI_ALERT_URLS": url,
            },
            **options,
        )
        processes.append(process)
        return process

    yield run
    for process in processes:
        process.kill()
        process.communicate()


class TestTheHeartbeat:
    @pytest.fixture(autouse=True)
    def beating(self, web, settings):
        settings("alerts", heartbeat_url=f"http://127.0.0.1:{web.port}/ping/{TOKEN}?status=up")

    def test_is_fetched_each_time_while_all_is_well(self, web, make, say):
        make()
        assert say("alert") == (0, ALL_WELL, "")
        say("alert")
        assert web.beats == [f"/ping/{TOKEN}?status=up"] * 2

    def test_stays_out_after_a_run_that_was_not_good(self, web, make, say):
        make()
        assert say("alert --no-heartbeat") == (0, ALL_WELL, "")
        assert web.beats == []

    def test_stays_out_while_something_failed(self, web, make, fail, say, clock):
        make()
        clock.advance(minutes=1)
        fail()
        say("alert")
        assert web.beats == []
        clock.advance(minutes=10)
        make()
        say("alert")
        assert len(web.beats) == 1

    def test_stays_out_while_something_is_late(self, web, make, say, clock):
        make()
        clock.advance(minutes=40)
        say("alert")
        assert web.beats == []

    def test_stays_out_while_nothing_is_known(self, web, say):
        assert "as far as is known: nothing is stored of top/story_ids" in say("alert").out
        assert web.beats == []

    def test_comes_also_if_nobody_can_be_told_that_all_is_well_again(
        self, hook, make, fail, say, clock
    ):
        fail()
        say("alert")
        hook.status = 500
        make()
        said = say("alert")
        assert "No channel accepted it" in said.out
        assert hook.beats == [f"/ping/{TOKEN}?status=up"]
        assert said.code == 0

    def test_that_fails_is_a_line_without_its_address(self, web, make, say, settings):
        make()
        name = "hn-luigi: the heartbeat of [alerts] heartbeat_url: "
        web.status = 404
        assert say("alert").err == (f"{name}the server answered 404; check the address\n")
        settings("alerts", timeout=0.2)
        web.go_on.clear()
        said = say("alert")
        assert (said.code, said.err.startswith(f"{name}no answer")) == (0, True)
        settings("alerts", heartbeat_url=f"http://127.0.0.1:1/{TOKEN}", timeout=min(10, scaled(5)))
        assert say("alert") == (
            0,
            ALL_WELL,
            f"{name}Connection refused; check that it can be reached\n",
        )

    def test_is_not_in_a_test(self, hook, make, say):
        make()
        assert say("alert --test").code == 0
        assert hook.beats == []


class TestATest:
    def test_goes_to_every_channel_and_tells_no_news(self, hook, mail, fail, say, root):
        fail()
        said = say("alert --test")
        assert (said.code, said.err) == (0, "")
        assert said.out == (
            "Sent by e-mail to a@example.org, e-mail to b@example.org and URL 1 of [alerts] urls "
            "(json).\n"
        )
        assert [m["title"] for m in hook.messages] == ["hn_luigi: a test message"]
        assert len(mail.mails) == 2
        assert not (root / "_alerts").exists()

    def test_ends_with_1_and_names_what_fails(self, hook, mail, say):
        mail.refused = "b@example.org"
        hook.status = 500
        said = say("alert --test")
        assert (said.code, said.out) == (1, "Sent by e-mail to a@example.org.\n")
        first, second = said.err.splitlines()
        assert first.startswith(
            "hn-luigi: e-mail to b@example.org: the server refused the receiver (550); check"
        )
        assert second.startswith(
            "hn-luigi: URL 1 of [alerts] urls (json): the service didn't accept"
        )

    def test_without_a_channel_ends_with_2(self, say):
        said = say("alert --test")
        assert said == (
            2,
            "",
            "hn-luigi: no channel is configured: set [email] receiver or [alerts] urls\n",
        )
