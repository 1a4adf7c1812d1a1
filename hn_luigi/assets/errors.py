"""What the asset layer raises.

AssetError
├── DefinitionError    an asset class can't work as it is defined
├── StorageError       the root, or a file in it, can't be read or written
│   ├── FileUnavailable       one file or folder of it; the others may be fine
│   ├── UnknownScheme         the root is neither a folder nor a URL of a known kind
│   ├── BackendNotInstalled   the library for that kind of store is not installed
│   ├── UnknownLayout         a newer hn_luigi has used the root, or its layout can't be told
│   └── BackendUnavailable    bucket, permission, credentials or network
├── FormatError        a value can't be encoded, or stored bytes can't be decoded
├── PlaceTaken         another asset's output is where this one's belongs, or its own is to be moved
├── CheckFailed        a check found an output wrong, so it isn't published
├── InputMissing       an input is not in storage
├── SettingError       a setting, a flag or a window is invalid
├── TokenUnsafe        a scheduler's token can be guessed, or read by others (``scheduler_token``)
├── Orphaned           the worker that started this process is gone
├── LockLost           another process has taken over what this one was making
└── WindowClosed       a capture's window is over, or has not begun

What judges stored files one by one, as ``verify`` does, catches FileUnavailable and goes on. Its
siblings say nothing about any file, so they end the whole: an outage must not make a year of
outputs look damaged.
"""

from __future__ import annotations


class AssetError(Exception):
    """Base of the layer's errors; each message names the thing, the cause and the remedy."""

    final = True
    """Whether the same attempt once more is no use, as ``RetryPolicy`` asks it of any error."""


class DefinitionError(AssetError):
    """An asset class can't work as it is defined."""


class StorageError(AssetError):
    """The storage root, or a file in it, can't be read or written."""


class FileUnavailable(StorageError):
    """One file or folder under the root can't be read or written; the others may be fine."""


class UnknownScheme(StorageError):
    """The root is a URL, but not of a known kind of store."""


class BackendNotInstalled(StorageError):
    """The library that reaches this kind of object store is not installed."""


class UnknownLayout(StorageError):
    """A newer hn_luigi has used this root, or its layout can't be told."""


class BackendUnavailable(StorageError):
    """An object store refuses or doesn't answer: bucket, permission, credentials or network."""


class FormatError(AssetError):
    """A value doesn't fit its format, or stored bytes don't."""


class PlaceTaken(AssetError):
    """An asset's place holds another's output, or its own from an older version has to be moved."""


class CheckFailed(AssetError):
    """A check found an output wrong, so it isn't published."""

    def __init__(self, message: str, *, check: str, final: bool) -> None:
        super().__init__(message)
        self.check = check
        """The name of the check; those of several, separated by commas."""
        self.final = final


class InputMissing(AssetError):
    """An input is not in storage."""


class SettingError(AssetError, ValueError):
    """The value of a setting, a flag or a window can't be used."""


class Orphaned(AssetError):
    """The worker that started this process is gone, so it must not publish."""


class LockLost(AssetError):
    """Another process has taken over what this one was making, so it must not publish."""


class WindowClosed(AssetError):
    """A capture was asked for outside its window."""


def in_words(error: BaseException) -> str:
    """The kind of ``error`` and its message, if it has one, in what UTF-8 can encode."""
    try:
        said = str(error)
    except Exception:
        said = "it has no text"
    text = f"{type(error).__name__}: {said}" if said else type(error).__name__
    return text.encode(errors="backslashreplace").decode()
