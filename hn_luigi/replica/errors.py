"""What can go wrong before the replica answers its first request.

    ReplicaError
      ├─ SnapshotError   a file that is not a front page
      ├─ FaultsError     faults that cannot be meant
      └─ AddressError    a port that cannot be had

Once it runs, everything that looks like an error is an answer: that is what it is for.
"""

from __future__ import annotations

__all__ = ["AddressError", "FaultsError", "ReplicaError", "SnapshotError"]


class ReplicaError(Exception):
    """Base of this room's errors; the message is one line for a person."""


class SnapshotError(ReplicaError):
    """The file cannot be served as a front page."""


class FaultsError(ReplicaError, ValueError):
    """The faults asked for contradict themselves."""


class AddressError(ReplicaError):
    """The replica cannot listen where it was told to."""
