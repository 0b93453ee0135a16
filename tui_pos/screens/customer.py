"""Asking at the counter whom the open sale is for."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from tui_pos.i18n import _
from tui_pos.screens.dialogs import Ask
from tui_pos.widgets.bars import Mood

if TYPE_CHECKING:
    from tui_pos.screens.counter import Counter


def ask_customer(counter: "Counter") -> None:
    """A name, a room or an order's number for this sale; an emptied line takes it away again."""

    def act(text: str) -> Callable[[], None]:
        counter.desk.name_customer(text)
        return lambda: _told(counter)

    text = _("A name, a room, an order's number: it is printed on the receipt, and finds the sale again.")
    noted = counter.desk.basket.customer_text
    counter.app.push_screen(Ask(counter.till, _("Customer of this sale"), text, act, initial=noted))


def _told(counter: "Counter") -> None:
    counter.show_sale()
    noted = counter.desk.basket.customer_text
    text = _("This sale is for “{customer}”.").format(customer=noted) if noted else _("No customer is noted.")
    counter.tell(text, Mood.GOOD)
