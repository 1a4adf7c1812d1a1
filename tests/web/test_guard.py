"""What a page from elsewhere can't do through a browser here, and what workers can all the same.

Each attack is sent as a browser would send it, byte by byte; what it was after is a task that
the scheduler would then know.
"""

from __future__ import annotations

import base64
import re
import urllib.error

import pytest
from luigi.rpc import RemoteScheduler, RequestsFetcher, RPCError, URLLibFetcher

from hn_luigi.cli import main

from .client import data, send
from .conftest import NEWER

FIREFOX = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
ELSEWHERE = "http://evil.example"
ADD = data(worker="evil", task_id="Evil")
TOKEN = "s3cr3t:T0ken%/é"


def basic(password: str, name: str = "luigi") -> dict[str, str]:
    """What a browser sends that was told a name and a password."""
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


@pytest.fixture
def call(server):
    """Asks for a task to be added; whether it was, and that the answer says so."""

    def run(headers, path="/api/add_task", method="GET", to=server):
        answer = to.ask(method, f"{path}?{ADD}", headers)
        was_done = "Evil" in to.scheduler.task_list("", "")
        assert was_done == (answer.status == 200), answer
        return was_done

    return run


class TestTheHost:
    """A name of an attacker's own that leads here makes a page of theirs one of ours."""

    @pytest.mark.parametrize(
        "host",
        [
            "evil.example",
            "evil.example:8082",
            "127.0.0.1.evil.example",
            "localhost.evil.example:8082",
            "evil.example:127.0.0.1",
            "127.0.0.1@evil.example",
            "evil.example@127.0.0.1",
            "127.0.0.1:80:80",
            "127.0.0.1, evil.example",
            "127.0.0.1/evil.example",
            "[::1].evil.example",
            "[::1",
            "[::2]:8082",
            "127.0.0.2",
            "0.0.0.0:8082",
            "",
        ],
    )
    def test_of_another_site_is_refused(self, server, host):
        for path in ("/assets", "/", "/api/task_list", "/assets/_static/icon.svg"):
            answer = server.get(path, Host=host)
            assert answer.status in (400, 403)  # Tornado itself refuses what is no host at all
            assert answer.text in ("", "This server answers to 127.0.0.1 and localhost only.\n")

    def test_of_this_machine_is_answered_on_any_port(self, server):
        for name in ("127.0.0.1", "localhost", "LocalHost", "[::1]"):
            assert server.get("/assets", Host=name).status == 200
            assert server.get("/assets", Host=f"{name}:8082").status == 200

    def test_that_is_not_told_is_refused(self, server):
        assert send(server.port, b"GET /assets HTTP/1.0\r\n\r\n").status == 403
        answer = send(server.port, b"GET /assets HTTP/1.1\r\nConnection: close\r\n\r\n")
        assert answer.status in (400, 403)

    def test_that_is_told_twice_is_refused(self, server):
        hosts = "Host: 127.0.0.1\r\nHost: evil.example\r\n"
        request = f"GET /assets HTTP/1.1\r\n{hosts}Connection: close\r\n\r\n"
        assert send(server.port, request.encode()).status in (400, 403)

    @pytest.mark.parametrize(
        "line, host",
        [("http://127.0.0.1", "evil.example"), ("http://evil.example", "127.0.0.1")],
    )
    def test_in_the_request_line_is_no_way_in(self, call, line, host):
        assert not call({"Host": host}, line + "/api/add_task")

    def test_of_ipv6_is_listened_on(self, serve):
        try:
            server = serve(host="::1")
        except OSError:
            pytest.skip("this machine has no IPv6")
        request = f"GET /assets HTTP/1.1\r\nHost: [::1]:{server.port}\r\nConnection: close\r\n\r\n"
        assert send(server.port, request.encode(), "::1").status == 200


class TestACallFromAPageOfAnother:
    @pytest.mark.parametrize(
        "headers",
        [
            {"Referer": f"{ELSEWHERE}/"},  # an image; an old browser says no more
            {},
            {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
            {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors"},
            {"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate"},
            {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "no-cors"},
            {"X-Requested-With": "XMLHttpRequest", "Origin": ELSEWHERE},
            {"X-Requested-With": "XMLHttpRequest", "Sec-Fetch-Site": "cross-site"},
        ],
    )
    def test_changes_nothing(self, call, headers):
        for method in ("GET", "POST"):
            assert not call(FIREFOX | headers, method=method)

    def test_is_told_by_its_site_whatever_the_browser(self, call):
        for site in ("cross-site", "same-site"):
            assert not call({"Sec-Fetch-Site": site})
            assert not call({"Sec-Fetch-Site": site, "User-Agent": "Opera/9.80"})

    @pytest.mark.parametrize(
        "origin",
        [
            ELSEWHERE,
            "null",
            "http://127.0.0.1:1",
            "http://127.0.0.1",
            "https://127.0.0.1.evil.example",
            "http://[",
            "",
        ],
    )
    def test_is_told_by_its_origin_whatever_the_browser(self, call, origin):
        for method in ("GET", "POST", "OPTIONS"):
            assert not call({"Origin": origin}, method=method)

    def test_finds_no_other_way_to_the_api(self, server):
        paths = [
            *("//api/add_task", "/api//add_task", "/api%2Fadd_task", "/api%2fadd_task"),
            *("/%61pi/add_task", "/API/add_task", "/Api/add_task", "/api./add_task"),
            *("/api/./add_task", "/./api/add_task", "/static/../api/add_task"),
            *("/assets/../api/add_task", "/assets/_static/../../api/add_task"),
            *("/static/%2e%2e/api/add_task", "/api/add_task/", "/api/add_task%00"),
            *("/api\\add_task", "/api/add_task;x", "/api/add%5Ftask", "/api/%61dd_task"),
            *("/;/api/add_task", "/#/api/add_task", "/?/api/add_task"),
        ]
        for path in paths:
            for method in ("GET", "POST"):
                server.ask(method, f"{path}?{ADD}", FIREFOX)
                assert not server.scheduler.task_list("", ""), path

    def test_finds_no_other_method(self, server):
        over = {"X-HTTP-Method-Override": "POST", "X-Method-Override": "POST"}
        for method in ("HEAD", "PUT", "DELETE", "PATCH", "get", "OPTIONS", "GET"):
            answer = server.ask(method, f"/api/add_task?{ADD}&_method=POST", FIREFOX | over)
            assert answer.status in (400, 403, 405)
            assert not server.scheduler.task_list("", "")

    def test_starts_no_run(self, server):
        for headers in ({"Origin": ELSEWHERE}, {"Origin": "null"}, {"Sec-Fetch-Site": "same-site"}):
            answer = server.post("/runs", FIREFOX | headers, asset="top/stories")
            assert (answer.status, answer.body) == (
                403,
                b"This request comes from another site's page.\n",
            )

    @pytest.mark.parametrize("kind", ["iframe", "frame", "embed", "object"])
    def test_frames_nothing(self, server, kind):
        framed = {"Sec-Fetch-Dest": kind, "Sec-Fetch-Mode": "navigate"}
        for path in ("/assets", "/", "/static/visualiser/index.html"):
            for site in ("cross-site", "same-site"):
                assert server.ask("GET", path, framed | {"Sec-Fetch-Site": site}).status == 403
            assert server.ask("GET", path, framed | {"Sec-Fetch-Site": "same-origin"}).status < 400

    @pytest.mark.parametrize("kind", ["empty", "image", "script", "style"])
    def test_has_nothing_fetched(self, server, kind):
        """Not even what its browser would keep from it, which costs a look at storage."""
        for mode in ("cors", "no-cors"):
            fetched = {"Sec-Fetch-Dest": kind, "Sec-Fetch-Mode": mode}
            for site, status in (("cross-site", 403), ("same-site", 403), ("same-origin", 200)):
                asked = FIREFOX | fetched | {"Sec-Fetch-Site": site}
                assert server.ask("GET", "/assets", asked).status == status

    def test_may_lead_here(self, server):
        followed = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "document"}
        assert server.ask("GET", "/assets", FIREFOX | followed).status == 200


class TestWorkers:
    @pytest.fixture(params=[RequestsFetcher, URLLibFetcher])
    def worker(self, request, settings):
        """What a worker asks the scheduler by, for each of Luigi's ways to fetch."""
        settings("core", rpc_retry_attempts=1, rpc_retry_wait=0)
        opened = []

        def at(url):
            remote = RemoteScheduler(url)
            remote._fetcher = request.param()
            opened.append(remote)
            return remote

        yield at
        for remote in opened:
            remote.close()

    @pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
    def test_work(self, server, worker, name):
        remote = worker(f"http://{name}:{server.port}")
        remote.add_task(worker="w", task_id="Mine", status="PENDING", family="Mine")
        assert remote.get_work(worker="w")["task_id"] == "Mine"
        assert server.scheduler.task_list("RUNNING", "").keys() == {"Mine"}

    def test_know_the_token_by_their_scheduler_s_address(self, serve, worker):
        server = serve("T0ken")
        worker(f"http://luigi:T0ken@127.0.0.1:{server.port}").add_task(worker="w", task_id="Mine")
        for secret in ("luigi:wrong@", "T0ken@", ""):
            stranger = worker(f"http://{secret}127.0.0.1:{server.port}")
            with pytest.raises(RPCError) as refused:
                stranger.add_task(worker="w", task_id="Other")
            if isinstance(refused.value.sub_exception, urllib.error.HTTPError):
                refused.value.sub_exception.close()
        assert server.scheduler.task_list("", "").keys() == {"Mine"}

    def test_may_be_other_programs(self, call):
        assert call({"User-Agent": "curl/8.5"})
        assert call({}, method="POST")

    def test_are_not_the_only_ones(self, server, call):
        """The visualiser asks by jQuery, whose requests say so."""
        asks = {"X-Requested-With": "XMLHttpRequest", "Sec-Fetch-Site": "same-origin"}
        page = f"http://{server.host}/static/visualiser/index.html"
        assert call(FIREFOX | asks | {"Referer": page})
        assert call(FIREFOX | asks | {"Origin": f"http://{server.host}"}, method="POST")


class TestTheToken:
    @pytest.fixture
    def server(self, serve):
        return serve(TOKEN)

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            basic(""),
            basic("wrong"),
            basic(TOKEN[:-1]),
            basic(TOKEN + "x"),
            basic("x", name=TOKEN.replace(":", "")),
            {"Authorization": f"Bearer {TOKEN[:5]}"},
            {"Authorization": basic(TOKEN)["Authorization"].replace("Basic", "Bearer")},
            {"Authorization": "Basic"},
            {"Authorization": "Basic ="},
            {"Authorization": "Basic \xe9\xe9\xe9\xe9"},
            {"Authorization": "Basic " + base64.b64encode(b"no colon").decode()},
        ],
    )
    def test_opens_all_or_nothing(self, server, headers):
        for path in ("/assets", "/", "/assets/_static/icon.svg", "/metrics", "/api/x", "/x"):
            answer = server.ask("GET", path, headers)
            assert answer.status == 401
            assert answer.text.startswith("This server asks for its token as a password.")
            assert "HN_LUIGI_TOKEN" in answer.text
            assert answer.headers["WWW-Authenticate"].startswith("Basic ")

    def test_is_not_asked_of_a_person_whose_page_looks_again(self, server):
        """A browser opens a window for a password at whatever asks by Basic, in any tab."""
        for path in ("/assets", "/runs"):
            answer = server.get(path, X_Refresh="1")
            assert answer.status == 401
            assert not answer.headers["WWW-Authenticate"].startswith("Basic")
            assert server.ask("GET", path, basic(TOKEN) | {"X-Refresh": "1"}).status != 401

    def test_opens_by_any_name_of_the_user_and_the_server(self, server):
        assert server.ask("GET", "/assets", basic(TOKEN, "me") | {"Host": "etl:80"}).status == 200
        lower = {"Authorization": basic(TOKEN)["Authorization"].replace("Basic", "basic")}
        assert server.ask("GET", "/assets", lower).status == 200

    @pytest.mark.parametrize(
        "headers",
        [{}, {"Origin": ELSEWHERE}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}],
    )
    def test_is_no_pass_for_a_page_elsewhere(self, server, call, headers):
        """A browser that was told it sends it along with whatever a page has it ask."""
        told = basic(TOKEN) | {"Host": "etl.example"}
        assert not call(FIREFOX | told | headers, to=server)
        assert call({**told}, to=server)

    @pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.0.2.1"])
    def test_has_to_be_given_to_serve_other_machines(self, capfd, monkeypatch, host):
        monkeypatch.setenv("HN_LUIGI_TOKEN", "")
        with pytest.raises(SystemExit) as ended:
            main(["serve", "--port", "0", "--address", host, "--state", "/dev/null/state"])
        (line,) = capfd.readouterr().err.splitlines()
        assert ended.value.code == 2
        assert re.match("hn-luigi: serving on .*: set HN_LUIGI_TOKEN to a secret", line)


class TestAForm:
    @pytest.fixture
    def form(self, server):
        """What a page's form would send, and the cookie that belongs to it."""
        seen = server.get("/assets/top/stories")
        token = seen.page.one("input", name="_xsrf")["value"]
        return {"asset": "top/stories", "scope": "one", "_xsrf": token}, seen.cookie

    @pytest.fixture
    def refused(self, server):
        """Sends it, and sees that it is refused in words, and starts nothing."""

        def run(fields, cookie, **headers):
            known = {name: value for name, value in fields.items() if value is not None}
            said = {"Cookie": cookie, "Origin": f"http://{server.host}", **headers}
            answer = server.post("/runs", said, **known)
            assert (answer.status, server.runs.kept) == (403, [])
            assert "This form has expired" in answer.page.text

        return run

    def test_needs_its_own_token(self, form, refused):
        fields, cookie = form
        refused({**fields, "_xsrf": None}, cookie)
        refused({**fields, "_xsrf": ""}, cookie)
        refused({**fields, "_xsrf": "0" * 32}, cookie)
        version, mask, masked, at = fields["_xsrf"].split("|")
        refused({**fields, "_xsrf": "|".join((version, mask[::-1], masked, at))}, cookie)
        refused({**fields, "_xsrf": "2|x|y|z"}, cookie)

    def test_needs_its_cookie(self, form, refused, server):
        fields, _ = form
        refused(fields, None)
        refused(fields, "_xsrf=")
        refused(fields, server.get("/assets").cookie)

    def test_needs_both_in_a_header_too(self, form, refused):
        fields, cookie = form
        wrong = {"X-XSRFToken": "0" * 32}
        refused({**fields, "_xsrf": None}, cookie, **wrong)
        refused({**fields, "_xsrf": None}, None, **{"X-XSRFToken": fields["_xsrf"]})

    def test_s_cookie_is_for_no_script_and_no_other_site(self, server):
        (cookie,) = server.get("/assets").headers.get_all("Set-Cookie")
        assert {"HttpOnly", "SameSite=Strict"} <= set(cookie.split("; "))

    def test_is_not_sent_by_a_link(self, server, form):
        fields, cookie = form
        query = "&".join(f"{name}={value}" for name, value in fields.items())
        assert server.get(f"/runs?{query}", Cookie=cookie).status == 200
        assert server.runs.kept == []

    @pytest.mark.parametrize(
        "change",
        [
            {"asset": "top/../stories"},
            {"asset": "Stories"},
            {"asset": "show/stories"},
            {"asset": ""},
            {"scope": "--all"},
            {"scope": "One"},
        ],
    )
    def test_orders_nothing_that_no_button_does(self, server, form, change):
        fields, cookie = form
        answer = server.post("/runs", {"Cookie": cookie}, **{**fields, **change})
        assert (answer.status in (400, 404), server.runs.kept) == (True, [])
        answer.page

    @pytest.mark.parametrize("missing", ["asset", "scope"])
    def test_has_to_be_whole(self, server, form, missing):
        fields, cookie = form
        del fields[missing]
        answer = server.post("/runs", {"Cookie": cookie}, **fields)
        assert (answer.status, server.runs.kept) == (400, [])
        assert "see the server's log" not in answer.page.text


SECRET = "root:x:0:0"
LONG = "a" * 30_000
QUERIES = [
    *("../../secret", "..", "%2e%2e%2f%2e%2e%2fsecret", "..%252f..%252fsecret", "/etc/passwd"),
    *("latest", "_records/top", f"{NEWER}/../../../secret", f"{NEWER}.parquet", "%00", "", "x"),
    *(f"{NEWER}&window=../../secret&feed=x", "99999-01-01T0000Z", "2026-11-22T12:70Z", "%ff%fe"),
    *(LONG, "top%00/secret", "top\\..", "%EF%BC%8E%EF%BC%8E", "TOP"),
]
PATHS = [
    *("/_records", "/_layout", "/.", "/..", "/../secret", "/%2e%2e/secret", "/..%2f..%2fsecret"),
    *("/top/../../secret", "/top", "/top/stories%2f..%2fstory_ids", "/TOP/stories", "/nope"),
    *("/top/story", "/top/stories/x", "/top/stories%00", f"/{LONG}", "//top/stories", "/%25"),
    *("/top%252Fstories", "/top/wordcloud?detail=nosuch", "/top/stories?detail=Rust", "/_static"),
    *("/top/wordcloud?detail=Rust&window=../../secret", "/templates/base.html", "/show/stories"),
    *("/_outputs/", "/_outputs/secret", "/_outputs/../secret", "/_outputs/top/stories"),
    *("/_outputs/top/stories/../../secret", "/_outputs/top/stories/..%2f..%2fsecret"),
    *(f"/_outputs/_records/top/stories/{NEWER}.json", f"/_outputs/top/stories/{NEWER}.md"),
    *("/_outputs/top/wordcloud/latest.md", f"/_outputs/top/stories/{NEWER}", "/_outputs/%00"),
    *("/_outputs/top/stories/2026-11-22T1220Z.parquet", "/wordcloud?feed=../top", "/nope?a=b"),
]
RUNS = [
    *("/0", "/1", "/-1", "/1e1", "/%D9%A1", "/../stories", "/99999999999999999999", "/x"),
]
FILES = [
    *("/", "/../server.py", "/..%2fserver.py", "/%2e%2e/server.py", "/%2e%2e%2fserver.py"),
    *("/..%5cserver.py", "//etc/passwd", "/%2fetc%2fpasswd", "/../templates/base.html"),
    *("/visualiser/../../server.py", "/../../../luigi.cfg", "/....//server.py"),
]


class TestAnAddress:
    @pytest.fixture
    def get(self, made, server):
        """Asks for what isn't to be seen, having put it within reach of ``..``."""
        for suffix in ("", ".parquet", ".json", ".md"):
            (made.parent / f"secret{suffix}").write_text(SECRET)

        def run(path):
            answer = server.get(path)
            assert answer.status in (400, 403, 404, 405), path
            for secret in (SECRET, "import ", "{% extends", '"data_version"'):
                assert secret.encode() not in answer.body, path
            return answer

        return run

    def test_leads_nowhere_by_its_query(self, get):
        for value in QUERIES:
            answer = get(f"/assets/top/stories?window={value}")
            assert answer.page.one("h1").text == str(answer.status)
            assert "see the server's log" not in answer.page.text

    def test_leads_nowhere_by_its_path(self, get):
        paths = [*(f"/assets{path}" for path in PATHS), *(f"/runs{number}" for number in RUNS)]
        for path in paths:
            answer = get(path)
            assert answer.page.one("h1").text == str(answer.status)
            assert "see the server's log" not in answer.page.text

    def test_leads_nowhere_by_the_files_of_the_pages_and_of_luigi(self, get):
        for path in FILES:
            get(f"/assets/_static{path}")
            get(f"/static{path}")

    def test_may_end_in_a_control_character(self, made, server):
        """Tornado takes it away."""
        assert server.get(f"/assets/top/stories?window={NEWER}%0a").status == 200


class TestTheAnswer:
    PATHS = (
        *("/assets", "/assets/", "/assets/top/story_ids", "/assets/top/stories"),
        *("/assets/top/wordcloud", f"/assets/top/wordcloud?detail=Rust&window={NEWER}"),
        *("/assets/nope", "/runs/7", "/assets/wordcloud", "/assets/top/stories?window=nope"),
    )

    def test_allows_no_script_but_ours_and_no_other_host(self, made, server):
        for path in ("/", *self.PATHS):
            policy = server.get(path).headers["Content-Security-Policy"]
            assert dict(rule.split(" ", 1) for rule in policy.split("; ")) == {
                "default-src": "'none'",
                "script-src": "'self'",
                "connect-src": "'self'",
                "style-src": "'self'",
                "img-src": "'self' data:",
                "form-action": "'self'",
                "base-uri": "'none'",
                "frame-ancestors": "'none'",
            }

    def test_tells_browsers_to_be_careful(self, made, server):
        for path in self.PATHS:
            told = server.get(path).headers
            assert told["Cross-Origin-Opener-Policy"] == "same-origin"
            assert told["Cross-Origin-Resource-Policy"] == "same-origin"
            assert told["Referrer-Policy"] == "same-origin"
            assert told["X-Content-Type-Options"] == "nosniff"
            assert told["X-Frame-Options"] == "DENY"
            assert told["Cache-Control"] == "no-store"
            assert not [name for name in told if name.startswith("Access-Control-")]

    @pytest.mark.parametrize(
        "path, more",
        [
            ("/static/visualiser/index.html", {}),
            ("/static/visualiser/js/visualiserApp.js", {}),
            ("/static/visualiser/nope", {}),
            ("/history", {}),
            ("/metrics", {}),
            ("/nope", {}),
            ("/api/task_list", {}),
            ("/api/nope", {}),
            ("/api/add_task", {}),
            ("/assets", {"Host": "evil.example"}),
            ("/assets", {"X-Forwarded-For": "192.0.2.1"}),
            ("/assets", {"Content-Length": "100000000"}),
        ],
    )
    def test_of_luigi_s_pages_and_refusals_is_as_careful(self, server, path, more):
        told = server.ask("GET", path, more).headers
        policy = dict(rule.split(" ", 1) for rule in told["Content-Security-Policy"].split("; "))
        assert policy["default-src"] == "'none'"
        assert policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"] == "'none'"
        scripts = policy.get("script-src", "'self'").split()
        assert all(re.fullmatch("'self'|'sha256-[A-Za-z0-9+/=]{44}'", one) for one in scripts)
        assert told["X-Content-Type-Options"] == "nosniff"
        assert told["X-Frame-Options"] == "DENY"

    @pytest.mark.parametrize(
        "path", ["icon.svg", "output.css", "pages.css", "graph.js", "refresh.js", "nope"]
    )
    def test_of_a_file_of_the_pages_is_as_careful(self, server, path):
        told = server.get(f"/assets/_static/{path}").headers
        assert "default-src 'none'" in told["Content-Security-Policy"]
        assert told["X-Content-Type-Options"] == "nosniff"
        assert told["X-Frame-Options"] == "DENY"

    def test_to_what_is_refused_repeats_nothing(self, server):
        answer = server.get("/<script>alert(1)</script>", Host="<script>alert(1)</script>")
        assert answer.status in (400, 403)
        assert b"script" not in answer.body

    def test_of_the_visualiser_is_luigi_s_with_a_link(self, server):
        page = server.get("/static/visualiser/index.html").text
        assert page.count('<li><a href="/assets">Assets</a></li>') == 1
        assert server.get("/static/visualiser/js/visualiserApp.js").status == 200
