"""What acts are called where somebody is asked to allow one."""

from tui_pos.i18n import _
from tui_pos.people.permissions import Permission

P = Permission


def act_name(permission: Permission) -> str:
    """The kind of act that a permission is for, as one says it."""
    return _names()[permission]


def _names() -> dict[Permission, str]:
    return {
        P.SELL: _("Sell"),
        P.DISCOUNT: _("Discount"),
        P.PRICE_CHANGE: _("Another price"),
        P.VOID_LINE: _("Take a line out, or sell fewer"),
        P.VOID_SALE: _("Void a sale"),
        P.TAKE_BACK_TENDER: _("Take a payment back"),
        P.RETURN: _("Take goods back"),
        P.RETURN_WITHOUT_RECEIPT: _("Take goods back without a receipt"),
        P.CARD_BY_HAND: _("Note a card payment by hand"),
        P.REPRINT: _("Print a page again, or give it up"),
        P.NO_SALE: _("Open the drawer without a sale"),
        P.SHIFT: _("Open, count or close a drawer"),
        P.CASH_IN_OUT: _("Put cash into the drawer, or take some out"),
        P.SEE_EXPECTED: _("See what the drawer should hold"),
        P.X_REPORT: _("See an X report"),
        P.Z_REPORT: _("Z report: close the day, or print one again"),
        P.TRAINING: _("Begin or end practising"),
        P.SEARCH_SALES: _("Look at past sales, for as long as the list is open"),
        P.CATALOGUE: _("Change products"),
        P.TAXES: _("Change taxes"),
        P.STAFF: _("Keep the staff and its roles"),
        P.UNLOCK: _("Unlock somebody after wrong PINs"),
        P.EXPORT: _("Write out what the bookkeeper gets"),
        P.JOURNAL: _("Prove or archive the journal"),
        P.BACKUP: _("Make a backup"),
        P.RESTORE: _("Bring a backup back"),
        P.SETTINGS: _("Change the settings"),
    }
