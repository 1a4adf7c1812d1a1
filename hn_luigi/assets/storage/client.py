"""What can be asked of an object store: fsspec's filesystem, with deadlines and our errors.

A filesystem that is carried across Luigi's fork fails or hangs, so each process has its own.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from hn_luigi.assets.errors import BackendUnavailable, UnknownScheme
from hn_luigi.assets.storage.backends import (
    BACKENDS,
    SECONDS_BETWEEN_BYTES,
    checked_url,
    filesystem,
)
from hn_luigi.assets.storage.store import Stat
from hn_luigi.assets.storage.translate_errors import is_only_missing, to_storage_error

SECONDS_TO_ANSWER = 10.0
"""How long a question may take, with all that the library tries."""
_SECONDS_TO_READ = 600.0
_SLOWEST_UPLOAD = 500_000
"""Bytes a second."""

_IS_TROUBLE = object()
_IS_TOLD = object()


class Client:
    """An object store, asked by whole URLs; its methods raise BackendUnavailable."""

    def __init__(self, scheme: str, filesystem: Any) -> None:
        self._scheme = scheme
        self._filesystem = filesystem

    def require_bucket(self, url: str) -> None:
        """Raise unless the bucket that ``url`` is in is there and may be listed."""
        self.list(url)
        if self._scheme == "az":  # adlfs lists nothing in a container that isn't there
            self.read(url)

    def stat(self, url: str) -> Stat | None:
        """Of the object at ``url``, never of what only begins like it; None if there is none."""
        info = self._ask("read", url, "info", _path(url), missing=None)
        return None if info is None or info["type"] != "file" else _stat_of(info)

    def list(self, url: str) -> dict[str, Stat]:
        """All objects whose URL begins with ``url``, by the rest of it."""
        start = _path(url)
        bucket, _, prefix = start.partition("/")
        found = self._ask("list", url, "find", bucket, prefix=prefix, detail=True)
        infos = {path.lstrip("/"): info for path, info in found.items()}
        return {
            path.removeprefix(start): _stat_of(info)
            for path, info in infos.items()
            if path.startswith(start) and info["type"] == "file"
        }

    def read(self, url: str, seconds: float = _SECONDS_TO_READ) -> bytes | None:
        """The bytes at ``url``, None if there are none; they must be here in ``seconds``."""
        data = self._ask("read", url, "cat_file", _path(url), missing=None, seconds=seconds)
        return None if data is None else bytes(data)

    def read_all(self, urls: Iterable[str]) -> dict[str, bytes | None]:
        """The bytes at each of ``urls``, read side by side."""
        by_path = {_path(url): url for url in urls}
        if not by_path:
            return {}
        first, paths = next(iter(by_path.values())), list(by_path)
        found = self._ask("read", first, "cat", paths, on_error="return", seconds=_SECONDS_TO_READ)
        read: dict[str, bytes | None] = {}
        for path, data in found.items():
            url = by_path[path.lstrip("/")]
            if isinstance(data, Exception) and not is_only_missing(data):
                raise to_storage_error("read", url, data) from data
            read[url] = None if isinstance(data, Exception) else bytes(data)
        return read

    def write(self, url: str, data: bytes) -> Stat:
        """Replace what is at ``url`` by ``data``, in one step.

        Raises:
            BackendUnavailable: it failed, or another process wrote there at the same time.
        """
        answer = self._ask(
            "write", url, "pipe_file", _path(url), data, seconds=_seconds_to_write(len(data))
        )
        if isinstance(answer, Mapping) and (tag := _tag_of(answer)):
            return Stat(len(data), tag, tag)
        stat = self.stat(url)  # what the store calls what it has now; whose is it?
        if stat is None or self.read(url) != data:
            raise BackendUnavailable(
                f"{url} was changed by another process while this one wrote it: let one central "
                "scheduler start all that write there, and run again"
            )
        return stat

    def upload(self, path: str, url: str) -> None:
        """Replace what is at ``url`` by the local file at ``path``, in one step."""
        seconds = _seconds_to_write(os.path.getsize(path))
        self._ask("write", url, "put_file", path, _path(url), seconds=seconds)

    def download(self, url: str, path: str) -> None:
        """Copy what is at ``url`` to the local file at ``path``; raises FileNotFoundError."""
        self._ask(
            "read", url, "get_file", _path(url), path, missing=_IS_TOLD, seconds=_SECONDS_TO_READ
        )

    def copy(self, url: str, new_url: str) -> None:
        """Copy the object at ``url`` within the store.

        Raises:
            FileNotFoundError: there is none.
            UnknownScheme: ``new_url`` is in a store of another kind.
        """
        if not new_url.startswith(f"{self._scheme}://"):
            raise UnknownScheme(f"{new_url} is not in the same kind of store as {url}")
        if self._scheme == "az":  # adlfs doesn't wait for what it has the service copy
            if (data := self.read(url)) is None:
                raise FileNotFoundError(f"there is nothing at {url}")
            self.write(new_url, data)
            return
        paths = _path(url), _path(new_url)
        self._ask("copy", url, "cp_file", *paths, missing=_IS_TOLD, seconds=_SECONDS_TO_READ)

    def remove(self, urls: Iterable[str]) -> None:
        """Remove the objects at ``urls``, many in one request where the store can."""
        paths = [_path(url) for url in urls]
        # memory stops at the first that is missing
        at_once = [[path] for path in paths] if self._scheme == "memory" else [paths]
        for some in filter(None, at_once):
            first = f"{self._scheme}://{some[0]}"
            self._ask("remove", first, "rm", some, missing=None, seconds=_SECONDS_TO_READ)

    def _ask(
        self,
        verb: str,
        url: str,
        method: str,
        *args: Any,
        missing: Any = _IS_TROUBLE,
        seconds: float = SECONDS_TO_ANSWER,
        **kwargs: Any,
    ) -> Any:
        """Call ``method`` of the filesystem.

        Where it finds no object, ``missing`` is the answer, if given; ``_IS_TOLD`` raises
        FileNotFoundError.
        """
        if self._filesystem.async_impl:
            kwargs["timeout"] = seconds
        try:
            return getattr(self._filesystem, method)(*args, **kwargs)
        except Exception as error:  # each library has its own, with no common base
            if missing is _IS_TROUBLE or not is_only_missing(error):
                raise to_storage_error(verb, url, error) from error
            if missing is _IS_TOLD:
                raise FileNotFoundError(f"there is nothing at {url}") from error
            return missing


def client_for(url: str) -> Client:
    """This process' client of the store that ``url`` is in; ask for it at each use.

    Raises:
        UnknownScheme: ``url`` is not one of a store.
        BackendNotInstalled: the library that it takes isn't there.
        BackendUnavailable: the library refuses its settings, or finds no credentials.
    """
    scheme = checked_url(url).partition("://")[0]
    options = BACKENDS[scheme].options()
    key = (os.getpid(), scheme, json.dumps(options, sort_keys=True))
    if key not in _clients:
        if scheme == "memory" and any(kind == scheme for _, kind, _ in _clients):
            raise BackendUnavailable(
                f"{url} is in the memory of another process: use it with one worker"
            )
        _clients[key] = Client(scheme, filesystem(scheme, options))
    return _clients[key]


_clients: dict[tuple[int, str, str], Client] = {}


def _path(url: str) -> str:
    """``url`` as fsspec takes it; out of a whole one some backends would read options."""
    return url.partition("://")[2]


def _seconds_to_write(size: int) -> float:
    return SECONDS_BETWEEN_BYTES + size / _SLOWEST_UPLOAD


def _stat_of(info: Mapping[str, Any]) -> Stat:
    tag = _tag_of(info) or _moment(info["created"])  # what is in memory has no tags
    return Stat(int(info["size"]), tag, tag)


def _moment(created: datetime | float) -> str:
    """When something in memory was made, which its listings say in another way."""
    return str(created.timestamp() if isinstance(created, datetime) else created)


def _tag_of(info: Mapping[str, Any]) -> str:
    """The entity tag, which changes with the bytes, without its quotes; empty if there is none."""
    return str(info.get("ETag") or info.get("etag") or "").strip('"')
