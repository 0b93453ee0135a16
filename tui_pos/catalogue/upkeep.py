"""Keeping the catalogue: add, change, deactivate. Each function is one act; the caller commits."""

import re
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from tui_pos.catalogue.codes import normalise_code, shown_code, visible
from tui_pos.catalogue.errors import CatalogueError
from tui_pos.catalogue.models import Barcode, Product, TaxClass
from tui_pos.catalogue.products import Unit
from tui_pos.catalogue.taxes import STANDARD, tax_class_codes, unknown_class
from tui_pos.i18n import _
from tui_pos.people.actor import Actor
from tui_pos.people.permissions import Permission

BARCODE_MARK = "|"
"""Parts the barcodes of one product in a file, so no barcode may hold it."""

MAX_AGE_YEARS = 150

LENGTHS = {"sku": 64, "name": 200, "department": 80, "tags": 200}
_MAX_BARCODE_LENGTH = 80
_SCIENTIFIC = re.compile(r"[0-9]+(?:[.,][0-9]+)?[eE][+][0-9]{2,3}")
# Halves of characters, which stand for bytes that are no UTF-8.
_UNFIT = re.compile("[\ud800-\udfff]")
# Control characters have no place in a name. Those from 80 to 9F are what is left of a Windows-1252 text that was
# taken for Latin-1 (9C was œ), so they are read as that, like browsers do.
_REPAIRED = {
    **dict.fromkeys((*range(0x20), 0x7F), " "),
    **{code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)},
}


@dataclass(frozen=True, slots=True)
class Draft:
    """A product as somebody wants it. Raises CatalogueError if no product can be like that.

    Spaces are tidied and barcodes brought into their one form. An empty `name` keeps that of the product with
    this SKU. `price_minor` is per unit; None: asked at the till.
    """

    sku: str
    name: str
    price_minor: int | None = None
    tax_class: str = STANDARD
    unit: Unit = Unit.PIECE
    department: str = ""
    min_age: int = 0
    tags: str = ""
    keeps_stock: bool = True
    active: bool = True
    barcodes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for column, length in LENGTHS.items():
            text = _tidied(getattr(self, column))
            if column == "sku":
                text = visible(text).strip()
            object.__setattr__(self, column, text)
            if len(text) > length:
                raise CatalogueError(
                    _("The {column} is {length} characters long, {limit} are allowed.").format(
                        column=column, length=len(text), limit=length
                    )
                )
            if _UNFIT.search(text):
                raise CatalogueError(
                    _("The {column} holds characters that are no text. Save it as UTF-8.").format(
                        column=column
                    )
                )
        if not self.sku:
            raise CatalogueError(_("There is neither a SKU nor a barcode."))
        if self.price_minor is not None and self.price_minor < 0:
            raise CatalogueError(_("The price is below zero."))
        if not 0 <= self.min_age <= MAX_AGE_YEARS:
            raise CatalogueError(_("The minimum age is {age}, not 0 to 150 years.").format(age=self.min_age))
        barcodes = dict.fromkeys(normalise_code(visible(code)) for code in self.barcodes)
        for code in barcodes:
            _check_barcode(code)
        object.__setattr__(self, "barcodes", tuple(barcodes))


def _tidied(text: str) -> str:
    return " ".join((text if text.isprintable() else text.translate(_REPAIRED)).split())


def upsert(session: Session, draft: Draft, actor: Actor) -> int:
    """Add the product, or make the one with this SKU like it; returns its id. Barcodes are only added.

    Raises CatalogueError if the tax class is unknown, a barcode belongs to another product, or a new product
    has no name.
    """
    actor.require(Permission.CATALOGUE)
    product = session.scalar(select(Product).where(Product.sku == draft.sku))
    if session.get(TaxClass, draft.tax_class) is None:
        raise unknown_class(draft.tax_class, tax_class_codes(session))
    if product is None:
        if not draft.name:
            raise CatalogueError(_("{sku} is new, so it needs a name.").format(sku=draft.sku))
        product = Product(sku=draft.sku)
        session.add(product)
    product.name = draft.name or product.name
    for column in ("price_minor", "tax_class", "department", "min_age", "tags", "keeps_stock", "active"):
        setattr(product, column, getattr(draft, column))
    product.unit = draft.unit.value
    with session.no_autoflush:
        _refuse_owned(session, draft.barcodes, product.sku)
    session.flush()
    for code in draft.barcodes:
        session.merge(Barcode(code=code, product_id=product.id))
    session.flush()
    return product.id


def add_barcode(session: Session, sku: str, code: str, actor: Actor) -> None:
    """One more code for a product; one that it has already is fine.

    Raises CatalogueError if the product does not exist, the code belongs to another one, or cannot be a code.
    """
    actor.require(Permission.CATALOGUE)
    product = _by_sku(session, sku)
    normal = normalise_code(visible(code))
    _check_barcode(normal)
    _refuse_owned(session, (normal,), sku)
    session.merge(Barcode(code=normal, product_id=product.id))
    session.flush()


def deactivate(session: Session, sku: str, actor: Actor) -> None:
    """Sell this product no more. It stays: sales and stock name it. Raises CatalogueError if unknown."""
    actor.require(Permission.CATALOGUE)
    _by_sku(session, sku).active = False
    session.flush()


def owned_text(code: str, sku: str) -> str:
    """What is wrong with a barcode that the product `sku` has already."""
    return _("Barcode {code} belongs to product {sku}: a code can name only one product.").format(
        code=shown_code(code), sku=sku
    )


def _refuse_owned(session: Session, codes: tuple[str, ...], sku: str) -> None:
    owners = (
        select(Barcode.code, Product.sku)
        .join(Product, Product.id == Barcode.product_id)
        .where(Barcode.code.in_(codes), Product.sku != sku)
        .order_by(Barcode.code)
    )
    for code, owner in session.execute(owners):
        raise CatalogueError(owned_text(code, owner))


def has_lost_digits(code: str) -> bool:
    """Whether this is a long number as a spreadsheet shortens it, 9.52E+12: it names nothing any more."""
    return _SCIENTIFIC.fullmatch(code) is not None


def _check_barcode(code: str) -> None:
    if has_lost_digits(code):
        text = _(
            "{code} is no barcode but a number that a spreadsheet has shortened: its last digits are lost."
        )
        raise CatalogueError(text.format(code=code))
    if not 0 < len(code) <= _MAX_BARCODE_LENGTH or BARCODE_MARK in code or not code.isprintable():
        raise CatalogueError(
            _("{code!r} cannot be a barcode: 1 to 80 printable characters without | are allowed.").format(
                code=code[:_MAX_BARCODE_LENGTH]
            )
        )


def _by_sku(session: Session, sku: str) -> Product:
    product = session.scalar(select(Product).where(Product.sku == sku))
    if product is None:
        raise CatalogueError(_("There is no product {sku}.").format(sku=sku))
    return product
