"""The second factor: codes that change every 30 seconds (TOTP, RFC 6238), and recovery codes for a lost phone."""

import datetime as dt
import hmac
import re
import secrets
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from tui_pos.i18n import _
from tui_pos.journal import chain
from tui_pos.people.actor import Actor
from tui_pos.people.errors import PeopleError
from tui_pos.people.models import Staff
from tui_pos.people.permissions import Permission
from tui_pos.people.pins import fits, hash_secret
from tui_pos.people.roles import check_within, rights_of

STEP_S = 30
DIGITS = 6
STEPS_EITHER_WAY = 1
"""Clocks differ: the code of the step before and of the one after serve, too."""

RECOVERY_CODES = 8
_RECOVERY_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without 0, O, 1 and I: they are written down by hand. Five bits a character."""

_TOTP_CODE = re.compile(r"[0-9]{6}")


class SecondFactorError(PeopleError):
    """A second factor cannot be set up or taken away like that."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A secret that is not in force before a code of it was shown. `uri` is what the QR code says."""

    secret: str
    uri: str


def new_enrolment(shop_name: str, person: str) -> Enrolment:
    """A fresh secret for somebody's phone. Nothing is kept yet."""
    import pyotp

    secret = pyotp.random_base32()
    totp = pyotp.TOTP(secret, digits=DIGITS, interval=STEP_S)
    return Enrolment(secret, totp.provisioning_uri(name=person, issuer_name=shop_name))


def qr_lines(text: str) -> list[str]:
    """A QR code with its quiet zone, two of its rows to a line of half blocks: dark parts are drawn, light ones not."""
    import qrcode

    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_L, border=2)
    code.add_data(text)
    code.make()
    rows = code.get_matrix()
    if len(rows) % 2:
        rows.append([False] * len(rows[0]))
    blocks = {(True, True): "█", (True, False): "▀", (False, True): "▄", (False, False): " "}
    return [
        "".join(blocks[upper, lower] for upper, lower in zip(*pair, strict=True))
        for pair in zip(rows[::2], rows[1::2], strict=True)
    ]


def enrol(
    session: Session,
    staff_id: UUID,
    enrolment: Enrolment,
    code: str,
    *,
    till: str,
    actor: Actor,
    now: dt.datetime,
) -> tuple[str, ...]:
    """Demand codes of this secret from now on, once one of them is right. Returns the recovery codes, shown only now.

    For oneself, or by who may change the staff. Raises SecondFactorError for a wrong code.
    """
    row = _of(session, staff_id, actor)
    step = _matching_step(enrolment.secret, code.strip(), now)
    if step is None:
        raise SecondFactorError(_("This code is not right. Is the clock of phone and till the same?"))
    recovery = tuple(_recovery_code() for _each in range(RECOVERY_CODES))
    row.totp_secret = enrolment.secret
    row.totp_last_step = step
    row.recovery_hashes = "\n".join(hash_secret(_bare(code)) for code in recovery)
    _journal(session, "second_factor_set", row, till, actor, now)
    return recovery


def take_away(session: Session, staff_id: UUID, *, till: str, actor: Actor, now: dt.datetime) -> None:
    """No second factor any more, because the phone is lost. Needs STAFF, also for oneself."""
    actor.require(Permission.STAFF)
    row = _of(session, staff_id, actor)
    row.totp_secret, row.recovery_hashes = "", ""
    _journal(session, "second_factor_taken_away", row, till, actor, now)


def accept(row: Staff, code: str, now: dt.datetime) -> bool:
    """Whether the code is right and was not used before; it is used then. For the caller's transaction."""
    code = code.strip()
    if _TOTP_CODE.fullmatch(code):
        step = _matching_step(row.totp_secret, code, now, after=row.totp_last_step)
        if step is None:
            return False
        row.totp_last_step = step
        return True
    return _use_recovery_code(row, _bare(code))


def _use_recovery_code(row: Staff, code: str) -> bool:
    hashes = row.recovery_hashes.split("\n") if row.recovery_hashes else []
    for stored in hashes:
        if fits(stored, code):
            row.recovery_hashes = "\n".join(other for other in hashes if other != stored)
            return True
    return False


def _matching_step(secret: str, code: str, now: dt.datetime, *, after: int = 0) -> int | None:
    """The step whose code this is, among those that serve now and were not used yet."""
    import pyotp

    totp = pyotp.TOTP(secret, digits=DIGITS, interval=STEP_S)
    present = int(now.timestamp()) // STEP_S
    for step in range(present - STEPS_EITHER_WAY, present + STEPS_EITHER_WAY + 1):
        if step > after and hmac.compare_digest(totp.generate_otp(step).encode(), code.encode()):
            return step
    return None


def _recovery_code() -> str:
    text = "".join(secrets.choice(_RECOVERY_ALPHABET) for _each in range(10))
    return f"{text[:5]}-{text[5:]}"


def _bare(code: str) -> str:
    return code.replace("-", "").replace(" ", "").upper()


def _of(session: Session, staff_id: UUID, actor: Actor) -> Staff:
    row = session.get_one(Staff, staff_id)
    if actor.id != str(staff_id):
        actor.require(Permission.STAFF)
        check_within(actor, rights_of(session, row.role))
    return row


def _journal(session: Session, event: str, row: Staff, till: str, actor: Actor, now: dt.datetime) -> None:
    chain.append(
        session,
        till=till,
        stream=chain.EVENTS,
        event=event,
        actor=actor.id,
        now=now,
        data={"staff": str(row.id), **actor.approval()},
    )
