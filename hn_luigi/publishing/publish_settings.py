"""What a user sets about publishing."""

from __future__ import annotations

import luigi

from hn_luigi.assets import Address


class _PublicAddress(Address):
    """An address that readers of the site get to see."""

    def check(self, value: str) -> str:
        address = super().check(value)
        if self.holds_secret(address):
            raise ValueError("it must have no user and no password: it is published")
        return address


class publish(luigi.Config):
    """The ``[publish]`` section, which ``hn-luigi publish`` reads."""

    has_flags = False
    """A run doesn't read it."""

    base_url = _PublicAddress(
        "",
        description="Address of the site that hn-luigi publish writes, so that readers can "
        "subscribe to it.",
    )
