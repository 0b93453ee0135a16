"""Roles: those that exist from the start, and what the shop made of them."""

import datetime as dt
import re
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from tui_pos.i18n import _
from tui_pos.journal import chain
from tui_pos.people.actor import Actor
from tui_pos.people.errors import PeopleError
from tui_pos.people.models import Role, Staff
from tui_pos.people.permissions import BUILT_IN, Permission, RoleRights

OWNER = "owner"
SERVICE = "service"
"""What commands may do that nobody answers for. It is nobody's role."""

_CODE = re.compile(r"[a-z][a-z0-9_-]{0,31}")


class RoleError(PeopleError):
    """A role that does not exist, or cannot be like that."""


def roles(session: Session) -> dict[str, RoleRights]:
    """Every role with its rights: the shop's own rows stand before the built-in ones of the same name."""
    return BUILT_IN | {role.code: _rights(role) for role in session.scalars(select(Role))}


def role_name(role: str) -> str:
    """A role as people call it; one of the shop's own goes by its name."""
    built_in = {
        "cashier": _("cashier"),
        "supervisor": _("supervisor"),
        "owner": _("owner"),
        "bookkeeper": _("bookkeeper"),
        SERVICE: _("service"),
    }
    return built_in.get(role, role)


def rights_of(session: Session, role: str) -> RoleRights:
    """What a role may do. Raises RoleError if there is none of that name."""
    row = session.get(Role, role)
    found = _rights(row) if row is not None else BUILT_IN.get(role)
    if found is None:
        raise RoleError(
            _("There is no role {role}. There are: {known}").format(
                role=role, known=", ".join(sorted(roles(session)))
            )
        )
    return found


def _rights(row: Role) -> RoleRights:
    known = {str(permission) for permission in Permission}
    # What a newer version allowed and this one does not know is no right here.
    held = frozenset(Permission(name) for name in row.permissions.split() if name in known)
    return RoleRights(held, row.max_discount_percent, row.max_price_change_percent)


def parse_permissions(text: str) -> frozenset[Permission]:
    """Permissions by their names, parted by commas or spaces. Raises RoleError naming one that does not exist."""
    known = {str(permission): permission for permission in Permission}
    names = text.replace(",", " ").split()
    for name in names:
        if name not in known:
            raise RoleError(
                _("There is no permission {name}. There are: {known}").format(
                    name=name, known=", ".join(known)
                )
            )
    return frozenset(known[name] for name in names)


def set_role(
    session: Session, code: str, rights: RoleRights, *, till: str, actor: Actor, now: dt.datetime
) -> None:
    """Make a role of the shop's own, or give one other rights.

    Raises RoleError for a name that is none, for the owner's (who can do everything, so that somebody always can),
    and for rights beyond those of who gives them.
    """
    actor.require(Permission.STAFF)
    if not _CODE.fullmatch(code):
        raise RoleError(_("A role's name has up to 32 small letters, digits, - and _."))
    if code == OWNER:
        raise RoleError(_("The owner may do everything: give that role to fewer people instead."))
    for limit in (rights.max_discount_percent, rights.max_price_change_percent):
        if limit is not None and not 0 <= limit <= 100:
            raise RoleError(_("A limit is a percentage from 0 to 100."))
    check_within(actor, rights)
    if code in roles(session):
        check_within(actor, rights_of(session, code))
    session.merge(
        Role(
            code=code,
            permissions=" ".join(sorted(rights.permissions)),
            max_discount_percent=rights.max_discount_percent,
            max_price_change_percent=rights.max_price_change_percent,
        )
    )
    session.flush()
    data = {
        "role": code,
        "permissions": sorted(rights.permissions),
        "max_discount_percent": _limit_text(rights.max_discount_percent),
        "max_price_change_percent": _limit_text(rights.max_price_change_percent),
    }
    chain.append(
        session,
        till=till,
        stream=chain.EVENTS,
        event="role_set",
        actor=actor.id,
        now=now,
        data={**data, **actor.approval()},
    )


def remove_role(session: Session, code: str, *, till: str, actor: Actor, now: dt.datetime) -> None:
    """Forget a role of the shop's own; a built-in one is as it was from the start.

    Raises RoleError if it was never set, or if people have it who would then have none.
    """
    actor.require(Permission.STAFF)
    row = session.get(Role, code)
    if row is None:
        raise RoleError(_("The role {role} was never changed.").format(role=code))
    check_within(actor, _rights(row))
    check_within(actor, BUILT_IN.get(code, RoleRights(frozenset())))
    holder = session.scalar(select(Staff.name).where(Staff.role == code).limit(1))
    if code not in BUILT_IN and holder is not None:
        raise RoleError(
            _("{name} has the role {role}: give everybody another one first.").format(name=holder, role=code)
        )
    session.delete(row)
    session.flush()
    chain.append(
        session,
        till=till,
        stream=chain.EVENTS,
        event="role_removed",
        actor=actor.id,
        now=now,
        data={"role": code, **actor.approval()},
    )


def check_within(actor: Actor, rights: RoleRights) -> None:
    """Nobody gives or takes what is beyond their own rights. Raises RoleError."""
    mine = actor.rights
    limits = (
        (mine.max_discount_percent, rights.max_discount_percent),
        (mine.max_price_change_percent, rights.max_price_change_percent),
    )
    within = all(own is None or (other is not None and other <= own) for own, other in limits)
    if not within or not rights.permissions <= mine.permissions:
        raise RoleError(_("That goes beyond what {name} may do.").format(name=actor.name))


def _limit_text(limit: Decimal | None) -> str | None:
    return None if limit is None else f"{limit:f}"
