"""The kinds of object store a root may be in: what reaches each, and how it is set up."""

from __future__ import annotations

import importlib
import json
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hn_luigi.assets.errors import BackendNotInstalled, UnknownScheme
from hn_luigi.assets.storage.s3_sessions import leave_spare, take_session
from hn_luigi.assets.storage.storage_settings import storage_azure, storage_gcs, storage_s3
from hn_luigi.assets.storage.translate_errors import misconfigured, to_storage_error

# botocore's defaults are 60 s each, azure-core's 300 (1.41). gcsfs takes no such pair, so there the
# limit of a whole question counts alone (``client.py``).
SECONDS_TO_CONNECT = 4
SECONDS_BETWEEN_BYTES = 30

_WANTED = (
    "it must be a folder, s3://bucket/prefix, gs://bucket/prefix, az://container/prefix or "
    "memory://name"
)
# Without what fsspec takes for a pattern: to remove one object would remove all that match.
_URL = re.compile(r"[a-z0-9]+://(?P<bucket>[^/?#@:*[\]\\]+)(?P<path>(/[^?#*[\]\\]*)?)")


@dataclass(frozen=True)
class Backend:
    """A kind of object store."""

    module: str
    filesystem: str
    """The class of ``module`` that reaches it."""
    extra: str
    """What of ours to install it with."""
    options: Callable[[], dict[str, Any]]
    """Arguments of the class, from what the user set."""
    take_over: Callable[[Any], None] = lambda _: None
    """Has a new filesystem take over what was done for one of this process, or of its parent."""
    hand_down: Callable[[Any, str], None] = lambda *_: None
    """Does, by one that was used, what those of forked processes take over for a bucket."""
    talkative: tuple[str, ...] = ()
    """Loggers that tell of what is raised as well."""


def _s3_options() -> dict[str, Any]:
    s3 = storage_s3()
    options: dict[str, Any] = {
        "endpoint_url": s3.endpoint_url or None,
        "profile": s3.profile or None,
        "anon": s3.anon,
        "client_kwargs": {"region_name": s3.region} if s3.region else {},
        "config_kwargs": {
            "connect_timeout": SECONDS_TO_CONNECT,
            "read_timeout": SECONDS_BETWEEN_BYTES,
            # s3fs itself tries five times, and each would be botocore's five: 25 for one question.
            "retries": {"total_max_attempts": 2},
        },
        # s3fs 2026.9 reads parts of a large object side by side, each by a request of its own, and
        # these may meet two versions of one that is just replaced.
        "max_concurrency": 1,
    }
    return _merged(options, s3.options)


def _gcs_options() -> dict[str, Any]:
    gcs = storage_gcs()
    options: dict[str, Any] = {
        "endpoint_url": gcs.endpoint_url or None,
        "token": "anon" if gcs.anon else None,
    }
    project = {"project": gcs.project} if gcs.project else {}
    return _merged(options | project, gcs.options)


def _azure_options() -> dict[str, Any]:
    azure = storage_azure()
    options: dict[str, Any] = {
        "account_name": azure.account_name or None,
        "account_host": azure.account_host or None,
        "anon": azure.anon,
        "connection_timeout": SECONDS_TO_CONNECT,
        "read_timeout": SECONDS_BETWEEN_BYTES,
    }
    return _merged(options, azure.options)


def _merged(options: dict[str, Any], more: str) -> dict[str, Any]:
    """``options`` and those of the JSON object ``more``, which win; dicts are joined."""
    merged = dict(options)
    for name, value in json.loads(more).items():
        ours = merged.get(name)
        joins = isinstance(ours, dict) and isinstance(value, dict)
        merged[name] = dict(ours or {}, **value) if joins else value
    return merged


BACKENDS = {
    "s3": Backend("s3fs", "S3FileSystem", "s3", _s3_options, take_session, leave_spare),
    "gs": Backend("gcsfs", "GCSFileSystem", "gcs", _gcs_options, talkative=("gcsfs",)),
    "az": Backend("adlfs", "AzureBlobFileSystem", "azure", _azure_options, talkative=("azure",)),
    # fsspec comes with each of the extras
    "memory": Backend("fsspec.implementations.memory", "MemoryFileSystem", "s3", dict),
}
"""The kinds of object store, by the scheme of their URLs."""


def checked_url(url: str) -> str:
    """``url`` without slashes at its end; raises UnknownScheme, with what is wanted instead."""
    scheme = url.partition("://")[0]
    if scheme not in BACKENDS:
        raise UnknownScheme(
            f"the storage root begins with {scheme}://, which is unknown: {_WANTED}"
        )
    parts = _URL.fullmatch(url)
    path = parts["path"].rstrip("/") if parts else ""
    if not parts or "//" in path or {".", ".."} & set(path.split("/")):
        raise UnknownScheme(  # without the URL, since what doesn't fit may be a password
            f"the storage root begins with {scheme}:// but the rest isn't valid: {_WANTED}; "
            "it can't hold credentials, queries, fragments or patterns"
        )
    return f"{scheme}://{parts['bucket']}{path}"


def filesystem(scheme: str, options: dict[str, Any]) -> Any:
    """A new fsspec filesystem for URLs of ``scheme``.

    Raises:
        BackendNotInstalled: the library that it takes isn't there.
        BackendUnavailable: the library refuses its settings, or finds no credentials.
    """
    backend = BACKENDS[scheme]
    for name in backend.talkative:
        logging.getLogger(name).addHandler(logging.NullHandler())
    try:
        kind = getattr(importlib.import_module(backend.module), backend.filesystem)
    except ImportError as error:
        raise BackendNotInstalled(
            f"{scheme}:// needs {error.name or backend.module}, which is not installed: "
            f'pip install "hn_luigi[{backend.extra}]"'
        ) from error
    try:
        # A cached listing misses what is new and shows what is gone; an instance that fsspec caches
        # by its arguments alone would come back after a fork.
        made = kind(**options, use_listings_cache=False, skip_instance_cache=True)
        backend.take_over(made)
        return made
    except (TypeError, ValueError) as error:
        raise misconfigured(scheme, f"storage_{backend.extra}", error) from error
    except Exception as error:  # each library has its own, with no common base
        raise to_storage_error("open", f"{scheme}://", error) from error
