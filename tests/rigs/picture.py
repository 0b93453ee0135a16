"""The pictures in the papers: the counter of the demo shop, at a fixed size and a fixed time.

Draw them anew: python -P -m tests.rigs.picture
"""

import asyncio
import datetime as dt
import html
import re
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from rich.cells import cell_len
from textual.pilot import Pilot

from config.loading import Loaded
from hardware.ports import PrinterStatus, Scan, ScannerState
from tests.rigs.people import OWNER
from tui_pos.app import PrinterChanged, ScannerChanged, TillApp
from tui_pos.bootstrap import CASHIER, build_app, build_shop, open_database
from tui_pos.catalogue.demo import load_demo
from tui_pos.drawer.demo import open_demo_drawer
from tui_pos.i18n import use_language
from tui_pos.printing.spooler import PrinterState
from tui_pos.running import demo_settings
from tui_pos.storage.engine import writing

FOLDER = Path(__file__).parents[2] / "docs"
NOW = dt.datetime(2026, 11, 20, 14, 32, tzinfo=dt.UTC)
OPENED = NOW.replace(hour=8, minute=2)

SCANNED = ("9520000000011", "9520000000028", "2110011004121", "9520000000035", "9520000000172")

_ELSEWHERE = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
_TEXT = re.compile(r'<text (class="[^"]*") x="([^"]*)" y="([^"]*)" textLength="[^"]*" ([^>]*)>(.*?)</text>')
_PART = re.compile("[^\xa0]+(?:\xa0[^\xa0]+)*")
_CELL = 12.2
"""Width of a cell of the terminal in the picture's own units."""


async def basket(app: TillApp, pilot: Pilot[None]) -> None:
    """A sale in the middle: goods, a weight, a discount."""
    for at_s, code in enumerate(SCANNED):
        app.front.take_scan(Scan(code, float(at_s), "picture"))
    for entry in ("-0.50", "2*9520000000042"):
        app.front.take_text(entry)
        app.front.take_key("enter")
    await pilot.pause()


async def searching(app: TillApp, pilot: Pilot[None]) -> None:
    """The same sale, and a name being typed."""
    await basket(app, pilot)
    app.front.take_text("yog")
    await pilot.pause()


async def paying(app: TillApp, pilot: Pilot[None]) -> None:
    """The same sale, some of it paid."""
    await basket(app, pilot)
    app.front.take_key("f2")
    await pilot.pause()
    app.front.take_text("10")
    app.front.take_key("enter")
    await pilot.pause()


Scene = Callable[[TillApp, Pilot[None]], Awaitable[None]]

PICTURES: dict[str, tuple[Scene, tuple[int, int]]] = {
    "counter.svg": (searching, (100, 30)),
    "counter-80x24.svg": (basket, (80, 24)),
    "paying.svg": (paying, (80, 24)),
}


async def draw(name: str, folder: Path) -> str:
    """The picture of that name as SVG that fetches nothing. `folder` is for the shop's database."""
    scene, size = PICTURES[name]
    settings = demo_settings(folder)
    use_language("en")
    engine = open_database(Loaded(settings, None), make=True)
    with writing(engine) as session:
        load_demo(session, NOW.date(), OWNER)
        open_demo_drawer(session, build_shop(settings), OWNER, OPENED)
    app = build_app(settings, engine, now=lambda: NOW, actor=CASHIER)
    async with app.run_test(size=size) as pilot:
        app.post_message(ScannerChanged(ScannerState(True, "picture")))
        app.post_message(PrinterChanged(PrinterState(PrinterStatus(), 0, None)))
        await pilot.pause()
        await scene(app, pilot)
        svg = app.export_screenshot(title="tui-pos")
    engine.dispose()
    svg = _ELSEWHERE.sub("", svg).replace("Fira Code, ", "DejaVu Sans Mono, Menlo, Consolas, ")
    return _TEXT.sub(_placed, svg)


def _placed(found: re.Match[str]) -> str:
    """Words apart from each other, each at its own place: viewers differ in what they make of many spaces."""
    style, x, y, clip, escaped = found.groups()
    text = html.unescape(escaped)
    return "".join(
        f'<text {style} x="{float(x) + cell_len(text[: part.start()]) * _CELL:g}" y="{y}" '
        f'textLength="{cell_len(part[0]) * _CELL:g}" {clip}>{html.escape(part[0])}</text>'
        for part in _PART.finditer(text)
    )


def words(svg: str) -> list[str]:
    """What a picture says: its texts without their colours and places."""
    return [html.unescape(found[5]) for found in _TEXT.finditer(svg)]


def main() -> None:
    """Write all pictures into the docs."""
    for name in PICTURES:
        with tempfile.TemporaryDirectory() as folder:
            svg = asyncio.run(draw(name, Path(folder)))
        (FOLDER / name).write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
