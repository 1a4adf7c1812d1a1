"""The folder of a site: files that are replaced whole, and never one that somebody else put there.

A manifest in it, which is also the mark by which it is known, names each file before that is
written. So what a killed process left is known by the next one.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, fields
from typing import Any

from hn_luigi.assets.operations import document, replacing, staging

MANIFEST = ".hn_luigi_site.json"
_VERSION = 1
_STAGED = re.compile(r"\.(.+)\.[0-9]+\.tmp")
"""How ``replacing`` calls a file until it is whole."""
_PICTURE = re.compile(r"(.+)-[0-9]+\.(?:png|jpeg|gif|webp)")


class SiteError(Exception):
    """The site can't be written, or not all of it; the message names the place and the remedy."""


@dataclass(frozen=True)
class Page:
    """A page of a window of an asset, as it was published."""

    folder: str
    """Of the asset."""
    window: str
    """The window's name."""
    label: str
    """What people call the window; empty if it has none."""
    title: str
    updated: str
    """When what it shows was made, a timestamp as of records."""
    read: str
    """When the data that it shows was read, the same; empty if that isn't known."""
    key: str
    """What that was made from: as long as this stays, so does what the page shows."""
    pictures: tuple[str, ...] = ()
    """Paths of the files that it shows."""
    around: tuple[object, ...] = ()
    """What stands around that."""


class Site:
    """What is published in a folder: paths are relative to it, with ``/``."""

    def __init__(self, root: str, content: dict[str, Any]) -> None:
        self._root = root
        self._files: dict[str, list[int] | None] = dict(content.get("files", {}))
        if any(os.path.isabs(path) or ".." in path.split("/") for path in self._files):
            raise ValueError("it names files elsewhere")
        self.pages = {path: _page(told) for path, told in content.get("pages", {}).items()}
        self.ids_begin: str = content.get("ids_begin", "")
        """What ids in the feed begin with: the address of the site when it first had one."""
        self.written = self.removed = 0

    def is_as_left(self, path: str) -> bool:
        """Whether the file is as it was when it was written, by its size and time."""
        noted = self._files.get(path)
        return noted is not None and noted == _stat(self._at(path))

    def is_there(self, path: str) -> bool:
        """Whether there is such a file of ours."""
        return path in self._files and os.path.isfile(self._at(path))

    def read(self, path: str) -> bytes:
        """A file's bytes; raises SiteError."""
        with _told(self._at(path)), open(self._at(path), "rb") as file:
            return file.read()

    def pages_of(self, folder: str) -> list[tuple[str, Page]]:
        """The pages of an asset, by path, newest first."""
        found = [(path, page) for path, page in self.pages.items() if page.folder == folder]
        return sorted(found, key=lambda at: at[1].window, reverse=True)

    def claim(self, paths: Iterable[str]) -> dict[str, str]:
        """Note that these files, and pictures beside them, are about to be written.

        Returns:
            Why not, by path, where there is a file that isn't ours: it stays as it is.

        Raises:
            SiteError: it can't be noted.
        """
        new = {path for path in paths if path not in self._files}
        taken: dict[str, str] = {}
        for folder in {os.path.dirname(path) for path in new}:
            for there in (os.path.join(folder, name) for name in _names_in(self._at(folder))):
                picture = _PICTURE.fullmatch(there)
                path = there if there in new else f"{picture[1]}.html" if picture else ""
                if path in new and there not in self._files:
                    taken[path] = f"{self._at(there)} isn't of hn-luigi publish: move it away"
        if new - taken.keys():
            self._files.update(dict.fromkeys(sorted(new - taken.keys())))
            self.save()
        return taken

    def write(self, path: str, data: bytes) -> bool:
        """Have ``data`` in the file, which is claimed; whether it had to be replaced for that.

        It is for everybody to read, whatever the umask: a web server is another user.
        """
        at = self._at(path)
        with _told(at):
            self._make_folder(os.path.dirname(at))
            is_new = not (_is_file(at) and os.path.getsize(at) == len(data)) or _bytes(at) != data
            if is_new:
                with replacing(at, data, mode=0o644, locked=False):
                    pass
                self.written += 1
            self._files[path] = _stat(at)
        return is_new

    def remove(self, paths: Iterable[str]) -> None:
        """Remove files of ours."""
        for path in paths:
            if path in self._files:
                with _told(self._at(path)), suppress(FileNotFoundError):
                    os.unlink(self._at(path))
                    self.removed += 1
                del self._files[path]

    def save(self) -> None:
        """Note what there is."""
        content = {
            "version": _VERSION,
            "what": "Written by hn-luigi publish, which replaces the files named here and no other",
            "ids_begin": self.ids_begin,
            "files": self._files,
            "pages": {path: asdict(page) for path, page in sorted(self.pages.items())},
        }
        at, data = self._at(MANIFEST), document.write(content)
        with _told(at):
            if not _is_file(at) or _bytes(at) != data:
                with replacing(at, data, mode=0o644, locked=False):
                    pass

    def take_back(self, path: str) -> None:
        """Forget a page whose file is another's from now on, and remove what it showed."""
        if (page := self.pages.pop(path, None)) is not None:
            self.remove(page.pictures)

    def forget_removed(self) -> None:
        """Forget pages whose files somebody has removed."""
        for path in [path for path in self.pages if not self.is_there(path)]:
            del self.pages[path]

    def sweep(self) -> None:
        """Remove what killed processes left of files that were not whole yet."""
        for folder in {os.path.dirname(path) for path in (*self._files, MANIFEST)}:
            for name in _names_in(self._at(folder)):
                staged = _STAGED.fullmatch(name)
                path = os.path.join(folder, staged[1]) if staged else ""
                picture = _PICTURE.fullmatch(path)
                is_ours = path in self._files or path == MANIFEST
                if staged and (is_ours or (picture and f"{picture[1]}.html" in self._files)):
                    with _told(self._at(folder)), suppress(FileNotFoundError):
                        os.unlink(self._at(os.path.join(folder, name)))

    def _at(self, path: str) -> str:
        return os.path.join(self._root, path)

    def _make_folder(self, folder: str) -> None:
        """Make ``folder``, for everybody to look into, and what it is in, within the site."""
        if os.path.realpath(folder) != folder:
            raise OSError(0, "a link leads elsewhere")
        if folder != self._root and not os.path.isdir(folder):
            self._make_folder(os.path.dirname(folder))
            _make(folder)


@contextmanager
def open_site(folder: str) -> Iterator[Site]:
    """The site in ``folder``, which is made if it isn't there; no other process writes to it.

    Raises:
        SiteError: something is in it and no site, another process writes to it, or it can't be
            written.
        StorageError: there is no place for locks.
    """
    if "://" in folder:
        raise SiteError(f"{folder} is no folder: publish to one, and copy that there")
    root = os.path.realpath(os.path.expanduser(folder))
    with ExitStack() as stack:
        try:
            # In the machine's folder for locks, and not in this one, which is to be looked at.
            stack.enter_context(staging.hold(root, "publish", wait=False))
        except BlockingIOError:
            raise SiteError(
                f"another hn-luigi publish is writing to {root}: wait until it is done"
            ) from None
        site = Site(root, _manifest(root))
        with _told(os.path.dirname(root)):
            if not os.path.isdir(root):
                os.makedirs(os.path.dirname(root), exist_ok=True)
                _make(root)
        site.sweep()
        site.forget_removed()
        yield site


def _manifest(root: str) -> dict[str, Any]:
    """What is noted of the site; raises SiteError."""
    at = os.path.join(root, MANIFEST)
    with _told(root):
        if not os.path.lexists(at):
            # With a dot begin .git, .nojekyll and .well-known, which hosts want there; and a file
            # system of its own has lost+found.
            there = os.listdir(root) if os.path.lexists(root) else []
            others = [name for name in there if name[0] != "." and name != "lost+found"]
            if others:
                raise SiteError(
                    f"{root} isn't empty, and no site of hn-luigi publish: name another folder "
                    "with --to, such as a new one in it"
                )
            return {}
        data = _bytes(at)
    try:
        content = document.read(data, newest=_VERSION)
        Site(root, content)
    except document.LaterVersion as error:
        raise SiteError(
            f"{root} is of a newer hn_luigi: update this one, or name another folder with --to"
        ) from error
    except (document.Damaged, AttributeError, KeyError, TypeError, ValueError) as error:
        raise SiteError(
            f"{at} is damaged ({error}): empty the folder, or name another one with --to"
        ) from error
    return content


def _page(told: dict[str, Any]) -> Page:
    """A page as the manifest has it; raises KeyError or TypeError."""
    known = {each.name: told[each.name] for each in fields(Page) if each.name in told}
    return Page(**{**known, "pictures": tuple(told["pictures"]), "around": tuple(told["around"])})


@contextmanager
def _told(at: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SiteError(
            f"can't write {at}: {error.strerror or error}; check that it is yours, writable and "
            "has space"
        ) from error


def _make(folder: str) -> None:
    os.mkdir(folder)
    os.chmod(folder, 0o755)  # noqa: S103 for everybody to look into, whatever the umask


def _names_in(folder: str) -> list[str]:
    with _told(folder):
        try:
            return os.listdir(folder)
        except FileNotFoundError:
            return []


def _is_file(at: str) -> bool:
    return os.path.isfile(at) and not os.path.islink(at)


def _bytes(at: str) -> bytes:
    with open(at, "rb") as file:
        return file.read()


def _stat(at: str) -> list[int] | None:
    try:
        found = os.lstat(at)
    except OSError:
        return None
    return [found.st_size, found.st_mtime_ns]
