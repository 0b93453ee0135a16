"""Whom a sale is for: a text that its receipt bears, and by which it is found again."""

from dataclasses import replace

from sqlalchemy import update
from sqlalchemy.orm import Session

from tui_pos.catalogue.card_numbers import hide_card_numbers
from tui_pos.catalogue.products import plain_words
from tui_pos.people.actor import Actor
from tui_pos.people.permissions import Permission
from tui_pos.sales.basket import change_row
from tui_pos.sales.models import OpenSale
from tui_pos.sales.view import Basket

MAX_CUSTOMER_LENGTH = 80


def name_customer(session: Session, basket: Basket, text: str, actor: Actor) -> Basket:
    """Note a name, a room or an order's number with the open sale; an empty text takes it away.

    It is kept from the sale's first line on. At most MAX_CUSTOMER_LENGTH characters; card numbers are hidden.
    """
    actor.require(Permission.SELL)
    customer_text = hide_card_numbers(plain_words(text))[:MAX_CUSTOMER_LENGTH]
    if basket.stored:
        row = update(OpenSale).where(OpenSale.id == basket.id)
        change_row(session, row.values(customer_text=customer_text))
    return replace(basket, customer_text=customer_text)
