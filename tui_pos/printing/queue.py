"""The durable queue: what is to be printed, what came of it, and copies on request.

Every function works in the session that it is given, so that a sale and its print job are one commit.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CursorResult, Select, func, insert, select, update
from sqlalchemy.orm import Session

from hardware.document import Document, DocumentError, from_json, mark_copy, to_json
from tui_pos.i18n import _
from tui_pos.journal import chain
from tui_pos.people.actor import Actor
from tui_pos.people.permissions import Permission
from tui_pos.printing.models import PrintJob
from tui_pos.storage.errors import damaged
from tui_pos.storage.ids import new_id

DRAWER = "drawer"
RECEIPT = "receipt"
COPY = "copy"
TRAINING = "training"

DRAWER_LIMIT_S = 10
"""A drawer that could not be opened by then stays shut: nobody expects it to spring open later."""
TITLE_LIMIT = 80
LIST_LIMIT = 200

_INSERT = insert(PrintJob.__table__)  # type: ignore[arg-type]


class JobState(StrEnum):
    QUEUED = "queued"
    PRINTING = "printing"
    PRINTED = "printed"
    NOT_PRINTED = "not_printed"
    REPRINTED = "reprinted"  # was not printed; the copy that was asked for took its place
    DISMISSED = "dismissed"  # somebody decided that it need not be printed


class Trouble(StrEnum):
    """Why a job was not printed, beside the faults of a device (hardware.ports.Fault)."""

    INTERRUPTED = "interrupted"
    TOO_LATE = "too late"
    UNREADABLE = "unreadable"


class PrintingError(Exception):
    """The queue cannot do what was asked; the text tells the cashier why."""


@dataclass(frozen=True, slots=True)
class JobView:
    """One job as the screens see it. `fault` is a value of Fault or Trouble, empty while all is well."""

    id: UUID
    kind: str
    title: str
    sale_id: UUID | None
    state: JobState
    fault: str
    created_at: dt.datetime


def enqueue(
    session: Session,
    *,
    till: str,
    kind: str,
    title: str,
    document: Document | None,
    sale_id: UUID | None,
    now: dt.datetime,
    wanted: bool = True,
) -> UUID:
    """Queue one page, or one pulse for the drawer (kind `drawer`, without a document).

    Where nothing prints at this till (`wanted` is False) the page is only kept, so that it can be seen and copied;
    a printer that is bought later does not start with last month's receipts.

    Raises ValueError if document and kind do not belong together.
    """
    if (document is None) != (kind == DRAWER):
        raise ValueError(f"a job of kind {kind!r} {'needs' if document is None else 'has'} a document")
    job_id = new_id(now)
    job = {
        "id": job_id,
        "till": till,
        "kind": kind,
        "title": title[:TITLE_LIMIT],
        "document": "" if document is None else to_json(document),
        "sale_id": sale_id,
        "state": str(JobState.QUEUED if wanted else JobState.DISMISSED),
        "fault": "",
        "created_at": now,
        "finished_at": None,
    }
    session.connection().execute(_INSERT, job)
    return job_id


def enqueue_pulse(
    session: Session,
    *,
    till: str,
    drawer: str,
    now: dt.datetime,
    sale_id: UUID | None = None,
    wanted: bool = True,
) -> UUID:
    """Queue the pulse that opens the drawer of that name: the job bears it as its title."""
    return enqueue(
        session,
        till=till,
        kind=DRAWER,
        title=drawer,
        document=None,
        sale_id=sale_id,
        now=now,
        wanted=wanted,
    )


def next_queued(session: Session, till: str) -> JobView | None:
    """The job to do next: a drawer before any page, then the oldest."""
    order = (PrintJob.kind != DRAWER, PrintJob.created_at, PrintJob.id)
    return _first(session, _of(till, JobState.QUEUED).order_by(*order))


def find(session: Session, job_id: UUID) -> JobView | None:
    """The job of that id."""
    job = session.get(PrintJob, job_id)
    return None if job is None else _view(job)


def waiting(session: Session, till: str) -> int:
    """How many pages are still to come."""
    query = select(func.count()).where(
        PrintJob.till == till,
        PrintJob.state.in_([JobState.QUEUED, JobState.PRINTING]),
        PrintJob.kind != DRAWER,
    )
    return session.scalar(query) or 0


def unprinted(session: Session, till: str) -> list[JobView]:
    """The pages that did not come out, newest first: what a cashier may want printed again."""
    query = _of(till, JobState.NOT_PRINTED).where(PrintJob.kind != DRAWER)
    newest = query.order_by(PrintJob.created_at.desc(), PrintJob.id.desc()).limit(LIST_LIMIT)
    return [_view(job) for job in session.scalars(newest)]


def queued_at(session: Session, till: str, kind: str, at: dt.datetime) -> JobView | None:
    """The page of a kind that was queued at that moment; None where nothing prints."""
    query = _of(till, JobState.QUEUED).where(PrintJob.kind == kind, PrintJob.created_at == at)
    return _first(session, query)


def last_receipt(session: Session, till: str) -> JobView | None:
    """The newest receipt of this till, printed or not."""
    query = select(PrintJob).where(PrintJob.till == till, PrintJob.kind == RECEIPT)
    return _first(session, query.order_by(PrintJob.created_at.desc(), PrintJob.id.desc()))


def latest_receipts(session: Session, till: str, limit: int = 50) -> list[JobView]:
    """The newest receipts of this till, newest first."""
    query = select(PrintJob).where(PrintJob.till == till, PrintJob.kind == RECEIPT)
    newest = query.order_by(PrintJob.created_at.desc(), PrintJob.id.desc()).limit(limit)
    return [_view(job) for job in session.scalars(newest)]


def receipt_of(session: Session, sale_id: UUID) -> JobView | None:
    """The original receipt of a sale."""
    return page_of_sale(session, sale_id, RECEIPT)


def page_of_sale(session: Session, sale_id: UUID, kind: str) -> JobView | None:
    """The first page of that kind that a sale made."""
    query = select(PrintJob).where(PrintJob.sale_id == sale_id, PrintJob.kind == kind)
    return _first(session, query.order_by(PrintJob.created_at, PrintJob.id))


def page_of(session: Session, job_id: UUID) -> Document:
    """The page of a job. Raises PrintingError if it has none, DatabaseUnavailable if it cannot be read."""
    job = session.get(PrintJob, job_id)
    if job is None or not job.document:
        raise PrintingError(_("There is no such page."))
    try:
        return from_json(job.document)
    except DocumentError as error:
        raise damaged(_("page “{title}”, table print_job").format(title=job.title)) from error


def reprint(session: Session, job_id: UUID, *, till: str, actor: Actor, now: dt.datetime) -> UUID:
    """Queue the page once more, marked as a copy, on `till`'s printer. The journal counts the copies.

    Also after a failure it is a copy: nobody knows what came out. Raises PrintingError while the page still
    waits, for it would come out twice.
    """
    actor.require(Permission.REPRINT)
    page = page_of(session, job_id)
    job = session.get_one(PrintJob, job_id)
    if job.state in (JobState.QUEUED, JobState.PRINTING):
        raise PrintingError(_("{title} is still waiting to be printed.").format(title=job.title))
    if job.state == JobState.NOT_PRINTED:
        job.state = JobState.REPRINTED
    chain.append(
        session,
        till=till,
        stream=chain.COPIES,
        event="copy",
        actor=actor.id,
        now=now,
        data={"page": str(job_id), "title": job.title, **actor.approval()},
    )
    return enqueue(
        session,
        till=till,
        kind=COPY,
        title=job.title,
        document=page if job.kind == COPY else mark_copy(page, _("COPY")),
        sale_id=job.sale_id,
        now=now,
    )


def dismiss(session: Session, job_id: UUID, *, actor: Actor, now: dt.datetime) -> None:
    """Give up a page that waits or was not printed. Raises PrintingError if it is neither."""
    actor.require(Permission.REPRINT)
    open_states = (JobState.QUEUED, JobState.NOT_PRINTED)
    change = {"state": JobState.DISMISSED, "finished_at": now}
    if not _change(session, job_id, open_states, change):
        raise PrintingError(_("This page is neither waiting nor unprinted."))


def claim(session: Session, job_id: UUID) -> bool:
    """Take a queued job for printing. False if somebody else did, or gave it up."""
    return _change(session, job_id, (JobState.QUEUED,), {"state": JobState.PRINTING})


def put_back(session: Session, job_id: UUID) -> None:
    """Nothing was sent to the device: the job waits for its turn again."""
    _change(session, job_id, (JobState.PRINTING,), {"state": JobState.QUEUED})


def finish(session: Session, job_id: UUID, *, now: dt.datetime, fault: str = "") -> None:
    """Say what came of a claimed job: printed, or not printed because of `fault`."""
    state = JobState.NOT_PRINTED if fault else JobState.PRINTED
    _change(session, job_id, (JobState.PRINTING,), {"state": state, "fault": fault, "finished_at": now})


def drop_late_drawers(session: Session, till: str, now: dt.datetime) -> list[JobView]:
    """Give up the drawer pulses that are older than 10 seconds. Returns them."""
    late = _of(till, JobState.QUEUED).where(
        PrintJob.kind == DRAWER, PrintJob.created_at < now - dt.timedelta(seconds=DRAWER_LIMIT_S)
    )
    return _give_up(session.scalars(late).all(), Trouble.TOO_LATE, now)


def abandon_interrupted(session: Session, till: str, now: dt.datetime) -> list[JobView]:
    """At start-up: what was being printed when the program ended counts as not printed. Returns it."""
    return _give_up(session.scalars(_of(till, JobState.PRINTING)).all(), Trouble.INTERRUPTED, now)


def _of(till: str, state: JobState) -> Select[PrintJob]:
    return select(PrintJob).where(PrintJob.till == till, PrintJob.state == state)


def _first(session: Session, query: Select[PrintJob]) -> JobView | None:
    job = session.scalars(query.limit(1)).first()
    return None if job is None else _view(job)


def _view(job: PrintJob) -> JobView:
    return JobView(job.id, job.kind, job.title, job.sale_id, JobState(job.state), job.fault, job.created_at)


def _change(session: Session, job_id: UUID, only: tuple[JobState, ...], change: dict[str, Any]) -> bool:
    """Change the job if it is in one of the states `only`. Two programs cannot both succeed."""
    statement = update(PrintJob).where(PrintJob.id == job_id, PrintJob.state.in_(only)).values(change)
    done = session.execute(statement, execution_options={"synchronize_session": "fetch"})
    assert isinstance(done, CursorResult)
    return done.rowcount == 1


def _give_up(jobs: Sequence[PrintJob], trouble: Trouble, now: dt.datetime) -> list[JobView]:
    for job in jobs:
        job.state, job.fault, job.finished_at = JobState.NOT_PRINTED, trouble, now
    return [_view(job) for job in jobs]
