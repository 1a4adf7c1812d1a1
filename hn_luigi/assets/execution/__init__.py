"""The making of an asset, from its lock to its record."""
