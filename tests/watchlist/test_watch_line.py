"""A line of the watch list names an asset as ``luigi --module`` does, or is refused in a line."""

from __future__ import annotations

import sys

import pytest

from hn_luigi import Wordcloud
from hn_luigi.assets.operations import SettingError
from hn_luigi.watchlist import watched_or_broken
from hn_luigi.watchlist.watch_line import asset_in


def test_a_module_a_class_and_flags_name_an_asset(shops):
    asset = asset_in("shops Total --city 'New York' --deep")
    assert (type(asset).__name__, asset.city, asset.deep) == ("Total", "New York", True)


def test_flags_that_are_left_out_have_their_defaults():
    assert asset_in("hn_luigi Wordcloud") == Wordcloud()
    assert asset_in("hn_luigi Wordcloud --feed=show") == Wordcloud(feed="show")


def test_a_class_of_the_module_goes_before_another_of_its_name(shops):
    (shops / "mine.py").write_text(
        "from hn_luigi.assets import Asset\nclass Stories(Asset):\n    suffix = '.json'\n"
        "    def compute(self): return []\n"
        "from hn_luigi import Stories as Theirs\n"
    )
    assert type(asset_in("mine Stories")).__module__ == "mine"
    assert type(asset_in("hn_luigi Stories")).__module__ == "hn_luigi.tasks"


def test_a_file_of_the_folder_is_no_librarys_module(shops):
    (shops / "colorsys.py").write_text("raise SystemExit('taken for the library')")
    sys.modules.pop("colorsys", None)
    with pytest.raises(SettingError, match="it has no assets"):
        asset_in("colorsys Prices")


def test_what_a_module_prints_is_no_output_of_a_command(shops, capsys):
    (shops / "talks.py").write_text("print('loading')\nfrom shops import Names")
    asset_in("talks Names")
    assert capsys.readouterr() == ("", "loading\n")


BROKEN = {
    "broken": "def (",
    "exits": "raise SystemExit(3)",
    "lacks": "import no_such_library_at_all",
}


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("shops", "name a module and a class, as after luigi --module"),
        ("shops 'Total", "No closing quotation, as a shell reads it"),
        ("nowhere Total", "there is no module nowhere"),
        ("shops.nowhere Total", "there is no module shops"),
        ("broken Total", "broken can't be imported: SyntaxError"),
        ("exits Total", "exits can't be imported: SystemExit: 3"),
        ("lacks Total", "lacks can't be imported: ModuleNotFoundError: No module named 'no_such"),
        ("shops Totals", "there is no Totals in shops: it has Names, Prices, Total"),
        ("hn_luigi Stores", "there is no Stores in hn_luigi: it has Digest, Stories, "),
        ("shops Plain", "Plain is no asset"),
        ("shops Asset", "Asset is no asset"),
        ("shops Total", "Total needs --city"),
        ("shops Total --workers 2 --city Rome", "Total has no flag --workers: it takes --city"),
        ("shops Total Rome", "'Rome' belongs to no flag"),
        ("shops Total --city", "expected one argument"),
        ("shops Total --city Rome --as-of now", "leave out --as-of, which says which window"),
        ("hn_luigi Wordcloud --feed nope", "--feed is 'nope': choose from top, new"),
    ],
)
def test_what_names_no_asset_is_refused_in_a_line_that_says_why(shops, line, why, capsys):
    for name, text in BROKEN.items():
        (shops / f"{name}.py").write_text(text)
    with pytest.raises(SettingError) as refused:
        asset_in(line)
    told = str(refused.value)
    assert told.startswith("[assets] watch: ")
    assert line in told.replace('"', "'")
    assert why in told
    assert "\n" not in told
    assert capsys.readouterr() == ("", "")


LOCKED = """
import luigi
from luigi.parameter import ParameterVisibility
from hn_luigi.assets import Asset


class Vault(Asset):
    city = luigi.Parameter("Rome")
    pin = luigi.IntParameter(
        0, significant=False, visibility=ParameterVisibility.PRIVATE
    )
    lock = luigi.Parameter("", significant=False, visibility=ParameterVisibility.HIDDEN)
    suffix = ".json"

    def compute(self):
        return 1

    def storage_root(self):
        raise OSError(f"no store for {self.lock}")
"""


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("locked Vault --pin 12a4", "locked Vault --pin …"),
        ("locked Vault --city Oslo --pin=12a4", "locked Vault --city Oslo --pin=…"),
        ("locked Vault --city Oslo --pni 12a4", "locked Vault --city Oslo --pni …"),
        ("locked Vault --lock 12a4 'of 12a4' --city Oslo", "locked Vault --lock … … --city Oslo"),
        ("locked Vault --lock '12a4", "locked Vault --lock …"),
        ("locked Vault --lock 12a4-secret", "locked Vault --lock …"),
        ("locked Vaults --lock 12a4", "locked Vaults --lock …"),
        ("nowhere Vault --lock 12a4", "nowhere Vault --lock …"),
    ],
)
def test_what_is_private_is_in_no_refusal(shops, settings, line, told):
    (shops / "locked.py").write_text(LOCKED)
    settings("assets", watch=line)
    _, (broken,) = watched_or_broken()
    assert broken.line == told
    assert "12a4" not in broken.error
