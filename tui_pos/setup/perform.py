"""The last step of the set-up: settings, database, owner and signing key, all of it or a reason why not."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from config.loading import Loaded, shown
from config.secrets import database_url, find_secret
from config.writing import prepare
from tui_pos import bootstrap
from tui_pos.i18n import _
from tui_pos.journal import chain
from tui_pos.journal.signing import current_key_id, secret_name
from tui_pos.people import staff
from tui_pos.people.actor import Actor
from tui_pos.people.permissions import Permission
from tui_pos.people.roles import OWNER as OWNERS_ROLE
from tui_pos.setup.answers import NOT_SETTINGS, OWNER, PIN, Answers, SettingsFile, text_of
from tui_pos.storage.engine import open_engine, reading, writing
from tui_pos.storage.errors import DatabaseUnavailable

if TYPE_CHECKING:
    from tui_pos.journal.signing import KeyStore

SQLITE = "sqlite:///"


@dataclass(frozen=True, slots=True)
class Done:
    """What the set-up did. `key_id` is empty where the till's private key is lost, `key_place` where it is kept."""

    settings_file: Path
    settings_changed: bool
    database: str
    database_made: bool
    owner: str
    owner_added: bool
    key_id: str
    key_place: str
    key_made: bool

    @property
    def changed(self) -> bool:
        """Whether anything is other than before."""
        return self.settings_changed or self.database_made or self.owner_added or self.key_made


def people_there(loaded: Loaded) -> tuple[str, ...]:
    """The names of those who work in the shop already; nothing is made or changed to find out.

    Raises StartError where the database cannot be reached.
    """
    url = database_url(loaded.settings.database)
    if url.startswith(SQLITE) and not Path(url.removeprefix(SQLITE)).exists():
        return ()
    engine = open_engine(url)
    try:
        if not _has_staff_table(engine, shown("database.url", loaded.settings.database.url)):
            return ()
        with reading(engine) as session:
            return tuple(member.name for member in staff.members(session))
    finally:
        engine.dispose()


def _has_staff_table(engine: Engine, database: str) -> bool:
    """Whether the database is one of ours, from the time when there was staff."""
    from sqlalchemy import inspect
    from sqlalchemy.exc import DBAPIError

    try:
        return inspect(engine).has_table("staff")
    except (DBAPIError, DatabaseUnavailable) as error:
        reason = " ".join(str(getattr(error, "orig", None) or error).partition("\n")[0].split())
        text = _("The database {database} cannot be opened: {reason}. See to it, or name another one.")
        raise bootstrap.StartError(text.format(database=database, reason=reason)) from error


def set_up(
    file: SettingsFile,
    answers: Answers,
    actor: Actor | None,
    now: dt.datetime,
    *,
    keys: "KeyStore | None" = None,
) -> Done:
    """Write everything. `actor` is None only while nobody works in the shop.

    The settings come into force last, so that what fails before leaves the shop as it was; a database that was made
    by then is taken up the next time. Raises ConfigError, StartError, DatabaseError, PeopleError, NotAllowed, OSError.
    """
    if actor is not None:
        actor.require(Permission.SETTINGS)
    text, loaded = file.with_answers(answers)
    url = database_url(loaded.settings.database)
    database_made = url.startswith(SQLITE) and not Path(url.removeprefix(SQLITE)).exists()
    till, changed = loaded.settings.till.name, text != file.text
    prepared = prepare(file.path, text) if changed else None
    try:
        if actor is None:
            _forget_defaults(loaded)
        engine = bootstrap.open_database(loaded)
        try:
            with reading(engine) as session:
                if actor is None and staff.is_set_up(session):
                    raise staff.StaffError(
                        _("There is staff already: somebody who may change it must do this.")
                    )
                had_key = bool(current_key_id(session, till))
            with writing(engine, durable=True) as session:
                added = _add_owner(session, answers, till, actor, now)
                if changed or added:
                    _journal(session, till, answers, actor, now)
            signer = bootstrap.build_signer(engine, till, now, keys)
        finally:
            engine.dispose()
        if prepared is not None:
            prepared.put_in_place()
    finally:
        if prepared is not None:
            prepared.drop()
    kept = find_secret(secret_name(signer.key_id)) if signer is not None and keys is None else None
    return Done(
        settings_file=file.path,
        settings_changed=changed,
        database=shown("database.url", loaded.settings.database.url),
        database_made=database_made,
        owner=text_of(answers, OWNER),
        owner_added=added,
        key_id=signer.key_id if signer else "",
        key_place=kept.source if kept else "",
        key_made=signer is not None and not had_key,
    )


def _forget_defaults(loaded: Loaded) -> None:
    """A till that was started before its set-up has a database by the defaults: its country and currency are to be new.

    Only while nobody has done anything there: no staff, no product, no entry in the journal.
    """
    from sqlalchemy import delete, select

    from tui_pos.catalogue.models import Product, ShopFact, TaxClass, TaxClassRate
    from tui_pos.journal.models import JournalEntry
    from tui_pos.people.models import Staff

    url = database_url(loaded.settings.database)
    if url.startswith(SQLITE) and not Path(url.removeprefix(SQLITE)).exists():
        return
    engine = open_engine(url)
    try:
        if not _has_staff_table(engine, shown("database.url", loaded.settings.database.url)):
            return
        with writing(engine) as session:
            ids = (Staff.id, Product.id, JournalEntry.seq)
            if all(session.scalar(select(column).limit(1)) is None for column in ids):
                for table in (TaxClassRate, TaxClass, ShopFact):
                    session.execute(delete(table))
    finally:
        engine.dispose()


def _add_owner(session: Session, answers: Answers, till: str, actor: Actor | None, now: dt.datetime) -> bool:
    """Take the owner on. False where none was asked for, or one of that name works here: their PIN stays."""
    name = " ".join(text_of(answers, OWNER).split())
    if not name:
        return False
    there = {member.name.casefold() for member in staff.members(session, also_inactive=True)}
    if name.casefold() in there:
        return False
    pin = text_of(answers, PIN)
    staff.add(session, name=name, role=OWNERS_ROLE, pin=pin, till=till, actor=actor, now=now)
    return True


def _journal(session: Session, till: str, answers: Answers, actor: Actor | None, now: dt.datetime) -> None:
    """Which settings were given; what they are is in the file."""
    given = sorted(key for key in answers if key.partition(".")[0] != NOT_SETTINGS)
    chain.append(
        session,
        till=till,
        stream=chain.EVENTS,
        event="set_up",
        actor=actor.id if actor else staff.SET_UP,
        now=now,
        data={"settings": given},
    )


def told(done: Done) -> list[str]:
    """What was done, and what to do now, a line each."""
    if not done.changed:
        lines = [_("Everything is as it was: nothing had to be changed.")]
    else:
        settings = _("Settings: {file}") if done.settings_changed else _("Settings, as they were: {file}")
        database = _("Database, new: {url}") if done.database_made else _("Database: {url}")
        lines = [settings.format(file=done.settings_file), database.format(url=done.database)]
    if done.owner_added:
        lines.append(_("{name} can log in now, as owner.").format(name=done.owner))
    elif done.owner:
        lines.append(_("{name} works here already; the PIN is as it was.").format(name=done.owner))
    if not done.key_id:
        lines.append(_("The till's signing key cannot be read here. See: tui-pos journal keys"))
    elif done.key_made:
        lines.append(
            _("Signing key {key}, kept in: {place}").format(key=done.key_id[:16], place=done.key_place)
        )
        lines.append(
            _(
                "No backup of the books holds this key: keep a copy of it elsewhere, where only you can read it."
            )
        )
    return lines
