"""What is tried of a store; that servers honour conditions is seen in ``test_lease.py``."""

from __future__ import annotations

from uuid import uuid4

from hn_luigi.assets.storage import open_store


def test_of_what_is_in_memory_nothing_is_tried_since_nobody_else_can_write_it(caplog):
    store = open_store(f"memory://{uuid4().hex}")
    assert store.lock_is_global
    store.require_writable()
    assert store.lock_is_global
    with store.lock("asset"):
        assert store.is_held("asset")
    assert caplog.messages == []
