"""What can't work is refused when the class is made, before anything is computed."""

from __future__ import annotations

import luigi
import pytest

from hn_luigi.assets import Asset, AssetError
from hn_luigi.assets.definition import AssetDefinition
from hn_luigi.assets.definition_checks import OFFERED
from hn_luigi.assets.errors import DefinitionError

OF_THE_LAYER = {**vars(AssetDefinition), **vars(Asset)}


class TestDefinitions:
    """What can't work is refused when the class is made, or before anything is computed."""

    @pytest.mark.parametrize("name", ["folder", "key", "code", "settings", "latest", "checks"])
    def test_a_parameter_can_t_take_a_name_of_the_layer_s(self, name):
        with pytest.raises(AssetError, match=f"Pan: a parameter can't be called '{name}'"):
            type(Asset)("Pan", (Asset,), {name: luigi.Parameter(default="x"), "__module__": "pan"})

    @pytest.mark.parametrize(
        "name",
        sorted({n for n in OF_THE_LAYER if not n.startswith(("__", "_abc_"))} - OFFERED),
    )
    def test_a_name_that_the_layer_uses_can_t_be_redefined(self, name):
        namespace = {name: property(lambda self: 1), "__module__": "pan"}
        with pytest.raises(DefinitionError, match=f"^Pan: '{name}' can't be redefined, since the"):
            type(Asset)("Pan", (Asset,), namespace)

    @pytest.mark.parametrize("name", ["task_id", "clone", "set_status_message", "param_kwargs"])
    def test_nor_can_one_of_luigi_s_that_it_uses(self, name):
        with pytest.raises(DefinitionError, match=f"Pan: '{name}' can't be redefined"):
            type(Asset)("Pan", (Asset,), {name: "x", "__module__": "pan"})

    def test_nor_by_a_mixin(self):
        class Mixin:
            dataset = "x"

        with pytest.raises(DefinitionError, match="Pan: 'dataset' can't be redefined"):
            type(Asset)("Pan", (Mixin, Asset), {"__module__": "pan"})

    def test_nor_by_one_behind_which_would_get_the_layer_s(self):
        class Mixin:
            def report(self):
                return "mine"

        with pytest.raises(DefinitionError, match="Pan: 'report' can't be redefined"):
            type(Asset)("Pan", (Asset, Mixin), {"__module__": "pan"})

    def test_a_task_of_one_s_own_behind_may_have_what_luigi_asks_for(self):
        class Shop(luigi.Task):
            city = luigi.Parameter(positional=False)

            def output(self):
                return luigi.LocalTarget("x")

        made = type(Asset)("Pan", (Asset, Shop), {"suffix": ".json", "__module__": "pan"})
        assert made(city="ulm").folder == "ulm/pan"

    @pytest.mark.parametrize("value", [None, luigi.DateParameter(), luigi.Parameter(), "now"])
    def test_as_of_can_t_be_what_names_no_window(self, value):
        with pytest.raises(DefinitionError, match="Pan: as_of is .*; make it a WindowParameter"):
            type(Asset)("Pan", (Asset,), {"as_of": value, "__module__": "pan"})

    @pytest.mark.parametrize("name", sorted(OFFERED - {"as_of"}))
    def test_what_it_offers_can_be_defined(self, name):
        made = type(Asset)("Pan", (Asset,), {name: OF_THE_LAYER.get(name, ()), "__module__": "pan"})
        assert name in vars(made)

    @pytest.mark.parametrize(
        "name", ["priority", "resources", "on_success", "owner_email", "worker_timeout", "step"]
    )
    def test_what_the_layer_doesn_t_use_can_be_defined(self, name):
        assert type(Asset)("Pan", (Asset,), {name: "x", "__module__": "pan"})

    @pytest.mark.parametrize(
        ("attribute", "value", "message"),
        [
            ("retry", 3, "retry is 3; make it a RetryPolicy"),
            ("freshness", 30, "freshness is 30; make it a FreshnessPolicy"),
            ("code", "json", "code is 'json'; make it a tuple"),
            ("code", ("no.such",), "names 'no.such' as part of its code"),
            ("checks", len, "checks is .*; make it a tuple of functions and Checks"),
            ("checks", ("unique",), "Pan: 'unique' is no check; give a function of the value"),
            ("checks", (len, len), "Pan: two checks are called 'len'"),
            ("checks", (lambda value, last: None,), "Pan: the check <lambda> compares with"),
        ],
    )
    def test_an_attribute_of_another_kind_is_refused(self, attribute, value, message):
        with pytest.raises(AssetError, match=message):
            type(Asset)("Pan", (Asset,), {attribute: value, "__module__": "pan"})

    def test_the_former_name_of_an_attribute_is_refused_with_the_present_one(self):
        with pytest.raises(DefinitionError, match="'explained' is now called 'expected_errors'"):
            type(Asset)("Pan", (Asset,), {"explained": (OSError,), "__module__": "pan"})

    def test_a_parameter_may_be_called_so(self):
        explained = luigi.Parameter(default="x")
        made = type(Asset)("Pan", (Asset,), {"explained": explained, "__module__": "pan"})
        assert "explained" in dict(made.get_params())
