"""``hn-luigi explain`` tells what a run would do, and why."""

from __future__ import annotations

import luigi

from hn_luigi import Wordcloud
from hn_luigi.assets import Asset
from hn_luigi.assets.staleness.plan import steps_to
from hn_luigi.cli.explain import text, to_json
from hn_luigi.cli.output import show


def test_a_current_asset_would_not_be_made(made, say):
    said = say("explain Wordcloud")
    assert said.code == 0
    assert {said.row(f"top/{name}")[1] for name in ("story_ids", "stories", "wordcloud")} == {
        "current"
    }
    assert said.lines[-1] == "Nothing would be made."


def test_a_changed_setting_would_remake_what_it_shapes_alone(made, settings, say):
    settings("cloud", height=120)
    said = say("explain word_cloud")
    assert said.row("top/stories")[1] == "current"
    assert said.row("top/wordcloud")[1] == (
        "stale, would be made: the setting cloud.height changed from 100 to 120"
    )
    assert said.lines[-1] == "A run would make top/wordcloud."


def test_what_is_made_from_something_stale_is_made_only_if_that_changes(
    made, settings, say, succeed
):
    settings("hackernews", limit=400)
    said = say("explain Wordcloud")
    assert said.row("top/stories")[1] == "stale, would be made if top/story_ids changes"
    assert said.lines[-1] == (
        "A run would make top/story_ids, and make top/stories and top/wordcloud if what they are "
        "made from changes."
    )
    assert say("explain Stories").lines[-1] == (
        "A run would make top/story_ids, and make top/stories if what it is made from changes."
    )
    asked = len(made.requests)
    succeed(Wordcloud())
    assert len(made.requests) == asked + 1


def test_an_asset_that_is_missing_is_made_with_all_that_is_missing(small, say):
    said = say("explain Stories")
    assert said.row("top/stories")[1] == "missing, would be made"
    assert said.lines[-1] == "A run would make top/story_ids and top/stories."


def test_before_the_first_run_it_explains_and_says_that_there_is_no_root(small, say, root):
    root.rmdir()
    said = say("explain top/wordcloud")
    assert said.code == 0
    assert said.lines[-1] == "A run would make top/story_ids, top/stories and top/wordcloud."
    (told,) = said.err.splitlines()
    assert told.startswith(f"hn-luigi: nothing is stored under {root}, which doesn't exist: make")
    assert not root.exists()


def test_a_missing_latest_is_copied(made, root, say):
    (root / "top/wordcloud/latest.md").unlink()
    assert say("explain Wordcloud").lines[-1] == "A run would copy top/wordcloud to latest."


def test_a_past_window_without_captures_can_t_be_made(made, say):
    said = say("explain Wordcloud --as-of 2026-11-22T1200")
    assert said.row("top/story_ids")[1] == "missing, can't be made any more"
    assert said.lines[-1] == (
        "A run would fail: top/story_ids, top/stories and top/wordcloud can't be made any more, "
        "since the window of top/story_ids, 2026-11-22 12:00 UTC, is over."
    )


def test_what_stands_behind_something_current_doesn_t_matter(made, root, clock, say, window):
    clock.advance(hours=1)
    (root / f"top/story_ids/{window}.json").unlink()
    said = say("explain Wordcloud --as-of 2026-11-22T1230")
    assert said.row("top/story_ids")[1] == "missing, but what is made from it is there"
    assert said.lines[-1] == "Nothing would be made."


def test_a_past_page_would_be_remade_from_stored_stories(made, root, clock, say, window):
    clock.advance(hours=1)
    (root / f"top/wordcloud/{window}.md").unlink()
    said = say("explain Wordcloud --as-of latest")
    assert said.lines[-1] == "A run would make top/wordcloud."


def test_inputs_stand_first_and_once_a_plain_task_among_them(clock, tmp_path, capsys):
    class Download(luigi.Task):
        def output(self):
            return luigi.LocalTarget(tmp_path / "download")

    class Left(Asset):
        suffix = ".json"

        def requires(self):
            return Download()

    class Right(Left):
        pass

    class Both(Asset):
        suffix = ".json"

        def requires(self):
            return [Left(), Right()]

    steps = steps_to(Both())
    show(text(Both(), steps))
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines if ", would be" in line] == [
        str(Download()),
        "left",
        "right",
        "both",
    ]
    assert lines[-1] == f"A run would make {Download()}, left, right and both."
    assert to_json(Both(), steps)["steps"][0]["asset"] is None


def test_what_is_in_the_place_of_an_asset_is_told_as_what_keeps_it_from_being_made(
    clock, succeed, capsys
):
    def named(namespace):
        body = {"task_namespace": namespace, "suffix": ".json", "compute": lambda self: namespace}
        return type(Asset)("Bread", (Asset,), body)()

    succeed(named("bakery"))
    clock.advance(minutes=10)  # so that it is missing, and lies beside the other's window
    steps = steps_to(named("mill"))
    show(text(steps[0].task, steps))
    said = " ".join(capsys.readouterr().out.split())
    assert "missing, can't be made: mill.Bread(" in said
    assert "it holds the output of bakery.Bread" in said
    assert said.endswith("A run would fail: bread can't be made, for the reason above.")


def test_json_has_the_same_facts(made, settings, say, window):
    settings("cloud", height=120)
    told = say("explain Wordcloud --json").json
    assert told["conclusion"] == "A run would make top/wordcloud."
    assert [step["plan"] for step in told["steps"]] == ["nothing", "nothing", "make"]
    assert told["steps"][-1] == {
        "asset": "top/wordcloud",
        "name": "Wordcloud",
        "window": window,
        "state": "stale",
        "reasons": ["the setting cloud.height changed from 100 to 120"],
        "causes": [
            {
                "category": "setting",
                "reason": "the setting cloud.height changed from 100 to 120",
            }
        ],
        "lost": False,
        "kept": "",
        "plan": "make",
    }
