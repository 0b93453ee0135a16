"""Product files as other programs and spreadsheets leave them, on both databases."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.catalogue.conftest import Import, article, exported, numbers, rejected
from tests.conftest import SHARED_DATA
from tui_pos.catalogue.errors import CatalogueError
from tui_pos.catalogue.import_report import Doubt, ImportReport, Lines, Question
from tui_pos.catalogue.products import Unit

CASES = SHARED_DATA.parent / "cases"
SPOILED_TEXT = (
    "was spoiled by a spreadsheet, and its last digits are lost. Format the column as text, fill in the codes anew, "
    "and export the file again."
)
QUOTES = (
    "The quotes of this line do not match. A cell that holds a quote stands in quotes, and has it "
    'twice: "Wide 24""".'
)

Case = Callable[..., ImportReport]


@pytest.fixture
def case(take: Import) -> Case:
    """Import one of the files of shared/cases as it is."""

    def take_case(name: str, /, **given: object) -> ImportReport:
        if not CASES.is_dir():
            pytest.skip(f"needs the files in {CASES}")
        return take((CASES / name).read_bytes(), **given)

    return take_case


def products(engine: Engine, tmp_path: Path) -> list[list[str]]:
    """SKU, name, barcodes, price, tax, unit and department of all."""
    lines = exported(engine, tmp_path / "all.csv").decode().splitlines()[1:]
    return [line.split(",")[:7] for line in lines]


def always(*_about: object) -> bool:
    return True


# What shared/cases holds


def test_a_semicolon_file_in_windows_1252(case: Case, taxed: Engine) -> None:
    report = case("windows1252-semicolon.csv")
    assert (numbers(report), report.reading.encoding) == ((2, 2, 0, 0, 0), "cp1252")
    roll, cafe = article(taxed, "4711"), article(taxed, "4712")
    assert (roll.name, roll.price_minor, roll.tax_class) == ("Brötchen mit Käse", 120, "reduced")
    assert (cafe.name, cafe.price_minor) == ("Café crème", 280)


def test_a_file_that_a_spreadsheet_spoiled(case: Case, taxed: Engine) -> None:
    """The code that got its zero back is another product's: it is told so, and never taken twice."""
    report = case("spreadsheet-spoiled.csv")
    assert article(taxed, "012345678905").price_minor == 123_450
    assert report.zeros == Doubt(4, "12345678905", 1)
    assert report.foreign == Doubt(2, "$", 1)
    assert rejected(report) == [
        ("3", f"The barcode 5.01E+12 {SPOILED_TEXT}"),
        (
            "4",
            "Barcode 0012345678905 belongs to product 007: a code can name only one product. 12345678905 was read as "
            "0012345678905, which by its check digit has lost its leading zeros.",
        ),
    ]


def test_a_file_of_shopify(case: Case, taxed: Engine) -> None:
    report = case("shopify-variants.csv")
    assert report.reading.program == "Shopify"
    assert (numbers(report), report.lines) == ((3, 3, 0, 0, 0), Lines(1, 4, 0, 1, 0))
    assert article(taxed, "9520000100018").name == "Plain tee, S, Red"
    medium = article(taxed, "9520000100025")
    assert (medium.sku, medium.name, medium.department) == ("TEE-M-R", "Plain tee, M, Red", "Tops")
    assert report.made == Doubt(6, "shopify-brownie", 1)
    assert (article(taxed, "shopify-brownie").name, article(taxed, "shopify-brownie").price_minor) == (
        "Brownie",
        350,
    )
    assert numbers(case("shopify-variants.csv")) == (3, 0, 0, 3, 0)


def test_a_file_of_square(case: Case, taxed: Engine) -> None:
    report = case("square-items.csv")
    assert (report.reading.program, numbers(report)) == ("Square", (3, 3, 0, 0, 0))
    assert article(taxed, "9520000100032").name == "Coffee, Large"
    assert (article(taxed, "COF-S").price_minor, article(taxed, "TEA-G").price_minor) == (240, None)
    assert report.reading.taxes_unread == "Tax - VAT (20%)"


def test_a_file_of_loyverse(case: Case, taxed: Engine) -> None:
    report = case("loyverse-items.csv")
    assert (report.reading.program, numbers(report)) == ("Loyverse", (2, 2, 0, 0, 0))
    bread, olives = article(taxed, "9520000100049"), article(taxed, "10002")
    assert (bread.unit, bread.price_minor, bread.keeps_stock) == (Unit.PIECE, 420, True)
    assert (olives.unit, olives.price_minor, olives.keeps_stock) == (Unit.KG, None, False)


def test_a_file_of_woocommerce(case: Case, taxed: Engine, tmp_path: Path) -> None:
    report = case("woocommerce-products.csv")
    assert (report.reading.program, numbers(report)) == ("WooCommerce", (2, 2, 0, 0, 0))
    assert report.lines == Lines(1, 2, 0, 1, 0)
    assert article(taxed, "9520000100056").price_minor == 800
    assert (article(taxed, "9520000100063").name, article(taxed, "W-12-B").price_minor) == (
        "Mug - Blue",
        1250,
    )
    assert len(products(taxed, tmp_path)) == 2


def test_a_file_of_odoo(case: Case, taxed: Engine) -> None:
    report = case("odoo-products.csv")
    assert (report.reading.program, numbers(report)) == ("Odoo", (2, 1, 0, 0, 1))
    assert rejected(report) == [
        ("3", "Barcode 9520000100070 belongs to product ABR1: a code can name only one product.")
    ]
    asked: list[tuple[Question, Doubt]] = []

    def decide(question: Question, doubt: Doubt) -> bool:
        asked.append((question, doubt))
        return True

    report = case("odoo-products.csv", decide=decide)
    assert asked == [(Question.LEAVE_OUT, Doubt(3, "9520000100070", 1))]
    assert (numbers(report), report.left_out and report.left_out.count) == ((2, 1, 0, 1, 0), 1)
    assert (article(taxed, "ABR1-12").price_minor, article(taxed, "9520000100070").sku) == (130_800, "ABR1")


# Layouts


def test_a_mapping_goes_before_the_layout(case: Case, taxed: Engine) -> None:
    case("shopify-variants.csv", price="Variant Compare At Price", name="Variant SKU")
    assert (article(taxed, "TEE-S-R").price_minor, article(taxed, "TEE-S-R").name) == (2490, "TEE-S-R")


LOYVERSE = (
    "Handle,SKU,Name,Sold by weight,Option 1 value,Default price,Barcode,Available for sale [{0}],Price [{0}]"
)


def test_prices_of_several_shops_are_asked_for(take: Import, taxed: Engine) -> None:
    header = LOYVERSE.format("Harbour") + ",Available for sale [Hill],Price [Hill]\n"
    rows = "tea,1,Tea,N,Green,9.00,,Y,1.00,N,2.00\ntea,2,,N,Black,9.00,,Y,1.50,Y,2.50\n"
    with pytest.raises(CatalogueError, match=r'prices of several shops.*--map "price=Price \[Harbour\]"'):
        take(header + rows)
    take(header + rows, price="Price [Hill]")
    green, black = article(taxed, "1"), article(taxed, "2")
    assert (green.name, green.price_minor, green.active) == ("Tea, Green", 200, False)
    assert (black.name, black.price_minor, black.active) == ("Tea, Black", 250, True)


def test_a_family_whose_first_row_is_missing_gets_no_name_of_options(take: Import) -> None:
    report = take("Handle,Title,Option1 Value,Variant SKU,Variant Price\ntee,,M,T-M,5.00\n")
    assert rejected(report) == [("2", "T-M is new, so it needs a name.")]


def test_a_sku_that_is_made_up_fits_and_stays_the_same(take: Import, taxed: Engine, tmp_path: Path) -> None:
    header = "Handle,Title,Option1 Value,Variant SKU,Variant Price\n"
    rows = "".join(f"{'long-' * 20}{number},Long {number},Default Title,,1.00\n" for number in (1, 2))
    assert numbers(take(header + rows)) == (2, 2, 0, 0, 0)
    assert numbers(take(header + rows)) == (2, 0, 0, 2, 0)
    assert all(len(row[0]) == 64 for row in products(taxed, tmp_path))


# Quotes, and where every line went

HEADER = "sku,name,barcodes,price\n"


def test_unbalanced_quotes_cost_their_own_lines_alone(take: Import, taxed: Engine) -> None:
    rows = [f"A{number},Thing {number},,{number}.00" for number in range(1, 502)]
    rows[0], rows[500] = 'A1,Screen,"Wide 24"",99.00', 'A501,Tube,"Wide 3"",5.00'
    report = take(HEADER + "\n".join(rows) + "\n")
    assert numbers(report) == (501, 499, 0, 0, 2)
    assert rejected(report) == [("2", QUOTES), ("502", QUOTES)]
    assert (report.lines, report.lines.total) == (Lines(1, 499, 2, 0, 0), 502)
    assert article(taxed, "A500").price_minor == 50_000
    assert report.rejected_file
    assert report.rejected_file.read_text().splitlines()[1].startswith('A1,Screen,"""Wide 24""""",99.00,2,')


@pytest.mark.parametrize(
    ("rows", "wrong"),
    [
        # The quote of a cell that has none at its start would close the one above, and make one product of both.
        ('A1,"Wide 24"",,1.00\nA2,Pipe 3",,2.00\nA3,Cap,,3.00\n', ["2"]),
        ('A1,"Wide 24,,1.00\nA2,Pipe 3",,2.00\nA3,Cap,,3.00\n', ["2"]),
        ('A1,"Wide 24,,1.00\nA2,Pipe,,2.00\nA3,Cap,,3.00\n', ["2"]),
        ('A2,Pipe,,2.00\nA3,Cap,,3.00\nA1,"Wide 24,,1.00', ["4"]),
        ('A1,"Wide" 24,,1.00\nA2,Pipe,,2.00\n"A3","Cap",,"3.00"\n', ["2"]),
    ],
)
def test_a_quote_that_is_not_closed_swallows_nothing(
    take: Import, taxed: Engine, rows: str, wrong: list[str]
) -> None:
    report = take(HEADER + rows)
    assert (numbers(report), rejected(report)) == ((3, 2, 0, 0, 1), [(line, QUOTES) for line in wrong])
    assert (article(taxed, "A2").price_minor, article(taxed, "A3").price_minor) == (200, 300)
    assert report.lines.total == 4


def test_a_quote_after_which_a_long_file_comes_is_found(take: Import) -> None:
    """A record has a limit, and what was read in vain is read again."""
    rows = "".join(f"B{number},{'x' * 150},,1.00\n" for number in range(2000))
    report = take(HEADER + 'A1,"Wide 24,,1.00\n' + rows)
    assert (numbers(report), report.lines) == ((2001, 2000, 0, 0, 1), Lines(1, 2000, 1, 0, 0))


def test_cells_of_several_lines_are_legal(take: Import, taxed: Engine) -> None:
    report = take(
        'sku,name,"price\nin EUR",notes\nA,"Big\nred, ""round""\n\nball",1.00,\nB,Bat,2.00,"a\nb"\n',
        price="price in eur",
    )
    assert numbers(report) == (2, 2, 0, 0, 0)
    assert article(taxed, "A").name == 'Big red, "round" ball'
    assert report.lines == Lines(2, 6, 0, 0, 0)


def test_every_line_is_counted_once(take: Import) -> None:
    report = take(
        '\n;;;\nsep=;\nsku;name;price\n\nA;Apple;1,00\n;;\nB;Bread\nC;"Two\nlines";2,00\n   \nA;Apple;1,00\nD;;1,00;;\n'
    )
    assert report.lines == Lines(header=2, taken=4, rejected=2, passed_over=0, blank=5)
    assert report.lines.total == 13
    assert report.rejected_file
    assert [row.split(";")[3] for row in report.rejected_file.read_text().splitlines()[1:]] == ["8", "13"]


# Encodings and beginnings


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8-sig"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32"),
        ("cp1252", "cp1252"),
    ],
)
def test_encodings_are_found(take: Import, taxed: Engine, encoding: str, found: str) -> None:
    text = 'sku,name,price\r\nA,"Crème, 5 € – brûlée",1.50\r\n'
    report = take(text.encode(encoding))
    assert (report.reading.encoding, article(taxed, "A").name) == (found, "Crème, 5 € – brûlée")
    report = take(text.replace("A,", "B,").encode(encoding), "packed.csv.gz")
    assert (report.reading.encoding, article(taxed, "B").name) == (found, "Crème, 5 € – brûlée")


def test_another_code_page_is_named(take: Import, taxed: Engine) -> None:
    take("sku,name\nA,Łódź Łąka\n".encode("cp1250"), encoding="cp1250")
    assert article(taxed, "A").name == "Łódź Łąka"
    with pytest.raises(CatalogueError, match=r"not in the encoding that it was read in.*--encoding"):
        take("sku,name\nA,x\n".encode("utf-16-le") + b"a", encoding="utf-16-le")


@pytest.mark.parametrize("begins", [b"PK\x03\x04rest", b"\xd0\xcf\x11\xe0rest"])
def test_a_workbook_is_told_as_one(take: Import, begins: bytes) -> None:
    with pytest.raises(CatalogueError, match="is a workbook of a spreadsheet or a packed folder"):
        take(begins)


# Barcodes


@pytest.mark.parametrize(
    ("cell", "codes"),
    [
        ("9520000000011.0", ["9520000000011"]),
        ("9520000000011.00", ["9520000000011"]),
        ("4711.0", ["4711"]),
        ('"=""9520000000011"""', ["9520000000011"]),
        ("'9520000000011", ["9520000000011"]),
        ("9520000000011\u00a0", ["9520000000011"]),
        ("9520\u200b000000011\ufeff", ["9520000000011"]),
        ("９５２００００００００１１", ["9520000000011"]),
        ("٩٥٢٠٠٠٠٠٠٠٠١١", ["9520000000011"]),
        ("9 520000 000011", ["9520000000011"]),
        ("978-3-16-148410-0", ["9783161484100"]),
        ('"9520000000011, 9520000000028"', ["9520000000011", "9520000000028"]),
        ("9520000000011;9520000000028 / 96385074", ["9520000000011", "9520000000028", "96385074"]),
        ('"9520000000011\n9520000000028"', ["9520000000011", "9520000000028"]),
        ("9520000000011||X-1", ["9520000000011", "X-1"]),
        ("AB 123", ["AB 123"]),
        ("A/1", ["A/1"]),
        ("1E5", ["1E5"]),
        ("=17.10", ["=17.10"]),
    ],
)
def test_barcodes_are_found_by_what_a_scanner_sends(
    take: Import, taxed: Engine, cell: str, codes: list[str]
) -> None:
    assert numbers(take(f"sku,name,barcodes\nA,Apple,{cell}\n")) == (1, 1, 0, 0, 0)
    assert [article(taxed, code).sku for code in codes] == ["A"] * len(codes)


@pytest.mark.parametrize(
    "cell", ["N/A", "n/a", "#N/A", "0", "0.0", "0000000000000", "-", "—", "Does not apply", "None", '=""']
)
def test_what_stands_for_no_barcode_is_none(take: Import, taxed: Engine, tmp_path: Path, cell: str) -> None:
    quoted = '"' + cell.replace('"', '""') + '"'
    assert numbers(take(f"sku,name,barcodes\nA,Apple,{quoted}\nB,Bread,{quoted}\n")) == (2, 2, 0, 0, 0)
    assert [row[2] for row in products(taxed, tmp_path)] == ["", ""]


@pytest.mark.parametrize("cell", ["9.52E+12", "5,01e+12", "9E+12", "'9.52E+12"])
def test_digits_that_are_lost_are_refused(take: Import, cell: str) -> None:
    report = take(f'sku,name,barcodes\nA,Apple,"{cell}"\n')
    ((line, reason),) = rejected(report)
    assert (line, reason) == ("2", f"The barcode {cell.removeprefix(chr(39))} {SPOILED_TEXT}")


def test_zeros_are_put_back_where_the_file_lost_them(take: Import, taxed: Engine) -> None:
    report = take(
        "sku,name,barcodes\nA,Apple,36000291452\nB,Bread,12345678905\nC,Cup,2345678905\nD,Book,0201379627\n"
        "E,Own,4711\nF,Own,1234567\nG,Own,'36000291469\n"
    )
    assert report.zeros == Doubt(2, "36000291452", 2)
    assert [article(taxed, code).sku for code in ("036000291452", "012345678905", "2345678905")] == [
        "A",
        "B",
        "C",
    ]
    assert [article(taxed, code).sku for code in ("0201379627", "4711", "1234567")] == ["D", "E", "F"]
    assert article(taxed, "36000291469").sku == "G"


def test_a_shops_own_numbers_are_left_alone(take: Import, taxed: Engine) -> None:
    """One in ten has a right check digit by chance: nothing was lost from a file like this."""
    report = take("sku,name,barcodes\n" + "".join(f"{n},Thing {n},{20_000_000_000 + n}\n" for n in range(30)))
    assert report.zeros is None
    assert article(taxed, "20000000009").sku == "9"


@pytest.mark.parametrize(
    "cells", [["1.20", "2.50", "3.15"], ["Red wine", "Oat drink", "Rye bread"], ["yes"] * 6 + ["no"] * 6]
)
def test_a_column_without_barcodes_is_told_as_one(
    take: Import, taxed: Engine, tmp_path: Path, cells: list[str]
) -> None:
    rows = "".join(f"{number},Thing {number},{cell}\n" for number, cell in enumerate(cells))
    with pytest.raises(
        CatalogueError, match=rf"column Stock holds no barcodes.*such as {cells[0]} in line 2"
    ):
        take("sku,name,Stock\n" + rows, barcodes="Stock")
    assert products(taxed, tmp_path) == []


# Prices


@pytest.mark.parametrize(
    ("cell", "minor"),
    [
        ("$1,234.50", 123_450), ("1.234,50 €", 123_450), ("1 234,50", 123_450), ("1\u202f234,50\u00a0€", 123_450),
        ("1'234.50", 123_450), ("EUR 12", 1200), ("Rs.50", 5000), ("5 EUR", 500), ("kr. 12,50", 1250), ("12,-", 1200),
        ("1,234,567", 123_456_700), ("１２．５０", 1250), ("'2.80", 280), ("4.2000", 420),
        ("109.0", 10_900), (".5", 50),
    ],
)  # fmt: skip
def test_prices_as_they_are_written(take: Import, taxed: Engine, cell: str, minor: int) -> None:
    assert numbers(take(f'sku,name,price\nA,Apple,"{cell}"\n')) == (1, 1, 0, 0, 0)
    assert article(taxed, "A").price_minor == minor


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("12.50 USD", "The price 12.50 USD is in USD, and the shop's currency is EUR."),
        ("from 3.00", "The price from 3.00 is no amount: write it like 1234.50."),
        ("1.50-", "The price 1.50- is no amount: write it like 1234.50."),
        ("1,23.45", "The price 1,23.45 is no amount: write it like 1234.50."),
        ("-€2.00", "The price is below zero."),
        ("1.234", "The price 1.234 may have thousands or decimals: write it like 1234.50."),
        ("0.125", "The price 0.125 has more decimals than EUR has: 2."),
    ],
)
def test_prices_that_are_none(take: Import, cell: str, reason: str) -> None:
    assert rejected(take(f'sku,name,price\nA,Apple,"{cell}"\n')) == [("2", reason)]


def test_thousands_are_known_by_the_other_prices(take: Import, taxed: Engine) -> None:
    take('sku,name,price\nA,Sofa,"1,234"\nB,Lamp,45.50\nC,Shade,1.500\n')
    assert [article(taxed, sku).price_minor for sku in "ABC"] == [123_400, 4550, 150]
    take("sku;name;price\nD;Sofa;1.234\nE;Lamp;45,50\n")
    assert article(taxed, "D").price_minor == 123_400
    take("sku,name,price\nG,Nail,1.999\n", decide=always)  # nothing tells, but a person has
    assert article(taxed, "G").price_minor == 200
    take('sku,name,price\nF,Sofa,"1,234"\n', code="JPY")
    assert article(taxed, "F").price_minor == 1234


def test_finer_prices_are_asked_about_once(take: Import, taxed: Engine) -> None:
    content = "sku,name,price\nA,Nut,0.125\nB,Bolt,0.0049\nC,Screw,1.50\n"
    asked: list[tuple[Question, Doubt]] = []

    def decide(question: Question, doubt: Doubt) -> bool:
        asked.append((question, doubt))
        return False

    assert numbers(take(content, decide=decide)) == (3, 1, 0, 0, 2)
    assert asked == [(Question.ROUND, Doubt(2, "0.125", 2))]
    report = take(content, decide=always)
    assert (numbers(report), report.rounded) == ((3, 2, 0, 1, 0), Doubt(2, "0.125", 2))
    assert [article(taxed, sku).price_minor for sku in "AB"] == [13, 0]


# What is handed out


def test_rejected_rows_are_no_formulas_and_come_back_as_they_were(take: Import, taxed: Engine) -> None:
    report = take("sku,name,barcodes,price\nA,=1+1,@code,x\n")
    assert report.rejected_file
    written = report.rejected_file.read_text()
    assert written.splitlines()[1].startswith("A,'=1+1,'@code,x,2,")
    take(written.replace(",x,", ",1.00,"))
    assert article(taxed, "@code").name == "=1+1"


@pytest.mark.parametrize("code", ["9.52E+12", "1e+100"])
def test_no_product_gets_a_code_that_is_lost(code: str) -> None:
    from tui_pos.catalogue.upkeep import Draft

    with pytest.raises(CatalogueError, match="its last digits are lost"):
        Draft("A", "Apple", barcodes=(code,))
