"""The commands `tui-pos x` and `tui-pos z`: for a shell, and for cron."""

import argparse
import datetime as dt
import os
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tui_pos.i18n import _, ngettext
from tui_pos.shell import check_till
from tui_pos.shell_printing import print_out
from tui_pos.targets import add_force, check_target, told_to

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from sqlalchemy import Engine

    from config.loading import Loaded
    from config.settings import Settings
    from hardware.document import Document
    from tui_pos.people.actor import Actor
    from tui_pos.reports.figures import Figures
    from tui_pos.reports.models import ZReport
    from tui_pos.sales.shop import Shop

OK, BLOCKED, NOTHING_TO_CLOSE, NOT_HANDED_OUT, UNSIGNED = 0, 3, 4, 5, 6
"""Exit codes of `tui-pos x` and `tui-pos z`, beside those of every command: 5 is done, but not written or printed,
6 is done, but not signed."""


def describe_x(parser: argparse.ArgumentParser) -> None:
    """The options of `tui-pos x`."""
    forms = _add_forms(parser, _("as on paper (what is done anyway)"))
    forms.add_argument("--print", action="store_true", help=_("on this till's printer"))
    tills = parser.add_mutually_exclusive_group()
    tills.add_argument("--shop", action="store_true", help=_("all tills together"))
    _add_till(tills)
    parser.set_defaults(refuse=parser.error)


def describe_z(parser: argparse.ArgumentParser) -> None:
    """The options of `tui-pos z`."""
    acts = parser.add_mutually_exclusive_group()
    acts.add_argument("--list", action="store_true", help=_("list the Zs that were made"))
    acts.add_argument("--show", type=int, metavar="N", help=_("show Z number N as it was made"))
    acts.add_argument("--shop", action="store_true", help=_("the Zs of all tills together"))
    parser.add_argument(
        "--print",
        type=int,
        nargs="?",
        const=0,
        metavar="N",
        help=_("print Z number N again, marked COPY; with --shop, without N: print that"),
    )
    parser.add_argument(
        "--date", type=parse_date, metavar="DATE", help=_("with --shop: of this business date")
    )
    parser.add_argument(
        "--to",
        type=parse_date,
        metavar="DATE",
        help=_("with --shop: up to this business date, from --date on"),
    )
    parser.add_argument(
        "--even-if-unused", action="store_true", help=_("make a Z though nothing has happened since the last")
    )
    _add_forms(parser, _("as on paper (--show and --shop do so anyway; else one line is told)"))
    _add_till(parser)
    parser.set_defaults(refuse=parser.error)


def _add_forms(parser: argparse.ArgumentParser, about_text: str) -> "argparse._MutuallyExclusiveGroup":
    forms = parser.add_mutually_exclusive_group()
    forms.add_argument("--text", action="store_true", help=about_text)
    forms.add_argument("--json", action="store_true", help=_("as JSON"))
    forms.add_argument("--pdf", type=Path, metavar="FILE", help=_("as a PDF, into this file"))
    add_force(parser)
    return forms


def _add_till(parser: "argparse._ActionsContainer") -> None:
    parser.add_argument("--till", metavar="NAME", help=_("another till of the same books"))


def parse_date(text: str) -> dt.date:
    """A date of the command line, as argparse wants it."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            _("{text} is no date such as 2026-11-20").format(text=text)
        ) from None


def run_x(arguments: argparse.Namespace, loaded: "Loaded") -> int:
    """Show the till's period as it stands, or print it."""
    from tui_pos.reports.documents import report_document
    from tui_pos.reports.figures import to_content
    from tui_pos.reports.z import make_x, print_x
    from tui_pos.storage.engine import writing

    settings = loaded.settings
    engine, shop, actor, now = _place(arguments, loaded, "x_report")
    if arguments.print:
        _need_printer(shop)
    if arguments.shop:
        return _combined_now(arguments, settings, engine, shop, actor, now)
    here = replace(shop, till=settings.till.name)
    with writing(engine) as session:
        figures = make_x(session, shop, actor, now)
        job_id = print_x(session, here, figures, actor, now) if arguments.print else None
    if job_id is not None:
        return print_out(settings, engine, job_id, _("The X"))
    _hand_out(arguments, settings, to_content(figures), report_document(figures, shop), now)
    return OK


def run_z(arguments: argparse.Namespace, loaded: "Loaded") -> int:
    """Make a Z, or show, list or print those that there are."""
    _check_usage(arguments)
    settings = loaded.settings
    makes = not (arguments.shop or arguments.list or arguments.show is not None)
    needs = "z_report" if makes else "x_report"
    engine, shop, actor, now = _place(arguments, loaded, needs)
    if arguments.shop:
        return _combined(arguments, settings, engine, shop, actor, now)
    if arguments.list:
        return _list(engine, shop, actor)
    if arguments.show is not None:
        return _show(arguments, settings, engine, shop, actor)
    if arguments.print is not None:
        return _print_again(arguments.print, settings, engine, shop, actor, now)
    return _make(arguments, settings, engine, shop, actor, now)


def _check_usage(arguments: argparse.Namespace) -> None:
    """End with code 2 where an option would be passed over in silence: a day must not be closed by mistake."""
    first, last = arguments.date, arguments.to
    makes = not (
        arguments.shop or arguments.list or arguments.show is not None or arguments.print is not None
    )
    if (first or last) and not arguments.shop:
        arguments.refuse(_("--date and --to need --shop: a Z is of everything since the last one"))
    if last and (first is None or last < first):
        arguments.refuse(_("--to needs --date, a day that is not later"))
    if arguments.even_if_unused and not makes:
        arguments.refuse(_("--even-if-unused is for making a Z"))
    if arguments.shop and arguments.till:
        arguments.refuse(_("--shop is of all tills, --till of one"))
    if arguments.print is not None and (arguments.list or arguments.show is not None):
        arguments.refuse(_("--print, --list or --show: one of them"))
    if arguments.print is not None and arguments.shop == bool(arguments.print):
        arguments.refuse(_("--print N prints Z number N, --shop --print those of all tills"))
    if (arguments.text or arguments.json or arguments.pdf) and (
        arguments.list or arguments.print is not None
    ):
        arguments.refuse(
            _("--text, --json and --pdf are for a Z that is made or shown, not for --list or --print")
        )


def _place(
    arguments: argparse.Namespace, loaded: "Loaded", needs: str
) -> "tuple[Engine, Shop, Actor, dt.datetime]":
    """Where this happens, who acts, and when."""
    from tui_pos import bootstrap

    settings, engine = loaded.settings, bootstrap.open_database(loaded)
    if arguments.pdf:
        check_target(arguments.pdf, engine, force=arguments.force)
    shop = bootstrap.build_shop(settings)
    if arguments.till:
        check_till(engine, shop.till, arguments.till, arguments.refuse)
        shop = replace(shop, till=arguments.till)
    actor = bootstrap.command_actor(settings, engine, arguments.as_name, needs)
    return engine, shop, actor, bootstrap.utc_now()


def _make(
    arguments: argparse.Namespace,
    settings: "Settings",
    engine: "Engine",
    shop: "Shop",
    actor: "Actor",
    now: dt.datetime,
) -> int:
    from tui_pos import bootstrap
    from tui_pos.drawer.blockers import warnings
    from tui_pos.journal.signing import unsigned_numbers
    from tui_pos.people.permissions import Permission
    from tui_pos.printing import queue
    from tui_pos.reports.figures import from_bytes
    from tui_pos.reports.z import REPORT, CloseBlocked, NothingToClose, check_closable, make_z
    from tui_pos.storage.engine import reading, writing
    from tui_pos.storage.files import check_writable

    actor.require(Permission.Z_REPORT)  # before a key is made for whoever may not use it
    if arguments.pdf:
        check_writable(arguments.pdf)  # before the day is closed
    try:
        with reading(engine) as session:  # before a key is made for what is not closed
            check_closable(session, shop, now, even_if_unused=arguments.even_if_unused)
        signer = bootstrap.build_signer(engine, shop.till, now)
        with writing(engine, durable=True) as session:
            told = warnings(session, shop)
            report = make_z(session, shop, actor, now, signer=signer, even_if_unused=arguments.even_if_unused)
            figures = from_bytes(report.content)
            page = queue.queued_at(session, shop.till, REPORT, now)
            is_signed = not unsigned_numbers(session, shop.till)
    except CloseBlocked as blocked:
        print(_("There is no Z yet. In the way:"), file=sys.stderr)
        for blocker in blocked.blockers:
            print(f"- {blocker.text}", file=sys.stderr)
        return BLOCKED
    except NothingToClose as nothing:
        print(str(nothing), file=sys.stderr)
        return NOTHING_TO_CLOSE
    for text in told:
        print(text, file=sys.stderr)
    handed_out = _tell_made(arguments, settings, engine, shop, figures)
    code = handed_out
    if not is_signed:
        text = _(
            "Z {number} stands, but is not signed: the signing key cannot be read here. "
            "Bring it back, or run: {command}"
        )
        print(text.format(number=figures.number, command="tui-pos journal new-key"), file=sys.stderr)
        code = handed_out or UNSIGNED
    if page is None:
        return code
    title = _("Z {number}").format(number=figures.number)
    out = sys.stderr if arguments.json or handed_out else sys.stdout
    if shop.till == settings.till.name and settings.printer.kind != "simulated":
        return print_out(settings, engine, page.id, title, out) or code
    print(
        _("{title} waits for the counter of {till} to print it.").format(title=title, till=shop.till),
        file=out,
    )
    return code


def _tell_made(
    arguments: argparse.Namespace, settings: "Settings", engine: "Engine", shop: "Shop", figures: "Figures"
) -> int:
    """Say that the Z was made, and hand it out as it was wished. It stands, whatever comes of that."""
    from tui_pos.reports.errors import ReportError
    from tui_pos.reports.z import find_z, page_of
    from tui_pos.storage.engine import reading

    try:
        if arguments.json or arguments.text or arguments.pdf:
            with reading(engine) as session:
                report = find_z(session, shop.till, figures.number)
                _hand_out_z(arguments, settings, report, page_of(session, report))
        if not arguments.json:
            print(_made(figures, shop))
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except (OSError, ReportError) as error:
        print(_made(figures, shop), file=sys.stderr)
        text = _("It stands, but could not be handed out ({reason}). Do not make it again: {command}")
        command = f"tui-pos z --show {figures.number}"
        print(text.format(reason=getattr(error, "strerror", None) or error, command=command), file=sys.stderr)
        with suppress(
            OSError
        ):  # what a full disk behind the output did not take would be tried again at the end
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NOT_HANDED_OUT
    return OK


def _made(figures: "Figures", shop: "Shop") -> str:
    from tui_pos.i18n.formatting import format_money

    made = ngettext(
        "Z {number} of {till} was made: {count} receipt, {amount} {currency}.",
        "Z {number} of {till} was made: {count} receipts, {amount} {currency}.",
        figures.receipts,
    )
    return made.format(
        number=figures.number,
        till=figures.till,
        count=figures.receipts,
        amount=format_money(figures.gross_minor, shop.rules.currency, shop.locale),
        currency=figures.currency,
    )


def _list(engine: "Engine", shop: "Shop", actor: "Actor") -> int:
    from tui_pos.console import print_table
    from tui_pos.i18n.formatting import format_money
    from tui_pos.reports.figures import figures_of
    from tui_pos.reports.z import list_z
    from tui_pos.storage.engine import reading

    with reading(engine) as session:
        found = [figures_of(report) for report in list_z(session, shop.till, actor)]
    rows = [
        (
            str(each.number),
            each.business_date.isoformat(),
            str(each.receipts),
            format_money(each.gross_minor, shop.rules.currency, shop.locale, paper=True),
        )
        for each in found
    ]
    print_table((_("Z"), _("business date"), _("receipts"), _("takings")), rows, right=(0, 2, 3))
    return OK


def _show(
    arguments: argparse.Namespace, settings: "Settings", engine: "Engine", shop: "Shop", actor: "Actor"
) -> int:
    from tui_pos.reports.z import show_z
    from tui_pos.storage.engine import reading

    with reading(engine) as session:
        report, page = show_z(session, shop.till, arguments.show, actor)
        _hand_out_z(arguments, settings, report, page)
    return OK


def _print_again(
    number: int, settings: "Settings", engine: "Engine", shop: "Shop", actor: "Actor", now: dt.datetime
) -> int:
    """A copy, on the printer of this till, also of another till's Z."""
    from tui_pos.reports.z import find_z, print_copy
    from tui_pos.storage.engine import writing

    _need_printer(shop)
    here = replace(shop, till=settings.till.name)
    with writing(engine) as session:
        job_id = print_copy(session, here, find_z(session, shop.till, number), actor, now)
    return print_out(settings, engine, job_id, _("The copy of Z {number}").format(number=number))


def _need_printer(shop: "Shop") -> None:
    from tui_pos.reports.errors import ReportError

    if not shop.prints:
        raise ReportError(_("This till has no printer (printer.kind is none). Without --print it is shown."))


def _combined_now(
    arguments: argparse.Namespace,
    settings: "Settings",
    engine: "Engine",
    shop: "Shop",
    actor: "Actor",
    now: dt.datetime,
) -> int:
    from tui_pos.reports.combined import combine_now, print_combined
    from tui_pos.storage.engine import writing

    with writing(engine) as session:
        combined = combine_now(session, shop, actor, now)
        job_id = print_combined(session, shop, combined, actor, now) if arguments.print else None
    if job_id is not None:
        return print_out(settings, engine, job_id, _("The X"))
    _hand_out(arguments, settings, combined.content(), combined.document(shop), now)
    return OK


def _combined(
    arguments: argparse.Namespace,
    settings: "Settings",
    engine: "Engine",
    shop: "Shop",
    actor: "Actor",
    now: dt.datetime,
) -> int:
    from tui_pos.reports.combined import combine, newest_date, print_combined
    from tui_pos.storage.engine import reading, writing

    with reading(engine) as session:
        first = arguments.date or newest_date(session)
        combined = combine(session, shop, actor, first, arguments.to or first)
    if arguments.print is not None:
        _need_printer(shop)
        with writing(engine) as session:
            job_id = print_combined(session, shop, combined, actor, now)
        return print_out(settings, engine, job_id, _("The page of all tills"))
    _hand_out(arguments, settings, combined.content(), combined.document(shop), combined.figures.until)
    return OK


def _hand_out_z(
    arguments: argparse.Namespace, settings: "Settings", report: "ZReport", page: "Document"
) -> None:
    """A Z as it was made, never computed again."""
    import json

    _hand_out(arguments, settings, json.loads(report.content), page, report.at)


def _hand_out(
    arguments: argparse.Namespace,
    settings: "Settings",
    content: "Mapping[str, Any]",
    document: "Document",
    made_at: dt.datetime,
) -> None:
    """In the form that was asked for: text, JSON (canonical, as journalled), or a PDF."""
    if arguments.json:
        from tui_pos.journal.chain import canonical

        print(canonical(content).decode())
    elif arguments.pdf:
        from tui_pos import bootstrap
        from tui_pos.reports.pdf import to_pdf
        from tui_pos.storage.files import whole_file

        pdf = to_pdf(document, made_at, bootstrap.font_finder(settings.printer))
        with whole_file(arguments.pdf) as file:
            file.write(pdf)
        print(_("Written to {file}.").format(file=arguments.pdf), file=told_to(arguments.pdf))
    else:
        from hardware.document import to_text

        print(to_text(document, settings.printer.columns), end="")
