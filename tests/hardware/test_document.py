"""A page: what it may hold, how it is laid out, and its JSON."""

import json
import unicodedata

import pytest
import wcwidth
from hypothesis import given
from hypothesis import strategies as st

from hardware.document import (
    Barcode,
    Blank,
    Block,
    Document,
    DocumentError,
    Logo,
    Qr,
    Row,
    Rule,
    StyledLine,
    Text,
    from_json,
    is_right_to_left,
    lay_out,
    mark_copy,
    text_width,
    to_json,
    to_text,
)

aligns = st.sampled_from(["left", "center", "right"])
sizes = st.sampled_from([1, 2])
letters = st.sampled_from([*"abc de,.é€ß咖啡豆قهوةעברית12 ", "न", "कि", "स्ते", "e\u0301"])
words = st.lists(letters, max_size=120).map("".join)
any_text = st.text(max_size=80)
blocks = st.one_of(
    st.builds(
        Text, words, st.sampled_from(["left", "center", "right"]), st.booleans(), st.sampled_from([1, 2])
    ),
    st.builds(Row, words, st.text("0123456789.,-€ kg×", max_size=60), st.booleans(), sizes),
    st.builds(Rule, st.sampled_from("-=─")),
    st.builds(Blank, st.integers(1, 50)),
    st.builds(Logo, st.text(min_size=1, max_size=20)),
    st.builds(Barcode, st.from_regex(r"[ -~]{1,48}", fullmatch=True)),
    st.builds(Qr, st.text(min_size=1, max_size=200)),
)
documents = st.builds(Document, any_text, st.lists(blocks, max_size=8).map(tuple))


def texts(document: Document, columns: int) -> list[str]:
    return to_text(document, columns).splitlines()


def test_a_receipt_in_plain_text() -> None:
    page = Document(
        "Receipt 7",
        (
            Text("Corner Shop", "center", bold=True, size=2),
            Rule("="),
            Row("Oat drink 1 l, unsweetened, organic", "1.89"),
            Row("  2 × 3.20", "6.40"),
            Row("Total EUR", "8.29", bold=True, size=2),
            Blank(2),
            Text("Thank you", "right"),
            Logo("logo.png"),
            Barcode("R-7"),
            Qr("https://example.org/7"),
        ),
    )
    assert texts(page, 32) == [
        "          Corner Shop",
        "================================",
        "Oat drink 1 l, unsweetened,",
        "organic                     1.89",
        "  2 × 3.20                  6.40",
        "Total EUR                   8.29",
        "",
        "",
        "                       Thank you",
        "             [R-7]",
        "    [https://example.org/7]",
    ]


def test_double_size_wraps_at_half_the_columns() -> None:
    lines = lay_out(Document("x", (Text("sixteen letters and more", size=2),)), 32)
    assert [line.left for line in lines if isinstance(line, StyledLine)] == ["sixteen letters", "and more"]


def test_an_amount_too_wide_to_share_its_line_gets_its_own() -> None:
    assert texts(Document("x", (Row("Total in words", "1234567890 IRR, 00/100"),)), 24) == [
        "Total in words",
        "  1234567890 IRR, 00/100",
    ]


def test_an_indent_is_kept_in_every_wrapped_line() -> None:
    assert texts(Document("x", (Text("  one two three four five"),)), 16) == [
        "  one two three",
        "  four five",
    ]


def test_ideographs_take_two_columns_and_break_anywhere() -> None:
    assert texts(Document("x", (Row("咖啡豆深度烘焙五百克", "9.00"),)), 16) == [
        "咖啡豆深度",
        "烘焙五百克  9.00",
    ]


def test_a_vowel_sign_stays_with_its_letter() -> None:
    lines = texts(Document("x", (Text("कि" * 30),)), 16)
    assert "".join(lines) == "कि" * 30
    assert all(line[0] == "क" for line in lines)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("قهوة 500 g", True), ("12 עברית", True), ("Tea شاي", False), ("12.50", False), ("", False)],
)
def test_direction_is_that_of_the_first_letter(text: str, expected: bool) -> None:
    assert is_right_to_left(text) is expected


def test_right_to_left_starts_at_the_right() -> None:
    assert texts(Document("x", (Text("قهوة"), Row("قهوة", "3.00"))), 16) == [
        "            قهوة",
        "       قهوة 3.00",
    ]


def test_nothing_in_a_name_reaches_the_printer_as_a_command() -> None:
    lines = texts(Document("x", (Text("a\x1bp\x00b\x07\u202ec\u2028d\te"), Text("two\nlines"))), 32)
    assert lines == ["a p b c d e", "two", "lines"]


def test_letters_are_composed_so_that_a_code_page_has_them() -> None:
    assert texts(Document("x", (Text("cafe\u0301"),)), 16) == ["caf\u00e9"]


@given(document=documents, columns=st.sampled_from([16, 32, 42, 48]))
def test_every_line_fits_and_no_amount_is_cut(document: Document, columns: int) -> None:
    lines = lay_out(document, columns)
    for line in lines:
        if isinstance(line, StyledLine):
            assert text_width(line.filled(columns // line.size)) == columns // line.size
    shown = unicodedata.normalize("NFC", to_text(document, columns)).replace(" ", "").replace("\n", "")
    for block in document.blocks:
        if isinstance(block, Row):
            assert block.right.replace(" ", "") in shown


@given(left=words, columns=st.sampled_from([32, 42, 48]))
def test_wrapping_loses_no_letter(left: str, columns: int) -> None:
    page = Document("x", (Row(left, "1.00"),))
    kept = "".join(to_text(page, columns).split())
    assert kept == "".join(unicodedata.normalize("NFC", left + "1.00").split())


@given(documents)
def test_json_gives_the_same_page_back(document: Document) -> None:
    text = to_json(document)
    assert text.isascii()
    assert from_json(text) == document
    assert to_json(from_json(text)) == text


@given(st.one_of(st.text(), st.recursive(st.none() | st.integers(), st.lists).map(json.dumps)))
def test_other_json_is_refused_not_guessed(text: str) -> None:
    with pytest.raises(DocumentError):
        from_json(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not a page"),
        ('{"version":2,"title":"x","blocks":[]}', "page version 2: this program reads version 1"),
        ('{"version":1,"title":"x","blocks":[],"more":1}', "exactly version, title and blocks"),
        ('{"version":1,"title":7,"blocks":[]}', "Document.title is 7"),
        ('{"version":1,"title":"x","blocks":{}}', "blocks must be a list"),
        ('{"version":1,"title":"x","blocks":[{"type":"poem"}]}', "not a block of a page"),
        ('{"version":1,"title":"x","blocks":[3]}', "not a block of a page"),
        ('{"version":1,"title":"x","blocks":[{"type":"row","left":"a"}]}', "a row block has ['left']"),
        ('{"version":1,"title":"x","blocks":[{"type":"qr","data":"a","x":1}]}', "a qr block has"),
        ('{"version":1,"title":"x","blocks":[{"type":"qr","data":3}]}', "Qr.data has 0 bytes"),
    ],
)
def test_json_errors_say_what_is_wrong(text: str, message: str) -> None:
    with pytest.raises(DocumentError) as caught:
        from_json(text)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Text("x", align="middle"),  # type: ignore[arg-type]
        lambda: Text("x", size=3),
        lambda: Text("x" * 2_001),
        lambda: Row("x", 3),  # type: ignore[arg-type]
        lambda: Rule(""),
        lambda: Rule("咖"),
        lambda: Blank(0),
        lambda: Blank(True),
        lambda: Logo(""),
        lambda: Barcode(""),
        lambda: Barcode("é"),
        lambda: Barcode("1\n"),
        lambda: Qr("€" * 778),
        lambda: Document("x", [Blank()]),  # type: ignore[arg-type]
        lambda: Document("x", ("text",)),  # type: ignore[arg-type]
    ],
)
def test_a_page_that_exists_is_valid(make: object) -> None:
    with pytest.raises(DocumentError):
        make()  # type: ignore[operator]


def test_too_narrow_paper_is_refused() -> None:
    with pytest.raises(DocumentError, match="at least 16"):
        lay_out(Document("x"), 15)


def test_a_copy_says_so_at_both_ends() -> None:
    body: tuple[Block, ...] = (Text("Corner Shop"), Row("Total", "1.00"))
    copy = mark_copy(Document("Receipt 7", body), "COPY")
    assert copy.title == "Receipt 7"
    assert copy.blocks[2:4] == body
    lines = texts(copy, 32)
    assert lines[0].strip() == lines[-1].strip() == "COPY"


def test_plain_letters_are_measured_without_tables_and_alike() -> None:
    for code in range(0x300):
        char = chr(code)
        assert text_width(char) == wcwidth.width(char, control_codes="ignore"), hex(code)
    plain = "".join(filter(str.isprintable, map(chr, range(0x300))))
    assert text_width(plain) == len(plain) == len(list(wcwidth.iter_graphemes(plain)))
