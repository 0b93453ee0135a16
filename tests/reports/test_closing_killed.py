"""SIGKILL at seeded moments of closing the day: there is no Z, or the whole Z."""

import multiprocessing
import random
import signal
import time

import pytest
from sqlalchemy import Engine

from tests.rigs.closer import check_closes
from tests.rigs.shop import stock_shop

LONGEST_CLOSING_S = 0.08


def _close(*args: object) -> None:
    from tests.rigs.closer import close_forever

    close_forever(*args)  # type: ignore[arg-type]


@pytest.mark.parametrize(("kind", "rounds"), [("sqlite", 25), ("postgres", 8)])
def test_killed_while_closing(request: pytest.FixtureRequest, kind: str, rounds: int) -> None:
    engine: Engine = request.getfixturevalue(f"{kind}_engine")
    stock_shop(engine)
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["tests.rigs.closer"])
    url = engine.url.render_as_string(hide_password=False)
    for seed in range(rounds):
        hearing, telling = processes.Pipe(duplex=False)
        closer = processes.Process(target=_close, args=(url, telling), daemon=True)
        closer.start()
        telling.close()
        try:
            told = int(hearing.recv())
            time.sleep(random.Random(seed).uniform(0, LONGEST_CLOSING_S))
            closer.kill()
            try:
                while True:
                    told = int(hearing.recv())
            except EOFError:
                pass
        finally:
            closer.kill()
            closer.join()
        assert closer.exitcode == -signal.SIGKILL, f"seed {seed}: it ended by itself, with {closer.exitcode}"
        made = check_closes(engine)
        assert told <= made <= told + 1, f"seed {seed}: {made} Zs, of which {told} were told"
