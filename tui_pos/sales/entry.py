"""The entry line: what a cashier typed before Enter, as a value that says what is meant.

    5449000000996 · 85123A      Code             3*5449000000996 · 0.350*12   Code with a quantity
    oat drink                   Search           3*oat drink                  Search with a quantity
    -10% · -1.50 · -0           LineDiscount     --10% · --5.00 · --0         SaleDiscount; nought clears it
    =2.99                       NewPrice         *5 · + · -                   SetQuantity, MoreOne, FewerOne
    /hold                       Command          ? · nothing                  Help, Pay

Text with a digit and no space is a code, for there are codes like 85123A, ]C1… and https://…; where no
product has it, the caller searches for it. Any other text is searched for. Both `.` and `,` part decimals,
on any till.
"""

import re
from dataclasses import dataclass, field
from decimal import Decimal

from tui_pos.i18n import _
from tui_pos.money.amount import AmountFault, BadAmount, parse_amount
from tui_pos.money.currency import Currency
from tui_pos.money.discount import MAX_PERCENT_DECIMALS, AmountOff, Discount, PercentOff

MAX_ENTRY_LENGTH = 4_296  # characters; the most that a QR code holds
MAX_QUANTITY = Decimal(99_999)
MAX_QUANTITY_DECIMALS = 3
MIN_CODE_DIGITS = 8  # of the shortest EAN


class BadEntry(ValueError):
    """What was typed means nothing. The text is for the cashier: what is wrong, and what would do."""


@dataclass(frozen=True, slots=True)
class Code:
    """A barcode or short code to sell; `quantity` is None where none was typed."""

    text: str
    quantity: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Search:
    """Words to find products by."""

    text: str
    quantity: Decimal | None = None


@dataclass(frozen=True, slots=True)
class LineDiscount:
    """A discount for the chosen line; None takes it away again."""

    discount: Discount | None


@dataclass(frozen=True, slots=True)
class SaleDiscount:
    """A discount for the whole sale; None takes it away again."""

    discount: Discount | None


@dataclass(frozen=True, slots=True)
class NewPrice:
    """A unit price for the chosen line, in minor units; nought gives it away. `typed` is how it was written."""

    minor: int
    typed: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class SetQuantity:
    """The quantity of the chosen line, more than nought."""

    quantity: Decimal


@dataclass(frozen=True, slots=True)
class MoreOne:
    """One more of the chosen line."""


@dataclass(frozen=True, slots=True)
class FewerOne:
    """One fewer of the chosen line."""


@dataclass(frozen=True, slots=True)
class Command:
    """An action by its name, without the slash; an empty name lists them all."""

    text: str


@dataclass(frozen=True, slots=True)
class Pay:
    """An Enter on an empty line."""


@dataclass(frozen=True, slots=True)
class Help:
    """A question mark alone."""


Entry = (
    Code
    | Search
    | LineDiscount
    | SaleDiscount
    | NewPrice
    | SetQuantity
    | MoreOne
    | FewerOne
    | Command
    | Pay
    | Help
)

_WHOLE_ENTRIES: dict[str, Entry] = {"": Pay(), "?": Help(), "+": MoreOne(), "-": FewerOne()}
# No keyboard types them, and databases choke on some. GS stays: it parts the fields of a GS1 code.
_CONTROL_CHARACTERS = re.compile(r"[\x00-\x1c\x1e\x1f\x7f-\x9f\ud800-\udfff]")


def parse_entry(text: str, currency: Currency) -> Entry:
    """What the entry line means; amounts are in `currency`. Raises BadEntry, and nothing else."""
    if len(text) > MAX_ENTRY_LENGTH:
        message = _("No code is longer than {limit} characters. Clear the line with Esc and scan again.")
        raise BadEntry(message.format(limit=MAX_ENTRY_LENGTH))
    text = text.strip(" \t\r\n")
    if _CONTROL_CHARACTERS.search(text):
        raise BadEntry(_("No code and no name has such characters. Clear the line with Esc and try again."))
    if text in _WHOLE_ENTRIES:
        return _WHOLE_ENTRIES[text]
    if text.startswith("--"):
        return SaleDiscount(_parse_discount(text[2:], currency))
    match text[0]:
        case "-":
            return LineDiscount(_parse_discount(text[1:], currency))
        case "=":
            return NewPrice(_parse_minor(text[1:], currency), text[1:])
        case "*":
            return SetQuantity(_parse_quantity(text[1:]))
        case "/":
            return Command(text[1:].strip())
        case "+":
            raise BadEntry(_("+ stands alone, for one more. For five type *5."))
    return _parse_product(text)


def parse_pending_quantity(text: str) -> Decimal | None:
    """The quantity of a line like `3*`, whose code the scanner brings; None where the line is anything else.

    Raises BadEntry where the quantity is out of bounds.
    """
    match = re.fullmatch(r"\s*([0-9.,]+)\s*\*\s*", text[: MAX_ENTRY_LENGTH + 1])
    return _parse_quantity(match[1]) if match else None


def looks_like_code(text: str) -> bool:
    """Whether a typed sum may well be a barcode that got into the wrong window: eight digits or more, and no cents."""
    text = text.strip()
    return len(text) >= MIN_CODE_DIGITS and text.isascii() and text.isdigit()


def word_amount_fault(error: BadAmount, currency: Currency) -> str:
    """What is wrong with an amount that parse_amount refused, for the person who typed it."""
    match error.fault:
        case AmountFault.TOO_LARGE:
            return _("That amount is too large. Check it and type it again.")
        case AmountFault.TOO_MANY_DECIMALS if currency.exponent == 0:
            return _("{currency} has no decimals. Type whole units, like 12.").format(currency=currency.code)
        case AmountFault.TOO_MANY_DECIMALS if error.grouped_by:
            text = _("{currency} has at most {count} decimals, and “{mark}” begins them. A thousand is 1000.")
            return text.format(currency=currency.code, count=currency.exponent, mark=error.grouped_by)
        case AmountFault.TOO_MANY_DECIMALS:
            return _("{currency} has at most {count} decimals. Type it like 1.50.").format(
                currency=currency.code, count=currency.exponent
            )
        case AmountFault.NOT_A_NUMBER:
            return _("That is no amount. Type digits, like 12 or 1.50.")


def _parse_product(text: str) -> Code | Search:
    """A code or words, with or without a quantity before them."""
    quantity = None
    multiplied = re.match(r"([0-9.,]+)\s*\*\s*", text)
    if multiplied:
        quantity = _parse_quantity(multiplied[1])
        text = text[multiplied.end() :]
        if not text or text[0] in "-+=*/?":
            raise BadEntry(_("After the quantity and * comes a code or a name, like 3*5449000000996."))
    if not any(character.isalnum() for character in text):
        raise BadEntry(_("That is neither a code nor a name. Type a code, a name, or ? for help."))
    if re.search("[0-9]", text) and not re.search(r"[^\S\x1d]", text):
        return Code(text, quantity)
    return Search(text, quantity)


def _parse_quantity(text: str) -> Decimal:
    quantity = _parse_number(text)
    if quantity is None:
        raise BadEntry(_("That is no quantity. Type it like *5, or 0.350* before a code."))
    if quantity > MAX_QUANTITY:
        raise BadEntry(_("A quantity is at most {limit}. Was that a code?").format(limit=MAX_QUANTITY))
    if _decimals(quantity) > MAX_QUANTITY_DECIMALS:
        message = _("A quantity has at most {count} decimals, like 0.350.")
        raise BadEntry(message.format(count=MAX_QUANTITY_DECIMALS))
    if not quantity:
        raise BadEntry(_("A quantity is more than 0. To take a line away, choose it and press Delete."))
    return quantity


def _parse_discount(text: str, currency: Currency) -> Discount | None:
    """A percentage or an amount after its minus signs; nought is no discount."""
    text = text.strip()
    if not text.endswith("%"):
        minor = _parse_minor(text, currency)
        return AmountOff(minor) if minor else None
    percent = _parse_number(text[:-1])
    if percent is None:
        raise BadEntry(_("That is no percentage. Type it like -10% or -2.5%."))
    if percent > 100:
        raise BadEntry(_("A discount is at most 100%."))
    if _decimals(percent) > MAX_PERCENT_DECIMALS:
        message = _("A percentage has at most {count} decimals, like -2.5%.")
        raise BadEntry(message.format(count=MAX_PERCENT_DECIMALS))
    return PercentOff(percent) if percent else None


def _parse_number(text: str) -> Decimal | None:
    """A decimal without a sign, as written; None where it is none."""
    match = re.fullmatch(r"([0-9]*)(?:[.,]([0-9]+))?", text.strip())
    if match is None or not (match[1] or match[2]):
        return None
    return Decimal(f"{match[1]}.{match[2]}" if match[2] else match[1])


def _decimals(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


def _parse_minor(text: str, currency: Currency) -> int:
    """Minor units of an amount that is not negative."""
    try:
        amount = parse_amount(text, currency)
    except BadAmount as error:
        raise BadEntry(word_amount_fault(error, currency)) from error
    if amount.minor < 0 or text.strip().startswith("-"):
        raise BadEntry(_("That amount has a minus sign too many. A discount is -1.50, a price =2.99."))
    return amount.minor
