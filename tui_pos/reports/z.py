"""Making an X and a Z: the period as it stands, and its numbered close in one commit.

A Z is kept as it was made, figures and page: whoever asks again gets the same bytes. The transaction is the caller's;
that of a Z must be a durable one (`storage.engine.writing(engine, durable=True)`), and a crash leaves it whole or not
there at all.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from hardware.document import Document, DocumentError, from_json, mark_copy, to_json
from tui_pos.drawer.blockers import Blocker, BlockerKind, what_blocks_close
from tui_pos.i18n import _, speaking
from tui_pos.journal import chain
from tui_pos.journal.models import Closure, JournalEntry
from tui_pos.journal.signing import Signer, sign_closure, signature_text
from tui_pos.payments.shifts import drawer_label, open_shifts
from tui_pos.people.actor import Actor
from tui_pos.people.permissions import Permission
from tui_pos.printing import queue
from tui_pos.reports.documents import report_document, with_proof
from tui_pos.reports.errors import ReportError
from tui_pos.reports.figures import Figures, ReportKind, figures_of, to_content, z_place
from tui_pos.reports.models import ZReport
from tui_pos.reports.period import anything_since_last_z, figures_since_last_z
from tui_pos.sales.shop import Shop
from tui_pos.storage.errors import damaged
from tui_pos.storage.ids import new_id
from tui_pos.storage.lock import one_at_a_time

REPORT = "report"
"""The kind of a print job that holds an X or a Z."""


class CloseBlocked(ReportError):
    """There is no Z yet: `blockers` must be cleared away first."""

    def __init__(self, blockers: Sequence[Blocker]) -> None:
        super().__init__(" ".join(blocker.text for blocker in blockers))
        self.blockers = tuple(blockers)


class NothingToClose(ReportError):
    """Nothing has happened since the last Z: an unused till needs none."""

    def __init__(self) -> None:
        super().__init__(_("Nothing has happened at this till since its last Z, so it needs none."))


def what_blocks(session: Session, shop: Shop) -> list[Blocker]:
    """What keeps this till from being closed; empty where nothing does."""
    return [*what_blocks_close(session, shop), *_open_shifts(session, shop)]


def _open_shifts(session: Session, shop: Shop) -> Iterator[Blocker]:
    """The drawers that are still open. Where there are several, the one to close need not be the one in use."""
    standing = open_shifts(session, shop.till)
    several = len({*shop.drawer.names, *(shift.drawer for shift in standing)}) > 1
    if several:
        text = _(
            "Shift {number} of the drawer “{drawer}” is open: take that drawer up (/drawer-use), then count and "
            "close it (/close)."
        )
    else:
        text = _("Shift {number} of the drawer “{drawer}” is open: count and close it (/close).")
    for shift in standing:
        words = text.format(number=shift.number, drawer=drawer_label(shift.drawer))
        yield Blocker(BlockerKind.OPEN_SHIFT, words)


def check_closable(session: Session, shop: Shop, now: dt.datetime, *, even_if_unused: bool) -> None:
    """Look before anything is prepared for a Z. Raises CloseBlocked and NothingToClose, as `make_z` would."""
    blockers = what_blocks(session, shop)
    if blockers:
        raise CloseBlocked(blockers)
    if not even_if_unused:
        check_needed(session, shop, now)


def check_needed(session: Session, shop: Shop, now: dt.datetime) -> None:
    """Look before anybody is asked whether to close. Raises NothingToClose, and ReportError as `make_z` would."""
    if not anything_since_last_z(session, shop, now):
        raise NothingToClose


def make_x(session: Session, shop: Shop, actor: Actor, now: dt.datetime) -> Figures:
    """The period as it stands. Nothing changes; the journal notes who looked. Raises NotAllowed, ReportError."""
    actor.require(Permission.X_REPORT)
    one_at_a_time(session, shop.till)
    figures = figures_since_last_z(session, shop, actor, now, ReportKind.X)
    chain.append(
        session,
        till=shop.till,
        stream=chain.EVENTS,
        event="x",
        actor=actor.id,
        now=now,
        data={
            "receipts": figures.receipts,
            "last_receipt": figures.last_receipt,
            "gross_minor": figures.gross_minor,
            **actor.approval(),
        },
    )
    return figures


def make_z(
    session: Session,
    shop: Shop,
    actor: Actor,
    now: dt.datetime,
    *,
    signer: Signer | None = None,
    even_if_unused: bool = False,
) -> ZReport:
    """Close the till's period: number, figures, journal, signed closure and print job.

    Raises NotAllowed, CloseBlocked with the list of what is in the way, NothingToClose for an unused till (unless it
    shall be closed all the same), and ReportError where the currency was changed meanwhile.
    """
    actor.require(Permission.Z_REPORT)
    one_at_a_time(session, shop.till)
    blockers = what_blocks(session, shop)
    if blockers:
        raise CloseBlocked(blockers)
    figures = figures_since_last_z(session, shop, actor, now, ReportKind.Z)
    if figures.unused and not even_if_unused:
        raise NothingToClose
    content = to_content(figures)
    row = {
        "id": new_id(now),
        "till": shop.till,
        "number": figures.number,
        "business_date": figures.business_date,
        "at": now,
        "actor": actor.id,
        "last_sale": figures.bounds.sale,
        "content": chain.canonical(content),
        "document": to_json(report_document(figures, shop)),
    }
    session.execute(insert(ZReport).values(row))
    chain.append(
        session,
        till=shop.till,
        stream=chain.CLOSURES,
        event="z",
        actor=actor.id,
        now=now,
        data={"z": content, **actor.approval()},
        rows={ZReport: [row]},
    )
    sign_closure(session, shop.till, signer, asdict(figures.perpetual), now)
    report = find_z(session, shop.till, figures.number)
    print_page(session, shop, page_of(session, report), now)
    return report


def find_z(session: Session, till: str, number: int) -> ZReport:
    """The till's Z of that number. Raises ReportError if there is none."""
    found = session.scalar(select(ZReport).where(ZReport.till == till, ZReport.number == number))
    if found is None:
        raise ReportError(_("{till} has no Z {number}.").format(till=till, number=number))
    return found


def list_z(session: Session, till: str, actor: Actor, limit: int = 1000) -> Sequence[ZReport]:
    """The till's Zs, newest first. Raises NotAllowed."""
    actor.require(Permission.X_REPORT)
    newest = select(ZReport).where(ZReport.till == till).order_by(ZReport.number.desc())
    return session.scalars(newest.limit(limit)).all()


def show_z(session: Session, till: str, number: int, actor: Actor) -> tuple[ZReport, Document]:
    """A Z as it was made, figures and page, for who may see an X or make a Z.

    Raises NotAllowed, and ReportError if there is none.
    """
    if Permission.Z_REPORT not in actor.rights.permissions:
        actor.require(Permission.X_REPORT)
    report = find_z(session, till, number)
    return report, page_of(session, report)


def page_of(session: Session, report: ZReport) -> Document:
    """The page as it was printed: what was stored, and what proves it, both never made anew."""
    seq = figures_of(report).journal[chain.CLOSURES].seq + 1
    entry = session.get_one(JournalEntry, (report.till, chain.CLOSURES, seq))
    closure = session.scalars(
        select(Closure).where(Closure.till == report.till, Closure.at == report.at).order_by(Closure.number)
    ).first()
    signature = signature_text(closure) if closure else ""
    try:
        page = from_json(report.document)
    except DocumentError as error:
        raise damaged(z_place(report)) from error
    return with_proof(page, entry.hash.hex(), signature)


def print_copy(session: Session, shop: Shop, report: ZReport, actor: Actor, now: dt.datetime) -> UUID:
    """Print a Z again, marked COPY. The journal counts it."""
    actor.require(Permission.Z_REPORT)
    chain.append(
        session,
        till=shop.till,
        stream=chain.COPIES,
        event="copy",
        actor=actor.id,
        now=now,
        data={"z": report.number, "of": report.till, **actor.approval()},
    )
    with speaking(shop.locale):
        page = mark_copy(page_of(session, report), _("COPY"))
    return print_page(session, shop, page, now, kind=queue.COPY)


def print_x(session: Session, shop: Shop, figures: Figures, actor: Actor, now: dt.datetime) -> UUID:
    """Print an X that was just made. Raises NotAllowed."""
    actor.require(Permission.X_REPORT)
    return print_page(session, shop, report_document(figures, shop), now)


def print_page(session: Session, shop: Shop, page: Document, now: dt.datetime, *, kind: str = REPORT) -> UUID:
    """Queue a page of a report; where nothing prints it is kept."""
    return queue.enqueue(
        session,
        till=shop.till,
        kind=kind,
        title=page.title,
        document=page,
        sale_id=None,
        now=now,
        wanted=shop.prints,
    )
