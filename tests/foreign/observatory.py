"""A night's sky: windows of several lengths, outputs of many forms, and a step that fails."""

from __future__ import annotations

import struct
import zlib
from datetime import timedelta
from urllib.parse import quote

import pandas as pd

from hn_luigi.assets import Asset, Format, FreshnessPolicy, View, requires, warn


def not_cloudy(sky):
    return "it is cloudy" if sky["stars"].sum() < 10 else None


class Sky(Asset):
    """How many stars are seen in each constellation."""

    suffix = ".parquet"
    capture = True
    freshness = FreshnessPolicy(maximum_lag=timedelta(minutes=30), warn_after=timedelta(minutes=20))
    checks = (warn(not_cloudy),)

    def compute(self):
        self.report(rows=2)
        return pd.DataFrame({"constellation": ["Lyra", "<i>Orion</i>"], "stars": [3, 4]})


class Names(Asset):
    """What doesn't change with time."""

    suffix = ".txt"
    window_length = None

    def compute(self):
        return "Lyra: the lyre\n<i>Orion</i>: the hunter\n"


@requires(Sky)
class Plate(Asset):
    """A photograph, as dark as the night: one pixel."""

    suffix = ".png"

    def compute(self, sky):
        header = struct.pack(">2I5B", 1, 1, 8, 0, 0, 0, 0)
        chunks = {b"IHDR": header, b"IDAT": zlib.compress(b"\0\0"), b"IEND": b""}
        return b"\x89PNG\r\n\x1a\n" + b"".join(
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
            for kind, data in chunks.items()
        )


@requires(Plate)
class Signal(Asset):
    """Bytes of no form that anybody knows."""

    suffix = ".bin"
    own_format = Format(encode=bytes, decode=bytes)
    keeps_latest = True

    def compute(self, plate):
        return bytes(range(256)) * 16


class Night(Asset):
    """A day, rolled up from what was seen in it."""

    suffix = ".md"
    window_length = "day"
    keeps_latest = True

    def requires(self):
        return {"skies": self.windows(Sky), "signals": self.windows(Signal), "names": Names()}

    def compute(self, skies, signals, names):
        size = sum(map(len, signals.values()))
        return f"# Night\n\n{len(skies)} looks at the sky, {size:,} bytes.\n"

    def view(self, made):
        seen = next(iter(made.inputs["skies"].values()))
        stars = dict(zip(seen["constellation"], seen["stars"], strict=True))
        details = {name: f"{count} of its stars" for name, count in stars.items()}
        links = ", ".join(f"[see {n}](#{quote(name)})" for n, name in enumerate(stars))
        return View(
            f"{made.value}\n{links}\n",
            {name: lambda name=name: f"# Seen\n\n{details[name]}\n" for name in stars},
        )


@requires(Night)
class Vault(Asset):
    """What is kept elsewhere."""

    suffix = ".json"
    window_length = "day"

    def storage_root(self):
        return "vault"

    def compute(self, night):
        return {"characters": len(night), "nested": {"deep": [1, 2.5, None], "": "<i>"}}


@requires(Sky)
class Comet(Asset):
    """What was never found."""

    suffix = ".json"
    freshness = FreshnessPolicy(maximum_lag=timedelta(hours=1))

    def compute(self, sky):
        raise LookupError("no comet in <b>Lyra</b>")


@requires(Comet)
class Orbit(Asset):
    """What waits for it."""

    suffix = ".json"

    def compute(self, comet):
        return {}
