"""Which master can be reached is found out at once."""

from __future__ import annotations

import socket

import pytest

from hn_luigi.spark import NoMaster
from hn_luigi.spark.masters import is_local, is_on_loopback, require_master

from ..assets.storage.servers import HOST, free_port


@pytest.fixture
def nobody():
    """A port where nobody listens."""
    return free_port()


@pytest.fixture
def somebody():
    """A port where somebody does."""
    with socket.create_server((HOST, 0)) as server:
        yield server.getsockname()[1]


def test_one_that_is_down_is_named_with_the_cause(nobody):
    with pytest.raises(NoMaster, match=rf"^spark://{HOST}:{nobody} can't be reached \(Conn.*\): "):
        require_master(f"spark://{HOST}:{nobody}")


def test_of_several_one_is_enough(nobody, somebody):
    require_master(f"spark://{HOST}:{nobody},{HOST}:{somebody}")


def test_an_address_without_a_port_that_is_one_is_refused():
    with pytest.raises(NoMaster, match="is no address like spark://host:7077"):
        require_master("spark://here:and there")


@pytest.mark.parametrize("master", ["local[2]", "yarn", "k8s://https://nowhere.invalid:6443"])
def test_others_are_left_to_spark(master):
    require_master(master)


@pytest.mark.parametrize(
    ("master", "local", "loopback"),
    [
        ("local", True, True),
        ("local[*]", True, True),
        ("local[2, 4]", True, True),
        ("local[many]", False, False),
        ("spark://127.0.0.1:7077", False, True),
        ("spark://localhost:7077,[::1]:7078", False, True),
        ("spark://127.0.0.1:7077,10.0.0.1:7077", False, False),
        ("spark://spark.example.org:7077", False, False),
        ("yarn", False, False),
    ],
)
def test_which_have_all_on_this_machine(master, local, loopback):
    assert (is_local(master), is_on_loopback(master)) == (local, loopback)
