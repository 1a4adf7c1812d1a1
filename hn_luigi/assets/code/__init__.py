"""The code that makes an asset, and its version.

Its text is read when the class is made: on disk it may be edited later, while the loaded code
stays as it was. It is parsed only if somebody asks for the version.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from types import ModuleType

from hn_luigi.assets.code.functions import Functions
from hn_luigi.assets.code.source import Text, text_of_class, texts_of_modules


@dataclass(frozen=True)
class Code:
    """The code that makes an asset, as it was when its class was made."""

    own: tuple[Text, ...]
    """The asset's class and those it inherits from, each with the text of its module."""
    modules: tuple[Text, ...] = ()
    """The modules that count as a whole, by name."""
    declared: str | None = None
    ignored: frozenset[str] = frozenset()
    """Attributes, such as parameters, whose definitions don't count."""
    functions: tuple[Functions, ...] = ()
    """What encodes its output and decodes its inputs, but for the layer's own."""

    # For the shipped graph's 20 modules this takes 0.1 ms and the version 110 ms, more than a third
    # of a no-op's 280.
    @cached_property
    def sources(self) -> str:
        """SHA-256 in hex of all that the version is made from; nothing is parsed for it."""
        texts = [(text.name, text.map(_sha256)) for text in (*self.own, *self.modules)]
        facts: tuple[object, ...] = (self.declared, sorted(self.ignored), len(self.own), texts)
        if self.functions:  # else it is what it was before there were any
            facts += (tuple(each.sources for each in self.functions),)
        return _sha256(ascii(facts).encode())

    @cached_property
    def version(self) -> str:
        """SHA-256 in hex of what the code says, however it is written and wherever it lies.

        Comments, docstrings, formatting and the version of Python don't change it. A text that
        is no valid Python counts by its bytes, a class whose text can't be had by its name.
        """
        from hn_luigi.assets.code.canonical import digest, digest_of_text, parse
        from hn_luigi.assets.code.reach import reach

        trees = {text.source: text.map(parse) for text in self.own}
        parsed = [(tree, t.name) for t in self.own if (tree := trees[t.source]) is not None]
        opaque = [t.source or t.name for t in self.own if trees[t.source] is None]
        own = reach(parsed, "compute", ignored=self.ignored)
        modules: list[object] = [(t.name, t.map(digest_of_text)) for t in self.modules]
        if self.functions:
            modules.append(("", tuple(each.version for each in self.functions)))
        return digest((self.declared, opaque, own, modules))


def code_of(
    cls: type,
    *,
    base: type,
    modules: Sequence[ModuleType | str] = (),
    declared: str | None = None,
    ignored: Collection[str] = (),
) -> Code:
    """The code of the asset class ``cls``: ``compute``, what that refers to, and ``modules``.

    Args:
        cls: The class; its module may still be on its way in.
        base: The class whose own code, and that of all it inherits from, doesn't count.
        modules: Modules and packages that count as a whole. One given by its dotted name isn't
            imported for that, only the packages it lies in.
        declared: A version to change where the same code does something else.
        ignored: Attributes whose definitions don't count though ``compute`` refers to them.

    Raises:
        DefinitionError: one of ``modules`` doesn't exist.
    """
    # Now, and not when the version is asked for: inspect.getsource, or a look at the file, gives
    # after an edit the new text, while what runs is the old code.
    classes = [each for each in cls.__mro__ if each not in base.__mro__]
    return Code(
        own=tuple(text_of_class(each) for each in classes),
        modules=tuple(texts_of_modules(cls, modules)),
        declared=declared,
        ignored=frozenset(ignored),
    )


# A graph has few pairs of a class and its formats, and asks for each at every look at every window.
@lru_cache(maxsize=1024)
def with_functions(code: Code, functions: tuple[Functions, ...]) -> Code:
    """``code`` with ``functions``; the same object for the same ones, whose hashes are kept."""
    return replace(code, functions=functions)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
