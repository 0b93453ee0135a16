"""A small shop to run the whole program in: settings, a catalogue, a scanner and a printer that are lines of ours."""

import datetime as dt
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from config.loading import load
from config.settings import Settings
from tests.rigs.people import OWNER, PIN
from tests.rigs.printer import PtyPrinter
from tests.rigs.scanner import ScannerRig
from tests.rigs.terminal import Terminal
from tui_pos.catalogue.presets import install_preset
from tui_pos.catalogue.products import Unit
from tui_pos.catalogue.upkeep import Draft, upsert
from tui_pos.people.staff import add
from tui_pos.storage.engine import writing

OAT, BREAD, WHISKY, MILK = "5449000000996", "4006381333931", "5000267024011", "96385074"
TILL = "till1"

CATALOGUE = (
    Draft("100", "Oat drink 1 l", 189, "standard", barcodes=(OAT,)),
    Draft("200", "Rye bread 750 g", 320, "reduced", barcodes=(BREAD,)),
    Draft("300", "Tomatoes, loose", 300, "zero", Unit.KG),
    Draft("400", "Whisky 0.7 l", 2999, "standard", min_age=18, barcodes=(WHISKY,)),
    Draft("500", "Flowers", None, "reduced", keeps_stock=False),
    Draft("600", "Milk 1 l", 119, "zero", barcodes=(MILK,)),
)
"""Irish rates. Nothing here is sold in fractions of a cent, so that a test can do its sums in its head."""


def staff_shop(engine: Engine) -> None:
    """Somebody to sell, who may do everything, and of whom no test must know more than the PIN."""
    with writing(engine) as session:
        add(
            session, name="Cashier", role="owner", pin=PIN, till=TILL, actor=None, now=dt.datetime.now(dt.UTC)
        )


def stock_shop(engine: Engine) -> None:
    """Give a migrated database the tax classes and products of this shop."""
    with writing(engine) as session:
        install_preset(session, "IE")
        for draft in CATALOGUE:
            upsert(session, draft, OWNER)


class ShopRig:
    """A shop in a folder of its own, on the database of `engine`, which is migrated already.

    Without `wedge` what a test types at once counts as typed, however fast it is.
    """

    def __init__(
        self, folder: Path, engine: Engine, *, wedge: bool = False, printer: bool = False, **sections: Any
    ) -> None:
        self.folder = folder
        self.engine = engine
        self.scanner = ScannerRig(folder)
        self.printer = PtyPrinter(folder) if printer else None
        self.terminals: list[Terminal] = []
        self.config = folder / "shop.toml"
        settings: dict[str, Mapping[str, Any]] = {
            "shop": {"name": "Corner Shop", "cash_rounding": "none"},
            "till": {"name": TILL},
            "database": {"url": engine.url.render_as_string(hide_password=False)},
            "scanner": {"kind": "serial", "port": str(self.scanner.path), "wedge": wedge},
            "drawer": {"required": False},
            "log": {"folder": str(folder / "log")},
        }
        if self.printer:
            settings["printer"] = {"kind": "serial", "port": self.printer.port, "profile": "TM-T88III"}
        for name, values in sections.items():
            settings[name] = {**settings.get(name, {}), **values}
        self.config.write_text(_toml(settings))
        stock_shop(engine)
        staff_shop(engine)

    @property
    def environment(self) -> dict[str, str]:
        """Nothing of this machine's settings, and nothing outside the folder; caches are shared by the tests."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "XDG_CACHE_HOME": str(self.folder.parent / "cache"),
        }

    @property
    def settings(self) -> Settings:
        """The settings as the program reads them."""
        return load(self.config).settings

    @property
    def log(self) -> str:
        """What the program has logged so far."""
        file = self.folder / "log" / "tui-pos.log"
        return file.read_text() if file.exists() else ""

    def open(self, *, columns: int = 100, rows: int = 30) -> Terminal:
        """Start the program, and log in."""
        terminal = self.start(columns=columns, rows=rows)
        terminal.wait_for("PIN ›")
        terminal.enter_slowly(PIN)
        terminal.wait_without("PIN ›")
        return terminal

    def start(self, *, columns: int = 100, rows: int = 30) -> Terminal:
        """Start the program as far as its log-in."""
        terminal = Terminal(
            ["--config", self.config], environment=self.environment, columns=columns, rows=rows
        )
        self.terminals.append(terminal)
        return terminal

    def close(self) -> None:
        """Leave nothing running."""
        for terminal in self.terminals:
            terminal.close()
        self.scanner.unplug()
        if self.printer:
            self.printer.close()


def _toml(settings: Mapping[str, Mapping[str, Any]]) -> str:
    """TOML for what the rig needs: texts, numbers, flags and lists of them are written as in JSON."""
    return "".join(
        f"[{section}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())
        for section, values in settings.items()
    )
