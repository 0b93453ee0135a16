"""Import and export of the catalogue, on both databases."""

import gzip
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from tests.catalogue.conftest import EUR, ON, Import, article, exported, numbers, rejected
from tests.rigs.people import NOW, OWNER
from tui_pos.catalogue import importing
from tui_pos.catalogue.demo import load_demo
from tui_pos.catalogue.errors import CatalogueError
from tui_pos.catalogue.exporting import export_products
from tui_pos.catalogue.import_report import Doubt
from tui_pos.catalogue.importing import import_products
from tui_pos.catalogue.presets import install_preset
from tui_pos.catalogue.products import Unit, find_by_code, search
from tui_pos.catalogue.rejects import rejected_path, write_rejected
from tui_pos.catalogue.upkeep import Draft, add_barcode, upsert
from tui_pos.journal import chain
from tui_pos.money.currency import currency
from tui_pos.storage.engine import reading, writing

HEADER = "sku,name,barcodes,price,tax,unit,department,min_age\n"


def test_prices_and_their_entry_come_in_one_commit(
    take: Import, taxed: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_values: object, **_more: object) -> None:
        raise KeyboardInterrupt

    goods = HEADER + "900,Tea,,1.00,standard,,,\n"
    with monkeypatch.context() as patched:
        patched.setattr(chain, "append", killed)
        with pytest.raises(KeyboardInterrupt):
            take(goods)
    with reading(taxed) as session:
        assert find_by_code(session, "900", ON) is None
    take(goods)
    take(goods)  # which changes nothing, and so says nothing
    with reading(taxed) as session:
        (entry,) = chain.walk(session, "till1", chain.EVENTS)
    assert entry.content["data"] == {"file": "goods.csv", "added": 1, "changed": 0}
    assert entry.event == "catalogue_import"


def test_every_column_arrives(taxed: Engine, take: Import) -> None:
    report = take(HEADER + "T1,Tea  for two,5449000000996|X-1|,3.25,Zero,KG,Hot drinks,16\n")
    assert numbers(report) == (1, 1, 0, 0, 0)
    assert report.rejected_file is None
    found = article(taxed, "X-1")
    assert found == article(taxed, "5449000000996")
    assert (found.sku, found.name, found.price_minor, found.tax_class) == ("T1", "Tea for two", 325, "zero")
    assert (found.unit, found.department, found.min_age) == (Unit.KG, "Hot drinks", 16)
    assert (found.keeps_stock, found.active) == (True, True)
    with reading(taxed) as session:
        assert [hit.sku for hit in search(session, "two", ON)] == ["T1"]


def test_what_a_file_does_not_say(taxed: Engine, take: Import) -> None:
    take("gtin,name\n0036000291452,Cookies\n", barcodes="gtin")
    found = article(taxed, "036000291452")
    assert (found.sku, found.price_minor, found.tax_class) == ("0036000291452", None, "standard")
    assert (found.unit, found.department, found.min_age) == (Unit.PIECE, "", 0)


def test_every_line_of_a_file_is_accounted_for(taxed: Engine, take: Import) -> None:
    take(HEADER + "A,Apple,96385074,1.00,zero,kg,Fruit,0\nB,Beer,,2.00,standard,piece,Drinks,18\n")
    report = take(
        "sku,name,barcodes,price\nA,Apple,,1.10\nB,Beer,,2.00\nC,Cake,,3.00\n"
        "A,Apple,,1.20\n,Apple,96385074,1.30\nC,Cake,,one\nA,Apple,,1.40\n"
    )
    assert numbers(report) == (7, 1, 1, 1, 1)
    assert report.repeated == 3


def test_importing_again_updates_and_keeps_what_the_file_has_no_column_for(
    taxed: Engine, take: Import
) -> None:
    take(HEADER + "A,Apple,96385074,1.00,zero,kg,Fruit,0\nB,Beer,,2.00,standard,piece,Drinks,18\n")
    with writing(taxed) as session:
        upsert(
            session, Draft("A", "Apple", 100, "zero", Unit.KG, "Fruit", tags="red", keeps_stock=False), OWNER
        )
    before = article(taxed, "A")
    assert numbers(take("sku,price\nA,1.20\nB,2.00\n")) == (2, 0, 1, 1, 0)
    after = article(taxed, "A")
    assert after.price_minor == 120
    assert (after.id, after.name, after.unit, after.tax_class, after.department, after.keeps_stock) == (
        before.id, "Apple", Unit.KG, "zero", "Fruit", False,
    )  # fmt: skip
    assert article(taxed, "96385074").id == before.id
    with reading(taxed) as session:
        assert [hit.sku for hit in search(session, "red", ON)] == ["A"]


def test_an_empty_cell_empties_but_never_takes_the_name(taxed: Engine, take: Import) -> None:
    take("sku,name,price,department\nA,Apple,1.00,Fruit\n")
    take("sku,name,price,department\nA,,,\n")
    found = article(taxed, "A")
    assert (found.name, found.price_minor, found.department) == ("Apple", None, "")


def test_a_product_without_a_sku_is_known_by_its_barcodes(taxed: Engine, take: Import) -> None:
    take("sku,name,barcodes\nA,Apple,96385074\n")
    report = take(
        "sku,name,barcodes\n,Red apple,0000096385074\n"
        ",Tea,5449000000996\n,Tea again,05449000000996\nC,Cup,C-1\n,Mug,C-1\n"
    )
    assert numbers(report) == (5, 2, 1, 0, 0)
    assert article(taxed, "A").name == "Red apple"
    assert article(taxed, "5449000000996").name == "Tea again"
    assert article(taxed, "C").name == "Mug"


def test_a_product_that_comes_many_times(taxed: Engine, take: Import) -> None:
    report = take(
        "sku,name,price\n"
        "A,First,1.00\nA,Last,1.50\nA,damaged,0\nA,,0\n"
        "B,,2.00\nB,Bread,0\n"
        "C,Free,1.00\nC,Free of charge,0.00\n"
        "D,Free,0.00\n"
    )
    assert numbers(report) == (9, 4, 0, 0, 0)
    assert [(article(taxed, sku).name, article(taxed, sku).price_minor) for sku in "ABCD"] == [
        ("Last", 150), ("Bread", 200), ("Free", 100), ("Free", 0),
    ]  # fmt: skip


def test_every_bad_row_is_given_back_with_its_line_and_reason(taxed: Engine, take: Import) -> None:
    with writing(taxed) as session:
        upsert(session, Draft("OLD", "Old", 1, barcodes=("OWNED",)), OWNER)
    rows = [
        b"G1,Good caf\xc3\xa9,,1.00,,,,",
        b"A,Minus,,-1.00,,,,",
        b"B,Mills,,1.005,,,,",
        b"C,Words,,cheap,,,,",
        b"D,Huge,,99999999999999,,,,",
        b"E,Tax,,1.00,luxury,,,",
        b"F,Unit,,1.00,,dozen,,",
        b"G,Age,,1.00,,,,old",
        b"H,Age,,1.00,,,,200",
        b",Nothing,,1.00,,,,",
        b"I,,,1.00,,,,",
        b"J,Short",
        b"K,Long,,1.00,,,,,extra",
        b"L,Not UTF-8 \xff,,1.00,,,,",  # among others that are
        b"M,Theirs,OWNED,1.00,,,,",
        b"N,First,SHARED,1.00,,,,",
        b"O,Second,SHARED|O-1,1.00,,,,",
        b"",
        b'G2,"Two\nlines",,1.00,,,,',
        b"P,Minus,,-2,,,,",
    ]
    report = take(HEADER.encode() + b"\n".join(rows) + b"\n")
    assert numbers(report) == (19, 3, 0, 0, 16)
    assert article(taxed, "G2").name == "Two lines"
    assert article(taxed, "SHARED").sku == "N"
    assert rejected(report) == [
        ("3", "The price is below zero."),
        ("4", "The price 1.005 has more decimals than EUR has: 2."),
        ("5", "The price cheap is no amount: write it like 1234.50."),
        ("6", "The price 99999999999999 is too large."),
        (
            "7",
            "There is no tax class luxury. There are: "
            "exempt, out_of_scope, reduced, second_reduced, standard, zero",
        ),
        ("8", "'dozen' is no unit. There are: piece, kg, l, m"),
        ("9", "The minimum age 'old' is no number of years."),
        ("10", "The minimum age is 200, not 0 to 150 years."),
        ("11", "There is neither a SKU nor a barcode."),
        ("12", "I is new, so it needs a name."),
        ("13", "The line has 2 columns, the header 8."),
        (
            "14",
            "The line has 9 columns, the header 8. A cell in which the mark between the columns stands, such as 1,20, "
            "needs quotes around it.",
        ),
        ("15", "The name holds characters that are no text. Save it as UTF-8."),
        ("16", "Barcode OWNED belongs to product OLD: a code can name only one product."),
        ("18", "Barcode SHARED belongs to product N: a code can name only one product."),
        ("22", "The price is below zero."),
    ]
    assert report.rejected_file is not None
    assert report.rejected_file.name == "goods.rejected.csv"
    lines = report.rejected_file.read_bytes().splitlines()
    assert lines[0] == HEADER.strip().encode() + b",line,reason"
    assert lines[12].startswith(b"K,Long,,1.00,,,,,14,")
    assert lines[12].endswith(b",extra")
    assert lines[13].startswith(b"L,Not UTF-8 \xff,,1.00,,,,,15,")


def test_what_looks_like_a_mistake_is_taken_and_told(taxed: Engine, take: Import) -> None:
    """A shop may have such codes and prices; who has them by mistake finds out at the import, not at the till."""
    report = take(
        HEADER + "1,Oat,9520000000011,1.00,,,,\n2,Rye,9520000000012,1.00,,,,\n2,Rye,9520000000012,1.00,,,,\n"
        "3,Bag,,0.00,,,,\n4,Tap water,123456789013|OWN-CODE,0,,,,\n5,Asked,12345678,,,,,\n6,,12345679,0,,,,\n"
    )
    assert report.misread == Doubt(3, "9520000000012", 3)
    assert report.free == Doubt(5, "3", 2)
    assert report.rejected == 1
    assert article(taxed, "9520000000012").name == "Rye"
    again = take(HEADER + "2,Rye,9520000000012,1.00,,,,\n3,Bag,,0.00,,,,\n")
    assert (again.misread, again.free) == (None, None)


def test_rejected_rows_once_corrected_can_be_imported_as_they_are(taxed: Engine, take: Import) -> None:
    report = take(HEADER + "A,Minus,,-1.00,,,,\n")
    assert report.rejected_file is not None
    again = take(report.rejected_file.read_text().replace("-1.00", "1.00"), "again.csv")
    assert numbers(again) == (1, 1, 0, 0, 0)


def test_a_dry_run_changes_nothing_and_tells_all(taxed: Engine, tmp_path: Path) -> None:
    (tmp_path / "goods.csv").write_text("sku,name,price\nA,Apple,1\nB,Bad,-1\n")
    report = import_products(taxed, tmp_path / "goods.csv", EUR, "till1", OWNER, NOW, dry_run=True)
    assert numbers(report) == (2, 1, 0, 0, 1)
    assert rejected(report) == [("3", "The price is below zero.")]
    with reading(taxed) as session:
        assert session.scalar(text("SELECT count(*) FROM product")) == 0
    assert numbers(import_products(taxed, tmp_path / "goods.csv", EUR, "till1", OWNER, NOW)) == (
        2,
        1,
        0,
        0,
        1,
    )


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ("\ufeffsku;name;price\nA;Café;1,50\n", "goods.csv"),
        ("SKU\tName\tPrice\r\nA\tCafé\t1.50\r\n", "goods.csv"),
        ("sku,name,price\nA,Café,1.50", "goods.csv.gz"),
        ('"sku","name","price"\n"A","Café","1.50"\n\n\n', "GOODS.CSV"),
    ],
)
def test_files_as_programs_write_them(taxed: Engine, take: Import, content: str, name: str) -> None:
    assert numbers(take(content, name)) == (1, 1, 0, 0, 0)
    assert (article(taxed, "A").name, article(taxed, "A").price_minor) == ("Café", 150)


@pytest.mark.parametrize(
    ("content", "mapping", "problem"),
    [
        ("", {}, "does not begin with the names of its columns"),
        ("\n\n", {}, "does not begin with the names"),
        ("name,price\nA,1\n", {}, "neither a column sku nor barcodes. It has: name, price"),
        ("sku,name\nA,B\n", {"price": "Cost"}, "no column Cost. It has: sku, name"),
        (
            "sku,name\nA,B\n",
            {"colour": "name"},
            "colour is no column of a catalogue. There are: sku, name, barcodes",
        ),
    ],
)
def test_files_that_cannot_be_a_catalogue(
    take: Import, content: str, mapping: dict[str, str], problem: str
) -> None:
    with pytest.raises(CatalogueError) as raised:
        take(content, **mapping)
    assert problem in str(raised.value)


def test_a_missing_or_damaged_file_changes_nothing(taxed: Engine, tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="cannot be opened"):
        import_products(taxed, tmp_path / "none.csv", EUR, "till1", OWNER, NOW)
    damaged = tmp_path / "goods.csv.gz"
    damaged.write_bytes(gzip.compress(b"sku,name\n" + b"".join(b"%d,x\n" % n for n in range(50_000)))[:-2000])
    with pytest.raises(CatalogueError, match="damaged, nothing was imported"):
        import_products(taxed, damaged, EUR, "till1", OWNER, NOW)
    with reading(taxed) as session:
        assert session.scalar(text("SELECT count(*) FROM product")) == 0


def test_the_till_writes_while_a_file_is_read(taxed: Engine, tmp_path: Path) -> None:
    (tmp_path / "goods.csv").write_text("sku,name\n" + "".join(f"{n},Thing {n}\n" for n in range(5000)))
    told = []

    def sell(done: int, whole: int) -> None:
        told.append((done, whole))
        with writing(taxed) as session:
            upsert(session, Draft(f"DURING-{len(told)}", "x", 1), OWNER)

    report = import_products(taxed, tmp_path / "goods.csv", EUR, "till1", OWNER, NOW, progress=sell)
    assert numbers(report) == (5000, 5000, 0, 0, 0)
    assert told[-1][0] == told[-1][1] == (tmp_path / "goods.csv").stat().st_size
    assert len(told) == 3
    assert article(taxed, "DURING-2").name == "x"


def test_a_barcode_given_away_meanwhile_is_found_out(
    taxed: Engine, take: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[object] = []

    def interfere(*arguments: object) -> object:
        found = write_rejected(*arguments)  # type: ignore[arg-type]
        if not calls:
            with writing(taxed) as session:
                upsert(session, Draft("OLD", "Old", 1), OWNER)
                add_barcode(session, "OLD", "X-1", OWNER)
        calls.append(found)
        return found

    monkeypatch.setattr(importing, "write_rejected", interfere)
    report = take("sku,name,barcodes\nA,Apple,X-1\nB,Bread,X-2\n")
    assert numbers(report) == (2, 1, 0, 0, 1)
    assert len(calls) == 2
    assert article(taxed, "X-1").sku == "OLD"


def test_nothing_of_an_import_stays_behind(taxed: Engine, take: Import) -> None:
    take("sku,name\nA,Apple\n")
    with taxed.connect() as connection, pytest.raises(Exception, match="import_row"):
        connection.execute(text("SELECT * FROM import_row"))


def test_the_export_has_the_columns_of_an_import(taxed: Engine, take: Import, tmp_path: Path) -> None:
    content = HEADER + (
        'A,"Tea, green",96385074|X-1,3.25,zero,piece,Hot,\n'
        "B,Beer,,,standard,l,,18\n"
    )  # fmt: skip
    take(content)
    assert exported(taxed, tmp_path / "out.csv").decode() == content
    assert exported(taxed, tmp_path / "out.csv.gz").decode() == content
    assert {path.name for path in tmp_path.glob("out*")} == {"out.csv", "out.csv.gz"}


def test_the_demo_shop_comes_back_as_it_went(taxed: Engine, tmp_path: Path) -> None:
    with writing(taxed) as session:
        load_demo(session, ON, OWNER)
    first = exported(taxed, tmp_path / "first.csv")
    assert numbers(import_products(taxed, tmp_path / "first.csv", EUR, "till1", OWNER, NOW))[1:3] == (0, 0)
    with writing(taxed) as session:
        session.execute(text("DELETE FROM barcode"))
        session.execute(text("DELETE FROM product"))
    assert import_products(taxed, tmp_path / "first.csv", EUR, "till1", OWNER, NOW).rejected == 0
    assert exported(taxed, tmp_path / "second.csv") == first


PLAIN = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), max_size=12)
# What a spreadsheet would obey, what stands for no code, and what an import mends when it is not the shop's own.
_SPOILED = """
    = + - @ ' '' '= ''=1 -5 -1.5 '-5 =17.10 --100% +46 n/a N/A 0 000 none 4711.0 95200000.00 12345678905 1234567890 ＝1
    0201379627 ="007" ="" '007 sep=; 9520000000011,9520000000028 978-3-16-148410-0 @SUM(A1)
"""
SPOILED = st.sampled_from(_SPOILED.split())
TEXT = PLAIN | SPOILED
VISIBLE = st.characters(codec="utf-8", exclude_categories=("C", "Z"), exclude_characters="|")
CODES = SPOILED | st.text(VISIBLE, min_size=1, max_size=20)
DRAFTS = st.builds(
    Draft,
    sku=TEXT.filter(bool),
    name=TEXT.filter(bool),
    price_minor=st.none() | st.integers(0, 10**11),
    tax_class=st.sampled_from(["standard", "reduced", "zero"]),
    unit=st.sampled_from(Unit),
    department=TEXT,
    min_age=st.integers(0, 150),
    tags=TEXT,
    keeps_stock=st.booleans(),
    active=st.booleans(),
    barcodes=st.lists(CODES, max_size=3).map(tuple),
)


def _lone(drafts: list[Draft]) -> bool:
    """Whether no two products have a number or a code in common."""
    codes = [code for draft in drafts for code in draft.barcodes]
    return len(codes) == len(set(codes)) and len(drafts) == len({draft.sku for draft in drafts})


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(DRAFTS, max_size=6).filter(_lone))
def test_any_catalogue_comes_back_as_it_went(taxed: Engine, tmp_path: Path, drafts: list[Draft]) -> None:
    with writing(taxed) as session:
        session.execute(text("DELETE FROM barcode"))
        session.execute(text("DELETE FROM product"))
        for draft in drafts:
            upsert(session, draft, OWNER)
    first = exported(taxed, tmp_path / "first.csv")
    with writing(taxed) as session:
        session.execute(text("DELETE FROM barcode"))
        session.execute(text("DELETE FROM product"))
    report = import_products(taxed, tmp_path / "first.csv", EUR, "till1", OWNER, NOW)
    assert numbers(report) == (len(drafts), len(drafts), 0, 0, 0)
    assert exported(taxed, tmp_path / "second.csv") == first


def test_a_hundred_thousand_real_products(taxed: Engine, shared_data: Path, tmp_path: Path) -> None:
    source = tmp_path / "products.csv.gz"
    source.write_bytes((shared_data / "products_gtin_100k.csv.gz").read_bytes())
    report = import_products(taxed, source, EUR, "till1", OWNER, NOW, mapping={"barcodes": "gtin"})
    # Four products are in the file twice: their code is a GTIN-8 once and the same with zeros before it once.
    assert numbers(report) == (100_000, 99_996, 0, 0, 0)
    with reading(taxed) as session:
        assert len(search(session, "牛奶", ON)) == 4
    assert article(taxed, "3222472917038").name == "Coquillette 3 Œufs 250G Co"


def test_the_products_of_a_year_of_sales(sqlite_engine: Engine, shared_data: Path, tmp_path: Path) -> None:
    with writing(sqlite_engine) as session:
        install_preset(session, "GB")
    source = tmp_path / "sales.csv.gz"
    source.write_bytes((shared_data / "online_retail_541909.csv.gz").read_bytes())
    mapping = {"sku": "StockCode", "name": "Description", "price": "UnitPrice"}
    report = import_products(sqlite_engine, source, currency("GBP"), "till1", OWNER, NOW, mapping=mapping)
    assert numbers(report) == (541_909, 3_958, 0, 0, 118)
    reasons = [reason for _, reason in rejected(report)]
    assert reasons.count("The price is below zero.") == 2
    assert sum("more decimals" in reason for reason in reasons) == 4
    assert sum("needs a name" in reason for reason in reasons) == 112
    found = article(sqlite_engine, "85123A")
    assert found.name == "CREAM HANGING HEART T-LIGHT HOLDER"
    assert found.price_minor == 295


def test_where_rejected_rows_go(tmp_path: Path) -> None:
    assert rejected_path(tmp_path / "a.csv") == tmp_path / "a.rejected.csv"
    assert rejected_path(tmp_path / "a.csv.gz") == tmp_path / "a.rejected.csv"
    assert rejected_path(tmp_path / "a.txt") == tmp_path / "a.txt.rejected.csv"


def test_rejected_rows_go_where_they_are_told(taxed: Engine, tmp_path: Path) -> None:
    source, target = tmp_path / "goods.csv", tmp_path / "elsewhere.csv"
    source.write_text("sku,name,price\nA,Apple,1.00\nB,Bread,one\n")
    report = import_products(taxed, source, EUR, "till1", OWNER, NOW, rejected=target)
    assert report.rejected_file == target
    assert [line for line, _ in rejected(report)] == ["3"]
    assert not rejected_path(source).exists()


def test_nothing_is_imported_where_the_rejected_rows_cannot_be_written(taxed: Engine, tmp_path: Path) -> None:
    source = tmp_path / "goods.csv"
    source.write_text("sku,name,price\nA,Apple,1.00\nB,Bread,one\n")
    with pytest.raises(
        CatalogueError, match=r"absent/r\.csv \(No such.*nothing was imported.*--rejected FILE"
    ):
        import_products(taxed, source, EUR, "till1", OWNER, NOW, rejected=tmp_path / "absent" / "r.csv")
    with reading(taxed) as session:
        assert search(session, "Apple", ON) == []


def test_the_rejected_rows_never_take_the_place_of_the_file(taxed: Engine, tmp_path: Path) -> None:
    source = tmp_path / "goods.csv"
    source.write_text("sku,name,price\nB,Bread,one\n")
    with pytest.raises(CatalogueError, match="is the file to import"):
        import_products(taxed, source, EUR, "till1", OWNER, NOW, rejected=tmp_path / "." / "goods.csv")
    assert source.read_text().endswith("one\n")


def test_an_export_never_takes_the_place_of_a_folder_or_device(taxed: Engine, tmp_path: Path) -> None:
    device = tmp_path / "pipe"
    os.mkfifo(device)
    for target in (device, tmp_path):
        with reading(taxed) as session, pytest.raises(CatalogueError, match="is a folder or a device"):
            export_products(session, target, EUR)
    assert device.is_fifo()
