"""The page of a report: whole at every width of paper, the same on the screen and as a PDF."""

import datetime as dt
import re
import zlib
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine

from hardware.document import Document, Row, Text, to_text
from tests.rigs.days import Days
from tests.rigs.people import OWNER
from tests.rigs.shop import stock_shop
from tui_pos.i18n import _, use_language
from tui_pos.reports.documents import report_document, with_proof
from tui_pos.reports.errors import ReportError
from tui_pos.reports.figures import Figures, TaxFigures, from_bytes
from tui_pos.reports.pdf import to_pdf
from tui_pos.reports.z import find_z, make_x
from tui_pos.storage.engine import reading, writing

AT = dt.datetime(2026, 3, 2, 18, tzinfo=dt.UTC)


@pytest.fixture
def days(sqlite_engine: Engine) -> Days:
    stock_shop(sqlite_engine)
    days = Days(sqlite_engine)
    days.trade()
    return days


@pytest.fixture
def z(days: Days) -> Figures:
    days.close()
    with reading(days.engine) as session:
        return from_bytes(find_z(session, "till1", 1).content)


def words(page: Document, columns: int) -> list[list[str]]:
    return [line.split() for line in to_text(page, columns).splitlines()]


@pytest.mark.parametrize("columns", [32, 42, 48])
def test_every_amount_stands_whole_at_every_width(days: Days, z: Figures, columns: int) -> None:
    text = to_text(report_document(z, days.shop), columns)
    assert max(len(line) for line in text.splitlines()) <= columns
    amounts = [z.gross_minor, z.net_minor, z.tax_minor, z.returns_minor, z.cash.expected_minor]
    amounts += [tender.amount_minor for tender in z.tenders]
    amounts += [department.amount_minor for department in z.departments]
    amounts += [part for tax in z.taxes for part in (tax.net_minor, tax.tax_minor, tax.gross_minor)]
    amounts += [shift.counted_minor or 0 for shift in z.shifts]
    for minor in amounts:
        assert f"{minor / 100:,.2f}" in text


def test_what_an_inspector_looks_for_is_there(days: Days, z: Figures) -> None:
    shop = replace(days.shop, tax_id="IE1")
    lines = words(report_document(replace(z, shop=replace(z.shop, tax_id="IE1")), shop), 42)
    for wanted in (
        ["Z", "REPORT", "000001"],
        ["Tax", "id", "IE1"],
        ["Receipt", "numbers", "1", "-", "6"],
        ["TAKINGS", "24.23"],
        ["Taken", "back", "-1.89"],
        ["Training,", "in", "no", "total", "(1)", "1.89"],
        ["Drawer", "opened", "without", "a", "sale", "1"],
        ["Since", "installation,", "never", "reset"],
        ["Left", "in", "the", "drawer", "100.00"],
    ):
        assert wanted in lines


def test_what_was_paid_out_stands_under_its_sum_with_its_sign(days: Days, z: Figures) -> None:
    lines = words(report_document(z, days.shop), 42)
    place = lines.index(["Paid", "out", "(1)", "-5.00"])
    assert lines[place + 1] == ["stamps", "-5.00"]
    assert lines[place + 2][-1] == "Owner"
    assert ["Paid", "in", "(0)", "0.00"] in lines
    assert place < lines.index(["Expected", f"{z.cash.expected_minor / 100:.2f}"])


@pytest.mark.parametrize("columns", [32, 42, 48])
def test_the_times_of_a_shift_stand_whole_and_a_difference_with_what_explains_it(
    days: Days, z: Figures, columns: int
) -> None:
    lines = words(report_document(z, days.shop), columns)
    place = lines.index(["Shift", "1,", "drawer"])
    assert [line[0] for line in lines[place + 1 : place + 3]] == ["Opened", "Closed"]
    assert all(line[1] == "02/03/2026" for line in lines[place + 1 : place + 3])
    place = lines.index(["Explanation:", "a", "guess"])
    assert lines[place - 1][0] in ("Over", "Short")
    assert lines[place + 1][:3] == ["Left", "in", "the"]


def test_rates_go_by_their_names_and_by_codes_only_where_they_must(days: Days, z: Figures) -> None:
    zero = TaxFigures("zero", "zero_rated", Decimal(0), 300, 0, 300)
    one, other = (TaxFigures(code, "taxed", Decimal(10), 100, 10, 110) for code in ("food", "books"))
    text = to_text(report_document(replace(z, taxes=(zero, one)), days.shop), 42)
    assert "\nZero-rated " in text
    assert "\n10% " in text
    text = to_text(report_document(replace(z, taxes=(one, other)), days.shop), 42)
    assert "\n10% (food) " in text
    assert "\n10% (books) " in text


def test_no_two_parts_have_the_same_name(days: Days, z: Figures) -> None:
    page = report_document(z, days.shop)
    titles = [block.text for block in page.blocks if isinstance(block, Text) and block.bold]
    rows = {block.left for block in page.blocks if isinstance(block, Row)}
    assert len(titles) == len(set(titles))
    assert "Counted" not in titles
    assert "Counted" in rows


def test_an_x_says_where_the_journal_had_come_to(days: Days) -> None:
    with writing(days.engine) as session:
        x = make_x(session, days.shop, OWNER, days.now())
    lines = words(report_document(x, days.shop), 32)
    assert ["Receipts", "6", x.journal["receipts"].hash[:12]] in lines
    assert ["Training", str(x.journal["training"].seq), x.journal["training"].hash[:12]] in lines
    assert "Closures" not in [line[0] for line in lines if line]  # none yet


def test_an_x_says_that_it_closes_nothing(days: Days) -> None:
    with writing(days.engine) as session:
        figures = make_x(session, days.shop, OWNER, days.now())
    lines = words(report_document(figures, days.shop), 42)
    assert ["X", "REPORT"] in lines
    assert ["Nothing", "was", "closed", "by", "this."] in lines


def test_the_proof_stands_at_the_foot(days: Days, z: Figures) -> None:
    page = with_proof(report_document(z, days.shop), "0123456789abcdef", "11112222 abcd")
    assert page.blocks[-2:] == (Row("Journal", "0123456789ab"), Row("Closure", "11112222 abcd"))


def drawn(pdf: bytes) -> str:
    """What the streams of a PDF draw."""
    streams = re.findall(rb"stream\n(.*?)\nendstream", pdf, re.DOTALL)
    texts = [zlib.decompress(each) for each in streams if each[:1] == b"x"]
    return b"\n".join(texts).decode("latin-1")


def test_a_pdf_holds_the_lines_and_is_the_same_each_time(days: Days, z: Figures) -> None:
    page = report_document(replace(z, shop=replace(z.shop, name="Zoë's Café")), days.shop)
    made = to_pdf(page, AT, lambda _letters: None)
    assert made == to_pdf(page, AT, lambda _letters: None)
    assert made.startswith(b"%PDF")
    shown = drawn(made)
    assert "(TAKINGS)" in shown
    assert "(24.23)" in shown
    assert "Zoë's Café" in shown


def test_a_script_that_no_font_has_is_said(days: Days, z: Figures) -> None:
    page = report_document(replace(z, shop=replace(z.shop, name="Ελλάδα")), days.shop)
    asked: list[str] = []

    def none_of(letters: str) -> Path | None:
        asked.append(letters)
        return None

    with pytest.raises(ReportError, match="font"):
        to_pdf(page, AT, none_of)
    assert set("Ελλάδα") <= set(asked[0])


def test_the_page_speaks_the_shops_language_whoever_makes_it(days: Days, z: Figures) -> None:
    swedish = replace(days.shop, locale="sv_SE")
    use_language("en")
    text = to_text(report_document(z, swedish), 42)
    assert "Z-RAPPORT 000001" in text
    assert "Pass 1, kassalåda" in text
    assert "24,23" in text
    assert _("Business date") == "Business date"
    use_language("sv")
    try:
        assert "Z REPORT 000001" in to_text(report_document(z, days.shop), 42)
    finally:
        use_language("en")
