"""Every command of `tui-pos`. Only what a command needs is imported: `--help` is there at once."""

import argparse
import errno
import gc
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from tui_pos import doctor
from tui_pos.commands import catalogue as catalogue_commands
from tui_pos.commands import export as export_command
from tui_pos.commands import init as init_command
from tui_pos.commands import journal as journal_commands
from tui_pos.commands import keeping as keeping_commands
from tui_pos.commands import reports as report_commands
from tui_pos.commands import sales as sales_command
from tui_pos.commands import staff as staff_commands
from tui_pos.console import replace_what_cannot_be_shown
from tui_pos.i18n import _, languages, use_language
from tui_pos.shell import check_till, open_books

if TYPE_CHECKING:
    from config.loading import Loaded

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

Command = Callable[[argparse.Namespace], int]
Add = Callable[["Commands", str, Command, str], argparse.ArgumentParser]

OK, FAILED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130
OUR_PACKAGES = ("tui_pos", "hardware", "config")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit code: 0 done, 1 failed, 2 wrong usage or settings, 130 stopped."""
    replace_what_cannot_be_shown()
    use_language(_language_of_environment())
    arguments = _parser().parse_args(argv)
    _log_to_file(arguments)
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
    """Say in one line what went wrong and what to do, and give the exit code for it."""
    from config.errors import ConfigError

    is_fault = False
    if isinstance(error, ConfigError):
        from tui_pos.setup.refusals import refusal

        text = refusal(error)
    elif type(error).__module__.partition(".")[0] in OUR_PACKAGES:
        text = str(error)
    elif isinstance(error, OSError):
        text = _system_text(error)
    else:
        # SQLAlchemy wraps the database's own words in pages of its own.
        cause = getattr(error, "orig", None) or error
        words = f"{type(cause).__name__}: {' '.join(str(cause).split())}"
        is_fault = True
        text = _(
            "The program failed ({error}). What was saved is safe. Please report this, and what you did."
        )
        text = text.format(error=words)
    file = _log(error, is_fault=is_fault)
    if is_fault and file:
        text += " " + _("The details are in {file}.").format(file=file)
    print(f"tui-pos: {text}", file=sys.stderr)
    return WRONG_USAGE if isinstance(error, ConfigError) else FAILED


def _system_text(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _("The disk is full. Make room on it, then do it again.")
    file, reason = error.filename, error.strerror or str(error)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS) and file:
        return _("{file}: {reason}. See to the rights there, or name another place.").format(
            file=file, reason=reason
        )
    return f"{file}: {reason}" if file else reason


def _log_to_file(arguments: argparse.Namespace) -> None:
    """What is logged goes to the till's log, never to the shell's screen."""
    import logging

    from tui_pos.late_log import LateLog

    def start() -> None:
        from tui_pos.bootstrap import start_log

        start_log(_load(arguments))

    logging.lastResort = LateLog(start)


def _log(error: Exception, *, is_fault: bool) -> str:
    """Note what led to a fault of the program; to others only where the till has its log open already.

    Returns the log's file, empty where there is none.
    """
    import logging

    from tui_pos.late_log import log_file

    if is_fault or logging.getLogger().handlers:
        logging.getLogger(__name__).error("the program ended", exc_info=error)
    return log_file()


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

    demo = add(commands, "demo", _demo, _("open the counter on an invented shop, in a temporary folder"))
    text = _("the language of the demo (that of the terminal)")
    demo.add_argument("--language", choices=languages(), default=_language_of_environment(), help=text)
    text = _("set the shop up, asked on the screen or by options; can be done again")
    init = add(commands, "init", _init, text)
    init_command.describe_init(init)
    _add_as(init)
    add(commands, "settings", _settings, _("show every setting in force, and where it came from"))
    text = _("look at everything that the till needs, and say what to do")
    doctor.describe_doctor(add(commands, "doctor", doctor.run_doctor, text))
    text = _("list the serial ports, and try the scanner and the printer")
    devices = add(commands, "devices", _devices, text)
    devices.add_argument("--seconds", type=float, default=10, help=_("how long to wait for scans (10)"))
    devices.add_argument("--print", action="store_true", help=_("print a test page"))
    text = _("take products in from a file, or write them to one")
    catalogue = commands.add_parser("catalogue", help=text, description=text)
    below = catalogue.add_subparsers(metavar=_("COMMAND"), required=True)
    catalogue_commands.describe_catalogue(partial(add, below), _add_as)
    taxes = add(
        commands,
        "taxes",
        catalogue_commands.run_taxes,
        _("list the tax classes and their rates, or change them"),
    )
    below = taxes.add_subparsers(metavar=_("COMMAND"))
    catalogue_commands.describe_taxes(partial(add, below), _add_as)
    _add_books(commands, add)
    receipt = add(commands, "receipt", _receipt, _("show a receipt of the past"))
    receipt.add_argument("number", metavar=_("NUMBER"), help=_("such as 17 or till1-000017"))
    receipt.set_defaults(refuse=receipt.error)
    forms = receipt.add_mutually_exclusive_group()
    forms.add_argument(
        "--proof",
        action="store_true",
        help=_("show only what the journal has of it, to hold against the paper"),
    )
    forms.add_argument("--print", action="store_true", help=_("print a copy on this till's printer, too"))
    _add_as(receipt)
    text = _("keep a secret, such as the password of the database")
    acts = commands.add_parser("secret", help=text, description=text).add_subparsers(
        metavar=_("COMMAND"), required=True
    )
    text = _("ask for a secret without showing it (or read a line of input), and keep it in a safe place")
    storing = add(acts, "set", _set_secret, text)
    storing.add_argument("name", metavar=_("NAME"), help=_("such as database-password"))
    return parser


def _add_books(commands: "Commands", add: "Add") -> None:
    """Reports, the journal, past sales, and who may do what."""
    text = _("show what the till has taken since its last Z; nothing is closed")
    x_report = add(commands, "x", _with_settings(report_commands.run_x), text)
    report_commands.describe_x(x_report)
    _add_as(x_report)
    text = _("close the till's period with a Z, or show those that were made")
    z_report = add(commands, "z", _with_settings(report_commands.run_z), text)
    report_commands.describe_z(z_report)
    _add_as(z_report)
    exporting = add(
        commands,
        "export",
        _with_settings(export_command.run_export),
        _("write the Zs of some days for the bookkeeper's program"),
    )
    export_command.describe_export(exporting)
    _add_as(exporting)
    searching = add(
        commands,
        "sales",
        _with_settings(sales_command.run_sales),
        _("find past sales, see one whole, or write a list of them"),
    )
    sales_command.describe_sales(searching)
    _add_as(searching)
    text = _("prove the books, hand them out signed, and keep the keys that sign them")
    journal = commands.add_parser("journal", help=text, description=text)
    below = journal.add_subparsers(metavar=_("COMMAND"), required=True)
    journal_commands.describe(partial(add, below), _add_as)
    text = _("copy the books into one or more folders, and prove the copy; the till may go on selling")
    backup = add(commands, "backup", _with_settings(keeping_commands.run_backup), text)
    keeping_commands.describe_backup(backup)
    _add_as(backup)
    restore = add(
        commands,
        "restore",
        _with_settings(keeping_commands.run_restore),
        _("bring a backup back to a new place, and prove it there"),
    )
    keeping_commands.describe_restore(restore)
    _add_as(restore)
    text = _("say who works here, and what they may do")
    staff = commands.add_parser("staff", help=text, description=text)
    below = staff.add_subparsers(metavar=_("COMMAND"), required=True)
    staff_commands.describe(partial(add, below), _add_as)


def _add_as(command: argparse.ArgumentParser) -> None:
    """Whoever acts: every command that changes something, or tells what not everybody may know, has this option."""
    command.add_argument(
        "--as",
        dest="as_name",
        metavar="NAME",
        help=_("who acts: this member of staff, after their PIN (else the service, where it may)"),
    )


def _version(_arguments: argparse.Namespace) -> int:
    from importlib.metadata import version

    print(f"tui-pos {version('tui-pos')}")
    return OK


def _with_settings(run: "Callable[[argparse.Namespace, Loaded], int]") -> Command:
    """The command that `run` is once the settings are read."""
    return lambda arguments: run(arguments, _load(arguments))


def _load(arguments: argparse.Namespace) -> "Loaded":
    from tui_pos.settings_check import load_checked

    return load_checked(getattr(arguments, "config", None))


def _counter(arguments: argparse.Namespace) -> int:
    with _quick_start():
        from tui_pos import running

        running.run_counter(_load(arguments))
    return OK


def _demo(arguments: argparse.Namespace) -> int:
    with _quick_start():
        from tui_pos import running

        running.run_demo(arguments.language)
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


def _init(arguments: argparse.Namespace) -> int:
    return init_command.run_init(arguments)


def _settings(arguments: argparse.Namespace) -> int:
    from config.secrets import secret_rows
    from tui_pos.console import print_table
    from tui_pos.settings_check import notes

    loaded = _load(arguments)
    rows = [*loaded.rows(), *secret_rows(loaded.settings.database)]
    print_table((_("setting"), _("value"), _("from")), [(row.key, row.value, row.origin) for row in rows])
    for note in notes(loaded.settings):
        print(note, file=sys.stderr)
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


def _receipt(arguments: argparse.Namespace) -> int:
    from tui_pos.back_office import show_proof, show_receipt
    from tui_pos.bootstrap import command_actor, utc_now
    from tui_pos.sales.receipt import read_label

    settings, engine, shop = open_books(arguments)
    refuse: Callable[[str], NoReturn] = arguments.refuse
    named = read_label(arguments.number, shop.till)
    if named is None or named[1] == 0:
        refuse(_("{text} is no receipt's number").format(text=arguments.number))
    check_till(engine, shop.till, named[0], refuse)
    needs = "reprint" if arguments.print else "search_sales"
    actor = command_actor(settings, engine, arguments.as_name, needs)
    if arguments.proof:
        show_proof(engine, shop, arguments.number, actor)
        return OK
    language = settings.language
    page_id = show_receipt(
        engine, shop, arguments.number, actor, utc_now(), copy=arguments.print, language=language
    )
    if page_id is None:
        return OK
    from tui_pos.shell_printing import print_out

    return print_out(settings, engine, page_id, _("The copy"))


def _set_secret(arguments: argparse.Namespace) -> int:
    from getpass import getpass

    from config.errors import SecretError
    from config.secrets import SECRETS, store_secret

    name = arguments.name
    if name not in SECRETS:
        known = ", ".join(SECRETS)
        raise SecretError(_("There is no secret {name}. There are: {known}").format(name=name, known=known))
    if sys.stdin.isatty():
        value = getpass(_("{name} (what you type is not shown): ").format(name=name))
    else:
        value = sys.stdin.readline().rstrip("\r\n")
    print(_("{name} is kept here: {place}").format(name=name, place=store_secret(name, value)))
    return OK
