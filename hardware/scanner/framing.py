"""Bytes of a scanner's line → whole codes. Pure: no device, no clock of its own."""

from typing import Literal

Terminator = Literal["auto", "cr", "lf", "crlf", "none"]

# The most that any symbol holds: a QR code of version 40 with 4,296 alphanumeric characters.
MAX_CODE_BYTES = 4296

# At 9,600 baud a byte takes 1 ms, and USB adapters hand bytes on every 16 ms: a longer silence ends a code.
DEFAULT_PAUSE_S = 0.05

# A line that sends terminators and falls silent for this long in mid-code has lost the rest of it.
STALE_AFTER_S = 1.0

# FNC1 between two GS1 element strings arrives as the control character GS: the only one that says something.
_GS = 0x1D
_CONTROLS = {byte for byte in (*range(0x20), 0x7F) if byte != _GS}

# A code ends at any of these. CR-LF ends it at the CR, one byte sooner; the LF then ends nothing.
_ENDS: dict[Terminator, bytes] = {
    "auto": b"\r\n",
    "cr": b"\r",
    "lf": b"\n",
    "crlf": b"\r\n",
    "none": b"",
}
_TO_LF = bytes.maketrans(b"\r", b"\n")


class Framer:
    """Cuts a stream of bytes into codes, however the reads fell.

    `terminator` says what the scanner sends after each code; with `none` a silence of `pause_s` seconds ends
    it. `auto` takes both: CR or LF, or the pause, until a terminator has been seen: then only a silence of
    STALE_AFTER_S ends a code without one, so that a slow line doesn't cut codes in two. A fragment that stays
    unfinished on a line with a set terminator is dropped after STALE_AFTER_S.

    Control characters other than GS (so NUL, STX and ETX too) are noise. A code is UTF-8, or else Latin-1.
    A code of more than MAX_CODE_BYTES is dropped whole and counted in `dropped`; memory stays bounded.

    Times are seconds of one monotonic clock.
    """

    def __init__(self, terminator: Terminator = "auto", pause_s: float = DEFAULT_PAUSE_S) -> None:
        ends = _ENDS[terminator]
        self.dropped = 0
        self._noise = bytes(sorted(_CONTROLS - set(ends)))
        self._pause_ends_code = terminator in ("auto", "none")
        self._learns = terminator == "auto"
        self._pause_s = pause_s
        self._silence_s = pause_s if self._pause_ends_code else STALE_AFTER_S
        self._code = bytearray()
        self._too_long = False
        self._last_byte_at_s = 0.0

    @property
    def deadline_s(self) -> float | None:
        """When `flush_if_paused` has something to do, or None while no code has begun."""
        if not self._code and not self._too_long:
            return None
        return self._last_byte_at_s + self._silence_s

    def feed(self, data: bytes, now_s: float) -> list[str]:
        """The codes that `data` completes, oldest first."""
        codes = self.flush_if_paused(now_s)
        *ended, begun = data.translate(None, self._noise).translate(_TO_LF).split(b"\n")
        for part in ended:
            self._append(part)
            codes += self._take()
        if ended and self._learns:
            self._silence_s = STALE_AFTER_S
        self._append(begun)
        if begun:
            self._last_byte_at_s = now_s
        return codes

    def flush_if_paused(self, now_s: float) -> list[str]:
        """End the code that has begun, if the line has been silent for long enough."""
        deadline_s = self.deadline_s
        if deadline_s is None or now_s < deadline_s:
            return []
        if self._learns:
            self._silence_s = self._pause_s
        code = self._take()
        if self._pause_ends_code:
            return code
        self.dropped += len(code)
        return []

    def _append(self, part: bytes) -> None:
        if self._too_long:
            return
        if len(self._code) + len(part) > MAX_CODE_BYTES:
            self._too_long = True
            self.dropped += 1
            self._code.clear()
        else:
            self._code += part

    def _take(self) -> list[str]:
        data = bytes(self._code)
        self._code.clear()
        self._too_long = False
        if not data:
            return []
        try:
            return [data.decode("utf-8")]
        except UnicodeDecodeError:
            return [data.decode("latin-1")]
