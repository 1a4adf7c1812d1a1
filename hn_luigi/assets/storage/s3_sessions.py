"""What a forked process need not do again for S3: read models, find credentials, make a client.

A filesystem, its loop and its connections can't be carried across a fork. A client that was never
used has neither: it is made before, for whoever is forked next, by a session of its own, whose
credentials nobody renews meanwhile (an asyncio lock around that belongs to the loop that waits for
it, and would stay held in a process that is forked by then). Each process renews its own copy.
"""

# CPU until a forked process has its first answer (s3fs 2026.9, botocore 1.43): 190 ms by itself; 85
# with the models at hand; 55 with a client; 25 with one that has loaded its certificates, and all
# that a session and a client otherwise work out at first.

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

_loaders: dict[str, Any] = {}
"""What botocore has read of its own files, by how a session is set up: plain data."""
_spares: dict[str, Any] = {}
"""Sessions for forked processes, each with its client, by how a filesystem is set up."""

# With the 12 s of a first contact, what is wrong is told within 15.
_SECONDS_TO_LEAVE = 3.0

_VARIABLES = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE")
_FILES = {
    "AWS_SHARED_CREDENTIALS_FILE": "~/.aws/credentials",
    "AWS_CONFIG_FILE": "~/.aws/config",
}
"""Where credentials are kept, by the variable that names another place."""


@dataclass(frozen=True)
class _Spare:
    client: Any
    arguments: Mapping[str, Any]
    made_by: int


def take_session(filesystem: Any) -> None:
    """Give the new s3fs ``filesystem`` its session, which does nothing that was done before.

    Raises:
        TypeError: an option is one of nobody's.
    """
    # Not later, when botocore has added its defaults to what the options hold.
    key = json.dumps([filesystem.storage_options, _kept_credentials()], sort_keys=True)
    left = _spares.get(key)
    is_for_this = left is not None and left.spare.made_by != os.getpid()
    filesystem.session = _spares.pop(key) if is_for_this else _new_session(filesystem)
    filesystem.session.for_options = key


def leave_spare(filesystem: Any, bucket: str) -> None:
    """Make a session and a client for the next processes that are forked: each has its copy.

    Raises:
        TimeoutError: who gives credentials doesn't answer again.
    """
    from aiobotocore.config import AioConfig
    from fsspec.asyn import sync

    arguments = filesystem.session.asked

    async def make() -> Any:
        session = _new_session(filesystem)
        if not (filesystem.anon or filesystem.key):
            # Those of a role would be fetched with the first request, which isn't made here.
            await (await session.get_credentials()).get_frozen_credentials()
        config = arguments["config"].merge(AioConfig(http_session_cls=_with_certificates()))
        client = await session.create_client("s3", **{**arguments, "config": config}).__aenter__()
        _ = client.exceptions  # which its answers are compared with
        # It is sent to nobody: on the way to it a client works out where the bucket is.
        await client.generate_presigned_url("head_object", Params={"Bucket": bucket, "Key": "key"})
        session.spare = _Spare(client, arguments, os.getpid())
        return session

    made = sync(filesystem.loop, make, timeout=_SECONDS_TO_LEAVE)
    _spares[filesystem.session.for_options] = made


def _kept_credentials() -> list[object]:
    """What changes with credentials that are written anew, as each hour, and renewed by nothing."""
    found: list[object] = [os.environ.get(name) for name in _VARIABLES]
    for name, usual in _FILES.items():
        with suppress(OSError):
            found.append(os.stat(os.path.expanduser(os.environ.get(name, usual))).st_mtime_ns)
    return found


def _new_session(filesystem: Any) -> Any:
    session = _session_kind()(**filesystem.kwargs)  # as s3fs would make it
    key = json.dumps(filesystem.kwargs, sort_keys=True)  # a profile may name a folder of models
    if key in _loaders:
        session.register_component("data_loader", _loaders[key])
    else:
        _loaders[key] = session.get_component("data_loader")
    return session


@cache
def _session_kind() -> Any:
    """aiobotocore's session, which notes how it is asked for a client, and may have one."""
    from aiobotocore.session import AioSession

    class Session(AioSession):  # type: ignore[misc]
        spare: _Spare | None = None

        def create_client(self, name: str, **arguments: Any) -> AbstractAsyncContextManager[Any]:
            if name == "s3":  # and not the service that credentials come from
                self.asked, spare = arguments, self.spare
                self.spare = None
                if spare and _are_same(spare, arguments):
                    return _given(spare.client)
            made: AbstractAsyncContextManager[Any] = super().create_client(name, **arguments)
            return made

    return Session


@cache
def _with_certificates() -> Any:
    """aiobotocore's HTTP session, with certificates that are loaded as it is opened."""
    from aiobotocore.httpsession import AIOHTTPSession

    class Session(AIOHTTPSession):  # type: ignore[misc]
        async def __aenter__(self) -> Any:
            self._loaded = super()._build_ssl_contexts(None)
            return await super().__aenter__()

        def _build_ssl_contexts(self, proxy_url: str | None) -> Any:
            return self._loaded if proxy_url is None else super()._build_ssl_contexts(proxy_url)

    return Session


def _are_same(spare: _Spare, arguments: Mapping[str, Any]) -> bool:
    """Whether the client is as one by ``arguments``; ``config`` follows from the filesystem's."""
    return {**spare.arguments, "config": None} == {**arguments, "config": None}


@asynccontextmanager
async def _given(client: Any) -> AsyncIterator[Any]:
    try:
        yield client
    finally:
        await client.__aexit__(None, None, None)
