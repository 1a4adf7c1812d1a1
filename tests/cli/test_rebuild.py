"""``hn-luigi rebuild`` remakes the stale among past windows."""

from __future__ import annotations

import signal
import subprocess
from datetime import datetime

from ..limits import patience
from ..processes import wait_until


def test_it_remakes_the_stale_without_a_request(run, say, replica, settings, root, contents):
    run(3)
    asked, before = len(replica.requests), contents(root / "top/wordcloud")
    settings("cloud", width=400)
    said = say("rebuild Wordcloud --since 7d")
    assert said == (
        0,
        "Remade 3 of 3 stale windows in top/wordcloud since 2026-11-15 12:54 UTC\n",
        "",
    )
    assert len(replica.requests) == asked
    after = contents(root / "top/wordcloud")
    assert all(after[path] != data for path, data in before.items())
    assert say("rebuild Wordcloud --since 7d").out == (
        "Nothing to remake in top/wordcloud since 2026-11-15 12:54 UTC: 3 windows current\n"
    )


def test_captures_have_nothing_to_remake(run, say, settings):
    run(2)
    settings("hackernews", limit=1, min_share=0.5)
    for name in ("StoryIds", "Stories"):
        said = say(f"rebuild {name} --since 7d")
        assert (said.code, said.out[:17]) == (0, "Nothing to remake")


def test_failures_are_a_line_each(run, say, settings):
    run(2)
    settings("cloud", colormap="nope")
    said = say("rebuild Wordcloud --since 7d")
    assert said.code == 1
    first, second, last = said.out.splitlines()
    assert first.startswith("failed top/wordcloud of 2026-11-22 12:30: CloudError: ")
    assert second.startswith("failed top/wordcloud of 2026-11-22 12:40: ")
    assert last.startswith("Remade 0 of 2 stale windows")


def test_what_its_stories_are_gone_for_is_told(run, say, settings, clock, root, window):
    run()
    clock.advance(days=1)
    (root / f"top/stories/{window}.parquet").unlink()
    settings("cloud", width=400)
    said = say("rebuild Wordcloud --since 7d")
    assert said.code == 0
    assert said.out.startswith("1 stale window in top/wordcloud since")
    assert "can't be remade" in said.out


def test_windows_of_another_length_are_reported_and_skipped(run, say, settings, contents, root):
    run(3)
    settings("assets", window_minutes=60)
    settings("cloud", width=400)
    before = contents(root)
    said = say("rebuild Wordcloud --since 7d")
    assert said.code == 0
    assert said.lines == [
        "3 stored windows in top/wordcloud since 2026-11-15 12:54 UTC, of another length than "
        "[assets] window_minutes, skipped",
        "Nothing to remake in top/wordcloud since 2026-11-15 12:54 UTC: 0 windows current",
    ]
    assert contents(root) == before


def test_ctrl_c_leaves_every_window_whole(run, say, root, tmp_path, clock, process):
    clock.at = datetime(2024, 1, 1, 12, 34)  # past by the clock of the other process too
    run(2)
    (tmp_path / "luigi.cfg").write_text("[cloud]\nwidth = 8000\nheight = 8000\n")
    arguments = process("rebuild", "Wordcloud", "--since", "36500d")
    started = subprocess.Popen(**arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        lock = root / "_locks/top/wordcloud/2024-01-01T1230Z.lock"
        wait_until(lambda: lock.exists() or started.poll() is not None)
        assert started.poll() is None, started.communicate()
        started.send_signal(signal.SIGINT)
        out, err = started.communicate(timeout=patience())
    finally:
        started.kill()
        started.communicate()
    assert started.returncode == 130, err
    assert b"Remade 0 of 2 stale windows" in out
    assert b"Traceback" not in err
    assert say("verify").code == 0
    assert not [path for path in root.rglob("*") if path.suffix in (".lock", ".tmp")]
