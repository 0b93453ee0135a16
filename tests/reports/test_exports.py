"""What bookkeepers' programs get: beancount and hledger read it themselves, the others by their published rules."""

import csv
import datetime as dt
import io
import re
import shutil
import subprocess
from dataclasses import fields
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from beancount import loader
from beancount.core.data import Transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from config.settings import Settings
from tests.rigs.days import FIRST_DAY, small_books
from tests.rigs.people import CASHIER, OWNER
from tests.rigs.zs import DAY, keep, shift, tax, z
from tui_pos import cli
from tui_pos.commands.export import FORMATS as OFFERED
from tui_pos.commands.export import build_accounts, write_files
from tui_pos.people.actor import NotAllowed
from tui_pos.reports.accounts import Accounts, Entry, Posting, Rate, Role, entries_of
from tui_pos.reports.errors import ReportError
from tui_pos.reports.exports.datev import COLUMNS, TEXT_COLUMNS
from tui_pos.reports.exports.export import FORMATS, export, format_named
from tui_pos.reports.exports.format import DatevRules, Format, Job, exact, plain, two_decimals, windows_text
from tui_pos.reports.exports.xero import COLUMNS as XERO_COLUMNS
from tui_pos.reports.figures import CashEntry, Figures
from tui_pos.storage.engine import reading, writing

OWN = Accounts()
DATEV = DatevRules(consultant=1234, client=56)
NASTY = 'milk "2 l"; \\ 5 €\tand | more, date: never [2026-13-01]\r\nŁódź ☕ =SUM(A1) 牛乳'

WIDE = z(
    7,
    taxes=[
        tax("standard", "19", 4254, 808),
        tax("reduced", "7", 1189, 83),
        tax("zero", "0", 300, 0, "zero_rated"),
    ],
    tenders={"card": 3000, "cash": 3634},
    rounding_minor=1,
    entries=[
        CashEntry("paid_out", 450, NASTY),
        CashEntry("drop", 2500, ""),
        CashEntry("paid_in", 5, "found"),
    ],
    shifts=[shift(1, 10000, 10695, 8000)],
    over_short_minor=5,
)
REFUNDS = z(8, taxes=[tax("standard", "19", -1000, -190)], tenders={"card": -1190}, till="till2")


def written(name: str, *reports: Figures, own: Accounts = OWN, datev: DatevRules = DATEV) -> list[bytes]:
    """The files of these Zs, each as its till's first."""
    form = format_named(name)
    accounts = own.over(form.accounts(datev))
    entries = [entry for each in reports for entry in entries_of(each, accounts, {})]
    first, last = min(r.business_date for r in reports), max(r.business_date for r in reports)
    return form.write(Job(tuple(entries), accounts, first, last, datev))


def text(name: str, *reports: Figures, **given: Any) -> str:
    (content,) = written(name, *reports, **given)
    return content.decode("cp1252" if name in ("datev", "sage", "quickbooks") else "utf-8")


def cells(name: str, *reports: Figures, **given: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text(name, *reports, **given), newline="")))


# beancount


def loaded(source: str) -> list[Transaction]:
    entries, errors, _options = loader.load_string(source)
    assert errors == []
    return [entry for entry in entries if isinstance(entry, Transaction)]


def test_beancount_reads_a_day() -> None:
    takings, safe, refunds = loaded(text("beancount", WIDE, REFUNDS))
    assert (takings.date, takings.flag, takings.narration) == (DAY, "*", "till1 daily close")
    assert (takings.meta["number"], takings.meta["till"]) == ("Z000007", "till1")
    sums: dict[str, Decimal] = {}
    for posting in takings.postings:
        assert posting.units is not None
        assert posting.units.currency == "EUR"
        sums[posting.account] = sums.get(posting.account, Decimal(0)) + (posting.units.number or 0)
    assert sums == {
        "Income:Sales:Standard:19": Decimal("-42.54"),
        "Income:Sales:Reduced:7": Decimal("-11.89"),
        "Income:Sales:Zero:0": Decimal("-3.00"),
        "Liabilities:Tax:Standard:19": Decimal("-8.08"),
        "Liabilities:Tax:Reduced:7": Decimal("-0.83"),
        "Assets:Clearing:Card": Decimal("30.00"),
        "Assets:Cash": Decimal("36.34")
        + Decimal("0.01")
        - Decimal("4.50")
        + Decimal("0.05")
        + Decimal("0.05"),
        "Income:Cash-Rounding": Decimal("-0.01"),
        "Assets:Petty-Cash": Decimal("4.45"),
        "Expenses:Cash-Over-Short": Decimal("-0.05"),
    }
    assert safe.narration == "till1 drawer and safe"
    assert refunds.meta["till"] == "till2"


@pytest.mark.parametrize(("currency", "exponent", "shown"), [("JPY", 0, "1230 JPY"), ("KWD", 3, "1.230 KWD")])
def test_beancount_and_hledger_keep_the_decimals_of_the_currency(
    currency: str, exponent: int, shown: str
) -> None:
    report = z(1, taxes=[tax("standard", "23", 1000, 230)], currency=currency, exponent=exponent)
    for name in ("beancount", "hledger"):
        assert shown in text(name, report)
    assert len(loaded(text("beancount", report))) == 1


def test_files_of_two_months_can_be_included_in_one_ledger(tmp_path: Path) -> None:
    for name, report in (("one", WIDE), ("two", REFUNDS)):
        (tmp_path / f"{name}.beancount").write_bytes(written("beancount", report)[0])
    ledger = tmp_path / "ledger.beancount"
    ledger.write_text(
        'plugin "beancount.plugins.auto_accounts"\n'
        '2026-01-01 open Assets:Cash EUR\ninclude "one.beancount"\ninclude "two.beancount"\n'
    )
    _entries, errors, _options = loader.load_file(str(ledger))
    assert errors == []
    ledger.write_text('include "one.beancount"\ninclude "two.beancount"\n')
    assert loader.load_file(str(ledger))[1], "the page for bookkeepers, and the file's head, say why"


REASONS = st.lists(st.text(max_size=30), min_size=1, max_size=5)


@settings(max_examples=40, deadline=None)
@given(REASONS)
def test_no_text_breaks_beancount(reasons: list[str]) -> None:
    report = z(1, entries=[CashEntry("paid_out", 100, reason) for reason in reasons])
    (takings,) = loaded(text("beancount", report))
    assert len(takings.postings) == 2 * len(reasons)


# hledger


def hledger(tmp_path: Path, source: bytes, *command: str) -> str:
    program = shutil.which("hledger")
    if program is None:
        pytest.skip("needs hledger (Debian: apt-get install hledger)")
    file = tmp_path / "books.journal"
    file.write_bytes(source)
    done = subprocess.run(
        [program, "-f", str(file), *command],
        capture_output=True,
        text=True,
        env={"LANG": "C.UTF-8"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_hledger_accepts_everything_and_sums_it_alike(tmp_path: Path) -> None:
    odd = [
        "date: tomorrow",
        "[2026-99-99]",
        "a;b",
        "a|b",
        "tag:, x",
        "\n2026-01-01 boo",
        "* !",
        "=1",
        "(x)",
        "{1}",
    ]
    report = z(9, entries=[CashEntry("paid_in", 100, each) for each in [NASTY, *odd]])
    dinars = z(1, taxes=[tax("standard", "5", 1000, 50)], currency="KWD", exponent=3, till="till3")
    (source,) = written("hledger", WIDE, REFUNDS, report, dinars)
    assert b"\n2026-11-20 * (Z000007) till1 daily close\n" in source
    assert hledger(tmp_path, source, "check", "--strict") == ""
    assert hledger(tmp_path, source, "check", "balancednoautoconversion") == ""
    balances = hledger(tmp_path, source, "balance", "--flat", "-O", "csv", "assets:cash", "income:sales")
    told = dict(list(csv.reader(io.StringIO(balances)))[1:])
    assert told["income:sales:standard:19"] == "-32.54 EUR"
    assert told["income:sales:standard:5"] == "-1.000 KWD"
    assert told["assets:cash"] == f"{Decimal('80.00') + Decimal('11.00')} EUR, 1.050 KWD"


def test_hledger_is_strict_with_two_months_and_own_accounts(tmp_path: Path) -> None:
    own = Accounts(sales={"": "Revenue:Café {class}:{rate}"}, tenders={"": "assets:{tender} at the bank"})
    months = [written("hledger", report, own=own)[0] for report in (WIDE, REFUNDS)]
    for name, month in zip(("one", "two"), months, strict=True):
        (tmp_path / f"{name}.journal").write_bytes(month)
    source = b"include one.journal\ninclude two.journal\ninclude one.journal\n"
    assert hledger(tmp_path, source, "check", "--strict") == ""
    accounts = hledger(tmp_path, source, "accounts").splitlines()
    assert "Revenue:Café Standard:19" in accounts
    assert "assets:card at the bank" in accounts


def test_an_account_of_small_letters_stays_so() -> None:
    rate = Rate("super_reduced", "taxed", Decimal("4.8"))
    for account, expected in (
        ("income:{class}:{percent}", "income:super-reduced:4.8"),
        ("Income:{class}:{rate}", "Income:Super-Reduced:4-8"),
        ("{class}", "Super-Reduced"),
        ("4000 {class}", "4000 Super-Reduced"),
        ("{class} ÖVRIGT", "Super-Reduced ÖVRIGT"),
    ):
        assert Accounts(sales={"": account}).of_sales(rate) == expected


def test_ledgers_header_is_the_one_that_was_asked_for() -> None:
    header = next(line for line in text("hledger", WIDE).splitlines() if line.startswith("2026"))
    assert header == "2026-11-20 * (Z000007) till1 daily close"


# CSV


def test_csv_has_a_row_for_each_posting_and_no_formula() -> None:
    report = z(
        1,
        taxes=[tax("standard", "23", -1000, -230)],
        entries=[CashEntry("paid_in", 100, "=HYPERLINK(1)"), CashEntry("paid_out", 1, "+1")],
    )
    header, *rows = cells("csv", report, own=Accounts(paid_in="@bank"))
    told = [dict(zip(header, row, strict=True)) for row in rows]
    assert told[0] == {
        "date": "2026-11-20",
        "number": "Z000001",
        "till": "till1",
        "narration": "till1 daily close",
        "account": "sales standard 23 %",
        "debit": "10.00",
        "credit": "",
        "currency": "EUR",
        "role": "sales",
        "text": "sales standard 23 %",
        "tax_class": "standard",
        "tax_percent": "23",
    }
    assert sum(Decimal(row["debit"] or 0) - Decimal(row["credit"] or 0) for row in told) == 0
    assert "'@bank" in {row["account"] for row in told}
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)


# QuickBooks


def test_quickbooks_transactions_sum_to_nought() -> None:
    source = text("quickbooks", WIDE, REFUNDS)
    assert source.endswith("ENDTRNS\r\n")
    lines = source.split("\r\n")[:-1]
    assert '"' not in source
    assert lines[:3] == [
        "!TRNS\tTRNSTYPE\tDATE\tACCNT\tAMOUNT\tDOCNUM\tMEMO",
        "!SPL\tTRNSTYPE\tDATE\tACCNT\tAMOUNT\tDOCNUM\tMEMO",
        "!ENDTRNS",
    ]
    transactions = "\n".join(lines[3:]).split("ENDTRNS")
    assert transactions.pop() == ""
    assert len(transactions) == 3
    for transaction in transactions:
        rows = [line.split("\t") for line in transaction.strip().split("\n")]
        assert [row[0] for row in rows] == ["TRNS"] + ["SPL"] * (len(rows) - 1)
        assert {len(row) for row in rows} == {7}
        assert {(row[1], row[2]) for row in rows} == {("GENERAL JOURNAL", "11/20/2026")}
        assert sum(Decimal(row[4]) for row in rows) == 0
        assert all(re.fullmatch(r"-?\d+\.\d\d", row[4]) for row in rows)
        assert all(len(part) <= 31 for row in rows for part in row[3].split(":"))
        assert all(len(row[5]) <= 11 for row in rows)


# Xero


def test_xero_lines_bear_no_tax_and_sum_to_nought() -> None:
    header, *rows = cells("xero", WIDE, REFUNDS)
    assert tuple(header) == XERO_COLUMNS
    journals: dict[tuple[str, str], Decimal] = {}
    for narration, date, _description, account, rate, amount, *tracking in rows:
        journals[narration, date] = journals.get((narration, date), Decimal(0)) + Decimal(amount)
        assert re.fullmatch(r"\d{3}", account)
        assert rate == "Tax Exempt"
        assert tracking == [""] * 4
    assert journals == {
        ("Z000007 till1 daily close", "20/11/2026"): 0,
        ("Z000007 till1 drawer and safe", "20/11/2026"): 0,
        ("Z000008 till2 daily close", "20/11/2026"): 0,
    }


def test_xero_adds_the_tax_of_a_named_rate_and_gets_the_rest_as_a_line() -> None:
    """Xero makes 8.08 of 42.54 at 19 %, as the receipts do; of 11.89 at 7 % it makes 0.83, and they say 0.85."""
    report = z(1, taxes=[tax("standard", "19", 4254, 808), tax("reduced", "7", 1189, 85)])
    own = Accounts(tax_codes={"standard": "19% VAT", "reduced": "7% VAT"}, no_tax_code="No VAT")
    _header, *rows = cells("xero", report, own=own)
    told = [(row[3], row[4], row[5]) for row in rows]
    assert told == [
        ("200", "19% VAT", "-42.54"),
        ("200", "7% VAT", "-11.89"),
        ("820", "No VAT", "-0.02"),
        ("640", "No VAT", "63.36"),
    ]
    added = {"19% VAT": Decimal("-8.08"), "7% VAT": Decimal("-0.83")}
    assert sum(Decimal(amount) + added.get(rate, 0) for _account, rate, amount in told) == 0


def test_xero_gets_at_most_300_lines_a_file_and_no_journal_is_parted() -> None:
    reports = [z(number, taxes=[tax("standard", "19", 100, 19)]) for number in range(1, 151)]
    files = [file.decode().splitlines()[1:] for file in written("xero", *reports)]
    assert [len(lines) for lines in files] == [300, 150]
    assert files[1][0].startswith("Z000101 ")
    endless = z(1, entries=[CashEntry("paid_in", 1, "")] * 151)
    with pytest.raises(ReportError, match="has 302 lines, and Xero takes 300"):
        written("xero", endless)


# Sage


def test_sage_lines_are_debits_and_credits_by_the_field_rules() -> None:
    rows = cells("sage", WIDE, REFUNDS)
    balance = Decimal(0)
    for kind, account, nominal, department, date, reference, details, net, code, tax_amount in rows:
        assert kind in ("JD", "JC")
        assert (account, department, date, tax_amount) == ("", "0", "20/11/2026", "0.00")
        assert re.fullmatch(r"\d{4}", nominal)
        assert len(reference) <= 30
        assert len(details) <= 60
        assert re.fullmatch(r"\d+\.\d\d", net)
        assert re.fullmatch(r"T\d+", code)
        balance += Decimal(net) if kind == "JD" else -Decimal(net)
    assert balance == 0
    codes = {(row[2], row[8]) for row in rows}
    assert {("4000", "T1"), ("2200", "T1"), ("4000", "T5"), ("2200", "T5"), ("4000", "T0")} <= codes
    assert {code for nominal, code in codes if nominal not in ("4000", "2200")} == {"T9"}


# DATEV


def datev_lines(*reports: Figures, **given: Any) -> list[list[str]]:
    """The cells with their quotes."""
    parts = re.compile(r';(?=(?:[^"]*"[^"]*")*[^"]*$)')
    return [parts.split(line) for line in text("datev", *reports, **given).split("\r\n")[:-1]]


def test_datev_first_line_and_columns() -> None:
    head, columns, *_rows = datev_lines(WIDE)
    assert head[:5] == ['"EXTF"', "700", "21", '"Buchungsstapel"', "13"]
    assert head[5] == "20261120193012123"
    assert head[10:16] == ["1234", "56", "20260101", "4", "20261120", "20261120"]
    assert (len(head), head[21], head[26]) == (31, '"EUR"', '"03"')
    assert (len(columns), len(set(columns)), tuple(columns)) == (125, 125, COLUMNS)
    assert (columns[0], columns[13], columns[113], columns[124]) == (
        "Umsatz (ohne Soll/Haben-Kz)",
        "Buchungstext",
        "Festschreibung",
        "Abw. Skontokonto",
    )


def test_datev_books_gross_against_cash() -> None:
    _head, _columns, *rows = datev_lines(WIDE)
    rules = {
        1: r"\d{1,10},\d\d",
        2: '"[SH]"',
        3: '"[A-Z]{3}"',
        7: r"\d{4,9}",
        8: "1000",
        9: r'"(\d{4})?"',
        10: "2011",
        11: r'"[A-Za-z0-9$&%*+/-]{0,36}"',
        14: '"[^"]{0,60}"',
        114: "0",
    }
    for row in rows:
        assert len(row) == 125
        for column, cell in enumerate(row, 1):
            assert re.fullmatch(rules.get(column, '""' if column in TEXT_COLUMNS else ""), cell), (
                column,
                cell,
            )
    told = [(row[6], row[1].strip('"'), row[0]) for row in rows]
    assert told == [
        ("8400", "H", "50,62"),
        ("8300", "H", "12,72"),
        ("8290", "H", "3,00"),
        ("1360", "S", "30,00"),
        ("4900", "H", "0,01"),
        ("1590", "S", "4,50"),
        ("1590", "H", "0,05"),
        ("4900", "H", "0,05"),
        ("1010", "H", "100,00"),
        ("1010", "S", "26,95"),
        ("1010", "S", "25,00"),
    ]
    cash = sum(
        (1 if side == "H" else -1) * Decimal(amount.replace(",", ".")) for _account, side, amount in told
    )
    assert cash == Decimal("80.00")


def test_datev_refunds_charts_and_keys() -> None:
    rules = DatevRules(consultant=1234, client=56, chart="04")
    own = Accounts(sales={"standard": "4200"}, tax_codes={"standard": "3"})
    report = z(
        1, taxes=[tax("standard", "16", -1000, -160), tax("reduced", "7", 0, 1)], tenders={"card": -1159}
    )
    _head, _columns, *rows = datev_lines(report, own=own, datev=rules)
    assert [(row[0], row[1], row[6], row[7], row[8]) for row in rows] == [
        ("11,60", '"S"', "4200", "1600", '"0003"'),
        ("0,01", '"H"', "4300", "1600", '""'),
        ("11,59", '"H"', "1460", "1600", '""'),
    ]


def test_datev_has_a_file_for_each_fiscal_year() -> None:
    rules = DatevRules(consultant=1234, client=56, year_begins=(4, 6))
    taxes = [tax("standard", "19", 100, 19)]
    before, after = (z(n, taxes=taxes, date=dt.date(2026, 4, 4 + n)) for n in (1, 2))
    heads = [
        file.decode("cp1252").split("\r\n")[0].split(";")
        for file in written("datev", before, after, datev=rules)
    ]
    assert [head[12:16] for head in heads] == [
        ["20250406", "4", "20260405", "20260405"],
        ["20260406", "4", "20260406", "20260406"],
    ]


def test_datev_wants_its_numbers_and_known_rates() -> None:
    with pytest.raises(ReportError, match="numbers of adviser and client"):
        written("datev", WIDE, datev=DatevRules())
    with pytest.raises(
        ReportError, match=r"“standard 16”.* by a line such as sales = \[\"standard 16 = 8400\"\]"
    ):
        written("datev", z(1, taxes=[tax("standard", "16", 100, 16)]))
    huge = z(1, taxes=[tax("standard", "19", 10**12, 0)])
    with pytest.raises(ReportError, match="more than DATEV can hold"):
        written("datev", huge)


# What they share


@pytest.mark.parametrize("name", ["quickbooks", "xero", "datev", "sage"])
def test_two_decimals_or_none_at_all(name: str) -> None:
    yen = z(1, taxes=[tax("standard", "19", 1000, 190)], currency="JPY", exponent=0)
    comma = "," if name == "datev" else "."
    assert f"1190{comma}00" in text(name, yen)
    dinars = z(1, taxes=[tax("standard", "19", 1000, 190)], currency="KWD", exponent=3)
    assert f"1{comma}19" in text(name, dinars)
    with pytest.raises(ReportError, match=r"1\.001 has more"):
        text(name, z(1, taxes=[tax("zero", "0", 1001, 0)], currency="KWD", exponent=3))


@given(st.integers(-(10**12), 10**12), st.integers(0, 4))
def test_amounts_are_written_whole(minor: int, exponent: int) -> None:
    assert Decimal(exact(minor, exponent)) * 10**exponent == minor
    if exponent <= 2:
        assert Decimal(two_decimals(minor, exponent)) * 10**exponent == minor
        assert re.fullmatch(r"-?\d+\.\d\d", two_decimals(minor, exponent))


@given(st.text())
def test_texts_are_one_line_of_letters_that_the_format_has(typed: str) -> None:
    assert plain(typed).isprintable()
    line = windows_text(typed, 60)
    assert line.encode("cp1252").decode("cp1252") == line
    assert len(line) <= 60


def test_letters_that_windows_lacks() -> None:
    assert windows_text("Łódź, 5 € – naïve ﬁ 牛乳 ☕") == "Lódz, 5 € – naïve fi ?? ?"


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(max_size=80), min_size=1, max_size=4), st.sampled_from(FORMATS))
def test_no_text_breaks_any_line(reasons: list[str], name: str) -> None:
    report = z(1, entries=[CashEntry("paid_in", 100, reason) for reason in reasons])
    source = text(name, report)
    bare = text(name, z(1, entries=[CashEntry("paid_in", 100, "why") for _reason in reasons]))
    assert len(source.splitlines()) == len(bare.splitlines())
    if name in ("csv", "xero", "sage"):
        assert {len(row) for row in csv.reader(io.StringIO(source, newline=""))} == {
            len(row) for row in csv.reader(io.StringIO(bare, newline=""))
        }
    if name in ("datev", "quickbooks"):
        mark = ";" if name == "datev" else "\t"
        parted = re.compile(rf'{mark}(?=(?:[^"]*"[^"]*")*[^"]*$)')
        assert [len(parted.split(line)) for line in source.splitlines()] == [
            len(parted.split(line)) for line in bare.splitlines()
        ]


# Out of the books


@pytest.fixture(scope="module")
def all_formats() -> list[Format]:
    return [format_named(name) for name in FORMATS]


IRISH = Accounts(sales={"standard": "8400", "reduced": "8300"})


def test_a_shops_days_again_and_again(engine: Engine, all_formats: list[Format]) -> None:
    """Real Zs, of a shop that has sold, given back and paid: every format takes them, and twice the same."""
    small_books(engine)
    last = FIRST_DAY + dt.timedelta(days=1)
    for form in all_formats:
        own = IRISH if form.name == "datev" else OWN
        with reading(engine) as session:
            once = export(session, form, own, DATEV, OWNER, FIRST_DAY, last).files
        with reading(engine) as session:
            assert export(session, form, own, DATEV, OWNER, FIRST_DAY, last).files == once, form.name
            first = export(session, form, own, DATEV, OWNER, FIRST_DAY, FIRST_DAY).files
        assert once != first
        if form.name == "beancount":
            closes = [
                [e.meta["number"] for e in loaded(c[0].decode()) if "close" in (e.narration or "")]
                for c in (once, first)
            ]
            assert closes == [["Z000001", "Z000002"], ["Z000001"]]


def test_days_tills_and_what_lay_in_the_drawer_before(engine: Engine) -> None:
    """Two Zs on one day, another till, a Z before the days asked for: in the order of day, till and number."""
    day = dt.timedelta(days=1)
    taxes = [tax("zero", "0", 1000, 0, "zero_rated")]
    with writing(engine) as session:
        keep(
            session,
            z(1, taxes=taxes, date=DAY - day, shifts=[shift(1, 500, 1500, 600)]),
            z(2, taxes=taxes, shifts=[shift(2, 600, 1600, 600)]),
            z(3, taxes=taxes, shifts=[shift(3, 700, 1700, 0)]),
            z(1, taxes=taxes, till="kiosk"),
            z(4, taxes=taxes, date=DAY + day),
        )
    with reading(engine) as session:
        (content,) = export(session, format_named("csv"), OWN, DATEV, OWNER, DAY, DAY).files
    rows = list(csv.DictReader(io.StringIO(content.decode(), newline="")))
    order = list(dict.fromkeys((row["till"], row["number"], row["narration"]) for row in rows))
    assert order == [
        ("kiosk", "Z000001", "kiosk daily close"),
        ("till1", "Z000002", "till1 daily close"),
        ("till1", "Z000002", "till1 drawer and safe"),
        ("till1", "Z000003", "till1 daily close"),
        ("till1", "Z000003", "till1 drawer and safe"),
    ]
    safe = [(row["debit"], row["credit"]) for row in rows if row["account"] == "safe"]
    assert safe == [("10.00", ""), ("", "1.00"), ("17.00", "")]


def test_what_cannot_be_exported(engine: Engine) -> None:
    def exported(name: str, own: Accounts = OWN, first: dt.date = DAY) -> list[bytes]:
        with reading(engine) as session:
            return export(session, format_named(name), own, DATEV, OWNER, first, DAY).files

    with pytest.raises(ReportError, match="No till has a Z of these days"):
        exported("csv")
    taxes = [tax("standard", "19", 100, 19)]
    with writing(engine) as session:
        keep(session, z(1, taxes=taxes, date=DAY - dt.timedelta(days=1), currency="SEK"), z(2, taxes=taxes))
    with pytest.raises(ReportError, match="different currencies, and sage holds one"):
        exported("sage", first=DAY - dt.timedelta(days=1))
    assert exported("beancount", first=DAY - dt.timedelta(days=1))
    with pytest.raises(ReportError, match="“cash” is no account for beancount, which wants Assets"):
        exported("beancount", Accounts(cash="cash"))
    with pytest.raises(ReportError, match="There is no format lotus"):
        exported("lotus")
    with reading(engine) as session, pytest.raises(NotAllowed):
        export(session, format_named("csv"), OWN, DATEV, CASHIER, DAY, DAY)


def test_a_day_without_takings_is_an_empty_file(engine: Engine, all_formats: list[Format]) -> None:
    with writing(engine) as session:
        keep(session, z(1))
    with reading(engine) as session:
        for form in all_formats:
            (content,) = export(session, form, OWN, DATEV, OWNER, DAY, DAY).files
            assert b"Z000001" not in content


def test_every_default_account_fits_its_format(all_formats: list[Format]) -> None:
    for form in all_formats:
        for chart in ("03", "04"):
            accounts = form.accounts(DatevRules(chart=chart))
            single = [getattr(accounts, name) for name in ("cash", "safe", "cash_rounding", "over_short")]
            single += [accounts.paid_in, accounts.paid_out, accounts.of_tender("card")]
            for account in single:
                assert form.account.fullmatch(account), (form.name, account)


# The command


def test_settings_become_accounts() -> None:
    settings = Settings.model_validate(
        {
            "accounts": {
                "cash": "1600",
                "sales": ["standard=4400", "reduced 7 = 4300"],
                "tenders": "card = Assets:Bank",
                "datev_client": 56,
                "year_begins": "04-06",
            }
        }
    )
    accounts, datev = build_accounts(settings.accounts, "datev")
    assert (accounts.cash, accounts.sales, accounts.tenders) == (
        "1600",
        {"standard": "4400", "reduced 7": "4300"},
        {"card": "Assets:Bank"},
    )
    assert (datev.client, datev.year_begins) == (56, (4, 6))


def test_each_format_may_have_accounts_of_its_own(
    sqlite_engine: Engine, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """The adviser's numbers for DATEV do not stand in the way of the owner's hledger."""
    small_books(sqlite_engine)
    config = tmp_path / "shop.toml"
    config.write_text(
        f'[database]\nurl = "{sqlite_engine.url}"\n'
        '[accounts]\ncash = "assets:till"\ntenders = ["card = assets:bank"]\n'
        "datev_consultant = 1001\ndatev_client = 1\n"
        '[accounts.datev]\ncash = "1600"\ntenders = ["card = 1460"]\n'
        'sales = ["standard = 4400", "reduced = 4300", "zero = 4290"]\n'
        '[accounts.beancount]\ncash = "Assets:Till"\ntenders = ["card = Assets:Bank"]\n'
    )

    def told(name: str) -> bytes:
        days = ["--from", "2026-03-02", "--to", "2026-03-03", "--config", str(config)]
        assert cli.main(["export", name, *days]) == 0
        return capfdbinary.readouterr().out

    assert b"  assets:till" in told("hledger")
    assert b"  Assets:Till" in told("beancount")
    assert b";1600;" in told("datev")
    config.write_text(config.read_text().replace("standard = 4400", "other = 4400"))
    days = ["--from", "2026-03-02", "--to", "2026-03-03", "--config", str(config)]
    assert cli.main(["export", "datev", *days]) == 1
    said = capfdbinary.readouterr().err.decode()
    assert "in the section [accounts.datev], by a line such as sales = [" in said


@pytest.mark.parametrize(
    "wrong",
    [
        {"datev": {"sales": ["4400"]}},
        {"datev": {"year_begins": "01-01"}},
        {"sales": ["4400"]},
        {"sales": ["standard="]},
        {"cash": "a\tb"},
        {"year_begins": "02-29"},
    ],
)
def test_settings_that_are_no_accounts(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"accounts"):
        Settings.model_validate({"accounts": wrong})


def test_the_command(
    sqlite_engine: Engine, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    small_books(sqlite_engine)
    config = tmp_path / "shop.toml"
    config.write_text(f'[database]\nurl = "{sqlite_engine.url}"\n')
    asked = ["export", "hledger", "--from", "2026-03-02", "--to", "2026-03-03", "--config", str(config)]
    assert cli.main(asked) == 0
    printed = capfdbinary.readouterr().out
    assert printed.count(b"daily close") == 2
    out = tmp_path / "march.journal"
    assert cli.main([*asked, "--out", str(out)]) == 0
    assert out.read_bytes() == printed
    out.write_text("something else")
    assert cli.main([*asked, "--out", str(out)]) == 1
    assert b"is there already" in capfdbinary.readouterr().err
    assert cli.main([*asked, "--out", str(out), "--force"]) == 0
    assert out.read_bytes() == printed
    capfdbinary.readouterr()
    assert cli.main([*asked, "--out", str(sqlite_engine.url.database), "--force"]) == 1
    assert b"is the database" in capfdbinary.readouterr().err
    with pytest.raises(SystemExit) as ended:
        cli.main([*asked[:4], "--to", "2026-03-01", "--config", str(config)])
    assert ended.value.code == 2
    assert b"--to is a day before --from" in capfdbinary.readouterr().err


def test_what_no_z_holds_yet_is_told(
    sqlite_engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small_books(sqlite_engine)
    out = tmp_path / "march.csv"

    def told(first: str, last: str, database: str = str(sqlite_engine.url)) -> tuple[int, str, str]:
        config = tmp_path / "shop.toml"
        config.write_text(f'[database]\nurl = "{database}"\n')
        days = ["--from", first, "--to", last, "--out", str(out), "--force"]
        code = cli.main(["export", "csv", *days, "--config", str(config)])
        return code, *capsys.readouterr()

    assert told("2026-03-01", "2026-03-03") == (0, f"Written to {out}: 2 Zs of 2 days.\n", "")
    whole = out.read_bytes()
    waits = "4 receipts of 2026-03-04 (till1) are in no Z yet: make it, and export again.\n"
    assert told("2026-03-01", "2026-03-31") == (3, f"Written to {out}: 2 Zs of 2 days.\n", waits)
    assert out.read_bytes() == whole
    assert told("2026-03-04", "2026-03-04") == (1, "", f"tui-pos: No till has a Z of these days. {waits}")


def test_zs_of_days_on_which_nothing_was_sold_make_an_empty_file_that_is_said(
    engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with writing(engine) as session:
        keep(session, z(1))
    config, out = tmp_path / "shop.toml", tmp_path / "day.journal"
    config.write_text(f'[database]\nurl = "{engine.url.render_as_string(hide_password=False)}"\n')
    days = ["--from", str(DAY), "--to", str(DAY), "--out", str(out), "--config", str(config)]
    assert cli.main(["export", "hledger", *days]) == 0
    assert capsys.readouterr() == (
        f"Written to {out}: 1 Z of 1 day.\n",
        "The Zs of these days hold nothing to book: the file has no journal.\n",
    )


def test_several_files_get_numbers(tmp_path: Path) -> None:
    paths = write_files(tmp_path / "x.csv", [b"1", b"2"])
    assert [(path.name, path.read_bytes()) for path in paths] == [("x.csv", b"1"), ("x-2.csv", b"2")]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x-2.csv", "x.csv"]
    assert [path.stat().st_mode & 0o777 for path in paths] == [0o600] * 2


def test_the_command_offers_every_format() -> None:
    assert OFFERED == FORMATS


def test_the_page_for_bookkeepers_lists_every_default_account() -> None:
    page = (Path(__file__).parents[2] / "docs" / "bookkeeping.md").read_text("utf-8")
    for name in FORMATS:
        for chart in ("03", "04") if name == "datev" else ("",):
            title = f"### {name}" + (f", SKR{chart}" if chart else "")
            chapter = page.split(f"{title}\n")[1].split("###")[0]
            told = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", chapter, re.MULTILINE))
            accounts = format_named(name).accounts(DatevRules(chart=chart))
            for field in fields(Accounts):
                value = getattr(accounts, field.name)
                if isinstance(value, str):
                    shown = f"`{value}`" if value else None
                else:
                    shown = ", ".join(f"`{k} = {v}`" if k else f"`{v}`" for k, v in value.items()) or None
                if (name, field.name) != ("datev", "tax"):
                    assert told.get(field.name) == shown, (title, field.name)


@pytest.mark.parametrize(
    ("name", "column", "limit"), [("csv", 9, 200), ("xero", 2, 200), ("sage", 6, 60), ("datev", 13, 60)]
)
def test_no_reason_is_a_formula_to_a_spreadsheet(name: str, column: int, limit: int) -> None:
    """What a cashier gives as a reason is read by the bookkeeper's machine; amounts stay numbers."""
    lure = "=HYPERLINK(1)" + "x" * 100
    accounts = format_named(name).accounts(DATEV)
    postings = (
        Posting(Role.PAID_OUT, accounts.paid_out, 450, lure),
        Posting(Role.CASH, accounts.cash, -450, lure),
    )
    made_at = dt.datetime.combine(DAY, dt.time(12), dt.UTC)
    entry = Entry(DAY, "Z000009", "till1", "till1 drawer and safe", "EUR", 2, made_at, postings)
    (written,) = format_named(name).write(Job((entry,), accounts, DAY, DAY, DATEV))
    content = written.decode("cp1252")
    rows = list(csv.reader(io.StringIO(content, newline=""), delimiter=";" if name == "datev" else ","))
    texts = [row[column] for row in rows if len(row) > column and "HYPERLINK" in row[column]]
    assert texts
    assert all(each.startswith("'=HYPERLINK(1)x") and len(each) <= limit for each in texts)
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row)
    assert "4.50" in content or "4,50" in content
