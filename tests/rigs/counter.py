"""A cashier at the counter without a terminal: presses, scans, and reads what is on the screen."""

import datetime as dt
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine
from textual.pilot import Pilot

from config.settings import Settings
from hardware.ports import Printer, Scan
from tests.rigs.sales import ADA, NOW, PATTERNS
from tui_pos.app import TillApp
from tui_pos.bootstrap import build_app
from tui_pos.sales.desk import Desk
from tui_pos.widgets.bars import MessageBar

SIZES = [(80, 24), (100, 30), (160, 50)]


class Cashier:
    """What a cashier does and sees."""

    def __init__(self, app: TillApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def desk(self) -> Desk:
        """The till's desk."""
        return self.app.till.desk

    @property
    def window(self) -> str:
        """The name of the screen in front."""
        return type(self.app.screen).__name__

    @property
    def message(self) -> str:
        """What the window in front says."""
        return self.app.screen.query_one(MessageBar).text

    @property
    def typed(self) -> str:
        """What stands in the entry line of the window in front."""
        return self.app.front.entry.text

    @property
    def goods(self) -> list[tuple[str, Decimal, int]]:
        """SKU, quantity and amount of each line."""
        return [(line.sku, line.quantity, line.priced.amount_minor) for line in self.desk.basket.lines]

    def shown(self) -> str:
        """The whole terminal as text."""
        width = self.app.size.width
        lines = [[" "] * width for _line in range(self.app.size.height)]
        strips = self.app.screen._compositor.render_strips()
        for y, strip in enumerate(strips):
            lines[y] = list(strip.text)
        return "\n".join("".join(line) for line in lines)

    async def press(self, *keys: str) -> None:
        """Press keys, each when the one before has had its effect."""
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def type(self, text: str, *keys: str) -> None:
        """Type a text, then press keys."""
        for character in text:
            self.app.front.take_text(character)
        await self.press(*keys)

    def ahead(self, *acts: str) -> None:
        """Type ahead: everything at once, without waiting for any window. `enter` and the like are keys."""
        for act in acts:
            if len(act) > 1:
                self.app.front.take_key(act)
            else:
                self.app.front.take_text(act)

    async def scan(self, *codes: str, at_s: float = 0.0) -> None:
        """Scan codes in one go."""
        for code in codes:
            self.app.front.take_scan(Scan(code, at_s, "test"))
        await self.pilot.pause()


@asynccontextmanager
async def at_the_counter(
    engine: Engine,
    size: tuple[int, int] = (80, 24),
    *,
    device: Printer | None = None,
    codes_to_try: tuple[tuple[str, str], ...] = (),
    now: Callable[[], dt.datetime] = lambda: NOW,
    **sections: Mapping[str, Any],
) -> AsyncIterator[Cashier]:
    """The program, opened on a stocked database; `sections` are settings in place of the rig's."""
    settings: dict[str, Any] = {
        "shop": {"cash_rounding": "none", "in_store_codes": PATTERNS},
        "scanner": {"wedge": False},
        "printer": {"kind": "simulated"},
        "display": {"sound": True},
        "drawer": {"required": False},
    }
    for name, values in sections.items():
        settings[name] = {**settings.get(name, {}), **values}
    app = build_app(Settings.model_validate(settings), engine, device, codes_to_try, now, actor=ADA)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield Cashier(app, pilot)
