"""Reading the rows of a catalogue file: cells in, drafts of products out."""

import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from tui_pos.catalogue.code_cells import ReadCode, read_codes, read_sku
from tui_pos.catalogue.codes import shown_code, visible
from tui_pos.catalogue.csv_source import Record
from tui_pos.catalogue.errors import CatalogueError
from tui_pos.catalogue.layouts import ANY_SHOP, OWN, known_layout
from tui_pos.catalogue.price_cells import ASKED, Price, read_price
from tui_pos.catalogue.products import Unit
from tui_pos.catalogue.taxes import STANDARD, unknown_class
from tui_pos.catalogue.upkeep import LENGTHS, Draft
from tui_pos.i18n import _, ngettext
from tui_pos.money.currency import Currency
from tui_pos.storage.csv_files import restored

COLUMNS = ("sku", "name", "barcodes", "price", "tax", "unit", "department", "min_age")
FURTHER_COLUMNS = ("tags", "keeps_stock", "active")
"""Understood where a file has them, and written where some product needs them."""

ROWS_REMEMBERED = 8192
"""How many different rows need not be read again: a file of sales has each product hundreds of times."""

YES, NO = "yes", "no"
_TRUTH = {YES: True, "true": True, "1": True, NO: False, "false": False, "0": False}
_TAXES = re.compile(r"\b(?:tax|vat\b)")
_ITS_OWN = ("sku", "barcodes", "price")
"""What a variant never has from the first row of its family."""


@dataclass(frozen=True, slots=True)
class ParsedRow:
    """A draft, and how it was read.

    `sku_given`: whether the file gave its SKU; else a barcode stands in, and says which product it is, or where
    `sku_made` a number made of the row. `price` holds what is doubtful about the draft's, `codes` its barcodes.
    """

    draft: Draft
    sku_given: bool
    sku_made: bool
    price: Price
    codes: tuple[ReadCode, ...]


class RowParser:
    """Turns the cells of one file into drafts, by the names of its columns."""

    def __init__(
        self,
        header: Sequence[str],
        mapping: Mapping[str, str],
        currency: Currency,
        tax_classes: Sequence[str],
    ) -> None:
        self._header = header
        self._keys = [visible(cell).strip().casefold() for cell in header]
        self._named = max((at for at, key in enumerate(self._keys, start=1) if key), default=0)
        self.layout = known_layout(frozenset(self._keys))
        self._at = self._positions(mapping)
        self._words = {column: words for column, words in self.layout.words.items() if column not in mapping}
        self._options = () if "name" in mapping else self._places(self.layout.options)
        self._number = self._places(self.layout.number)
        self._goods_have = self._places(self.layout.goods_have)
        self._family_at = self._places((self.layout.family,))
        self._kind_at = self._places((self.layout.kind,))
        self._family: tuple[str, dict[str, str]] = ("", {})
        self._tax_classes = tax_classes
        self._currency = currency
        self._read = lru_cache(ROWS_REMEMBERED)(self._read_cells)

    @property
    def has(self) -> frozenset[str]:
        """Which of our columns the file holds."""
        return frozenset(self._at)

    @property
    def taken_from(self) -> dict[str, str]:
        """For each of our columns, the heading (or headings) that it is read from, where that is another name."""
        found = {column: " / ".join(self._header[at] for at in places) for column, places in self._at.items()}
        return {column: heading for column, heading in found.items() if heading.casefold() != column}

    @property
    def taxes_unread(self) -> str:
        """The heading of a column that tells taxes in a way of its own; empty where there is none."""
        headings = zip(self._header, self._keys, strict=True)
        return "" if "tax" in self._at else next((cell for cell, key in headings if _TAXES.search(key)), "")

    def parse(self, record: Record) -> ParsedRow | None:
        """The product of one record; None where it is none for sale. Raises CatalogueError, which says why."""
        if record.problem:
            raise CatalogueError(record.problem)
        cells = record.cells
        if len(cells) < self._named or any(cell.strip() for cell in cells[len(self._header) :]):
            raise self._wrong_width(len(cells))
        if self.layout is OWN:
            return self._read(tuple(cells[places[0]].strip() for places in self._at.values()), "")
        return self._parse_known(cells)

    def _wrong_width(self, found: int) -> CatalogueError:
        text = ngettext(
            "The line has {found} column, the header {wanted}.",
            "The line has {found} columns, the header {wanted}.",
            found,
        ).format(found=found, wanted=len(self._header))
        if found > len(self._header):
            text += " " + _(
                "A cell in which the mark between the columns stands, such as 1,20, needs quotes around it."
            )
        return CatalogueError(text)

    def _parse_known(self, cells: Sequence[str]) -> ParsedRow | None:
        """The product of a row of another program: its variants, and what is no product of itself, are sorted out."""

        def first(places: Sequence[int]) -> str:
            return next((text for at in places if (text := cells[at].strip())), "")

        kind = first(self._kind_at).partition(",")[0].strip().casefold()
        if kind in self.layout.kinds_passed_over or (self._goods_have and not first(self._goods_have)):
            return None
        ours = {column: first(places) for column, places in self._at.items()}
        if family := first(self._family_at):
            known, said = self._family
            if family != known:
                self._family = (family, dict(ours))
            else:
                ours |= {
                    column: said[column] for column in ours if not ours[column] and column not in _ITS_OWN
                }
        told_apart = [text for at in self._options if (text := self._option(cells[at]))]
        if ours.get("name"):
            ours["name"] = ", ".join([ours["name"], *told_apart])
        for column, words in self._words.items():
            if column in ours:
                ours[column] = words.get(ours[column].casefold(), "")
        for column in {"department", "tags"} & ours.keys():
            ours[column] = ours[column][: LENGTHS[column]].strip()
        number = "-".join(text for at in self._number if (text := self._option(cells[at])))
        return self._read(tuple(ours.values()), number and f"{self.layout.program.lower()}-{number}")

    def _option(self, cell: str) -> str:
        text = cell.strip()
        return "" if text.casefold() in self.layout.plain_options else text

    def _read_cells(self, cells: tuple[str, ...], number: str) -> ParsedRow:
        """The product of the cells that are ours, in the order of `self._at`; `number` is the SKU if nothing is."""
        cell = {column: restored(text) for column, text in zip(self._at, cells, strict=True)}
        codes = read_codes(cell.get("barcodes", ""))
        sku = read_sku(cell.get("sku", ""))
        made = "" if sku or codes else _fitting_number(number)
        price = self._price(cell.get("price", ""))
        draft = Draft(
            sku=sku or (shown_code(codes[0].code) if codes else made),
            name=cell.get("name", ""),
            price_minor=price.minor,
            tax_class=self._tax_class(cell.get("tax", "")),
            unit=_unit(cell.get("unit", "")),
            department=cell.get("department", ""),
            min_age=_years(cell.get("min_age", "")),
            tags=cell.get("tags", ""),
            keeps_stock=_truth("keeps_stock", cell.get("keeps_stock", "")),
            active=_truth("active", cell.get("active", "")),
            barcodes=tuple(code.code for code in codes),
        )
        return ParsedRow(draft, bool(sku or made), bool(made), price, codes)

    def _price(self, text: str) -> Price:
        return ASKED if not text or text.casefold() in self.layout.asked else read_price(text, self._currency)

    def _tax_class(self, text: str) -> str:
        code = text.lower() or STANDARD
        if code not in self._tax_classes:
            raise unknown_class(code, list(self._tax_classes))
        return code

    def _places(self, headings: Sequence[str], shop: str = "") -> tuple[int, ...]:
        """Where these headings stand; that of ANY_SHOP where the `shop` does, or where there is only one."""
        found: list[int] = []
        for heading in headings:
            before, any_shop, _behind = heading.partition(ANY_SHOP)
            if any_shop:
                fitting = [at for at, key in enumerate(self._keys) if key.startswith(f"{before}[")]
                named = [at for at in fitting if shop and self._keys[at].endswith(shop)]
                found += named or fitting
            elif heading and heading in self._keys:
                found.append(self._keys.index(heading))
        return tuple(found)

    def _positions(self, mapping: Mapping[str, str]) -> dict[str, tuple[int, ...]]:
        """Where each of our columns stands. Raises CatalogueError for a mapping that does not fit the file."""
        known = (*COLUMNS, *FURTHER_COLUMNS)
        for column in mapping:
            if column not in known:
                text = _("{column} is no column of a catalogue. There are: {known}")
                raise CatalogueError(text.format(column=column, known=", ".join(known)))
        shop = "[" + mapping["price"].casefold().rpartition("[")[2] if "[" in mapping.get("price", "") else ""
        found = {}
        for column in known:
            if column in mapping:
                found[column] = self._mapped(mapping[column])
            elif places := self._places(self.layout.columns.get(column, ()), shop):
                found[column] = places[:1] if self.layout is OWN else places
        prices = [self._header[at] for at in found.get("price", ()) if self._keys[at].endswith("]")]
        if len(prices) > 1:
            text = _(
                "The file has prices of several shops. Say which are those of this one, such as "
                '--map "price={first}".'
            )
            raise CatalogueError(text.format(first=prices[0]))
        if "sku" not in found and "barcodes" not in found:
            raise CatalogueError(
                _(
                    "The file has neither a column sku nor barcodes. It has: {known}. "
                    "Say which is which with --map sku=NAME or --map barcodes=NAME."
                ).format(known=", ".join(self._header))
            )
        return found

    def _mapped(self, heading: str) -> tuple[int, ...]:
        wanted = " ".join(heading.split()).casefold()
        if wanted not in self._keys:
            text = _("The file has no column {column}. It has: {known}")
            raise CatalogueError(text.format(column=heading, known=", ".join(self._header)))
        return (self._keys.index(wanted),)


def _fitting_number(number: str) -> str:
    """A SKU made of `number` that is always the same for it, and not too long."""
    limit = LENGTHS["sku"]
    if len(number) <= limit:
        return number
    end = f"-{zlib.crc32(number.encode('utf-8', 'surrogatepass')):08x}"
    return number[: limit - len(end)] + end


def _unit(text: str) -> Unit:
    try:
        return Unit(text.lower() or "piece")
    except ValueError as error:
        raise CatalogueError(
            _("{unit!r} is no unit. There are: {known}").format(unit=text[:40], known=", ".join(Unit))
        ) from error


def _years(text: str) -> int:
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) <= 3):
        raise CatalogueError(_("The minimum age {age!r} is no number of years.").format(age=text[:40]))
    return int(text)


def _truth(column: str, text: str) -> bool:
    if not text:
        return True
    if text.lower() not in _TRUTH:
        raise CatalogueError(
            _("{column} is {text!r}: write yes or no.").format(column=column, text=text[:40])
        )
    return _TRUTH[text.lower()]
