"""SIGKILL at seeded moments of a sale: nothing sold is lost, doubled or half-written, and the open sale stands."""

import pytest
from sqlalchemy import Engine

from tests.program.conftest import OpenShop, job_states, until
from tests.rigs.books import check_books
from tests.rigs.killing import run_counter_rounds, run_seller_rounds
from tests.rigs.printer import Machine
from tests.rigs.shop import OAT, ShopRig


@pytest.mark.parametrize("seed", [1, 101, 201])
def test_killed_at_the_counter(open_shop: OpenShop, sqlite_engine: Engine, seed: int) -> None:
    shop = open_shop(sqlite_engine)
    shop.scanner.plug()
    run_counter_rounds(shop, rounds=7, seed=seed)


def test_killed_at_the_counter_on_a_server(open_shop: OpenShop, postgres_engine: Engine) -> None:
    shop = open_shop(postgres_engine)
    shop.scanner.plug()
    run_counter_rounds(shop, rounds=4, seed=301)


@pytest.mark.parametrize(("kind", "rounds"), [("sqlite", 25), ("postgres", 10)])
def test_killed_within_a_commit(
    request: pytest.FixtureRequest, open_shop: OpenShop, kind: str, rounds: int
) -> None:
    engine: Engine = request.getfixturevalue(f"{kind}_engine")
    assert run_seller_rounds(engine, open_shop(engine), rounds, seed=401) > 0


def test_killed_in_mid_page(shop: ShopRig) -> None:
    """Nobody knows what came out: the page is not printed by itself again, and the one behind it is."""
    printer = shop.printer
    assert printer is not None
    printer.vanish()
    till = shop.open()
    till.wait_for("Scan the first item", "scanner ● ready")
    for number in (1, 2):
        shop.scanner.send(f"{OAT}\r".encode())
        till.wait_for("1 item ")
        till.press("f2", "enter")
        till.wait_for(f"till1-00000{number}")
    printer.stall_after_bytes = len(printer.machine.received) + 150
    printer.come_back()
    until(printer.stalled.is_set, "the printer stalls within a page")
    assert ("receipt", "printing") in job_states(shop)
    till.kill()
    printer.vanish()
    printer.machine = Machine()  # switched off and on: it forgets the half page
    printer.stall(False)
    printer.come_back()
    shop.open().wait_for("printer ● ready")
    until(lambda: ("receipt", "printed") in job_states(shop), "the second page is printed")
    receipts = [state for kind, state in job_states(shop) if kind == "receipt"]
    assert sorted(receipts) == ["not_printed", "printed"]
    assert len(check_books(shop.engine).sales) == 2
