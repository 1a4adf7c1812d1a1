"""The archive of all of Hacker News, as Luigi sees it: a plain task, made by somebody else."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

import luigi

from hn_luigi.assets.errors import SettingError, StorageError
from hn_luigi.assets.storage import FileKey, cached_requests, open_store
from hn_luigi.assets.storage.parts import PartReader
from hn_luigi.history.errors import MonthChanged, NoMonths
from hn_luigi.history.months import FOLDER, MonthFile, months_in


class HackerNewsArchive(luigi.ExternalTask):
    """The months of an archive in open-index's layout, until one of them.

    It is one task with a file for each month, and no task a month: then the layer counts all of
    them by name, size and time, however small the first ones are, and Luigi asks for one.
    """

    source = luigi.Parameter(description="The folder or URL that holds data/2026/2026-11.parquet.")
    until = luigi.MonthParameter(description="The last month.")

    def output(self) -> list[Any]:
        """A target for each month that is there, the oldest first."""
        store = open_store(self.source)
        return [
            store.target(FileKey(f"{FOLDER}/{file.month:%Y}/{file}.parquet"), binary=True)
            for file in self.months()
        ]

    def months(self) -> list[MonthFile]:
        """The months that are there, as they are now.

        Raises:
            NoMonths: there are none.
            StorageError: they can't be listed.
        """
        store = open_store(self.source)
        with cached_requests():  # so that one listing of a bucket tells all
            found = {
                f"{year}/{name}": (stat.size, stat.fingerprint)
                for year in store.folders(FOLDER)
                for name, stat in store.stats(
                    f"{FOLDER}/{year}", store.names(f"{FOLDER}/{year}")
                ).items()
            }
        folder = store.path(FOLDER)
        folder = folder if "://" in folder else os.path.abspath(folder)
        return months_in(folder, found, until=self.until)


def archive_of(source: str, *, until: datetime) -> HackerNewsArchive:
    """The archive at ``source``, in which a month is.

    Raises:
        SettingError: there is no source, or it holds no month.
        StorageError: it can't be listed.
    """
    if not source:
        raise SettingError(
            "[history] source (--history-source) is empty: set it to the folder or URL of an "
            f"archive of Hacker News that holds {FOLDER}/{until:%Y/%Y-%m}.parquet and all months "
            "before, laid out as open-index's is"
        )
    archive = HackerNewsArchive(source=source, until=until.date())
    try:
        archive.months()  # or Luigi would tell of it with a traceback
    except NoMonths as error:
        raise SettingError(f"[history] source (--history-source): {error}") from error
    except StorageError as error:  # which takes any root for that of the assets
        raise type(error)(f"[history] source (--history-source): {error}") from error
    return archive


@dataclass(frozen=True)
class OpenMonth:
    """Opens a month's file to be read in parts, and sees to it that it is the one listed."""

    reader: PartReader

    @classmethod
    def of(cls, source: str) -> OpenMonth:
        """One for the months of the archive at ``source``."""
        return cls(PartReader.of(source))

    @contextmanager
    def __call__(self, file: MonthFile) -> Iterator[IO[bytes]]:
        """The file of a month.

        Raises:
            MonthChanged: it was replaced since it was listed, maybe while it was read.
            StorageError: it can't be read.
        """
        try:
            with self.reader.opened(file.path) as opened:
                yield opened
        except Exception:
            self._require_same(file)  # one that changes under its reader fails in many ways
            raise
        self._require_same(file)

    def _require_same(self, file: MonthFile) -> None:
        stat = self.reader.stat(file.path)
        if stat is None or (stat.size, stat.fingerprint) != (file.size, file.stamp):
            raise MonthChanged(
                f"{file.path} isn't the file any more that it was when the run began: run again, "
                "when the archive has been brought up to date"
            )
