"""Kill the till at random moments for as long as you like: `make soak ARGS="--rounds 500 --seed 7"`.

`counter` kills the whole program at its terminal, `seller` one that sells as fast as it can, `simulation` a shop that
does everything at random. The same seed does the same again, in the simulation down to the statement.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Engine

from tests.rigs.killing import run_counter_rounds, run_seller_rounds
from tests.rigs.shop import ShopRig
from tests.rigs.simulation import Simulation
from tui_pos.storage.engine import open_engine
from tui_pos.storage.migrate import upgrade

ROUNDS_A_SHOP = {"counter": 50, "seller": 50, "simulation": 25}
"""The ways to kill. After so many kills a fresh shop is opened: the more the books hold, the longer one looks."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it. Returns 0 if the books were right after every kill."""
    parser = argparse.ArgumentParser(prog="soak", description=__doc__)
    parser.add_argument("--rounds", type=int, default=100, help="how many times each way to kill (100)")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000), help="of the first round")
    parser.add_argument("--only", choices=tuple(ROUNDS_A_SHOP), help="one way to kill only")
    chosen = parser.parse_args(arguments)
    begun_s = time.monotonic()
    end = chosen.seed + chosen.rounds
    for kind in (chosen.only,) if chosen.only else ROUNDS_A_SHOP:
        for first in range(chosen.seed, end, ROUNDS_A_SHOP[kind]):
            rounds = min(ROUNDS_A_SHOP[kind], end - first)
            try:
                _run(kind, rounds, first)
            except AssertionError as error:
                again = "" if kind == "simulation" else f"\n\n{_how_to_replay(kind, first, rounds)}"
                print(f"\n{kind}: {error}{again}", file=sys.stderr)
                return 1
    print(
        f"{chosen.rounds} rounds from seed {chosen.seed} in {time.monotonic() - begun_s:.0f} s: all is right"
    )
    return 0


def _run(kind: str, rounds: int, seed: int) -> None:
    with tempfile.TemporaryDirectory(prefix="tui-pos-soak-") as folder:
        (home := Path(folder) / "shop").mkdir()
        engine = _new_books(home)
        try:
            if kind == "simulation":
                _simulate(home, engine, rounds, seed)
            else:
                _kill_shop(kind, home, engine, rounds, seed)
        finally:
            engine.dispose()


def _tell(text: str) -> None:
    print(text, flush=True)


def _simulate(home: Path, engine: Engine, rounds: int, seed: int) -> None:
    simulation = Simulation(engine, home, _tell)
    simulation.run(rounds, seed)
    facts = simulation.facts
    sales, zs = facts.get("receipts/sale", 0), facts.get("zs", 0)
    _tell(f"{rounds} rounds from seed {seed}: {simulation.acts.total()} acts, {sales} sales, {zs} Zs")


def _kill_shop(kind: str, home: Path, engine: Engine, rounds: int, seed: int) -> None:
    shop = ShopRig(home, engine)
    try:
        if kind == "counter":
            shop.scanner.plug()
            run_counter_rounds(shop, rounds, seed, tell=_tell)
        else:
            sales = run_seller_rounds(engine, shop, rounds, seed)
            _tell(f"{rounds} sellers from seed {seed}: {sales} sales, the books are right")
    finally:
        shop.close()


def _new_books(folder: Path) -> Engine:
    engine = open_engine(f"sqlite:///{folder / 'shop.db'}")
    upgrade(engine)
    return engine


def _how_to_replay(kind: str, first: int, rounds: int) -> str:
    """What a round does depends on the books that the rounds before it left, so all of this shop's are run again."""
    return f'Again: make soak ARGS="--only {kind} --seed {first} --rounds {rounds}"'


if __name__ == "__main__":
    sys.exit(main())
