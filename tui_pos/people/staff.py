"""Keeping the staff: who there is, what role they have, and what they log in with. Each function is one act."""

import datetime as dt
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from tui_pos.i18n import _, languages
from tui_pos.journal import chain
from tui_pos.people.actor import Actor
from tui_pos.people.errors import PeopleError
from tui_pos.people.models import BadgeKey, FailedLogin, Staff
from tui_pos.people.permissions import Permission
from tui_pos.people.pins import check_pin, hash_secret
from tui_pos.people.roles import check_within, rights_of, roles
from tui_pos.storage.ids import new_id

MAX_NAME_LENGTH = 80
MIN_BADGE_LENGTH, MAX_BADGE_LENGTH = 8, 200
SET_UP = "set-up"
"""Who acts in the journal before there is anybody."""


class StaffError(PeopleError):
    """A member of staff that does not exist, or cannot be like that."""


@dataclass(frozen=True, slots=True)
class Member:
    """A person as lists show them; nothing that they log in with."""

    id: UUID
    name: str
    role: str
    language: str
    active: bool
    has_badge: bool
    has_second_factor: bool


def members(session: Session, *, also_inactive: bool = False) -> list[Member]:
    """The staff by their names."""
    query = select(Staff).order_by(Staff.name)
    found = session.scalars(query if also_inactive else query.where(Staff.active))
    return [member_of(row) for row in found]


def member_of(row: Staff) -> Member:
    """What may be shown of a person."""
    return Member(
        row.id,
        row.name,
        row.role,
        row.language,
        row.active,
        has_badge=row.badge_hash is not None,
        has_second_factor=bool(row.totp_secret),
    )


def is_set_up(session: Session) -> bool:
    """Whether there is anybody who can log in."""
    return session.scalar(select(Staff.id).where(Staff.active).limit(1)) is not None


def find_member(session: Session, who: str | UUID) -> Member:
    """A person by name or id, active or not. Raises StaffError."""
    return member_of(_row(session, who))


def actor_of(session: Session, who: str | UUID) -> Actor:
    """A person as whoever acts, without asking for a PIN: for a caller that knows them already. Raises StaffError."""
    row = _row(session, who)
    if not row.active:
        raise StaffError(_("{name} does not work here any more.").format(name=row.name))
    return Actor(str(row.id), row.name, row.role, rights_of(session, row.role), row.language)


def names_by_id(session: Session, ids: Sequence[str]) -> dict[str, str]:
    """The names of those who acted, by the ids that rows and journal hold; an id that is no person's is left out."""
    wanted = []
    for text in set(ids):
        try:
            wanted.append(UUID(text))
        except ValueError:
            continue
    return {
        str(i): name for i, name in session.execute(select(Staff.id, Staff.name).where(Staff.id.in_(wanted)))
    }


def add(
    session: Session,
    *,
    name: str,
    role: str,
    pin: str,
    till: str,
    actor: Actor | None,
    now: dt.datetime,
    badge: str = "",
    language: str = "",
) -> Member:
    """Take somebody on. Without an actor only the very first, who must be able to take on the others.

    Raises StaffError or RoleError where the name is taken, the role unknown or above the actor's own, the badge
    somebody's already; BadPin for a PIN that is none.
    """
    if actor is not None:
        actor.require(Permission.STAFF)
    rights = rights_of(session, role)
    if actor is not None:
        check_within(actor, rights)
    elif session.scalar(select(Staff.id).limit(1)) is not None:
        raise StaffError(_("There is staff already: somebody who may change it must do this."))
    elif Permission.STAFF not in rights.permissions:
        raise StaffError(_("The first person must be able to take on the others: make them the owner."))
    row = Staff(
        id=new_id(now),
        name=_free_name(session, name),
        role=role,
        pin_hash=hash_secret(check_pin(pin)),
        badge_hash=_free_badge(session, badge) if badge else None,
        language=_known_language(language),
        created_at=now,
    )
    session.add(row)
    session.flush()
    _journal(session, "staff_added", row, till, actor, now, role=role)
    return member_of(row)


def change(
    session: Session,
    who: str | UUID,
    *,
    till: str,
    actor: Actor,
    now: dt.datetime,
    name: str | None = None,
    role: str | None = None,
    pin: str | None = None,
    badge: str | None = None,
    language: str | None = None,
    active: bool | None = None,
) -> Member:
    """Change what is given, leave the rest. An empty badge takes it away. A new PIN or `active` ends a lock-out.

    Raises StaffError, RoleError or BadPin, as `add`; also where nobody would be left who may change the staff.
    """
    actor.require(Permission.STAFF)
    row = _row(session, who)
    check_within(actor, rights_of(session, row.role))
    if role is not None:
        check_within(actor, rights_of(session, role))
        row.role = role
    if name is not None:
        row.name = _free_name(session, name, row.id)
    if badge is not None:
        row.badge_hash = _free_badge(session, badge, row.id) if badge else None
    if language is not None:
        row.language = _known_language(language)
    if active is not None:
        row.active = active
    if pin is not None:
        row.pin_hash = hash_secret(check_pin(pin))
    if pin is not None or active:
        session.execute(delete(FailedLogin).where(FailedLogin.staff_id == row.id))
    session.flush()
    _check_somebody_left(session)
    given = {"name": name, "role": role, "pin": pin, "badge": badge, "language": language, "active": active}
    changed = sorted(key for key, value in given.items() if value is not None)
    _journal(session, "staff_changed", row, till, actor, now, role=row.role, changed=changed)
    return member_of(row)


def deactivate(session: Session, who: str | UUID, *, till: str, actor: Actor, now: dt.datetime) -> Member:
    """Somebody has left: their name stays in the books, and they cannot log in. Raises StaffError as `change`."""
    return change(session, who, till=till, actor=actor, now=now, active=False)


def unlock(session: Session, who: str | UUID, *, till: str, actor: Actor, now: dt.datetime) -> None:
    """Forgive wrong PINs at every till. Raises StaffError, and RoleError for whoever may do more than the actor."""
    actor.require(Permission.UNLOCK)
    row = _row(session, who)
    check_within(actor, rights_of(session, row.role))
    session.execute(delete(FailedLogin).where(FailedLogin.staff_id == row.id))
    _journal(session, "staff_unlocked", row, till, actor, now)


def badge_hash(session: Session, badge: str) -> str | None:
    """What is kept of a badge's code: SHA-256 with the shop's own key, so that it can be looked up in one step.

    None where the shop has no badges yet.
    """
    row = session.get(BadgeKey, 1)
    return None if row is None else hmac.new(row.key, badge.encode(), hashlib.sha256).hexdigest()


def check_name(name: str) -> str:
    """The name, tidied, if it may be one. Raises StaffError."""
    tidy = " ".join(name.split())
    if not (0 < len(tidy) <= MAX_NAME_LENGTH and tidy.isprintable()):
        raise StaffError(_("A name has 1 to 80 characters that can be printed."))
    return tidy


def _row(session: Session, who: str | UUID) -> Staff:
    wanted = Staff.id == who if isinstance(who, UUID) else Staff.name == who.strip()
    try:
        return session.scalars(select(Staff).where(wanted)).one()
    except NoResultFound:
        raise StaffError(_("There is nobody called {name} among the staff.").format(name=who)) from None


def _free_name(session: Session, name: str, own: UUID | None = None) -> str:
    """The name, tidied, if nobody else has it in whatever case."""
    tidy = check_name(name)
    folded = tidy.casefold()
    for other_id, other in session.execute(select(Staff.id, Staff.name)):
        if other_id != own and other.casefold() == folded:
            raise StaffError(_("There is somebody called {name} already.").format(name=other))
    return tidy


def _known_language(language: str) -> str:
    """The language, if the till speaks it; empty is that of the shop."""
    if language and language.partition("_")[0] not in languages():
        text = _("There are no texts in {language}. There are: {known}")
        raise StaffError(text.format(language=language, known=", ".join(languages())))
    return language


def _free_badge(session: Session, badge: str, own: UUID | None = None) -> str | None:
    if not (MIN_BADGE_LENGTH <= len(badge) <= MAX_BADGE_LENGTH and badge.isprintable()):
        raise StaffError(_("A badge's code has 8 to 200 characters: the longer, the harder to guess."))
    if session.get(BadgeKey, 1) is None:
        session.add(BadgeKey(id=1, key=secrets.token_bytes(32)))
        session.flush()
    kept = badge_hash(session, badge)
    owner = session.scalar(select(Staff.id).where(Staff.badge_hash == kept))
    if owner is not None and owner != own:
        raise StaffError(_("This badge belongs to somebody already."))
    return kept


def _check_somebody_left(session: Session) -> None:
    rights = roles(session)
    held = session.scalars(select(Staff.role).where(Staff.active))
    if not any(Permission.STAFF in rights[role].permissions for role in held if role in rights):
        raise StaffError(
            _("Then nobody could change the staff any more: give somebody else that role first.")
        )


def _journal(
    session: Session,
    event: str,
    row: Staff,
    till: str,
    actor: Actor | None,
    now: dt.datetime,
    **data: Any,
) -> None:
    chain.append(
        session,
        till=till,
        stream=chain.EVENTS,
        event=event,
        actor=actor.id if actor else SET_UP,
        now=now,
        data={"staff": str(row.id), "name": row.name, **data, **(actor.approval() if actor else {})},
    )
