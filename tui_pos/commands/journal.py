"""The commands `tui-pos journal …`: proving the books, handing them out, and the keys that sign them."""

import argparse
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tui_pos.commands.reports import parse_date
from tui_pos.i18n import _, ngettext
from tui_pos.i18n.spans import span_text
from tui_pos.shell import MAX_LINE_LENGTH, check_till, open_books
from tui_pos.targets import add_force, check_target

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Engine

    from config.settings import Settings
    from tui_pos.people.actor import Actor
    from tui_pos.reports.audit import Proven

OK, DOUBTFUL = 0, 3
"""Exit codes of `tui-pos journal`, beside those of every command: whole, but nothing that could be relied on."""

MIN_KEY_CHARACTERS = 16
"""As journal.trust.MIN_KEY_CHARACTERS, which the help of every command need not import."""

Add = Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]


def describe(add: Add, add_as: Callable[[argparse.ArgumentParser], None]) -> None:
    """The commands below `tui-pos journal`, each with its options; `add_as` adds the option that says who acts."""
    verify = add(
        "verify", run_verify, _("walk the whole journal, and hold every row of the books against it")
    )
    verify.set_defaults(refuse=verify.error)
    verify.add_argument("--till", metavar="NAME", default="", help=_("only this till (all of them)"))
    verify.add_argument(
        "--key",
        metavar="ID",
        type=_key,
        action="append",
        default=[],
        help=_(
            "the key that was noted down, or its first 16 digits: it must vouch for the books; one for each till"
        ),
    )
    archive = add("archive", run_archive, _("write the journal of some days into one signed file"))
    archive.set_defaults(refuse=archive.error)
    archive.add_argument(
        "from_day", metavar="FROM", type=parse_date, help=_("the first business day: 2026-11-01")
    )
    archive.add_argument("to_day", metavar="TO", type=parse_date, help=_("the last business day"))
    archive.add_argument(
        "--out", metavar="FILE", type=Path, help=_("where to (journal-TILL-FROM-TO.zip here)")
    )
    add_force(archive)
    keys = add("keys", run_keys, _("list the keys that this till has signed with"))
    new_key = add("new-key", run_new_key, _("sign with a new key from now on"))
    clock = add(
        "clock", run_clock, _("say that this machine's clock is right, though far ahead of the books")
    )
    for command in (verify, archive, keys, new_key, clock):
        add_as(command)
    add("verifier", run_verifier, _("write out the program that checks such a file, for Python alone"))


def _key(text: str) -> str:
    if not re.fullmatch(f"[0-9a-fA-F]{{{MIN_KEY_CHARACTERS},64}}", text):
        wrong = _("{text} is no key: give its id, or at least the first {count} digits of it")
        raise argparse.ArgumentTypeError(wrong.format(text=text, count=MIN_KEY_CHARACTERS))
    return text


def _place(arguments: argparse.Namespace, needs: str) -> "tuple[Settings, Engine, Actor]":
    from tui_pos.bootstrap import command_actor

    settings, engine, _shop = open_books(arguments)
    actor = command_actor(settings, engine, arguments.as_name, needs)
    return settings, engine, actor


def run_verify(arguments: argparse.Namespace) -> int:
    """Prove the books; the first thing that is wrong is the error of the command."""
    from tui_pos.reports.audit import strange_triggers, unguarded_tables, verify_books
    from tui_pos.storage.engine import reading

    settings, engine, actor = _place(arguments, "journal")
    if arguments.till:
        check_till(engine, settings.till.name, arguments.till, arguments.refuse)
    with reading(engine) as session:
        proven = verify_books(session, actor, arguments.till)
        unguarded = unguarded_tables(session, actor)
        strange = strange_triggers(session, actor)
    if not proven:
        print(_("There is nothing to prove: these books are empty."))
        return DOUBTFUL
    for each in proven:
        _tell(each)
    _check_noted(proven, arguments.key)
    print(_("The journal is whole, and the books say what it says."))
    doubts = [
        text for each in proven for text in _doubts(each, settings.till.name, noted=bool(arguments.key))
    ]
    if unguarded:
        text = _("The database does not guard these tables any more, somebody removed its triggers: {tables}")
        doubts.append(text.format(tables=", ".join(unguarded)))
    if strange:
        text = _("The database has triggers that this program did not make: {triggers}")
        doubts.append(text.format(triggers=", ".join(strange)))
    for text in doubts:
        print(text, file=sys.stderr)
    return DOUBTFUL if doubts else OK


def _check_noted(proven: "Sequence[Proven]", noted: "Sequence[str]") -> None:
    """Each till's books are vouched for by a key that was noted down, where any was given. Raises JournalBroken."""
    from tui_pos.journal.chain import JournalBroken
    from tui_pos.journal.trust import vouches

    for each in proven:
        if noted and not any(vouches(each.signed.keys, key) for key in noted):
            raise JournalBroken(_why_not_vouched(each, noted))


def _why_not_vouched(proven: "Proven", noted: "Sequence[str]") -> str:
    """A key that was lost vouches for what came before; one that is not in these books vouches for nothing."""
    from tui_pos.journal.trust import lost_after

    for key in noted:
        found = lost_after(proven.signed.keys, key)
        if found is None:
            continue
        trusted, after = found
        number = max((proven.signed.last_by_key.get(each, 0) for each in trusted), default=0)
        text = _(
            "{till}: its books are whole, and key {key} vouches for them up to closure {number} (0 is none). "
            "By {date} it was lost: nothing vouches for what came after, which key {new} signs."
        )
        return text.format(till=proven.till, key=key, number=number, date=after.at[:10], new=after.id)
    text = ngettext(
        "{till}: its books are whole, but key {keys} does not vouch for them: another key made them.",
        "{till}: its books are whole, but none of the keys {keys} vouches for them: another key made them.",
        len(noted),
    )
    return text.format(till=proven.till, keys=", ".join(noted))


def _doubts(proven: "Proven", own_till: str, *, noted: bool) -> "Iterator[str]":
    """What keeps whole books from being beyond doubt, a sentence each."""
    from config.errors import SecretError
    from config.secrets import SecretStore
    from tui_pos.journal.trust import doubts, lacks_key

    signed = proven.signed
    if signed.unsigned:
        text = ngettext(
            "{till}: closure {numbers} is not signed. See to the signing key: {command}",
            "{till}: closures {numbers} are not signed. See to the signing key: {command}",
            len(signed.unsigned),
        )
        numbers = ", ".join(map(str, signed.unsigned))
        yield text.format(till=proven.till, numbers=numbers, command="tui-pos journal keys")
    try:
        said = doubts(proven.till, signed.keys, SecretStore())
        yield from said
        if proven.till == own_till and not (said or noted) and lacks_key(signed.keys, SecretStore()):
            text = _(
                "{till}: this machine does not have its newest key, and cannot tell whether it is the shop's own. "
                "Hold it against the one that was noted down: {command}"
            )
            yield text.format(till=proven.till, command="tui-pos journal verify --key ID")
    except SecretError as error:
        yield str(error)


def _tell(proven: "Proven") -> None:
    entries, closures = sum(proven.entries.values()), proven.signed.closures
    text = _(
        "{till}: {entries} entries, {rows} rows, {closures} closures; {after} entries since the last signed one."
    )
    print(
        text.format(
            till=proven.till,
            entries=entries,
            rows=proven.rows,
            closures=closures,
            after=proven.signed.after_last,
        )
    )
    for key in proven.signed.keys:
        print(_("{till}: key {key} since {date}").format(till=proven.till, key=key.id, date=key.at[:10]))
        if key.outage:
            lost = _(
                "{till}: on {date} the signing key was lost; nothing vouches for key {key} that followed it."
            )
            print(lost.format(till=proven.till, date=key.at[:10], key=key.id[:8]), file=sys.stderr)


def run_archive(arguments: argparse.Namespace) -> int:
    """Write the archive of some business days."""
    from tui_pos import bootstrap
    from tui_pos.journal.chain import JournalError
    from tui_pos.people.permissions import Permission
    from tui_pos.reports.audit import archive_days
    from tui_pos.storage.engine import reading

    settings, engine, actor = _place(arguments, "journal")
    actor.require(Permission.JOURNAL)  # before a key is made for whoever may not use it
    shop, now = bootstrap.build_shop(settings), bootstrap.utc_now()
    first, last = arguments.from_day, arguments.to_day
    if last < first:
        arguments.refuse(_("the last day comes before the first"))
    target = arguments.out or Path(f"journal-{shop.till}-{first}-{last}.zip")
    check_target(target, engine, force=arguments.force)
    signer = bootstrap.build_signer(engine, shop.till, now)
    if signer is None:
        raise JournalError(_missing_key())
    with reading(engine) as session:
        manifest = archive_days(session, actor, shop, signer, first, last, target)
    count = sum(stream["count"] for stream in manifest["streams"].values())
    text = ngettext(
        "{count} entry was written to {file}, signed by key {key}.",
        "{count} entries were written to {file}, signed by key {key}.",
        count,
    )
    print(text.format(count=count, file=target, key=signer.key_id[:8]))
    if not count:
        print(_("The journal has nothing of these days: the archive proves only that."), file=sys.stderr)
        return DOUBTFUL
    return OK


def _missing_key() -> str:
    text = _(
        "The till's signing key cannot be read here, so nothing can be signed. Bring it back, or run: {command}"
    )
    return text.format(command="tui-pos journal new-key")


def run_clock(arguments: argparse.Namespace) -> int:
    """Ask about a clock that is far ahead of the books, and write the answer down. Returns 3 where it is wrong."""
    from tui_pos.bootstrap import utc_now
    from tui_pos.journal import clock
    from tui_pos.people.permissions import Permission
    from tui_pos.storage.engine import reading, writing

    settings, engine, shop = open_books(arguments)
    actor = _who_says(settings, engine, arguments.as_name)
    actor.require(Permission.SELL)  # at the till, too, whoever stands there is asked
    now = utc_now()
    with reading(engine) as session:
        by = clock.ahead(session, shop.till, now)
    if not by:
        print(_("The clock is not far ahead of the books: there is nothing to say."))
        return OK
    local = now.astimezone(shop.zone)
    text = _("This machine says that it is {now}, {span} after the newest entry of {till}.")
    print(text.format(now=f"{local:%Y-%m-%d %H:%M}", span=span_text(by), till=shop.till))
    print(_("If that is right, type the year:"), end=" ", flush=True)
    if sys.stdin.readline(MAX_LINE_LENGTH).strip() != str(local.year):
        print(_("Nothing was changed. Set the machine's clock right."), file=sys.stderr)
        return DOUBTFUL
    with writing(engine, durable=True) as session:
        clock.confirm(session, shop.till, actor.id, now)
    print(_("It is in the journal that the clock is right."))
    return OK


def _who_says(settings: "Settings", engine: "Engine", name: str | None) -> "Actor":
    """Who acts. The log-in of somebody who is named stands in the journal, which does not take it by such a clock."""
    from uuid import UUID

    from tui_pos.bootstrap import command_actor
    from tui_pos.journal.chain import ClockAhead
    from tui_pos.people.staff import actor_of
    from tui_pos.storage.engine import reading

    try:
        return command_actor(settings, engine, name, "sell")
    except ClockAhead as asked:  # their PIN was right
        with reading(engine) as session:
            return actor_of(session, UUID(asked.actor))


def run_verifier(_arguments: argparse.Namespace) -> int:
    """Write the verifier to standard output."""
    source = Path(__file__).parent.parent / "journal" / "verify_archive.py"
    print(source.read_text("utf-8"), end="")
    return OK


def run_keys(arguments: argparse.Namespace) -> int:
    """List the keys, oldest first; their whole ids are what an inspector asks for."""
    from config.errors import SecretError
    from config.secrets import SecretStore
    from tui_pos.console import print_table
    from tui_pos.journal.signing import find_signer
    from tui_pos.reports.audit import list_keys
    from tui_pos.storage.engine import reading

    settings, engine, actor = _place(arguments, "journal")
    till = settings.till.name
    missing = _missing_key()
    with reading(engine) as session:
        keys = list_keys(session, actor, till)
        try:
            signer = find_signer(session, till, SecretStore())
        except SecretError as error:
            signer, missing = None, str(error)
    if not keys:
        print(_("{till} has no key yet: the first Z makes it.").format(till=till), file=sys.stderr)
        return DOUBTFUL
    print_table((_("key"), _("since")), [(key["id"], key["at"][:10]) for key in keys])
    for key in keys:
        if key["outage"]:  # below: an id is as wide as a terminal
            print(_("The key before {key} was lost.").format(key=key["id"][:8]), file=sys.stderr)
    if signer is None:
        print(missing, file=sys.stderr)
        return DOUBTFUL
    return OK


def run_new_key(arguments: argparse.Namespace) -> int:
    """Change the till's key. The old one vouches for the new one, and is then thrown away."""
    from config.secrets import SecretStore
    from tui_pos import bootstrap
    from tui_pos.journal.signing import current_key_id, remember_key, secret_name
    from tui_pos.reports.audit import replace_key
    from tui_pos.storage.engine import writing

    settings, engine, actor = _place(arguments, "settings")
    till, store = settings.till.name, SecretStore()
    with writing(engine, durable=True) as session:
        old = current_key_id(session, till)
        new = replace_key(session, actor, till, store, bootstrap.utc_now())
    remember_key(store, till, new.key_id)
    if old:
        store.forget(secret_name(old))  # only now: had the commit failed, it would still be the till's key
    print(_("{till} signs with key {key} from now on. Note it down.").format(till=till, key=new.key_id))
    return OK
