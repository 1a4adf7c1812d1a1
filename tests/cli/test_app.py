"""What is true of all commands: help, errors, exit codes, and that questions change nothing."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from importlib.metadata import version
from pathlib import Path

import pytest

from hn_luigi import Wordcloud
from hn_luigi.assets.errors import StorageError
from hn_luigi.cli import cli
from hn_luigi.cli import status as status_module

from ..limits import patience

LOOKING = ("status", "explain Wordcloud", "history Wordcloud", "freshness")
ACTING = (
    "invalidate Wordcloud",
    "rebuild Wordcloud --since 7d",
    "prune --keep 30d",
    "prune --keep 30d --dry-run",
    "verify",
)
MONITORING = ("alert", "alert --test", "metrics")
ALL = (*LOOKING, *ACTING, *MONITORING)


def snapshot(root):
    return {
        path: (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else None)
        for path in root.rglob("*")
    }


class TestQuestions:
    @pytest.mark.parametrize("json_flag", ["", " --json"])
    @pytest.mark.parametrize("command", LOOKING)
    def test_change_nothing(
        self, command, json_flag, failed, say, root, settings, record_of, window
    ):
        record_of("stories").write_text("{")
        (root / f"top/story_ids/{window}.json").unlink()
        settings("cloud", height=120)
        before = snapshot(root)
        assert say(command + json_flag).err == ""
        assert snapshot(root) == before

    @pytest.mark.parametrize("command", LOOKING)
    def test_create_nothing_where_nothing_is(self, command, say, root, clock):
        assert say(command).out
        assert not list(root.iterdir())

    @pytest.mark.parametrize("command", MONITORING)
    def test_of_monitoring_change_nothing_either(self, command, failed, say, root):
        before = snapshot(root)
        say(command)
        assert snapshot(root) == before


@pytest.mark.parametrize("command", [each for each in ACTING if each != "verify"])
def test_on_an_empty_root_there_is_nothing_to_do(command, say, root, clock):
    said = say(command)
    assert (said.code, said.err) == (0, "")
    assert len(said.lines) == 1
    assert not list(root.iterdir())


class TestHelp:
    @pytest.mark.parametrize("flag", ["--help", "-h"])
    @pytest.mark.parametrize("name", sorted(cli.commands))
    def test_of_a_command_has_a_paragraph_and_an_example(self, name, flag, say):
        said = say([name, flag])
        assert said.code == 0
        assert re.search(rf"\n  Examples?[^\n]*:\n    [^\n]*hn-luigi {name}", said.out)
        assert said.out.replace("\n", "").isprintable()
        assert "\\b" not in said.out
        assert "--storage-root" in said.out
        assert len(said.out) > 500

    def test_names_every_command_with_a_whole_sentence(self, say):
        said = say("--help")
        assert said.code == 0
        for name in cli.commands:
            assert re.search(rf"\n  {name} +[A-Z][^\n]*[a-z]\.\n", said.out)

    def test_is_shown_without_a_command(self, say):
        said = say("")
        assert said.code == 2
        assert "Commands:" in said.out

    @pytest.mark.parametrize(
        "line", ["--storage-root {} status --help", "status --storage-root {} --help", "-h"]
    )
    def test_needs_no_good_settings(self, line, say, settings):
        settings("assets", window_minutes=0)
        said = say([word.format("") for word in line.split()])
        assert (said.code, said.err) == (0, "")
        assert said.out.startswith("Usage: hn-luigi")


class TestTheRoot:
    @pytest.mark.parametrize("before", [True, False])
    def test_is_named_before_the_command_or_after_it(self, before, made, say, root, settings):
        settings("storage", root="/nowhere")
        option = ["--storage-root", str(root)]
        said = say([*option, "verify"] if before else ["verify", *option])
        assert said == (0, "3 outputs match their records\n", "")

    @pytest.mark.parametrize("before", [True, False])
    def test_must_not_be_empty(self, before, say):
        said = say(["--storage-root", "", "status"] if before else ["status", "--storage-root", ""])
        complaint = "[storage] root (--storage-root) is '': it must not be empty"
        assert said == (2, "", f"hn-luigi: {complaint}\n")

    def test_may_have_a_percent_sign_in_it(self, say, tmp_path, clock):
        root = str(tmp_path / "50%")
        Path(root).mkdir()
        said = say(["history", "Wordcloud", "--storage-root", root])
        assert said.out == f"top/wordcloud was never made under {root}.\n"

    def test_is_taken_before_the_settings_are_read_for_a_window(self, say, settings, root, clock):
        settings("storage", root="")
        said = say(["explain", "Wordcloud", "--as-of", "2026-11-21", "--storage-root", str(root)])
        assert (said.code, said.err) == (0, "")

    @pytest.mark.parametrize(
        "command",
        [*(c for c in ALL[:-3] if "explain" not in c), "metrics", "page --file page.html"],
    )
    def test_that_doesn_t_exist_is_said_with_what_makes_it(self, command, say, root, clock):
        root.rmdir()
        said = say([*command.split(), "--storage-root", str(root)])
        line = f"hn-luigi run --storage-root {root}"
        assert (said.code, said.out) == (2, "")
        assert said.err.startswith(f"hn-luigi: nothing is stored under {root}, which doesn't exist")
        assert f"make it with {line}, or " in said.err
        assert not root.exists()

    def test_that_doesn_t_exist_is_no_matter_to_alerts(self, say, root, clock):
        root.rmdir()
        assert say("alert --no-heartbeat").code == 0

    def test_that_doesn_t_exist_is_no_matter_where_an_asset_is_kept_elsewhere(
        self, say, root, tmp_path, clock, monkeypatch
    ):
        root.rmdir()
        (tmp_path / "elsewhere").mkdir()
        monkeypatch.setattr(Wordcloud, "storage_root", lambda self: str(tmp_path / "elsewhere"))
        assert say("status").code == 0


def test_the_version_is_told_with_luigi_s(say):
    said = say("--version")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith(f"hn-luigi {version('hn_luigi')} (luigi {version('luigi')}, Python ")


class TestCompletion:
    @pytest.fixture
    def completed(self, say, monkeypatch):
        """What a shell offers at the end of a line."""

        def complete(line):
            words = shlex.split(line)
            monkeypatch.setenv("_HN_LUIGI_COMPLETE", "bash_complete")
            monkeypatch.setenv("COMP_WORDS", line)
            monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
            said = say("")
            assert (said.code, said.err) == (0, "")
            return [each.removeprefix("plain,") for each in said.lines]

        return complete

    @pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
    def test_is_set_up_by_what_a_shell_s_own_file_runs(self, shell, say, monkeypatch):
        monkeypatch.setenv("_HN_LUIGI_COMPLETE", f"{shell}_source")
        said = say("")
        assert (said.code, said.err) == (0, "")
        assert f"_HN_LUIGI_COMPLETE={shell}_complete" in said.out

    @pytest.mark.parametrize("command", ["explain", "run", "page"])
    def test_of_an_asset_is_a_folder_that_is_watched(self, command, completed):
        assert completed(f"hn-luigi {command} top/stories") == ["top/stories", "top/stories_of_day"]

    def test_of_an_asset_follows_the_watch_list(self, completed):
        line = "hn-luigi --watch 'hn_luigi Stories --feed job' explain j"
        assert completed(line) == ["job/story_ids", "job/stories"]

    def test_of_an_asset_is_nothing_where_the_watch_list_is_wrong(self, completed, settings):
        settings("assets", watch="nosuch Nothing")
        assert completed("hn-luigi explain t") == []

    @pytest.mark.parametrize("ending", ["raise ValueError('not today')", "raise SystemExit(3)"])
    def test_of_an_asset_is_nothing_where_a_class_fails(
        self, ending, completed, settings, tmp_path, monkeypatch
    ):
        (tmp_path / "fails_as_asked.py").write_text(
            "from hn_luigi.assets import Asset\nclass Bad(Asset):\n    suffix = '.json'\n"
            f"    def storage_root(self):\n        {ending}\n"
            "    def compute(self):\n        return 1\n"
        )
        monkeypatch.chdir(tmp_path)
        settings("assets", watch="fails_as_asked Bad")
        assert completed("hn-luigi explain t") == []

    def test_of_a_command_is_its_name(self, completed):
        assert completed("hn-luigi r") == ["rebuild", "run"]

    def test_of_a_line_with_help_on_it_shows_no_help(self, completed):
        assert completed("hn-luigi --help r") == ["rebuild", "run"]


class TestAMistake:
    @pytest.mark.parametrize("command", ALL)
    def test_in_a_setting_is_one_line(self, command, say, settings):
        settings("assets", window_minutes=0)
        said = say(command)
        assert (said.code, said.out) == (2, "")
        assert re.fullmatch(r"hn-luigi: [^\n]*window_minutes[^\n]*\n", said.err)

    @pytest.mark.parametrize(
        ("line", "told"),
        [
            ("explain Nothing", "choose from top/story_ids, top/stories, top/stories_of_day, "),
            ("invalidate Nothing", "choose from top/story_ids, top/stories, top/stories_of_day, "),
            (
                "rebuild Nothing --since 7d",
                "choose from top/story_ids, top/stories, top/stories_of_day, ",
            ),
            ("history Wordcloud --feed nosuch", "choose from top, new, best"),
            ("status --as-of 2026-11-22T1250", "in the future"),
            ("explain Wordcloud --as-of latest", "is stored under"),
            ("history Wordcloud -n 0", "range"),
            ("status --follow --json", "leave out"),
            ("status -f", "needs a terminal"),
            ("status --watch", "needs what to watch, such as --watch 'disk DiskReport'; to keep"),
            (["status", "--watch", ""], "needs what to watch"),
            (["prune", "--keep", "1d", "--watch", " "], "needs what to watch"),
            ("status --watch --json", "name a module and a class"),
            ("status --nosuch", "--nosuch"),
            ("nosuch", "nosuch"),
            ("explain", "ASSET"),
            ("prune", "--keep"),
        ],
    )
    def test_in_a_command_line_is_one_line(self, line, told, say, clock):
        said = say(line)
        assert (said.code, said.out) == (2, "")
        assert said.err.startswith("hn-luigi: ")
        assert told in said.err
        assert said.err.count("\n") == 1

    @pytest.mark.parametrize("line", ["hn_luigi Wordcloud --feed nosuch", "nosuch Wordcloud"])
    @pytest.mark.parametrize("command", ["status", "freshness", "alert", "metrics"])
    def test_in_the_watch_list_is_one_line(self, command, line, say):
        said = say([command, "--watch", line])
        assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
        assert said.err.startswith(f"hn-luigi: [assets] watch: '{line}': ")

    def test_is_told_without_moving_a_cursor(self, say):
        said = say(["explain", "\x1b[2J\u202e\nx"])
        assert said.err.startswith("hn-luigi: no asset that is watched is called ")
        assert said.err.replace("\n", "").isprintable()

    @pytest.mark.parametrize("command", LOOKING)
    def test_in_the_root_is_one_line(self, command, say, root, clock):
        root.rmdir()
        root.write_text("a file")
        said = say(command)
        assert (said.code, said.out) == (2, "")
        assert re.fullmatch(r"hn-luigi: can't (read|list) [^\n]+\n", said.err)

    @pytest.mark.parametrize("command", ALL)
    def test_in_the_layout_of_the_root_is_one_line(self, command, say, root, clock):
        (root / "_layout.json").write_text('{"layout": 2, "hn_luigi": "9.0"}')
        said = say(command)
        assert (said.code, said.out) == (2, "")
        assert said.err.startswith("hn-luigi: this root has layout 2, by hn_luigi 9.0, and this ")


class TestAnError:
    @pytest.fixture
    def broken(self, monkeypatch):
        """Has ``status`` fail with an error."""

        def fail_with(error):
            def watched(as_of):
                raise error

            monkeypatch.setattr(status_module, "watched", watched)

        return fail_with

    @pytest.mark.parametrize("error", [ValueError, KeyError, OSError, RuntimeError])
    def test_of_ours_is_a_traceback_and_never_exit_code_1(self, error, say, broken):
        broken(error("a\x1b[2J"))
        said = say("status")
        assert (said.code, said.out) == (2, "")
        assert said.err.startswith("Traceback (most recent call last):\n  File ")
        assert error.__name__ in said.err.splitlines()[-1]
        assert "\x1b" not in said.err

    def test_of_the_layer_is_one_harmless_line(self, say, broken):
        broken(StorageError("a\x1b[2J\nb" + "x" * 5000))
        said = say("status")
        assert said.code == 2
        assert said.err.startswith("hn-luigi: a\\x1b[2J bxxx")
        assert said.err.endswith("x…\n")
        assert len(said.err) < 2_100

    def test_ctrl_c_ends_with_130(self, say, broken):
        broken(KeyboardInterrupt())
        said = say("status")
        assert (said.code, said.err.strip()) == (130, "")


class TestOutput:
    """In processes of their own: what Python does at its end counts too."""

    @pytest.fixture(params=["", "1"], ids=["buffered", "unbuffered"])
    def started(self, request, process):
        def run(*words, **options):
            arguments = process(*words)
            arguments["env"]["PYTHONUNBUFFERED"] = request.param
            return subprocess.run(**arguments, text=True, timeout=patience(), **options)

        return run

    @pytest.mark.parametrize("words", ["freshness", "status --json", "--help"])
    def test_that_can_t_be_written_is_one_line(self, words, started):
        with open("/dev/full", "w") as full:
            done = started(*words.split(), stdout=full, stderr=subprocess.PIPE)
        assert done.stderr == "hn-luigi: can't write the output: No space left on device\n"
        assert done.returncode == 2

    @pytest.mark.parametrize(("words", "code"), [("freshness --json", 3), ("status", 0), ("-h", 0)])
    def test_into_a_closed_pipe_changes_no_exit_code(self, words, code, started):
        ours, theirs = os.pipe()
        os.close(ours)
        done = started(*words.split(), stdout=theirs, stderr=subprocess.PIPE)
        os.close(theirs)
        assert (done.returncode, done.stderr) == (code, "")

    def test_of_an_error_into_a_closed_pipe_changes_no_exit_code(self, started):
        ours, theirs = os.pipe()
        os.close(ours)
        done = started("freshness", "--nosuch", stdout=theirs, stderr=theirs)
        os.close(theirs)
        assert done.returncode == 2

    def test_of_a_module_is_that_of_the_command(self, started):
        done = started("freshness", capture_output=True)
        assert (done.returncode, done.stderr) == (3, "")
        assert done.stdout.startswith("UNKNOWN top/story_ids: ")


def test_what_is_printed_moves_no_cursor(run, say, settings, tmp_path, window):
    """Neither the path in an error nor what storage holds."""
    root = tmp_path / "a\x1b[2J"
    settings("storage", root=root)
    run()
    stored = root / f"top/stories/{window}.parquet"
    stored.write_text("mine")
    settings("cloud", width=400)
    said = say("rebuild Wordcloud --since 7d")
    assert f"a\\x1b[2J/top/stories/{window}.parquet" in said.out
    assert "\x1b" not in said.out
