"""Whatever row follows whatever row: the terminal shows the new one, and little was sent for it."""

from itertools import pairwise

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui_pos.widgets.cells import PLAIN, Pen, cells, look_of, runs

WIDTH = 24
BASE = Style.parse("#d5d9e6 on #14161e")
STYLES = [
    None,
    Style.parse("bold"),
    Style.parse("#7dcfff"),
    Style.parse("bold on #262b3d"),
    Style.parse("reverse"),
    Style.parse("underline #ff0000"),
]


def row(*parts: tuple[str, Style | None]) -> Strip:
    return Strip([Segment(text, style) for text, style in parts]).adjust_cell_length(WIDTH)


texts = st.text(st.sampled_from("ab7 é┏━▪茶ñ"), max_size=WIDTH)
rows = st.lists(st.tuples(texts, st.sampled_from(STYLES)), max_size=4).map(lambda parts: row(*parts))


class Screen:
    """A terminal that what a pen writes can be seen on."""

    def __init__(self) -> None:
        self._screen = pyte.Screen(WIDTH + 2, 3)
        self._stream = pyte.Stream(self._screen)
        self.begin = "\x1b[2;2H"

    def write(self, text: str) -> None:
        self._stream.feed(text)

    def look(self) -> list[tuple[object, ...]]:
        """Each cell of the row: its character, and the colours and attributes in which it is seen."""
        return [self._seen(self._screen.buffer[1][x]) for x in range(1, WIDTH + 1)]

    def outside_is_empty(self) -> bool:
        line = self._screen.buffer[1]
        return line[0].data == " " == line[WIDTH + 1].data and not self._screen.display[0].strip()

    @staticmethod
    def _seen(cell: pyte.screens.Char) -> tuple[object, ...]:
        ground = (cell.data, cell.bg, cell.reverse, cell.underscore)
        return (
            ground
            if cell.data == " " and not cell.reverse and not cell.underscore
            else (*ground, cell.fg, cell.bold)
        )


def shown(before: Strip, after: Strip) -> Screen:
    """A terminal on which `before` stood and was made into `after`."""
    screen = Screen()
    system = ColorSystem.TRUECOLOR
    nothing = [("\x00", PLAIN)] * WIDTH
    for old, new in ((None, before), (before, after)):
        pen = Pen()
        pen.change(nothing if old is None else cells(old, BASE, system), cells(new, BASE, system), 1, 1)
        screen.write(pen.take_sent())
    return screen


@given(rows, rows)
def test_the_terminal_shows_the_new_row_whatever_stood_there(before: Strip, after: Strip) -> None:
    changed = shown(before, after)
    assert changed.look() == shown(row(), after).look()
    assert changed.outside_is_empty()


@given(rows)
def test_a_row_takes_as_many_cells_as_it_is_wide(any_row: Strip) -> None:
    found = cells(any_row, BASE, None)
    assert len(found) == WIDTH
    assert all(cell_len(text) == 2 for (text, _look), (after, _other) in pairwise(found) if not after)


@given(rows, rows)
def test_equal_cells_are_in_no_run_but_to_bridge_a_gap(before: Strip, after: Strip) -> None:
    old, new = cells(before, BASE, None), cells(after, BASE, None)
    in_runs = {i for begin, end in runs(old, new) for i in range(begin, end)}
    assert {i for i in range(WIDTH) if old[i][0] != new[i][0]} <= in_runs


@given(rows)
def test_nothing_is_sent_for_what_is_equal(same: Strip) -> None:
    pen = Pen()
    pen.change(cells(same, BASE, None), cells(same, BASE, None), 0, 0)
    assert pen.take_sent() == ""


def test_one_character_is_sent_for_one_that_differs() -> None:
    pen = Pen()
    pen.change(
        cells(row(("price 1.19", None)), BASE, None), cells(row(("price 1.29", None)), BASE, None), 4, 2
    )
    assert pen.take_sent() == "\x1b[3;13H2"


def test_a_colour_is_sent_once_for_rows_that_share_it_and_the_plain_state_restored() -> None:
    pen = Pen()
    for y in (0, 1):
        pen.change(
            cells(row(), BASE, ColorSystem.TRUECOLOR),
            cells(row(("x", None)), BASE, ColorSystem.TRUECOLOR),
            0,
            y,
        )
    assert pen.take_sent() == "\x1b[1;1H\x1b[38;2;213;217;230;48;2;20;22;30mx\x1b[2;1Hx\x1b[m"


def test_spaces_that_only_their_letters_colour_would_tell_apart_are_not_sent() -> None:
    pen = Pen()
    bold, plain = row(("a    ", Style.parse("bold"))), row(("a    ", None))
    pen.change(cells(bold, BASE, None), cells(plain, BASE, None), 0, 0)
    assert pen.take_sent() == "\x1b[1;1Ha"


def test_a_mark_stays_on_the_letter_before_it() -> None:
    found = cells(Strip([Segment("e\u0301x")]), BASE, None)
    assert [text for text, _look in found] == ["e\u0301", "x"]


@pytest.mark.parametrize(
    ("system", "foreground"),
    [
        (None, "39"),
        (ColorSystem.STANDARD, "31"),
        (ColorSystem.EIGHT_BIT, "38;5;196"),
        (ColorSystem.TRUECOLOR, "38;2;255;0;0"),
    ],
)
def test_colours_are_those_that_the_terminal_knows(system: ColorSystem | None, foreground: str) -> None:
    assert look_of(Style.parse("bold #ff0000"), system) == (frozenset({"1"}), foreground, "49")
