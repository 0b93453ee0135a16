"""Where commands write files to: never over the books, and over another file only when told to."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from tui_pos.i18n import _

if TYPE_CHECKING:
    from sqlalchemy import Engine

COMPANIONS = ("", "-wal", "-shm", "-journal")
"""What stands behind the name of a SQLite file in those that belong to it."""


class TargetTaken(Exception):
    """The file cannot be written there; the text says why, and nothing was written."""


def add_force(parser: argparse.ArgumentParser) -> None:
    """The option that lets a command replace a file."""
    parser.add_argument("--force", action="store_true", help=_("replace the file where it is there already"))


def check_target(target: Path, engine: "Engine", *, force: bool) -> None:
    """Raises TargetTaken where `target` is a folder, lies in none, is the database, or a file not given up.

    A pipe or a device is written to, and nothing of it is replaced.
    """
    database = engine.url.database if engine.dialect.name == "sqlite" else None
    if database and any(_same(target, Path(database + companion)) for companion in COMPANIONS):
        raise TargetTaken(
            _("{file} is the database. Nothing was written: name another file.").format(file=target)
        )
    if target.is_dir():
        raise TargetTaken(_("{file} is a folder: name a file in it.").format(file=target))
    if not target.parent.is_dir():
        raise TargetTaken(_("{folder} is not there.").format(folder=target.parent))
    if target.is_file() and not force:
        text = _("{file} is there already: name another file, or replace it by --force.")
        raise TargetTaken(text.format(file=target))


def told_to(target: Path) -> TextIO:
    """Where it is said that `target` was written: beside it, where it may be the standard output itself."""
    return sys.stdout if target.is_file() else sys.stderr


def _same(one: Path, other: Path) -> bool:
    """Also where one is a link to the other."""
    if one.exists() and other.exists():
        return one.samefile(other)
    return one.resolve() == other.resolve()
