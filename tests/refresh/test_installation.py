from __future__ import annotations

from hn_luigi.refresh import installation, share


def test_an_installation_has_the_same_part_of_the_spread_each_time():
    assert share() == share()
    assert 0 <= share() <= 1


def test_each_root_has_a_part_of_its_own_and_they_are_spread(settings):
    parts = []
    for count in range(40):
        settings("storage", root=f"data-{count}")
        parts.append(share())
    assert len(set(parts)) == 40
    assert min(parts) < 0.25
    assert max(parts) > 0.75


def test_each_user_has_a_part_of_their_own(monkeypatch):
    mine = share()
    monkeypatch.setattr("os.geteuid", lambda: 12345)
    assert share() != mine


def test_a_machine_without_an_id_has_one_too(monkeypatch, tmp_path):
    there = share()
    monkeypatch.setattr(installation, "_MACHINE_ID", tmp_path / "machine-id")
    assert share() == share()
    (tmp_path / "machine-id").write_text("another machine\n")
    assert share() != there
