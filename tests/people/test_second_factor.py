"""Codes of a phone, and recovery codes where it is lost."""

import datetime as dt
from uuid import UUID

import pyotp
import pytest
from sqlalchemy import Engine

from tests.rigs.people import BADGE, NOW, PINS, TILL, named
from tui_pos.people import second_factor
from tui_pos.people.access import (
    AccessDenied,
    AccessRules,
    CodeNeeded,
    Credentials,
    LockedOut,
    approve,
    log_in,
)
from tui_pos.people.actor import NotAllowed, NotProven
from tui_pos.people.models import Staff
from tui_pos.people.permissions import Permission
from tui_pos.people.second_factor import Enrolment, SecondFactorError, new_enrolment, qr_lines
from tui_pos.storage.engine import reading, writing

RULES = AccessRules(second_factor_roles=frozenset({"owner", "supervisor"}))
STEP = dt.timedelta(seconds=30)


def code_at(enrolment: Enrolment, at: dt.datetime) -> str:
    return pyotp.TOTP(enrolment.secret).at(at)


def enrol(engine: Engine, name: str = "Ada") -> tuple[Enrolment, tuple[str, ...]]:
    actor = named(engine, name)
    enrolment = new_enrolment("Corner Shop", name)
    with writing(engine) as session:
        code = code_at(enrolment, NOW)
        return enrolment, second_factor.enrol(
            session, UUID(actor.id), enrolment, code, till=TILL, actor=actor, now=NOW
        )


def ada(code: str = "") -> Credentials:
    return Credentials("Ada", PINS["Ada"], code=code)


def test_what_the_phone_is_told() -> None:
    enrolment = new_enrolment("Corner Shop", "Ada")
    parsed = pyotp.parse_uri(enrolment.uri)
    assert (parsed.issuer, parsed.name, parsed.secret) == ("Corner Shop", "Ada", enrolment.secret)
    assert new_enrolment("Corner Shop", "Ada").secret != enrolment.secret


def test_the_rfcs_own_codes_are_right() -> None:
    """RFC 6238, appendix B: the last six of the eight digits for SHA-1."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    vectors = {59: "287082", 1111111109: "081804", 1234567890: "005924", 2000000000: "279037"}
    for seconds, code in vectors.items():
        row = Staff(totp_secret=secret, totp_last_step=0, recovery_hashes="")
        assert second_factor.accept(row, code, dt.datetime.fromtimestamp(seconds, dt.UTC))


def test_a_secret_is_in_force_only_once_it_was_shown_to_work(staffed: Engine) -> None:
    actor = named(staffed, "Ada")
    with writing(staffed) as session:
        with pytest.raises(SecondFactorError, match="clock"):
            second_factor.enrol(
                session,
                UUID(actor.id),
                new_enrolment("x", "Ada"),
                "000000x",
                till=TILL,
                actor=actor,
                now=NOW,
            )
        assert session.get_one(Staff, UUID(actor.id)).totp_secret == ""


def test_a_code_is_asked_for_and_serves_once(staffed: Engine) -> None:
    enrolment, _recovery = enrol(staffed)
    with pytest.raises(CodeNeeded):
        log_in(staffed, TILL, ada(), RULES, NOW)
    with pytest.raises(AccessDenied, match="used already"):  # the one that was shown when it was set up
        log_in(staffed, TILL, ada(code_at(enrolment, NOW)), RULES, NOW)
    later = NOW + 4 * STEP
    code = code_at(enrolment, later)
    assert log_in(staffed, TILL, ada(code), RULES, later).name == "Ada"
    with pytest.raises(AccessDenied):
        log_in(staffed, TILL, ada(code), RULES, later)
    with pytest.raises(AccessDenied):  # nor may an older one be used after it
        log_in(staffed, TILL, ada(code_at(enrolment, later - STEP)), RULES, later)


@pytest.mark.parametrize(("steps", "fits"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_clocks_may_differ_by_one_step(staffed: Engine, steps: int, fits: bool) -> None:
    enrolment, _recovery = enrol(staffed)
    later = NOW + 10 * STEP
    shown = ada(code_at(enrolment, later + steps * STEP))
    if fits:
        assert log_in(staffed, TILL, shown, RULES, later).name == "Ada"
    else:
        with pytest.raises(AccessDenied):
            log_in(staffed, TILL, shown, RULES, later)


def test_guessing_codes_locks_like_guessing_pins(staffed: Engine) -> None:
    enrol(staffed)
    for _each in range(4):
        with pytest.raises(AccessDenied, match="not right"):
            log_in(staffed, TILL, ada("123456"), RULES, NOW)
    with pytest.raises(LockedOut):
        log_in(staffed, TILL, ada("123456"), RULES, NOW)


def test_being_asked_for_the_code_is_no_failure(staffed: Engine) -> None:
    enrol(staffed)
    for _each in range(10):
        with pytest.raises(CodeNeeded):
            log_in(staffed, TILL, ada(), RULES, NOW)


def test_asking_for_the_code_forgives_no_wrong_pin(staffed: Engine) -> None:
    """Whoever knows the PIN cannot use it to guess codes for ever."""
    enrol(staffed)
    for tries in range(4):
        with pytest.raises(AccessDenied, match="not right"):
            log_in(staffed, TILL, ada("123456"), RULES, NOW + tries * STEP)
        if tries < 3:
            with pytest.raises(CodeNeeded):
                log_in(staffed, TILL, ada(), RULES, NOW + tries * STEP)
    with pytest.raises(LockedOut):
        log_in(staffed, TILL, ada(), RULES, NOW + 3 * STEP)


def test_a_badge_wants_the_code_too(staffed: Engine) -> None:
    enrolment, _recovery = enrol(staffed, "Bo")
    later = NOW + 4 * STEP
    with pytest.raises(CodeNeeded):
        log_in(staffed, TILL, Credentials(badge=BADGE), RULES, later)
    shown = Credentials(badge=BADGE, code=code_at(enrolment, later))
    assert log_in(staffed, TILL, shown, RULES, later).name == "Bo"


def test_recovery_codes_serve_once_each(staffed: Engine) -> None:
    _enrolment, recovery = enrol(staffed)
    assert len(set(recovery)) == 8
    first, second = recovery[0], recovery[1]
    assert log_in(staffed, TILL, ada(first), RULES, NOW).name == "Ada"
    with pytest.raises(AccessDenied):
        log_in(staffed, TILL, ada(first), RULES, NOW)
    assert log_in(staffed, TILL, ada(second.replace("-", " ").lower()), RULES, NOW).name == "Ada"
    with reading(staffed) as session:
        row = session.get_one(Staff, UUID(named(staffed, "Ada").id))
        assert len(row.recovery_hashes.split("\n")) == 6
        assert not any(code in row.recovery_hashes for code in recovery)


def test_a_guarded_act_is_proven_by_a_code_for_that_one_act(staffed: Engine) -> None:
    enrolment, _recovery = enrol(staffed)
    rules = AccessRules(second_factor_actions=frozenset({Permission.STAFF}))
    later = NOW + 4 * STEP
    actor = log_in(staffed, TILL, ada(), rules, later)
    with pytest.raises(NotProven) as caught:
        actor.require(Permission.STAFF)
    with pytest.raises(CodeNeeded):
        approve(staffed, TILL, ada(), rules, caught.value, actor, "", later)
    shown = ada(code_at(enrolment, later))
    approve(staffed, TILL, shown, rules, caught.value, actor, "", later).require(Permission.STAFF)
    with pytest.raises(NotProven):
        actor.require(Permission.STAFF)


def test_only_oneself_and_who_may_change_the_staff_sets_it_up_or_takes_it_away(staffed: Engine) -> None:
    enrolment, _recovery = enrol(staffed, "Cleo")
    cleo, bo, owner = (named(staffed, name) for name in ("Cleo", "Bo", "Ada"))
    later = NOW + 4 * STEP
    with writing(staffed) as session:
        for actor in (cleo, bo):
            with pytest.raises(NotAllowed):
                second_factor.take_away(session, UUID(cleo.id), till=TILL, actor=actor, now=later)
        code = code_at(enrolment, later)
        with pytest.raises(NotAllowed):
            second_factor.enrol(session, UUID(cleo.id), enrolment, code, till=TILL, actor=bo, now=later)
        second_factor.take_away(session, UUID(cleo.id), till=TILL, actor=owner, now=later)
        assert session.get_one(Staff, UUID(cleo.id)).totp_secret == ""


def test_the_qr_code_can_be_read_from_its_blocks() -> None:
    import qrcode

    uri = new_enrolment("Corner Shop", "Ada").uri
    lines = qr_lines(uri)
    assert len(lines) <= 24
    assert len({len(line) for line in lines}) == 1
    rows = [[character in blocks for character in line] for line in lines for blocks in ("█▀", "█▄")]
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_L, border=2)
    code.add_data(uri)
    code.make()
    assert rows[: len(code.get_matrix())] == code.get_matrix()
