"""What the asset layer raises.

AssetError
├── CodeError          an asset's code names a module that isn't there
├── StorageError       the root can't be read or written
├── FormatError        a value can't be encoded, or stored bytes can't be decoded
├── InputMissing       an input is not in storage
├── Orphaned           the worker that started this process is gone
└── WindowClosed       a capture's window is over, or has not begun
"""

from __future__ import annotations


class AssetError(Exception):
    """Base of the layer's errors; each message names the thing, the cause and the remedy."""


class CodeError(AssetError):
    """An asset names a module as part of its code, and there is none of that name."""


class StorageError(AssetError):
    """The storage root can't be read or written."""


class FormatError(AssetError):
    """A value doesn't fit its format, or stored bytes don't."""


class InputMissing(AssetError):
    """An input is not in storage."""


class Orphaned(AssetError):
    """The worker that started this process is gone, so it must not publish."""


class WindowClosed(AssetError):
    """A capture was asked for outside its window."""
