"""A shop at random, killed at any step: money, stock, drawers, Zs and journal are right after each start."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.rigs.simulation import Simulation
from tui_pos.storage.engine import open_engine

LEAST_ACTS_A_ROUND = 15


@pytest.mark.parametrize(("kind", "rounds"), [("sqlite", 16), ("postgres", 5)])
def test_a_shop_at_random(request: pytest.FixtureRequest, tmp_path: Path, kind: str, rounds: int) -> None:
    engine: Engine = request.getfixturevalue(f"{kind}_engine")
    simulation = Simulation(engine, tmp_path)
    simulation.run(rounds, seed=1)
    assert simulation.acts.total() >= LEAST_ACTS_A_ROUND * rounds
    assert simulation.facts["zs"]
    assert len(set(simulation.deaths)) > 2, "it dies at many places"


def test_the_same_seed_does_the_same_again(sqlite_template: Path, tmp_path: Path) -> None:
    told = []
    for name in ("once", "again"):
        (folder := tmp_path / name).mkdir()
        shutil.copy(sqlite_template, folder / "shop.db")
        engine = open_engine(f"sqlite:///{folder / 'shop.db'}")
        simulation = Simulation(engine, folder)
        simulation.run(rounds=3, seed=7)
        told.append((simulation.deaths, simulation.acts, simulation.facts))
        engine.dispose()
    assert told[0] == told[1]
