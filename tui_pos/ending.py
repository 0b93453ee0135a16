"""Ending in order when the system says so: SIGTERM, or SIGHUP of a terminal whose window was closed.

What was begun is then let go of as when a cashier leaves: devices, the till's lock, the demo's temporary folder.
"""

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGHUP, signal.SIGTERM)


def exit_code(number: int) -> int:
    """What a shell reports of a program that a signal has ended."""
    return 128 + number


@contextmanager
def ending_in_order() -> Iterator[None]:
    """Let the signals end the block by SystemExit, where nothing else (`end_by`) takes them over."""
    before = {number: signal.signal(number, _leave) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _leave(number: int, _frame: FrameType | None) -> None:
    hurry_no_more()
    raise SystemExit(exit_code(number))


def put_off(note: Callable[[int], None]) -> None:
    """Let the signals only call `note` with the code to exit with: for moments that must not be broken off."""
    for number in SIGNALS:
        signal.signal(number, lambda came, _frame: note(exit_code(came)))


def end_by(end: Callable[[int], None]) -> None:
    """While the running event loop lasts, let the signals call `end` with the code to exit with."""
    for number in SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, end, exit_code(number))


def hurry_no_more() -> None:
    """The end has begun, and takes seconds at most: asking for it again must not break it off."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
