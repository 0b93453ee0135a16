"""The commands `tui-pos journal …`: proving the books, handing them out, and the keys that sign them."""

import argparse
import datetime as dt
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tui_pos.i18n import _, ngettext
from tui_pos.shell import open_books

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from config.settings import Settings
    from tui_pos.people.actor import Actor
    from tui_pos.reports.audit import Proven

OK, UNSIGNED = 0, 3
"""Exit codes of `tui-pos journal verify`, beside those of every command."""

Add = Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]


def describe(add: Add, add_as: Callable[[argparse.ArgumentParser], None]) -> None:
    """The commands below `tui-pos journal`, each with its options; `add_as` adds the option that says who acts."""
    verify = add(
        "verify", run_verify, _("walk the whole journal, and hold every row of the books against it")
    )
    verify.add_argument("--till", metavar="NAME", default="", help=_("only this till (all of them)"))
    archive = add("archive", run_archive, _("write the journal of some days into one signed file"))
    archive.add_argument("from_day", metavar="FROM", type=_day, help=_("the first business day: 2026-11-01"))
    archive.add_argument("to_day", metavar="TO", type=_day, help=_("the last business day"))
    archive.add_argument(
        "--out", metavar="FILE", type=Path, help=_("where to (journal-TILL-FROM-TO.zip here)")
    )
    keys = add("keys", run_keys, _("list the keys that this till has signed with"))
    new_key = add("new-key", run_new_key, _("sign with a new key from now on"))
    for command in (verify, archive, keys, new_key):
        add_as(command)
    add("verifier", run_verifier, _("write out the program that checks such a file, for Python alone"))


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            _("{text} is no date such as 2026-11-20").format(text=text)
        ) from None


def _place(arguments: argparse.Namespace) -> "tuple[Settings, Engine, Actor]":
    from tui_pos.bootstrap import command_actor
    from tui_pos.people.permissions import Permission

    settings, engine, _shop = open_books(arguments)
    actor = command_actor(settings, engine, arguments.as_name)
    actor.require(Permission.JOURNAL)  # before a key is made for whoever may not use it
    return settings, engine, actor


def run_verify(arguments: argparse.Namespace) -> int:
    """Prove the books; the first thing that is wrong is the error of the command."""
    from tui_pos.reports.audit import verify_books
    from tui_pos.storage.engine import reading

    _config, engine, actor = _place(arguments)
    with reading(engine) as session:
        proven = verify_books(session, actor, arguments.till)
    for each in proven:
        _tell(each)
    print(_("The journal is whole, and the books say what it says."))
    return UNSIGNED if any(each.signed.unsigned for each in proven) else OK


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
        if key.outage:
            lost = _(
                "{till}: on {date} the signing key was lost; nothing vouches for key {key} that followed it."
            )
            print(lost.format(till=proven.till, date=key.at[:10], key=key.id[:8]), file=sys.stderr)
    if proven.signed.unsigned:
        text = ngettext(
            "{till}: closure {numbers} is not signed. See to the signing key: {command}",
            "{till}: closures {numbers} are not signed. See to the signing key: {command}",
            len(proven.signed.unsigned),
        )
        numbers = ", ".join(map(str, proven.signed.unsigned))
        print(text.format(till=proven.till, numbers=numbers, command="tui-pos journal keys"), file=sys.stderr)


def run_archive(arguments: argparse.Namespace) -> int:
    """Write the archive of some business days."""
    from tui_pos import bootstrap
    from tui_pos.journal.chain import JournalError
    from tui_pos.reports.audit import archive_days
    from tui_pos.storage.engine import reading

    settings, engine, actor = _place(arguments)
    shop, now = bootstrap.build_shop(settings), bootstrap.utc_now()
    first, last = arguments.from_day, arguments.to_day
    if last < first:
        raise JournalError(_("The last day comes before the first. Nothing was written."))
    signer = bootstrap.build_signer(engine, shop.till, now)
    if signer is None:
        raise JournalError(_missing_key())
    target = arguments.out or Path(f"journal-{shop.till}-{first}-{last}.zip")
    with reading(engine) as session:
        manifest = archive_days(session, actor, shop, signer, first, last, target)
    count = sum(stream["count"] for stream in manifest["streams"].values())
    text = ngettext(
        "{count} entry was written to {file}, signed by key {key}.",
        "{count} entries were written to {file}, signed by key {key}.",
        count,
    )
    print(text.format(count=count, file=target, key=signer.key_id[:8]))
    return OK


def _missing_key() -> str:
    text = _(
        "The till's signing key cannot be read here, so nothing can be signed. Bring it back, or run: {command}"
    )
    return text.format(command="tui-pos journal new-key")


def run_verifier(_arguments: argparse.Namespace) -> int:
    """Write the verifier to standard output."""
    source = Path(__file__).parent / "journal" / "verify_archive.py"
    print(source.read_text("utf-8"), end="")
    return OK


def run_keys(arguments: argparse.Namespace) -> int:
    """List the keys, oldest first; their whole ids are what an inspector asks for."""
    from tui_pos import bootstrap
    from tui_pos.console import print_table
    from tui_pos.reports.audit import list_keys
    from tui_pos.storage.engine import reading

    settings, engine, actor = _place(arguments)
    till = settings.till.name
    signer = bootstrap.build_signer(engine, till, bootstrap.utc_now())
    with reading(engine) as session:
        keys = list_keys(session, actor, till)
    rows = [
        (key["id"], key["at"][:10], _("the one before it was lost") if key["outage"] else "") for key in keys
    ]
    print_table((_("key"), _("since"), ""), rows)
    if signer is None:
        print(_missing_key(), file=sys.stderr)
        return UNSIGNED
    return OK


def run_new_key(arguments: argparse.Namespace) -> int:
    """Change the till's key. The old one vouches for the new one, and is then thrown away."""
    from config.secrets import SecretStore
    from tui_pos import bootstrap
    from tui_pos.journal.signing import current_key_id, secret_name
    from tui_pos.reports.audit import replace_key
    from tui_pos.storage.engine import writing

    settings, engine, actor = _place(arguments)
    till, store = settings.till.name, SecretStore()
    with writing(engine, durable=True) as session:
        old = current_key_id(session, till)
        new = replace_key(session, actor, till, store, bootstrap.utc_now())
    if old:
        store.forget(secret_name(old))  # only now: had the commit failed, it would still be the till's key
    print(_("{till} signs with key {key} from now on. Note it down.").format(till=till, key=new.key_id))
    return OK
