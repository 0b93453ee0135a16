"""A till that makes a Z and dies in it."""

import os
from pathlib import Path

from tests.rigs.days import Days, KeyFolder
from tests.rigs.dying import Death
from tui_pos.storage.engine import open_engine


def close_and_die(url: str, folder: Path, step: int) -> None:
    """Die at that step of the database. Where the Z has fewer, it is made, and this ends well."""
    days = Days(open_engine(url))
    days.store = KeyFolder(folder)
    Death(days.engine, "", step).begin("z")
    days.close()
    os._exit(0)
