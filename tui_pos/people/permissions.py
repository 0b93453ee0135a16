"""What somebody may do: the one table of permissions, and the roles that exist from the start."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Permission(StrEnum):
    """One kind of act. Every use case that acts names the one that it needs."""

    SELL = "sell"
    DISCOUNT = "discount"  # on a line or the sale, up to the role's limit
    PRICE_CHANGE = "price_change"  # up to the role's limit
    VOID_LINE = "void_line"
    VOID_SALE = "void_sale"
    TAKE_BACK_TENDER = "take_back_tender"
    RETURN = "return"
    RETURN_WITHOUT_RECEIPT = "return_without_receipt"
    CARD_BY_HAND = "card_by_hand"
    REPRINT = "reprint"
    NO_SALE = "no_sale"  # opening the drawer without a sale
    SHIFT = "shift"  # opening and closing a drawer, counting it
    CASH_IN_OUT = "cash_in_out"  # paid in, paid out, drop
    SEE_EXPECTED = "see_expected"  # what the drawer should hold, before it was counted
    X_REPORT = "x_report"
    Z_REPORT = "z_report"
    TRAINING = "training"
    SEARCH_SALES = "search_sales"
    CATALOGUE = "catalogue"
    TAXES = "taxes"
    STAFF = "staff"
    UNLOCK = "unlock"  # let somebody try again who was locked after wrong PINs
    EXPORT = "export"
    JOURNAL = "journal"
    BACKUP = "backup"
    RESTORE = "restore"
    SETTINGS = "settings"


@dataclass(frozen=True, slots=True)
class RoleRights:
    """What a role may do. A limit of None is none at all; percentages are of the catalogue's price."""

    permissions: frozenset[Permission]
    max_discount_percent: Decimal | None = None
    max_price_change_percent: Decimal | None = None


P = Permission
_CASHIER = {P.SELL, P.DISCOUNT, P.PRICE_CHANGE, P.VOID_LINE, P.RETURN, P.CARD_BY_HAND, P.REPRINT, P.SHIFT}
_SUPERVISOR = _CASHIER | {
    P.VOID_SALE, P.TAKE_BACK_TENDER, P.RETURN_WITHOUT_RECEIPT, P.NO_SALE, P.CASH_IN_OUT, P.SEE_EXPECTED,
    P.X_REPORT, P.Z_REPORT, P.TRAINING, P.SEARCH_SALES, P.UNLOCK,
}  # fmt: skip
_SERVICE = {P.X_REPORT, P.Z_REPORT, P.SEARCH_SALES, P.SEE_EXPECTED, P.REPRINT, P.EXPORT, P.JOURNAL, P.BACKUP}
_BOOKKEEPER = {P.X_REPORT, P.SEARCH_SALES, P.EXPORT, P.JOURNAL, P.SEE_EXPECTED}

BUILT_IN: dict[str, RoleRights] = {
    "cashier": RoleRights(frozenset(_CASHIER), Decimal(10), Decimal(10)),
    "supervisor": RoleRights(frozenset(_SUPERVISOR), Decimal(50), Decimal(50)),
    "owner": RoleRights(frozenset(Permission)),
    "bookkeeper": RoleRights(frozenset(_BOOKKEEPER), Decimal(0), Decimal(0)),
    "service": RoleRights(frozenset(_SERVICE), Decimal(0), Decimal(0)),
}
"""The roles that every shop has; a shop's own roles are rows of the same shape.

`service` is no person's: it says what commands may do that nobody answers for, from cron, say.
"""
