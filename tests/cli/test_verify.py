"""``hn-luigi verify`` holds outputs against their records."""

from __future__ import annotations

import json

from hn_luigi.assets.operations.verify import Problem, Verification
from hn_luigi.cli import verify as verify_module


def test_problems_are_a_line_each_and_exit_code_1(run, say, root, window):
    run(2)
    (root / f"top/wordcloud/{window}.md").write_text("mine")
    (root / "top/wordcloud/latest.md").write_text("mine")
    said = say("verify")
    assert said == (
        1,
        f"top/wordcloud/{window}: its output was modified outside hn_luigi\n"
        "top/wordcloud/latest: it is not the output of 2026-11-22T1240Z\n"
        "2 problems; otherwise 5 outputs match their records\n",
        "",
    )


def test_json_holds_the_same(run, say, root, window):
    run()
    assert json.loads(say("verify --json").out) == {
        "matching": 3,
        "problems": [],
        "unmade": [],
    }
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
        "unmade": [],
    }


def test_all_that_is_stored_is_looked_at_or_what_is_named(run, say, root, window):
    run()
    run(1, feed="ask")
    (root / f"ask/wordcloud/{window}.md").write_text("mine")
    assert say("verify").code == 1
    assert say("verify top").out == "3 outputs match their records\n"
    assert say("verify ask/stories").out == "1 output matches its record\n"
    assert say("verify Stories --feed ask").out == "1 output matches its record\n"
    assert "1 problem; otherwise 1 output matches" in say("verify word_cloud").out
    refused = say("verify top/word")
    assert (refused.code, refused.out) == (2, "")
    assert "no asset that is watched is called 'top/word'" in refused.err


def test_problems_move_no_cursor(say, clock, monkeypatch):
    def verify(assets, **options):
        return Verification(0, (Problem("top/stories", "latest", "can't read a\x1b[2J\nb"),))

    monkeypatch.setattr(verify_module, "verify_outputs", verify)
    assert say("verify").lines[0] == "top/stories/latest: can't read a\\x1b[2J b"


def test_a_folder_in_place_of_an_output_is_no_output(run, say, root, window):
    run()
    output = root / f"top/stories/{window}.parquet"
    output.unlink()
    output.mkdir()
    said = say("verify")
    assert said.code == 1
    assert said.lines[0] == (f"top/stories/{window}: its output is missing, though it is recorded")


def test_what_began_long_ago_can_be_left_out(run, say, root, window):
    run(3)
    (root / f"top/wordcloud/{window}.md").write_text("mine")
    assert say("verify").code == 1
    assert say("verify --since 6m") == (
        0,
        "3 outputs match their records (3 of 9 were checked)\n",
        "",
    )
    assert json.loads(say("verify --since 6m --json").out) == {
        "matching": 3,
        "problems": [],
        "left_out": 6,
        "unmade": [],
    }


def test_a_sample_says_how_much_it_is(run, say, clock):
    run(3)
    found = []
    for _ in range(2):
        facts = json.loads(say("verify --sample 50% --json").out)
        assert facts["matching"] + facts["left_out"] == 9
        assert f"({facts['matching']} of 9 were checked)" in say("verify --sample 50%").out
        found.append(facts["matching"])
        clock.advance(days=1)
    assert sum(found) == 9
    assert say("verify --sample 100%").out == (
        "9 outputs match their records (9 of 9 were checked)\n"
    )


def test_a_share_or_a_time_that_is_none_is_refused(say):
    assert "it must be a share like 5% or 0.5%" in say("verify --sample 5").err
    assert "it must be a length of time like" in say("verify --since monday").err


def test_what_no_watched_class_makes_is_checked_and_named(run, say, root, window, settings):
    run()
    settings("assets", watch="hn_luigi StoryIds")
    (root / f"top/stories/{window}.parquet").write_text("mine")
    said = say("verify")
    assert said.code == 1
    assert said.lines == [
        f"top/stories/{window}: its output was modified outside hn_luigi",
        "1 problem; otherwise 2 outputs match their records",
        "No watched class makes top/stories and top/wordcloud: watch one that does ([assets] "
        "watch, --watch), or remove each with hn-luigi prune --folder top/stories",
    ]
    assert say("verify --json").json["unmade"] == ["top/stories", "top/wordcloud"]


def test_a_backup_is_checked_where_its_classes_can_t_be_loaded(run, say, root, window, settings):
    run()
    settings("assets", watch="no_such_module Thing")
    said = say("verify")
    assert (said.code, said.out) == (0, "3 outputs match their records\n")
    assert "so only what is recorded under the root is checked" in said.err
    (root / f"top/stories/{window}.parquet").write_text("mine")
    said = say("verify --json")
    assert (said.code, said.json["matching"], said.json["unmade"]) == (1, 2, None)


def test_a_watched_asset_without_any_record_is_a_problem(run, say, root, window):
    run()
    (root / f"_records/top/stories/{window}.json").unlink()
    assert say("verify").lines[0] == f"top/stories/{window}: it has no record"


def test_to_find_no_output_is_said(say, root, clock):
    root.mkdir(exist_ok=True)
    assert say("verify") == (0, f"No output is stored under {root}, so none was checked\n", "")
