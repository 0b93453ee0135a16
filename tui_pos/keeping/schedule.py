"""When the next backup is due, and the thread of the running till that has it made.

The backup itself is a program of its own, of low priority: the till's memory, its locks and its one interpreter have
nothing to do with it, and it ends in order when the till is closed meanwhile.
"""

import datetime as dt
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tui_pos.keeping.files import backups
from tui_pos.storage.errors import DatabaseUnavailable

log = logging.getLogger(__name__)

FIRST_LOOK_S = 120
"""After the start: a till that was just opened has other things to do."""

LOOK_EVERY_S = 600
LOOK_FOR_MISSED_EVERY_S = 24 * 3600
AFTER_FAILURE_S = 3600
"""How long a cashier has peace after a backup that failed."""

_EARLY = dt.timedelta(minutes=15)
"""So much before the time is right, too: else each backup would be a little later than the one of the day before."""


def due_folders(folders: Sequence[Path], till: str, every_h: int, now: dt.datetime) -> tuple[Path, ...]:
    """The folders that are there and have no backup of this till that is younger than `every_h` hours (0: none ever).

    A stick that comes back after a week is due at once, and alone: what is kept elsewhere is not pushed out by it.
    A backup from the future (the clock was wrong) does not count.
    """
    if not every_h:
        return ()
    limit = now - dt.timedelta(hours=every_h) + _EARLY
    due = []
    for folder in folders:
        try:
            found = backups(folder, till)
        except OSError:
            continue
        if not any(limit < backup.at <= now for backup in found):
            due.append(folder)
    return tuple(due)


def command(config: Path | None) -> tuple[str, ...]:
    """What makes the backup that is due: this same program, with the settings of this till."""
    program = "import sys; from tui_pos.cli import main; sys.exit(main())"
    named = ("--config", str(config.absolute())) if config else ()
    return (sys.executable, "-P", "-c", program, "backup", "--scheduled", *named)


class Schedule:
    """Looks now and then whether a backup is due, and runs the command that makes it.

    `look_for_missed` is called at the start, after each backup, and once a day.
    """

    def __init__(
        self,
        due: Callable[[], bool],
        command: Sequence[str],
        failed: Callable[[str], object],
        look_for_missed: Callable[[], object],
    ) -> None:
        self._due = due
        self._look_for_missed = look_for_missed
        self._command = command
        self._failed = failed
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="backups", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more. A backup that is being written is not broken off."""
        self._ended.set()

    def _run(self) -> None:
        looked_s = self._look()  # at once, for whoever logs in first
        wait_s = FIRST_LOOK_S
        while not self._ended.wait(wait_s):
            wait_s = LOOK_EVERY_S
            due = self._due()
            if due and not self._made():
                wait_s = AFTER_FAILURE_S
            if due or time.monotonic() - looked_s > LOOK_FOR_MISSED_EVERY_S:
                looked_s = self._look()

    def _look(self) -> float:
        """Look for folders that are away. Returns when that was."""
        try:
            self._look_for_missed()
        except DatabaseUnavailable as error:
            log.warning("the journal of backups could not be read: %s", error.__cause__)
        return time.monotonic()

    def _made(self) -> bool:
        """Run the command to its end. What it says of a failure goes to the log, and to whoever is at the till."""
        try:
            done = subprocess.run(
                self._command,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
                start_new_session=True,  # it outlives the terminal's window
            )
        except OSError as error:
            code, words = -1, str(error)
        else:
            code, words = done.returncode, done.stderr.strip()
        if code == 0:
            log.info("a backup was made: %s", words or "in every folder")
            return True
        log.error("the backup ended with code %s: %s", code, words)
        if not self._ended.is_set():
            self._failed(words.removeprefix("tui-pos: "))
        return False
