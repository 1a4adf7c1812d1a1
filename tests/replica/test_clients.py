"""Clients that nobody here wrote find on the replica what they find on the real API."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from hacker_news_client import HackerNewsClient

from hn_luigi.replica import Replica, bundled_front_page

CLIENTS = Path(__file__).parents[2] / ".venv/clients"
PAGE = bundled_front_page()
LEADING = PAGE.items[PAGE.lists["top"][0]] or {}


@pytest.fixture(scope="module")
def replica() -> Iterator[Replica]:
    with Replica(PAGE) as running:
        yield running


class TestHaxor:
    """Of PyPI, which asks with requests and, for many items, with aiohttp."""

    @pytest.fixture
    def client(self, replica: Replica, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
        reason = "needs haxor: run .ci/install-servers"
        monkeypatch.syspath_prepend(Path(sys.prefix) / "haxor")
        hackernews: ModuleType = pytest.importorskip("hackernews", reason=reason)
        at = {"v0": f"{replica.base_url}/"}
        monkeypatch.setattr(hackernews, "supported_api_versions", at)
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        client = hackernews.HackerNews()
        yield client
        client.session.close()
        asyncio.set_event_loop(None)
        loop.close()

    def test_reads_each_list(self, client):
        for feed in ("top", "new", "ask", "show", "job"):
            found = getattr(client, f"{feed}_stories")(limit=20)
            there = [i for i in PAGE.lists[feed][:20] if PAGE.items[i] is not None]
            assert [item.item_id for item in found] == there

    def test_follows_an_item_to_its_author_and_comments(self, client):
        item = client.get_item(LEADING["id"], expand=True)
        assert (item.by.user_id, item.title) == (LEADING["by"], LEADING["title"])
        assert [kid.item_id for kid in item.kids] == LEADING["kids"]
        comment = client.get_item(item.kids[0].kids[0], expand=True)
        assert (comment.item_type, comment.parent.item_id) == ("comment", item.kids[0].item_id)

    def test_follows_a_poll_to_its_parts(self, client):
        (poll,) = (i for i, item in PAGE.items.items() if item and item["type"] == "poll")
        assert len(client.get_item(poll, expand=True).parts) == 3

    def test_follows_an_author_to_what_they_wrote(self, client):
        user = client.get_user(LEADING["by"], expand=True)
        assert LEADING["id"] in [story.item_id for story in user.stories]
        assert user.karma >= LEADING["score"]

    def test_finds_nothing_where_there_is_nothing(self, client):
        import hackernews

        with pytest.raises(hackernews.InvalidUserID):
            client.get_user("nobody")
        with pytest.raises(hackernews.InvalidItemID):
            client.get_item(1)

    def test_reads_what_changed(self, client):
        updates = client.updates()
        assert updates["items"][0].item_id == client.get_max_item() == max(PAGE.items)
        assert all(profile.user_id for profile in updates["profiles"])


class TestHnApiClient:
    """Of PyPI, which asks with urllib and makes dataclasses of all it gets."""

    @pytest.fixture
    def client(self, replica: Replica) -> HackerNewsClient:
        return HackerNewsClient(base_url=replica.base_url)

    def test_reads_each_list(self, client):
        for feed in ("top", "new", "best", "ask", "show", "job"):
            found = getattr(client, f"{feed}_stories")(limit=30)
            assert len(found) > 5
            assert {item.id for item in found} <= set(PAGE.lists[feed])

    def test_reads_a_discussion_to_its_end(self, client):
        tree = client.comment_tree(LEADING["id"])
        assert [kid.id for kid in tree.replies] == LEADING["kids"]
        assert tree.replies[0].replies[0].parent == LEADING["kids"][0]

    def test_reads_users_and_what_changed(self, client):
        assert LEADING["id"] in client.user(LEADING["by"]).submitted
        assert client.user("nobody") is None
        assert client.max_item() == max(PAGE.items)
        assert client.updates().items[0] == max(PAGE.items)


def test_node_hn_api_of_npm_reads_lists_items_and_users(replica: Replica) -> None:
    """Its addresses are fixed: what it fetches of the real API is fetched of the replica."""
    node = shutil.which("node")
    if node is None or not (CLIENTS / "node_modules/node-hn-api").is_dir():
        pytest.skip("needs Node and node-hn-api: run .ci/install-servers")
    script = f"""
        import * as hn from "node-hn-api";
        const there = globalThis.fetch;
        globalThis.fetch = (url) =>
          there(url.replace("https://hacker-news.firebaseio.com/v0", "{replica.base_url}"));
        const ids = async (list) => (await list).map((item) => item?.id ?? null);
        console.log(JSON.stringify({{
          top: await ids(hn.fetchTopStories(70)),
          job: await ids(hn.fetchJobStories(5)),
          item: await hn.fetchItem({LEADING["id"]}),
          user: await hn.fetchUser("{LEADING["by"]}"),
          nobody: await hn.fetchUser("nobody"),
        }}));
    """
    done = subprocess.run(
        [node, "--input-type=module", "--eval", script],
        cwd=CLIENTS,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    top = [id_ if PAGE.items[id_] else None for id_ in PAGE.lists["top"][:70]]
    assert found["top"] == top
    assert found["job"] == list(PAGE.lists["job"][:5])
    assert found["item"] == LEADING
    assert LEADING["id"] in found["user"]["submitted"]
    assert found["nobody"] is None
