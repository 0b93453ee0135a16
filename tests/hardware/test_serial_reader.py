import fcntl
import os
import queue
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from hardware.ports import Scan, ScannerFault, ScannerState
from hardware.scanner.framing import Terminator
from hardware.scanner.serial_reader import SerialScanner, list_ports
from tests.rigs.scanner import ScannerRig

WAIT_S = 10.0


class Heard:
    """What a scanner told, in its order."""

    def __init__(self) -> None:
        self.scans: queue.Queue[Scan] = queue.Queue()
        self.states: queue.Queue[ScannerState] = queue.Queue()

    def code(self) -> str:
        return self.scans.get(timeout=WAIT_S).data

    def state(self) -> ScannerState:
        return self.states.get(timeout=WAIT_S)


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[ScannerRig]:
    found = ScannerRig(tmp_path)
    yield found
    found.unplug()


@pytest.fixture
def heard() -> Heard:
    return Heard()


Opener = Callable[..., SerialScanner]


@pytest.fixture
def opened(rig: ScannerRig, heard: Heard) -> Iterator[Opener]:
    scanners: list[SerialScanner] = []

    def open_scanner(terminator: Terminator = "auto") -> SerialScanner:
        scanner = SerialScanner(
            str(rig.path), 9600, terminator, heard.scans.put, heard.states.put, retry_s=0.01
        )
        scanners.append(scanner)
        scanner.start()
        return scanner

    yield open_scanner
    for scanner in scanners:
        scanner.stop()


def test_codes_arrive_with_their_source(rig: ScannerRig, heard: Heard, opened: Opener) -> None:
    rig.plug()
    opened()
    assert heard.state() == ScannerState(connected=True, source=str(rig.path))
    before_s = time.monotonic()
    rig.send(b"]E05449000000996\r\n")
    scan = heard.scans.get(timeout=WAIT_S)
    assert (scan.data, scan.source) == ("]E05449000000996", str(rig.path))
    assert before_s <= scan.at_monotonic_s <= time.monotonic()


def test_a_burst_and_the_longest_code_lose_nothing(rig: ScannerRig, heard: Heard, opened: Opener) -> None:
    rig.plug()
    opened()
    heard.state()
    codes = [f"{number:013}" for number in range(100)] + ["Q" * 4296]
    rig.send("".join(f"{code}\r" for code in codes).encode())
    assert [heard.code() for _ in codes] == codes


def test_a_pause_ends_a_code_where_nothing_else_does(rig: ScannerRig, heard: Heard, opened: Opener) -> None:
    rig.plug()
    opened("none")
    heard.state()
    for code in ("5449000000996", "4006381333931"):
        rig.send(code.encode())
        assert heard.code() == code


def test_a_scanner_that_is_not_there_is_waited_for(rig: ScannerRig, heard: Heard, opened: Opener) -> None:
    opened()
    state = heard.state()
    assert (state.connected, state.fault) == (False, ScannerFault.MISSING)
    rig.plug()
    assert heard.state().connected
    rig.send(b"A1\r")
    assert heard.code() == "A1"


def test_unplugged_and_plugged_in_again(rig: ScannerRig, heard: Heard, opened: Opener) -> None:
    rig.plug()
    opened()
    for code in ("A1", "B2", "C3"):
        assert heard.state().connected
        rig.send(code.encode() + b"\r")
        assert heard.code() == code
        rig.send(b"cut off")
        rig.unplug()
        assert heard.state().fault is ScannerFault.LOST
        assert heard.state().fault is ScannerFault.MISSING
        rig.plug()
    assert heard.state().connected
    assert heard.scans.empty()


def test_failing_again_in_the_same_way_is_no_news(rig: ScannerRig, heard: Heard, opened: Opener) -> None:
    opened()
    heard.state()
    with pytest.raises(queue.Empty):
        heard.states.get(timeout=0.1)


def test_a_port_in_use_is_told_and_taken_when_free(rig: ScannerRig, heard: Heard, opened: Opener) -> None:
    rig.plug()
    other = os.open(rig.path, os.O_RDWR | os.O_NOCTTY)
    fcntl.flock(other, fcntl.LOCK_EX)
    opened()
    assert heard.state().fault is ScannerFault.BUSY
    os.close(other)
    assert heard.state().connected


def test_what_is_no_serial_port_is_told(rig: ScannerRig, heard: Heard, opened: Opener) -> None:
    rig.path.write_text("a file")
    opened()
    state = heard.state()
    assert (state.connected, state.fault) == (False, ScannerFault.ERROR)
    assert state.detail


def test_a_dropped_code_is_told_and_the_next_one_read(rig: ScannerRig, heard: Heard, opened: Opener) -> None:
    rig.plug()
    opened()
    heard.state()
    rig.send(b"Q" * 5000 + b"\rA1\r")
    assert heard.code() == "A1"
    state = heard.state()
    assert (state.connected, state.fault) == (True, ScannerFault.CODE_DROPPED)


def test_a_lost_code_is_told_each_time_and_forgotten_with_the_next_good_one(
    rig: ScannerRig, heard: Heard, opened: Opener
) -> None:
    rig.plug()
    opened()
    ready = heard.state()
    for _again in range(2):
        rig.send(b"Q" * 5000 + b"\r")
        assert heard.state().fault is ScannerFault.CODE_DROPPED
    for code in ("A1", "B2"):
        rig.send(f"{code}\r".encode())
        assert heard.code() == code
    assert heard.state() == ready
    with pytest.raises(queue.Empty):
        heard.states.get(timeout=0.1)


def test_a_failing_listener_does_not_stop_the_reader(rig: ScannerRig, heard: Heard) -> None:
    def fail_first(scan: Scan) -> None:
        heard.scans.put(scan)
        if scan.data == "A1":
            raise RuntimeError("not my day")

    def fail_always(state: ScannerState) -> None:
        heard.states.put(state)
        raise RuntimeError("not my day either")

    rig.plug()
    scanner = SerialScanner(str(rig.path), 9600, "cr", fail_first, fail_always, retry_s=0.01)
    scanner.start()
    try:
        heard.state()
        rig.send(b"A1\rB2\r")
        assert [heard.code(), heard.code()] == ["A1", "B2"]
    finally:
        scanner.stop()


@pytest.mark.parametrize("plugged", [True, False])
def test_it_stops_at_once_and_can_be_stopped_twice(
    rig: ScannerRig, heard: Heard, opened: Opener, plugged: bool
) -> None:
    if plugged:
        rig.plug()
    scanner = opened()
    heard.state()
    before_s = time.monotonic()
    scanner.stop()
    scanner.stop()
    assert time.monotonic() - before_s < 1.0
    if plugged:
        # The line is free again for anybody.
        with open(rig.path, "rb", buffering=0) as line:
            fcntl.flock(line, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_scanner_never_started_can_be_stopped(heard: Heard) -> None:
    SerialScanner("/nowhere", 9600, "cr", heard.scans.put, heard.states.put).stop()


def test_ports_of_this_machine_can_be_listed() -> None:
    assert all(port.path and port.device for port in list_ports())


def test_what_nobody_knows_of_a_port_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [SimpleNamespace(device="/dev/ttyS0", description="n/a")]
    monkeypatch.setattr("serial.tools.list_ports.comports", lambda: found)
    assert [port.description for port in list_ports()] == [""]
