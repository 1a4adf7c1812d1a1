"""What can be asked of an object store: fsspec's filesystem, with deadlines and our errors.

A filesystem that is carried across Luigi's fork always fails or hangs (fsspec 2026.9 with s3fs,
gcsfs or adlfs), so each process has its own. obstore is several times faster and hangs after a fork
as well, as its maintainers agree. ``fsspec.open``, ``UPath.open`` and ``pyarrow.fs`` publish what
was written so far when an exception ends the block, every time; so whole objects are put and read
here, by ``pipe_file``, ``put_file``, ``cat_file`` and ``get_file``, and no stream is opened.
"""

from __future__ import annotations

import io
import json
import os
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from functools import partial
from hashlib import md5
from typing import IO, Any, cast

from hn_luigi.assets.errors import BackendUnavailable, UnknownScheme
from hn_luigi.assets.luigi_internals.scheduling import workers_at_work
from hn_luigi.assets.storage.backends import (
    BACKENDS,
    SECONDS_BETWEEN_BYTES,
    checked_url,
    filesystem,
)
from hn_luigi.assets.storage.conditional import BY_SCHEME, Version
from hn_luigi.assets.storage.s3_multipart import MULTIPART_FROM, put_multipart
from hn_luigi.assets.storage.store import Stat
from hn_luigi.assets.storage.translate_errors import (
    is_only_missing,
    is_refused,
    to_storage_error,
)

SECONDS_TO_ANSWER = 10.0
"""How long a question may take, with all that the library tries.

By default, where nobody answers, S3 gives up after 6 to 13 s, GCS after 33, Azure after 75.
"""
_SECONDS_TO_READ = 600.0
_SLOWEST_UPLOAD = 500_000
"""Bytes a second."""


class Client:
    """An object store, asked by whole URLs; its methods raise BackendUnavailable."""

    def __init__(self, scheme: str, filesystem: Any) -> None:
        self._scheme = scheme
        self._fs = filesystem
        self._conditional = BY_SCHEME[scheme](filesystem) if scheme in BY_SCHEME else None

    def require_bucket(self, url: str) -> None:
        """Raise unless the bucket that ``url`` is in is there and may be listed."""
        self.list(url)
        if self._scheme == "az":  # adlfs lists nothing in a container that isn't there
            self.read(url)

    def prepare_forks(self, url: str) -> None:
        """Do once, after the first answer, what processes that are forked later would do each.

        They will ask for what is in the bucket of ``url``.
        """
        with suppress(Exception):  # which they then do
            BACKENDS[self._scheme].hand_down(self._fs, _path(url).partition("/")[0])

    def stat(self, url: str) -> Stat | None:
        """Of the object at ``url``, None if there is none.

        Not fsspec's ``exists``: it says yes of what is only the prefix of some, and no of what is
        in a bucket that isn't there, where only the write fails, much later.
        """
        with suppress(FileNotFoundError):
            info = self._ask_for("read", url, self._info, _path(url))
            return _stat_of(info) if info["type"] == "file" else None
        return None

    def _info(self, path: str, **options: Any) -> Mapping[str, Any]:
        if self._scheme != "s3":
            return cast(Mapping[str, Any], self._fs.info(path, **options))
        # s3fs's info asks a second time of what isn't there, whether it is a folder.
        bucket, _, name = path.partition("/")
        told = self._fs.call_s3("head_object", Bucket=bucket, Key=name, **options)
        return {"type": "file", "size": told["ContentLength"], "ETag": told["ETag"]}

    def list(self, url: str) -> dict[str, Stat]:
        """All objects whose URL begins with ``url``, by the rest of it.

        ``find`` and not ``ls``, since it lists objects and no prefixes; 100 of them take as long as
        about five questions for one.
        """
        start = _path(url)
        bucket, _, prefix = start.partition("/")
        found = self._ask("list", url, self._fs.find, bucket, prefix=prefix, detail=True)
        infos = {path.lstrip("/"): info for path, info in found.items()}
        return {
            path.removeprefix(start): _stat_of(info)
            for path, info in infos.items()
            if path.startswith(start) and info["type"] == "file"
        }

    def read(self, url: str, seconds: float = _SECONDS_TO_READ) -> bytes | None:
        """The bytes at ``url``, None if there are none; they must be here in ``seconds``."""
        with suppress(FileNotFoundError):
            return bytes(self._ask_for("read", url, self._fs.cat_file, _path(url), seconds=seconds))
        return None

    def read_all(self, urls: Iterable[str]) -> dict[str, bytes | None]:
        """The bytes at each of ``urls``, read side by side."""
        by_path = {_path(url): url for url in urls}
        if not by_path:
            return {}
        first, paths = next(iter(by_path.values())), list(by_path)
        options: dict[str, Any] = {"on_error": "return", "seconds": _SECONDS_TO_READ}
        found = self._ask("read", first, self._fs.cat, paths, **options)
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
        seconds = _seconds_to_write(len(data))
        is_multipart = self._scheme == "s3" and len(data) >= MULTIPART_FROM
        put = partial(put_multipart, self._fs) if is_multipart else self._fs.pipe_file
        answer = self._ask("write", url, put, _path(url), data, seconds=seconds)
        tag = _tag_of(answer) if isinstance(answer, Mapping) else ""
        if tag and not is_multipart:
            return Stat(len(data), tag, tag)
        return self._require_own(url, data, tag)

    def _require_own(self, url: str, data: bytes, tag: str) -> Stat:
        """What ``stat`` says of ``url``, just put in several requests; ``tag`` is that of the last.

        A service may tell another tag in the end than later, and GCS (gcsfs 2026.10, 50 MB and
        more) tells none, so the object is asked for: its size, and its tag or MD5. It is read back
        only where these leave it open whether it is ours.
        """
        with suppress(FileNotFoundError):
            info = self._ask_for("read", url, self._fs.info, _path(url))
            stat = _stat_of(info)
            if stat.size == len(data) and (
                stat.fingerprint == tag or _has_md5(info, data) or self.read(url) == data
            ):
                return stat
        raise BackendUnavailable(
            f"{url} was changed by another process while this one was writing it: let one "
            "central scheduler start everything that writes there, and run again"
        )

    def version(self, url: str) -> Version | None:
        """The small object at ``url`` as it is now, None if there is none."""
        with suppress(FileNotFoundError):
            found: Version = self._on_condition("read", url, may_be_missing=True)
            return found
        return None

    def create(self, url: str, data: bytes) -> str | None:
        """Write a small object where there is none; its tag, None if there is one."""
        return self._unless_refused("create", url, data)

    def replace(self, url: str, data: bytes, tag: str) -> str | None:
        """Write over the version whose tag is ``tag``; the new tag, None if it isn't there."""
        return self._unless_refused("replace", url, data, tag)

    def upload(self, path: str, url: str) -> None:
        """Replace what is at ``url`` by the local file at ``path``, in one step."""
        seconds = _seconds_to_write(os.path.getsize(path))
        self._ask("write", url, self._fs.put_file, path, _path(url), seconds=seconds)

    def download(self, url: str, path: str) -> None:
        """Copy what is at ``url`` to the local file at ``path``; raises FileNotFoundError."""
        self._ask_for("read", url, self._fs.get_file, _path(url), path, seconds=_SECONDS_TO_READ)

    def in_parts(self, url: str) -> IO[bytes]:
        """The object at ``url``, opened so that each part is read by a request of its own.

        Not for what the layer stores: other parts may be of another version. S3 is asked for those
        of the version that was opened; of the others a ``stat`` afterwards tells.

        Raises:
            FileNotFoundError: there is none.
        """

        # Without a cache, since who reads Parquet knows which parts are near each other.
        def opened() -> Any:
            return self._fs.open(_path(url), "rb", cache_type="none")

        file = self._told("read", url, opened, may_be_missing=True)
        parts = _Parts(file, lambda size: self._told("read", url, partial(file.read, size)))
        return cast(IO[bytes], parts)

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
        self._ask_for("copy", url, self._fs.cp_file, *paths, seconds=_SECONDS_TO_READ)

    def remove(self, urls: Iterable[str], seconds: float = _SECONDS_TO_READ) -> None:
        """Remove the objects at ``urls`` in ``seconds``, many in one request if the store can."""
        paths = [_path(url) for url in urls]
        # memory stops at the first that is missing
        at_once = [[path] for path in paths] if self._scheme == "memory" else [paths]
        for some in filter(None, at_once):
            first = f"{self._scheme}://{some[0]}"
            with suppress(FileNotFoundError):
                self._ask_for("remove", first, self._fs.rm, some, seconds=seconds)

    def _unless_refused(self, method: str, url: str, *args: Any) -> str | None:
        try:
            tag: str = self._on_condition(method, url, *args)
        except BackendUnavailable as error:
            if isinstance(error.__cause__, Exception) and is_refused(error.__cause__):
                return None
            raise
        return tag

    def _on_condition(self, method: str, url: str, *args: Any, may_be_missing: bool = False) -> Any:
        bucket, _, name = _path(url).partition("/")

        def call(*args: Any, timeout: float) -> Any:
            return getattr(self._conditional, method)(bucket, name, *args, timeout)

        verb = "read" if method == "read" else "write"
        return self._ask(verb, url, call, *args, may_be_missing=may_be_missing)

    def _ask(
        self,
        verb: str,
        url: str,
        call: Callable[..., Any],
        *args: Any,
        may_be_missing: bool = False,
        seconds: float = SECONDS_TO_ANSWER,
        **kwargs: Any,
    ) -> Any:
        """What ``call``, of the filesystem, answers within ``seconds``."""
        if self._fs.async_impl:
            kwargs["timeout"] = seconds
        return self._told(verb, url, partial(call, *args, **kwargs), may_be_missing=may_be_missing)

    def _told(
        self, verb: str, url: str, call: Callable[[], Any], *, may_be_missing: bool = False
    ) -> Any:
        """What ``call`` returns; what it raises is told in our words."""
        try:
            return call()
        except Exception as error:  # each library has its own, with no common base
            if may_be_missing and is_only_missing(error):
                raise FileNotFoundError(f"there is nothing at {url}") from error
            raise to_storage_error(verb, url, error) from error

    def _ask_for(
        self,
        verb: str,
        url: str,
        call: Callable[..., Any],
        *args: Any,
        seconds: float = SECONDS_TO_ANSWER,
    ) -> Any:
        """The same of an object that may not be there; raises FileNotFoundError then."""
        return self._ask(verb, url, call, *args, seconds=seconds, may_be_missing=True)


class _Parts(io.RawIOBase):
    """A file that is read by ``read``."""

    def __init__(self, file: Any, read: Callable[[int], bytes]) -> None:
        self._file, self._read = file, read

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return int(self._file.seek(offset, whence))

    def tell(self) -> int:
        return int(self._file.tell())

    def readinto(self, buffer: Any) -> int:
        part = self._read(len(buffer))
        buffer[: len(part)] = part
        return len(part)

    def close(self) -> None:
        self._file.close()
        super().close()


def client_for(url: str, options: dict[str, Any] | None = None) -> Client:
    """This process' client of the store that ``url`` is in; ask for it at each use.

    Args:
        url: of a bucket, or of anything in it.
        options: arguments of fsspec's filesystem; left out, what the user set. They are handed to
            another machine's process, which knows nothing of that.

    Raises:
        UnknownScheme: ``url`` is not one of a store.
        BackendNotInstalled: the library that it takes isn't there.
        BackendUnavailable: the library refuses its settings, or finds no credentials.
    """
    scheme = checked_url(url).partition("://")[0]
    text = _set_options(scheme) if options is None else _text_of(options)
    key = (os.getpid(), scheme, text)
    if key not in _clients:
        if scheme == "memory" and any(kind == scheme for _, kind, _ in _clients):
            raise BackendUnavailable(
                f"{url} is in the memory of another process: use it with one worker"
            )
        _clients[key] = Client(scheme, filesystem(scheme, json.loads(text)))
    return _clients[key]


def _set_options(scheme: str) -> str:
    """What the user set for stores of ``scheme``: within a run, as it was at its first use.

    Luigi (3.8.1) takes 0.6 ms to find out what a section holds, and a step asks a store 12 times.
    """
    run = workers_at_work()
    text = _set.get((scheme, run))
    if text is None:
        text = _text_of(BACKENDS[scheme].options())
        if run:
            _set.clear()  # of runs that are over
            _set[scheme, run] = text
    return text


def _text_of(options: dict[str, Any]) -> str:
    # Libraries add to what they are given.
    return json.dumps(options, sort_keys=True)


_set: dict[tuple[str, frozenset[str]], str] = {}
# With a strong reference: fsspec's own cache of instances is off, since it isn't keyed by process.
_clients: dict[tuple[int, str, str], Client] = {}


def _path(url: str) -> str:
    """``url`` as fsspec takes it; out of a whole one some backends would read options."""
    return url.partition("://")[2]


def _seconds_to_write(size: int) -> float:
    return SECONDS_BETWEEN_BYTES + size / _SLOWEST_UPLOAD


def _stat_of(info: Mapping[str, Any]) -> Stat:
    tag = _tag_of(info) or _moment(info["created"])  # what is in memory has no tags
    return Stat(int(info["size"]), tag, tag)


def _has_md5(info: Mapping[str, Any], data: bytes) -> bool:
    """Whether the store tells that of ``data``; GCS does, of all but composed objects."""
    told = info.get("md5Hash")
    return (
        told is not None and told == b64encode(md5(data, usedforsecurity=False).digest()).decode()
    )


def _moment(created: datetime | float) -> str:
    """When something in memory was made, which its listings say in another way."""
    return str(created.timestamp() if isinstance(created, datetime) else created)


def _tag_of(info: Mapping[str, Any]) -> str:
    """The entity tag, which changes with the bytes, without its quotes; empty if there is none."""
    return str(info.get("ETag") or info.get("etag") or "").strip('"')
