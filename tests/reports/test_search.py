"""Past sales are found by whatever is known of them, page by page, and shown as they were."""

import csv
import datetime as dt
import io
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, func, select, text, update
from sqlalchemy.orm import Session

from hardware.document import to_text
from tests.rigs.days import Days, shop
from tests.rigs.people import CASHIER, OWNER, named, take_on
from tests.rigs.shop import OAT, stock_shop
from tui_pos import cli
from tui_pos.catalogue.upkeep import Draft, upsert
from tui_pos.journal import chain
from tui_pos.money.discount import AmountOff
from tui_pos.people.actor import NotAllowed
from tui_pos.printing import queue
from tui_pos.printing.models import PrintJob
from tui_pos.reports import search
from tui_pos.reports.errors import ReportError
from tui_pos.reports.past_receipt import print_copy, receipt_page
from tui_pos.reports.sales_list import COLUMNS, write_sales
from tui_pos.reports.search import Wanted, every_sale, find_sales, read_days, read_wanted
from tui_pos.sales import kept_pages
from tui_pos.sales.basket import SaleError
from tui_pos.sales.models import Sale
from tui_pos.storage.engine import reading, writing

SHOP = shop()
SWEDISH = replace(SHOP, locale="sv_SE")


@pytest.fixture
def days(engine: Engine) -> Days:
    """Two days: oat drink and bread by Ada for 5.09 → 5.10 in cash; oat by Bo on card 4242; then bread given back."""
    stock_shop(engine)
    take_on(engine)
    days = Days(engine)
    days.desk.actor = named(engine, "Ada")
    days.sell("100", "200")
    days.desk.actor = named(engine, "Bo")
    days.scan("100", "2")
    days.desk.pay_card(days.desk.basket.due_minor, "A1", "4242")
    days.day += dt.timedelta(days=1)
    sold = days.desk.find_sold("1")
    assert sold is not None
    days.desk.return_goods(sold.sale_id, {2: Decimal(1)})
    days.pay()
    days.scan("300", "0.5")
    days.desk.discount_sale(AmountOff(50))
    days.pay()
    return days


def numbers(session: Session, typed: str | Wanted) -> list[int]:
    wanted = read_wanted(typed, SWEDISH) if isinstance(typed, str) else typed
    return [sale.number for sale in find_sales(session, wanted, OWNER).sales]


TYPED: list[tuple[str, list[int]]] = [
    ("", [4, 3, 2, 1]),
    ("#2", [2]),
    ("till1-000003", [3]),
    ("till2-000003", []),
    ("#99", []),
    ("2026-03-02", [2, 1]),
    ("2026-03-03", [4, 3]),
    ("2026-03", [4, 3, 2, 1]),
    ("2026-03-03..2026-04", [4, 3]),
    ("2026-04", []),
    ("5.09", [1]),
    ("=5.09", [1]),
    ("3.20", [3]),
    ("1.00..4.00", [4, 3, 2]),
    ("4.00..1.00", [4, 3, 2]),
    ("@ada", [1]),
    ("@bo", [4, 3, 2]),
    ("@nobody", []),
    ("*4242", [2]),
    ("****4242", [2]),
    ("*4243", []),
    ("card", [2]),
    ("kort", [2]),
    ("cash", [4, 3, 1]),
    ("oat", [2, 1]),
    ("drink oat", [2, 1]),
    (OAT, [2, 1]),
    ("100", [2, 1]),
    ("rye bread", [3, 1]),
    ("oat @ada", [1]),
    ("oat 2026-03-03", []),
    ("bread cash 2026-03-03 @bo 3.20", [3]),
    ("whisky", []),
    ("nothing of the kind", []),
]
NAMED: list[tuple[Wanted, list[int]]] = [
    (Wanted(product="bread"), [3, 1]),
    (Wanted(product="nothing"), []),
    (Wanted(least_minor=400), [1]),
    (Wanted(most_minor=350), [4, 3]),
    (Wanted(till="till1", first=dt.date(2026, 3, 3)), [4, 3]),
    (Wanted(last=dt.date(2026, 3, 2)), [2, 1]),
]


@pytest.mark.parametrize("few_hits", [search.FEW_HITS, 0])
def test_what_is_typed_or_asked_for_is_found(
    days: Days, few_hits: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether what fits is fetched, or the sales are gone through: the same is found."""
    monkeypatch.setattr(search, "FEW_HITS", few_hits)
    with reading(days.engine) as session:
        asked: list[tuple[str | Wanted, list[int]]] = [*TYPED, *NAMED]
        for wanted, found in asked:
            assert numbers(session, wanted) == found, wanted


@pytest.mark.parametrize("few_hits", [search.FEW_HITS, 0])
def test_a_word_that_means_very_many_products_finds_all_their_sales(
    days: Days, few_hits: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with writing(days.engine) as session:
        for number in range(1, 301):
            upsert(session, Draft(f"K{number}", f"Kiwi of the sort {number}", 50), OWNER)
    days.sell("K5")
    days.sell("K299", "K300")
    days.sell("K300")
    monkeypatch.setattr(search, "FEW_HITS", few_hits)
    with reading(days.engine) as session:
        assert numbers(session, "kiwi") == [7, 6, 5]
        assert numbers(session, Wanted(product="kiwi sort")) == [7, 6, 5]
        assert numbers(session, "kiwi 29") == [6]


def test_goods_are_found_by_every_name_that_they_were_sold_under(days: Days) -> None:
    """A receipt is looked for by what stands on it, whatever the catalogue says by now."""
    for name in ("Havredryck, ekologisk", "Håvredrik 1 l", "Oat drink 1 l", "Kauramaito"):
        with writing(days.engine) as session:
            upsert(session, Draft("100", name, 189), OWNER)
    with reading(days.engine) as session:
        for typed in ("oat", "oat drink", "ekologisk", "havredrik", "kaura", "100", OAT):
            assert numbers(session, typed) == [2, 1], typed
        assert numbers(session, Wanted(product="drink oat")) == [2, 1]
        assert numbers(session, "oat bread") == []
    assert [article.sku for article in days.desk.find("kaura")] == ["100"]
    assert days.desk.find("ekologisk") == []


def test_pieces_of_names_are_found_where_nothing_else_fits(days: Days) -> None:
    with reading(days.engine) as session:
        assert numbers(session, "rink") == [2, 1]
        assert numbers(session, "rin%") == []
        assert numbers(session, "rin_") == []


def test_serial_numbers_and_reasons_of_discounts_are_found(days: Days, engine: Engine) -> None:
    with reading(engine) as session:
        sale_id = session.scalar(select(Sale.id).where(Sale.number == 4))
    with writing(engine) as session:
        _unguarded(
            session, "sale", "UPDATE sale SET discount_reason = 'Good NEIGHBOUR, 50%' WHERE number = 4"
        )
        id_text = sale_id.hex if engine.dialect.name == "sqlite" else str(sale_id)  # type: ignore[union-attr]
        _unguarded(session, "sale_line", f"UPDATE sale_line SET serial = 'SN 77' WHERE sale_id = '{id_text}'")
    with reading(engine) as session:
        assert numbers(session, "neighbour") == [4]
        assert numbers(session, "50%") == [4]
        assert numbers(session, "5_%") == []
        assert numbers(session, "SN 77") == [4]


def _unguarded(session: Session, table: str, statement: str) -> None:
    """A row as an older or a later program may have written it."""
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text(f"DROP TRIGGER {table}_no_update"))
    else:
        session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER {table}_no_change"))
    session.execute(text(statement))


def test_what_a_row_says(days: Days) -> None:
    with reading(days.engine) as session:
        found = find_sales(session, read_wanted("#1", SHOP), OWNER).sales[0]
    assert (found.label, found.cashier, found.lines, found.first_item) == (
        "till1-000001",
        "Ada",
        2,
        "Oat drink 1 l",
    )
    assert (found.gross_minor, found.net_minor + found.tax_minor) == (509, 509)
    assert (found.tenders, found.last_four) == ((("cash", 509),), "")
    assert found.money(-1250, "en_IE", paper=True) == "-12.50"


@pytest.mark.parametrize("few_sales", [search.FEW_SALES, 0])
def test_pages_follow_each_other_without_gap_or_repeat(
    days: Days, few_sales: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "FEW_SALES", few_sales)
    for _sale in range(5):
        days.sell("200")
    for typed in ("", "2026-03", "bread", "cash"):
        _check_pages(days, read_wanted(typed, SHOP))


def _check_pages(days: Days, wanted: Wanted) -> None:
    with reading(days.engine) as session:
        whole = [sale.label for sale in find_sales(session, wanted, OWNER).sales]
        paged: list[str] = []
        after: Mapping[str, int] = {}
        while True:
            page = find_sales(session, wanted, OWNER, after=after, limit=2)
            paged += [sale.label for sale in page.sales]
            assert len(page.sales) == 2 or not page.more
            if not page.more:
                break
            after = page.ended
        assert paged == whole
        assert [sale.label for sale in every_sale(session, wanted, OWNER)] == whole


@pytest.mark.parametrize("few_sales", [search.FEW_SALES, 0])
def test_the_order_of_a_till_is_that_of_its_numbers(
    engine: Engine, few_sales: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever its clock said, and however long a sale was held; the days asked for are those of the books."""
    monkeypatch.setattr(search, "FEW_SALES", few_sales)
    stock_shop(engine)
    days = Days(engine)
    days.scan("100")
    days.desk.hold("")
    days.sell("200")  # 1
    days.desk.recall(days.desk.held()[0].id)
    days.pay()  # 2, begun before
    for day in (dt.date(2026, 3, 3), dt.date(2022, 1, 1), dt.date(2026, 3, 25), dt.date(2026, 3, 4)):
        days.day = day
        days.sell("100")
    with reading(engine) as session:
        assert numbers(session, "") == [6, 5, 4, 3, 2, 1]
        assert numbers(session, "2022-01-01") == []  # the books' days never go back
        assert numbers(session, "2026-03-25") == [6, 5]
        assert numbers(session, "oat 2026-03-03..2026-03-25") == [6, 5, 4, 3]
        assert numbers(session, Wanted(last=dt.date(2026, 3, 3))) == [4, 3, 2, 1]
    _check_pages(days, Wanted())
    _check_pages(days, read_wanted("oat", SHOP))


@pytest.mark.parametrize("few_sales", [search.FEW_SALES, 0])
def test_several_tills_are_merged_by_the_time(
    engine: Engine, few_sales: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A morning with a dead clock puts nothing of a till behind what another sold long before."""
    monkeypatch.setattr(search, "FEW_SALES", few_sales)
    stock_shop(engine)
    one, two = Days(engine), Days(engine, "till2")
    for days, day in ((one, 2), (two, 3), (one, 4), (two, 5), (one, 6)):
        days.day = dt.date(2026, 3, day)
        days.sell("200")
        if day == 4:
            days.day = dt.date(2022, 1, 1)
            days.sell("200")
    with reading(engine) as session:
        labels = [sale.label for sale in find_sales(session, Wanted(), OWNER).sales]
        assert labels == [
            "till1-000004", "till2-000002", "till1-000003", "till1-000002", "till2-000001", "till1-000001",
        ]  # fmt: skip
        assert numbers(session, Wanted(till="till2")) == [2, 1]
    for wanted in (Wanted(), read_wanted("bread", SHOP), Wanted(till="till1")):
        _check_pages(one, wanted)


def test_only_who_may_search_finds_anything(days: Days, tmp_path: Path) -> None:
    with reading(days.engine) as session:
        sale = find_sales(session, Wanted(), OWNER).sales[0]
        with pytest.raises(NotAllowed):
            find_sales(session, Wanted(), CASHIER)
        with pytest.raises(NotAllowed):
            receipt_page(session, SHOP, sale.sale_id, CASHIER)
        with pytest.raises(NotAllowed):
            write_sales(session, Wanted(), CASHIER, SHOP, tmp_path / "sales.csv")
        assert list(tmp_path.glob("sales*")) == []


def test_what_was_noted_of_the_customer_is_found(days: Days) -> None:
    for noted in ("Åsa Öberg, room 12", "order 4711/B"):
        days.desk.name_customer(noted)
        days.sell("200")
    with reading(days.engine) as session:
        for typed in ("åsa", "ÖBERG", "Room 12", "12 room", "berg åsa"):
            assert numbers(session, typed) == [5], typed
            assert numbers(session, Wanted(customer=typed)) == [5], typed
        assert numbers(session, "4711/b") == [6]
        assert numbers(session, Wanted(customer="r")) == [6, 5]
        assert numbers(session, Wanted(customer="rye")) == []
        assert numbers(session, "room bread") == []
        assert find_sales(session, read_wanted("åsa", SHOP), OWNER).sales[0].customer == "Åsa Öberg, room 12"


# What is typed


@given(st.text(max_size=60))
def test_nothing_that_is_typed_is_refused(typed: str) -> None:
    wanted = read_wanted(typed, SHOP)
    assert wanted.least_minor is None or wanted.least_minor >= 0
    assert wanted.first is None or (wanted.last is not None and wanted.first <= wanted.last)


def test_days_and_months() -> None:
    day = dt.date(2026, 11, 20)
    assert read_days("2026-11-20") == (day, day)
    assert read_days("2026-02") == (dt.date(2026, 2, 1), dt.date(2026, 2, 28))
    assert read_days("2024-02..2024-02-29") == (dt.date(2024, 2, 1), dt.date(2024, 2, 29))
    assert [
        read_days(wrong) for wrong in ("2026-13", "2026-11-31", "2026", "2026-11-20..2026-11-19", "")
    ] == [None] * 5


@pytest.mark.parametrize(
    ("typed", "locale", "first", "last"),
    [
        ("20/11/2026", "en_IE", (2026, 11, 20), (2026, 11, 20)),
        ("20/11/26", "en_IE", (2026, 11, 20), (2026, 11, 20)),
        ("20/11", "en_IE", (2026, 11, 20), (2026, 11, 20)),
        ("23/11", "en_IE", (2025, 11, 23), (2025, 11, 23)),
        ("1/11..20/11/2026", "en_IE", (2026, 11, 1), (2026, 11, 20)),
        ("11/20", "en_US", (2026, 11, 20), (2026, 11, 20)),
        ("20.11.2026", "de_DE", (2026, 11, 20), (2026, 11, 20)),
        ("20.11.", "de_DE", (2026, 11, 20), (2026, 11, 20)),
    ],
)
def test_days_as_the_shop_writes_them(
    typed: str, locale: str, first: tuple[int, int, int], last: tuple[int, int, int]
) -> None:
    assert read_days(typed, locale, dt.date(2026, 11, 22)) == (dt.date(*first), dt.date(*last))
    assert read_days(typed) is None


def test_what_is_no_day_stays_an_amount_or_a_word() -> None:
    today = dt.date(2026, 11, 22)
    for typed, locale in (
        ("10.12", "de_DE"),
        ("31/02/2026", "en_IE"),
        ("20/13", "en_IE"),
        ("1/2/3/4", "en_IE"),
    ):
        assert read_days(typed, locale, today) is None
    assert read_wanted("10.12", SHOP, today).least_minor == 1012


# Whole receipts and copies


def test_a_receipt_is_shown_as_it_was_printed(days: Days) -> None:
    with reading(days.engine) as session:
        sale = find_sales(session, read_wanted("#1", SHOP), OWNER).sales[0]
        job = queue.receipt_of(session, sale.sale_id)
        assert job is not None
        assert receipt_page(session, SHOP, sale.sale_id, OWNER) == queue.page_of(session, job.id)


def test_a_copy_is_printed_and_counted(days: Days) -> None:
    with writing(days.engine) as session:
        for job in session.scalars(select(PrintJob)):
            job.state = queue.JobState.PRINTED
        sale = find_sales(session, read_wanted("#1", SHOP), OWNER).sales[0]
        job_id = print_copy(session, SHOP, sale.sale_id, OWNER, days.now())
        assert "COPY" in to_text(queue.page_of(session, job_id), 42)
        assert chain.head(session, "till1", chain.COPIES).seq == 1


def test_a_page_that_was_changed_is_neither_shown_nor_copied(days: Days) -> None:
    with writing(days.engine) as session:
        for job in session.scalars(select(PrintJob)):
            job.state = queue.JobState.PRINTED
        sale = find_sales(session, read_wanted("#1", SHOP), OWNER).sales[0]
        copy = print_copy(session, SHOP, sale.sale_id, OWNER, days.now())
        session.get_one(PrintJob, copy).state = queue.JobState.PRINTED
        assert "COPY" in to_text(kept_pages.page_of(session, copy), 42)
        kept_pages.reprint(session, copy, till="till1", actor=OWNER, now=days.now())

        changed = func.replace(PrintJob.document, "TOTAL EUR", "TOTAL SEK")
        session.execute(update(PrintJob).where(PrintJob.sale_id == sale.sale_id).values(document=changed))
        session.expire_all()
        with pytest.raises(SaleError, match="receipt till1-000001 is not the one that the journal saw"):
            receipt_page(session, SHOP, sale.sale_id, OWNER)
        with pytest.raises(SaleError):
            print_copy(session, SHOP, sale.sale_id, OWNER, days.now())
        with pytest.raises(SaleError):
            kept_pages.reprint(session, copy, till="till1", actor=OWNER, now=days.now())


def test_a_receipt_that_was_not_kept_is_made_of_the_rows(days: Days) -> None:
    """Its amounts, lines and journal hash are those of the page that was printed."""
    for number in (1, 2, 3, 4):
        with writing(days.engine) as session:
            sale = find_sales(session, read_wanted(f"#{number}", SHOP), OWNER).sales[0]
            kept = to_text(receipt_page(session, SHOP, sale.sale_id, OWNER), 42)
            session.execute(delete(PrintJob).where(PrintJob.sale_id == sale.sale_id))
            anew = to_text(receipt_page(session, SHOP, sale.sale_id, OWNER), 42)
            job_id = print_copy(session, SHOP, sale.sale_id, OWNER, days.now())
            copy = to_text(queue.page_of(session, job_id), 42)
        assert "Made anew from the books" in anew
        missing = {line.strip() for line in kept.splitlines()} - {line.strip() for line in anew.splitlines()}
        assert {line.split()[0] for line in missing} <= {"Served", "RETURN", "returned,", "entered"}
        served = next(line for line in kept.splitlines() if line.startswith("Served by"))
        assert served.split()[-1] in anew
        assert "COPY" in copy


def test_what_cannot_be_shown_or_printed(days: Days) -> None:
    with writing(days.engine) as session:
        with pytest.raises(ReportError, match="no such sale"):
            receipt_page(session, SHOP, UUID(int=5), OWNER)
        sale = find_sales(session, Wanted(), OWNER).sales[0]
        with pytest.raises(ReportError, match="has no printer"):
            print_copy(session, replace(SHOP, prints=False), sale.sale_id, OWNER, days.now())
        with pytest.raises(queue.PrintingError, match="still waiting"):
            print_copy(session, SHOP, sale.sale_id, OWNER, days.now())


# The list as a file


def test_the_list_as_csv(days: Days, tmp_path: Path) -> None:
    target = tmp_path / "sales.csv"
    with reading(days.engine) as session:
        assert write_sales(session, Wanted(), OWNER, SHOP, target) == 4
    header, *rows = csv.reader(io.StringIO(target.read_bytes().decode(), newline=""))
    assert tuple(header) == COLUMNS
    told = [dict(zip(header, row, strict=True)) for row in rows]
    assert told[3] == {
        "receipt": "till1-000001",
        "till": "till1",
        "number": "1",
        "business_date": "2026-03-02",
        "completed_at": told[3]["completed_at"],
        "cashier": "Ada",
        "lines": "2",
        "first_item": "Oat drink 1 l",
        "net": told[3]["net"],
        "tax": told[3]["tax"],
        "gross": "5.09",
        "currency": "EUR",
        "tenders": "cash 5.09",
        "last_four": "",
        "discount_reason": "",
        "customer": "",
    }
    assert told[3]["completed_at"].startswith("2026-03-02T09:00:")
    assert [(row["gross"], row["tenders"], row["last_four"]) for row in told[1:3]] == [
        ("-3.20", "cash -3.20", ""),
        ("3.78", "card 3.78", "4242"),
    ]
    assert [path.name for path in tmp_path.glob("sales*")] == ["sales.csv"]
    assert target.stat().st_mode & 0o777 == 0o600


# The command


@pytest.fixture
def config(sqlite_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    stock_shop(sqlite_engine)
    days = Days(sqlite_engine)
    days.desk.name_customer("Room 12")
    days.sell("100", "200")
    days.sell("100")
    path = tmp_path / "shop.toml"
    path.write_text(
        f'[shop]\nlocale = "sv_SE"\n[display]\nlanguage = "en"\n[database]\nurl = "{sqlite_engine.url}"\n'
    )
    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    return str(path)


def test_the_command_takes_days_as_the_shop_writes_them(
    config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = Path(config)
    file.write_text(file.read_text().replace("sv_SE", "en_IE"))
    for day, sales in (("2/3/2026", 2), ("3/3/2026", 0), ("1/3/2026..02/03/2026", 2)):
        assert cli.main(["sales", day, "--config", config]) == 0
        assert capsys.readouterr().out.count("till1-") == sales


def test_the_command(config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def told(*options: str) -> str:
        assert cli.main(["sales", *options, "--config", config]) == 0
        return capsys.readouterr().out

    listed = told().splitlines()
    assert [line.split("\t")[0] for line in listed] == ["till1-000002", "till1-000001"]
    assert listed[1].split("\t")[3:] == ["Oat drink 1 l (+1)", "cash", "5,09 EUR", "Room 12"]
    assert (
        told("--number", "1", "--amount", "5,09", "--product", "bread", "--cashier", "owner")
        == listed[1] + "\n"
    )
    for tender in ("CASH", "Cash", "cash", "Kontant"):
        assert told("--tender", tender, "--customer", "room") == listed[1] + "\n"
    assert told("--customer", "room 13") == "No sale fits.\n"
    assert told("--from", "2026-03-03") == "No sale fits.\n"
    assert "There are more" in told("--limit", "1")
    assert "TOTAL EUR" in told("#2", "--show")
    target = tmp_path / "list.csv"
    assert "2 sales were written" in told("oat", "--csv", str(target))
    assert target.exists()
    assert cli.main(["sales", "oat", "--csv", str(target), "--config", config]) == 1
    assert "2 sales were written" in told("oat", "--csv", str(target), "--force")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--number", "?"], "? is no receipt's number"),
        (["--amount", "x"], "x is no amount"),
        (["--tender", "Visa"], "Visa is no way of paying. There are: cash, card"),
        (["--last-four", "42"], "42 is not four digits"),
        (["--number", "0"], "0 is no receipt's number"),
        (["#0"], "0 is no receipt's number"),
        (["--number", "till9-000003"], "these books have no till till9. They have: till1"),
        (["till9-000003"], "these books have no till till9. They have: till1"),
        (["oat", "2026-13"], "2026-13 is no day or month"),
        (["2026-11-31"], "2026-11-31 is no day or month"),
        (["2026-11..2026-10"], "2026-11..2026-10 is no day or month"),
        (["--till", "tillX"], "these books have no till tillX. They have: till1"),
        (["--from", "2026-03-03", "--to", "2026-03-02"], "--to is a day before --from"),
        (["2026-03-03", "--to", "2026-03-02"], "--to is a day before --from"),
        (["--limit", "9" * 20], "is no number from 1 to 999999"),
        (["--limit", "0"], "is no number from 1 to 999999"),
    ],
)
def test_what_the_command_cannot_read(
    config: str, options: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["sales", *options, "--config", config])
    assert ended.value.code == 2
    assert said in capsys.readouterr().err
