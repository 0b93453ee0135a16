"""Logging in, being kept out, and allowing what another may not."""

import datetime as dt
import json
from dataclasses import replace
from uuid import UUID

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from tests.rigs.people import BADGE, NOW, OWNER, PINS, TILL, named
from tui_pos.journal.models import JournalEntry
from tui_pos.people import access, pins
from tui_pos.people.access import (
    AccessDenied,
    AccessRules,
    Credentials,
    Locked,
    LockedOut,
    NoSecondFactor,
    approve,
    change_own_pin,
    is_badge,
    log_in,
    unlock,
    wait_s,
)
from tui_pos.people.actor import NotAllowed, NotProven, naming
from tui_pos.people.acts import act_name
from tui_pos.people.models import FailedLogin, Staff
from tui_pos.people.permissions import Permission
from tui_pos.people.pins import BadPin
from tui_pos.people.roles import RoleError
from tui_pos.people.staff import add, deactivate
from tui_pos.storage.engine import open_engine, reading, writing

RULES = AccessRules()


def after(seconds: float) -> dt.datetime:
    return NOW + dt.timedelta(seconds=seconds)


def wrong(engine: Engine, at: dt.datetime = NOW, name: str = "Cleo", till: str = TILL) -> None:
    with pytest.raises(AccessDenied, match="are not right"):
        log_in(engine, till, Credentials(name, "9182"), RULES, at)


def lock(engine: Engine) -> None:
    """Four wrong PINs: the fifth attempt must wait five seconds."""
    for _each in range(4):
        wrong(engine)


def events(engine: Engine) -> list[tuple[str, str]]:
    with reading(engine) as session:
        rows = session.execute(select(JournalEntry.event, JournalEntry.actor).order_by(JournalEntry.seq))
        return [(event, actor) for event, actor in rows if not event.startswith("staff_")]


@pytest.mark.parametrize("name", list(PINS))
def test_name_or_id_and_pin_let_in(staffed: Engine, name: str) -> None:
    actor = log_in(staffed, TILL, Credentials(name, PINS[name]), RULES, NOW)
    assert actor == named(staffed, name)
    assert log_in(staffed, TILL, Credentials(UUID(actor.id), PINS[name]), RULES, NOW) == actor
    assert events(staffed) == [("log_in", actor.id)] * 2


@pytest.mark.parametrize("code", [BADGE, f"]C0{BADGE}"])
def test_a_badge_lets_in(staffed: Engine, code: str) -> None:
    assert is_badge(code, RULES.badge_prefix)
    assert log_in(staffed, TILL, Credentials(badge=code), RULES, NOW).name == "Bo"


@pytest.mark.parametrize(
    "shown",
    [
        Credentials("Cleo", "4711"),
        Credentials("Cleo", ""),
        Credentials("", "2974"),
        Credentials("Zoe", "2974"),
        Credentials(UUID(int=7), "2974"),
        Credentials(badge="STAFF-9999-9999"),
        Credentials(),
    ],
)
def test_whatever_is_wrong_is_told_alike(staffed: Engine, shown: Credentials) -> None:
    with pytest.raises(AccessDenied) as caught:
        log_in(staffed, TILL, shown, RULES, NOW)
    assert str(caught.value) == "Name and PIN, or the badge, are not right."
    assert [event for event, _actor in events(staffed)] == ["log_in_refused"]


def test_an_unknown_name_costs_as_much_as_a_wrong_pin(
    staffed: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed = []
    hasher = pins._hasher()

    class Counting(PasswordHasher):
        def hash(self, *args: object, **more: object) -> str:
            hashed.append("hash")
            return hasher.hash("x")

        def verify(self, *args: object) -> bool:  # type: ignore[override]
            hashed.append("verify")
            return hasher.verify(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(pins, "_hasher", Counting)
    wrong(staffed, name="Zoe")
    wrong(staffed, name="Cleo")
    assert len(hashed) == 2


@pytest.mark.parametrize("people", [1, 2])
def test_where_nobody_has_a_badge_none_lets_in(engine: Engine, people: int) -> None:
    with writing(engine) as session:
        add(session, name="Ada", role="owner", pin="2974", till=TILL, actor=None, now=NOW)
        if people == 2:
            add(session, name="Bo", role="cashier", pin="2974", till=TILL, actor=OWNER, now=NOW)
    with pytest.raises(AccessDenied):
        log_in(engine, TILL, Credentials(badge=BADGE), RULES, NOW)


def test_badges_begin_as_the_settings_say() -> None:
    assert not is_badge("5449000000996", RULES.badge_prefix)
    assert not is_badge(BADGE, "")
    assert is_badge("KEY1", "KEY")


def test_who_has_left_stays_out(staffed: Engine) -> None:
    ada = named(staffed, "Ada")
    with writing(staffed) as session:
        deactivate(session, "Bo", till=TILL, actor=ada, now=NOW)
    for shown in (Credentials("Bo", PINS["Bo"]), Credentials(badge=BADGE)):
        with pytest.raises(AccessDenied):
            log_in(staffed, TILL, shown, RULES, NOW)


def test_wrong_pins_slow_down_and_then_lock(staffed: Engine) -> None:
    at, waits = NOW, []
    for _each in range(10):
        wrong(staffed, at)
        with reading(staffed) as session:
            until = session.scalars(select(FailedLogin.locked_until)).one()
        waits.append(int((until - at).total_seconds()))
        at = until
    assert waits == [0, 0, 0, 5, 15, 60, 300, 900, 900, 900]
    later = at + dt.timedelta(days=7)
    for shown in (Credentials("Cleo", PINS["Cleo"]), Credentials("Cleo", "9182")):
        with pytest.raises(Locked, match="Cleo is locked here"):
            log_in(staffed, TILL, shown, RULES, later)
    assert log_in(staffed, "till2", Credentials("Cleo", PINS["Cleo"]), RULES, later).name == "Cleo"


def locked_out(engine: Engine, name: str) -> Locked:
    with writing(engine) as session:
        who = UUID(named(engine, name).id)
        session.add(FailedLogin(staff_id=who, till=TILL, failures=RULES.lock_after, locked_until=NOW))
    with pytest.raises(Locked) as caught:
        log_in(engine, TILL, Credentials(name, PINS[name]), RULES, NOW)
    return caught.value


def test_a_supervisor_unlocks_at_the_till(staffed: Engine) -> None:
    locked = locked_out(staffed, "Cleo")
    unlock(staffed, TILL, Credentials(badge=BADGE), RULES, locked, NOW)
    assert log_in(staffed, TILL, Credentials("Cleo", PINS["Cleo"]), RULES, NOW).name == "Cleo"
    bo, cleo = named(staffed, "Bo"), named(staffed, "Cleo")
    with reading(staffed) as session:
        entry = session.scalars(select(JournalEntry).where(JournalEntry.event == "staff_unlocked")).one()
    assert (entry.actor, json.loads(entry.body)["data"]["staff"]) == (bo.id, cleo.id)


def test_who_may_not_unlocks_nobody_and_nobody_unlocks_who_is_above_them(staffed: Engine) -> None:
    locked = locked_out(staffed, "Ada")
    with pytest.raises(NotAllowed):
        unlock(staffed, TILL, Credentials("Cleo", PINS["Cleo"]), RULES, locked, NOW)
    for _each in range(RULES.lock_after):  # the PIN was right: that is no failure of Bo's
        with pytest.raises(RoleError):
            unlock(staffed, TILL, Credentials("Bo", PINS["Bo"]), RULES, locked, NOW)
    with pytest.raises(Locked):
        unlock(staffed, TILL, Credentials("Ada", PINS["Ada"]), RULES, locked, NOW)


def test_the_right_pin_waits_too_and_forgives(staffed: Engine) -> None:
    lock(staffed)
    right = Credentials("Cleo", PINS["Cleo"])
    with pytest.raises(LockedOut, match="try again in 5 s"):
        log_in(staffed, TILL, right, RULES, NOW)
    with pytest.raises(LockedOut, match="try again in 1 s"):
        log_in(staffed, TILL, right, RULES, after(4.5))
    assert log_in(staffed, TILL, right, RULES, after(5)).name == "Cleo"
    for _each in range(3):
        wrong(staffed, after(6))
    assert log_in(staffed, TILL, right, RULES, after(6)).name == "Cleo"


def test_a_lock_is_one_persons_at_one_till(staffed: Engine) -> None:
    lock(staffed)
    assert log_in(staffed, TILL, Credentials("Ada", PINS["Ada"]), RULES, NOW).name == "Ada"
    assert log_in(staffed, "till2", Credentials("Cleo", PINS["Cleo"]), RULES, NOW).name == "Cleo"
    with pytest.raises(LockedOut):
        log_in(staffed, TILL, Credentials("Cleo", PINS["Cleo"]), RULES, NOW)


def test_a_restart_forgives_nothing(staffed: Engine) -> None:
    lock(staffed)
    again = open_engine(staffed.url.render_as_string(hide_password=False))
    with pytest.raises(LockedOut):
        log_in(again, TILL, Credentials("Cleo", PINS["Cleo"]), RULES, NOW)
    again.dispose()


def test_a_clock_that_is_set_back_makes_no_wait_longer(staffed: Engine) -> None:
    right = Credentials("Cleo", PINS["Cleo"])
    wrong(staffed, after(86_400))
    log_in(staffed, TILL, right, RULES, NOW)
    for _each in range(4):
        wrong(staffed, after(86_400))
    with pytest.raises(LockedOut, match="in 5 s"):
        log_in(staffed, TILL, right, RULES, NOW)
    with pytest.raises(LockedOut, match="in 2 s"):
        log_in(staffed, TILL, right, RULES, after(3))
    log_in(staffed, TILL, right, RULES, after(5))


def test_an_attempt_is_counted_before_it_is_looked_at(
    staffed: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever pulls the plug while the PIN is being looked at has had that attempt."""

    def plug_pulled(*_args: object) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(access, "fits", plug_pulled)
    for _each in range(4):
        with pytest.raises(KeyboardInterrupt):
            log_in(staffed, TILL, Credentials("Cleo", PINS["Cleo"]), RULES, NOW)
    monkeypatch.undo()
    with pytest.raises(LockedOut):
        log_in(staffed, TILL, Credentials("Cleo", PINS["Cleo"]), RULES, NOW)


@given(st.integers(0, 10_000))
def test_waiting_only_grows_up_to_a_limit(failures: int) -> None:
    assert 0 <= wait_s(failures) <= wait_s(failures + 1) <= 900
    assert (wait_s(failures) == 0) == (failures <= 3)


def test_hashes_follow_the_parameters_of_today(staffed: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    stronger = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
    monkeypatch.setattr(pins, "_hasher", lambda: stronger)
    log_in(staffed, TILL, Credentials("Cleo", PINS["Cleo"]), RULES, NOW)
    with reading(staffed) as session:
        hashes = {row.name: row.pin_hash for row in session.scalars(select(Staff))}
    assert "m=16,t=2" in hashes["Cleo"]
    assert "m=8,t=1" in hashes["Ada"]


def test_everybody_chooses_their_own_pin(staffed: Engine) -> None:
    cleo = named(staffed, "Cleo")
    with pytest.raises(BadPin):
        change_own_pin(staffed, TILL, cleo, RULES, PINS["Cleo"], "1234", NOW)
    with pytest.raises(AccessDenied):
        change_own_pin(staffed, TILL, cleo, RULES, "9182", "8642", NOW)
    change_own_pin(staffed, TILL, cleo, RULES, PINS["Cleo"], "8642", NOW)
    assert log_in(staffed, TILL, Credentials("Cleo", "8642"), RULES, NOW) == cleo
    with pytest.raises(AccessDenied):
        log_in(staffed, TILL, Credentials("Cleo", PINS["Cleo"]), RULES, NOW)


# Allowing what another may not


def refusal(engine: Engine, name: str, permission: Permission) -> NotAllowed:
    with pytest.raises(NotAllowed) as caught:
        named(engine, name).require(permission)
    return caught.value


def test_a_supervisor_allows_one_act(staffed: Engine) -> None:
    cleo = named(staffed, "Cleo")
    refused = refusal(staffed, "Cleo", Permission.VOID_SALE)
    shown = Credentials("Bo", PINS["Bo"])
    allowed = approve(staffed, TILL, shown, RULES, refused, cleo, " wrong customer ", NOW)
    allowed.require(Permission.VOID_SALE)
    bo = named(staffed, "Bo")
    assert (allowed.id, allowed.name, allowed.approved_by) == (cleo.id, "Cleo", bo.id)
    assert allowed.approval() == {"approved_by": bo.id, "approval_reason": "wrong customer"}
    assert cleo.approval() == {}
    with reading(staffed) as session:
        entry = session.scalars(select(JournalEntry).where(JournalEntry.event == "approval")).one()
    assert entry.actor == bo.id
    assert json.loads(entry.body)["data"] == {
        "permission": "void_sale",
        "act": "Void a sale",
        "for": cleo.id,
        "reason": "wrong customer",
    }


def test_an_act_says_what_it_is_how_much_and_why(staffed: Engine) -> None:
    cleo = named(staffed, "Cleo")
    with pytest.raises(NotAllowed) as caught, naming("Pay out", 50_000, "stamps"):
        cleo.require(Permission.CASH_IN_OUT)
    approve(staffed, TILL, Credentials(badge=BADGE), RULES, caught.value, cleo, "stamps", NOW)
    with reading(staffed) as session:
        entry = session.scalars(select(JournalEntry).where(JournalEntry.event == "approval")).one()
    data = json.loads(entry.body)["data"]
    assert (data["act"], data["amount_minor"], data["reason"]) == ("Pay out", 50_000, "stamps")


@pytest.mark.parametrize("permission", Permission)
def test_every_act_has_a_name(permission: Permission) -> None:
    assert act_name(permission)


def test_who_may_not_do_it_cannot_allow_it(staffed: Engine) -> None:
    cleo = named(staffed, "Cleo")
    refused = refusal(staffed, "Cleo", Permission.STAFF)
    with pytest.raises(NotAllowed, match="Bo may not do this"):
        approve(staffed, TILL, Credentials(badge=BADGE), RULES, refused, cleo, "please", NOW)
    with pytest.raises(AccessDenied):
        approve(staffed, TILL, Credentials("Ada", "9182"), RULES, refused, cleo, "please", NOW)
    assert "approval" not in [event for event, _actor in events(staffed)]
    with reading(staffed) as session:  # Bo's PIN was right: that is no failure
        ids = session.scalars(select(FailedLogin.staff_id)).all()
    assert [str(i) for i in ids] == [named(staffed, "Ada").id]


def test_nobody_allows_more_off_than_they_may_give(staffed: Engine) -> None:
    cleo = named(staffed, "Cleo")
    with pytest.raises(NotAllowed, match=r"Cleo may go up to 10 %; this is 60.0 %") as caught:
        cleo.require_off(Permission.DISCOUNT, 60, 100)
    with pytest.raises(NotAllowed, match=r"Bo may go up to 50 %"):
        approve(staffed, TILL, Credentials(badge=BADGE), RULES, caught.value, cleo, "please", NOW)
    ada = Credentials("Ada", PINS["Ada"])
    approve(staffed, TILL, ada, RULES, caught.value, cleo, "please", NOW).require_off(
        Permission.DISCOUNT, 60, 100
    )


@pytest.mark.parametrize(
    ("off", "of", "fits"),
    [(10, 100, True), (11, 100, False), (1, 5, True), (2, 5, False), (0, 0, True), (1, 0, False)],
)
def test_a_limit_is_rounded_up_to_a_whole_cent(staffed: Engine, off: int, of: int, fits: bool) -> None:
    cleo = named(staffed, "Cleo")
    if fits:
        cleo.require_off(Permission.DISCOUNT, off, of)
    else:
        with pytest.raises(NotAllowed):
            cleo.require_off(Permission.DISCOUNT, off, of)


# The second factor, where it is demanded


@pytest.mark.parametrize(
    ("rules", "demanded"),
    [
        (AccessRules(), set()),
        (AccessRules(second_factor_roles=frozenset({"owner", "bookkeeper"})), {"owner", "bookkeeper"}),
        (AccessRules(second_factor_over_ssh=True), set()),
        (AccessRules(over_ssh=True), set()),
        (AccessRules(second_factor_over_ssh=True, over_ssh=True), {"owner", "supervisor", "cashier"}),
    ],
)
def test_who_is_asked_for_a_code(rules: AccessRules, demanded: set[str]) -> None:
    asked = {role for role in ("owner", "supervisor", "cashier") if rules.demands_code(role)}
    assert asked == demanded & {"owner", "supervisor", "cashier"}


def test_who_has_no_second_factor_is_told_how_to_get_one(staffed: Engine) -> None:
    rules = AccessRules(second_factor_roles=frozenset({"owner"}))
    for _each in range(6):  # the PIN was right: that is no failure
        with pytest.raises(NoSecondFactor, match="tui-pos staff second-factor"):
            log_in(staffed, TILL, Credentials("Ada", PINS["Ada"]), rules, NOW)
    assert log_in(staffed, TILL, Credentials("Bo", PINS["Bo"]), rules, NOW).name == "Bo"


def test_guarded_acts_want_a_code_each_time(staffed: Engine) -> None:
    rules = AccessRules(second_factor_actions=frozenset({Permission.RESTORE, Permission.STAFF}))
    ada = log_in(staffed, TILL, Credentials("Ada", PINS["Ada"]), rules, NOW)
    ada.require(Permission.SELL)
    with pytest.raises(NotProven) as caught:
        ada.require(Permission.RESTORE)
    with pytest.raises(NoSecondFactor):
        approve(staffed, TILL, Credentials("Ada", PINS["Ada"]), rules, caught.value, ada, "", NOW)
    proven = replace(ada, unproven=frozenset())
    ada.allowed_by(proven, "").require(Permission.RESTORE)
