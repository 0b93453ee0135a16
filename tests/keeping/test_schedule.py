"""When a backup is due, and who has it made while the till runs."""

import datetime as dt
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import Engine

from config.settings import Settings
from tests.rigs.shop import TILL, stock_shop
from tui_pos.app import BackupFailed, ClockSetBack
from tui_pos.bootstrap import CASHIER, build_app
from tui_pos.keeping import schedule
from tui_pos.keeping.files import name_of
from tui_pos.keeping.schedule import Schedule, command, due_folders
from tui_pos.running import _schedule_of
from tui_pos.widgets.bars import MessageBar

NOW = dt.datetime(2026, 11, 22, 5, 0, tzinfo=dt.UTC)


def backed_up(folder: Path, hours_ago: float, till: str = TILL) -> None:
    (folder / name_of(till, NOW - dt.timedelta(hours=hours_ago), ".db")).touch()


def test_which_folders_are_due(folder: Path, tmp_path: Path) -> None:
    other, gone = tmp_path / "other", tmp_path / "gone"
    other.mkdir()
    assert due_folders([folder], TILL, 24, NOW) == (folder,)
    assert due_folders([folder], TILL, 0, NOW) == ()
    assert due_folders([gone], TILL, 24, NOW) == ()
    backed_up(folder, 23)
    assert due_folders([folder, gone], TILL, 24, NOW) == ()
    assert due_folders([folder], TILL, 12, NOW) == (folder,)
    assert due_folders([folder], "till2", 24, NOW) == (folder,)
    assert due_folders([folder, other], TILL, 24, NOW) == (other,)  # a stick that has just come back


def test_one_of_the_future_or_of_yesterdays_time_of_day_is_not_enough(folder: Path) -> None:
    backed_up(folder, -5000)
    assert due_folders([folder], TILL, 24, NOW) == (folder,)
    backed_up(folder, 23.9)
    assert due_folders([folder], TILL, 24, NOW) == (folder,)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FIRST_LOOK_S", "LOOK_EVERY_S", "AFTER_FAILURE_S"):
        monkeypatch.setattr(schedule, name, 0.01)


def test_the_thread_makes_what_is_due_and_tells_of_failures(impatient: None, tmp_path: Path) -> None:
    told: list[str] = []
    heard = threading.Event()

    def failed(text: str) -> None:
        told.append(text)
        heard.set()

    program = (
        "import sys; from pathlib import Path; f = Path(sys.argv[1]); n = len(f.read_text()) if f.exists() else 0\n"
        "f.write_text('x' * (n + 1))\n"
        "sys.exit('tui-pos: No backup was made.' if n == 2 else 0)"
    )
    runs = tmp_path / "runs"
    started = Schedule(lambda: True, (sys.executable, "-c", program, str(runs)), failed, lambda: None)
    started.start()
    assert heard.wait(20)
    started.stop()
    assert told[0] == "No backup was made."
    assert len(runs.read_text()) >= 3


def test_a_program_that_cannot_be_run_is_a_failure_too(impatient: None) -> None:
    heard = threading.Event()
    started = Schedule(lambda: True, ("/nowhere/python",), lambda _text: heard.set(), lambda: None)
    started.start()
    assert heard.wait(20)
    started.stop()


def test_the_till_has_a_schedule_where_the_settings_want_one(folder: Path, sqlite_engine: Engine) -> None:
    def of(backup: dict[str, object]) -> Schedule | None:
        settings = Settings.model_validate({"backup": backup, "drawer": {"required": False}})
        app = build_app(settings, sqlite_engine, actor=CASHIER)
        return _schedule_of(settings, sqlite_engine, folder / "shop.toml", app)

    assert of({"folders": [str(folder)]}) is not None
    assert of({"folders": [str(folder)], "every_h": 0}) is None
    assert of({}) is None
    assert command(folder / "shop.toml")[-4:] == (
        "backup",
        "--scheduled",
        "--config",
        str(folder / "shop.toml"),
    )


async def test_the_cashier_is_told_and_sells_on(sqlite_engine: Engine) -> None:
    stock_shop(sqlite_engine)
    settings = Settings.model_validate({"till": {"name": TILL}, "drawer": {"required": False}})
    app = build_app(settings, sqlite_engine, actor=CASHIER)
    async with app.run_test(size=(120, 30)) as pilot:
        app.post_message(BackupFailed("No backup was made.\n  /media/usb: the disk there is full"))
        await pilot.pause()
        assert "Backup: No backup was made. Selling goes on" in shown(app)
        app.post_message(ClockSetBack(dt.timedelta(minutes=61)))
        await pilot.pause()
        assert "The clock is 61 minutes behind the books" in shown(app)
        app.front.take_text("100")
        app.front.take_key("enter")
        await pilot.pause()
        assert len(app.till.desk.basket.lines) == 1


def shown(app: object) -> str:
    return str(app.screen.query_one(MessageBar)._rows)  # type: ignore[attr-defined]
