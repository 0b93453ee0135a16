"""Folders for backups that are not there: which can be made, and which wait for a disk or stick that is away."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tui_pos.i18n import _
from tui_pos.setup.answers import MAKE_FOLDERS, Answers, address_lines, address_text
from tui_pos.setup.question import Kind, Option, Question, Step

MEDIA = tuple(map(Path, ("/media", "/run/media", "/mnt", "/Volumes")))
"""Below these, systems put what is plugged in."""

FSTAB = Path("/etc/fstab")


@dataclass(frozen=True, slots=True)
class Folders:
    """What became of the folders for backups: those that were made, and why others are not there."""

    made: tuple[Path, ...] = ()
    absent: tuple[tuple[Path, str], ...] = ()


def is_away(folder: Path) -> bool:
    """Whether it lies on something that is not mounted now: made all the same, it would be on another disk."""
    places = (folder, *folder.parents)
    for root in MEDIA:
        if root in folder.parents:
            return not any(place.is_mount() for place in places[: places.index(root) + 1])
    return any(place in places and not place.is_mount() for place in _mount_points())


def _mount_points() -> list[Path]:
    """Where this machine is to mount disks, by fstab(5): the second field, spaces written as \\040."""
    try:
        lines = FSTAB.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    fields = [line.split() for line in lines if not line.lstrip().startswith("#")]
    names = [
        re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), each[1]) for each in fields if each[1:]
    ]
    return [Path(name) for name in names if name.startswith("/")]


def make_absent(folders: Iterable[Path], *, wanted: bool) -> Folders:
    """Make what is not there, if that is wanted, for the till's user alone: whoever holds a backup holds the books."""
    made, absent = [], []
    for folder in folders:
        if folder.is_dir():
            continue
        if is_away(folder):
            absent.append((folder, _away()))
        elif not wanted:
            absent.append((folder, _("make it yourself.")))
        else:
            try:
                folder.mkdir(mode=0o700, parents=True)
                made.append(folder)
            except OSError as error:
                text = _("it cannot be made: {reason}.").format(reason=error.strerror or error)
                absent.append((folder, text))
    return Folders(tuple(made), tuple(absent))


def _away() -> str:
    return _("it lies on something that is not mounted now. Plug it in and do the set-up again, or make it.")


def told(folders: Folders) -> Iterator[str]:
    """A line for each folder that was made, or is not there."""
    for folder in folders.made:
        yield _("Made, for backups: {folder}").format(folder=folder)
    for folder, reason in folders.absent:
        text = _("No backup goes to {folder} before it is there: {reason}")
        yield text.format(folder=folder, reason=reason)


def folders_question(answers: Answers) -> Iterator[Question]:
    """Whether to make what is not there; nothing, where all are."""
    named = (
        Path(name).expanduser() for name in address_lines(address_text(answers.get("backup.folders", "")))
    )
    absent = [folder for folder in named if not folder.is_dir()]
    if not absent:
        return
    away = [folder for folder in absent if is_away(folder)]
    options: tuple[Option, ...] = (
        Option(_("Make what can be made"), {MAKE_FOLDERS: "yes"}),
        Option(_("I make them myself"), {MAKE_FOLDERS: "no"}),
    )
    if away == absent:
        options = (Option(_("Go on"), {MAKE_FOLDERS: "no"}),)
    yield Question(
        MAKE_FOLDERS,
        Step.BACKUP,
        _("Not there"),
        _("These folders are not there, and no backup goes into them before they are."),
        Kind.CHOICE,
        options=lambda: options,
        facts=tuple(f"{folder}: {_away()}" if folder in away else str(folder) for folder in absent),
    )
