"""The command `tui-pos init`: the set-up, asked on the screen or given by options.

What must not stand on a command's line is asked for, or read from standard input, a line each: the PIN of who acts
(`--as`) and their code where one is wanted, then the owner's new PIN (`--pin-stdin`).
"""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from tui_pos.i18n import _

if TYPE_CHECKING:
    from config.errors import Problem
    from tui_pos.people.actor import Actor
    from tui_pos.setup.answers import Answer, SettingsFile
    from tui_pos.setup.books import Books

OK = 0

OPTIONS: Mapping[str, tuple[str, str]] = {
    "--language": ("display.language", "CODE"),
    "--shop-name": ("shop.name", "NAME"),
    "--address": ("shop.address", "LINE"),
    "--tax-id": ("shop.tax_id", "TEXT"),
    "--country": ("shop.country", "CODE"),
    "--currency": ("shop.currency", "CODE"),
    "--locale": ("shop.locale", "NAME"),
    "--timezone": ("shop.timezone", "ZONE"),
    "--prices-include-tax": ("shop.prices_include_tax", "YES|NO"),
    "--cash-rounding": ("shop.cash_rounding", "RULE"),
    "--till": ("till.name", "NAME"),
    "--drawer": ("drawer.names", "NAME"),
    "--drawer-pin": ("drawer.pins", "2|5"),
    "--scanner-kind": ("scanner.kind", "KIND"),
    "--scanner-port": ("scanner.port", "PORT"),
    "--scanner-baudrate": ("scanner.baudrate", "NUMBER"),
    "--printer-kind": ("printer.kind", "KIND"),
    "--printer-port": ("printer.port", "PORT"),
    "--printer-baudrate": ("printer.baudrate", "NUMBER"),
    "--printer-host": ("printer.host", "NAME"),
    "--printer-tcp-port": ("printer.tcp_port", "NUMBER"),
    "--printer-path": ("printer.path", "FILE"),
    "--printer-usb-id": ("printer.usb_id", "ID"),
    "--printer-profile": ("printer.profile", "NAME"),
    "--printer-columns": ("printer.columns", "NUMBER"),
    "--backup-folder": ("backup.folders", "FOLDER"),
    "--database-url": ("database.url", "URL"),
    "--owner": ("owner.name", "NAME"),
}
"""What each option answers, and what stands for its value in the help."""


def _helps() -> dict[str, str]:
    """What each option is, by what it answers."""
    return {
        "display.language": _("the till's language, such as en or sv; else that of the locale"),
        "shop.name": _("the shop's name, at the top of each receipt"),
        "shop.address": _("a line of the address; may be given several times"),
        "shop.tax_id": _("the VAT or tax number"),
        "shop.country": _("two letters, such as IE: currency, taxes, time and locale follow from it"),
        "shop.currency": _("three letters, such as EUR, where it is not the country's"),
        "shop.locale": _("how numbers and dates are written, such as sv_SE"),
        "shop.timezone": _("such as Europe/Dublin; needed where a country has several"),
        "shop.prices_include_tax": _("whether the prices on the shelf hold the tax"),
        "shop.cash_rounding": _("currency, none, or an amount such as 0.05"),
        "till.name": _("the till's name, another one for each till"),
        "drawer.names": _("a drawer's name; may be given several times"),
        "drawer.pins": _(
            "the pin of the printer's plug that opens it; for two drawers twice, in their order"
        ),
        "scanner.kind": _("none or serial; follows from the port"),
        "scanner.port": _("the scanner's serial port"),
        "scanner.baudrate": _("the speed of its line, such as 9600"),
        "printer.kind": _("none, simulated, serial, network, file or usb; follows from where the printer is"),
        "printer.port": _("the printer's serial port"),
        "printer.baudrate": _("the speed of its line, such as 38400"),
        "printer.host": _("the printer's name or address in the network"),
        "printer.tcp_port": _("its TCP port, such as 9100"),
        "printer.path": _("the printer's device file, such as /dev/usb/lp0"),
        "printer.usb_id": _("the printer's USB numbers, such as 04b8:0e15"),
        "printer.profile": _("its profile in python-escpos"),
        "printer.columns": _("characters in a line: 32, 42 or 48"),
        "backup.folders": _("where backups go, made if it is not there; may be given several times"),
        "database.url": _("another database than the file of the user"),
        "owner.name": _("the owner, who is taken on"),
    }


SEVERAL = ("--address", "--drawer", "--drawer-pin", "--backup-folder")
"""Options that may be given several times, an entry each."""


KINDS: Mapping[str, tuple[str, str]] = {
    "scanner.port": ("scanner.kind", "serial"),
    "printer.port": ("printer.kind", "serial"),
    "printer.host": ("printer.kind", "network"),
    "printer.path": ("printer.kind", "file"),
    "printer.usb_id": ("printer.kind", "usb"),
}
"""How a device is connected, by what is said of where it is."""


def describe_init(parser: argparse.ArgumentParser) -> None:
    """The options of `tui-pos init`: one for everything that is asked on the screen."""
    text = _("ask nothing: what no option gives is as it was, or as the country has it")
    parser.add_argument("--no-input", action="store_true", help=text)
    helps = _helps()
    for option, (key, metavar) in OPTIONS.items():
        several = {"action": "append"} if option in SEVERAL else {}
        parser.add_argument(option, dest=key, metavar=metavar, help=helps[key], **several)  # type: ignore[arg-type]
    parser.add_argument(
        "--pin-stdin", action="store_true", help=_("read the owner's PIN from standard input")
    )


def run_init(arguments: argparse.Namespace) -> int:
    """Set the shop up, or go through its set-up again."""
    from config.errors import SettingsError
    from config.loading import default_file
    from tui_pos.setup.answers import SettingsFile, SetUpError

    file = SettingsFile(Path(getattr(arguments, "config", None) or default_file()))
    given = _given(arguments)
    try:
        present = file.present()
    except SettingsError as error:
        # Wrong settings in the file are mended by the options that name them.
        if not {problem.key for problem in error.problems} <= set(given):
            raise
        present = {}
    if not arguments.no_input and not all(stream.isatty() for stream in (sys.stdin, sys.stderr)):
        raise SetUpError(_("There is no terminal to ask on: give the answers by options, with --no-input."))
    books, actor = _books(file, given, arguments)
    if not arguments.no_input:
        from tui_pos.setup.app import run_on_screen

        return run_on_screen(file, {**present, **given}, books, actor)
    return _without_screen(file, present, given, books, actor, arguments)


def _given(arguments: argparse.Namespace) -> "dict[str, Answer]":
    """The answers of the options; a port says by itself how the device is connected."""
    found: dict[str, Answer] = {}
    for key, _metavar in OPTIONS.values():
        value = getattr(arguments, key)
        if value is not None:
            found[key] = tuple(value) if isinstance(value, list) else value.strip()
    for address, (key, kind) in KINDS.items():
        if found.get(address):
            found.setdefault(key, kind)
    return found


def _books(
    file: "SettingsFile", given: "Mapping[str, Answer]", arguments: argparse.Namespace
) -> "tuple[Books, Actor | None]":
    """What is in the books already, and who acts: nobody while nobody works here."""
    from tui_pos.bootstrap import command_actor, open_database
    from tui_pos.setup.answers import problems_with
    from tui_pos.setup.books import Books, books_there

    place = {key: value for key, value in given.items() if key == "database.url"}
    if problems_with(file, place):
        return Books(), None  # told with all the others
    loaded = file.with_answers(place)[1]
    books = books_there(loaded)
    if not books.people and arguments.as_name is None:
        return books, None
    engine = open_database(loaded, as_till=True)
    try:
        return books, command_actor(loaded.settings, engine, arguments.as_name, "settings")
    finally:
        engine.dispose()


def _without_screen(
    file: "SettingsFile",
    present: "Mapping[str, Answer]",
    given: "dict[str, Answer]",
    books: "Books",
    actor: "Actor | None",
    arguments: argparse.Namespace,
) -> int:
    from tui_pos.bootstrap import utc_now
    from tui_pos.setup.answers import OWNER, PIN, country_answers, text_of
    from tui_pos.setup.drawers import without_pins
    from tui_pos.setup.perform import set_up, told
    from tui_pos.shell import ask

    before = dict(present)
    if "display.language" in given:
        before["display.language"] = given["display.language"]
    if "shop.country" in given:
        code = text_of(given, "shop.country").upper()
        given = {**country_answers(before, code, books.currency), **given, "shop.country": code}
    if "drawer.names" in given:
        given = {**without_pins(before, given["drawer.names"]), **given}
    answers = {**before, **given}
    if arguments.pin_stdin:
        answers[PIN] = ask(_("New PIN:"))
    known = {name.casefold() for name in books.people}
    needs_pin = OWNER in answers and text_of(answers, OWNER).casefold() not in known
    _complain(file, answers, has_staff=bool(books.people), needs_pin=needs_pin)
    done = set_up(file, answers, actor, utc_now())
    print(*told(done), sep="\n")
    return OK


def _complain(
    file: "SettingsFile", answers: "dict[str, Answer]", *, has_staff: bool, needs_pin: bool
) -> None:
    """Raises SetUpError with everything that is missing or wrong, each by the option that gives it."""
    from tui_pos.people.errors import PeopleError
    from tui_pos.people.pins import check_pin
    from tui_pos.people.staff import check_name
    from tui_pos.setup.answers import OWNER, PIN, SetUpError, missing, problems_with, text_of

    pin = _("{option}: the owner needs a PIN; give it as a line of standard input, with this option")
    wrong = [
        (pin if key == PIN else _("{option}: is missing")).format(option=option_of(key))
        for key in missing(answers, has_staff=has_staff)
        if key != PIN or needs_pin or not has_staff
    ]
    wrong += [_worded(problem) for problem in problems_with(file, answers)]
    for key, is_fine in ((OWNER, check_name), (PIN, check_pin)):
        try:
            if answers.get(key):
                is_fine(text_of(answers, key))
        except PeopleError as error:
            wrong.append(f"{option_of(key)}: {error}")
    if wrong:
        lines = "\n".join(f"  {line}" for line in dict.fromkeys(wrong))
        raise SetUpError(_("Nothing was set up:") + "\n" + lines)


def option_of(key: str) -> str:
    """The option that answers what `key` asks; the setting itself, where there is none."""
    if key == "owner.pin":
        return "--pin-stdin"
    return next((option for option, (answers, _metavar) in OPTIONS.items() if answers == key), key)


def _worded(problem: "Problem") -> str:
    from tui_pos.setup.refusals import in_words

    option = option_of(problem.key)
    given = f" {problem.given}" if problem.given else ""
    return f"{option}{given}: {in_words(problem.allowed)}"
