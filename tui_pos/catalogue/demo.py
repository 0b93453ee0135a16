"""An invented corner shop in Ireland, with every kind of product that the program knows.

Its numbers begin with 952, which GS1 keeps for demonstrations; no real product has them. In-store codes begin with
21 (weight inside, see IN_STORE_CODES) and 20 (price inside, as British scales print it).
"""

import datetime as dt
from pathlib import Path

from sqlalchemy.orm import Session

from tui_pos.catalogue.csv_source import open_catalogue
from tui_pos.catalogue.presets import install_preset
from tui_pos.catalogue.rows import RowParser
from tui_pos.catalogue.taxes import rate_on, tax_class_codes
from tui_pos.catalogue.upkeep import upsert
from tui_pos.i18n import _
from tui_pos.money.currency import currency
from tui_pos.people.actor import Actor

COUNTRY = "IE"
CURRENCY = "EUR"
REGION = "gb"
"""Whose rule reads the in-store codes that IN_STORE_CODES do not."""

IN_STORE_CODES = ("21IIIIIWWWWWC",)
"""How the shop's scales write a weight into a code; patterns of `hardware.scanner.symbols.InStorePattern`."""

PRODUCTS = Path(__file__).with_name("demo_products.csv")


def load_demo(session: Session, on: dt.date, actor: Actor) -> int:
    """Fill an empty catalogue with the shop's goods and taxes; returns how many products there are.

    Raises CatalogueError if the tax classes have no rate on business date `on`.
    """
    install_preset(session, COUNTRY)
    known = tax_class_codes(session)
    for tax_class in known:
        rate_on(session, tax_class, on)
    with open_catalogue(PRODUCTS) as file:
        parser = RowParser(file.header, {}, currency(CURRENCY), known)
        rows = [row for record in file.records() if (row := parser.parse(record))]
    return len([upsert(session, row.draft, actor) for row in rows])


def demo_codes() -> list[tuple[str, str]]:
    """Codes to try at the counter of the demo, each with what it shows. To be scanned, or typed with Enter."""
    return [
        ("9520000000011", _("an ordinary product")),
        ("95200019", _("a short code, GTIN-8")),
        ("012345678905", _("an American code, GTIN-12")),
        ("19520000000049", _("a whole case, GTIN-14")),
        ("2110011004121", _("a label of the scales: 0.412 kg of tomatoes")),
        ("2010041703493", _("a label with the price inside: cheddar for 3.49")),
        ("10011", _("loose goods by number; the weight first: 0.350*10011")),
        ("(01)99520000001103(3103)000250", _("a GS1 code that holds the weight: 0.250 kg of cheese")),
        ("(01)09520000000066(17)491231(10)L42", _("a GS1 DataMatrix with lot and expiry date")),
        ("(01)09520000000073(17)240131(10)S7", _("the same for expired goods: refused")),
        ("(01)09520000000080(15)240131", _("past its best-before date: a warning")),
        ("https://id.example.com/01/09520000000011/10/B2", _("a QR code with GS1 Digital Link")),
        ("9520000000059", _("from 18 years: the age must be checked")),
        ("FLOWERS-7", _("a price that is asked at the till")),
        ("DEP15", _("a deposit, outside the scope of tax")),
        ("HOSE", _("sold by the metre: 2.5*HOSE")),
        ("9520000002763", _("a product that is not sold any more")),
        ("9529999999993", _("a code that no product has")),
        ("9520000000012", _("a wrong check digit: never sold")),
    ]
