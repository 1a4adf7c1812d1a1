"""Private settings as records hold them: by a digest that says only whether they changed.

What is short enough to be in a list of passwords can still be guessed from it.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

_DIGEST = re.compile(r"private, scrypt [0-9a-f]{64}")


# The digest must be the same in every run, and whoever reads records may try passwords on it. So
# it is scrypt's, which takes 16 MB and 50 ms a guess (n=2**14, r=8, p=1) where SHA-256 takes less
# than a microsecond, salted by the setting's name: no table helps, and one password in two settings
# doesn't show. Rejected: a random salt a record, which would have to be tried on each of a year's
# 52,560. The cache is for more private settings than a configuration has; each complete() asks.
@lru_cache(maxsize=256)
def digest(text: str, *, setting: str) -> str:
    """What the record holds in place of ``text``, the value of ``setting``."""
    data = text.encode(errors="surrogatepass")
    key = hashlib.scrypt(data, salt=f"hn_luigi {setting}".encode(), n=1 << 14, r=8, p=1, dklen=32)
    return f"private, scrypt {key.hex()}"


def is_digest(value: object) -> bool:
    """Whether ``value`` stands in a record for a private one."""
    return isinstance(value, str) and _DIGEST.fullmatch(value) is not None
