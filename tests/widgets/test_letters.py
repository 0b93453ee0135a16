"""Whatever a terminal thinks of a letter's width, amounts are where they belong, and nothing is left over."""

import unicodedata

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui_pos.shown import neutral
from tui_pos.widgets.letters import cut_to_cells, is_certain, most_cells, steadied
from tui_pos.widgets.painted import fit, row

NAMES = [
    "👍🏽 Thumb",
    "नमस्ते चाय",
    "👨‍👩‍👧‍👦 Family 🇸🇪 ❤️",
    "น้ำปลา ที่นี่",
    "شاي بالنعناع",
    "牛奶 500ml",
    "Z͑ͫ̓A̴̵L̠ͨG",
    "#️⃣ key",
]
COLUMNS = 40
names = st.text(st.sampled_from("ab 1é👍🏽न्म牛\u200d\ufe0f🇸🇪️\u0301ี"), max_size=20)


class OwnMind(pyte.Screen):
    """A terminal that takes `width` cells for each letter on which terminals do not agree; one for what is no emoji."""

    def __init__(self, width: int) -> None:
        super().__init__(COLUMNS, 2)
        self.reset_mode(pyte.modes.DECAWM)
        self.mind = width

    def draw(self, data: str) -> None:
        for letter in data:
            for cell in letter if is_certain(letter) else "?" * min(self.mind, most_cells(letter)):
                super().draw(cell)


def shown(mind: int, *drawn: str) -> str:
    """The first line, after each of these was drawn from its beginning."""
    screen = OwnMind(mind)
    stream = pyte.Stream(screen)
    for text in drawn:
        stream.feed(steadied(f"\x1b[1;1H\x1b[1m{text}\x1b[m"))
    return screen.display[0]


def line(name: str, amount: str) -> str:
    return f"{fit(name, COLUMNS - 9)} {amount:>8}"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("mind", [0, 1, 2])
def test_the_amount_is_right_before_and_after_on_every_terminal(name: str, mind: int) -> None:
    assert shown(mind, line(name, "13.05")).endswith("   13.05")
    assert shown(mind, line(name, "270.50"), line("Soap", "27.05")) == line("Soap", "27.05")
    assert shown(mind, line("Soap" * 10, "2,713.05"), line(name, "1.00")).endswith("    1.00")


@given(names, names, st.integers(0, 2))
def test_no_name_ever_moves_an_amount(before: str, after: str, mind: int) -> None:
    drawn = shown(mind, line(before, "1,234.56"), line(after, "7.89"))
    assert drawn[-9:] == "     7.89"


@given(names)
def test_a_name_that_fits_fits_on_the_terminal_with_the_widest_letters(name: str) -> None:
    fitted = fit(name, 12)
    assert cell_len(fitted) == 12
    assert most_cells(fitted.rstrip(" ")) <= 12
    assert most_cells(cut_to_cells(name, 5)) <= 5


def test_sequences_for_the_terminal_are_never_torn() -> None:
    assert steadied("\x1b[1;31m\u0301\x1b[m") == "\x1b[1;31m\x1b[m"
    assert steadied("\x1b[1m👍\x1b[m") == "\x1b[1m\x1b7  \x1b8\x1b7👍\x1b8\x1b[2C\x1b[m"


@pytest.mark.parametrize("text", ["Café crème 1,89", "Крем ─┃┏━┓ ▸ ● …", "\x1b[1;1H\x1b[38;2;1;2;3mx\r\n"])
def test_what_all_terminals_agree_on_is_sent_as_it_is(text: str) -> None:
    assert steadied(text) is text


def test_the_letters_called_certain_take_one_cell_each() -> None:
    certain = [chr(code) for code in range(0x20, 0x30000) if code != 0x7F and is_certain(chr(code))]
    assert len(certain) > 1000
    assert [each for each in certain if cell_len(each) != 1] == []
    assert [each for each in certain if unicodedata.combining(each)] == []


@pytest.mark.parametrize("mark", "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")
def test_no_name_turns_its_line_around(mark: str) -> None:
    assert neutral(f"a{mark}b") == "ab"
    assert row((f"a{mark}b", None)).text == "ab"
    assert fit(f"a{mark}b", 4) == "ab  "
    assert mark not in steadied(f"name {mark}live 1.00")
