"""What an owner does at the shell, on both databases."""

import datetime as dt
import itertools
import json
from decimal import Decimal

import pytest
from sqlalchemy import Engine, select, update

from config.settings import Settings
from tests.rigs.people import OWNER
from tests.rigs.shop import MILK, OAT, stock_shop
from tui_pos.back_office import (
    add_preset,
    add_tax,
    set_tax,
    show_proof,
    show_receipt,
    show_taxes,
    show_unknown,
)
from tui_pos.bootstrap import CASHIER, build_shop
from tui_pos.catalogue.errors import CatalogueError
from tui_pos.catalogue.unknown import Problem, set_aside
from tui_pos.journal import chain
from tui_pos.journal.chain import JournalBroken
from tui_pos.journal.models import JournalEntry
from tui_pos.money.tax import BadTax, TaxKind
from tui_pos.printing import queue
from tui_pos.printing.models import PrintJob
from tui_pos.sales.basket import SaleError
from tui_pos.sales.desk import Desk
from tui_pos.sales.scanning import Scanned
from tui_pos.sales.shop import Shop
from tui_pos.storage.engine import reading, writing

NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
TODAY = NOW.date()


def shop(printer: str = "simulated") -> Shop:
    return build_shop(Settings.model_validate({"printer": {"kind": printer}, "drawer": {"required": False}}))


@pytest.fixture
def stocked(engine: Engine) -> Engine:
    stock_shop(engine)
    return engine


def taxes(engine: Engine, capsys: pytest.CaptureFixture[str], on: dt.date = TODAY) -> list[list[str]]:
    capsys.readouterr()
    show_taxes(engine, shop(), on)
    return [line.split("\t") for line in capsys.readouterr().out.splitlines()]


def test_the_rate_that_holds_is_marked(stocked: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    def holding(on: dt.date) -> dict[str, str]:
        return {row[0]: row[3] for row in taxes(stocked, capsys, on) if row[5] == "in force"}

    assert holding(TODAY) == {"standard": "23%", "reduced": "13.5%", "second_reduced": "9%"}
    assert holding(dt.date(2020, 12, 31))["standard"] == "21%"


def test_a_class_without_a_rate_says_that_it_lacks_one(
    stocked: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    add_tax(stocked, shop(), "odd", "Odd", TaxKind.TAXED, None, TODAY, OWNER, NOW)
    assert ["odd", "Odd", "taxed", "", "", "needs a rate"] in taxes(stocked, capsys)
    set_tax(stocked, shop(), "odd", Decimal("8.875"), TODAY, OWNER, NOW)
    assert ["odd", "Odd", "taxed", "8.875%", "2026-03-01", "in force"] in taxes(stocked, capsys)


def test_whoever_changes_a_rate_is_journalled(stocked: Engine) -> None:
    set_tax(stocked, shop(), "standard", Decimal("24"), TODAY, OWNER, NOW)
    with reading(stocked) as session:
        entry = session.scalars(
            select(JournalEntry).where(JournalEntry.event == "tax_rate").order_by(JournalEntry.seq.desc())
        ).first()
    assert entry is not None
    said = json.loads(entry.body)
    assert (said["actor"], said["data"]) == (
        OWNER.id,
        {"class": "standard", "from": "2026-03-01", "percent": "24"},
    )


def test_a_class_with_a_wrong_rate_is_not_added_at_all(
    stocked: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(BadTax):
        add_tax(stocked, shop(), "odd", "Odd", TaxKind.TAXED, Decimal("101"), TODAY, OWNER, NOW)
    assert "odd" not in [row[0] for row in taxes(stocked, capsys)]
    with pytest.raises(CatalogueError, match="standard exists already"):
        add_tax(stocked, shop(), "standard", "Standard", TaxKind.TAXED, Decimal("10"), TODAY, OWNER, NOW)


def test_a_preset_is_named_in_the_language_of_the_shop(
    stocked: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    add_preset(stocked, shop(), "NO", "sv_SE", OWNER, NOW)
    assert capsys.readouterr().out == "New classes or rates: food.\n"
    assert {row[1] for row in taxes(stocked, capsys) if row[0] == "food"} == {"Livsmedel"}


def test_unknown_codes_are_listed_and_forgotten(stocked: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    with writing(stocked) as session:
        set_aside(session, "5012345678900", "till1", OWNER, NOW)
        set_aside(session, "odd\x1d\x1b[2J", "till2", OWNER, NOW + dt.timedelta(hours=7))
    with writing(stocked) as session:
        set_aside(session, "5012345678900", "till1", OWNER, NOW + dt.timedelta(hours=1))
    with writing(stocked) as session:
        set_aside(session, OAT, "till1", OWNER, NOW, Problem.CONTRADICTION)
    listed = (
        "odd\\x1d\\x1b[2J\t1\t2026-03-01 19:00\ttill2\tno product has it\n"
        "5012345678900\t2\t2026-03-01 13:00\ttill1\tno product has it\n"
        f"{OAT}\t1\t2026-03-01 12:00\ttill1\tits label contradicts the catalogue\n"
    )

    for clear, told in ((False, listed), (True, listed + "3 codes were forgotten.\n"), (False, "")):
        show_unknown(stocked, shop(), OWNER, clear=clear)
        assert capsys.readouterr().out == told


@pytest.fixture
def sold(stocked: Engine) -> Engine:
    """Two receipts; the first is printed."""
    clock = itertools.count()
    desk = Desk(stocked, shop(), CASHIER, lambda: NOW + dt.timedelta(seconds=next(clock)))
    for code in (OAT, MILK):
        desk.scan(Scanned(code))
        assert desk.pay_cash(desk.settlement.cash_due) is not None
    with writing(stocked) as session:
        first = queue.latest_receipts(session, "till1")[-1]
        assert queue.claim(session, first.id)
        queue.finish(session, first.id, now=NOW)
    return stocked


def waiting(engine: Engine) -> int:
    with reading(engine) as session:
        return queue.waiting(session, "till1")


@pytest.mark.parametrize("number", ["1", "till1-000001"])
def test_a_receipt_of_the_past_is_shown(
    number: str, sold: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    before = waiting(sold)
    show_receipt(sold, shop(), number, OWNER, NOW, copy=False, language="en")
    told = capsys.readouterr().out
    assert "Oat drink 1 l" in told
    assert "Milk" not in told
    assert "till1-000001" in told
    assert max(map(len, told.splitlines())) <= 42
    assert waiting(sold) == before


def test_the_journals_own_digits_are_told(sold: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    show_receipt(sold, shop(), "1", OWNER, NOW, copy=False, language="en")
    paper = next(line.split()[-1] for line in capsys.readouterr().out.splitlines() if "proof" in line)
    show_proof(sold, shop(), "till1-000001", OWNER)
    told = capsys.readouterr().out
    assert f"Receipt till1-000001: entry 1 of stream receipts, proof {paper}, hash {paper}" in told
    for wrong in ("999", "what"):
        with pytest.raises(SaleError, match="no entry for receipt"):
            show_proof(sold, shop(), wrong, OWNER)


@pytest.mark.parametrize(
    ("changed", "told", "why"),
    [
        (2, 2, "its content does not fit its hash"),
        (1, 2, "it does not follow the entry before it"),
    ],
)
def test_digits_that_the_entry_does_not_have_any_more_are_not_told(
    sold: Engine, capsys: pytest.CaptureFixture[str], changed: int, told: int, why: str
) -> None:
    """The stored hash is that of the paper whatever somebody makes of the entry's bytes."""
    unguard = "SET LOCAL session_replication_role = replica"
    if sold.dialect.name == "sqlite":
        unguard = "DROP TRIGGER journal_entry_no_update"
    with sold.begin() as connection:
        connection.exec_driver_sql(unguard)
        place = JournalEntry.stream == chain.RECEIPTS, JournalEntry.seq == changed
        body = connection.scalar(select(JournalEntry.body).where(*place))
        assert isinstance(body, bytes)
        connection.execute(update(JournalEntry).where(*place).values(body=body + b" "))
    with pytest.raises(JournalBroken, match=f"entry {told}: {why}"):
        show_proof(sold, shop(), str(told), OWNER)
    assert capsys.readouterr().out == ""


def test_a_copy_is_queued_in_the_language_of_the_shop(
    sold: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    before = waiting(sold)
    assert show_receipt(sold, shop(), "1", OWNER, NOW, copy=True, language="sv_SE") is not None
    assert "COPY" not in capsys.readouterr().out
    assert waiting(sold) == before + 1
    with reading(sold) as session:
        copies = session.scalars(select(PrintJob.document).where(PrintJob.kind == queue.COPY)).all()
    assert len(copies) == 1
    assert "KOPIA" in copies[0]


def test_what_cannot_be_copied_is_refused(sold: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    before = waiting(sold)
    with pytest.raises(queue.PrintingError, match="has no printer"):
        show_receipt(sold, shop("none"), "1", OWNER, NOW, copy=True, language="en")
    with pytest.raises(queue.PrintingError, match="still waiting to be printed"):
        show_receipt(sold, shop(), "2", OWNER, NOW, copy=True, language="en")
    with pytest.raises(SaleError, match="no receipt 3"):
        show_receipt(sold, shop(), "3", OWNER, NOW, copy=True, language="en")
    assert waiting(sold) == before
