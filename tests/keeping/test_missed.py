"""A folder of backups that is never there is told: a stick that nobody brings back, a name that was mistyped."""

import datetime as dt
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.rigs.days import Days
from tests.rigs.people import OWNER
from tui_pos.keeping.backup import back_up
from tui_pos.keeping.missed import Missed, missed, missed_text
from tui_pos.storage.engine import reading

NOW = dt.datetime(2026, 11, 22, 5, 0, tzinfo=dt.UTC)
TILL = "till1"


def away(engine: Engine, *folders: Path, hours: float, every_h: int = 24) -> list[Path]:
    with reading(engine) as session:
        found = missed(session, folders, TILL, every_h, NOW + dt.timedelta(hours=hours))
        return [each.folder for each in found]


@pytest.fixture
def office(tmp_path: Path) -> Path:
    made = tmp_path / "office"
    made.mkdir()
    return made


def test_a_folder_that_never_was_there(engine: Engine, office: Path, tmp_path: Path) -> None:
    typo = tmp_path / "ofice"
    assert away(engine, office, typo, hours=0) == [typo]
    assert (
        away(engine, office, hours=9999) == []
    )  # it is there: the next backup goes into it, or says why not


def test_a_stick_that_is_away(days: Days, folder: Path, office: Path) -> None:
    back_up(days.engine, TILL, [folder, office], OWNER, NOW, keep=3)
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
    back_up(days.engine, TILL, [office], OWNER, NOW + dt.timedelta(hours=1), keep=3)

    assert away(days.engine, folder, office, hours=7 * 24 - 1) == []
    assert away(days.engine, folder, office, hours=7 * 24 + 1) == [folder]
    assert away(days.engine, folder, office, hours=7 * 24 + 1, every_h=24 * 7) == []
    assert away(days.engine, folder, hours=47) == []
    assert away(days.engine, folder, hours=49) == [folder]  # it is the only one


def test_the_words() -> None:
    stick = Path("/media/usb")
    assert (
        missed_text(Missed(stick, None)) == "There is no backup in /media/usb yet: the folder is not there."
    )
    text = "No backup in /media/usb for 12 days: the folder is not there."
    assert missed_text(Missed(stick, dt.timedelta(days=12, hours=5))) == text
