"""Pages as ESC/POS bytes, read back by a machine that interprets them."""

import logging
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from hardware.document import (
    Barcode,
    Blank,
    Block,
    Document,
    Logo,
    Qr,
    Row,
    Rule,
    StyledLine,
    Text,
    mark_copy,
)
from hardware.document import to_text as plain_text
from hardware.escpos import picture
from hardware.escpos.fonts import FOLDERS, Fonts
from hardware.escpos.pages import CodePages, parse_code_pages
from hardware.escpos.render import Renderer
from hardware.ports import DeviceError, Fault
from tests.rigs.printer import Machine

DEJAVU = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
needs_dejavu = pytest.mark.skipif(not DEJAVU.exists(), reason="needs the DejaVu fonts")


def render(
    *blocks: Block, columns: int = 32, profile: str = "default", code_pages: tuple[str, ...] = ()
) -> bytes:
    return Renderer(columns, profile, code_pages, None).page(Document("x", blocks)).data


def printed(
    *blocks: Block, columns: int = 32, profile: str = "default", code_pages: tuple[str, ...] = ()
) -> Machine:
    machine = Machine()
    machine.receive(render(*blocks, columns=columns, profile=profile, code_pages=code_pages))
    return machine


@pytest.mark.parametrize("columns", [32, 42, 48])
def test_paper_says_what_the_screen_says(columns: int) -> None:
    page = (
        Text("Corner Shop", "center"),
        Rule("="),
        Row("Crème brûlée, große", "12,50 €"),
        Text("Tack!", "right"),
    )
    machine = printed(*page, columns=columns)
    shown = plain_text(Document("x", page), columns).splitlines()
    assert machine.lines[: len(shown)] == shown
    assert machine.cuts == 1


def test_the_page_is_set_again_after_every_reset() -> None:
    data = render(Text("€"), Text("€"))
    assert data.startswith(b"\x1b@\x1bR\x00\x1bt\x00")
    assert data.count(b"\x1b@") == 1
    machine = Machine()
    for _again in range(
        2
    ):  # the second page finds the printer on the first page's code page, and after a reset
        machine.receive(data)
    assert machine.lines.count("€") == 4


@pytest.mark.parametrize(
    ("profile", "code_pages", "expected"),
    [
        ("default", (), b"\x1bt\x13\xd5"),
        ("TM-T88II", (), b"\x1bt\x10\x80"),
        ("TH230", (), b"\x1bt\x06\xd5"),
        ("default", ("cp858:77",), b"\x1bt\x4d\xd5"),
        ("default", ("cp437:0", "iso_8859-15"), b"\x1bt\x28\xa4"),
    ],
)
def test_the_euro_is_where_this_printer_has_it(
    profile: str, code_pages: tuple[str, ...], expected: bytes
) -> None:
    assert expected in render(Text("€"), profile=profile, code_pages=code_pages)


def test_each_run_is_printed_from_the_page_that_has_it() -> None:
    assert printed(Text("é € Łódź Привет ok")).lines[0] == "é € Łódź Привет ok"


def test_signs_that_no_page_has_are_made_plain() -> None:
    assert printed(Text("1\u202f234,50 − “x” × 2"), code_pages=("cp437:0",)).lines[0] == '1 234,50 - "x" x 2'


def test_sizes_and_bold_are_set_and_taken_back() -> None:
    data = render(Text("Shop", "center", bold=True, size=2), Text("plain"))
    assert b"\x1b!\x30" in data
    assert data.index(b"\x1bE\x01") < data.index(b"Shop") < data.index(b"\x1bE\x00") < data.index(b"plain")
    assert printed(Text("Shop", "center", size=2)).lines[0] == "      Shop"


@needs_dejavu
@pytest.mark.parametrize("text", ["قهوة عربية", "קפה שחור", "x\u0304 mean"])
def test_scripts_that_a_page_cannot_shape_become_pictures(text: str) -> None:
    missing = Fonts().missing(text)
    if missing:
        pytest.skip(f"no font here has {missing}")
    assert printed(Row(text, "12.50")).lines[0] == "[picture 384x32]"
    assert printed(Text(text, size=2), columns=48).lines[0] == "[picture 576x64]"


@needs_dejavu
def test_right_to_left_stands_at_the_right_and_the_amount_stays() -> None:
    fonts = Fonts(DEJAVU, [])

    def ink(line: StyledLine) -> tuple[Image.Image, tuple[int, int, int, int]]:
        image = picture.text_line(line, 384, fonts)
        box = image.convert("L").point(lambda dot: 255 - dot).getbbox()
        assert box is not None
        return image, box

    _image, (left, _top, right, _bottom) = ink(StyledLine("קפה", align="right"))
    assert left > 300
    assert right > 370
    row, (left, *_rest) = ink(StyledLine("קפה", "12.50"))
    alone, (amount_left, *_rest) = ink(StyledLine("", "12.50"))
    amount = (amount_left, 0, 384, 32)
    assert row.crop(amount).tobytes() == alone.crop(amount).tobytes()
    assert amount_left - 120 < left < amount_left  # the name ends beside the amount, not at the left edge


@needs_dejavu
def test_arabic_letters_are_joined() -> None:
    fonts = Fonts(DEJAVU)
    if not picture._shapes():
        pytest.skip("needs fribidi")
    joined = picture._Run("قهوة", StyledLine("x"), fonts, 384).width
    apart = sum(picture._Run(letter, StyledLine("x"), fonts, 384).width for letter in "قهوة")
    assert joined < apart


def test_letters_that_nothing_has_are_readable_and_known(tmp_path: Path) -> None:
    renderer = Renderer(32, "default", ("cp437:0",), None)
    renderer._fonts = Fonts(folders=[tmp_path])
    result = renderer.page(Document("x", (Row("Tee 茶 500 g", "9.00"), Text("Żółw ½"))))
    machine = Machine()
    machine.receive(result.data)
    assert machine.lines[:2] == ["Tee ?? 500 g                9.00", "Zó?w ½"]
    assert result.missing == {"茶", "Ż", "ł"}


def test_a_printer_without_pictures_gets_words() -> None:
    machine = printed(
        Row("قهوة", "12.50"), Qr("https://example.org"), Logo("x.png"), profile="OCD-300", columns=20
    )
    assert machine.lines[0].split() == ["????", "12.50"]
    assert "https://example.org" in machine.lines


def test_a_broken_font_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a.ttf").write_bytes(b"\0\1\0\0" + b"\xff" * 40)
    (tmp_path / "b.otf").write_bytes(b"")
    fonts = Fonts(tmp_path / "gone.ttf", [tmp_path, tmp_path / "nowhere"])
    assert fonts.missing("ab c") == {"a", "b", "c"}


@needs_dejavu
def test_a_font_is_found_by_what_it_has() -> None:
    fonts = Fonts(folders=FOLDERS)
    found = fonts.whole("قهوة 12 €")
    assert found is not None
    assert "Bold" not in found.name
    assert Fonts(DEJAVU).whole("é") == DEJAVU
    assert [font is None for font, _part in Fonts(DEJAVU, []).parts("Tea 茶 tea")] == [False, True, False]


def test_logo_fits_the_paper_and_may_be_gone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    Image.new("RGBA", (800, 100), (0, 0, 0, 255)).save(tmp_path / "wide.png")
    Image.new("RGB", (100, 40), "black").save(tmp_path / "small.png")
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    machine = printed(Logo(str(tmp_path / "wide.png")), Logo(str(tmp_path / "small.png")), columns=32)
    assert machine.lines[:2] == ["[picture 384x48]", "[picture 384x40]"]
    with caplog.at_level(logging.WARNING):
        machine = printed(Logo(str(tmp_path / "broken.png")), Logo(str(tmp_path / "gone.png")), Text("on"))
    assert machine.lines[0] == "on"
    assert len(caplog.records) == 2


def test_a_high_picture_goes_in_strips(tmp_path: Path) -> None:
    Image.new("L", (384, 500), 0).save(tmp_path / "high.png")
    lines = printed(Logo(str(tmp_path / "high.png"))).lines
    assert lines[:3] == ["[picture 384x240]", "[picture 384x240]", "[picture 384x20]"]


def test_barcode_by_function_b(capsys: pytest.CaptureFixture[str]) -> None:
    machine = printed(Barcode("till1-000123"), Barcode("12345678"), Barcode("a{b"))
    assert machine.lines[:3] == [
        "[barcode 73 b'{Btill1-000123']",
        "[barcode 73 b'{C\\x0c\"8N']",
        "[barcode 73 b'{Ba{{b']",
    ]
    assert capsys.readouterr().out == ""  # the library would print here, over the screen


def test_a_barcode_wider_than_the_paper_is_printed_in_words() -> None:
    assert printed(Barcode("long-code-12345678")).lines[0].strip() == "long-code-12345678"
    assert printed(Barcode("long-code-12345678"), columns=48).lines[0].startswith("[barcode")


def test_codes_as_pictures_where_the_printer_has_none() -> None:
    lines = printed(Barcode("till1-000123"), Qr("https://example.org/1"), profile="NT-5890K").lines
    assert [line.split("x")[0] for line in lines[:2]] == ["[picture 384", "[picture 384"]


def test_qr_by_the_printer() -> None:
    assert printed(Qr("https://example.org/é")).lines[:3] == ["", "[qr https://example.org/é]", ""]


LINE_SPACING_DOTS = 30
"""What printers feed for an empty line by themselves; those of 203 dpi and a sixth of an inch feed 34."""


@pytest.mark.parametrize("data", ["a", "https://example.org/r/till1-000123", "x" * 300, "x" * 2300])
@pytest.mark.parametrize("columns", [32, 42, 48])
def test_between_barcode_and_qr_code_lie_four_modules_of_white(data: str, columns: int) -> None:
    machine = printed(Barcode("1234"), Qr(data), Text("Thank you"), columns=columns)
    size = machine.received.index(b"\x1d(k\x03\x001C") + 7  # GS ( k, function 167: dots of a module
    wanted = 4 * machine.received[size]
    assert 2 * 4 <= wanted <= LINE_SPACING_DOTS
    kinds = [line[:3] for line in machine.lines]
    assert kinds[:5] == ["[ba", "", "[qr", "", "Tha"]


@pytest.mark.parametrize("data", ["a", "https://example.org/r/till1-000123", "x" * 300, "x" * 2300])
@pytest.mark.parametrize("columns", [32, 42, 48])
def test_a_drawn_qr_code_has_its_white_around_it(data: str, columns: int) -> None:
    dots = picture.paper_dots(columns)
    drawn = picture.qr(data, dots)
    left, top, right, bottom = drawn.convert("L").point(lambda value: 255 - value).getbbox() or (0, 0, 0, 0)
    module_dots = (bottom - top) // len(picture.qr_modules(data))
    assert min(left, top, dots - right, drawn.height - bottom) >= 4 * module_dots


def test_drawer_pulse() -> None:
    renderer = Renderer(32, "default", (), None)
    assert renderer.drawer_pulse(2, 100) == b"\x1bp\x00\x32\x64"
    assert renderer.drawer_pulse(5, 1000) == b"\x1bp\x01\xff\xff"


@pytest.mark.parametrize(
    ("profile", "code_pages", "message"),
    [
        ("Epsom", (), "printer profile 'Epsom' is unknown: known are AF-240"),
        ("default", ("cp9999:1",), "code page 'cp9999:1' is unknown"),
        ("default", ("cp858:19:3",), "write name:number"),
        ("default", ("cp858:300",), "the number must be 0 to 255"),
        ("NT-5890K", ("iso_8859-15",), "not in the profile"),
    ],
)
def test_wrong_settings_are_named(profile: str, code_pages: tuple[str, ...], message: str) -> None:
    with pytest.raises(DeviceError) as caught:
        Renderer(32, profile, code_pages, None)
    assert message in str(caught.value)
    assert caught.value.fault is Fault.ERROR


@given(st.text(max_size=40), st.sampled_from([32, 42, 48]))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_text_prints_and_never_commands(text: str, columns: int) -> None:
    machine = printed(Row(text, "12.50"), Blank(), Text(text, bold=True, size=2), columns=columns)
    assert machine.cuts == 1
    assert machine.pulses == []


@given(st.text(max_size=30))
@settings(deadline=None)
def test_what_a_page_can_print_comes_back_the_same(text: str) -> None:
    pages = CodePages(parse_code_pages(("cp437:0", "cp858:19", "cp852:18"), "default"))
    names = {0: "cp437", 19: "cp858", 18: "cp852", None: "ascii"}
    if pages.can_print(text):
        assert "".join(data.decode(names[page]) for page, data in pages.runs(text)) == text


def test_a_copy_is_banner_page_banner() -> None:
    copy = mark_copy(Document("x", (Text("Shop"),)), "KOPIA")
    assert [line.strip() for line in printed(*copy.blocks).lines if line.strip()] == [
        "KOPIA",
        "Shop",
        "KOPIA",
    ]


def test_the_library_comes_late_and_leaves_nothing_behind(tmp_path: Path) -> None:
    code = """
import logging, os, sys, tempfile
from pathlib import Path
from hardware.escpos import EscPosPrinter, FileTransport, library
EscPosPrinter(lambda: FileTransport(Path("x")), code_pages=("cp858:19",))
assert "escpos" not in sys.modules and "PIL" not in sys.modules and "yaml" not in sys.modules
temporary, cache = map(Path, sys.argv[1:])
tempfile.tempdir = str(temporary)
assert library.load(cache).Dummy
assert list(temporary.iterdir()) == [], list(temporary.iterdir())
assert [path.suffix for path in cache.iterdir()] == [".pickle"]
assert logging.getLogger().handlers == []
"""
    temporary, cache = tmp_path / "temporary", tmp_path / "cache"
    temporary.mkdir()
    for content in (None, b"", None):  # fresh; a pickle that another program has only begun; the one kept
        if content is not None:
            next(cache.iterdir()).write_bytes(content)
        subprocess.run([sys.executable, "-P", "-c", code, temporary, cache], check=True, timeout=60)
    with tempfile.NamedTemporaryFile() as no_folder:
        done = subprocess.run(
            [sys.executable, "-P", "-c", code, temporary, no_folder.name],
            check=False,
            capture_output=True,
            timeout=60,
        )
    assert b"NotADirectoryError" in done.stderr  # only from the listing at the end: it loads without a cache
