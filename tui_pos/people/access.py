"""Logging in: by name and PIN, or by a badge, and a code of the second factor where the shop wants one.

An attempt is counted, durably, before it is looked at, and forgiven once it was right: whoever ends the program in
between gains nothing. So these functions take the engine and make two transactions of it.
"""

import datetime as dt
import logging
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from hardware.scanner.symbols import readings
from tui_pos.i18n import _
from tui_pos.journal import chain
from tui_pos.people import second_factor, staff
from tui_pos.people.actor import Actor, NotAllowed
from tui_pos.people.errors import PeopleError
from tui_pos.people.models import FailedLogin, Staff
from tui_pos.people.permissions import Permission, RoleRights
from tui_pos.people.pins import check_pin, fits, hash_secret, is_outdated
from tui_pos.people.roles import RoleError, rights_of
from tui_pos.storage.engine import reading, writing

log = logging.getLogger(__name__)

FREE_ATTEMPTS = 3
WAITS_S = (5, 15, 60, 300, 900)
"""How long the next attempt must wait after each wrong one beyond those that are free; the last one stays."""


class AccessDenied(PeopleError):
    """No log-in. The text says no more than whoever tries may know."""


class LockedOut(AccessDenied):
    """Too many wrong attempts: nothing is looked at before `until`."""

    def __init__(self, until: dt.datetime, wait_s: int) -> None:
        minutes, seconds = divmod(wait_s, 60)
        wait = _("{minutes} min {seconds} s") if minutes else _("{seconds} s")
        text = _("Too many wrong attempts: try again in {wait}.")
        super().__init__(text.format(wait=wait.format(minutes=minutes, seconds=seconds)))
        self.until = until


class Locked(AccessDenied):
    """Far too many wrong attempts in a row: nothing is looked at before somebody has unlocked `staff_id`."""

    def __init__(self, staff_id: UUID, name: str) -> None:
        text = _(
            "{name} is locked here after too many wrong PINs. An owner or supervisor unlocks them, here or by: "
            "tui-pos staff unlock"
        )
        super().__init__(text.format(name=name))
        self.staff_id = staff_id
        self.name = name


class CodeNeeded(AccessDenied):
    """Name and PIN are right; a code of the second factor is wanted, too."""

    def __init__(self) -> None:
        super().__init__(_("Type the code that your second factor shows, or a recovery code."))


class NoSecondFactor(AccessDenied):
    """Name and PIN are right; a code is wanted of somebody who has set up no second factor."""


@dataclass(frozen=True, slots=True)
class AccessRules:
    """What the shop demands, from its settings. `over_ssh` says that this program was started over SSH."""

    badge_prefix: str = "STAFF-"
    second_factor_roles: frozenset[str] = frozenset()
    second_factor_over_ssh: bool = False
    second_factor_actions: frozenset[Permission] = frozenset()
    idle_lock_s: int = 0  # 0: never
    lock_after: int = 10  # wrong attempts in a row
    over_ssh: bool = False
    second_factor_always: bool = False

    def demands_code(self, role: str) -> bool:
        """Whether somebody of this role logs in with a code."""
        over_ssh = self.second_factor_over_ssh and self.over_ssh
        return self.second_factor_always or over_ssh or role in self.second_factor_roles


@dataclass(frozen=True, slots=True)
class Credentials:
    """What somebody shows: name or id and PIN, or a badge's whole code; and a code of the second factor."""

    who: str | UUID = ""
    pin: str = ""
    badge: str = ""
    code: str = ""


def log_in(engine: Engine, till: str, shown: Credentials, rules: AccessRules, now: dt.datetime) -> Actor:
    """Who acts from now on. Raises AccessDenied, LockedOut, Locked, or CodeNeeded where a code is to be asked for."""
    with _checked(engine, till, shown, rules, now) as (session, row):
        _check_code(row, shown, now, demanded=rules.demands_code(row.role))
        actor = _actor(session, row, rules)
        _journal(session, "log_in", actor, till, now, by="badge" if shown.badge else "pin")
    return actor


def approve(
    engine: Engine,
    till: str,
    shown: Credentials,
    rules: AccessRules,
    refused: NotAllowed,
    actor: Actor,
    reason: str,
    now: dt.datetime,
) -> Actor:
    """`actor` for the one act that was refused, as somebody else allows it; the approval is journalled.

    Raises AccessDenied, and NotAllowed where who would allow it may not do so either.
    """
    with _checked(engine, till, shown, rules, now) as (session, row):
        other = _for_one_act(session, row, shown, rules, refused.permission, now)
        _check_may_allow(other, refused)
        reason = reason.strip()[:200]
        data = {"permission": str(refused.permission), "act": refused.act.words, "for": actor.id}
        amount = {} if refused.act.amount_minor is None else {"amount_minor": refused.act.amount_minor}
        _journal(session, "approval", other, till, now, **data, **amount, reason=reason)
    return actor.allowed_by(other, reason)


def unlock(
    engine: Engine, till: str, shown: Credentials, rules: AccessRules, locked: Locked, now: dt.datetime
) -> None:
    """Let somebody try again, by whoever shows that they may unlock them.

    Raises AccessDenied, NotAllowed, and RoleError where the locked person may do more than whoever shows it.
    """
    with _checked(engine, till, shown, rules, now) as (session, row):
        other = _for_one_act(session, row, shown, rules, Permission.UNLOCK, now)
        staff.unlock(session, locked.staff_id, till=till, actor=other, now=now)


def _for_one_act(
    session: Session, row: Staff, shown: Credentials, rules: AccessRules, act: Permission, now: dt.datetime
) -> Actor:
    """Who vouches for one act, after a code where the shop wants one for it."""
    demanded = rules.demands_code(row.role) or act in rules.second_factor_actions
    proven = _check_code(row, shown, now, demanded=demanded)
    other = _actor(session, row, rules)
    return replace(other, unproven=frozenset()) if proven else other


def could_allow(rights: RoleRights, refused: NotAllowed) -> bool:
    """Whether somebody with these rights could allow it, as far as their own limits go."""
    try:
        _check_may_allow(Actor("", "", "", rights), refused)
    except NotAllowed:
        return False
    return True


def _check_may_allow(other: Actor, refused: NotAllowed) -> None:
    if refused.of_minor or refused.off_minor:
        other.require_off(refused.permission, refused.off_minor, refused.of_minor)
    else:
        other.require(refused.permission)


def is_badge(code: str, prefix: str) -> bool:
    """Whether a scanned code is a badge's and no product's: it begins with `prefix`, which is empty without badges."""
    return bool(prefix) and _plain(code).startswith(prefix)


def may_be_badge(code: str, prefix: str) -> bool:
    """Whether this is a badge's code, or one that the wrong keyboard has garbled. Neither is ever shown or kept."""
    return is_badge(code, prefix) or any(is_badge(reading.code, prefix) for reading in readings(code))


def check_badge(code: str, rules: AccessRules) -> str:
    """The code of a new badge, as it is kept. Raises StaffError where the till would not take it for one."""
    plain = _plain(code)
    if not is_badge(plain, rules.badge_prefix):
        if not rules.badge_prefix:
            raise staff.StaffError(_("This shop has no badges: security.badge_prefix is empty."))
        text = _(
            "A badge's code begins with {prefix} here (security.badge_prefix): nobody could log in with it."
        )
        raise staff.StaffError(text.format(prefix=rules.badge_prefix))
    return plain


def _plain(code: str) -> str:
    """A code without the scanner's AIM prefix, such as ]C0."""
    return code[3:] if code.startswith("]") else code


def change_own_pin(
    engine: Engine, till: str, actor: Actor, rules: AccessRules, old: str, new: str, now: dt.datetime
) -> None:
    """Another PIN, for whoever knows the one of now. Raises BadPin, and AccessDenied where the old one is wrong."""
    check_pin(new)
    with _checked(engine, till, Credentials(who=UUID(actor.id), pin=old), rules, now) as (session, row):
        row.pin_hash = hash_secret(new)
        _journal(session, "pin_changed", actor, till, now)


def log_out(session: Session, till: str, actor: Actor, now: dt.datetime, *, why: str) -> None:
    """Say in the journal that somebody left the till: `why` is lock, idle, changed or end."""
    _journal(session, "log_out", actor, till, now, why=why)


def hand_over(session: Session, till: str, giver: str, taker: Actor, sale_id: UUID, now: dt.datetime) -> None:
    """Somebody else goes on with the open sale: who sold what before stays in the journal."""
    _journal(session, "hand_over", taker, till, now, **{"from": giver, "sale": str(sale_id)})


@contextmanager
def _checked(
    engine: Engine, till: str, shown: Credentials, rules: AccessRules, now: dt.datetime
) -> Iterator[tuple[Session, Staff]]:
    """The person whose credentials are right, in the transaction that forgives their attempts.

    An AccessDenied of the block leaves the attempt counted, except where the PIN was right and no code was shown.
    """
    person = _find(engine, shown)
    if person is None:
        fits("", shown.pin)  # a name that nobody has takes as long as a wrong PIN
        _journal_refused(engine, till, "", now)
        raise AccessDenied(_wrong())
    staff_id, pin_hash = person
    failures_before = _count_attempt(engine, till, staff_id, rules, now)
    try:
        if not shown.badge and not fits(pin_hash, shown.pin):
            raise AccessDenied(_wrong())
        with writing(engine, durable=True) as session:
            row = session.get_one(Staff, staff_id)
            if not row.active or row.pin_hash != pin_hash:
                raise AccessDenied(_wrong())
            yield session, row
            if shown.pin and is_outdated(row.pin_hash):
                row.pin_hash = hash_secret(shown.pin)
            _set_failures(session, till, staff_id, 0, now)
    except (CodeNeeded, NoSecondFactor, NotAllowed, RoleError):
        with writing(engine) as session:
            _set_failures(session, till, staff_id, failures_before, now)
        raise
    except AccessDenied:
        _journal_refused(engine, till, str(staff_id), now)
        raise


def _find(engine: Engine, shown: Credentials) -> tuple[UUID, str] | None:
    """Id and PIN hash of the person who is meant, if there is one who works here."""
    with reading(engine) as session:
        if shown.badge:
            kept = staff.badge_hash(session, _plain(shown.badge))
            if kept is None:  # nobody has a badge yet: who has none is not meant
                return None
            wanted = Staff.badge_hash == kept
        elif isinstance(shown.who, UUID):
            wanted = Staff.id == shown.who
        else:
            wanted = Staff.name == shown.who.strip()
        row = session.execute(select(Staff.id, Staff.pin_hash).where(wanted, Staff.active)).one_or_none()
    return None if row is None else (row[0], row[1])


def _count_attempt(engine: Engine, till: str, staff_id: UUID, rules: AccessRules, now: dt.datetime) -> int:
    """Count this attempt as wrong. Returns how many were before. Raises LockedOut where it comes too early, Locked."""
    with writing(engine, durable=True) as session:
        row = session.get(FailedLogin, (staff_id, till), with_for_update=True)
        before = row.failures if row else 0
        if before >= rules.lock_after:
            raise Locked(staff_id, session.get_one(Staff, staff_id).name)
        # No wait is longer than it was meant to be, also where the clock was set back since.
        until = now if row is None else min(row.locked_until, _until(before, now))
        early = until > now
        failures = before if early else before + 1
        _set_failures(session, till, staff_id, failures, until if early else _until(failures, now))
    if early:
        raise LockedOut(until, math.ceil((until - now).total_seconds()))
    return before


def _until(failures: int, now: dt.datetime) -> dt.datetime:
    return now + dt.timedelta(seconds=wait_s(failures))


def _set_failures(
    session: Session, till: str, staff_id: UUID, failures: int, locked_until: dt.datetime
) -> None:
    if failures:
        session.merge(FailedLogin(staff_id=staff_id, till=till, failures=failures, locked_until=locked_until))
    else:
        session.execute(delete(FailedLogin).where(FailedLogin.staff_id == staff_id, FailedLogin.till == till))


def wait_s(failures: int) -> int:
    """How long the next attempt must wait after so many wrong ones in a row, in seconds."""
    late = failures - FREE_ATTEMPTS
    return 0 if late <= 0 else WAITS_S[min(late, len(WAITS_S)) - 1]


def _journal_refused(engine: Engine, till: str, staff_id: str, now: dt.datetime) -> None:
    try:
        with writing(engine) as session:
            chain.append(
                session,
                till=till,
                stream=chain.EVENTS,
                event="log_in_refused",
                actor=staff_id,
                now=now,
                data={},
            )
    except chain.ClockAhead as error:  # whoever has no PIN is not asked
        log.warning("a wrong PIN is not in the journal: %s", error)


def _wrong() -> str:
    return _("Name and PIN, or the badge, are not right.")


def _check_code(row: Staff, shown: Credentials, now: dt.datetime, *, demanded: bool) -> bool:
    """Whether a right code was shown. Raises CodeNeeded, or AccessDenied for a wrong one or where there is none."""
    if not demanded:
        return False
    if not row.totp_secret:
        text = _(
            "A second factor is demanded, and {name} has none: set it up with `tui-pos staff second-factor`."
        )
        raise NoSecondFactor(text.format(name=row.name))
    if not shown.code:
        raise CodeNeeded
    if not second_factor.accept(row, shown.code, now):
        raise AccessDenied(_("This code is not right, or was used already."))
    return True


def _actor(session: Session, row: Staff, rules: AccessRules) -> Actor:
    rights = rights_of(session, row.role)
    return Actor(
        str(row.id),
        row.name,
        row.role,
        rights,
        row.language,
        unproven=rules.second_factor_actions & rights.permissions,
    )


def _journal(
    session: Session, event: str, actor: Actor, till: str, now: dt.datetime, **data: str | int
) -> None:
    chain.append(session, till=till, stream=chain.EVENTS, event=event, actor=actor.id, now=now, data=data)
