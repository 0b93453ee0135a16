"""The end of the program from outside: it lets go of everything, also when its terminal has gone."""

import contextlib
import os
import select
import signal
import subprocess
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.rigs.terminal import PROGRAM, WAIT_S

OWNER_NUMBER, OWNER_PIN = b"1", b"4711"
READY = b"Scan the first item"
NEXT_THEME = b"\x14"
UNSEEN_THEMES = 200
"""Every sign is drawn anew for each: far more than the line and Textual's own queue hold."""
FRAME_S = 0.05
"""What comes within a frame is drawn together."""
QUIET_S = 0.5
"""A program that does nothing for so long, though there is a theme to draw, waits for its terminal."""
LEAVES_THE_SCREEN = b"\x1b[?1049l"


class Window:
    """A terminal window with the demo in it, without anybody who answers what the program asks its terminal."""

    def __init__(self, folder: Path) -> None:
        self.temporary = folder
        self.master, self.slave = os.openpty()
        self.settings = termios.tcgetattr(self.slave)
        self.seen = b""
        self.process = subprocess.Popen(
            [PROGRAM, "demo"],
            stdin=self.slave,
            stdout=self.slave,
            stderr=self.slave,
            env={
                "PATH": os.environ["PATH"],
                "TERM": "xterm-256color",
                "HOME": str(folder / "home"),
                "TMPDIR": str(folder),
                "LANG": "C.UTF-8",
            },
            start_new_session=True,
        )

    def log_in(self) -> None:
        """Go to the counter as the demo's owner."""
        self.read_until(b"Press your number")
        os.write(self.master, OWNER_NUMBER)
        self.read_until(b"type your PIN")
        for key in OWNER_PIN + b"\r":  # as a person types it: no scanner is so slow
            os.write(self.master, bytes([key]))
            time.sleep(0.05)
        self.read_until(READY)

    def read_until(self, text: bytes) -> None:
        """Take what the program draws, until it has drawn `text`."""
        until_s = time.monotonic() + WAIT_S
        while text not in self.seen:
            assert select.select([self.master], [], [], max(0.0, until_s - time.monotonic()))[0], self.seen
            self.seen += os.read(self.master, 65536)

    def close(self) -> None:
        """As when somebody closes the window. No signal comes with it: the program is in no session of ours."""
        for end in (self.slave, self.master):
            with contextlib.suppress(OSError):
                os.close(end)

    def fill(self) -> None:
        """Let the program draw unseen, one theme after the other, until it waits for room on its terminal's line."""
        program = psutil.Process(self.process.pid)
        for _theme in range(UNSEEN_THEMES):
            worked, until_s = program.cpu_times(), time.monotonic() + QUIET_S
            os.write(self.master, NEXT_THEME)
            time.sleep(FRAME_S)
            while worked == program.cpu_times():
                if time.monotonic() > until_s:
                    return
                time.sleep(FRAME_S / 10)
        raise AssertionError("the program goes on drawing, though nobody looks")

    def wait_ended(self) -> int:
        """The program's exit code."""
        return self.process.wait(WAIT_S)

    @property
    def left_behind(self) -> list[str]:
        """What the demo left in the folder for temporary files."""
        return [found.name for found in self.temporary.glob("tui-pos-*")]


@pytest.fixture
def window(tmp_path: Path) -> Iterator[Window]:
    found = Window(tmp_path)
    yield found
    found.process.kill()
    found.process.wait()
    found.close()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_program_in_order(window: Window, how: signal.Signals) -> None:
    window.log_in()
    assert window.left_behind
    window.process.send_signal(how)
    window.read_until(LEAVES_THE_SCREEN)
    assert window.wait_ended() == 128 + how
    assert window.left_behind == []
    assert termios.tcgetattr(window.slave) == window.settings


@pytest.mark.parametrize("busy", [False, True])
def test_a_terminal_that_goes_ends_the_program(window: Window, busy: bool) -> None:
    window.log_in()
    if busy:
        window.fill()
    window.close()
    window.wait_ended()
    assert window.left_behind == []


def test_a_signal_during_the_start_ends_it_too(window: Window) -> None:
    while not list(window.temporary.glob("tui-pos-*/*")):  # from then on there is something to let go of
        assert window.process.poll() is None
    window.process.send_signal(signal.SIGTERM)
    assert window.wait_ended() == 128 + signal.SIGTERM
    assert window.left_behind == []
