"""A till without a screen that sells as fast as it can, until it is killed."""

import random
from multiprocessing.connection import Connection
from pathlib import Path

from config.loading import load
from tests.rigs.shop import BREAD, MILK, OAT
from tui_pos.bootstrap import CASHIER, build_shop, utc_now
from tui_pos.sales.desk import Desk
from tui_pos.sales.scanning import Scanned
from tui_pos.storage.engine import open_engine


def sell_forever(url: str, config: Path, seed: int, telling: Connection) -> None:
    """Tell each receipt's number once its sale is completed: from then on it may not be lost."""
    chance = random.Random(seed)
    desk = Desk(open_engine(url), build_shop(load(config).settings), CASHIER, utc_now)
    while True:
        for code in chance.choices((OAT, BREAD, MILK), k=chance.randint(1, 3)):
            desk.scan(Scanned(code))
        if chance.random() < 0.3:
            desk.void_line()
        if not desk.basket.lines:
            continue
        receipt = desk.pay_cash(desk.settlement.cash_due)
        assert receipt is not None
        telling.send(receipt.number)
