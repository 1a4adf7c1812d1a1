"""The layout of a root: its version keeps an older hn_luigi's hands off what a newer one made.

What doesn't tell its layout is of the first. A change that an older hn_luigi would take for damage,
and so make again over it, is a new layout; one that it passes over, such as a new key, isn't.
"""

from __future__ import annotations

from hn_luigi.assets.catalog import document
from hn_luigi.assets.catalog.library_versions import versions_of
from hn_luigi.assets.errors import UnknownLayout
from hn_luigi.assets.storage import FileKey, Store

LAYOUT_VERSION = 1
"""The latest that is known, which is what is written."""
_KEY = FileKey("_layout.json")


def require_usable(store: Store) -> None:
    """Raise StorageError unless ``store`` can be reached and is of a layout that is known."""
    store.require_reachable()
    layout_of(store)


def layout_of(store: Store) -> int | None:
    """The version of the layout of ``store``, None if it doesn't tell; raises UnknownLayout."""
    data = store.read(_KEY)
    if data is None:
        return None
    try:
        return int(document.read(data, newest=LAYOUT_VERSION, version="layout")["layout"])
    except document.LaterVersion as later:
        writer = later.content.get("hn_luigi")
        is_name = isinstance(writer, str) and writer.isprintable()
        newer = f"hn_luigi {writer}" if is_name else "a newer hn_luigi"
        raise UnknownLayout(
            f"this root has layout {later.version}, by {newer}, and this hn_luigi knows layouts up "
            f"to {LAYOUT_VERSION} (see {store.path(_KEY)}): upgrade hn_luigi, or set another "
            "[storage] root"
        ) from later
    except document.Damaged as error:
        raise UnknownLayout(
            f"can't tell the layout of this root: {store.path(_KEY)} is damaged ({error}); "
            "put it back, or remove it if no hn_luigi newer than this one has used the root"
        ) from error


def claim(store: Store) -> None:
    """Have ``store`` tell its layout, before anything is written there; raises StorageError."""
    if layout_of(store) != LAYOUT_VERSION:
        told = {"layout": LAYOUT_VERSION, **versions_of(["hn_luigi"])}
        store.write(_KEY, document.write(told))
        store.sweep("")
