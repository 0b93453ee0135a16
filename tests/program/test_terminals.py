"""The counter in tmux, which has its own mind of letters; what is pasted there without an end, and a key held down."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.program.conftest import OpenShop
from tests.rigs.people import OWNER, PIN
from tests.rigs.shop import ShopRig
from tests.rigs.terminal import PROGRAM, WAIT_S, Terminal
from tui_pos.catalogue.upkeep import Draft, upsert
from tui_pos.storage.engine import writing

GOODS = (
    Draft("THUMB", "👍🏽 Thumb", 1305, "standard"),
    Draft("CHAI", "नमस्ते चाय", 27050, "standard"),
    Draft("FLAG", "👨‍👩‍👧‍👦 Family 🇸🇪 ❤️", 1305, "standard"),
    Draft("TURN", "\u202eTurned\u202c", 1305, "standard"),
    Draft("SOAP", "Soap", 2705, "standard"),
)


class Tmux:
    """A program in a tmux of its own."""

    def __init__(self, folder: Path, *command: str | Path) -> None:
        self._base = ["tmux", "-u", "-S", str(folder / "tmux"), "-f", os.devnull]
        environment = {**os.environ, "LC_ALL": "C.UTF-8"}
        size = ("-x", "100", "-y", "30")
        subprocess.run(
            [*self._base, "new-session", "-d", *size, *map(str, command)], env=environment, check=True
        )

    def type(self, text: str) -> None:
        """Type a text and Enter."""
        self._call("send-keys", "-l", text)
        time.sleep(0.1)
        self.press("Enter")

    def press(self, key: str) -> None:
        """Press one key, by tmux's name for it."""
        self._call("send-keys", key)

    def wait_for(self, *texts: str) -> list[str]:
        """The lines as soon as they show all of these."""
        for _try in range(int(WAIT_S / 0.1)):
            screen = self._call("capture-pane", "-p")
            if all(text in screen for text in texts):
                return screen.splitlines()
            time.sleep(0.1)
        raise AssertionError(f"{texts} did not appear:\n{screen}")

    def close(self) -> None:
        self._call("kill-server")

    def _call(self, *arguments: str) -> str:
        done = subprocess.run([*self._base, *arguments], capture_output=True, encoding="utf-8", check=True)
        return done.stdout


@pytest.fixture
def tmux(open_shop: OpenShop, sqlite_engine: Engine, tmp_path: Path) -> Iterator[Tmux]:
    if shutil.which("tmux") is None:
        pytest.skip("needs tmux")
    shop = open_shop(sqlite_engine)
    with writing(sqlite_engine) as session:
        for draft in GOODS:
            upsert(session, draft, OWNER)
    terminal = Tmux(tmp_path, PROGRAM, "--config", shop.config)
    yield terminal
    terminal.close()


@pytest.mark.parametrize(("sku", "part", "amount"), [(d.sku, d.name[-4:], d.price_minor) for d in GOODS[:4]])
def test_a_line_in_the_place_of_another_shows_its_own_amount(
    tmux: Tmux, sku: str, part: str, amount: int
) -> None:
    tmux.wait_for("PIN")
    tmux.type(PIN)
    tmux.wait_for("Scan the first item")
    tmux.type(sku)
    assert amount is not None
    shown = f"{amount / 100:.2f}"
    (line,) = [each for each in tmux.wait_for("1 item ") if f"{shown}  {shown:>6}" in each]
    assert line.count(shown) == 2
    tmux.type("SOAP")
    tmux.wait_for("2 items", "Soap")
    tmux.press("Up")
    tmux.press("DC")
    lines = tmux.wait_for("1 item ", "was taken out")
    (line,) = [each for each in lines if "Soap" in each]
    assert line.split("│")[1].split() == ["▸", "1", "Soap", "27.05", "27.05"]
    assert not [each for each in lines if shown in each]


def test_a_paste_without_its_end_makes_nobody_deaf(open_shop: OpenShop, sqlite_engine: Engine) -> None:
    till = opened(open_shop(sqlite_engine))
    till.send(b"\x1b[200~oat")
    till.wait_for("› oat", "Oat drink 1 l")  # taken as any paste is
    till.press("escape")
    till.wait_for("Scan the first item")
    till.enter("100")
    till.wait_for("1 item ")
    till.send(b"\x1b[200~")
    time.sleep(0.7)
    assert till.quit() == 0


@pytest.mark.parametrize("every_s", [0.03, 0.09])
def test_enter_held_down_in_a_terminal_sells_nothing(
    open_shop: OpenShop, sqlite_engine: Engine, every_s: float
) -> None:
    till = opened(open_shop(sqlite_engine))
    till.enter("100")
    till.wait_for("1 item ")
    time.sleep(0.6)
    till.send(b"\r")
    till.wait_for("TO PAY")
    for _repeat in range(int(1.0 / every_s)):
        time.sleep(every_s)
        till.send(b"\r")
    time.sleep(0.6)
    till.wait_for("TO PAY")
    till.press("escape")
    till.wait_for("1 item ", "TOTAL")


def opened(shop: ShopRig) -> Terminal:
    till = shop.open()
    till.wait_for("Scan the first item")
    return till
