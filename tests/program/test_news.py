"""News of a device may come at any moment, also while a window is opening or stands over another one."""

from sqlalchemy import Engine

from config.settings import Settings
from hardware.ports import Fault, PrinterStatus, Scan, ScannerFault, ScannerState
from tests.rigs.shop import OAT, TILL, stock_shop
from tui_pos.app import PrinterChanged, ScanArrived, ScannerChanged
from tui_pos.bootstrap import CASHIER, build_app
from tui_pos.printing.spooler import PrinterState
from tui_pos.screens.counter import Counter
from tui_pos.screens.pay import Pay
from tui_pos.widgets.bars import MessageBar, StatusBar

GONE = ScannerState(False, "port", ScannerFault.LOST)
BACK = ScannerState(True, "port")
OFFLINE = PrinterState(PrinterStatus(Fault.OFFLINE), 1, None)


def till_settings() -> Settings:
    return Settings.model_validate(
        {"till": {"name": TILL}, "scanner": {"wedge": False}, "drawer": {"required": False}}
    )


async def test_news_that_come_while_a_window_opens_are_told_in_it(sqlite_engine: Engine) -> None:
    stock_shop(sqlite_engine)
    app = build_app(till_settings(), sqlite_engine, actor=CASHIER)
    async with app.run_test(size=(120, 30)) as pilot:
        app.post_message(ScannerChanged(BACK))
        app.post_message(ScanArrived(Scan(OAT, 1.0, "port")))
        await pilot.pause()
        app.front.take_key("f2")
        app.on_scanner_changed(ScannerChanged(GONE))
        app.on_printer_changed(PrinterChanged(OFFLINE))
        app.on_scanner_changed(ScannerChanged(BACK))
        await pilot.pause()
        assert isinstance(app.screen, Pay)
        assert "The scanner is back" in str(app.screen.query_one(MessageBar)._rows)
        await pilot.press("escape")


async def test_lights_are_right_on_the_screen_behind(sqlite_engine: Engine) -> None:
    stock_shop(sqlite_engine)
    app = build_app(till_settings(), sqlite_engine, actor=CASHIER)
    async with app.run_test(size=(120, 30)) as pilot:
        app.post_message(ScanArrived(Scan(OAT, 1.0, "port")))
        await pilot.pause()
        await pilot.press("f2", "k")
        app.post_message(ScannerChanged(GONE))
        await pilot.pause()
        lights = [
            str(screen.query_one(StatusBar)._rows)
            for screen in app.screen_stack
            if isinstance(screen, Counter | Pay)
        ]
        assert len(lights) == 2
        assert all("unplugged" in light for light in lights)
