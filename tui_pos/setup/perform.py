"""The last step of the set-up: settings, database, owner and signing key, all of it or a reason why not."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from config.loading import shown
from config.secrets import find_secret
from config.writing import prepare
from tui_pos import bootstrap
from tui_pos.i18n import _
from tui_pos.journal import chain
from tui_pos.journal.signing import current_key_id, secret_name
from tui_pos.people import staff
from tui_pos.people.actor import Actor
from tui_pos.people.permissions import Permission
from tui_pos.people.roles import OWNER as OWNERS_ROLE
from tui_pos.settings_check import drawers_together
from tui_pos.setup.answers import ASKED, MAKE_FOLDERS, OWNER, PIN, Answers, SettingsFile, text_of
from tui_pos.setup.books import is_there, settle
from tui_pos.setup.folders import Folders, make_absent
from tui_pos.setup.folders import told as folders_told
from tui_pos.storage.engine import writing

if TYPE_CHECKING:
    from tui_pos.journal.signing import KeyStore


@dataclass(frozen=True, slots=True)
class Done:
    """What the set-up did.

    `key_id` is empty where the till's private key is lost, `key_place` says where it is kept. `country` is empty where
    it is the one of before, and `taxes_fit` says whether the tax classes are its own.
    """

    settings_file: Path
    settings_changed: bool
    database: str
    database_made: bool
    owner: str
    owner_added: bool
    key_id: str
    key_place: str
    key_made: bool
    changes: tuple[str, ...]
    country: str
    taxes_fit: bool
    folders: Folders
    notes: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether anything is other than before."""
        return (
            self.settings_changed
            or self.database_made
            or self.owner_added
            or self.key_made
            or bool(self.folders.made)
        )


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
    database_made = not is_there(loaded)
    till, changed = loaded.settings.till.name, text != file.text
    country, before = loaded.settings.shop.country, file.before()
    moved = before is None or country != before.settings.shop.country
    prepared = prepare(file.path, text) if changed else None
    try:
        with bootstrap.opening(loaded):
            engine = bootstrap.open_tables(loaded, make=True, as_till=True)
        try:
            with writing(engine, durable=True) as session:
                if actor is None and staff.is_set_up(session):
                    raise staff.StaffError(
                        _("There is staff already: somebody who may change it must do this.")
                    )
                had_key = bool(current_key_id(session, till))
                taxes_fit = settle(session, loaded.settings)
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
    wanted = answers.get(MAKE_FOLDERS, "yes") == "yes"
    folders = make_absent(loaded.settings.backup.folders, wanted=wanted)
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
        changes=file.changes(loaded),
        country=country if moved else "",
        taxes_fit=taxes_fit,
        folders=folders,
        notes=tuple(drawers_together(loaded.settings)),
    )


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
    given = sorted(key for key in answers if key in ASKED)
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
    """What was done, and what to do now, a line each; first what must be read, for a small terminal shows no more."""
    lines = [*_owner_told(done), *_key_told(done), *folders_told(done.folders), *done.notes]
    if done.changes:
        lines.append(_("Changed: {settings}").format(settings=", ".join(done.changes)))
    if done.country:
        taxes = _("Tax classes and rates: those of {country}.")
        if not done.taxes_fit:
            taxes = _("The tax classes stay as they were, and are not those of {country}. See: tui-pos taxes")
        lines.append(taxes.format(country=done.country))
    if not done.changed:
        return [_("Everything is as it was: nothing had to be changed."), *lines]
    settings = _("Settings: {file}") if done.settings_changed else _("Settings, as they were: {file}")
    database = _("Database, new: {url}") if done.database_made else _("Database: {url}")
    return [*lines, settings.format(file=done.settings_file), database.format(url=done.database)]


def _owner_told(done: Done) -> list[str]:
    if done.owner_added:
        return [_("{name} can log in now, as owner.").format(name=done.owner)]
    if done.owner:
        return [_("{name} works here already; the PIN is as it was.").format(name=done.owner)]
    return []


def _key_told(done: Done) -> list[str]:
    if not done.key_id:
        return [_("The till's signing key cannot be read here. See: tui-pos journal keys")]
    if not done.key_made:
        return []
    return [
        _("Signing key {key}, kept in: {place}").format(key=done.key_id[:16], place=done.key_place),
        _("No backup of the books holds this key: keep a copy of it elsewhere, where only you can read it."),
    ]
