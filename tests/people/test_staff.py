"""Keeping the staff and their roles."""

import json
from decimal import Decimal

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from tests.rigs.people import BADGE, NOW, PINS, TILL, named
from tui_pos.journal import chain
from tui_pos.journal.models import JournalEntry
from tui_pos.people.actor import Actor, NotAllowed
from tui_pos.people.demo import DEMO_PINS
from tui_pos.people.models import FailedLogin, Staff
from tui_pos.people.permissions import BUILT_IN, Permission, RoleRights
from tui_pos.people.pins import BadPin, check_pin
from tui_pos.people.roles import RoleError, parse_permissions, remove_role, rights_of, roles, set_role
from tui_pos.people.staff import (
    StaffError,
    actor_of,
    add,
    change,
    deactivate,
    find_member,
    is_set_up,
    members,
    names_by_id,
    unlock,
)
from tui_pos.storage.engine import reading, writing


def take(session: Session, name: str, role: str, actor: Actor | None, pin: str = "7391", **more: str) -> None:
    add(session, name=name, role=role, pin=pin, till=TILL, actor=actor, now=NOW, **more)


def events(engine: Engine, event: str) -> list[dict[str, object]]:
    with reading(engine) as session:
        bodies = session.scalars(select(JournalEntry.body).where(JournalEntry.event == event))
        return [json.loads(body)["data"] for body in bodies]


def test_the_first_person_needs_nobody_and_must_be_able_to_take_on_others(engine: Engine) -> None:
    with writing(engine) as session:
        assert not is_set_up(session)
        with pytest.raises(StaffError, match="make them the owner"):
            take(session, "Cleo", "cashier", None)
        take(session, "Ada", "owner", None)
        assert is_set_up(session)
        with pytest.raises(StaffError, match="There is staff already"):
            take(session, "Eve", "owner", None)


def test_a_list_shows_nothing_that_anybody_logs_in_with(staffed: Engine) -> None:
    with reading(staffed) as session:
        found = members(session)
        rows = list(session.scalars(select(Staff)))
    assert [(m.name, m.role, m.has_badge) for m in found] == [
        ("Ada", "owner", False),
        ("Bo", "supervisor", True),
        ("Cleo", "cashier", False),
        ("Dora", "bookkeeper", False),
    ]
    for row in rows:
        assert row.pin_hash.startswith("$argon2id$")
        assert PINS[row.name] not in row.pin_hash
        assert BADGE not in (row.badge_hash or "")


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "Ada", " ada ", "ADA", "A\x07"])
def test_names_are_unlike_each_other(staffed: Engine, name: str) -> None:
    with writing(staffed) as session, pytest.raises(StaffError):
        take(session, name, "cashier", actor_of(session, "Ada"))


@pytest.mark.parametrize(
    "pin",
    ["", "123", "0000", "1234", "4321", "123456", "987654", "1" * 12, "2" * 13, "12a4", "١٢٣٥", "47 11", "1212", "1122",
     "123123", "112233", "12341234", "2580", "0852", "1470", "0963", "5656"],
)  # fmt: skip
def test_a_pin_that_anybody_would_try_first_is_none(pin: str) -> None:
    with pytest.raises(BadPin):
        check_pin(pin)


@pytest.mark.parametrize(
    "pin", [*PINS.values(), *DEMO_PINS.values(), "1221", "7391", "2581", "12124", "0247"]
)
def test_other_digits_are_a_pin(pin: str) -> None:
    assert check_pin(pin) == pin


def test_two_may_have_the_same_pin_and_nobody_learns_of_it(staffed: Engine) -> None:
    with writing(staffed) as session:
        take(session, "Eve", "cashier", actor_of(session, "Ada"), pin=PINS["Cleo"])


def test_a_badge_is_one_persons(staffed: Engine) -> None:
    with writing(staffed) as session:
        ada = actor_of(session, "Ada")
        with pytest.raises(StaffError, match="belongs to somebody already"):
            take(session, "Eve", "cashier", ada, badge=BADGE)
        with pytest.raises(StaffError, match="8 to 200"):
            take(session, "Eve", "cashier", ada, badge="STAFF-1")
        change(session, "Bo", badge="", till=TILL, actor=ada, now=NOW)
        take(session, "Eve", "cashier", ada, badge=BADGE)


def test_who_has_left_stays_in_the_books(staffed: Engine) -> None:
    ada = named(staffed, "Ada")
    with writing(staffed) as session:
        cleo = find_member(session, "Cleo")
        deactivate(session, cleo.id, till=TILL, actor=ada, now=NOW)
        with pytest.raises(StaffError, match="does not work here any more"):
            actor_of(session, "Cleo")
        assert "Cleo" not in [m.name for m in members(session)]
        assert "Cleo" in [m.name for m in members(session, also_inactive=True)]
        assert names_by_id(session, [str(cleo.id), "shell:root", "set-up"]) == {str(cleo.id): "Cleo"}


def test_somebody_must_be_left_who_may_change_the_staff(staffed: Engine) -> None:
    ada = named(staffed, "Ada")
    for given in ({"active": False}, {"role": "supervisor"}):
        with writing(staffed) as session, pytest.raises(StaffError, match="nobody could change the staff"):
            change(session, "Ada", till=TILL, actor=ada, now=NOW, **given)


def test_only_who_may_changes_the_staff(staffed: Engine) -> None:
    with writing(staffed) as session:
        for name in ("Bo", "Cleo", "Dora"):
            actor = actor_of(session, name)
            for act in (
                lambda a=actor: take(session, "Eve", "cashier", a),
                lambda a=actor: change(session, "Cleo", role="owner", till=TILL, actor=a, now=NOW),
                lambda a=actor: deactivate(session, "Ada", till=TILL, actor=a, now=NOW),
                lambda a=actor: set_role(session, "x", BUILT_IN["cashier"], till=TILL, actor=a, now=NOW),
                lambda a=actor: remove_role(session, "x", till=TILL, actor=a, now=NOW),
            ):
                with pytest.raises(NotAllowed):
                    act()
        for name in ("Cleo", "Dora"):  # a supervisor may
            with pytest.raises(NotAllowed):
                unlock(session, "Cleo", till=TILL, actor=actor_of(session, name), now=NOW)


def test_nobody_rises_above_themselves(staffed: Engine) -> None:
    """Whoever may change the staff, but not everything else, makes nobody mightier than themselves."""
    ada = named(staffed, "Ada")
    clerk = RoleRights(frozenset({Permission.STAFF, Permission.SELL}), Decimal(5), Decimal(5))
    with writing(staffed) as session:
        set_role(session, "clerk", clerk, till=TILL, actor=ada, now=NOW)
        take(session, "Eve", "clerk", ada)
    eve = named(staffed, "Eve")
    wider = RoleRights(clerk.permissions, Decimal(6), Decimal(5))
    with writing(staffed) as session:
        with pytest.raises(RoleError, match="beyond what Eve may do"):
            take(session, "Mallory", "owner", eve)
        with pytest.raises(RoleError):
            change(session, "Eve", role="owner", till=TILL, actor=eve, now=NOW)
        with pytest.raises(RoleError):
            change(session, "Ada", pin="8642", till=TILL, actor=eve, now=NOW)
        with pytest.raises(RoleError):
            set_role(session, "clerk", wider, till=TILL, actor=eve, now=NOW)
        with pytest.raises(RoleError):
            set_role(session, "cashier", RoleRights(frozenset()), till=TILL, actor=eve, now=NOW)
        set_role(session, "temp", RoleRights(frozenset({Permission.SELL}), Decimal(0), Decimal(0)),
                 till=TILL, actor=eve, now=NOW)  # fmt: skip
        take(session, "Mallory", "temp", eve)


def test_a_shop_makes_roles_of_its_own_and_changes_others(staffed: Engine) -> None:
    ada = named(staffed, "Ada")
    given = RoleRights(parse_permissions("sell, void_line"), Decimal("2.5"), None)
    with writing(staffed) as session:
        set_role(session, "trainee", given, till=TILL, actor=ada, now=NOW)
        set_role(session, "cashier", given, till=TILL, actor=ada, now=NOW)
        assert rights_of(session, "trainee") == given == actor_of(session, "Cleo").rights
        assert set(roles(session)) == {*BUILT_IN, "trainee"}
        take(session, "Eve", "trainee", ada)
        with pytest.raises(RoleError, match="Eve has the role trainee"):
            remove_role(session, "trainee", till=TILL, actor=ada, now=NOW)
        remove_role(session, "cashier", till=TILL, actor=ada, now=NOW)
        assert actor_of(session, "Cleo").rights == BUILT_IN["cashier"]
    assert [entry["role"] for entry in events(staffed, "role_set")] == ["trainee", "cashier"]


@pytest.mark.parametrize(
    ("code", "rights"),
    [
        ("owner", BUILT_IN["owner"]),
        ("No Role", RoleRights(frozenset())),
        ("x", RoleRights(frozenset(), Decimal(-1))),
        ("x", RoleRights(frozenset(), None, Decimal(101))),
    ],
)
def test_roles_that_cannot_be(staffed: Engine, code: str, rights: RoleRights) -> None:
    ada = named(staffed, "Ada")
    with writing(staffed) as session, pytest.raises(RoleError):
        set_role(session, code, rights, till=TILL, actor=ada, now=NOW)


def test_unknown_permissions_and_roles_are_named(staffed: Engine) -> None:
    with pytest.raises(RoleError, match="no permission fly"):
        parse_permissions("sell fly")
    with reading(staffed) as session, pytest.raises(RoleError, match=r"no role pilot.*cashier"):
        rights_of(session, "pilot")


def test_every_change_is_in_the_journal_and_no_pin_is(staffed: Engine) -> None:
    ada = named(staffed, "Ada")
    with writing(staffed) as session:
        change(session, "Cleo", pin="8642", language="sv", till=TILL, actor=ada, now=NOW)
        session.add(
            FailedLogin(staff_id=find_member(session, "Bo").id, till=TILL, failures=9, locked_until=NOW)
        )
        session.flush()
        unlock(session, "Bo", till=TILL, actor=ada, now=NOW)
        assert session.scalars(select(FailedLogin)).all() == []
    assert [entry["name"] for entry in events(staffed, "staff_added")] == list(PINS)
    (changed,) = events(staffed, "staff_changed")
    assert changed["changed"] == ["language", "pin"]
    with reading(staffed) as session:
        chain.verify(session, TILL, chain.EVENTS)
        everything = b"".join(session.scalars(select(JournalEntry.body)))
    assert not any(secret.encode() in everything for secret in (*PINS.values(), "8642", BADGE))
