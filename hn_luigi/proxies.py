"""A SOCKS proxy of the environment that requests can't use, since PySocks isn't installed.

requests 2.34 says so only when it connects, by an InvalidSchema (``adapters.py``): a
RequestException like those of a server that can't be reached, which would be asked again and again.
"""

from __future__ import annotations

from importlib.util import find_spec

REMEDY = (
    "the environment's proxy (see ALL_PROXY) is a SOCKS one, and PySocks isn't installed; run "
    'pip install "requests[socks]"'
)


def lacks_socks(url: str) -> bool:
    """Whether ``url`` is to be reached through a SOCKS proxy, and requests can't use one."""
    from requests.utils import get_environ_proxies, select_proxy

    proxy = select_proxy(url, get_environ_proxies(url)) or ""
    return proxy.lower().startswith("socks") and find_spec("socks") is None
