"""The pages of receipts that the print queue keeps: shown and copied only as the journal saw them.

The queue is no book: its rows change. So the entry of a sale states what its page hashes to, with room in place of the
proof, which is only known once the entry is made.
"""

import datetime as dt
import hashlib
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from hardware.document import Document, Row, to_json
from tui_pos.i18n import _
from tui_pos.journal import chain
from tui_pos.journal.chain import Head
from tui_pos.journal.models import JournalEntry
from tui_pos.people.actor import Actor
from tui_pos.printing import queue
from tui_pos.sales.basket import SaleError
from tui_pos.sales.models import Sale
from tui_pos.sales.receipt import NO_PROOF, proof_of, receipt_label
from tui_pos.storage.errors import damaged, stored_json


def page_hash(page: Document) -> str:
    """What the journal states of a page that has room for the proof: SHA-256 of its JSON, hexadecimal."""
    return hashlib.sha256(to_json(page).encode()).hexdigest()


def with_proof(page: Document, head: Head) -> Document:
    """The page as it is printed: the first digits of its entry's hash take the room that was left for them."""
    digits = proof_of(head.hash)
    blocks = tuple(
        replace(block, right=block.right.replace(NO_PROOF, digits))
        if isinstance(block, Row) and NO_PROOF in block.right
        else block
        for block in page.blocks
    )
    return replace(page, blocks=blocks)


def fits(document: str, entry_hash: bytes, stated: str) -> bool:
    """Whether a kept page (its JSON) is the one whose hash an entry states."""
    bare = document.replace(proof_of(entry_hash), NO_PROOF)
    return hashlib.sha256(bare.encode()).hexdigest() == stated


def entry_of(session: Session, sale: Sale) -> JournalEntry | None:
    """The entry that made a sale; None where the journal has none, or another one in its place."""
    entry = session.get(JournalEntry, (sale.till, chain.RECEIPTS, sale.number))  # numbered alike
    return None if entry is None or _said(entry).get("number") != sale.number else entry


def _said(entry: JournalEntry) -> dict[str, Any]:
    """What an entry says, beside who made it and when. Raises DatabaseUnavailable where it cannot be read."""
    place = _("entry {seq} of stream {stream}, table journal_entry").format(
        seq=entry.seq, stream=entry.stream
    )
    data = stored_json(entry.body, place).get("data")
    if not isinstance(data, dict):
        raise damaged(place)
    return data


def page_of(session: Session, job_id: UUID) -> Document:
    """A page of the queue. Raises SaleError for a receipt's that was changed, and PrintingError as the queue does."""
    page = queue.page_of(session, job_id)
    job = queue.find(session, job_id)
    if job is None or job.sale_id is None or job.kind not in (queue.RECEIPT, queue.COPY):
        return page
    sale = session.get(Sale, job.sale_id)
    kept = queue.receipt_of(session, job.sale_id)
    if sale is None or kept is None:  # a copy of what was made anew
        return page
    original = replace(page, blocks=page.blocks[2:-2]) if job.kind == queue.COPY else page
    entry = entry_of(session, sale)
    stated = _said(entry).get("page") if entry else ""
    if entry is None or (stated is not None and not fits(to_json(original), entry.hash, stated)):
        text = _(
            "The kept page of receipt {label} is not the one that the journal saw: it was changed. Run: {command}"
        )
        label = receipt_label(sale.till, sale.number)
        raise SaleError(text.format(label=label, command="tui-pos journal verify"))
    return page


def reprint(session: Session, job_id: UUID, *, till: str, actor: Actor, now: dt.datetime) -> UUID:
    """Queue a page once more, marked as a copy. Raises SaleError as `page_of`, and else as `queue.reprint`."""
    page_of(session, job_id)
    return queue.reprint(session, job_id, till=till, actor=actor, now=now)
