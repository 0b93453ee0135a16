"""Shops to run the whole program in; whatever a test leaves running is ended."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from tests.rigs.shop import ShopRig
from tests.rigs.terminal import WAIT_S
from tui_pos.printing.models import PrintJob
from tui_pos.storage.engine import reading

OpenShop = Callable[..., ShopRig]


@pytest.fixture
def open_shop(tmp_path: Path) -> Iterator[OpenShop]:
    """Opens shops on a given database; the settings are ShopRig's."""
    shops: list[ShopRig] = []

    def make(engine: Engine, **settings: Any) -> ShopRig:
        shops.append(ShopRig(tmp_path, engine, **settings))
        return shops[-1]

    yield make
    for shop in shops:
        shop.close()


@pytest.fixture
def shop(open_shop: OpenShop, sqlite_engine: Engine) -> ShopRig:
    """A shop with scanner and printer, both plugged in."""
    made = open_shop(sqlite_engine, printer=True)
    made.scanner.plug()
    return made


def until(fits: Callable[[], bool], what: str) -> None:
    """Wait for something that another process or thread does."""
    for _try in range(int(WAIT_S / 0.02)):
        if fits():
            return
        time.sleep(0.02)
    raise AssertionError(f"{what}: not within {WAIT_S} s")


def job_states(shop: ShopRig) -> list[tuple[str, str]]:
    with reading(shop.engine) as session:
        return [
            (job.kind, job.state)
            for job in session.scalars(select(PrintJob).order_by(PrintJob.created_at, PrintJob.kind))
        ]
