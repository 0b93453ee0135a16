"""Shops of any size to measure in. Each catalogue is made once and kept in a folder of the system's for such things."""

import datetime as dt
import hashlib
import random
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tui_pos.storage.engine import open_engine
from tui_pos.storage.migrate import upgrade

MIGRATIONS = Path(__file__).parents[2] / "tui_pos" / "storage" / "migrations" / "versions"
PIN = "4711"
CACHE = Path(tempfile.gettempdir()) / "tui-pos-bench"

# Enough different words that a search has something to choose from, few enough that each fits thousands of products.
FIRST = (
    "Oat",
    "Rye",
    "Golden",
    "Alpine",
    "River",
    "Meadow",
    "Old",
    "Mill",
    "Harbour",
    "Sunny",
    "Green",
    "Red",
    "Farm",
    "Coast",
    "Forest",
    "Royal",
    "Plain",
)
THING = (
    "drink",
    "bread",
    "tomatoes",
    "coffee",
    "biscuits",
    "honey",
    "butter",
    "cheddar",
    "apples",
    "crackers",
    "juice",
    "chocolate",
    "pasta",
    "rice",
    "lentils",
    "olives",
    "vinegar",
    "mustard",
    "candles",
    "soap",
    "shampoo",
    "batteries",
    "envelopes",
    "notebook",
    "lemonade",
    "porter",
    "muesli",
    "yoghurt",
)
SIZE = ("100 g", "250 g", "500 g", "750 g", "1 kg", "0.33 l", "0.5 l", "1 l", "6 pack", "12 pack")


@dataclass(frozen=True, slots=True)
class Item:
    """A product of the invented catalogue. `code` is its EAN-13."""

    code: str
    name: str
    price_minor: int


def item(number: int) -> Item:
    """Product `number`, counted from 1: always the same one."""
    words = random.Random(number)
    name = f"{words.choice(FIRST)} {words.choice(THING)} {words.choice(SIZE)} no. {number}"
    return Item(_ean13(540_000_000_000 + number), name, words.randint(20, 2999))


def _ean13(body: int) -> str:
    digits = f"{body:012d}"
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-weighted % 10}"


def some_items(count: int, among: int, seed: int = 0) -> list[Item]:
    """`count` different products of a catalogue of `among`."""
    return [item(number) for number in random.Random(seed).sample(range(1, among + 1), count)]


def database(products: int) -> Path:
    """A database with that many products, for reading only."""
    schema = hashlib.sha256(b"".join(p.read_bytes() for p in sorted(MIGRATIONS.glob("*.py")))).hexdigest()[
        :12
    ]
    path = CACHE / f"{products}-{schema}.db"
    if not path.exists():
        print(f"making a catalogue of {products:,} products, once …", file=sys.stderr)
        CACHE.mkdir(exist_ok=True)
        unfinished = path.with_suffix(".unfinished")
        unfinished.unlink(missing_ok=True)
        _fill(unfinished, products)
        unfinished.rename(path)
    return path


def _fill(path: Path, products: int) -> None:
    from tui_pos.catalogue.presets import install_preset
    from tui_pos.storage.engine import writing

    engine = open_engine(f"sqlite:///{path}")
    upgrade(engine)
    with writing(engine) as session:
        install_preset(session, "IE")
    engine.dispose()
    with sqlite3.connect(path) as books:
        books.execute("PRAGMA synchronous = OFF")
        books.executemany(
            "INSERT INTO product (id, sku, name, price_minor, tax_class, unit, department, min_age, tags,"
            " keeps_stock, active) VALUES (?, ?, ?, ?, 'standard', 'piece', '', 0, '', 1, 1)",
            _products(products),
        )
        books.executemany("INSERT INTO barcode (code, product_id) VALUES (?, ?)", _barcodes(products))
        books.commit()
        books.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _take_on(path: Path) -> None:
    """One person to sell, so that the log-in asks for their PIN at once."""
    from tui_pos.people.staff import add
    from tui_pos.storage.engine import writing

    engine = open_engine(f"sqlite:///{path}")
    with writing(engine) as session:
        now = dt.datetime.now(dt.UTC)
        add(session, name="Ada", role="owner", pin=PIN, till="till1", actor=None, now=now)
    engine.dispose()


def _products(count: int) -> Iterator[tuple[int, str, str, int]]:
    for number in range(1, count + 1):
        made = item(number)
        yield number, f"B{number:07d}", made.name, made.price_minor


def _barcodes(count: int) -> Iterator[tuple[str, int]]:
    for number in range(1, count + 1):
        yield f"0{_ean13(540_000_000_000 + number)}", number


class Shop:
    """A folder with settings and a database of its own."""

    def __init__(self, products: int, scanner: str = "", printer: str = "") -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="tui-pos-bench-")
        self.folder = Path(self._folder.name)
        self.database = self.folder / "shop.db"
        shutil.copyfile(database(products), self.database)
        _take_on(self.database)
        self.settings = self.folder / "till.toml"
        self.settings.write_text(
            "[shop]\nname = 'Bench'\ncountry = 'IE'\nlocale = 'en_IE'\ncurrency = 'EUR'\n"
            f"[database]\nurl = 'sqlite:///{self.database}'\n"
            "[drawer]\nrequired = false\n"
            f"[log]\nfolder = '{self.folder}'\n"
            + (f"[scanner]\nkind = 'serial'\nport = '{scanner}'\nterminator = 'cr'\n" if scanner else "")
            + (f"[printer]\nkind = 'file'\npath = '{printer}'\n" if printer else "")
        )

    @property
    def command(self) -> list[str]:
        """What a cashier starts."""
        return [str(Path(sys.executable).parent / "tui-pos"), "--config", str(self.settings)]

    def close(self) -> None:
        """Leave nothing behind."""
        self._folder.cleanup()
