"""The log of a command: opened by the first thing that is to be logged, for most have nothing to say there.

Without it Python would write warnings to the standard error, where cron mails them and nobody knows what they mean.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from logging.handlers import RotatingFileHandler


class LateLog(logging.Handler):
    """Stands in for the log (as `logging.lastResort`) until `start` has opened it."""

    def __init__(self, start: Callable[[], object]) -> None:
        super().__init__(logging.WARNING)
        self._start = start

    def emit(self, record: logging.LogRecord) -> None:
        root = logging.getLogger()
        with suppress(Exception):  # wrong settings, no room, no rights: no reason for a command to fail
            self._start()
        if not root.handlers:
            root.addHandler(logging.NullHandler())
        for handler in root.handlers:
            handler.handle(record)


def log_file() -> str:
    """Where the log is; empty where none is open."""
    files = [each for each in logging.getLogger().handlers if isinstance(each, RotatingFileHandler)]
    return files[0].baseFilename if files else ""
