"""`tui-pos init` on the screen: asked, tried, written at the end, and gone through again."""

import datetime as dt
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import keyring
import pytest
from argon2 import PasswordHasher
from keyring.backends.fail import Keyring as NoKeyring
from textual.pilot import Pilot

from config.loading import load
from config.settings import Settings
from hardware.ports import Scan
from tests.rigs.printer import PtyPrinter
from tests.rigs.scanner import ScannerRig
from tests.rigs.terminal import Terminal
from tui_pos.catalogue.models import Product
from tui_pos.i18n import use_language
from tui_pos.people import pins
from tui_pos.people.access import AccessRules, Credentials, log_in
from tui_pos.setup import app as setup_app
from tui_pos.setup.answers import SettingsFile
from tui_pos.setup.app import SetUpApp, build_set_up, suggested
from tui_pos.setup.books import books_there
from tui_pos.setup.question import Found
from tui_pos.shell import system_user
from tui_pos.storage.engine import open_engine, writing
from tui_pos.widgets.bars import MessageBar
from tui_pos.widgets.choices import Choices

NOW = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
SIZES = [(80, 24), (160, 50)]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in list(os.environ):
        if name.startswith(("TUI_POS_", "XDG_", "SSH_")):
            monkeypatch.delenv(name)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("LC_ALL", "en_IE.UTF-8")
    monkeypatch.setattr(keyring, "get_keyring", NoKeyring)
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(pins, "_hasher", lambda: quick)
    monkeypatch.setattr(setup_app, "find_devices", Found)
    return home


class Owner:
    """Somebody who sets a shop up."""

    def __init__(self, app: SetUpApp, pilot: Pilot[None]) -> None:
        self.app, self.pilot, self.screen = app, pilot, app.set_up

    @property
    def asked(self) -> str:
        return self.screen.question.key

    @property
    def message(self) -> str:
        return self.screen.query_one(MessageBar).text

    def shown(self) -> str:
        """The whole terminal as text."""
        return "\n".join(strip.text for strip in self.app.screen._compositor.render_strips())

    async def say(self, *texts: str) -> None:
        """Answer questions, one after the other; an empty text takes what is proposed."""
        for text in texts:
            for character in text:
                self.app.keyed.take_text(character)
            await self.press("enter")

    async def press(self, *keys: str) -> None:
        for key in keys:
            self.app.keyed.take_key(key)
            await self.pilot.pause()

    async def until(self, text: str) -> None:
        for _try in range(300):
            if text in self.shown():
                return
            await self.pilot.pause(0.02)
        raise AssertionError(f"{text!r} did not appear:\n{self.shown()}")


@asynccontextmanager
async def setting_up(size: tuple[int, int] = (80, 24)) -> AsyncIterator[Owner]:
    file = SettingsFile(Path(os.environ["HOME"]) / "shop.toml")
    books = books_there(file.now())
    actor = None
    if books.people:
        engine = open_engine(file.now().settings.database.url)
        actor = system_user(AccessRules())
        engine.dispose()
    app = build_set_up(file, suggested(file.present()), books, actor, lambda: NOW)
    try:
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            yield Owner(app, pilot)
    finally:
        use_language("en")


async def as_far_as(owner: Owner, key: str) -> None:
    """Take what is proposed until `key` is asked."""
    answers = {"shop.name": "Ann's Corner", "owner.name": "Ann", "owner.pin": "4711", "owner.again": "4711"}
    while owner.asked != key:
        before = owner.asked
        proposed = owner.screen.question.initial
        if before == "printer.trial":
            await owner.press("down")
        await owner.say("" if proposed else answers.get(before, ""))
        assert owner.asked != before, owner.message


@pytest.mark.parametrize("size", SIZES)
async def test_a_shop_from_nothing(home: Path, size: tuple[int, int]) -> None:
    async with setting_up(size) as owner:
        await owner.say("svenska")
        assert "Land ›" in owner.shown() or "Country ›" in owner.shown()
        await owner.press("escape")
        await owner.say("english")
        await owner.say("germany", "Ännes Eck", "Kai 1, 20457 Hamburg", "DE123456789")
        assert owner.asked == "shop.currency"
        await owner.say("", "deutsch")
        assert "19" in owner.shown()
        assert "Reduced rate" in owner.shown()
        await as_far_as(owner, "owner.name")
        await owner.say("Änne", "1234")
        assert "PIN" in owner.message
        assert "•" not in owner.shown()
        await owner.say("4711", "4712")
        assert "not the same" in owner.message
        assert "•" not in owner.shown()
        await owner.say("4711", "/media/usb/a, /media/usb/b")
        assert "it lies on something that is not mounted" in " ".join(owner.screen.question.facts)
        await owner.press("enter")
        assert "4711" not in owner.shown()
        for text in ("Ännes Eck", "Kai 1, 20457 Hamburg", "till1 · drawer", "/media/usb/a, /media/usb/b"):
            assert text in owner.shown()
        assert list(home.iterdir()) == []
        await owner.press("enter")
        await owner.until("The shop is set up.")
        assert "Änne can log in now, as owner." in owner.shown()
    settings = load(home / "shop.toml").settings
    assert (settings.shop.name, settings.shop.country, settings.shop.locale) == ("Ännes Eck", "DE", "de_DE")
    assert settings.shop.address == ("Kai 1", "20457 Hamburg")
    assert settings.backup.folders == (Path("/media/usb/a"), Path("/media/usb/b"))
    assert settings.display.language == "en"
    engine = open_engine(settings.database.url)
    assert log_in(engine, "till1", Credentials("Änne", "4711"), AccessRules(), NOW).role == "owner"
    engine.dispose()


async def test_a_second_time_everything_is_proposed_as_it_is(home: Path) -> None:
    async with setting_up() as owner:
        await as_far_as(owner, "summary")
        await owner.press("enter")
        await owner.until("The shop is set up.")
    text = (home / "shop.toml").read_text()
    async with setting_up() as owner:
        await as_far_as(owner, "summary")
        assert "Ann's Corner" in owner.shown()
        await owner.press("enter")
        await owner.until("Everything is as it was")
    assert (home / "shop.toml").read_text() == text
    async with setting_up() as owner:
        await as_far_as(owner, "owner.more")
        await owner.say("yes", "Bo", "3816", "3816", "")
        await owner.press("enter")
        await owner.until("Bo can log in now")
    assert books_there(SettingsFile(home / "shop.toml").now()).people == ("Ann", "Bo")


async def test_a_swedish_till_stays_swedish_at_an_english_terminal(home: Path) -> None:
    async with setting_up() as owner:
        await owner.say("svenska", "sverige")
        await as_far_as(owner, "till.name")
        await owner.say(" no!")
        assert (
            owner.message
            == "Tillåtet är högst 40 bokstäver (A-Z, a-z), siffror, bindestreck och understreck."
        )
        await owner.press("ctrl+u")
        await owner.say("kassa1")
        assert owner.screen.entry.text == "kassalåda"
        await as_far_as(owner, "summary")
        await owner.press("enter")
        await owner.until("Butiken är")
    text = (home / "shop.toml").read_text().replace('language = "sv"\n', "")
    (home / "shop.toml").write_text(text)
    async with setting_up() as owner:
        assert owner.screen.answers["display.language"] == "sv"
        await owner.say("")
        await as_far_as(owner, "summary")
        await owner.press("enter")
        await owner.until("Allt är")
    assert (home / "shop.toml").read_text() == text


async def test_a_shop_that_has_prices_keeps_its_taxes_and_its_currency(home: Path) -> None:
    async with setting_up() as owner:
        await as_far_as(owner, "summary")
        await owner.press("enter")
        await owner.until("The shop is set up.")
    settings = SettingsFile(home / "shop.toml").now().settings
    engine = open_engine(settings.database.url)
    with writing(engine) as session:
        session.add(Product(sku="1", name="Tea", price_minor=299, tax_class="standard"))
    engine.dispose()
    async with setting_up() as owner:
        await owner.say("", "sweden")
        await as_far_as(owner, "shop.prices_include_tax")
        assert "25 %" not in owner.shown()
        assert "The tax classes stay as they are" in owner.shown()
        await as_far_as(owner, "summary")
        assert "EUR" in owner.shown()
        await owner.press("enter")
        await owner.until("See: tui-pos taxes")


@pytest.mark.parametrize(("answer", "is_made"), [("make what", True), ("i make", False)])
async def test_a_folder_for_backups_is_made_if_that_is_wanted(home: Path, answer: str, is_made: bool) -> None:
    async with setting_up() as owner:
        await as_far_as(owner, "backup.folders")
        await owner.say("~/copies")
        assert owner.screen.question.facts == (str(home / "copies"),)
        await owner.say(answer)
        assert owner.asked == "summary"
        assert not (home / "copies").exists()
        await owner.press("enter")
        await owner.until("Made, for backups" if is_made else "No backup goes to")
    assert (home / "copies").is_dir() is is_made


async def test_whoever_is_not_to_be_taken_on_after_all_is_not(home: Path) -> None:
    for _time in range(2):
        async with setting_up() as owner:
            await as_far_as(owner, "summary")
            if people := owner.screen.answers.get("owner.more"):
                assert people == "no"
                await owner.press(*["escape"] * 2)
                await owner.say("yes", "Bo", "3691", "3691")
                await owner.press(*["escape"] * 4)
                await owner.say("no", "")
            await owner.press("enter")
            await owner.until("The shop is set up.")
    assert books_there(SettingsFile(home / "shop.toml").now()).people == ("Ann",)


async def test_esc_goes_back_and_keeps_what_was_typed(home: Path) -> None:
    async with setting_up() as owner:
        await owner.say("", "", "Ann's")
        assert owner.asked == "shop.address"
        for character in "1 Quay":
            owner.app.keyed.take_text(character)
        await owner.press("escape")
        assert (owner.asked, owner.screen.entry.text) == ("shop.name", "Ann's")
        await owner.say("")
        assert (owner.asked, owner.screen.entry.text) == ("shop.address", "1 Quay")
        await owner.press("escape", "escape", "escape")
        assert owner.asked == "display.language"
        await owner.press("escape")
        assert "Nothing has been written" in owner.message
        await owner.press("escape")
    assert owner.screen.done == ()
    assert list(home.iterdir()) == []


@pytest.mark.parametrize(
    ("typed", "code"),
    [("ie", "IE"), ("us", "US"), ("ire", "IE"), ("UK", "GB"), ("uk", "GB"), ("se", "SE"), ("united k", "GB"),
     ("kingdom", "GB"), ("oman", "OM"), ("ger", "DE"), ("usa", "US")],
)  # fmt: skip
async def test_the_country_that_is_meant_comes_first(typed: str, code: str) -> None:
    async with setting_up() as owner:
        await owner.say("", typed)
        assert owner.screen.answers["shop.country"] == code


@pytest.mark.parametrize("key", ["ctrl+c", "ctrl+q"])
async def test_it_can_be_left_anywhere(home: Path, key: str) -> None:
    async with setting_up() as owner:
        await as_far_as(owner, "summary")
        await owner.press(key)
        assert owner.app._exit
    assert owner.screen.done == ()
    assert list(home.iterdir()) == []


async def test_what_cannot_be_is_asked_again(home: Path) -> None:
    async with setting_up() as owner:
        await owner.say("", "zzzz")
        assert "Nothing fits" in owner.message
        await owner.press("ctrl+u")
        await owner.say("ireland", "")
        assert owner.message == "The shop needs a name."
        await as_far_as(owner, "shop.currency")
        await owner.press("ctrl+u")
        await owner.say("euros")
        assert owner.message == "Allowed is three letters such as EUR, SEK or GBP."
        await owner.press("ctrl+u")
        await owner.say("XXX")
        assert owner.message.startswith("Allowed is a currency of ISO 4217")
        await owner.press("ctrl+u")
        await owner.say("EUR")
        await as_far_as(owner, "till.name")
        await owner.say(" no!")
        assert "up to 40 letters" in owner.message


async def test_a_scanner_on_a_line_is_tried(home: Path, tmp_path: Path) -> None:
    rig = ScannerRig(tmp_path)
    rig.plug()
    try:
        async with setting_up() as owner:
            await as_far_as(owner, "scanner.port")
            await owner.say(str(rig.path), "9600")
            assert owner.asked == "scanner.trial"
            await owner.until("is open; scan something")
            rig.send(b"]E05449000000996\r")
            await owner.until("→ gtin 05449000000996")
            await owner.press("enter")
            assert owner.asked == "printer.kind"
            await as_far_as(owner, "summary")
            await owner.press("enter")
            await owner.until("The shop is set up.")
        settings = load(home / "shop.toml").settings
        assert (settings.scanner.kind, settings.scanner.port) == ("serial", str(rig.path))
        async with setting_up() as owner:
            await as_far_as(owner, "scanner.port")
            assert "as set now" in owner.shown()
    finally:
        rig.unplug()


async def test_a_port_that_is_not_there_is_asked_once_more_and_goes_with_its_kind(home: Path) -> None:
    async with setting_up() as owner:
        await as_far_as(owner, "scanner.port")
        await owner.say("/dev/ttyNONE")
        assert (owner.asked, "is not there now" in owner.message) == ("scanner.port", True)
        await owner.press("enter")
        assert owner.screen.answers["scanner.port"] == "/dev/ttyNONE"
        await owner.press("enter", "escape", "escape")
        assert owner.asked == "scanner.port"
        await owner.say("keyboard")
        settings = await in_its_file(home, owner)
    assert settings.scanner.kind == "none"
    text = (home / "shop.toml").read_text()
    assert "ttyNONE" not in text
    assert "baudrate" not in text


async def test_a_scanner_that_types_is_tried() -> None:
    async with setting_up() as owner:
        await as_far_as(owner, "scanner.trial")
        owner.app.keyed.take_scan(Scan("5449000000996", 0.0, "keyboard"))
        await owner.until("→ gtin 05449000000996")
        assert owner.asked == "scanner.trial"


async def test_a_test_receipt_is_printed(home: Path, tmp_path: Path) -> None:
    printer = PtyPrinter(tmp_path)
    try:
        async with setting_up() as owner:
            await as_far_as(owner, "printer.kind")
            owner.app.keyed.take_text(str(tmp_path / "no" / "printer"))
            await owner.press("enter")
            assert (owner.asked, "is not there now" in owner.message) == ("printer.kind", True)
            await owner.press("enter", "enter")
            assert owner.asked == "printer.trial"
            await owner.press("enter")
            await owner.until("✗")
            assert owner.screen.question.key == "printer.trial"
            await owner.press("escape", "escape")
            answers = {"printer.kind": "serial", "printer.port": printer.port}
            owner.screen._settle(answers, printer.port)
            await as_far_as(owner, "printer.trial")
            await owner.press("enter")
            await owner.until("Did it come out right?")
            await owner.press("enter")
            assert owner.asked == "printer.drawer_pin"
        paper = "\n".join(printer.machine.lines)
        assert "Ann's Corner" in paper
        assert "€ £ åäö" in paper
        assert printer.machine.cuts == 1
    finally:
        printer.close()


async def in_its_file(home: Path, owner: Owner) -> Settings:
    """Take what is proposed until the end."""
    await as_far_as(owner, "summary")
    await owner.press("enter")
    await owner.until("The shop is set up.")
    return load(home / "shop.toml").settings


@pytest.mark.parametrize(("said", "pin"), [("", 2), ("pin 5", 5)])
async def test_the_pin_that_opens_the_drawer_is_asked_where_there_is_a_printer(
    home: Path, said: str, pin: int
) -> None:
    async with setting_up() as owner:
        await as_far_as(owner, "printer.kind")
        await owner.say("192.0.2.9")
        await as_far_as(owner, "printer.drawer_pin")
        await owner.say(said)
        settings = await in_its_file(home, owner)
    assert (settings.printer.drawer_pin, settings.drawer.pins) == (pin, ())


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("said", "pins", "summary"),
    [
        ("", (2, 5), "left: pin 2, right: pin 5"),
        ("left: pin 5", (5, 2), "left: pin 5, right: pin 2"),
        ("both", (), "left, right"),
    ],
)
async def test_two_drawers_are_given_a_pin_each(
    home: Path, size: tuple[int, int], said: str, pins: tuple[int, ...], summary: str
) -> None:
    async with setting_up(size) as owner:
        await as_far_as(owner, "drawer.names")
        await owner.press("ctrl+u")
        owner.screen.entry.set("left right")
        await owner.press("enter")
        await as_far_as(owner, "printer.kind")
        await owner.say("192.0.2.9")
        await as_far_as(owner, "drawer.pins")
        await owner.say(said)
        await as_far_as(owner, "summary")
        assert f"till1 · {summary}" in owner.shown()
        settings = await in_its_file(home, owner)
        assert ("left, right open together" in " ".join(owner.screen.done)) is (not pins)
    assert (settings.drawer.names, settings.drawer.pins) == (("left", "right"), pins)
    text = (home / "shop.toml").read_text()
    async with setting_up(size) as owner:  # gone through again, as it is
        await in_its_file(home, owner)
    assert (home / "shop.toml").read_text() == text

    async with setting_up(size) as owner:  # one of them is gone
        await as_far_as(owner, "drawer.names")
        owner.screen.entry.set("left")
        await owner.press("enter")
        settings = await in_its_file(home, owner)
    assert (settings.drawer.names, settings.drawer.pins) == (("left",), ())


async def test_how_two_drawers_are_named_is_said_where_they_are_asked_for(home: Path) -> None:
    async with setting_up() as owner:
        await as_far_as(owner, "drawer.names")
        assert "with a comma between them" in " ".join(owner.shown().split())
        assert "^U clear" in " ".join(owner.shown().split())
        await owner.press("ctrl+u")
        await owner.say("front, back")
        assert owner.screen.answers["drawer.names"] == ("front", "back")


async def test_without_a_printer_no_pin_is_asked(home: Path) -> None:
    async with setting_up() as owner:
        settings = await in_its_file(home, owner)
        assert not {"printer.drawer_pin", "drawer.pins"} & set(owner.screen.answers)
    assert "pin" not in (home / "shop.toml").read_text()
    assert settings.printer.drawer_pin == 2


async def test_devices_that_are_plugged_in_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    found = Found((("/dev/ttyACM0", "Quick Scanner"),), (("file", "/dev/usb/lp0", "EPSON TM-T20III"),))
    monkeypatch.setattr(setup_app, "find_devices", lambda: found)
    async with setting_up() as owner:
        await as_far_as(owner, "scanner.port")
        assert "Quick Scanner" in owner.shown()
        await owner.say("quick", "")
        await owner.press("enter")
        assert owner.asked == "printer.kind"
        assert "EPSON TM-T20III" in owner.shown()
        assert "Quick Scanner" not in owner.shown()
        await owner.say("epson")
        assert owner.screen.answers["printer.path"] == "/dev/usb/lp0"


async def test_a_database_that_refuses_is_told_and_nothing_is_written(home: Path) -> None:
    async with setting_up() as owner:
        await as_far_as(owner, "summary")
        data = home / ".local"
        data.write_text("in the way")
        await owner.press("enter")
        await owner.until("✗")
        assert not (home / "shop.toml").exists()
        data.unlink()
        await owner.press("enter")
        await owner.until("The shop is set up.")


@pytest.mark.parametrize("language", ["en", "sv"])
async def test_every_question_fits_on_a_small_terminal(home: Path, language: str) -> None:
    async with setting_up() as owner:
        await owner.say("svenska" if language == "sv" else "english", "")
        keys = []
        while owner.asked != "summary":
            keys.append(owner.asked)
            lines = owner.shown().splitlines()
            assert len(lines) == 24
            assert "›" in lines[-3], owner.asked
            if owner.screen._options:
                assert owner.screen.query_one(Choices).size.height > 0
            region = owner.screen.query_one("#facts").region
            assert region.bottom <= 24 - 5, owner.asked
            await as_far_as(owner, next_after(owner))
        assert "owner.pin" in keys


def next_after(owner: Owner) -> str:
    questions = owner.screen._tools.questions(owner.screen.answers)
    keys = [question.key for question in questions]
    return keys[keys.index(owner.asked) + 1]


def test_through_a_real_terminal(home: Path) -> None:
    """The command itself: asked, interrupted, and left as it was."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "LC_ALL": "en_IE.UTF-8"}
    terminal = Terminal(["init"], environment=environment, columns=80, rows=24)
    try:
        terminal.wait_for("Setting up the shop", "English")
        terminal.press("enter")
        terminal.wait_for("Ireland")
        terminal.press("enter")
        terminal.wait_for("Name ›")
        terminal.enter("Ann's Corner")
        terminal.wait_for("Address ›")
        terminal.press("escape")
        terminal.wait_for("Name › Ann's Corner")
        terminal.kill()
    finally:
        terminal.close()
    assert not [path for path in home.rglob("*") if path.is_file()]
