"""Every command of `tui-pos`. Only what a command needs is imported: `--help` is there at once."""

import argparse
import gc
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tui_pos import export_command, journal_commands, report_commands, sales_command, staff_commands
from tui_pos.i18n import _, ngettext, use_language

if TYPE_CHECKING:
    from config.loading import Loaded

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

Command = Callable[[argparse.Namespace], int]

OK, FAILED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130
OUR_PACKAGES = ("tui_pos", "hardware", "config")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit code: 0 done, 1 failed, 2 wrong usage or settings, 130 stopped."""
    use_language(_language_of_environment())
    arguments = _parser().parse_args(argv)
    try:
        code: int = arguments.command(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has seen enough; Python would complain once more when it closes it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except Exception as error:
        if sys.flags.dev_mode:
            raise
        return _told(error)
    return code


def _told(error: Exception) -> int:
    """Say in one line what went wrong, and give the exit code for it."""
    from config.errors import ConfigError

    ours = type(error).__module__.partition(".")[0] in OUR_PACKAGES
    cause = (
        getattr(error, "orig", None) or error
    )  # SQLAlchemy wraps the database's own words in pages of its own
    text = str(error) if ours else " ".join(str(cause).split())
    if not ours and not isinstance(error, OSError):
        text = f"{type(cause).__name__}: {text}"
    print(f"tui-pos: {text}", file=sys.stderr)
    return WRONG_USAGE if isinstance(error, ConfigError) else FAILED


def _language_of_environment() -> str:
    """What other commands go by. The till itself speaks the language of its settings."""
    wanted = next(
        (os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "en"
    )
    return wanted.partition(".")[0]


def _parser() -> argparse.ArgumentParser:
    everywhere = argparse.ArgumentParser(add_help=False)
    everywhere.add_argument(
        "--config", type=Path, metavar="FILE", default=argparse.SUPPRESS, help=_("the settings file")
    )
    about = _("A till in a terminal. Without a command it opens the counter.")
    parser = argparse.ArgumentParser(prog="tui-pos", parents=[everywhere], description=about)
    parser.add_argument(
        "--version", action="store_const", const=_version, dest="command", help=_("show the version")
    )
    parser.set_defaults(command=_counter)
    commands = parser.add_subparsers(metavar=_("COMMAND"))

    def add(to: "Commands", name: str, command: Command, text: str) -> argparse.ArgumentParser:
        added = to.add_parser(name, parents=[everywhere], help=text, description=text)
        added.set_defaults(command=command)
        return added

    add(commands, "demo", _demo, _("open the counter on an invented shop, in a temporary folder"))
    add(commands, "settings", _settings, _("show every setting in force, and where it came from"))
    text = _("list the serial ports, and try the scanner and the printer")
    devices = add(commands, "devices", _devices, text)
    devices.add_argument("--seconds", type=float, default=10, help=_("how long to wait for scans (10)"))
    devices.add_argument("--print", action="store_true", help=_("print a test page"))
    text = _("take products in from a file, or write them to one")
    catalogue = commands.add_parser("catalogue", help=text, description=text)
    acts = catalogue.add_subparsers(metavar=_("COMMAND"), required=True)
    text = _("take the products of a CSV file (also .csv.gz) into the catalogue; the till may go on selling")
    importing = add(acts, "import", _import, text)
    _add_as(importing)
    importing.add_argument("file", type=Path, metavar="FILE")
    importing.add_argument(
        "--map",
        type=_mapping,
        action="append",
        default=[],
        metavar="OURS=THEIRS",
        help=_("take our column from theirs, such as --map barcodes=gtin"),
    )
    importing.add_argument("--dry-run", action="store_true", help=_("only tell what would happen"))
    exporting = add(acts, "export", _export, _("write all products to a CSV file (also .csv.gz)"))
    exporting.add_argument("file", type=Path, metavar="FILE", nargs="?", default=Path("catalogue.csv"))
    text = _("show what the till has taken since its last Z; nothing is closed")
    x_report = add(commands, "x", _x, text)
    report_commands.describe_x(x_report)
    _add_as(x_report)
    text = _("close the till's period with a Z, or show those that were made")
    z_report = add(commands, "z", _z, text)
    report_commands.describe_z(z_report)
    _add_as(z_report)
    exporting = add(
        commands, "export", _export_books, _("write the Zs of some days for the bookkeeper's program")
    )
    export_command.describe_export(exporting)
    _add_as(exporting)
    searching = add(commands, "sales", _sales, _("find past sales, see one whole, or write a list of them"))
    sales_command.describe_sales(searching)
    _add_as(searching)
    text = _("prove the books, hand them out signed, and keep the keys that sign them")
    journal = commands.add_parser("journal", help=text, description=text)
    below = journal.add_subparsers(metavar=_("COMMAND"), required=True)
    journal_commands.describe(partial(add, below), _add_as)
    text = _("say who works here, and what they may do")
    staff = commands.add_parser("staff", help=text, description=text)
    below = staff.add_subparsers(metavar=_("COMMAND"), required=True)
    staff_commands.describe(partial(add, below), _add_as)
    return parser


def _add_as(command: argparse.ArgumentParser) -> None:
    """Whoever acts: every command that changes something, or tells what not everybody may know, has this option."""
    command.add_argument(
        "--as",
        dest="as_name",
        metavar="NAME",
        help=_("act as this member of staff, after their PIN (else as the system's user)"),
    )


def _mapping(text: str) -> tuple[str, str]:
    ours, parted, theirs = text.partition("=")
    if not (ours and parted and theirs):
        raise argparse.ArgumentTypeError(_("{text} is not of the form OURS=THEIRS").format(text=text))
    return ours, theirs


def _version(_arguments: argparse.Namespace) -> int:
    from importlib.metadata import version

    print(f"tui-pos {version('tui-pos')}")
    return OK


def _load(arguments: argparse.Namespace) -> "Loaded":
    from config.loading import load

    return load(getattr(arguments, "config", None))


def _counter(arguments: argparse.Namespace) -> int:
    with _quick_start():
        from tui_pos import bootstrap

        bootstrap.run_counter(_load(arguments).settings)
    return OK


def _demo(_arguments: argparse.Namespace) -> int:
    with _quick_start():
        from tui_pos import bootstrap

        bootstrap.run_demo()
    return OK


@contextmanager
def _quick_start() -> Iterator[None]:
    """Put off the search for garbage: starting makes little, and the search takes a seventh of its time.

    Bootstrap takes the search up again as soon as the counter is built.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _settings(arguments: argparse.Namespace) -> int:
    from config.secrets import secret_rows
    from tui_pos.console import print_table

    loaded = _load(arguments)
    rows = [*loaded.rows(), *secret_rows(loaded.settings.database)]
    print_table((_("setting"), _("value"), _("from")), [(row.key, row.value, row.origin) for row in rows])
    return OK


def _devices(arguments: argparse.Namespace) -> int:
    from tui_pos import bootstrap, devices_check
    from tui_pos.console import print_table

    settings = _load(arguments).settings
    shop = bootstrap.build_shop(settings)
    now = bootstrap.utc_now().astimezone(shop.zone)
    print_table((_("serial port"), _("what is there")), devices_check.serial_ports())
    page = devices_check.test_page(shop.name, now) if arguments.print else None
    worked = [
        devices_check.try_printer(bootstrap.build_printer(settings.printer), page),
        devices_check.try_scanner(
            partial(bootstrap.build_scanner, settings.scanner), arguments.seconds, shop, now.date()
        ),
    ]
    return OK if all(worked) else FAILED


def _import(arguments: argparse.Namespace) -> int:
    from tui_pos import bootstrap
    from tui_pos.catalogue.importing import import_products
    from tui_pos.console import progress_bar

    settings = _load(arguments).settings
    engine = bootstrap.open_database(settings)
    with progress_bar(arguments.file.name) as progress:
        report = import_products(
            engine,
            arguments.file,
            bootstrap.build_shop(settings).rules.currency,
            bootstrap.command_actor(settings, engine, arguments.as_name),
            mapping=dict(arguments.map),
            dry_run=arguments.dry_run,
            progress=progress,
        )
    done = _("Products added: {added}, changed: {updated}, left as they were: {unchanged}.")
    would = _("Nothing was changed. Products to add: {added}, to change: {updated}, to leave: {unchanged}.")
    print(
        (would if arguments.dry_run else done).format(
            added=report.added, updated=report.updated, unchanged=report.unchanged
        )
    )
    if report.rejected_file is not None:
        rejected = ngettext(
            "{count} line was rejected; it and the reason are in {file}.",
            "{count} lines were rejected; they and the reasons are in {file}.",
            report.rejected,
        )
        print(rejected.format(count=report.rejected, file=report.rejected_file), file=sys.stderr)
    return OK


def _export(arguments: argparse.Namespace) -> int:
    from tui_pos import bootstrap
    from tui_pos.catalogue.exporting import export_products
    from tui_pos.storage.engine import reading

    settings = _load(arguments).settings
    with reading(bootstrap.open_database(settings)) as session:
        count = export_products(session, arguments.file, bootstrap.build_shop(settings).rules.currency)
    text = ngettext(
        "{count} product was written to {file}.", "{count} products were written to {file}.", count
    )
    print(text.format(count=count, file=arguments.file))
    return OK


def _x(arguments: argparse.Namespace) -> int:
    return report_commands.run_x(arguments, _load(arguments).settings)


def _z(arguments: argparse.Namespace) -> int:
    return report_commands.run_z(arguments, _load(arguments).settings)


def _export_books(arguments: argparse.Namespace) -> int:
    return export_command.run_export(arguments, _load(arguments).settings)


def _sales(arguments: argparse.Namespace) -> int:
    return sales_command.run_sales(arguments, _load(arguments).settings)
