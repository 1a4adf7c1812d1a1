"""What a user does with a place: start runs and commands as processes, and look into it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from configparser import RawConfigParser
from pathlib import Path
from typing import Any

import fsspec

from hn_luigi.replica import Replica

from ...processes import PIPES, REPOSITORY, Forked, ended
from .conftest import FOREIGN, Backend

STORIES = 30
LOOK = {"width": 200, "height": 100}
WORDS = {"luigi": ["luigi", "--module", "hn_luigi"], "hn-luigi": ["hn_luigi.cli"]}


class User:
    """Works in a folder with the configuration that is shipped, set up for a place.

    Further keyword arguments of its methods are environment variables; None unsets one.
    """

    def __init__(self, folder: Path, backend: Backend, replica: Replica) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        shutil.copy(REPOSITORY / "luigi.cfg", folder)
        own = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
        self.environment = {**own, **backend.environment, "LUIGI_CONFIG_PATH": "mine.cfg"}
        self.environment["PYTHONPATH"] = str(REPOSITORY)
        self._settings = RawConfigParser()
        self.set("storage", root=backend.root)
        for section, values in backend.settings.items():
            self.set(section, **values)
        self.set("hackernews", base_url=replica.base_url, limit=STORIES, backoff=0.01)
        self.set("cloud", **LOOK)

    def set(self, section: str, **values: object) -> None:
        """Change settings, for what is started from now on."""
        self._settings.read_dict({section: values})
        with (self.folder / "mine.cfg").open("w") as file:
            self._settings.write(file)

    def start(
        self, program: str, *words: str, before: str = "", **environment: str | None
    ) -> Forked:
        """Start ``luigi`` or ``hn-luigi``, once the code ``before`` has been executed."""
        return Forked(**self._process(program, words, environment), before=before)

    def start_python(
        self, program: str, *words: str, **environment: str | None
    ) -> subprocess.Popen[str]:
        """The same by a Python of its own, which imports all anew."""
        return subprocess.Popen(
            **self._process(program, words, environment), stdin=subprocess.DEVNULL, **PIPES
        )

    def _process(
        self, program: str, words: Sequence[str], environment: Mapping[str, str | None]
    ) -> dict[str, Any]:
        env = {**self.environment, **environment}
        return {
            "args": [sys.executable, "-m", *WORDS[program], *words],
            "cwd": self.folder,
            "env": {name: value for name, value in env.items() if value is not None},
        }

    def luigi(self, *flags: str, **environment: str | None) -> subprocess.CompletedProcess[str]:
        """Make the page."""
        return ended(self.start("luigi", "Wordcloud", *flags, **environment))

    def hn_luigi(self, *words: str, **environment: str | None) -> subprocess.CompletedProcess[str]:
        return ended(self.start("hn-luigi", *words, **environment))


def filesystem(backend: Backend) -> tuple[Any, str]:
    """fsspec's own view of a place, and the root in it."""
    options: dict[str, Any] = {}
    for section, values in backend.settings.items():
        options["endpoint_url"] = values["endpoint_url"]
        if section == "storage_gcs":
            options["token"] = "anon"
    return fsspec.url_to_fs(
        backend.root, use_listings_cache=False, skip_instance_cache=True, **options
    )


def contents(backend: Backend) -> dict[str, bytes]:
    """All that lies in the bucket, by its path below the root; that must not lie elsewhere."""
    files, root = filesystem(backend)
    paths = names(backend)
    found = files.cat([f"{root}/{path}" for path in paths]) if paths else {}
    return {path.removeprefix(f"{root}/"): data for path, data in found.items()}


def names(backend: Backend) -> set[str]:
    """The paths of all that lies in the bucket."""
    files, root = filesystem(backend)
    paths = files.find(root.rsplit("/", 2)[0])
    assert all(path.startswith(f"{root}/") for path in paths), paths
    return {path.removeprefix(f"{root}/") for path in paths}
