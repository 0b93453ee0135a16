"""The drawers of a till, and by which pin of the printer's plug each of them opens."""

from collections.abc import Iterator, Mapping

from tui_pos.i18n import _
from tui_pos.setup.answers import Answer, Answers, text_of
from tui_pos.setup.books import Books
from tui_pos.setup.question import Kind, Option, Question, Step

PINS = ("2", "5")
"""The pins of a printer's plug that open a drawer: with a cable for two, one each."""

WITHOUT_PLUG = ("none", "simulated")
"""Kinds of printers that nothing hangs on."""


def names_question(answers: Answers, books: Books) -> Question:
    """How many drawers there are, and what they are called. A second one brings each a pin of its own."""
    present = _names(answers)

    def typed(text: str) -> Mapping[str, Answer]:
        names = tuple(text.replace(",", " ").split())
        if len(names) == len(PINS) != len(present):
            return {"drawer.names": names, "drawer.pins": PINS}
        return {"drawer.names": names, **without_pins(answers, names)}

    return Question(
        "drawer.names",
        Step.TILL,
        _("Drawers"),
        _(
            "The cash drawers of this till, by names of yours: two where two cashiers share it, with a comma between "
            "them. ^U clears what stands there."
        ),
        initial=", ".join(present or ("drawer" if books.people else _("drawer"),)),
        typed=typed,
    )


def without_pins(answers: Answers, names: Answer) -> Mapping[str, Answer]:
    """What becomes of the pins where there are more or fewer drawers than before: none fits any longer."""
    fits = len(names) == len(_names(answers))
    return {"drawer.pins": ()} if answers.get("drawer.pins") and not fits else {}


def pins_question(answers: Answers) -> Iterator[Question]:
    """Asked where the till has a printer that a drawer can hang on, and no more drawers than its plug has pins."""
    names = _names(answers)
    if text_of(answers, "printer.kind", "none") in WITHOUT_PLUG or len(names) > len(PINS):
        return
    if len(names) == len(PINS):
        text = _(
            "By which pin of the printer's plug each drawer opens: that takes a cable for two drawers. Without pins "
            "of their own both open each time."
        )
        ways = [Option(_words(names, pins), {"drawer.pins": pins}) for pins in (PINS, tuple(reversed(PINS)))]
        ways.append(Option(_("Both open each time"), {"drawer.pins": ()}))
    else:
        text = _(
            "By which pin of the printer's plug the drawer opens. If it stays shut later: the other one."
        )
        own = _own_pin(answers)
        cleared = {"drawer.pins": ()} if answers.get("drawer.pins") else {}
        ways = [
            Option(_("Pin {pin}").format(pin=pin), {"printer.drawer_pin": pin, **cleared})
            for pin in sorted(PINS, key=lambda pin: pin != own)
        ]
    key = "drawer.pins" if len(names) > 1 else "printer.drawer_pin"
    yield Question(key, Step.PRINTER, _("Drawer"), text, Kind.CHOICE, options=lambda: ways)


def drawers_in_words(answers: Answers) -> str:
    """The drawers by name, each with its pin where they have pins of their own."""
    names, pins = _names(answers), answers.get("drawer.pins", ())
    return _words(names, pins) if len(names) > 1 and len(pins) == len(names) else ", ".join(names)


def _own_pin(answers: Answers) -> str:
    """By which pin the only drawer opens now."""
    pins = answers.get("drawer.pins") or ()
    return pins[0] if len(pins) == 1 else text_of(answers, "printer.drawer_pin", PINS[0])


def _names(answers: Answers) -> tuple[str, ...]:
    names = answers.get("drawer.names", ())
    return (names,) if isinstance(names, str) else names


def _words(names: tuple[str, ...], pins: Answer) -> str:
    each = _("{name}: pin {pin}")
    return ", ".join(each.format(name=name, pin=pin) for name, pin in zip(names, pins, strict=True))
