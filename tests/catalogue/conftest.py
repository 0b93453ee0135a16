"""A small shop's catalogue to look things up in."""

import datetime as dt

import pytest
from sqlalchemy import Engine

from tests.rigs.people import OWNER
from tui_pos.catalogue.presets import install_preset
from tui_pos.catalogue.products import Unit
from tui_pos.catalogue.upkeep import Draft, upsert
from tui_pos.storage.engine import writing

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
