"""SIGKILL at every place of closing the day, one after the other: there is no Z, or the whole Z."""

import multiprocessing
import signal
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.rigs.day_sums import check_zs
from tests.rigs.days import Days
from tests.rigs.facts import Facts, read_facts
from tests.rigs.people import OWNER
from tests.rigs.shop import stock_shop
from tui_pos.reports.audit import verify_books
from tui_pos.storage.engine import reading

MOST_STEPS = 400


def _close(*args: object) -> None:
    from tests.rigs.closer import close_and_die

    close_and_die(*args)  # type: ignore[arg-type]


def without_key(facts: Facts) -> Facts:
    """The till's key is made in a commit of its own, before its first Z."""
    return {name: value for name, value in facts.items() if name != "closures/new_key"}


@pytest.mark.parametrize(("kind", "stride"), [("sqlite", 3), ("postgres", 12)])
def test_killed_while_closing(request: pytest.FixtureRequest, tmp_path: Path, kind: str, stride: int) -> None:
    engine: Engine = request.getfixturevalue(f"{kind}_engine")
    stock_shop(engine)
    Days(engine).trade(1)
    before = without_key(read_facts(engine))
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["tests.rigs.closer"])
    url = engine.url.render_as_string(hide_password=False)
    deaths = 0
    for step in range(1, MOST_STEPS, stride):
        closer = processes.Process(target=_close, args=(url, tmp_path, step))
        closer.start()
        closer.join()
        with reading(engine) as session:
            zs = check_zs(session)
            verify_books(session, OWNER)
        if closer.exitcode == 0:
            break
        assert closer.exitcode == -signal.SIGKILL, f"step {step}: it ended with {closer.exitcode}"
        deaths += 1
        if zs:  # it was killed after its commit
            break
        assert without_key(read_facts(engine)) == before, f"step {step}: something is left of a Z"
    assert [z.number for z in zs] == [1]
    assert zs[0].receipts == before["receipts/sale"]
    assert deaths * stride > 40, "most of its steps were tried"
