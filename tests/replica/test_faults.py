"""Which requests fail, and which faults are refused."""

from __future__ import annotations

import pytest

from hn_luigi.replica import ALL_KINDS, Faults, FaultsError


def test_the_share_of_faults_is_the_rate() -> None:
    faults = Faults(rate=0.2)
    kinds = [faults.kind(f"/v0/item/{id_}.json", 0) for id_ in range(5000)]
    assert 850 < sum(kind is not None for kind in kinds) < 1150
    assert set(kinds) == {None, *ALL_KINDS}


def test_another_seed_picks_others() -> None:
    def failing(seed: int) -> list[bool]:
        faults = Faults(rate=0.5, seed=seed)
        return [faults.kind(f"/v0/item/{id_}.json", 0) is not None for id_ in range(100)]

    assert failing(1) == failing(1)
    assert failing(1) != failing(2)


def test_a_path_can_fail_now_and_succeed_later() -> None:
    faults = Faults(rate=0.5, seed=1)
    assert {faults.kind("/v0/topstories.json", n) is None for n in range(50)} == {True, False}


def test_nothing_fails_unless_asked_for() -> None:
    assert all(Faults().kind(f"/{n}", 0) is None for n in range(1000))


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"rate": 1.5}, "1.5"),
        ({"rate": -0.1}, "-0.1"),
        ({"rate": float("nan")}, "nan"),
        ({"kinds": ("5xx", "fire")}, "fire"),
        ({"kinds": ()}, "no fault is given"),
        ({"times": -1}, "-1"),
        ({"only": "["}, r"\["),
        ({"retry_after": -2}, "-2"),
    ],
)
def test_faults_that_cannot_be_meant_are_refused(wrong: dict[str, object], named: str) -> None:
    with pytest.raises(FaultsError, match=named):
        Faults(**wrong)  # type: ignore[arg-type]
