"""One place, one asset: what is stored is never another's, and what was stored stays in use."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace

import luigi
import pytest
from luigi.execution_summary import LuigiStatusCode
from luigi.util import requires

from hn_luigi.assets import Asset
from hn_luigi.assets.errors import DefinitionError, PlaceTaken, SettingError
from hn_luigi.assets.operations.history import events_of
from hn_luigi.assets.operations.prune import prune_windows
from hn_luigi.assets.operations.verify import verify_outputs
from hn_luigi.assets.staleness.plan import Plan, steps_to


def asset_class(name, *, namespace="", value="", bases=(Asset,), **attributes):
    """A class of assets that store ``value``, as another module would define it."""

    def compute(self, *inputs):
        return [value, *inputs]

    body = {"suffix": ".json", "compute": compute, "task_namespace": namespace, **attributes}
    return type(Asset)(name, bases, {**body, "__module__": f"{namespace or 'plain'}_orders"})


def parameter(**options):
    return luigi.Parameter(positional=False, **options)


def stored(asset):
    with asset.output().open() as file:
        return json.load(file)


@pytest.fixture
def refuse(build):
    """Runs a task and gives the error that it fails with."""

    def run(task):
        errors = []

        def note(failed, error):
            errors.append(error)

        luigi.Task.event_handler(luigi.Event.FAILURE)(note)
        try:
            assert build(task).status is LuigiStatusCode.FAILED
        finally:
            luigi.Task.remove_event_handler(luigi.Event.FAILURE, note)
        (error,) = errors
        assert "\n" not in str(error)
        return error

    return run


@pytest.fixture(params=[False, True], ids=["asset", "capture"])
def capture(request):
    return request.param


@pytest.fixture
def shop(clock, capture):
    return asset_class("Customers", namespace="shop", value="shop's", capture=capture)


@pytest.mark.parametrize(
    ("name", "namespace"), [("Customers", "crm"), ("Customers", ""), ("CUSTOMERS", "shop")]
)
def test_a_class_of_the_same_name_neither_reads_nor_overwrites(
    name, namespace, shop, succeed, refuse, capture
):
    succeed(shop())
    other = asset_class(name, namespace=namespace, value="other's", capture=capture)
    assert other().folder == shop().folder
    error = refuse(other())
    assert isinstance(error, PlaceTaken)
    assert "shop.Customers" in str(error)
    assert other.get_task_family() in str(error)
    assert 'stored_as on the class: "customers"' in str(error)
    assert stored(shop()) == ["shop's"]
    assert shop().complete()


def test_it_stays_so_once_the_window_is_over(shop, succeed, clock, capture):
    succeed(shop())
    other = asset_class("Customers", namespace="crm", value="crm's", capture=capture)
    then = other()
    clock.advance(days=3)
    staleness = then.staleness()
    assert not staleness.current
    assert staleness.is_taken
    assert "shop.Customers" in staleness.reasons[0]
    (step,) = steps_to(then)
    assert step.plan is Plan.FAIL


def test_another_window_of_the_folder_isn_t_made_either(shop, succeed, refuse, clock):
    succeed(shop())
    clock.advance(minutes=10)
    other = asset_class("Customers", namespace="crm", value="crm's")
    assert isinstance(refuse(other()), PlaceTaken)
    assert len(shop().dataset.stored()) == 1


def test_what_is_made_from_it_is_not_made_of_another_s_output(shop, succeed, build):
    succeed(shop())
    other = asset_class("Customers", namespace="crm", value="crm's")
    report = requires(other)(asset_class("Report"))
    assert build(report()).status is LuigiStatusCode.FAILED
    assert not report().output().exists()
    with pytest.raises(PlaceTaken, match=r"shop\.Customers"):
        report().run()  # as where Luigi takes the input for complete


def test_commands_don_t_take_it_for_their_own(shop, succeed):
    succeed(shop())
    other = asset_class("Customers", namespace="crm")
    assert other().dataset.newest_made() is None
    (event,) = events_of(other().dataset, limit=5)
    assert "shop.Customers" in event.found.reason
    (problem,) = verify_outputs([other()]).problems
    assert "shop.Customers" in problem.problem


def test_modules_are_not_compared(clock, succeed):
    succeed(asset_class("Customers", value=1)())
    moved = asset_class("Customers", value=1)
    moved.__module__ = "__main__"
    assert moved().complete()


class TestStoredAs:
    def test_it_carries_what_was_captured_through_a_rename(self, succeed, clock):
        old = asset_class("Customers", value="old", capture=True)
        succeed(old())
        then = old().as_of
        clock.advance(days=3)
        luigi.task_register.Register._reg.remove(old)
        new = asset_class("Clients", value="new", capture=True, stored_as="customers")
        assert new(as_of=then).complete()
        assert stored(new(as_of=then)) == ["old"]
        succeed(new())
        assert stored(new()) == ["new"]

    def test_it_goes_on_after_a_second_rename(self, succeed, clock):
        for name in ("Customers", "Clients", "Accounts"):
            kind = asset_class(name, value="same", capture=True, stored_as="customers")
            succeed(kind())
            luigi.task_register.Register._reg.remove(kind)
            clock.advance(minutes=10)
        dataset = kind().dataset
        records = [dataset.partition(name).record() for name in dataset.recorded()]
        assert {record.family for record in records} == {"Customers", "Clients", "Accounts"}

    def test_it_gives_a_folder_of_its_own(self, shop, succeed):
        succeed(shop())
        other = asset_class("Customers", namespace="crm", value="crm's", stored_as="crm_customers")
        succeed(other())
        assert stored(other()) == ["crm's"]
        assert stored(shop()) == ["shop's"]

    def test_it_takes_over_nothing_of_a_class_that_is_still_there(self, shop, succeed, refuse):
        succeed(shop())
        other = asset_class("Clients", stored_as="customers")
        assert isinstance(refuse(other()), PlaceTaken)

    @pytest.mark.parametrize("value", ["", "_records", ".hidden", "a/b", "..", "a?", "x" * 256, 3])
    def test_what_is_no_part_of_a_path_is_refused(self, value):
        with pytest.raises(DefinitionError, match=r"Pan: stored_as is .*such as 'pan'"):
            asset_class("Pan", stored_as=value)


class TestParameters:
    def rate(self, *names, **attributes):
        found = asset_class("Rate", **{name: parameter() for name in names}, **attributes)
        found.compute = lambda self: {name: getattr(self, name) for name in names}
        return found

    def test_their_order_in_the_class_doesn_t_count(self, clock, succeed):
        old = self.rate("base", "quote")
        succeed(old(base="USD", quote="EUR"))
        succeed(old(base="EUR", quote="USD"))
        new = self.rate("quote", "base")
        task = new(base="USD", quote="EUR")
        assert task.complete()
        assert stored(task) == {"base": "USD", "quote": "EUR"}

    def test_of_several_the_folders_tell_their_names(self, clock):
        task = self.rate("quote", "base")(base="USD", quote="a/b")
        assert task.folder == "base=USD/quote=a%2Fb/rate"

    def test_one_stands_by_its_value(self, clock):
        assert self.rate("base")(base="_U.S").folder == "%5FU.S/rate"

    def test_one_that_is_renamed_is_another(self, clock, succeed, refuse):
        succeed(self.rate("base")(base="USD"))
        error = refuse(self.rate("quote")(quote="USD"))
        assert "base=USD, not for quote=USD" in str(error)
        assert "to go on" not in str(error)

    def test_one_that_the_record_lacks_counts_by_its_default(self, clock, succeed, settings):
        succeed(asset_class("Rate", value=1)())
        region = {"region": parameter(default="eu", significant=True)}
        for default, is_same in (("eu", True), ("us", False)):
            kind = asset_class("Rate", value=1, **region)
            identity = kind(region=default).identity
            record = asset_class("Rate", value=1)().partition.record()
            assert (identity.objection_to(record) is None) is is_same

    def test_what_is_not_significant_is_not_compared(self, clock, succeed):
        succeed(asset_class("Rate", value=1, base=parameter())(base="USD"))
        record = asset_class("Rate", base=parameter())(base="USD").partition.record()
        now = asset_class("Rate", base=parameter(significant=False, default="EUR"))
        assert now().identity.objection_to(record) is None

    def test_a_folder_of_bare_values_is_to_be_moved_and_then_used(
        self, clock, succeed, refuse, root
    ):
        kind = self.rate("base", "quote", capture=True)
        task = kind(base="U S", quote="EUR")
        succeed(task)
        made = stored(task)
        for top in (root, root / "_records"):
            (top / "U S/EUR").mkdir(parents=True)
            shutil.move(top / "base=U S/quote=EUR/rate", top / "U S/EUR/rate")
        (record,) = (root / "_records/U S/EUR/rate").iterdir()
        told = json.loads(record.read_text()) | {"asset": "U S/EUR/rate"}
        for key in ("family", "parameters", "suffix", "module"):
            del told[key]
        record.write_text(json.dumps(told))
        said = str(refuse(task))
        assert not task.output().exists()
        clock.advance(minutes=10)
        assert isinstance(refuse(kind(base="U S", quote="EUR")), PlaceTaken)
        subprocess.run(["sh", "-c", said.partition("move it: ")[2]], check=True)
        assert task.complete()
        assert stored(task) == made
        assert not verify_outputs([task]).problems

    def test_bare_values_in_another_order_may_be_its_too(self, clock, succeed, refuse, root):
        task = self.rate("base", "quote")(base="USD", quote="EUR")
        (root / "EUR/USD/rate").mkdir(parents=True)
        (root / "EUR/USD/rate/2026-11-22T1200Z.json").write_text("1")
        assert "EUR/USD/rate" in str(refuse(task))

    def test_a_value_too_long_for_a_folder_s_name_has_one_all_the_same(self, clock, succeed):
        kind = asset_class("City", city=parameter())
        kind.compute = lambda self: self.city
        names = ["長" * 29, "長" * 300 + "a", "長" * 300 + "b", "%" * 255]
        for name in names:
            succeed(kind(city=name))
        assert [stored(kind(city=name)) for name in names] == names
        parts = [kind(city=name).folder.split("/")[0] for name in names]
        assert max(len(part) for part in parts) <= 255


def test_letters_that_differ_in_case_only_share_nothing(clock, succeed, refuse, root):
    """As on a file system that knows no case; here one folder is a link to the other."""
    kind = asset_class("City", city=parameter())
    kind.compute = lambda self: self.city
    succeed(kind(city="Paris"))
    for top in (root, root / "_records"):
        (top / "paris").symlink_to(top / "Paris")
    error = refuse(kind(city="paris"))
    assert "city=Paris, not for city=paris" in str(error)
    assert stored(kind(city="Paris")) == "Paris"


def test_a_record_of_before_is_accepted(clock, succeed, root):
    kind = asset_class("Customers", value=1)
    succeed(kind())
    path = root / kind().partition.record_key
    told = json.loads(path.read_text())
    assert told["family"] == "Customers"
    assert told["parameters"] == {}
    assert told["suffix"] == ".json"
    assert told["module"] == "plain_orders"
    for key in ("family", "parameters", "suffix", "module"):
        del told[key]
    path.write_text(json.dumps(told))
    assert asset_class("Customers", namespace="crm", value=1)().complete()


def test_prune_leaves_the_newest_of_a_folder_that_is_another_s(shop, succeed, clock):
    succeed(shop())
    clock.advance(days=9)
    other = asset_class("Customers", namespace="crm")
    prune_windows([other().dataset], before=clock.at)
    assert len(shop().dataset.stored()) == 1


class TestOfAnotherClass:
    """What a folder holds of another class or of other parameters is let alone by all that asks."""

    def test_prune_removes_nothing_of_it(self, shop, succeed, clock):
        for _ in range(3):
            succeed(shop())
            clock.advance(days=1)
        other = asset_class("Customers", namespace="crm")
        clock.advance(days=9)
        (pruned,) = prune_windows([other().dataset], before=clock.at)
        assert len(shop().dataset.stored()) == 3
        assert pruned.windows == 0
        (error,) = pruned.errors
        assert "left alone: it holds the output of shop.Customers" in error
        (pruned,) = prune_windows([shop().dataset], before=clock.at)
        assert pruned.windows == 2

    def test_nor_where_it_lies_among_its_own(self, shop, succeed, clock):
        """In a folder each window is asked whose it is, not just the first and the last."""
        for _ in range(4):
            succeed(shop())
            clock.advance(days=1)
        dataset = shop().dataset
        middle = dataset.partition(dataset.recorded_in_order()[1])
        middle.write_record(replace(middle.record(), family="crm.Customers"))
        (pruned,) = prune_windows([dataset], before=clock.at)
        assert (pruned.windows, len(pruned.errors)) == (2, 1)
        assert middle.read() is not None

    def test_explain_says_that_a_run_would_fail(self, shop, succeed, clock):
        succeed(shop())
        clock.advance(minutes=10)
        (step,) = steps_to(asset_class("Customers", namespace="crm")())
        assert step.plan is Plan.FAIL
        assert "is taken" in step.reasons[0]

    def test_who_says_stored_as_already_is_told_what_else_to_do(self, shop, succeed, refuse):
        succeed(shop())
        error = str(refuse(asset_class("Clients", stored_as="customers")()))
        assert "Set stored_as" not in error
        assert "that class is loaded as well: remove it" in error
        assert 'another name, such as "clients"' in error

    def test_a_copy_of_what_other_parameters_made_is_no_output(self, clock, succeed, root, refuse):
        kind = asset_class("Rate", base=parameter(), capture=True)
        kind.compute = lambda self: self.base
        dollar, euro = kind(base="USD"), kind(base="EUR")
        succeed(dollar)
        for top in (root, root / "_records"):
            shutil.copytree(top / "USD", top / "EUR")
        assert euro.staleness().is_taken
        assert isinstance(refuse(euro), PlaceTaken)
        clock.advance(days=1)
        assert not euro.complete()
        assert dollar.complete()


def test_what_is_told_in_a_line_has_no_line_breaks_of_a_value_s(clock, succeed, refuse):
    succeed(asset_class("City", namespace="a", city=parameter())(city="New\nYork"))
    refuse(asset_class("City", namespace="b", city=parameter())(city="New\nYork"))


def test_a_value_that_is_no_text_is_refused_by_name(clock):
    task = asset_class("City", city=parameter())(city="\udcff")
    with pytest.raises(SettingError, match=r"City: city is '\\udcff'; make it text"):
        task.complete()


def test_a_parameter_that_was_added_keeps_what_is_moved(clock, succeed, root):
    old = asset_class("Rate", base=parameter(), capture=True)(base="USD")
    succeed(old)
    kind = asset_class("Rate", base=parameter(), region=parameter(default="eu"), capture=True)
    for region, is_same in (("eu", True), ("us", False)):
        task = kind(base="USD", region=region)
        for top in (root, root / "_records"):
            shutil.copytree(top / "USD/rate", top / task.folder)
        clock.advance(days=1)
        then = task.clone(as_of=old.as_of)
        assert then.complete() is is_same
        assert bool(verify_outputs([then]).problems) is not is_same


class TestMoving:
    """The command that is printed for a folder of bare values is right wherever it is run."""

    @pytest.fixture
    def task(self, clock, succeed, root):
        kind = asset_class("Rate", base=parameter(), quote=parameter(), capture=True)
        kind.compute = lambda self: [self.base, str(clock.at)]
        task = kind(base="U S'D", quote='E"$R`x`')
        succeed(task)
        return task

    def as_before(self, root, task):
        """Make what is stored for the window of ``task`` what an earlier version has stored."""
        (folder, *_) = task.identity.former_folders
        for top in (root, root / "_records"):
            (top / folder).mkdir(parents=True, exist_ok=True)
            (file,) = (top / task.folder).glob(f"{task.partition.window}.*")
            shutil.move(file, top / folder / file.name)
        record = root / "_records" / folder / f"{task.partition.window}.json"
        told = json.loads(record.read_text()) | {"asset": folder}
        for key in ("family", "parameters", "suffix", "module"):
            del told[key]
        record.write_text(json.dumps(told))

    def move(self, said):
        subprocess.run(["sh", "-c", said.partition("move it: ")[2]], check=True)

    def test_into_a_folder_that_is_there_but_empty(self, task, refuse, root):
        made = stored(task)
        self.as_before(root, task)
        assert (root / task.folder).is_dir()
        self.move(str(refuse(task)))
        assert task.complete()
        assert stored(task) == made

    def test_of_a_window_that_an_older_version_made_since(self, task, succeed, refuse, root, clock):
        first = task
        clock.advance(minutes=10)
        second = task.clone(as_of=clock.at)
        succeed(second)
        made = [stored(first), stored(second)]
        self.as_before(root, second)
        self.move(str(refuse(second)))
        assert second.complete()
        assert [stored(first), stored(second)] == made

    def test_explain_says_that_a_run_would_fail(self, task, root):
        self.as_before(root, task)
        (step,) = steps_to(task)
        assert step.plan is Plan.FAIL
        assert "move it" in step.reasons[0]

    def test_what_is_made_of_what_was_moved_stays_current(self, clock, succeed, refuse, root):
        rate = asset_class("Rate", base=parameter(), quote=parameter(), capture=True)
        both = [rate(base="USD", quote="EUR"), rate(base="EUR", quote="USD")]
        report = asset_class("Report", requires=lambda self: {"a": [both[0]], "b": both[1]})
        report.compute = lambda self, a, b: [*a, b]
        succeed(report())
        path = root / report().partition.record_key
        told = path.read_text()
        for task in both:
            self.as_before(root, task)
            told = told.replace(task.key, f"{task.base}/{task.quote}/rate/{task.partition.window}")
        path.write_text(told)
        for task in both:
            self.move(str(refuse(task)))
        assert report().complete(), report().staleness()
        path.write_text(told.replace("USD/EUR/", "USD/GBP/"))
        assert not report().complete()
