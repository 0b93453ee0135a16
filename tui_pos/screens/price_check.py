"""What a code costs, without selling it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from tui_pos.catalogue.codes import shown_code
from tui_pos.catalogue.products import Unit
from tui_pos.i18n import _
from tui_pos.sales.basket import SaleError
from tui_pos.sales.scanning import Refused, Unknown, Wanted
from tui_pos.screens.dialogs import Ask
from tui_pos.screens.till import Till
from tui_pos.widgets.bars import Mood

if TYPE_CHECKING:
    from tui_pos.screens.counter import Counter

Then = Callable[[], None] | None


def price_check(counter: "Counter") -> None:
    """Say what a code costs without selling it."""

    def check(data: str) -> Then:
        found = counter.desk.check(data)
        match found:
            case Unknown(code):
                raise SaleError(_("Unknown code {code}.").format(code=shown_code(code)[:48]))
            case Refused(_code, reason):
                raise SaleError(reason)
        text = _price_words(counter.till, found)
        return lambda: counter.tell(text, Mood.WARNING if found.warning else Mood.GOOD)

    text = _("Scan or type a code. Nothing is sold.")
    dialog = Ask(counter.till, _("Price check"), text, check, on_scan=lambda scan: dialog.answer(scan.data))
    counter.app.push_screen(dialog)


def _price_words(till: Till, wanted: Wanted) -> str:
    """What it costs: by its label, a piece, or so much of it."""
    article = wanted.article
    label_minor = wanted.particulars.label_price_minor
    if label_minor is not None:
        price = till.money(label_minor)
    elif article.price_minor is None:
        price = _("price asked")
    elif article.unit is Unit.PIECE:
        price = till.money(article.price_minor)
    else:
        price = _("{price} a {unit}").format(price=till.money(article.price_minor), unit=article.unit.value)
    percent = wanted.particulars.percent_off
    off = _("Its label takes {percent} % off.").format(percent=f"{percent:f}") if percent else ""
    return " ".join(
        filter(None, (_("{name}: {price}").format(name=article.name, price=price), off, wanted.warning))
    )
