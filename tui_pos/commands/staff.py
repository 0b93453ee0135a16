"""The commands `tui-pos staff …`: who works here, what roles there are, second factors.

What must not stand on a command's line is asked for, or read from standard input, a line each, in this order: the PIN
of who acts (`--as`) and their code where one is wanted, the new PIN (`--pin-stdin`), the badge (`--badge-stdin`).
"""

import argparse
import sys
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from tui_pos.i18n import _, ngettext
from tui_pos.shell import open_books

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from config.settings import Settings
    from tui_pos.people.actor import Actor
    from tui_pos.people.permissions import RoleRights
    from tui_pos.people.second_factor import Enrolment

OK = 0

Add = Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]


def describe(add: Add, add_as: Callable[[argparse.ArgumentParser], None]) -> None:
    """The commands below `tui-pos staff`, each with its options; `add_as` adds the option that says who acts."""
    listing = add("list", run_list, _("list who works here"))
    listing.add_argument("--all", action="store_true", help=_("also who has left"))
    adding = add("add", run_add, _("take somebody on; their PIN is asked for"))
    adding.add_argument("name", metavar="NAME")
    adding.add_argument("--role", metavar="ROLE", required=True, help=_("what they may do: see roles"))
    changing = add("change", run_change, _("change what is given, and leave the rest"))
    changing.add_argument("name", metavar="NAME")
    changing.add_argument("--name", metavar="NEW", dest="new_name", help=_("another name"))
    changing.add_argument("--role", metavar="ROLE", help=_("another role"))
    changing.add_argument("--no-badge", action="store_true", help=_("take the badge away"))
    for command in (adding, changing):
        command.add_argument("--pin-stdin", action="store_true", help=_("read the PIN from standard input"))
        command.add_argument(
            "--badge-stdin", action="store_true", help=_("read the badge's code from standard input")
        )
        command.add_argument("--language", metavar="CODE", help=_("their language at the till, such as sv"))
    acting = [adding, changing]
    for name, run, text in (
        ("deactivate", run_deactivate, _("somebody has left: their name stays in the books")),
        ("reactivate", run_reactivate, _("somebody works here again")),
        ("unlock", run_unlock, _("forgive wrong PINs, so that they can try again at once")),
    ):
        command = add(name, run, text)
        command.add_argument("name", metavar="NAME")
        acting.append(command)
    text = _("an owner who lost their PIN gets a new one: the journal, the next Z and every owner hear of it")
    recovering = add("recover", run_recover, text)
    recovering.add_argument("name", metavar="NAME")
    recovering.add_argument("--pin-stdin", action="store_true", help=_("read the PIN from standard input"))
    factor = add("second-factor", run_second_factor, _("set up a second factor: a QR code for their phone"))
    factor.add_argument("name", metavar="NAME")
    factor.add_argument("--remove", action="store_true", help=_("take it away, because the phone is lost"))
    add("roles", run_roles, _("list the roles, and what each may do"))
    role = add("role", run_role, _("make a role of the shop's own, or change one"))
    role.add_argument("code", metavar="ROLE")
    role.add_argument("--may", metavar="WORDS", default="", help=_("what it may do: sell,discount,…"))
    role.add_argument("--max-discount", metavar="PERCENT", type=_percent, help=_("none: no limit"))
    role.add_argument("--max-price-change", metavar="PERCENT", type=_percent, help=_("none: no limit"))
    role.add_argument("--remove", action="store_true", help=_("forget it, or make it as it was"))
    for command in (*acting, factor, role):
        add_as(command)


def _percent(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise argparse.ArgumentTypeError(_("{text} is no percentage").format(text=text)) from None


def run_list(arguments: argparse.Namespace) -> int:
    """Who works here."""
    from tui_pos.console import print_table
    from tui_pos.people.staff import members
    from tui_pos.settings_check import missing_roles
    from tui_pos.storage.engine import reading

    settings, engine, _shop = open_books(arguments)
    with reading(engine) as session:
        found = members(session, also_inactive=arguments.all)
    yes = _("yes")
    rows = [
        (
            each.name,
            each.role,
            each.language,
            yes if each.has_badge else "",
            yes if each.has_second_factor else "",
            "" if each.active else _("has left"),
        )
        for each in found
    ]
    headings = (_("name"), _("role"), _("language"), _("badge"), _("second factor"), "")
    print_table(headings, rows)
    for role in missing_roles(settings, engine):
        print(_("security.second_factor_roles names {role}: there is no such role.").format(role=role))
    return OK


def run_add(arguments: argparse.Namespace) -> int:
    """Take somebody on."""
    from tui_pos.bootstrap import utc_now
    from tui_pos.people.staff import add
    from tui_pos.storage.engine import writing

    settings, engine, _shop = open_books(arguments, make=True)
    actor = _actor_of_first(settings, engine, arguments)
    pin, badge = _new_pin(arguments, always=True), _new_badge(settings, arguments)
    with writing(engine, durable=True) as session:
        add(
            session,
            name=arguments.name,
            role=arguments.role,
            pin=pin or "",
            badge=badge or "",
            language=arguments.language or "",
            till=settings.till.name,
            actor=actor,
            now=utc_now(),
        )
    print(_("{name} can log in now, as {role}.").format(name=arguments.name, role=arguments.role))
    return OK


def run_change(arguments: argparse.Namespace) -> int:
    """Change what is given."""
    from tui_pos.bootstrap import utc_now
    from tui_pos.people.staff import change
    from tui_pos.storage.engine import writing

    settings, engine, _shop = open_books(arguments)
    actor = _actor(settings, engine, arguments)
    pin, badge = _new_pin(arguments, always=False), _new_badge(settings, arguments)
    with writing(engine, durable=True) as session:
        change(
            session,
            arguments.name,
            name=arguments.new_name,
            role=arguments.role,
            pin=pin,
            badge="" if arguments.no_badge else badge,
            language=arguments.language,
            till=settings.till.name,
            actor=actor,
            now=utc_now(),
        )
    print(_("{name} was changed.").format(name=arguments.name))
    return OK


def run_deactivate(arguments: argparse.Namespace) -> int:
    """Somebody has left."""
    _set_active(arguments, active=False)
    print(_("{name} cannot log in any more.").format(name=arguments.name))
    return OK


def run_reactivate(arguments: argparse.Namespace) -> int:
    """Somebody is back."""
    _set_active(arguments, active=True)
    print(_("{name} can log in again.").format(name=arguments.name))
    return OK


def _set_active(arguments: argparse.Namespace, *, active: bool) -> None:
    from tui_pos.bootstrap import utc_now
    from tui_pos.people.staff import change
    from tui_pos.storage.engine import writing

    settings, engine, _shop = open_books(arguments)
    actor = _actor(settings, engine, arguments)
    with writing(engine, durable=True) as session:
        till, now = settings.till.name, utc_now()
        change(session, arguments.name, active=active, till=till, actor=actor, now=now)


def run_unlock(arguments: argparse.Namespace) -> int:
    """Forgive wrong PINs."""
    from tui_pos import bootstrap
    from tui_pos.bootstrap import utc_now
    from tui_pos.people.staff import unlock
    from tui_pos.storage.engine import writing

    settings, engine, _shop = open_books(arguments)
    actor = bootstrap.command_actor(settings, engine, arguments.as_name, "unlock")
    with writing(engine, durable=True) as session:
        unlock(session, arguments.name, till=settings.till.name, actor=actor, now=utc_now())
    print(_("{name} can try again.").format(name=arguments.name))
    return OK


def run_recover(arguments: argparse.Namespace) -> int:
    """Give an owner a new PIN, by whoever holds this machine's books; everybody who owns the shop hears of it."""
    from tui_pos.bootstrap import utc_now
    from tui_pos.people.access import AccessRules
    from tui_pos.people.recovery import recover
    from tui_pos.shell import system_user
    from tui_pos.storage.engine import writing

    settings, engine, _shop = open_books(arguments)
    # Never by a code of the second factor, which may be lost as well: nobody is kept out for good.
    actor = system_user(AccessRules())
    pin = _new_pin(arguments, always=True) or ""
    with writing(engine, durable=True) as session:
        recover(session, arguments.name, pin, till=settings.till.name, actor=actor, now=utc_now())
    print(_("{name} can log in with the new PIN.").format(name=arguments.name))
    print(_("The journal has it, the next Z prints it, and every owner is told when they next log in."))
    return OK


def run_second_factor(arguments: argparse.Namespace) -> int:
    """Set a second factor up with the person's own PIN; or take it away, by who may change the staff."""
    from tui_pos.bootstrap import utc_now
    from tui_pos.people import second_factor
    from tui_pos.people.staff import find_member
    from tui_pos.storage.engine import reading, writing

    settings, engine, _shop = open_books(arguments)
    with reading(engine) as session:
        person = find_member(session, arguments.name)
    till = settings.till.name
    if arguments.remove:
        actor = _actor(settings, engine, arguments)
        with writing(engine, durable=True) as session:
            second_factor.take_away(session, person.id, till=till, actor=actor, now=utc_now())
        print(_("{name} has no second factor any more.").format(name=person.name))
        if person.role in settings.security.second_factor_roles:
            text = _("This shop demands one of the role {role}: no log-in before a new one is set up.")
            print(text.format(role=person.role), file=sys.stderr)
        return OK
    actor = _by_own_pin(engine, till, person.name, had_one=person.has_second_factor)
    enrolment = second_factor.new_enrolment(settings.shop.name, person.name)
    _show_qr(enrolment)
    code = _ask(_("Code that the phone shows now:"))
    with writing(engine, durable=True) as session:
        recovery = second_factor.enrol(
            session, person.id, enrolment, code, till=till, actor=actor, now=utc_now()
        )
    text = ngettext(
        "It is set up. {count} recovery code, shown only now: write it down. It serves once.",
        "It is set up. {count} recovery codes, shown only now: write them down. Each serves once.",
        len(recovery),
    )
    print(text.format(count=len(recovery)))
    print(*recovery, sep="\n")
    return OK


def _by_own_pin(engine: "Engine", till: str, name: str, *, had_one: bool) -> "Actor":
    """The person, after their own PIN, and a code of the second factor that they have so far."""
    from tui_pos.bootstrap import utc_now
    from tui_pos.people.access import AccessRules, Credentials
    from tui_pos.shell import log_in_asking

    shown = Credentials(who=name, pin=_ask(_("PIN of {name}:").format(name=name)))
    return log_in_asking(engine, AccessRules(second_factor_always=had_one), till, shown, utc_now())


def _show_qr(enrolment: "Enrolment") -> None:
    """The QR code, black on white whatever the terminal's colours are; into a pipe, its text alone."""
    from tui_pos.people.second_factor import qr_lines

    if sys.stdout.isatty():
        print(_("Scan this with the app on the phone, or type the secret into it."))
        for line in qr_lines(enrolment.uri):
            print(f"\x1b[30;107m{line}\x1b[0m")
        print(enrolment.secret)
    else:
        print(enrolment.uri)
    sys.stdout.flush()


def run_roles(arguments: argparse.Namespace) -> int:
    """The roles, and what each may do."""
    from tui_pos.console import print_table
    from tui_pos.people.roles import roles
    from tui_pos.storage.engine import reading

    _settings, engine, _shop = open_books(arguments)
    with reading(engine) as session:
        found = roles(session)
    headings = (_("role"), _("discount up to"), _("price change up to"), _("may"))
    print_table(headings, [(code, *_role_cells(rights)) for code, rights in sorted(found.items())])
    return OK


def _role_cells(rights: "RoleRights") -> tuple[str, str, str]:
    limits = [
        _("no limit") if limit is None else f"{limit:f} %"
        for limit in (rights.max_discount_percent, rights.max_price_change_percent)
    ]
    return limits[0], limits[1], " ".join(sorted(rights.permissions))


def run_role(arguments: argparse.Namespace) -> int:
    """Make or change a role, or forget what was made of it."""
    from tui_pos.bootstrap import utc_now
    from tui_pos.people.permissions import RoleRights
    from tui_pos.people.roles import parse_permissions, remove_role, set_role
    from tui_pos.storage.engine import writing

    settings, engine, _shop = open_books(arguments)
    actor = _actor(settings, engine, arguments)
    till = settings.till.name
    with writing(engine, durable=True) as session:
        if arguments.remove:
            remove_role(session, arguments.code, till=till, actor=actor, now=utc_now())
        else:
            held = parse_permissions(arguments.may)
            rights = RoleRights(held, arguments.max_discount, arguments.max_price_change)
            set_role(session, arguments.code, rights, till=till, actor=actor, now=utc_now())
    text = _("The role {role} is as it was.") if arguments.remove else _("The role {role} is set.")
    print(text.format(role=arguments.code))
    return OK


def _actor(settings: "Settings", engine: "Engine", arguments: argparse.Namespace) -> "Actor":
    from tui_pos import bootstrap

    return bootstrap.command_actor(settings, engine, arguments.as_name, "staff")


def _actor_of_first(settings: "Settings", engine: "Engine", arguments: argparse.Namespace) -> "Actor | None":
    """Who acts; nobody while the shop has no staff at all, since the first person is made by the set-up."""
    from tui_pos.people.staff import is_set_up
    from tui_pos.storage.engine import reading

    with reading(engine) as session:
        first = not is_set_up(session)
    return None if first and arguments.as_name is None else _actor(settings, engine, arguments)


def _new_pin(arguments: argparse.Namespace, *, always: bool) -> str | None:
    """The PIN to be set: piped in, or asked for twice; None where the old one stays."""
    from tui_pos.people.pins import BadPin

    if not arguments.pin_stdin and not always:
        return None
    pin = _ask(_("New PIN:"))
    if not arguments.pin_stdin and _ask(_("The same PIN again:")) != pin:
        raise BadPin(_("The two PINs are not the same. Nothing was changed."))
    return pin


def _new_badge(settings: "Settings", arguments: argparse.Namespace) -> str | None:
    from tui_pos.bootstrap import build_access
    from tui_pos.people.access import check_badge

    if not arguments.badge_stdin:
        return None
    return check_badge(_ask(_("Scan the badge:")), build_access(settings.security))


def _ask(prompt: str) -> str:
    from tui_pos.shell import ask

    return ask(prompt)
