"""The one error of this room: a cloud that cannot be made as asked."""

from __future__ import annotations


class CloudError(Exception):
    """A cloud cannot be made; the one-line message names the thing, the cause and the remedy."""
