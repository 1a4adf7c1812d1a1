"""Hosts of a network of their own, on this machine: Linux' network namespaces, and cables to cut.

A namespace has no name here, and lives as long as a descriptor of it is open: a killed suite leaves
none, and two suites at once never meet. Making one takes root, and iproute2.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import TypeVar

_Answer = TypeVar("_Answer")
_CLONE_NEWNET = 0x40000000  # <linux/sched.h>; Python has os.unshare and os.setns from 3.12 on
_NOBODY = "02:00:00:00:00:01"  # the hardware address of no host
_C = ctypes.CDLL(None, use_errno=True)


class NoNetworks(Exception):
    """Why none can be made here."""


class Namespace:
    """A network that nothing else of the machine has a part in, between ``with`` and its end."""

    def __enter__(self) -> Namespace:
        def make() -> int:
            if _C.unshare(_CLONE_NEWNET) != 0:
                raise NoNetworks(f"no network namespace: {os.strerror(ctypes.get_errno())}")
            return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)

        self._fd = in_thread(make)
        self.run("ip", "link", "set", "lo", "up")
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._fd)

    @property
    def path(self) -> str:
        """Where processes that this one starts find it, to ``join``."""
        return f"/proc/{os.getpid()}/fd/{self._fd}"

    def call(self, function: Callable[[], _Answer]) -> _Answer:
        """What ``function`` answers here: what sockets it makes stay here, as do processes."""

        def there() -> _Answer:
            if _C.setns(self._fd, _CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "setns")
            return function()

        return in_thread(there)

    def run(self, *command: str) -> None:
        """Run a command that has to succeed here."""
        done = self.call(lambda: subprocess.run(command, capture_output=True, text=True))
        assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"


JOIN = f"""
import ctypes, os
joined = os.open(namespace, os.O_RDONLY)
assert ctypes.CDLL(None).setns(joined, {_CLONE_NEWNET}) == 0
os.close(joined)
"""
"""Code by which a process of one thread enters the namespace at the path ``namespace``."""


class Host(Namespace):
    """One of the machines of a network."""

    def __init__(self, number: int, switch: Namespace) -> None:
        self.address = f"10.0.0.{number}"
        self._port, self._switch = f"port{number}", switch

    def __enter__(self) -> Host:
        super().__enter__()
        new = ("ip", "link", "add", "name", self._port, "type", "veth")
        self._switch.run(*new, "peer", "name", "eth0", "netns", self.path)
        self._switch.run("ip", "link", "set", self._port, "master", "switch", "up")
        self.run("ip", "address", "add", f"{self.address}/24", "dev", "eth0")
        self.run("ip", "link", "set", "eth0", "up")
        return self

    def unplug(self) -> None:
        """Nothing reaches it and nothing leaves it; connections stay open on both sides."""
        self._switch.run("ip", "link", "set", self._port, "down")

    def plug_in(self) -> None:
        self._switch.run("ip", "link", "set", self._port, "up")

    def part_from(self, other: Host) -> None:
        """What either sends the other is lost without a word."""
        # By sending it to a host that isn't there, which takes no module of the kernel: neither
        # iptables, nor tc, of which not every kernel has what drops and delays.
        for here, there in ((self, other), (other, self)):
            neighbour = (there.address, "lladdr", _NOBODY, "dev", "eth0", "nud", "permanent")
            here.run("ip", "neighbour", "replace", *neighbour)

    def join(self, other: Host) -> None:
        """They reach each other again."""
        for here, there in ((self, other), (other, self)):
            with suppress(AssertionError):  # they weren't parted
                here.run("ip", "neighbour", "del", there.address, "dev", "eth0")


class Network:
    """Hosts that reach each other, and nobody else, between ``with`` and its end.

    Raises:
        NoNetworks: it can't be had here, as the text tells.
    """

    def __init__(self, *names: str) -> None:
        self._names = names
        self._stack = ExitStack()

    def __enter__(self) -> Network:
        if shutil.which("ip") is None:
            raise NoNetworks("no command ip, which is Debian's package iproute2")
        with self._stack as stack:
            switch = stack.enter_context(Namespace())
            switch.run("ip", "link", "add", "name", "switch", "type", "bridge")
            switch.run("ip", "link", "set", "switch", "up")
            self.hosts = {
                name: stack.enter_context(Host(number, switch))
                for number, name in enumerate(self._names, start=1)
            }
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def __getitem__(self, name: str) -> Host:
        return self.hosts[name]

    def mend(self) -> None:
        """All is plugged in, and reaches all."""
        hosts = list(self.hosts.values())
        for number, host in enumerate(hosts):
            host.plug_in()
            for other in hosts[number + 1 :]:
                host.join(other)


def in_thread(function: Callable[[], _Answer]) -> _Answer:
    """What ``function`` answers in a thread of its own, which may be in another namespace."""
    answers: list[_Answer] = []
    errors: list[BaseException] = []

    def call() -> None:
        try:
            answers.append(function())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=call)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return answers[0]
