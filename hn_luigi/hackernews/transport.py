"""One JSON answer from a server that may be slow, gone, or lying.

What passes by itself is tried again after a growing, jittered wait; the rest fails at once.
Every outcome but data is ``Unavailable``, with the cause in words.
"""

from __future__ import annotations

import json
import random
import re
import threading
import time
from email.utils import parsedate_to_datetime
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter

from hn_luigi.hackernews.errors import Unavailable
from hn_luigi.hackernews.limits import Limits
from hn_luigi.proxies import REMEDY, lacks_socks

# Bytes. The real answers stay below 50 kB; a server that sends without end would fill the memory.
_LARGEST_ANSWER = 4 * 2**20
# 401 comes and goes on items that are minutes old (HackerNews/API issue 6).
_PASSING = frozenset({401, 408, 425, 429})
# What the registry of RFC 9110, 16.2.1 has of 5xx that asking again doesn't help against.
_STAYING = frozenset({501, 505, 506, 507, 508, 510, 511})


class _Passing(Exception):
    """A failure that may be gone next time, after at least ``wait`` seconds."""

    def __init__(self, reason: str, wait: float = 0.0) -> None:
        super().__init__(reason)
        self.wait = wait


class Transport:
    """Gets addresses under one base URL; shared by threads, until its deadline or ``close``."""

    def __init__(self, base_url: str, limits: Limits) -> None:
        self.ends_at = time.monotonic() + limits.deadline
        self._limits = limits
        self._closed = threading.Event()
        self._not_before = 0.0  # a Retry-After holds for every thread
        # Whether threads may share a Session was never settled (psf/requests 2766). What was
        # doubted isn't met here: redirects aren't followed, and a pool is closed under a thread
        # only where there are too many hosts (psf/requests 1871); this is one.
        self._session = requests.Session()
        for scheme in ("http://", "https://"):
            self._session.mount(
                scheme, HTTPAdapter(pool_connections=1, pool_maxsize=limits.concurrency)
            )
        try:
            self._session.get_adapter(base_url)  # raises for another scheme
            # Not by the session, which would send what ~/.netrc holds for the host, or by default.
            # And once: 500 of them cost 48 ms of the 280 ms of CPU that a fetch takes, copies 2 ms.
            self._request = requests.Request(
                "GET", base_url, headers={**self._session.headers, "User-Agent": "hn_luigi"}
            ).prepare()
        except requests.RequestException as error:
            raise Unavailable(  # without the address, which may hold a password
                "the API's address isn't a valid http or https URL; correct [hackernews] base_url",
                final=True,
            ) from error
        if lacks_socks(base_url):
            raise Unavailable(f"can't reach the API: {REMEDY}", final=True)
        # Proxies and certificates of the environment. To look them up for each of 500 items, as the
        # session does, costs 47 ms more of CPU (requests 2.34).
        self._options = self._session.merge_environment_settings(base_url, {}, True, None, None)

    @property
    def closed(self) -> bool:
        """Whether ``close`` was called."""
        return self._closed.is_set()

    def get(self, url: str) -> Any:
        """The JSON value at ``url``; raises Unavailable."""
        # Not urllib3's Retry: it sees no `{"error": …}` of status 200 and no body that is cut off,
        # and nothing wakes it from a wait when the fetch is given up.
        attempt = 1
        while True:
            try:
                return self._once(url)
            except _Passing as failure:
                wait = self._wait_before(attempt + 1, failure)
                if attempt >= self._limits.attempts or time.monotonic() + wait >= self.ends_at:
                    requests_made = "1 request" if attempt == 1 else f"{attempt} requests"
                    raise Unavailable(
                        f"can't read {url}: {failure} ({requests_made}); check the network and "
                        "[hackernews] base_url, or try again later"
                    ) from failure
                self._pause(wait)
            attempt += 1

    def close(self) -> None:
        """Stop waiting threads, and let go of idle connections."""
        self._closed.set()
        self._session.close()

    def _once(self, url: str) -> Any:
        self._pause(self._not_before - time.monotonic())
        request = self._request.copy()
        request.url = url
        try:
            with self._session.send(
                request,
                timeout=(self._limits.connect_timeout, self._limits.read_timeout),
                allow_redirects=False,
                **self._options,
            ) as response:
                body = response.raw.read(_LARGEST_ANSWER, decode_content=True)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise _Passing(_in_words(error)) from error
        self._check_status(url, response)
        return _parse(body, response.headers.get("Content-Type", "no type"))

    def _check_status(self, url: str, response: requests.Response) -> None:
        status = response.status_code
        if status == 200:
            return
        reason = f"the server answered {status} {response.reason}"
        if _may_pass(status):
            wait = _retry_after(response.headers.get("Retry-After"))
            until = time.monotonic() + wait
            if until < self.ends_at:  # else this address alone is given up
                self._not_before = max(self._not_before, until)
            raise _Passing(reason, wait)
        where = f" to {response.headers['Location']}" if "Location" in response.headers else ""
        raise Unavailable(
            f"can't read {url}: {reason}{where}; check [hackernews] base_url and any proxy",
            final=True,
        )

    def _wait_before(self, attempt: int, failure: _Passing) -> float:
        doublings: int = 1 << (attempt - 2)
        # Spread, or threads that failed together would ask again together.
        return max(failure.wait, self._limits.backoff * doublings * random.uniform(0.5, 1.5))

    def _pause(self, seconds: float) -> None:
        if seconds > 0 and self._closed.wait(seconds):
            raise Unavailable("the fetch was given up")


def _may_pass(status: int) -> bool:
    """Whether the same request may be answered otherwise in a while.

    A status that isn't known means what the first of its class does: 520 and 529, which proxies
    have made up, are 500. What is beyond 599 counts as 5xx (RFC 9110, 15).
    """
    return status in _PASSING or (status >= 500 and status not in _STAYING)


def _parse(body: bytes, kind: str) -> Any:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _Passing(
            f"the server answered {len(body)} bytes of {kind} that aren't JSON "
            "(a proxy's page, or cut off)"
        ) from error
    if isinstance(value, dict) and "error" in value:
        raise _Passing(f"the server answered the error {str(value['error'])[:80]!r}")
    return value


def _retry_after(value: str | None) -> float:
    """Seconds to wait by a Retry-After header, which holds seconds or a date (RFC 9110, 10.2.3)."""
    try:
        return max(float(value or 0), 0.0)
    except ValueError:
        pass
    try:
        return max(parsedate_to_datetime(str(value)).timestamp() - time.time(), 0.0)
    except (TypeError, ValueError, OverflowError):
        return 0.0


def _in_words(error: BaseException) -> str:
    """The innermost cause that requests and urllib3 wrapped, in its own words."""
    inner = getattr(error, "reason", None) or next(
        (arg for arg in reversed(error.args) if isinstance(arg, BaseException)), None
    )
    through = "through the proxy: " if isinstance(error, requests.exceptions.ProxyError) else ""
    if isinstance(inner, BaseException):
        return through + _in_words(inner)
    words = _WRAPPED.sub("", str(error)) or type(error).__name__
    return through + re.sub(r"//\S*@", "//", words)  # a proxy's address may hold a password


_WRAPPED = re.compile(r"^(<[^>]*>|HTTPS?Connection\w*\([^)]*\)): ")
"""What urllib3 puts before a message: the object that had the trouble."""
