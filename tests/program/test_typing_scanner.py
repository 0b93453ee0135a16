"""Scanners that type, as they come out of the box: at a computer with another keyboard, with Caps Lock on."""

from sqlalchemy import Engine

from tests.program.conftest import OpenShop
from tests.rigs.shop import OAT
from tests.rigs.terminal import Terminal

FRENCH = dict(zip("1234567890", "&é\"'(-è_çà", strict=True))


def french(code: str) -> str:
    """What a scanner for American keyboards types at a French computer."""
    return "".join(FRENCH[digit] for digit in code)


def test_a_scanner_for_another_country_sells_and_says_so_once(
    open_shop: OpenShop, sqlite_engine: Engine
) -> None:
    shop = open_shop(sqlite_engine, wedge=True, scanner={"kind": "none"})
    till = shop.open()
    till.wait_for("Scan the first item")
    till.type(f"{french(OAT)}\r")
    till.wait_for("1 item ", "set its keyboard language to FR")
    till.type(f"{french(OAT)}\r")
    till.wait_for("2 items")
    till.wait_without("keyboard language")
    till.type("staff-4711-0815\r")
    screen = till.wait_for("badge")
    assert "4711" not in screen


def test_the_devices_command_tells_what_to_set_and_shows_no_badge(
    open_shop: OpenShop, sqlite_engine: Engine
) -> None:
    shop = open_shop(sqlite_engine, scanner={"kind": "none"})
    terminal = Terminal(
        ["--config", shop.config, "devices", "--seconds", "20"], environment=shop.environment, columns=140
    )
    shop.terminals.append(terminal)
    terminal.wait_for("scan something into this window")
    terminal.type(f"{french(OAT)}\n")
    terminal.wait_for("set its keyboard language to FR")
    terminal.type("staff-4711-0815\n")
    screen = terminal.wait_for("a badge")
    assert "4711" not in screen
