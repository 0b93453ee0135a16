"""The slips of the drawer: one page for each act, for the screen and for paper of any width."""

import datetime as dt
import json
from collections.abc import Iterable
from uuid import UUID

from sqlalchemy.orm import Session

from hardware.document import Blank, Block, Document, Row, Rule, Text
from tui_pos.drawer.denominations import Counted
from tui_pos.i18n import _
from tui_pos.i18n.formatting import format_date, format_time
from tui_pos.journal.chain import Head
from tui_pos.payments.models import CashCount, CashMovement
from tui_pos.payments.shifts import OpenShift, drawer_label
from tui_pos.people.actor import Actor
from tui_pos.printing.queue import enqueue
from tui_pos.sales.receipt import Money, proof_of
from tui_pos.sales.shop import Shop

SLIP = "slip"
"""The kind of a print job that holds a page of the drawer."""


def print_slip(session: Session, shop: Shop, page: Document, now: dt.datetime) -> UUID:
    """Queue a slip; where nothing prints it is kept."""
    return enqueue(
        session,
        till=shop.till,
        kind=SLIP,
        title=page.title,
        document=page,
        sale_id=None,
        now=now,
        wanted=shop.prints,
    )


def movement_slip(
    shop: Shop,
    kind: str,
    shift: OpenShift,
    amount_minor: int,
    reason: str,
    actor: Actor,
    now: dt.datetime,
    head: Head,
) -> Document:
    """What was paid in, paid out or dropped, with a line for who got or brought it."""
    title = movement_name(kind)
    blocks: list[Block] = [
        Row(_("Amount"), Money(shop)(amount_minor), bold=True, size=2),
        Text(reason),
        *_line_to_sign(),
    ]
    return _page(shop, title, shift, blocks, actor, now, head)


def taken_back_slip(
    shop: Shop,
    meant: CashMovement,
    shift: OpenShift,
    reason: str,
    actor: Actor,
    now: dt.datetime,
    head: Head,
) -> Document:
    """What was a mistake (`meant`), and why it is taken back; the amount is that of its slip, minus."""
    title = _("Taken back: {what}").format(what=movement_name(meant.kind))
    blocks: list[Block] = [
        Row(_("Amount"), Money(shop)(-abs(meant.amount_minor)), bold=True, size=2),
        Text(f"{_moment(meant.at, shop)}: {meant.reason}"),
        Text(reason),
        *_line_to_sign(),
    ]
    return _page(shop, title, shift, blocks, actor, now, head)


def movement_name(kind: str) -> str:
    """What people call it."""
    return {"paid_in": _("Paid in"), "paid_out": _("Paid out"), "drop": _("Drop to the safe")}[kind]


def open_slip(
    shop: Shop,
    shift: OpenShift,
    counted: Counted | None,
    left_minor: int | None,
    actor: Actor,
    now: dt.datetime,
    head: Head,
) -> Document:
    """The float that a shift begins with, and what the last close said that there would be."""
    money = Money(shop)
    blocks: list[Block] = []
    if counted is not None:
        blocks += _pieces(counted.pieces, money)
    blocks.append(Row(_("Float"), money(shift.float_minor), bold=True, size=2))
    if counted is None:
        blocks.append(Text(_("Carried over from the last close, not counted.")))
    elif left_minor is not None and left_minor != counted.total_minor:
        blocks += [
            Row(_("Left by the last close"), money(left_minor)),
            Row(_("Difference"), money(counted.total_minor - left_minor)),
        ]
    title = _("Shift {number} opened").format(number=shift.number)
    return _page(shop, title, shift, blocks, actor, now, head)


def count_slip(
    shop: Shop,
    shift: OpenShift,
    counted: Counted,
    expected_minor: int | None,
    actor: Actor,
    now: dt.datetime,
    head: Head,
) -> Document:
    """A count in between. What was expected stands there only for who may know it (not None)."""
    blocks = _counted(counted.pieces, counted.total_minor, expected_minor, Money(shop))
    title = _("Count, shift {number}").format(number=shift.number)
    return _page(shop, title, shift, blocks, actor, now, head)


def close_slip(
    shop: Shop,
    shift: OpenShift,
    kept: CashCount,
    expected_minor: int | None,
    left_minor: int,
    explanation: str,
    actor: Actor,
    now: dt.datetime,
    head: Head,
) -> Document:
    """What was counted at the end, what stays, and what leaves the drawer."""
    money = Money(shop)
    pieces = json.loads(kept.pieces or "{}")
    blocks = _counted(
        [(int(worth), number) for worth, number in pieces.items()], kept.total_minor, expected_minor, money
    )
    if explanation:
        blocks.append(Text(_("Explanation: {text}").format(text=explanation)))
    blocks += [
        Rule(),
        Row(_("Stays in the drawer"), money(left_minor)),
        Row(_("Leaves the drawer"), money(kept.total_minor - left_minor), bold=True),
        *_line_to_sign(),
    ]
    title = _("Shift {number} closed").format(number=shift.number)
    return _page(shop, title, shift, blocks, actor, now, head)


def _counted(
    pieces: Iterable[tuple[int, int]], total_minor: int, expected_minor: int | None, money: Money
) -> list[Block]:
    blocks = _pieces(pieces, money)
    blocks.append(Row(_("Counted"), money(total_minor), bold=True, size=2))
    if expected_minor is not None:
        over = total_minor - expected_minor
        blocks += [
            Row(_("Expected"), money(expected_minor)),
            Row(over_or_short(over), money(over), bold=True),
        ]
    return blocks


def over_or_short(minor: int) -> str:
    """What a difference is called."""
    if not minor:
        return _("Difference")
    return _("Over") if minor > 0 else _("Short")


def _pieces(pieces: Iterable[tuple[int, int]], money: Money) -> list[Block]:
    found: list[Block] = [
        Row(f"{number} × {money(worth)}", money(number * worth)) for worth, number in pieces if number
    ]
    return [*found, Rule()] if found else []


def _line_to_sign() -> list[Block]:
    return [Blank(2), Rule("_"), Text(_("Signature"), align="center")]


def _moment(at: dt.datetime, shop: Shop) -> str:
    local = at.astimezone(shop.zone)
    return (
        f"{format_date(local.date(), shop.locale, paper=True)} {format_time(local, shop.locale, paper=True)}"
    )


def _page(
    shop: Shop,
    title: str,
    shift: OpenShift,
    blocks: Iterable[Block],
    actor: Actor,
    now: dt.datetime,
    head: Head,
) -> Document:
    """Shop, what it is, then where, when, who, and the start of the journal's hash."""
    place = _("{till}, shift {number}").format(till=shop.till, number=shift.number)
    if len(shop.drawer.names) > 1:
        place = f"{place}, {drawer_label(shift.drawer)}"
    page: list[Block] = [
        Text(shop.name, align="center", bold=True),
        Text(title, align="center", bold=True, size=2),
        Rule(),
        *blocks,
        Rule(),
        Row(place, _moment(now, shop)),
        Row(actor.name, _("proof {hash}").format(hash=proof_of(head.hash))),
    ]
    if actor.approver:
        page.append(Text(_("Allowed by {name}").format(name=actor.approver)))
    return Document(_("{title}, {till}").format(title=title, till=shop.till), tuple(page))
