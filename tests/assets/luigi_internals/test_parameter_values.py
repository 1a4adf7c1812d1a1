"""How Luigi comes to the values of parameters, and where they can be exchanged."""

from __future__ import annotations

import luigi

from hn_luigi.assets.luigi_internals.parameter_values import default_text, resolve_values_of


class Asked(luigi.Parameter):
    """Notes the classes that it is read from."""

    owners: tuple[str, ...] = ()

    def __get__(self, instance, owner=None):
        if instance is None:
            self.owners = (*self.owners, owner.__name__)
            return self
        return super().__get__(instance, owner)


def test_luigi_reads_a_parameter_from_the_class_that_was_given_it_before_it_takes_values():
    """By which AsOf learns of the plain tasks that have it; if it fails, it has to elsewhere."""

    class Flour(luigi.Task):
        word = Asked()

    class Plain(luigi.Task):
        pass

    luigi.util.requires(Flour)(Plain)
    Flour.word.owners = ()
    assert Plain(word="a").word == "a"
    assert "Plain" in vars(Flour)["word"].owners


def test_values_are_exchanged_before_luigi_looks_for_an_instance():
    class Plain(luigi.Task):
        word = luigi.Parameter()

    def shout(kind, values):
        assert kind is Plain
        return [(name, value.upper()) for name, value in values]

    for _ in range(2):  # the second time changes nothing
        resolve_values_of(Plain, shout)
    assert Plain(word="a").word == "A"
    assert Plain(word="a") is Plain(word="A")


def test_luigi_takes_the_configuration_s_value_for_the_default(settings):
    """If it fails, ``default_text`` may ask Luigi."""

    class Plain(luigi.Task):
        number = luigi.IntParameter(default=1)

    settings("Plain", number=2)
    assert Plain.number.task_value("Plain", "number") == 2
    assert default_text(Plain.number) == "1"


def test_a_parameter_may_have_no_default():
    assert default_text(luigi.Parameter()) is None
