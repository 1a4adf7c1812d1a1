"""What code uses of the other modules of its package, what that uses in turn, and so on."""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from hn_luigi.assets.code.canonical import digest, parse
from hn_luigi.assets.code.imports import Use, chains, is_for_types, use_of, uses_within
from hn_luigi.assets.code.reach import IMPORT, Part, bound, parts
from hn_luigi.assets.code.source import is_in, is_layers, text_of_module


class _Outline(NamedTuple):
    """The statements of a module, and which of them bind a name."""

    parts: Sequence[Part]
    bound: dict[str, list[int]]


def followed(uses: Iterable[Use], package: str, *, known: Collection[str] = ()) -> dict[str, str]:
    """Versions of what ``uses`` lead to in ``package``, by the names of its modules.

    All modules are there that had to be looked into; those of ``known``, which count as a whole,
    without a version. One that is used as a value counts with all that is in it, and one that is
    no Python, such as a compiled one, by its bytes.
    """
    taken: dict[str, dict[int, Part]] = {}
    pending = deque(sorted(uses))
    seen: set[Use] = set()
    while pending:
        use = pending.popleft()
        module, dotted = use
        if use in seen or not is_in(module, package) or is_layers(module):
            continue
        seen.add(use)
        text = text_of_module(module)
        if text is None:
            continue
        outline, here = _outline(text.source), taken.setdefault(module, {})
        name, _, rest = dotted.partition(".")
        if name and name not in outline.bound and text_of_module(f"{module}.{name}"):
            pending.append(Use(f"{module}.{name}", rest))
            continue
        for i in _binding(outline, name):
            around, node = part = outline.parts[i]
            if isinstance(node, IMPORT) and name:
                pending.append(use_of(node, dotted, text.package))
            if i in here:
                continue
            here[i] = part
            if is_for_types(around):
                pending.append(Use(module, "__getattr__"))
            if not isinstance(node, IMPORT):
                pending += sorted(uses_within(node, text.package))
            inside = sorted(each for each in chains(part) if _is_bound(outline, each))
            pending += [Use(module, each) for each in inside]
    return {
        module: "" if module in known else digest([digest(here[i]) for i in sorted(here)])
        for module, here in taken.items()
    }


def _binding(outline: _Outline, name: str) -> Iterable[int]:
    """The statements that bind ``name``, or may: all of them make up the module itself."""
    if not name:
        return range(len(outline.parts))
    of_all = (*outline.bound.get("*", ()), *outline.bound.get("__getattr__", ()))
    return outline.bound.get(name, of_all)


def _is_bound(outline: _Outline, dotted: str) -> bool:
    return dotted.partition(".")[0] in outline.bound or "*" in outline.bound


# As many as there are trees, which it keeps.
@lru_cache(maxsize=32)
def _outline(source: bytes | None) -> _Outline:
    tree = None if source is None else parse(source)
    if tree is None:
        return _Outline([] if source is None else [((), source)], {"*": [0]} if source else {})
    found = [_without_settings(part) for part in parts(tree.body)]
    # Names for type checkers alone are no code, but where they say what __getattr__ brings.
    if not any("__getattr__" in bound(node) for _, node in found):
        found = [part for part in found if not is_for_types(part[0])]
    outline = _Outline(found, {})
    for i, (_, node) in enumerate(found):
        for name in bound(node):
            outline.bound.setdefault(name, []).append(i)
    return outline


def _without_settings(part: Part) -> Part:
    """``part``; of a ``luigi.Config`` without its parameters, whose values count as settings."""
    around, node = part
    if not isinstance(node, ast.ClassDef):
        return part
    bases = {getattr(base, "attr", getattr(base, "id", "")) for base in node.bases}
    if "Config" not in bases:
        return part
    kept = [each for each in node.body if not _is_parameter(each)]
    settings = ast.ClassDef(**{**dict(ast.iter_fields(node)), "body": kept})
    return around, ast.copy_location(settings, node)


def _is_parameter(node: ast.stmt) -> bool:
    """Whether ``node`` looks like ``width = Number(800, …)``; a pattern or a constant is code."""
    # By its look, since the module is not imported to be read: PEP 8 has classes in CapWords.
    call = getattr(node, "value", None)
    if not isinstance(node, (ast.Assign, ast.AnnAssign)) or not isinstance(call, ast.Call):
        return False
    kind = getattr(call.func, "attr", getattr(call.func, "id", ""))
    names = bound(node)
    return kind[:1].isupper() and not any(name.isupper() for name in names)
