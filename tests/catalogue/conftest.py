"""A small shop's catalogue to look things up in."""

import csv
import datetime as dt
import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.rigs.people import NOW, OWNER
from tui_pos.catalogue.exporting import export_products
from tui_pos.catalogue.import_report import Decide, ImportReport, refuse
from tui_pos.catalogue.importing import import_products
from tui_pos.catalogue.presets import install_preset
from tui_pos.catalogue.products import Article, Unit, find_by_code
from tui_pos.catalogue.upkeep import Draft, upsert
from tui_pos.money.currency import currency
from tui_pos.storage.engine import reading, writing

EUR = currency("EUR")
Import = Callable[..., ImportReport]

ON = dt.date(2026, 3, 1)

DRAFTS = (
    Draft("OAT1", "Oat drink 1 l", 189, "zero", department="Dairy", barcodes=("5449000000996",)),
    Draft("oat2", "Oat drink, barista 1 l", 249, barcodes=("96385074",)),
    Draft("TEA", "Earl Grey tea", 325, "zero", tags="bergamot hot"),
    Draft("CREME", "Crème brûlée", 450, "reduced", barcodes=("036000291452", "HOUSE-7")),
    Draft("TOM", "Tomatoes, loose", 299, "zero", Unit.KG, keeps_stock=False),
    Draft("WINE", "Red wine 0.75 l", 999, min_age=18),
    Draft("GIFT", "Flowers", None, active=False),
    Draft("MILK", "Vollmilch 3,5 %", 119, "zero"),
    Draft("低脂", "低脂牛奶", 119, "zero"),
    Draft("A%B_C", "100% cotton_bag", 500),
)


@pytest.fixture
def shop(engine: Engine) -> Engine:
    """Both databases in turn, holding DRAFTS and the Irish tax classes."""
    with writing(engine) as session:
        install_preset(session, "IE")
        for draft in DRAFTS:
            upsert(session, draft, OWNER)
    return engine


@pytest.fixture
def taxed(engine: Engine) -> Engine:
    """An empty catalogue with the Irish tax classes."""
    with writing(engine) as session:
        install_preset(session, "IE")
    return engine


@pytest.fixture
def take(taxed: Engine, tmp_path: Path) -> Import:
    """Import this content from a file called goods.csv."""

    def take(
        content: str | bytes,
        name: str = "goods.csv",
        /,
        *,
        encoding: str | None = None,
        decide: Decide = refuse,
        code: str = "EUR",
        **mapping: str,
    ) -> ImportReport:
        data = content.encode() if isinstance(content, str) else content
        (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return import_products(
            taxed, tmp_path / name, currency(code), "till1", OWNER, NOW,
            mapping=mapping, encoding=encoding, decide=decide,
        )  # fmt: skip

    return take


def article(engine: Engine, code: str) -> Article:
    with reading(engine) as session:
        found = find_by_code(session, code, ON)
    assert found is not None, code
    return found


def numbers(report: ImportReport) -> tuple[int, int, int, int, int]:
    return (report.rows, report.added, report.updated, report.unchanged, report.rejected)


def rejected(report: ImportReport) -> list[tuple[str, str]]:
    assert report.rejected_file is not None
    with report.rejected_file.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        return [(row["line"], row["reason"]) for row in csv.DictReader(file)]


def exported(engine: Engine, target: Path) -> bytes:
    with reading(engine) as session:
        export_products(session, target, EUR)
    return gzip.decompress(target.read_bytes()) if target.suffix == ".gz" else target.read_bytes()
