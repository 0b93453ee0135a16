"""What the till says fits where it says it: two rows of the smallest terminal, in every language."""

from collections.abc import Iterator

import pytest
from babel.messages.catalog import Message

from hardware.ports import Fault
from tests.messages import collect
from tui_pos.i18n import _, languages, ngettext, speaking
from tui_pos.printing.queue import Trouble
from tui_pos.printing.words import fault_text
from tui_pos.widgets.bars import wrapped

EVERYWHERE = (
    "tui_pos/screens/",
    "tui_pos/sales/",
    "tui_pos/drawer/",
    "tui_pos/printing/queue.py",
    "tui_pos/printing/words.py",
    "tui_pos/storage/errors.py",
)
"""Where the texts come from that are said at the counter and in its windows, which are narrower."""

CATALOGUE = ("tui_pos/catalogue/products.py", "tui_pos/catalogue/taxes.py")
"""What is missing in the catalogue is said where it is looked into: at the counter."""

COUNTER_COLUMNS = 76
"""Of 80, without the sign and the space around it."""

WINDOW_COLUMNS = 68


class Typical(dict[str, str]):
    """A value for every placeholder; twelve characters where none is named here."""

    def __missing__(self, name: str) -> str:
        return "1,234,567.89"


VALUES = Typical(
    code="05449000000996",
    count="12",
    date="22/11/2026",
    error="",
    key="F6",
    known="standard, reduced, zero, exempt",
    name="Coffee, ground 500 g",
    names="Coffee, ground 500 g, Rye bread 750 g",
    text="coffee ground",
    title="Receipt till1-000017",
    word="in use elsewhere",
    years="18",
)

FAULTS = (*Fault, *Trouble)


def said(rooms: tuple[str, ...]) -> list[Message]:
    """The texts of these rooms."""
    return [m for m in collect() if m.id and any(file.startswith(rooms) for file, _line in m.locations)]


def in_words(message: Message) -> Iterator[str]:
    """The text in the language in use, filled in."""
    forms = (
        [_(message.id)]
        if isinstance(message.id, str)
        else [ngettext(message.id[0], message.id[1], count) for count in (1, 12)]
    )
    for form in forms:
        for fault in FAULTS if "{what}" in form else FAULTS[:1]:
            yield form.format_map(Typical(VALUES, what=fault_text(fault)))


def joined() -> Iterator[str]:
    """Messages that are put together out of two texts."""
    name, date, amount = VALUES["name"], VALUES["date"], VALUES["amount"]
    in_basket = _("It lies in the basket by its other code: take it out with Delete.")
    yield _("{name} expired on {date}. It must not be sold.").format(name=name, date=date) + " " + in_basket
    best_before = _("{name} is past its best-before date, {date}.").format(name=name, date=date)
    yield _("{name}: {price}").format(name=name, price=amount) + " " + best_before
    still_open = ngettext(
        "This sale of {count} line was still open: it stands as it was.",
        "This sale of {count} lines was still open: it stands as it was.",
        12,
    )
    yield still_open.format(count=12) + " " + _("{amount} was taken already.").format(amount=amount)
    for fault in FAULTS:
        yield fault_text(fault) + " " + _("Selling goes on.")


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize(("rooms", "columns"), [(EVERYWHERE, WINDOW_COLUMNS), (CATALOGUE, COUNTER_COLUMNS)])
def test_every_message_fits_two_rows_of_the_smallest_terminal(
    language: str, rooms: tuple[str, ...], columns: int
) -> None:
    messages = said(rooms)
    assert messages
    with speaking(language):
        texts = [*joined(), *(text for message in messages for text in in_words(message))]
    assert [text for text in texts if len(wrapped(text, columns)) > 2] == []
