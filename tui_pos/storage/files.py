"""Files that are written for people: there whole or not at all, and for nobody but the user who had them made."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

OWNER_ALONE = 0o600
"""Sales, staff and customers are in most files."""

EVERYBODY = 0o666
"""Less what the user's umask takes away."""


@contextmanager
def whole_file(target: Path, mode: int = OWNER_ALONE) -> Iterator[BinaryIO]:
    """A file to write and read again, which takes the place of `target` at the end of the block.

    If the block raises, `target` is as it was. A pipe or a device is written directly. Raises OSError.
    """
    if _is_stream(target):
        with target.open("wb") as stream:
            yield stream
        return
    place = target.resolve()  # a link goes on to lead there
    unfinished = _unfinished(place)
    try:
        with _made(unfinished, mode) as file:
            yield file
        unfinished.replace(place)
    finally:
        unfinished.unlink(missing_ok=True)


def check_writable(target: Path) -> None:
    """Raises OSError where `whole_file` could not make the file. Leaves nothing behind."""
    if not _is_stream(target):
        unfinished = _unfinished(target.resolve())
        _made(unfinished, OWNER_ALONE).close()
        unfinished.unlink()


def _is_stream(target: Path) -> bool:
    return target.exists() and not (target.is_file() or target.is_dir())


def _unfinished(target: Path) -> Path:
    return target.with_name(f"{target.name}.unfinished")


def _made(path: Path, mode: int) -> BinaryIO:
    """A new file with these rights from its first moment; what a killed program left there is gone."""
    path.unlink(missing_ok=True)
    return open(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode), "w+b")
