"""``hn-luigi verify`` holds outputs against their records."""

from __future__ import annotations

import json

from hn_luigi.assets.verify import Problem, Verification
from hn_luigi.cli import verify as verify_module


def test_problems_are_a_line_each_and_exit_code_1(run, say, root, window):
    run(2)
    (root / f"top/wordcloud/{window}.md").write_text("mine")
    (root / "top/wordcloud/latest.md").write_text("mine")
    said = say("verify")
    assert said == (
        1,
        f"top/wordcloud/{window}: its output was changed by another hand\n"
        "top/wordcloud/latest: it is not the output of 2026-11-22T1240Z\n"
        "2 problems; otherwise 5 outputs match their records\n",
        "",
    )


def test_json_holds_the_same(run, say, root, window):
    run()
    assert json.loads(say("verify --json").out) == {"matching": 3, "problems": []}
    (root / f"top/stories/{window}.parquet").unlink()
    said = say("verify --json")
    assert said.code == 1
    assert json.loads(said.out) == {
        "matching": 2,
        "problems": [
            {
                "asset": "top/stories",
                "window": window,
                "problem": "its output is missing, though it is recorded",
            }
        ],
    }


def test_all_feeds_are_looked_at_or_those_named(run, say, root, window):
    run()
    run(1, feed="ask")
    (root / f"ask/wordcloud/{window}.md").write_text("mine")
    assert say("verify").code == 1
    assert say("verify --feed top").out == "3 outputs match their records\n"


def test_problems_move_no_cursor(say, clock, monkeypatch):
    def verify(assets, **options):
        return Verification(0, (Problem("top/stories", "latest", "can't read a\x1b[2J\nb"),))

    monkeypatch.setattr(verify_module, "verify_assets", verify)
    assert say("verify").lines[0] == "top/stories/latest: can't read a\\x1b[2J b"


def test_a_folder_in_place_of_an_output_is_no_output(run, say, root, window):
    run()
    output = root / f"top/stories/{window}.parquet"
    output.unlink()
    output.mkdir()
    said = say("verify")
    assert said.code == 1
    assert said.lines[0] == (f"top/stories/{window}: its output is missing, though it is recorded")
