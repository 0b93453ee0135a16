"""A shop at random, killed at any step: money, stock, drawers, Zs and journal are right after each start."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.rigs import simulation
from tests.rigs.simulation import Simulation
from tui_pos.storage.engine import open_engine

LEAST_ACTS_A_ROUND = 15


@pytest.mark.parametrize(("kind", "rounds"), [("sqlite", 16), ("postgres", 5)])
def test_a_shop_at_random(request: pytest.FixtureRequest, tmp_path: Path, kind: str, rounds: int) -> None:
    engine: Engine = request.getfixturevalue(f"{kind}_engine")
    played = Simulation(engine, tmp_path)
    played.run(rounds, seed=1)
    assert played.acts.total() >= LEAST_ACTS_A_ROUND * rounds
    assert played.facts["zs"]
    assert len(set(played.deaths)) > 2, "it dies at many places"


def test_the_same_seed_does_the_same_again(sqlite_template: Path, tmp_path: Path) -> None:
    told = []
    for name in ("once", "again"):
        (folder := tmp_path / name).mkdir()
        shutil.copy(sqlite_template, folder / "shop.db")
        engine = open_engine(f"sqlite:///{folder / 'shop.db'}")
        played = Simulation(engine, folder)
        played.run(rounds=3, seed=7)
        told.append((played.deaths, played.acts, played.facts))
        engine.dispose()
    assert told[0] == told[1]


def test_what_goes_wrong_can_be_seen_again(
    sqlite_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(_engine: Engine) -> None:
        raise AssertionError("a cent is missing")

    monkeypatch.setattr(simulation, "check_all", wrong)
    with pytest.raises(AssertionError, match="seed 7: a cent is missing") as failure:
        Simulation(sqlite_engine, tmp_path).run(rounds=3, seed=7)
    assert 'make soak ARGS="--only simulation --seed 7 --rounds 1"' in str(failure.value)
