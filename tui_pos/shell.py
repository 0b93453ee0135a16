"""What commands share: the books, who acts, and how to ask for what must not stand on a command's line.

A command that changes people, rights, taxes, goods, keys or settings in the books asks who acts: `--as NAME`, their
PIN, and the rights that they have at the counter. Others may run without anybody, from cron, say: they act as the
service of the system's user, with the rights of the role `service`, and the journal names it. Only while nobody works
in the shop yet does whoever sets it up act with an owner's rights.
"""

import argparse
import datetime as dt
import getpass
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

from tui_pos.i18n import _
from tui_pos.people.errors import PeopleError

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from config.settings import Settings
    from tui_pos.people.access import AccessRules, Credentials
    from tui_pos.people.actor import Actor
    from tui_pos.people.permissions import Permission
    from tui_pos.sales.shop import Shop

MAX_LINE_LENGTH = 4096

Asking = Callable[[str], str]


def open_books(arguments: argparse.Namespace, *, make: bool = False) -> "tuple[Settings, Engine, Shop]":
    """What a command needs that works on the books; `make` is for those by which a shop may begin.

    Raises as `bootstrap.open_database`.
    """
    from tui_pos import bootstrap
    from tui_pos.settings_check import load_checked

    loaded = load_checked(getattr(arguments, "config", None))
    return loaded.settings, bootstrap.open_database(loaded, make=make), bootstrap.build_shop(loaded.settings)


def check_till(engine: "Engine", own: str, name: str, refuse: Callable[[str], NoReturn]) -> None:
    """End with code 2 for a till that these books do not know; one that was mistyped must not get a series of its own.

    The settings' own till is known before its first sale.
    """
    from tui_pos.journal import chain
    from tui_pos.storage.engine import reading

    with reading(engine) as session:
        known = sorted({own, *chain.tills(session)})
    if name not in known:
        text = _("these books have no till {name}. They have: {tills}")
        refuse(text.format(name=name, tills=", ".join(known)))


def ask(prompt: str) -> str:
    """One line that is not shown: from the keyboard, or the next one of what is piped in."""
    if sys.stdin.isatty():
        return getpass.getpass(prompt + " ").strip()
    return sys.stdin.readline(MAX_LINE_LENGTH).strip()


def who_acts(
    engine: "Engine",
    rules: "AccessRules",
    till: str,
    name: str | None,
    now: dt.datetime,
    needs: "Permission",
    ask: Asking = ask,
) -> "Actor":
    """The actor of a command that asks for the permission `needs`: `name` after their PIN (and code), or the service.

    Where the service may not do it, whoever sits at the terminal is asked for their name. Raises PeopleError where
    nobody can be asked, or a code is wanted that only a name can give, and AccessDenied where the PIN is wrong.
    """
    if name is None:
        service = _service(engine, rules)
        if needs in service.rights.permissions:
            return service
        name = _ask_name()
    return _named(engine, rules, till, name, now, ask)


def _ask_name() -> str:
    if not sys.stdin.isatty():
        raise PeopleError(
            _(
                "This wants somebody who answers for it: name them by --as NAME, with their PIN as the first line of "
                "standard input. Nothing was changed."
            )
        )
    return input(_("Your name: ")).strip()


def _service(engine: "Engine", rules: "AccessRules") -> "Actor":
    """Whoever runs a command without a name; with all rights while nobody works in the shop yet."""
    from tui_pos.people.actor import Actor
    from tui_pos.people.permissions import BUILT_IN
    from tui_pos.people.roles import SERVICE, rights_of
    from tui_pos.people.staff import is_set_up
    from tui_pos.storage.engine import reading
    from tui_pos.storage.errors import DatabaseUnavailable

    try:
        with reading(engine) as session:
            if not is_set_up(session):
                return system_user(rules)
            rights = rights_of(session, SERVICE)
    except DatabaseUnavailable:  # the command itself says what is wrong with the books
        rights = BUILT_IN[SERVICE]
    user = system_user(rules)
    return Actor(f"{SERVICE}:{user.name}"[:80], SERVICE, SERVICE, rights, unproven=user.unproven)


def system_user(rules: "AccessRules") -> "Actor":
    """Whoever runs the command, with an owner's rights: for what no books are needed or no owner is there for.

    Raises PeopleError where a code is wanted, which only a name can give.
    """
    from tui_pos.people.actor import built_in_actor

    if rules.over_ssh and rules.second_factor_over_ssh:
        raise PeopleError(
            _("Over SSH this shop wants a code of the second factor: say who you are by --as NAME.")
        )
    user = getpass.getuser()
    actor = built_in_actor("owner", id=f"shell:{user}"[:80], name=user)
    return replace(actor, unproven=rules.second_factor_actions)


def _named(
    engine: "Engine", rules: "AccessRules", till: str, name: str, now: dt.datetime, ask: Asking
) -> "Actor":
    from tui_pos.people.access import Credentials

    shown = Credentials(who=name, pin=ask(_("PIN of {name}:").format(name=name)))
    if rules.second_factor_actions:
        rules = replace(rules, second_factor_always=True)
    actor = log_in_asking(engine, rules, till, shown, now, ask)
    return replace(actor, unproven=frozenset())  # one command, one act: the code was for it


def log_in_asking(
    engine: "Engine",
    rules: "AccessRules",
    till: str,
    shown: "Credentials",
    now: dt.datetime,
    ask: Asking = ask,
) -> "Actor":
    """Log in, and ask for a code of the second factor where one is wanted. Raises AccessDenied."""
    from tui_pos.people.access import CodeNeeded, log_in

    try:
        return log_in(engine, till, shown, rules, now)
    except CodeNeeded:
        return log_in(engine, till, replace(shown, code=ask(_("Code of the second factor:"))), rules, now)
