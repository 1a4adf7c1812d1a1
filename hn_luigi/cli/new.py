"""``hn-luigi new``: the smallest good project on the asset layer, to begin with."""

from __future__ import annotations

import importlib.util
import keyword
import os
import shlex
import shutil
import sys
from importlib.resources import files
from pathlib import Path

import click

from hn_luigi.cli.command import COMMON
from hn_luigi.cli.output import say

_TEMPLATE = "my_pipeline"
"""What the project is called in ``hn_luigi/cli/template``."""
_FILES = ("README.md", "luigi.cfg", f"{_TEMPLATE}.py", f"test_{_TEMPLATE}.py")


@click.command(params=[*COMMON])  # no Command: whatever is configured here is of something else
@click.argument("folder", metavar="NAME")
def new(folder: str) -> None:
    """Write a small project of your own into a new folder.

    NAME is the folder, and the module in it: two steps, with a test, a luigi.cfg that watches them,
    and a README. They read how full the disk is, and write a sentence about it; put steps of your
    own in their place.

    \b
    Example:
      hn-luigi new my_pipeline
      cd my_pipeline
      hn-luigi run
    """
    target = Path(os.path.abspath(folder))
    _require_module_name(target.name)
    _require_free(target)
    # Beside it, and then renamed: nobody ever meets half a project.
    beside = target.with_name(f".{target.name}-{os.urandom(4).hex()}")
    try:
        beside.mkdir()
        for name in _FILES:
            _write(beside, name, target.name)
        beside.rename(target)
    except OSError as error:
        raise click.ClickException(f"can't write {target}: {error.strerror}") from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    say(f"Written: {target}\n\nNext:\n  cd {shlex.quote(folder)}\n  hn-luigi run")


def _write(folder: Path, name: str, module: str) -> None:
    text = (files("hn_luigi.cli") / "template" / name).read_text(encoding="utf-8")
    text = text.replace(f"hn_luigi.cli.template.{_TEMPLATE}", module).replace(_TEMPLATE, module)
    (folder / name.replace(_TEMPLATE, module)).write_text(text, encoding="utf-8")


def _require_module_name(name: str) -> None:
    if not (name.isascii() and name.isidentifier()) or keyword.iskeyword(name):
        raise click.ClickException(
            f"{name!r} can't be the name of a module: take ASCII letters, digits and underscores, "
            "such as my_pipeline"
        )
    if name in sys.stdlib_module_names or _is_installed(name):
        raise click.ClickException(
            f"{name} is the name of an installed module, which yours would hide: take another"
        )


def _is_installed(name: str) -> bool:
    """Whether a module of that name can be imported from elsewhere than the present folder."""
    try:
        found = importlib.util.find_spec(name)
    except ValueError:  # __main__, and what else has no spec
        return True
    if found is None:
        return False
    places = [found.origin] if found.origin else list(found.submodule_search_locations or [])
    return any(Path(place).parent != Path.cwd() for place in places)


def _require_free(target: Path) -> None:
    """Refuse a folder that holds something, or where this process is."""
    if not os.path.lexists(target):
        return
    if not target.is_dir() or target.is_symlink():
        raise click.ClickException(f"{target} is there, and no folder: take another name")
    if target == Path.cwd():
        raise click.ClickException(f"{target} is the present folder: begin in the one above it")
    try:
        if any(target.iterdir()):
            raise click.ClickException(f"{target} isn't empty: take another name, or empty it")
    except OSError as error:
        raise click.ClickException(f"can't read {target}: {error.strerror}") from error
