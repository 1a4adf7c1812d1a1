"""What every command has in common: the options for root, watch list and help, checked settings."""

from __future__ import annotations

import logging
import os
import shlex
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import click

from hn_luigi.assets.operations import (
    check_settings,
    override,
    require_usable,
    root_store,
    run_of_command,
)
from hn_luigi.cli.output import say
from hn_luigi.watchlist import watched


class Command(click.Command):
    """A command that takes ``--storage-root``, and refuses invalid settings before it begins.

    It also refuses a store that can't be used, unless ``needs_store`` is false, and one that isn't
    there, unless ``needs_root`` is. One whose argument is an asset leaves options that aren't its
    own to that, as flags of its class. One that is made for cron says nothing of settings that have
    a new name, unless somebody watches.
    """

    def __init__(
        self,
        *,
        params: list[click.Parameter],
        needs_store: bool = True,
        needs_root: bool = True,
        for_cron: bool = False,
        **kwargs: Any,
    ) -> None:
        takes_flags = any(param.name == "asset" for param in params)
        context = {"ignore_unknown_options": True} if takes_flags else {}
        super().__init__(params=[*params, *COMMON], context_settings=context, **kwargs)
        self.needs_store, self.needs_root = needs_store, needs_root and needs_store
        self.for_cron = for_cron

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take the command line; a ``--watch`` that names nothing is what ``--follow`` once was."""
        try:
            return super().parse_args(ctx, args)
        except click.BadOptionUsage as error:
            if error.option_name != "--watch":
                raise
            raise click.UsageError(f"--watch needs what to watch, {_EXAMPLE}") from error

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; raises SettingError or StorageError instead for bad settings."""
        if self.for_cron and not sys.stderr.isatty():
            # Or cron would mail it every five minutes.
            logging.getLogger("hn_luigi.settings").setLevel(logging.ERROR)
        check_settings()
        if self.needs_store:
            require_usable(root_store())
        if self.needs_root and (absence := missing_root()):
            raise click.ClickException(absence)
        with run_of_command(f"hn-luigi {ctx.info_name}"):
            return super().invoke(ctx)


def missing_root() -> str:
    """That there is nothing where the watched assets are stored, in words; empty if there is."""
    root = root_store().root
    # One of them may be kept elsewhere, which is asked only if there is need.
    if _is_there(root) or any(_is_there(each.storage_root()) for each in watched()):
        return ""
    return (
        f"nothing is stored under {root}, which doesn't exist: make it with {again('run')}, or "
        "name another root with --storage-root or [storage] root"
    )


def _is_there(root: str) -> bool:
    return "://" in root or os.path.lexists(os.path.expanduser(root))


def again(*words: str) -> str:
    """``hn-luigi`` and ``words`` for a shell, with the root and the watch list of this command."""
    context = click.get_current_context(silent=True)
    given = context.meta.get(_GIVEN, {}) if context else {}
    options = [word for name, values in given.items() for value in values for word in (name, value)]
    return shlex.join(["hn-luigi", *words, *options])


_GIVEN = "hn_luigi.given"
_EXAMPLE = "such as --watch 'disk DiskReport'; to keep showing status, say --follow"


def _set(
    where: tuple[str, str],
    context: click.Context,
    option: click.Parameter,
    given: str | Sequence[str] | None,
) -> None:
    if lines := [given] if isinstance(given, str) else given:
        if option.opts[0] == "--watch" and not "".join(lines).strip():  # as of an unset variable
            raise click.UsageError(f"--watch needs what to watch, {_EXAMPLE}")
        override(*where, "\n".join(lines))
        context.meta.setdefault(_GIVEN, {})[option.opts[0]] = lines


def printing_option(
    *flags: str, text: Callable[[click.Context], str], help_text: str
) -> click.Option:
    """An option that prints ``text`` and ends; click's own would exit with 1 in a closed pipe."""

    def show(context: click.Context, _option: click.Parameter, wanted: bool) -> None:
        if wanted and not context.resilient_parsing:  # as it is when a shell completes the line
            say(text(context))
            context.exit()

    return click.Option(
        flags, is_flag=True, is_eager=True, callback=show, expose_value=False, help=help_text
    )


COMMON: list[click.Parameter] = [
    click.Option(
        ["--storage-root"],
        metavar="ROOT",
        is_eager=True,  # before --as-of, which reads the settings
        callback=partial(_set, ("storage", "root")),
        expose_value=False,
        help="Where assets are stored, instead of [storage] root.",
    ),
    click.Option(
        ["--watch"],
        metavar="'MODULE CLASS'",
        multiple=True,
        is_eager=True,  # before ASSET is looked up
        callback=partial(_set, ("assets", "watch")),
        expose_value=False,
        help="Assets to watch, with all that they are made from, instead of [assets] watch; may be "
        "given several times.",
    ),
    printing_option(
        "-h", "--help", text=click.Context.get_help, help_text="Show this message and exit."
    ),
]
"""The options of the group and of each command, so that they may stand before it or after."""
