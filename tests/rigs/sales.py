"""A shop as values, a catalogue with every kind of product, and a desk: to sell without a screen."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from hardware.scanner.symbols import InStorePattern, check_digit
from tui_pos.catalogue.presets import install_preset
from tui_pos.catalogue.products import Article, Unit, find_by_code
from tui_pos.catalogue.upkeep import Draft, upsert
from tui_pos.money.currency import currency
from tui_pos.money.rounding import CashRounding
from tui_pos.money.tax import TaxRounding
from tui_pos.people.actor import built_in_actor
from tui_pos.sales.basket import new_basket
from tui_pos.sales.desk import Desk, Sold
from tui_pos.sales.scanning import Scanned
from tui_pos.sales.shop import PriceRules, Shop
from tui_pos.sales.view import Basket
from tui_pos.storage.engine import reading, writing

NOW = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
TODAY = NOW.date()
ADA = built_in_actor("owner", id="ada", name="Ada")

OAT, MILK, WINE, SOAP = "5449000000996", "96385074", "4006381333931", "5000267024011"

DRAFTS = (
    Draft("OAT", "Oat drink 1 l", 189, "standard", department="Dairy", barcodes=(OAT,)),
    Draft("MILK", "Milk 1 l", 119, "zero", barcodes=(MILK,)),
    Draft("BREAD", "Rye bread 750 g", 320, "reduced"),
    Draft("TOM", "Tomatoes, loose", 299, "zero", Unit.KG, barcodes=("12345",)),
    Draft("CLOTH", "Cotton", 1250, "standard", Unit.M, keeps_stock=False),
    Draft("HAM", "Ham, by the label", None, "zero", Unit.KG, barcodes=("54321",)),
    Draft("CAKE", "Cake, by the label", None, "reduced", barcodes=("77777",)),
    Draft("PIE", "Pie", 450, "reduced", barcodes=("88888",)),
    Draft("WINE", "Red wine 0.75 l", 999, "standard", min_age=18, barcodes=(WINE,)),
    Draft("GIN", "Gin 0.7 l", 2999, "standard", min_age=21),
    Draft("GIFT", "Flowers", None, "reduced", keeps_stock=False),
    Draft("SMOKE", "Cigars", None, "standard", min_age=18),
    Draft("BAG", "Bag", 20, "standard", keeps_stock=False),
    Draft("FREE", "Sample", 0, "standard"),
    Draft("GONE", "No longer sold", 100, "standard", active=False),
    Draft("SOAP", "Soap", 215, "standard", barcodes=(SOAP,)),
)
"""Irish rates: 23 % standard, 13.5 % reduced."""

PATTERNS = ("21IIIIIWWWWWC", "22IIIIIPPPPPC")


def make_shop(currency_code: str = "EUR", cash_increment_minor: int = 1, **changes: Any) -> Shop:
    """A shop in Dublin whose day ends at four in the morning; any field may be another one."""
    shop = Shop(
        name="Corner Shop",
        till="till1",
        rules=PriceRules(currency(currency_code), True, TaxRounding.RECEIPT),
        cash_rounding=CashRounding(cash_increment_minor),
        zone=ZoneInfo("Europe/Dublin"),
        day_ends_at=dt.time(4),
        locale="en_IE",
        in_store_codes=tuple(InStorePattern(text) for text in PATTERNS),
    )
    return replace(shop, **changes)


def with_rules(shop: Shop, *, prices_include_tax: bool, tax_rounding: TaxRounding) -> Shop:
    """The same shop, with other rules for tax."""
    return replace(shop, rules=PriceRules(shop.rules.currency, prices_include_tax, tax_rounding))


def label(prefix: str, item: str, value: int) -> str:
    """An in-store code: `21` and a weight in grams, or `22` and a price in cents."""
    digits = f"{prefix}{item}{value:05d}"
    return digits + check_digit(digits)


def gs1(gtin: str, **values: str) -> str:
    """A GS1 code of the pack: gs1(OAT, ai17="261231", ai10="L1")."""
    return f"(01){gtin.zfill(14)}" + "".join(f"({ai[2:]}){value}" for ai, value in values.items())


def stock(engine: Engine) -> None:
    """Give a migrated database the tax classes and the products."""
    with writing(engine) as session:
        install_preset(session, "IE")
        for draft in DRAFTS:
            upsert(session, draft, ADA)


def article(engine: Engine, sku: str) -> Article:
    """A product of the catalogue."""
    with reading(engine) as session:
        found = find_by_code(session, sku, TODAY)
    assert found is not None
    return found


def empty_basket(shop: Shop) -> Basket:
    """A sale that nothing was sold in yet."""
    return new_basket(shop, ADA, NOW)


def ticking(start: dt.datetime = NOW) -> Callable[[], dt.datetime]:
    """A clock on which a second goes by each time that somebody looks, so that what happened has an order."""
    seconds = count()
    return lambda: start + dt.timedelta(seconds=next(seconds))


def desk_of(engine: Engine, shop: Shop | None = None, now: Callable[[], dt.datetime] | None = None) -> Desk:
    """Ada at the till."""
    return Desk(engine, shop or make_shop(), ADA, now or ticking())


def add(desk: Desk, code: str, quantity: str = "1") -> Sold:
    """Sell what nothing needs to be asked for."""
    outcome = desk.scan(Scanned(code), Decimal(quantity))
    assert isinstance(outcome, Sold), outcome
    return outcome
