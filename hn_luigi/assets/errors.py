"""What the asset layer raises.

AssetError
├── DefinitionError    an asset class can't work as it is defined
├── StorageError       the root can't be read or written
│   ├── UnknownScheme         it is no folder, and no URL of a kind that is known
│   ├── BackendNotInstalled   what reaches that kind of store is not installed
│   ├── UnknownLayout         a newer hn_luigi has used it
│   └── BackendUnavailable    bucket, permission, credentials or network
├── FormatError        a value can't be encoded, or stored bytes can't be decoded
├── PlaceTaken         another asset's output is where this one's belongs
├── InputMissing       an input is not in storage
├── SettingError       a setting, a flag or a window is invalid
├── TokenUnsafe        a scheduler's token can be guessed, or read by others (``token``)
├── Orphaned           the worker that started this process is gone
└── WindowClosed       a capture's window is over, or has not begun
"""

from __future__ import annotations


class AssetError(Exception):
    """Base of the layer's errors; each message names the thing, the cause and the remedy."""


class DefinitionError(AssetError):
    """An asset class can't work as it is defined."""


class StorageError(AssetError):
    """The storage root can't be read or written."""


class UnknownScheme(StorageError):
    """The root is a URL, but not one that names a store of a known kind."""


class BackendNotInstalled(StorageError):
    """The library that reaches this kind of object store is not installed."""


class UnknownLayout(StorageError):
    """A newer hn_luigi has used this root, or nobody can tell."""


class BackendUnavailable(StorageError):
    """An object store doesn't do what is asked: no such bucket, no right to it, no answer."""


class FormatError(AssetError):
    """A value doesn't fit its format, or stored bytes don't."""


class PlaceTaken(AssetError):
    """What is stored where an asset's output belongs is of another asset."""


class InputMissing(AssetError):
    """An input is not in storage."""


class SettingError(AssetError, ValueError):
    """The value of a setting, a flag or a window can't be used."""


class Orphaned(AssetError):
    """The worker that started this process is gone, so it must not publish."""


class WindowClosed(AssetError):
    """A capture was asked for outside its window."""
