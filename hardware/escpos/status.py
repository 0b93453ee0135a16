"""What an ESC/POS printer says of itself: its status at once (DLE EOT n), and when a page is done (GS r 1).

Bits after Epson's ESC/POS command reference. An answer to DLE EOT is one byte 0xx1xx10, an answer to GS r one
byte 0xx0xxxx; other bytes (automatic status, flow control) are no answer to us.
"""

import time
from dataclasses import dataclass

from hardware.escpos.transports import Transport
from hardware.ports import DeviceError, Fault, PrinterStatus

ANSWER_LIMIT_S = 1.0
ECHO_LIMIT_S = 4.0
"""A printer that is well but has not echoed by then does not know the command."""
FINISH_LIMIT_S = 20.0
"""How long a page may still be printing after its last byte, while the printer says that all is well."""
_LISTEN_S = 0.3

_PRINTER, _OFFLINE_CAUSE, _PAPER = 1, 2, 4
_ECHO = b"\x1dr\x01"


def real_time(n: int) -> bytes:
    """DLE EOT n: answered at once, also off line or out of paper."""
    return bytes([0x10, 0x04, n])


def judge(printer: int, offline_cause: int, paper: int) -> PrinterStatus:
    """The three answers in plain words; first the cause that a person can mend."""
    low = bool(paper & 0x0C)
    if offline_cause & 0x04:
        return PrinterStatus(Fault.COVER_OPEN, low)
    if paper & 0x60 or offline_cause & 0x20:
        return PrinterStatus(Fault.NO_PAPER, low)
    if offline_cause & 0x40:
        return PrinterStatus(Fault.ERROR, low)
    if printer & 0x08:
        return PrinterStatus(Fault.OFFLINE, low)
    return PrinterStatus(None, low)


class Dialogue:
    """Questions and answers on one line."""

    def __init__(self, line: Transport) -> None:
        self._line = line
        self._echoed = False

    def ask(self, timeout_s: float = ANSWER_LIMIT_S) -> PrinterStatus:
        """How the printer is: OFFLINE if it leaves a question open. Raises DeviceError if the line broke."""
        self._hear(0.0)  # what is left of earlier talk
        answers = []
        for n in (_PRINTER, _OFFLINE_CAUSE, _PAPER):
            self._line.write(real_time(n))
            answer = self._hear(timeout_s)
            if answer is None:
                return PrinterStatus(Fault.OFFLINE)
            answers.append(answer)
        return judge(*answers)

    def wait_for_echo(self, timeout_s: float) -> bool:
        """Whether the printer has come as far as the echo command."""
        self._hear(timeout_s, for_echo=True)
        return self._echoed

    def _hear(self, timeout_s: float, *, for_echo: bool = False) -> int | None:
        """The next answer to DLE EOT, within the time. An echo is noted on the way."""
        until_s = time.monotonic() + timeout_s
        while not (for_echo and self._echoed):
            heard = self._line.read(max(0.0, until_s - time.monotonic()))
            for byte in heard:
                if byte & 0x93 == 0x12 and not for_echo:
                    return byte
                self._echoed |= byte & 0x90 == 0
            if not heard and time.monotonic() >= until_s:
                break
        return None


@dataclass(slots=True)
class Finish:
    """Waiting for the end of a page. Sent is not printed: a printer may take bytes that it never prints.

    The echo command stands behind the page in the printer's buffer, so its answer means that all before it is
    done. `echoes` is learnt with the first page: whether this printer knows the command.
    """

    echoes: bool | None = None

    def wait(self, line: Transport, sent_bytes: int) -> None:
        """Return when the page is out. Raises DeviceError if the printer is gone or cannot go on."""
        dialogue = Dialogue(line)
        sending_s = line.sending_s(sent_bytes)
        if self.echoes is False:
            _require_well(dialogue.ask(sending_s + ANSWER_LIMIT_S))
            return
        line.write(_ECHO)
        sent_at_s = time.monotonic() + sending_s
        while not dialogue.wait_for_echo(_LISTEN_S):
            _require_well(dialogue.ask(max(0.0, sent_at_s - time.monotonic()) + ANSWER_LIMIT_S))
            waited_s = time.monotonic() - sent_at_s
            if self.echoes is None and waited_s > ECHO_LIMIT_S:
                self.echoes = False
                return
            if waited_s > FINISH_LIMIT_S:
                raise DeviceError(Fault.TIMEOUT, "the printer did not finish the page")
        self.echoes = True
        _require_well(dialogue.ask())


def _require_well(status: PrinterStatus) -> None:
    if status.fault is not None:
        raise DeviceError(status.fault, f"in the middle of a page: {status.fault.value}")
