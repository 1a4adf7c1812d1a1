"""The channels that are set up, what is wrong with them, and that no secret is told."""

from __future__ import annotations

import logging
import sys

import pytest
import requests

from hn_luigi.alerts import Message, channels, deliver, send_heartbeat
from hn_luigi.alerts.errors import ChannelError, cause_of
from hn_luigi.assets.errors import SettingError

from ..limits import patience
from .conftest import TOKEN

MESSAGE = Message("a subject", "a body: größe <b> & 数\n")


def test_there_are_none_unless_some_are_set():
    assert channels({}).usable == ()


def test_urls_are_those_of_the_configuration_and_of_the_environment_once_each(settings):
    settings("alerts", urls=f"ntfy://{TOKEN}/a\n  JSON://h/{TOKEN}")
    found = channels({"HN_LUIGI_ALERT_URLS": f"ntfy://{TOKEN}/a slack://{TOKEN}/x"}).usable
    assert [each.name for each in found] == [
        "URL 1 of [alerts] urls (ntfy)",
        "URL 2 of [alerts] urls (json)",
        "URL 2 of HN_LUIGI_ALERT_URLS (slack)",
    ]
    assert TOKEN not in repr(found)


class TestAMistake:
    def test_in_the_environment_is_told_without_the_value(self):
        with pytest.raises(SettingError, match="^HN_LUIGI_ALERT_URLS: it must be URLs") as error:
            channels({"HN_LUIGI_ALERT_URLS": TOKEN})
        assert TOKEN not in str(error.value)

    @pytest.mark.parametrize(
        ("section", "values"),
        [
            ("alerts", {"urls": TOKEN}),
            ("alerts", {"urls": f"json://h/%%(x)s{TOKEN}"}),
            ("alerts", {"urls": f"json://h/${{NOT_SET}}/{TOKEN}"}),
            ("alerts", {"heartbeat_url": f"ftp://{TOKEN}/"}),
            ("hackernews", {"base_url": f"http://u:%%(x)s{TOKEN}@h"}),
        ],
    )
    def test_in_a_setting_is_a_line_without_the_value(self, section, values, settings, say):
        settings(section, **{k: v.replace("%%", "%") for k, v in values.items()})
        said = say("alert")
        assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
        assert said.err.startswith(f"hn-luigi: [{section}]")
        assert TOKEN not in said.err

    @pytest.mark.parametrize("command", ["status", "freshness", "metrics", "history StoryIds"])
    def test_keeps_no_other_command_from_its_work(self, command, settings, say, root):
        root.mkdir()
        settings("alerts", urls="json://h/${NOT_SET}")
        assert say(command).err == ""

    def test_a_lone_percent_sign_is_told_without_the_value(self, tmp_path, settings, say):
        from luigi.configuration import get_config

        (tmp_path / "x.cfg").write_text(f"[alerts]\nurls = json://u:a%40{TOKEN}@h\n")
        get_config().read(str(tmp_path / "x.cfg"))
        said = say("alert")
        assert said.err == (
            "hn-luigi: [alerts]: '%' must be followed by '%' or '(' in urls: write %% for a "
            "percent sign\n"
        )

    def test_a_missing_library_is_one_line_and_mail_is_sent(self, mail, hook, say, monkeypatch):
        monkeypatch.setitem(sys.modules, "apprise", None)
        said = say("alert --test")
        assert (said.code, len(mail.mails)) == (1, 2)
        assert said.err == (
            "hn-luigi: [alerts] urls: Apprise, which sends to these, is not installed; run "
            'pip install "hn_luigi[alerts]"\n'
        )

    def test_another_method_than_smtp_is_one_line(self, mail, settings, say):
        settings("email", method="ses")
        said = say("alert --test")
        assert (said.code, mail.mails) == (1, [])
        assert said.err.startswith("hn-luigi: e-mail: [email] method is ses, and hn-luigi sends")

    def test_what_can_t_be_read_of_luigi_s_own_is_one_line(self, mail, settings, say):
        settings("smtp", password="${NOT_SET}" + TOKEN)
        said = say("alert --test")
        assert (said.code, said.err.count("\n")) == (1, 1)
        assert said.err.startswith("hn-luigi: e-mail: [email] or [smtp] can't be read")

    def test_a_url_that_apprise_doesn_t_know_is_one_line(self, settings, say):
        settings("alerts", urls=f"nosuch://h/{TOKEN}")
        assert say("alert --test") == (
            1,
            "",
            "hn-luigi: URL 1 of [alerts] urls (nosuch): Apprise doesn't know such a URL; "
            "correct it\n",
        )


class TestWhatRequestsTakesFromTheEnvironment:
    @pytest.fixture(autouse=True)
    def netrc(self, tmp_path, monkeypatch):
        path = tmp_path / ".netrc"
        path.write_text(f"default login me password {TOKEN}\n")
        path.chmod(0o600)
        monkeypatch.setenv("NETRC", str(path))

    def test_no_password_of_netrc_goes_to_a_service(self, web, settings):
        settings("alerts", urls=f"json://127.0.0.1:{web.port}/")
        assert set(deliver(MESSAGE, channels({}).usable, seconds=30).values()) == {None}
        assert web.credentials == [None]

    def test_nor_to_where_the_heartbeat_is_fetched_and_led_to(self, web):
        assert send_heartbeat(f"http://127.0.0.1:{web.port}/away", seconds=30) is None
        assert (web.beats, web.credentials) == (["/away", "/there"], [None, None])

    def test_others_requests_of_this_process_are_as_they_were(self, web):
        send_heartbeat(f"http://127.0.0.1:{web.port}/", seconds=30)
        requests.get(f"http://127.0.0.1:{web.port}/", timeout=patience())
        assert web.credentials == [None, requests.auth._basic_auth_str("me", TOKEN)]

    def test_a_proxy_is_used_and_one_that_takes_pysocks_is_named(self, web, monkeypatch):
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{web.port}")
        assert send_heartbeat("http://beat.invalid/x", seconds=30) is None
        assert web.beats == ["http://beat.invalid/x"]
        monkeypatch.setenv("http_proxy", f"socks5://:{TOKEN}@127.0.0.1:9")
        monkeypatch.setitem(sys.modules, "socks", None)
        said = send_heartbeat("http://beat.invalid/x", seconds=30)
        assert said.startswith("the heartbeat of [alerts] heartbeat_url: the environment's proxy")
        assert said.endswith('run pip install "requests[socks]"')


class TestMail:
    def test_is_plain_text_whatever_luigi_s_own_is(self, mail, settings):
        settings("email", format="none", prefix="[etl]")
        assert set(deliver(MESSAGE, channels({}).usable, seconds=5).values()) == {None}
        got = mail.mails[0]
        assert got["Subject"] == "[etl] a subject"
        assert got.get_content_type() == "text/plain"
        assert got.get_content() == MESSAGE.body
        assert got["Auto-Submitted"] == "auto-generated"

    def test_is_sent_with_a_login(self, mail, settings):
        settings("smtp", username="me", password=TOKEN, no_tls="true")
        deliver(MESSAGE, channels({}).usable, seconds=5)
        assert len(mail.mails) == 2

    def test_with_a_wrong_password_says_so_without_it(self, mail, settings):
        settings("smtp", username="me", password="wr0ng", no_tls="true")
        (first, _) = deliver(MESSAGE, channels({}).usable, seconds=5).values()
        assert first.startswith(
            "e-mail to a@example.org: the server refused [smtp] username and password (535); check"
        )
        assert "wr0ng" not in first

    def test_a_password_goes_to_no_server_that_doesn_t_encrypt(self, mail, settings):
        settings("smtp", username="me", password=TOKEN)
        (first, _) = deliver(MESSAGE, channels({}).usable, seconds=5).values()
        assert "offers no encryption, which a password needs" in first
        assert mail.mails == []

    def test_without_a_server_says_why(self, mail, settings):
        settings("smtp", port=1)
        (first, _) = deliver(MESSAGE, channels({}).usable, seconds=5).values()
        assert first == (
            "e-mail to a@example.org: Connection refused; check [email] and [smtp], and that "
            "the server works"
        )


class TestNoSecret:
    @pytest.mark.parametrize("status", [200, 404, 500])
    def test_is_printed_or_logged_by_anybody(self, status, hook, say, caplog):
        caplog.set_level(logging.DEBUG)
        logging.getLogger("apprise").setLevel(1)
        hook.status = status
        said = say("alert --test")
        assert TOKEN in hook.asked[0][1]
        assert TOKEN not in said.out + said.err + caplog.text

    @pytest.mark.parametrize("url", ["json://127.0.0.1:1/{}", "slack://{}/b/c", "tgram://{}/x"])
    def test_is_in_what_is_said_of_a_service_that_can_t_be_used(self, url, settings, say, caplog):
        caplog.set_level(logging.DEBUG)
        settings("alerts", urls=url.format(TOKEN))
        said = say("alert --test")
        assert (said.code, said.err.count("\n")) == (1, 1)
        assert TOKEN not in said.out + said.err + caplog.text

    def test_is_in_what_is_said_of_a_mistake_of_a_channel_s(self):
        class Broken:
            name = "a channel"

            def send(self, message, seconds):
                raise RuntimeError(TOKEN)

        assert deliver(MESSAGE, [Broken()], seconds=5) == {
            "a channel": "a channel: RuntimeError; check that it works and is set up correctly"
        }

    def test_is_logged_while_channels_send_and_all_is_as_before_then(self, caplog):
        class Talking:
            name = "a channel"

            def send(self, message, seconds):
                logging.getLogger("any").critical(TOKEN)
                raise ChannelError("no")

        before = logging.root.manager.disable
        deliver(MESSAGE, [Talking()], seconds=5)
        assert logging.root.manager.disable == before
        assert TOKEN not in caplog.text


def test_strangers_text_is_text(hook):
    assert deliver(MESSAGE, channels({}).usable, seconds=5) == {
        "URL 1 of [alerts] urls (json)": None
    }
    assert hook.messages[0]["message"].strip() == MESSAGE.body.strip()


def test_a_cause_is_what_the_system_says():
    inner = ConnectionRefusedError(111, "Connection refused")
    outer = OSError(f"http://h/{TOKEN}")
    outer.__context__ = inner
    assert cause_of(outer) == "Connection refused"
    assert cause_of(ValueError(TOKEN)) == "ValueError"
    assert cause_of(OSError(TimeoutError(TOKEN))) == "no answer in time"
