"""A serial scanner that is a pseudo-terminal: it can vanish and come back under the same path."""

import os
import tty
from pathlib import Path


class ScannerRig:
    """What hangs on the other end of a scanner's cable. `path` is the port to open; unplugged at first.

    Opening a port discards what waits in it: send only once the reader says that it is connected.
    """

    def __init__(self, folder: Path, name: str = "scanner") -> None:
        self.path = folder / name
        self._cable: int | None = None

    def plug(self) -> None:
        """Appear under `path`, each time as another device."""
        assert self._cable is None, "already plugged in"
        self._cable, device = os.openpty()
        tty.setraw(device)
        fresh = self.path.with_suffix(".new")
        fresh.symlink_to(os.ttyname(device))
        fresh.replace(self.path)
        os.close(device)

    def unplug(self) -> None:
        """Vanish: the path is gone, and whoever has the line open is told by it."""
        if self._cable is not None:
            self.path.unlink(missing_ok=True)
            os.close(self._cable)
            self._cable = None

    def send(self, data: bytes) -> None:
        """Put bytes on the line. Blocks while the line is full."""
        assert self._cable is not None, "not plugged in"
        while data:
            data = data[os.write(self._cable, data) :]
