"""Opening the drawer without a sale: no money is booked, the reason and the person are."""

import json

import pytest
from sqlalchemy import Engine, select

from tests.rigs.sales import ADA, NOW, make_shop
from tui_pos.drawer.cash import open_without_sale
from tui_pos.journal import chain
from tui_pos.journal.models import JournalEntry
from tui_pos.payments.models import CashMovement
from tui_pos.printing.models import PrintJob
from tui_pos.storage.engine import reading, writing


@pytest.mark.parametrize("reason", ["change for a customer", "r" * 500])
def test_an_opening_is_booked_journalled_and_queued(engine: Engine, reason: str) -> None:
    with writing(engine, durable=True) as session:
        open_without_sale(session, make_shop(), "drawer", ADA, NOW, reason)
    with reading(engine) as session:
        movement = session.scalars(select(CashMovement)).one()
        assert (movement.kind, movement.amount_minor, movement.currency) == ("no_sale", 0, "EUR")
        assert (movement.actor, movement.reason, movement.sale_id, movement.at) == (
            "ada",
            reason[:200],
            None,
            NOW,
        )
        chain.verify(session, "till1", chain.EVENTS)
        entry = json.loads(session.scalars(select(JournalEntry)).one().body)
        assert (entry["event"], entry["actor"]) == ("no_sale", "ada")
        assert entry["data"] == {"drawer": "drawer", "reason": reason[:200]}
        job = session.scalars(select(PrintJob)).one()
        assert (job.kind, job.document, job.state) == ("drawer", "", "queued")
