"""Shops to run the whole program in; whatever a test leaves running is ended."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from tests.rigs.shop import ShopRig

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
