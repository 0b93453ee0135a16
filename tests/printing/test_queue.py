"""The durable queue, on both databases."""

import datetime as dt
from uuid import UUID

import pytest
from sqlalchemy import Engine

from hardware.document import Document, Text, to_text
from tests.rigs.people import OWNER
from tui_pos.printing import queue
from tui_pos.printing.models import PrintJob
from tui_pos.printing.queue import JobState, PrintingError, Trouble
from tui_pos.storage.engine import reading, writing
from tui_pos.storage.ids import new_id

NOW = dt.datetime(2026, 3, 1, 12, 0, tzinfo=dt.UTC)
PAGE = Document("Receipt 1", (Text("Corner Shop"),))


def at(seconds: float) -> dt.datetime:
    return NOW + dt.timedelta(seconds=seconds)


def put(engine: Engine, kind: str = "receipt", seconds: float = 0, sale: UUID | None = None) -> UUID:
    with writing(engine) as session:
        return queue.enqueue(
            session,
            till="till1",
            kind=kind,
            title="Receipt 1",
            document=None if kind == "drawer" else PAGE,
            sale_id=sale,
            now=at(seconds),
        )


def put_and_fail(engine: Engine) -> None:
    with writing(engine) as session:
        queue.enqueue(session, till="till1", kind="receipt", title="x", document=PAGE, sale_id=None, now=NOW)
        1 / 0  # noqa: B018


def end(engine: Engine, job_id: UUID, fault: str = "") -> None:
    with writing(engine) as session:
        assert queue.claim(session, job_id)
        queue.finish(session, job_id, now=at(1), fault=fault)


def state(engine: Engine, job_id: UUID) -> JobState:
    with reading(engine) as session:
        found = queue.find(session, job_id)
    assert found is not None
    return found.state


def test_a_drawer_comes_before_any_page_and_pages_come_in_order(engine: Engine) -> None:
    second, first, drawer = put(engine, seconds=2), put(engine, seconds=1), put(engine, "drawer", seconds=3)
    done = []
    with writing(engine) as session:
        assert queue.waiting(session, "till1") == 2
        while job := queue.next_queued(session, "till1"):
            done.append(job.id)
            queue.claim(session, job.id)
        assert queue.waiting(session, "till1") == 2  # claimed is not out yet; the drawer is no page
        assert queue.next_queued(session, "till2") is None
    assert done == [drawer, first, second]


def test_a_rolled_back_sale_leaves_no_job(engine: Engine) -> None:
    with pytest.raises(ZeroDivisionError):
        put_and_fail(engine)
    with reading(engine) as session:
        assert queue.next_queued(session, "till1") is None


def test_only_one_can_claim(engine: Engine) -> None:
    job = put(engine)
    with writing(engine) as session:
        assert queue.claim(session, job)
    with writing(engine) as session:
        assert not queue.claim(session, job)


def test_what_was_not_begun_is_queued_again(engine: Engine) -> None:
    job = put(engine)
    with writing(engine) as session:
        queue.claim(session, job)
        queue.put_back(session, job)
    with reading(engine) as session:
        found = queue.next_queued(session, "till1")
    assert found is not None
    assert found.id == job


def test_document_and_kind_belong_together(engine: Engine) -> None:
    for kind, page in (("drawer", PAGE), ("receipt", None)):
        with pytest.raises(ValueError), writing(engine) as session:
            queue.enqueue(session, till="t", kind=kind, title="x", document=page, sale_id=None, now=NOW)


def test_not_printed_is_listed_until_a_copy_is_asked_for(engine: Engine) -> None:
    job, sale = put(engine, sale=(sale := new_id(NOW))), sale
    end(engine, job, fault="no paper")
    with writing(engine) as session:
        listed = queue.unprinted(session, "till1")
        assert [(view.id, view.fault) for view in listed] == [(job, "no paper")]
        copy = queue.reprint(session, job, till="till1", actor=OWNER, now=at(60))
        assert queue.unprinted(session, "till1") == []
        assert to_text(queue.page_of(session, copy), 32).split() == ["COPY", "Corner", "Shop", "COPY"]
        found = queue.find(session, copy)
        assert found is not None
        assert (found.kind, found.sale_id, found.state) == ("copy", sale, JobState.QUEUED)
    assert state(engine, job) is JobState.REPRINTED

    end(engine, copy, fault="offline")
    with writing(engine) as session:
        assert [view.id for view in queue.unprinted(session, "till1")] == [copy]
        again = queue.reprint(session, copy, till="till1", actor=OWNER, now=at(90))
        text = to_text(queue.page_of(session, again), 32)
    assert text.count("COPY") == 2


def test_a_printed_receipt_stays_printed_when_it_is_copied(engine: Engine) -> None:
    job = put(engine)
    end(engine, job)
    with writing(engine) as session:
        queue.reprint(session, job, till="till2", actor=OWNER, now=at(5))
    assert state(engine, job) is JobState.PRINTED
    with reading(engine) as session:
        assert queue.waiting(session, "till2") == 1


def test_a_waiting_page_is_not_doubled(engine: Engine) -> None:
    job = put(engine)
    with pytest.raises(PrintingError, match="Receipt 1 is still waiting"), writing(engine) as session:
        queue.reprint(session, job, till="till1", actor=OWNER, now=at(1))


def test_a_drawer_and_a_stranger_have_no_page(engine: Engine) -> None:
    for job in (put(engine, "drawer"), new_id(NOW)):
        with pytest.raises(PrintingError, match="no such page"), writing(engine) as session:
            queue.reprint(session, job, till="till1", actor=OWNER, now=at(1))


def test_a_page_can_be_given_up(engine: Engine) -> None:
    waiting, failed, printed = put(engine), put(engine), put(engine)
    end(engine, failed, fault="offline")
    end(engine, printed)
    with writing(engine) as session:
        queue.dismiss(session, waiting, actor=OWNER, now=at(9))
        queue.dismiss(session, failed, actor=OWNER, now=at(9))
        assert queue.unprinted(session, "till1") == []
        assert queue.next_queued(session, "till1") is None
    with pytest.raises(PrintingError), writing(engine) as session:
        queue.dismiss(session, printed, actor=OWNER, now=at(9))


def test_late_drawers_stay_shut(engine: Engine) -> None:
    late, fresh, page = put(engine, "drawer", 0), put(engine, "drawer", 5), put(engine, seconds=0)
    with writing(engine) as session:
        dropped = queue.drop_late_drawers(session, "till1", at(10.5))
        assert [(view.id, view.fault) for view in dropped] == [(late, Trouble.TOO_LATE)]
        assert queue.unprinted(session, "till1") == []
    assert [state(engine, job) for job in (late, fresh, page)] == ["not_printed", "queued", "queued"]


def test_an_interrupted_page_is_not_printed_by_itself(engine: Engine) -> None:
    job, other = put(engine), put(engine)
    with writing(engine) as session:
        queue.claim(session, job)
    with writing(engine) as session:
        assert [view.id for view in queue.abandon_interrupted(session, "till1", at(60))] == [job]
    with reading(engine) as session:
        row = session.get_one(PrintJob, job)
        assert (row.state, row.fault, row.finished_at) == ("not_printed", "interrupted", at(60))
    assert state(engine, other) is JobState.QUEUED


def test_receipts_are_found(engine: Engine) -> None:
    sale = new_id(NOW)
    first, second = put(engine, sale=sale), put(engine, seconds=1)
    end(engine, first)
    with writing(engine) as session:
        queue.reprint(session, first, till="till1", actor=OWNER, now=at(7))
        last, original = queue.last_receipt(session, "till1"), queue.receipt_of(session, sale)
        assert last is not None
        assert original is not None
        assert (last.id, original.id) == (second, first)
        assert queue.receipt_of(session, new_id(NOW)) is None
