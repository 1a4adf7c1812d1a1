"""``hn-luigi``: what ``luigi`` itself doesn't offer, on the command line."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click
from luigi.configuration import get_config

from hn_luigi.assets import AssetError
from hn_luigi.assets.parameters import check_settings


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def cli() -> None:
    """Look at hn_luigi's assets, and look after them."""
    check_settings()


def _set_root(_context: click.Context, _option: click.Parameter, root: str | None) -> None:
    if root is not None:
        get_config().set("storage", "root", root.replace("%", "%%"))


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command that ``arguments`` name; an error is one line and exit code 2."""
    try:
        sys.exit(cli.main(arguments, prog_name="hn-luigi", standalone_mode=False))
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        sys.exit(2)
    except click.ClickException as error:
        _fail(error.format_message())
    except (AssetError, ValueError) as error:
        _fail(str(error))
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)


def _fail(message: str) -> None:
    click.echo(f"hn-luigi: {' '.join(message.split())}", err=True)
    sys.exit(2)


from hn_luigi.cli import act, look, upkeep  # noqa: E402

for _command in (*look.COMMANDS, *act.COMMANDS, *upkeep.COMMANDS):
    cli.add_command(_command)
for _command in (cli, *cli.commands.values()):
    _command.params.append(
        click.Option(
            ["--storage-root"],
            metavar="ROOT",
            callback=_set_root,
            expose_value=False,
            help="Where assets are stored, instead of [storage] root.",
        )
    )
