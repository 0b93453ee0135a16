"""The files that other tills and web shops export: which columns they have, and which of ours these are.

A layout is data. Headings are compared in small letters. The layouts are those that the programs write into their own
exports of products (in English, as of 2026); columns that are not named here are not read.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

ANY_SHOP = "[*]"
"""Stands in a heading for the name of one of several shops: Price [Corner]."""

NOT_SOLD: Mapping[str, str] = {
    "n": "no",
    "no": "no",
    "false": "no",
    "0": "no",
    "draft": "no",
    "archived": "no",
}
SOLD_BY: Mapping[str, str] = {"kg": "kg", "l": "l", "m": "m"}


@dataclass(frozen=True, slots=True)
class Layout:
    """One program's file.

    `known_by`: headings that together only this program writes. `columns`: ours, each with the headings that may say
    it; the first one whose cell is not empty does. `words`: what cells of ours mean, in small letters; all others mean
    nothing, as if they were empty. `family`: the heading that is the same for all variants of one product, whose
    first row says what the others leave empty; `options` tell the variants apart, and go behind the name, but for
    the `plain_options` of goods without variants. `asked`: what stands for a price that is asked at the till. `number`:
    what a SKU is made of where a row has neither SKU nor barcode. A row is no product for sale where the first word in
    the column `kind` is one of `kinds_passed_over`, or where all columns of `goods_have` are empty.
    """

    program: str
    known_by: tuple[str, ...]
    columns: Mapping[str, tuple[str, ...]]
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    family: str = ""
    options: tuple[str, ...] = ()
    plain_options: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()
    number: tuple[str, ...] = ()
    kind: str = ""
    kinds_passed_over: frozenset[str] = frozenset()
    goods_have: tuple[str, ...] = ()


OWN = Layout(
    program="",
    known_by=(),
    columns={
        "sku": ("sku",),
        "name": ("name", "product name", "item name", "title"),
        "barcodes": ("barcodes", "barcode", "ean", "ean13", "ean-13", "gtin", "upc"),
        "price": ("price", "unit price", "selling price", "sales price", "retail price"),
        "tax": ("tax",),
        "unit": ("unit",),
        "department": ("department", "category"),
        "min_age": ("min_age",),
        "tags": ("tags",),
        "keeps_stock": ("keeps_stock",),
        "active": ("active",),
    },
)

_SHOPIFY = Layout(
    program="Shopify",
    known_by=("handle", "title", "option1 value", "variant sku", "variant price"),
    columns={
        "sku": ("variant sku",),
        "name": ("title",),
        "barcodes": ("variant barcode",),
        "price": ("variant price",),
        "department": ("type", "product category"),
        "tags": ("tags",),
        "active": ("status",),
    },
    words={"active": NOT_SOLD},
    family="handle",
    options=("option1 value", "option2 value", "option3 value"),
    plain_options=frozenset(("default title",)),
    number=("handle", "option1 value", "option2 value", "option3 value"),
    goods_have=("option1 value", "variant sku", "variant price", "variant barcode"),
)

LAYOUTS = (
    _SHOPIFY,
    Layout(
        program="Shopify",
        known_by=("url handle", "title", "option1 value", "sku", "price"),
        columns={
            "sku": ("sku",),
            "name": ("title",),
            "barcodes": ("barcode",),
            "price": ("price",),
            "department": ("type", "product category"),
            "tags": ("tags",),
            "active": ("status",),
        },
        words={"active": NOT_SOLD},
        family="url handle",
        options=_SHOPIFY.options,
        plain_options=_SHOPIFY.plain_options,
        number=("url handle", *_SHOPIFY.options),
        goods_have=("option1 value", "sku", "price", "barcode"),
    ),
    Layout(
        program="Square",
        known_by=("token", "item name", "variation name", "sku"),
        columns={
            "sku": ("sku",),
            "name": ("item name",),
            "barcodes": ("gtin",),
            "price": ("price",),
            "department": ("reporting category", "category", "categories"),
        },
        family="token",
        options=("variation name",),
        plain_options=frozenset(("regular",)),
        asked=frozenset(("variable",)),
        number=("token", "variation name"),
    ),
    Layout(
        program="Loyverse",
        known_by=("handle", "sku", "name", "sold by weight", "default price"),
        columns={
            "sku": ("sku",),
            "name": ("name",),
            "barcodes": ("barcode",),
            "price": (f"price {ANY_SHOP}", "default price"),
            "unit": ("sold by weight",),
            "department": ("category",),
            "keeps_stock": ("track stock",),
            "active": (f"available for sale {ANY_SHOP}",),
        },
        words={"unit": {"y": "kg"}, "keeps_stock": NOT_SOLD, "active": NOT_SOLD},
        family="handle",
        options=("option 1 value", "option 2 value", "option 3 value"),
        asked=frozenset(("variable",)),
        number=("handle", "option 1 value", "option 2 value", "option 3 value"),
        goods_have=("sku", "name", "barcode", "default price", f"price {ANY_SHOP}"),
    ),
    Layout(
        program="WooCommerce",
        known_by=("id", "type", "sku", "name", "regular price"),
        columns={
            "sku": ("sku",),
            "name": ("name",),
            "barcodes": ("gtin, upc, ean, or isbn",),
            "price": ("sale price", "regular price"),
            "department": ("categories",),
            "tags": ("tags",),
        },
        number=("id",),
        kind="type",
        kinds_passed_over=frozenset(("variable", "grouped", "external")),
    ),
    Layout(
        program="Odoo",
        known_by=("name", "barcode", "default_code", "list_price"),
        columns={
            "sku": ("default_code",),
            "name": ("name",),
            "barcodes": ("barcode",),
            "price": ("list_price",),
            "unit": ("uom_id",),
            "department": ("categ_id",),
            "active": ("active",),
        },
        words={"unit": SOLD_BY, "active": NOT_SOLD},
        number=("id",),
    ),
    Layout(
        program="Odoo",
        known_by=("name", "barcode", "internal reference", "sales price"),
        columns={
            "sku": ("internal reference",),
            "name": ("name",),
            "barcodes": ("barcode",),
            "price": ("sales price",),
            "unit": ("unit of measure", "unit"),
            "department": ("product category",),
            "active": ("active",),
        },
        words={"unit": SOLD_BY, "active": NOT_SOLD},
        number=("external id", "id"),
    ),
)


def known_layout(headings: frozenset[str]) -> Layout:
    """The layout of a file with these headings (in small letters); OWN where no program's is known."""
    return next((each for each in LAYOUTS if headings.issuperset(each.known_by)), OWN)
