"""The machine: backups, disks, the log, scanner and printer, and what sets its clock."""

import datetime as dt
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tui_pos import bootstrap
from tui_pos.doctor.findings import Finding, bad, ok, warn
from tui_pos.i18n import _
from tui_pos.storage.engine import reading
from tui_pos.storage.errors import DatabaseUnavailable

if TYPE_CHECKING:
    from tui_pos.doctor.examine import Patient

LITTLE_BYTES = 500_000_000
"""Below this a disk wants attention; a tenth of it is next to nothing."""

BY_HAND_H = 24
"""How often a backup is expected where the till makes none by itself."""

ANSWER_LIMIT_S = 5


def backups(patient: "Patient") -> Iterator[Finding]:
    """Whether there are any, how old the newest is, and whether the next one can be made."""
    rules = patient.loaded.settings.backup
    if not rules.folders:
        to_do = _("Set backup.folders to folders on another disk or machine.")
        yield warn("backups", _("None are made: the settings name no folder."), to_do)
        return
    if patient.file is None:
        missing = [name for name in ("pg_dump", "pg_restore") if shutil.which(name) is None]
        if missing:
            text = _("Not installed: {names}. No backup can be made.").format(names=", ".join(missing))
            yield bad("backups", text, _("Install PostgreSQL's programs (Debian: postgresql-client)."))
        else:
            yield from _too_old(patient)
    fresh = False
    for folder in rules.folders:
        found = list(_backup_folder(patient, folder, rules.every_h or BY_HAND_H))
        fresh = fresh or any(not finding.level for finding in found)
        yield from found
    if fresh:
        return
    if _is_new(patient, dt.timedelta(hours=rules.every_h or BY_HAND_H)):
        yield warn("backups", _("The shop is new: its first backup is not due yet."), "tui-pos backup")
    else:
        yield bad("backups", _("No folder has a backup of late."), "tui-pos backup")


def _is_new(patient: "Patient", limit: dt.timedelta) -> bool:
    """Whether the till's books began so lately. Books that cannot be read are not new."""
    from tui_pos.journal.clock import begun_at

    if not patient.has_books():
        return True
    try:
        with reading(patient.engine) as session:
            begun = begun_at(session, patient.till)
    except (DatabaseUnavailable, DBAPIError):
        return False
    return begun is None or patient.now - begun < limit


def _too_old(patient: "Patient") -> Iterator[Finding]:
    """pg_dump refuses a server that is newer than itself."""
    command = ["pg_dump", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=ANSWER_LIMIT_S, check=False)
    found = re.search(r"\d+", done.stdout)
    try:
        with reading(patient.engine) as session:
            server = int(session.scalar(text("SHOW server_version_num")) or 0) // 10_000
    except DatabaseUnavailable:
        return  # which the database's own finding tells
    if found is None or int(found[0]) < server:
        words = _("pg_dump is of version {found}, and the server of {server}. No backup can be made.")
        to_do = _("Install the programs of the server's version (Debian: postgresql-client-{server}).")
        yield bad(
            "backups",
            words.format(found=found[0] if found else "?", server=server),
            to_do.format(server=server),
        )


def _backup_folder(patient: "Patient", folder: Path, every_h: int) -> Iterator[Finding]:
    from tui_pos.keeping.files import backups as backups_in

    if not folder.is_dir():
        yield warn("backups", _("{folder} is not there.").format(folder=folder), _("Plug it in, or make it."))
        return
    if not os.access(folder, os.W_OK):
        text = _("{folder} cannot be written.").format(folder=folder)
        yield bad("backups", text, _("See to the rights there."))
        return
    if backups_in(folder, patient.till, doubtful=True):
        text = _("{folder} has a backup of books that were not whole.").format(folder=folder)
        yield warn("backups", text, "tui-pos journal verify")
    if patient.file is not None and _same_disk(folder, patient.file):
        text = _("{folder} is on the same disk as the books.").format(folder=folder)
        yield warn("backups", text, _("Another one, or another machine, is safer."))
    kept = backups_in(folder, patient.till)
    if not kept:
        yield warn("backups", _("{folder} has none.").format(folder=folder), "tui-pos backup")
        return
    zone = patient.loaded.settings.shop.timezone
    past = [each.at for each in kept if each.at <= patient.now]
    if len(past) < len(kept):
        words = _("{folder} has {count} of the future: the clock was wrong then, or is now.")
        to_do = _("Remove them once the clock is right.")
        yield warn("backups", words.format(folder=folder, count=len(kept) - len(past)), to_do)
    if not past:
        return
    newest = past[0]
    text = _("{folder}: {count}, the newest of {time}").format(
        folder=folder, count=len(kept), time=f"{newest.astimezone(zone):%Y-%m-%d %H:%M}"
    )
    if patient.now - newest > dt.timedelta(hours=2 * every_h):
        yield warn("backups", text, "tui-pos backup")
    else:
        yield ok("backups", text)


def _same_disk(folder: Path, file: Path) -> bool:
    return file.exists() and folder.stat().st_dev == file.stat().st_dev


def disks(patient: "Patient") -> Iterator[Finding]:
    """Whether books, log and backups have room to grow."""
    settings = patient.loaded.settings
    folders = [settings.log.folder, *settings.backup.folders]
    if patient.file is not None:
        folders.insert(0, patient.file.parent)
    size = patient.file.stat().st_size if patient.file is not None and patient.file.exists() else 0
    seen: set[int] = set()
    for folder in folders:
        if not folder.is_dir() or (device := folder.stat().st_dev) in seen:
            continue
        seen.add(device)
        free = shutil.disk_usage(folder).free
        text = _("{folder}: {free} MB free").format(folder=folder, free=free // 1_000_000)
        if free < LITTLE_BYTES // 10:
            yield bad("disk", text, _no_room(patient, folder))
        elif free < max(LITTLE_BYTES, 2 * size):
            yield warn("disk", text, _("Make room."))
        else:
            yield ok("disk", text)


def _no_room(patient: "Patient", folder: Path) -> str:
    """What to do about a full disk: it depends on what lies there."""
    if patient.file is not None and folder == patient.file.parent:
        return _("Make room: soon nothing can be sold.")
    if folder == patient.loaded.settings.log.folder:
        return _("Make room: soon nothing can be logged.")
    return _("Make room: soon no backup can be made there.")


def log_folder(patient: "Patient") -> Iterator[Finding]:
    """Whether the log can be written."""
    folder = patient.loaded.settings.log.folder
    there = folder if folder.exists() else next(up for up in folder.parents if up.exists())
    if there.is_dir() and os.access(there, os.W_OK):
        yield ok("log", str(folder))
    else:
        yield bad(
            "log",
            _("{folder} cannot be written.").format(folder=folder),
            _("See to the rights, or log.folder."),
        )


def scanner(patient: "Patient") -> Iterator[Finding]:
    """Whether its line is there and may be opened."""
    settings = patient.loaded.settings.scanner
    if settings.kind == "none":
        yield ok("scanner", _("none on a line; one that types needs no setting"))
    else:
        yield _device("scanner", Path(settings.port))


def printer(patient: "Patient") -> Iterator[Finding]:
    """Whether it is there, may be used, and is ready."""
    from tui_pos.printing.words import fault_text

    settings = patient.loaded.settings.printer
    if settings.kind in ("none", "simulated"):
        yield ok("printer", settings.kind)
        return
    path = (
        settings.path
        if settings.kind == "file"
        else Path(settings.port)
        if settings.kind == "serial"
        else None
    )
    if path is not None:
        found = _device("printer", path)
        if found.level:
            yield found
            return
    if patient.is_open():
        yield ok("printer", _("in use by the till that is open: its light there says how it is"))
        return
    device = bootstrap.build_printer(settings)
    assert device is not None
    try:
        status = device.status()
    finally:
        device.close()
    if status.fault is not None:
        yield bad("printer", fault_text(status.fault), "tui-pos devices --print")
    elif status.paper_low:
        yield warn("printer", _("Its paper is running low."), _("Have a roll at hand."))
    else:
        yield ok(
            "printer",
            _("ready") if status.known else _("reachable; this kind of line cannot ask it how it is"),
        )


def _device(topic: str, path: Path) -> Finding:
    if not path.exists():
        text = _("{path} is not there.").format(path=path)
        return bad(topic, text, _("See to its cable, or to the setting: tui-pos devices lists the ports."))
    if not os.access(path, os.R_OK | os.W_OK):
        text = _("{path} may not be used by this user.").format(path=path)
        return bad(topic, text, _("Let the user into its group (often dialout or lp), and log in anew."))
    return ok(topic, str(path))


def time_service(_patient: "Patient") -> Iterator[Finding]:
    """Whether somebody sets the machine's clock, where the machine can tell."""
    tool = shutil.which("timedatectl")
    if tool is None:
        return
    command = [tool, "show", "--property", "NTPSynchronized", "--value"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=ANSWER_LIMIT_S, check=False)
    except subprocess.TimeoutExpired:
        return
    if done.stdout.strip() == "no":
        to_do = _("Where there is a network: timedatectl set-ntp true")
        yield warn("time", _("Nobody sets the machine's clock right."), to_do)
