"""``hn-luigi invalidate`` has an asset made again."""

from __future__ import annotations

from hn_luigi import StoryIds, Wordcloud


def test_the_page_stays_until_the_next_run_remakes_it_alone(
    run, say, succeed, root, window, contents
):
    run()
    before = contents(root)
    said = say("invalidate Wordcloud")
    assert said == (
        0,
        "top/wordcloud of 2026-11-22 12:30: invalidated; the next run for it makes it again\n",
        "",
    )
    assert [path for path, data in contents(root).items() if data != before[path]] == [
        root / f"_records/top/wordcloud/{window}.json"
    ]
    assert not Wordcloud().complete()
    succeed(Wordcloud())
    assert Wordcloud().complete()


def test_of_latest_it_is_the_newest_page(run, say, clock):
    run(2)
    clock.advance(days=1)
    assert say("invalidate wordcloud --as-of latest").out.startswith(
        "top/wordcloud of 2026-11-22 12:40: invalidated"
    )


def test_a_capture_that_is_over_is_refused_in_one_line(run, say, clock):
    run()
    clock.advance(days=1)
    said = say("invalidate Stories --as-of latest")
    assert (said.code, said.out, len(said.err.splitlines())) == (2, "", 1)
    assert "its window is over" in said.err


def test_a_capture_in_its_window_is_made_again(run, say):
    run()
    assert "the next run in its window" in say("invalidate StoryIds").out
    assert not StoryIds().complete()


def test_what_is_not_stored_is_made_anyway(clock, say):
    said = say("invalidate Wordcloud --feed job")
    assert said.code == 0
    assert said.out.startswith("job/wordcloud of 2026-11-22 12:30: no output")
