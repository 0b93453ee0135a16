"""Taking money for the open basket, and giving it back before the end."""

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from tui_pos.i18n import _
from tui_pos.money.rounding import CashRounding
from tui_pos.people.actor import Actor
from tui_pos.people.permissions import Permission
from tui_pos.sales.basket import SaleError, add_row, change_row
from tui_pos.sales.corrections import record_correction
from tui_pos.sales.models import OpenTender
from tui_pos.sales.view import Basket, Tender, TenderKind, TenderState
from tui_pos.storage.ids import new_id

MAX_TENDERS = 20

_INSERT_TENDER = insert(OpenTender.__table__)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Settlement:
    """How the tenders of a basket stand against its total; all in minor units.

    `cash_due` is what is left when it is paid in coins; `change` goes back to the customer; `rounding` is what cash
    rounding added to (+) or took from (-) the total: money that enters no tax and has its own line in the books.
    """

    due: int
    cash_due: int
    change: int
    rounding: int

    @property
    def settled(self) -> bool:
        """Whether nothing is left to pay."""
        return self.due == 0


def settle(basket: Basket, cash_rounding: CashRounding) -> Settlement:
    """What is left to pay, and what goes back. The rounding and the change come from the last cash tender."""
    due = basket.due_minor
    cash = [t for t in basket.tenders if t.kind is TenderKind.CASH and t.state is TenderState.CAPTURED]
    change = rounding = 0
    if due == 0 and cash:
        last = cash[-1]
        owed = cash_rounding.round(last.amount_minor)
        rounding = owed - last.amount_minor
        change = last.given_minor - owed
    return Settlement(due, cash_rounding.round(due), change, rounding)


def pay_cash(
    session: Session,
    basket: Basket,
    given_minor: int,
    cash_rounding: CashRounding,
    actor: Actor,
    now: dt.datetime,
) -> Basket:
    """Take cash. What is given above the rounded rest is change; less than it covers that much.

    For a basket that owes the customer (a return), `given_minor` is ignored: the rounded sum is handed out.
    """
    actor.require(Permission.SELL)
    settlement = settle(basket, cash_rounding)
    if settlement.due < 0:
        return _add(session, basket, _cash(settlement.due, settlement.cash_due, now), now)
    if given_minor < 0 or (given_minor == 0 and settlement.cash_due > 0):
        raise SaleError(_("Type what the customer gave."))
    if cash_rounding.round(given_minor) != given_minor:
        raise SaleError(
            _("There are no coins for that amount: what is due in cash is shown. Type what was given.")
        )
    covers_all = given_minor >= settlement.cash_due
    amount = settlement.due if covers_all else given_minor
    return _add(session, basket, _cash(amount, given_minor, now), now)


def _cash(amount_minor: int, given_minor: int, now: dt.datetime) -> Tender:
    return Tender(new_id(now), TenderKind.CASH, TenderState.CAPTURED, amount_minor, given_minor)


def pay_card_by_hand(
    session: Session,
    basket: Basket,
    amount_minor: int,
    authorisation: str,
    last_four: str,
    actor: Actor,
    now: dt.datetime,
) -> Basket:
    """Note a card payment that a stand-alone terminal took: never more than is due, and marked as entered by hand."""
    actor.require(Permission.CARD_BY_HAND)
    due = basket.due_minor
    if not 0 < abs(amount_minor) <= abs(due) or (amount_minor < 0) != (due < 0):
        raise SaleError(_("A card pays at most what is due: change comes from cash only."))
    check_authorisation(authorisation)
    check_last_four(last_four)
    tender = Tender(
        id=new_id(now),
        kind=TenderKind.CARD,
        state=TenderState.CAPTURED,
        amount_minor=amount_minor,
        given_minor=amount_minor,
        entered_by_hand=True,
        authorisation=authorisation,
        last_four=last_four,
    )
    return _add(session, basket, tender, now)


def check_authorisation(code: str) -> None:
    """Raises SaleError for what no slip's authorisation code looks like, a whole card number above all."""
    if len(code) > 12 or not (code == "" or code.isalnum()):
        raise SaleError(_("The authorisation code on the slip has up to twelve letters and digits."))


def check_last_four(digits: str) -> None:
    """Raises SaleError for anything but four digits or nothing."""
    if digits and not (len(digits) == 4 and digits.isascii() and digits.isdigit()):
        raise SaleError(
            _("Type the last four digits of the card, never its whole number, or leave them out.")
        )


def _add(session: Session, basket: Basket, tender: Tender, now: dt.datetime) -> Basket:
    if not basket.lines:
        raise SaleError(_("There is nothing to pay yet."))
    if basket.due_minor == 0 and basket.tenders:
        raise SaleError(_("Everything is paid already."))
    if len(basket.tenders) >= MAX_TENDERS:
        raise SaleError(_("A sale takes {limit} tenders at most.").format(limit=MAX_TENDERS))
    row = {
        "id": tender.id,
        "sale_id": basket.id,
        "position": len(basket.tenders) + 1,
        "state": str(tender.state),
        "taken_at": now,
        **tender_columns(tender),
    }
    add_row(session, _INSERT_TENDER, row)
    return replace(basket, tenders=(*basket.tenders, tender))


def tender_columns(tender: Tender) -> dict[str, Any]:
    """The columns that an open tender and a completed one share."""
    return {
        "kind": str(tender.kind),
        "amount_minor": tender.amount_minor,
        "given_minor": tender.given_minor,
        "entered_by_hand": tender.entered_by_hand,
        "authorisation": tender.authorisation,
        "last_four": tender.last_four,
    }


def take_back(session: Session, basket: Basket, tender_id: UUID, actor: Actor, now: dt.datetime) -> Basket:
    """Give a tender back before the sale is completed. One in flight cannot be: its outcome is not known."""
    actor.require(Permission.TAKE_BACK_TENDER)
    tender = next((t for t in basket.tenders if t.id == tender_id), None)
    if tender is None:
        raise SaleError(_("This tender is no longer there."))
    if tender.state is TenderState.IN_FLIGHT:
        raise SaleError(_("The outcome of this payment is not known yet: wait for it."))
    left = replace(basket, tenders=tuple(t for t in basket.tenders if t.id != tender_id))
    change_row(session, delete(OpenTender).where(OpenTender.id == tender_id))
    detail = f"{tender.kind} {tender.amount_minor}"
    record_correction(session, left, basket, actor, now, "tender", detail, amount_minor=-tender.amount_minor)
    return left
