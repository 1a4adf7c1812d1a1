"""The code that makes an asset, and its version.

Its text is read when the class is made: on disk it may be edited later, while the loaded code
stays as it was. It is parsed only if somebody asks for the version.

So a process that lives for weeks judges by the code, and the files, that it began with. Only what
is imported later, within a function, has the text of the first time that a version was asked for.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from types import ModuleType

from hn_luigi.assets.code.files import digests_of_files
from hn_luigi.assets.code.functions import Functions
from hn_luigi.assets.code.source import (
    Text,
    is_in,
    note_loaded,
    text_of_class,
    text_of_module,
    texts_of_modules,
)

_DIGITS = 16
"""Of the versions of parts, which only tell where a change is: a record holds some twenty."""


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
    files: tuple[tuple[str, str], ...] = ()
    """Files that count as code, with the SHA-256 of each."""
    package: str = ""
    """The top-level package within which imports are followed; empty if there is none."""

    @property
    def sources(self) -> str:
        """SHA-256 in hex of all the texts that the version is made from."""
        return self.sources_with(self.parts if self.package else ())

    # For the shipped graph's 20 modules this takes 0.1 ms and the version 110 ms, more than a third
    # of a no-op's 280.
    def sources_with(self, parts: Collection[str]) -> str:
        """``sources``, if the parts of the code have those names; nothing is parsed for it.

        With those of a record it tells whether all texts are as they were: which modules are
        followed depends on nothing but the texts of these modules.
        """
        key = frozenset(parts)
        if key not in self._sources:
            self._sources[key] = self._sources_with(key)
        return self._sources[key]

    def _sources_with(self, parts: Collection[str]) -> str:
        read = {text.name for text in self.modules}
        others = sorted(n for n in parts if n and n not in read and is_in(n, self.package))
        texts = [(text.name, text.map(_sha256)) for text in (*self.own, *self.modules)]
        facts: tuple[object, ...] = (self.declared, sorted(self.ignored), len(self.own), texts)
        if self.functions:  # else it is what it was before there were any
            facts += (tuple(each.sources for each in self.functions),)
        if others or self.files:  # and the same
            found = [(name, text_of_module(name)) for name in others]
            facts += ([(name, text and text.map(_sha256)) for name, text in found], self.files)
        return _sha256(ascii(facts).encode())

    @property
    def version(self) -> str:
        """SHA-256 in hex of what the code says, however it is written and wherever it lies.

        Comments, docstrings, formatting and the version of Python don't change it. A text that
        is no valid Python counts by its bytes, a class whose text can't be had by its name.
        """
        return self._versions[0]

    @property
    def parts(self) -> dict[str, str]:
        """Versions, shortened, of what the version is made from, by the names of modules and files.

        What its own module and its declared version say is under the empty name.
        """
        return self._versions[1]

    @cached_property
    def _versions(self) -> tuple[str, dict[str, str]]:
        from hn_luigi.assets.code.canonical import digest, digest_of_text, parse
        from hn_luigi.assets.code.package import followed
        from hn_luigi.assets.code.reach import reach

        trees = {text.source: text.map(parse) for text in self.own}
        parsed = [(t, x.name, x.package) for x in self.own if (t := trees[x.source]) is not None]
        opaque = [t.source or t.name for t in self.own if trees[t.source] is None]
        own = reach(parsed, "compute", ignored=self.ignored)
        modules = [(t.name, t.map(digest_of_text)) for t in self.modules]
        functions = [("", tuple(f.version for f in self.functions))] if self.functions else []
        whole = [name for name, _ in modules]
        others = followed(own.uses, self.package, known=whole) if self.package else {}
        version = digest((self.declared, opaque, own.trees, [*modules, *functions]))
        if others or self.files:  # else it is what it was before they counted
            version = digest((version, sorted(others.items()), self.files))
        parts = {
            **others,
            **{name: str(of) for name, of in modules if name},
            **dict(self.files),
        }
        parts[""] = digest((self.declared, opaque, own.trees, functions))
        return version, {name: part[:_DIGITS] for name, part in parts.items()}

    @cached_property
    def _sources(self) -> dict[frozenset[str], str]:
        return {}


def code_of(
    cls: type,
    *,
    base: type,
    modules: Sequence[ModuleType | str] = (),
    declared: str | None = None,
    ignored: Collection[str] = (),
    files: Sequence[str | os.PathLike[str]] = (),
) -> Code:
    """The code of the asset class ``cls``: ``compute``, what that refers to, and ``modules``.

    Args:
        cls: The class; its module may still be on its way in.
        base: The class whose own code, and that of all it inherits from, doesn't count.
        modules: Modules and packages that count as a whole. One given by its dotted name isn't
            imported for that, only the packages it lies in.
        declared: A version to change where the same code does something else.
        ignored: Attributes whose definitions don't count though ``compute`` refers to them.
        files: Files that count as code, relative to the folder of the module that names them.

    Raises:
        DefinitionError: one of ``modules`` doesn't exist, or of ``files`` can't be read.
    """
    # Now, and not when the version is asked for: inspect.getsource, or a look at the file, gives
    # after an edit the new text, while what runs is the old code.
    own = [text_of_class(each) for each in cls.__mro__ if each not in base.__mro__]
    package = own[0].package.partition(".")[0] if own else ""
    if package:
        note_loaded(package)
    return Code(
        own=tuple(own),
        modules=tuple(texts_of_modules(cls, modules)),
        declared=declared,
        ignored=frozenset(ignored),
        files=tuple(sorted(digests_of_files(cls, files).items())),
        package=package,
    )


# A graph has few pairs of a class and its formats, and asks for each at every look at every window.
@lru_cache(maxsize=1024)
def with_functions(code: Code, functions: tuple[Functions, ...]) -> Code:
    """``code`` with ``functions``; the same object for the same ones, whose hashes are kept."""
    return replace(code, functions=functions)


def without_parts(code: Code) -> Code:
    """``code`` as it was before imports were followed, and files counted."""
    return replace(code, files=(), package="") if code.package or code.files else code


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
