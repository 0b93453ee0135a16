"""SIGKILL at seeded moments of a sale: nothing sold is lost, doubled or half-written, and the open sale stands."""

import pytest
from sqlalchemy import Engine

from tests.program.conftest import OpenShop
from tests.rigs.killing import run_counter_rounds, run_seller_rounds


@pytest.mark.parametrize("seed", [1, 101, 201])
def test_killed_at_the_counter(open_shop: OpenShop, sqlite_engine: Engine, seed: int) -> None:
    shop = open_shop(sqlite_engine)
    shop.scanner.plug()
    run_counter_rounds(shop, rounds=10, seed=seed)


def test_killed_at_the_counter_on_a_server(open_shop: OpenShop, postgres_engine: Engine) -> None:
    shop = open_shop(postgres_engine)
    shop.scanner.plug()
    run_counter_rounds(shop, rounds=4, seed=301)


@pytest.mark.parametrize(("kind", "rounds"), [("sqlite", 60), ("postgres", 20)])
def test_killed_within_a_commit(
    request: pytest.FixtureRequest, open_shop: OpenShop, kind: str, rounds: int
) -> None:
    engine: Engine = request.getfixturevalue(f"{kind}_engine")
    assert run_seller_rounds(engine, open_shop(engine), rounds, seed=401) > 0
