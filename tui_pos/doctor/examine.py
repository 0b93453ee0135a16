"""Looking at everything, one after the other. Nothing is changed, created or upgraded.

What fails to be looked at is a finding, too: a doctor who falls over the first broken thing is of no use.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from config.errors import ConfigError
from config.loading import Loaded
from tui_pos import bootstrap
from tui_pos.doctor import books, machine
from tui_pos.doctor.findings import Finding, bad, ok, warn
from tui_pos.i18n import _
from tui_pos.settings_check import load_checked, notes
from tui_pos.setup.refusals import refusal
from tui_pos.storage.engine import open_engine
from tui_pos.storage.errors import DatabaseUnavailable
from tui_pos.storage.lock import is_held

Check = Callable[[], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Patient:
    """What the checks look at."""

    loaded: Loaded
    engine: Engine
    now: dt.datetime
    quick: bool
    file: Path | None  # of the books, where they are a file

    @property
    def till(self) -> str:
        return self.loaded.settings.till.name

    def is_open(self) -> bool:
        """Whether the till runs now, and holds its devices."""
        try:
            return is_held(self.engine, self.till)
        except (OSError, DBAPIError):  # which the database's own finding tells
            return False

    def has_books(self) -> bool:
        """Whether there is anything to read: merely connecting to an empty file of SQLite's would write to it."""
        return self.file is None or (self.file.exists() and self.file.stat().st_size > 0)


def examine(config: Path | None, *, quick: bool) -> list[Finding]:
    """Look at the till that these settings (None: the user's own) describe."""
    try:
        loaded = load_checked(config)
    except ConfigError as error:
        return [bad("settings", refusal(error), _("Mend them: nothing else can be looked at before."))]
    findings = list(_settings(loaded))
    try:
        url = _url(loaded)
    except ConfigError as error:
        return [*findings, bad("secrets", refusal(error))]
    file = Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") else None
    patient = Patient(loaded, open_engine(url), bootstrap.utc_now(), quick, file)
    try:
        return findings + _examined(patient)
    finally:
        patient.engine.dispose()


def _settings(loaded: Loaded) -> Iterable[Finding]:
    place = str(loaded.file.path) if loaded.file else _("no file: everything is as it is by itself")
    yield ok("settings", place)
    for note in notes(loaded.settings):
        yield warn("settings", note)


def _url(loaded: Loaded) -> str:
    from config.secrets import database_url

    return database_url(loaded.settings.database)


def _examined(patient: Patient) -> list[Finding]:
    findings = _looked("database", lambda: books.database(patient))
    if not any(finding.level for finding in findings if finding.topic == "database"):
        for topic, check in (
            ("journal", books.journal),
            ("signing key", books.signing_key),
            ("clock", books.clock),
            ("people", books.people),
            ("pages", books.pages),
        ):
            findings += _looked(topic, lambda check=check: check(patient))  # type: ignore[misc]
    for topic, look in (
        ("backups", machine.backups),
        ("disk", machine.disks),
        ("log", machine.log_folder),
        ("scanner", machine.scanner),
        ("printer", machine.printer),
        ("time", machine.time_service),
    ):
        findings += _looked(topic, lambda look=look: look(patient))  # type: ignore[misc]
    return findings


def _looked(topic: str, check: Check) -> list[Finding]:
    try:
        return list(check())
    except DatabaseUnavailable as error:
        return [bad(topic, str(error))]
    except Exception as error:
        cause = getattr(error, "orig", None) or error  # without what SQLAlchemy adds
        words = " ".join(f"{type(cause).__name__}: {cause}".split())
        return [bad(topic, _("It could not be looked at ({error}).").format(error=words))]
