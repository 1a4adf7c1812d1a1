"""What the alerts room raises, and how foreign errors read without a secret in them.

ChannelError    a channel didn't take a message, or can't be used
"""

from __future__ import annotations


class ChannelError(Exception):
    """A channel didn't take a message; it names the channel, the cause and the remedy."""


def cause_of(error: BaseException) -> str:
    """Why ``error`` came to be, in words of the system's or ours.

    The texts of requests, smtplib and their like may hold the address that was asked for, and
    so a token; what the system says of a connection doesn't.
    """
    chain = list(_chain(error))
    if any(isinstance(each, TimeoutError) for each in chain):
        return "no answer in time"
    said = [each.strerror for each in chain if isinstance(each, OSError) and each.strerror]
    return str(said[-1]) if said else type(error).__name__


def _chain(error: BaseException) -> list[BaseException]:
    """``error`` and what led to it, by ``raise … from``, by context, or wrapped as an argument."""
    found: list[BaseException] = []
    left = [error]
    while left:
        each = left.pop()
        if any(each is other for other in found):
            continue
        found.append(each)
        led = (each.__cause__, each.__context__, getattr(each, "reason", None), *each.args)
        left += [other for other in led if isinstance(other, BaseException)]
    return found
