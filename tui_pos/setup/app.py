"""The program that `tui-pos init` is on the screen: the set-up's questions, and what they need done."""

import datetime as dt
import logging
import os
from collections.abc import Callable, Mapping, Sequence

from config.errors import ConfigError
from hardware.escpos.attached import attached_printers
from hardware.ports import Scan, ScannerState
from tui_pos import bootstrap, devices_check
from tui_pos.i18n import languages, use_language
from tui_pos.people.actor import Actor
from tui_pos.people.errors import PeopleError
from tui_pos.screens.keyed_app import KeyedApp
from tui_pos.screens.setup import SetUp, Stop, Tools
from tui_pos.setup.answers import (
    OWNER,
    Answer,
    Answers,
    SettingsFile,
    SetUpError,
    check,
    language_of,
    text_of,
)
from tui_pos.setup.books import Books
from tui_pos.setup.perform import set_up, told
from tui_pos.setup.question import Found
from tui_pos.setup.questions import questions
from tui_pos.storage.errors import DatabaseUnavailable
from tui_pos.storage.migrate import DatabaseError

OK, LEFT = 0, 1
DEVICES = ("shop", "scanner", "printer", "display")
"""The sections of the settings that a device is tried with: an answer elsewhere may still be missing."""


class SetUpApp(KeyedApp):
    """The set-up on the screen."""

    CSS_PATH = "../app.tcss"

    def __init__(self, tools: Tools, answers: Mapping[str, Answer]) -> None:
        super().__init__(theme="dark", wedge=True, macros=True)
        self.set_up = SetUp(tools, answers)

    def on_mount(self) -> None:
        self.push_screen(self.set_up)


def run_on_screen(
    file: SettingsFile, answers: Mapping[str, Answer], books: Books, actor: Actor | None
) -> int:
    """Ask, and set the shop up at the end. Returns the command's exit code: 1 where it was left before."""
    known = suggested(answers)
    use_language(text_of(known, "display.language"))
    logging.getLogger().addHandler(logging.NullHandler())  # else Python would write into the picture
    app = build_set_up(file, known, books, actor)
    app.run(mouse=False)
    if not app.set_up.done:
        return LEFT
    print(*app.set_up.done, sep="\n")
    return OK


def build_set_up(
    file: SettingsFile,
    answers: Mapping[str, Answer],
    books: Books,
    actor: Actor | None,
    now: Callable[[], dt.datetime] = bootstrap.utc_now,
) -> SetUpApp:
    """The program, for the shop and for tests."""
    tools = Tools(
        questions=lambda answers: questions(answers, books, find_devices, now().date()),
        check=lambda answers, changes: _check(file, answers, changes),
        print_page=lambda answers: _print_page(file, answers, now()),
        start_scanner=lambda answers, tell: _start_scanner(file, answers, tell, now().date()),
        told_scan=lambda answers, scan: _told_scan(file, answers, scan, now().date()),
        finish=lambda answers: _finish(file, answers, actor, now()),
    )
    return SetUpApp(tools, answers)


def suggested(answers: Mapping[str, Answer]) -> dict[str, Answer]:
    """The answers so far, and a language and country to begin with; a new shop's are those of the terminal's user."""
    wanted = next(
        (os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), ""
    )
    language, _parted, territory = wanted.partition(".")[0].partition("_")
    language = language if language in languages() else "en"
    in_force: dict[str, Answer] = {}
    if "shop.name" in answers:  # set up before: what is in force stays
        language = language_of(text_of(answers, "shop.locale", "en"))
        in_force["drawer.pins"] = ()
    return {
        **in_force,
        "display.language": language,
        "shop.country": territory if len(territory) == 2 else "IE",
        **{key: value for key, value in answers.items() if value != ""},
    }


def find_devices() -> Found:
    """What is plugged in now."""
    printers = tuple((each.kind, each.address, each.words) for each in attached_printers())
    return Found(tuple(devices_check.serial_ports()), printers)


def _check(file: SettingsFile, answers: Answers, changes: Answers) -> None:
    try:
        check(file, answers, changes)
    except ConfigError as error:
        raise SetUpError(str(error)) from error


def _devices_only(answers: Answers) -> dict[str, Answer]:
    return {key: value for key, value in answers.items() if key.partition(".")[0] in DEVICES}


def _print_page(file: SettingsFile, answers: Answers, now: dt.datetime) -> str:
    """Print the test page; says what went wrong, or nothing."""
    try:
        settings = file.with_answers(_devices_only(answers))[1].settings
    except ConfigError as error:
        return str(error)
    printer = bootstrap.build_printer(settings.printer)
    assert printer is not None  # else nothing is asked
    page = devices_check.test_page(settings.shop.name, now.astimezone(settings.shop.timezone))
    return devices_check.print_page(printer, page)


def _start_scanner(
    file: SettingsFile, answers: Answers, tell: Callable[[str], None], today: dt.date
) -> Stop | None:
    """Listen to the scanner on its serial line; None where it has none."""
    settings = file.with_answers(_devices_only(answers))[1].settings

    def scanned(scan: Scan) -> None:
        tell(_told_scan(file, answers, scan, today))

    def changed(state: ScannerState) -> None:
        tell(devices_check.state_text(state))

    scanner = bootstrap.build_scanner(settings.scanner, scanned, changed)
    if scanner is None:
        return None
    scanner.start()
    return scanner.stop


def _told_scan(file: SettingsFile, answers: Answers, scan: Scan, today: dt.date) -> str:
    settings = file.with_answers(_devices_only(answers))[1].settings
    return devices_check.scan_text(scan, bootstrap.build_shop(settings), today)


def _finish(file: SettingsFile, answers: Answers, actor: Actor | None, now: dt.datetime) -> Sequence[str]:
    """Do it all, or say in words why not."""
    given = dict(answers)
    if given.get("owner.more") == "no":  # after somebody was named
        given.pop(OWNER, None)
    try:
        return told(set_up(file, given, actor, now))
    except (
        ConfigError,
        PeopleError,
        DatabaseError,
        DatabaseUnavailable,
        bootstrap.StartError,
        OSError,
    ) as error:
        raise SetUpError(str(error)) from error
