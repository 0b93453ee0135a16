"""A till without a screen that sells one thing, closes the day, and does so again until it is killed."""

from multiprocessing.connection import Connection

from sqlalchemy import Engine, select

from tests.rigs.days import Days
from tui_pos.journal import chain
from tui_pos.journal.models import Closure, JournalEntry
from tui_pos.printing.models import PrintJob
from tui_pos.reports.figures import from_bytes
from tui_pos.reports.models import ZReport
from tui_pos.reports.z import REPORT
from tui_pos.sales.models import Sale
from tui_pos.storage.engine import open_engine, reading


def close_forever(url: str, telling: Connection) -> None:
    """Tell each Z's number once it is made: from then on it may not be lost."""
    days = Days(open_engine(url))
    while True:
        if days.desk.basket.lines:
            days.pay()
        days.sell("100", "600")
        telling.send(days.close())


def check_closes(engine: Engine, till: str = "till1") -> int:
    """Each Z is there whole: row, journal, closure and page. Returns the last number. Raises AssertionError."""
    with reading(engine) as session:
        reports = session.scalars(select(ZReport).where(ZReport.till == till).order_by(ZReport.number)).all()
        sales = session.execute(
            select(Sale.number, Sale.gross_minor).where(Sale.till == till).order_by(Sale.number)
        ).all()
        entries = session.scalars(
            select(JournalEntry)
            .where(JournalEntry.stream == chain.CLOSURES, JournalEntry.event == "z")
            .order_by(JournalEntry.seq)
        ).all()
        closures = session.scalars(select(Closure).where(Closure.till == till)).all()
        pages = session.scalars(select(PrintJob).where(PrintJob.kind == REPORT)).all()
        chain.verify(session, till, chain.CLOSURES)
    zs = [from_bytes(report.content) for report in reports]
    assert [z.number for z in zs] == list(range(1, len(zs) + 1)), "Zs with gaps"
    assert len(zs) == len(entries) == len(closures) == len(pages), (
        f"{len(zs)} Zs, {len(entries)} entries, {len(closures)} closures, {len(pages)} pages"
    )
    first = 1
    for z in zs:
        within = [gross for number, gross in sales if first <= number <= z.bounds.sale]
        assert (z.receipts, z.gross_minor) == (len(within), sum(within)), f"Z {z.number}"
        first = z.bounds.sale + 1
    return len(zs)
