"""A test lies where its module does: ``assets/test_window.py`` tests ``assets/window.py``."""

from __future__ import annotations

from pathlib import Path

from .processes import REPOSITORY

TESTS = Path(__file__).parent
SOURCES = {"pipelines": TESTS / "pipelines", "sample": REPOSITORY / "scripts/sample"}
"""Where the modules of a folder of tests are, if not in the package's folder of that name."""
OF_NO_MODULE = {
    "alerts/test_elsewhere.py": "a root that can't be written, whose alerts are kept elsewhere",
    "alerts/test_histories.py": "random hours, against a model of what is to be told",
    "alerts/test_several_roots.py": "alerts of assets under several roots",
    "alerts/test_serve.py": "the watch that the scheduler's server keeps",
    "assets/formats/test_format_changes.py": "what an edit of a format makes stale",
    "assets/code/test_declared.py": "what a class names as its code, and what is done without it",
    "assets/code/test_edits.py": "random edits, against what they may make stale",
    "assets/staleness/test_histories.py": "random histories, against an oracle",
    "assets/staleness/test_rollups.py": "random roll-ups of windows, against an oracle",
    "assets/storage/test_alerts.py": "alerts of assets on each store",
    "assets/storage/test_all_months.py": "all of Hacker News from each store",
    "assets/storage/test_clocks.py": "a store whose clock differs from the machine's",
    "assets/storage/test_contended_lease.py": "processes that want one lock at the same time",
    "assets/storage/test_first_contact.py": "what keeps a root from being used, on each store",
    "assets/storage/test_forks.py": "what a forked step pays for an object store",
    "assets/storage/test_kill.py": "runs that are killed while they write to S3",
    "assets/storage/test_large.py": "uploads of 100 MB and more",
    "assets/storage/test_latest.py": "engines that read a folder of windows as a table",
    "assets/storage/test_lease_faults.py": "paused holders of a lock, and late answers",
    "assets/storage/test_lengths.py": "what has no window, and weeks, on each store",
    "assets/storage/test_moving.py": "the documented ways to move a root",
    "assets/storage/test_pipeline.py": "the graph and its commands on each store",
    "assets/storage/test_reading.py": "the documented ways to read a root",
    "assets/storage/test_look.py": "how many requests a refresher's look takes",
    "assets/storage/test_requests.py": "how many requests a look takes",
    "assets/storage/test_servers.py": "the servers of the tests beside it",
    "cli/test_lengths.py": "commands on a graph whose windows are of several lengths",
    "assets/test_clocks.py": "machines whose clocks differ",
    "assets/test_database.py": "the documented way to load into a database",
    "assets/test_lengths.py": "graphs whose windows are of several lengths, or that have none",
    "assets/test_past_windows.py": "captures before, within and after their window",
    "cloud/test_all_at_once.py": "words of all titles at once, against a title at a time",
    "command_line/test_central.py": "runs through a central scheduler",
    "command_line/test_first_hour.py": "what a newcomer does first, with what is installed",
    "command_line/test_interrupted.py": "runs that are stopped in the middle",
    "command_line/test_own_names.py": "own tasks that are called as shipped ones are",
    "command_line/test_own_steps.py": "graphs of others",
    "command_line/test_run.py": "a run from its flags to its exit code",
    "display/test_looks.py": "outputs in a browser, on a screen, a phone, a dark page and paper",
    "display/test_output_css.py": "the contrast of colours",
    "faults/test_observed.py": "what a soak says of what it saw",
    "faults/test_soak.py": "a server that refreshes by itself, for as long as it is told",
    "foreign/test_commands.py": "each command, on graphs that are not ours",
    "foreign/test_exits.py": "modules and steps that end the process",
    "foreign/test_pages.py": "each page and button, on graphs that are not ours",
    "foreign/test_runs.py": "all of two graphs that are not ours in one run",
    "hosts/test_differences.py": "two machines whose settings or clocks differ",
    "hosts/test_losses.py": "a machine that dies, or loses the store or the scheduler",
    "hosts/test_sharing.py": "one command on two machines that share nothing but a store",
    "hosts/test_siege.py": "two machines that are struck again and again",
    "pipelines/test_command_line.py": "each pipeline as its user starts it",
    "publishing/test_browser.py": "the published site in a browser",
    "publishing/test_site.py": "what a published site has, and what becomes of it",
    "replica/test_clients.py": "clients that nobody here wrote",
    "refresh/test_idle.py": "what a server that refreshes keeps and reads",
    "refresh/test_month.py": "a simulated month of graphs that are refreshed",
    "refresh/test_histories.py": "random histories of a line, against what is promised of it",
    "spark/test_cluster.py": "a session on a cluster of two workers",
    "spark/test_recipe.py": "the documented way to compute on Spark",
    "spark/test_word_history.py": "all of Hacker News counted on Spark",
    "test_code_changes.py": "what an edit of the project makes stale",
    "test_container.py": "scripts/Containerfile",
    "test_days.py": "a day's trends and page, as the layer makes them while days go by",
    "test_docs.py": "what the documents show",
    "test_install_cron.py": "scripts/install-cron",
    "test_limits.py": "the suite's own promises",
    "test_mirror.py": "this",
    "test_noise.py": "scripts/noise.py",
    "test_refresh.py": "scripts/refresh",
    "test_rooms.py": "the arrows between rooms",
    "test_scripts.py": "the scripts for a checkout",
    "test_surface.py": "what packages offer, and what importing them costs",
    "test_word_history.py": "all of Hacker News by month, as the layer makes it",
    "test_words.py": "of what commands, messages and pages speak",
    "web/test_at_a_glance.py": "what a look at the pages tells as hours pass",
    "web/test_barriers.py": "what axe-core finds on each page",
    "web/test_graph.py": "static/graph.js, in a browser",
    "web/test_refresh.py": "static/refresh.js, in a browser",
    "web/test_absurd.py": "records that say what can't be",
    "web/test_browser.py": "the pages in a browser",
    "web/test_refresh_pages.py": "what comes next on the pages, and what pauses it",
    "web/test_foreign.py": "pages of a graph that is not ours",
    "web/test_damage.py": "damaged roots and text of strangers on the pages",
    "web/test_owner.py": "whose a server is, with other users' processes",
    "web/test_pages.py": "what the pages show of a root",
    **{
        f"faults/test_{kind}.py": "the whole graph under that kind of fault"
        for kind in ("api", "clock", "company", "disk", "signals")
    },
}
"""Tests of a behaviour that is of several modules, or of none."""


def module_of(test: Path) -> Path:
    """The module that ``test`` is about, by its path below the folder of tests."""
    room, *_ = test.parts
    folder = SOURCES.get(room, REPOSITORY / "hn_luigi" / test.parent)
    name = test.stem.removeprefix("test_")
    if name == folder.name:
        return folder / "__init__.py"
    return folder / ("__main__.py" if name == "main" else f"{name}.py")


def test_a_test_is_named_after_its_module_or_listed_with_what_else_it_is_about():
    """Who finds his test here names it after the module it is about, or lists it above."""
    tests = {str(path.relative_to(TESTS)) for path in TESTS.rglob("test_*.py")}
    mirrors = {test for test in tests if module_of(Path(test)).is_file()}
    assert tests - mirrors == set(OF_NO_MODULE)
