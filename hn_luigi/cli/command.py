"""What every command has in common: the options for root and help, and checked settings."""

from __future__ import annotations

from typing import Any

import click
from luigi.configuration import get_config

from hn_luigi.assets.operations import check_settings, require_usable, root_store
from hn_luigi.cli.output import say


class Command(click.Command):
    """A command that takes ``--storage-root``, and refuses invalid settings before it begins.

    It also refuses a store that can't be used, unless ``needs_store`` is false.
    """

    def __init__(
        self, *, params: list[click.Parameter], needs_store: bool = True, **kwargs: Any
    ) -> None:
        super().__init__(params=[*params, *COMMON], **kwargs)
        self.needs_store = needs_store

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; raises SettingError or StorageError instead for bad settings."""
        check_settings()
        if self.needs_store:
            require_usable(root_store())
        return super().invoke(ctx)


def _set_root(_context: click.Context, _option: click.Parameter, root: str | None) -> None:
    if root is not None:
        # Over luigi.cfg and the environment's; a parser of configuration takes a lone % for the
        # begin of an interpolation (configparser.BasicInterpolation, which Luigi's builds on).
        get_config().set("storage", "root", root.replace("%", "%%"))


def _show_help(context: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if wanted:
        say(context.get_help())  # click's own would exit with 1 in a closed pipe
        context.exit()


COMMON: list[click.Parameter] = [
    click.Option(
        ["--storage-root"],
        metavar="ROOT",
        is_eager=True,  # before --as-of, which reads the settings
        callback=_set_root,
        expose_value=False,
        help="Where assets are stored, instead of [storage] root.",
    ),
    click.Option(
        ["-h", "--help"],
        is_flag=True,
        is_eager=True,
        callback=_show_help,
        expose_value=False,
        help="Show this message and exit.",
    ),
]
"""The options of the group and of each command, so that they may stand before it or after."""
