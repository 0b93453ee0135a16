"""The command `tui-pos export`: the Zs of some days for the bookkeeper's program."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tui_pos.commands.reports import parse_date
from tui_pos.i18n import _, ngettext
from tui_pos.targets import add_force, check_target, told_to

if TYPE_CHECKING:
    from config.loading import Loaded
    from config.settings import Accounts as AccountSettings
    from tui_pos.reports.accounts import Accounts
    from tui_pos.reports.exports.export import Exported
    from tui_pos.reports.exports.format import DatevRules

OK, LEFT_OUT = 0, 3
"""Exit codes of `tui-pos export`, beside those of every command: 3 is written, but receipts wait for their Z."""

FORMATS = ("beancount", "hledger", "csv", "quickbooks", "xero", "datev", "sage")
"""As reports.exports.export.FORMATS, which the help of every command need not import."""


def describe_export(parser: argparse.ArgumentParser) -> None:
    """The options of `tui-pos export`."""
    parser.add_argument("format", choices=FORMATS, metavar=_("FORMAT"), help=", ".join(FORMATS))
    parser.add_argument(
        "--from",
        dest="first",
        type=parse_date,
        metavar="DATE",
        required=True,
        help=_("the first business date"),
    )
    parser.add_argument(
        "--to", dest="last", type=parse_date, metavar="DATE", required=True, help=_("the last business date")
    )
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help=_("write to this file (else to the standard output)")
    )
    add_force(parser)
    parser.set_defaults(refuse=parser.error)


def run_export(arguments: argparse.Namespace, loaded: "Loaded") -> int:
    """Write the export. Nothing in the books changes, and the same days give the same bytes again."""
    from tui_pos import bootstrap
    from tui_pos.reports.errors import ReportError
    from tui_pos.reports.exports.export import export, format_named
    from tui_pos.storage.engine import reading

    if arguments.last < arguments.first:
        arguments.refuse(_("--to is a day before --from"))
    settings, engine = loaded.settings, bootstrap.open_database(loaded)
    actor = bootstrap.command_actor(settings, engine, arguments.as_name, "export")
    format = format_named(arguments.format)
    own, datev = build_accounts(settings.accounts, format.name)
    with reading(engine) as session:
        exported = export(session, format, own, datev, actor, arguments.first, arguments.last)
    files = exported.files
    if arguments.out is not None:
        for path in file_names(arguments.out, len(files)):
            check_target(path, engine, force=arguments.force)
        names = write_files(arguments.out, files)
        print(_written(exported, names), file=told_to(arguments.out))
    elif len(files) > 1:
        text = _("These days make {count} files in this format: name the first one by --out FILE.")
        raise ReportError(text.format(count=len(files)))
    else:
        sys.stdout.buffer.write(files[0])
    if not exported.journals:
        print(_("The Zs of these days hold nothing to book: the file has no journal."), file=sys.stderr)
    for text in exported.left_out:
        print(text, file=sys.stderr)
    return LEFT_OUT if exported.left_out else OK


def _written(exported: "Exported", names: Sequence[Path]) -> str:
    zs = ngettext("{count} Z", "{count} Zs", exported.zs).format(count=exported.zs)
    days = ngettext("{count} day", "{count} days", exported.days).format(count=exported.days)
    text = _("Written to {file}: {zs} of {days}.")
    return text.format(zs=zs, days=days, file=", ".join(map(str, names)))


def file_names(target: Path, count: int) -> list[Path]:
    """`target`, then `target-2` and so on."""
    later = (target.with_name(f"{target.stem}-{number}{target.suffix}") for number in range(2, count + 1))
    return [target, *later]


def write_files(target: Path, files: Sequence[bytes]) -> list[Path]:
    """Write the files of `file_names`, each whole or not at all, for their owner alone. Returns their names."""
    from tui_pos.storage.files import whole_file

    names = file_names(target, len(files))
    for path, content in zip(names, files, strict=True):
        with whole_file(path) as file:
            file.write(content)
    return names


def build_accounts(settings: "AccountSettings", format: str) -> "tuple[Accounts, DatevRules]":
    """The shop's own accounts in this format as values, and what DATEV wants to know.

    What is set for the format alone stands in place of what is set for all.
    """
    from tui_pos.reports.accounts import Accounts
    from tui_pos.reports.exports.format import DatevRules

    month, day = settings.year_begins.split("-")
    alone = getattr(settings, format)
    names = type(alone).model_fields
    chosen = settings.model_copy(
        update={name: getattr(alone, name) for name in names if getattr(alone, name)}
    )
    accounts = Accounts(
        cash=chosen.cash,
        safe=chosen.safe,
        cash_rounding=chosen.cash_rounding,
        over_short=chosen.over_short,
        paid_in=chosen.paid_in,
        paid_out=chosen.paid_out,
        no_tax_code=chosen.no_tax_code,
        tenders=_named(chosen.tenders),
        sales=_named(chosen.sales),
        tax=_named(chosen.tax),
        tax_codes=_named(chosen.tax_codes),
    )
    datev = DatevRules(
        consultant=settings.datev_consultant,
        client=settings.datev_client,
        chart=settings.datev_chart,
        account_digits=settings.datev_account_digits,
        year_begins=(int(month), int(day)),
    )
    return accounts, datev


def _named(accounts: Sequence[str]) -> dict[str, str]:
    """`name = account`, as the settings hold it, by the name."""
    parted = (text.partition("=") for text in accounts)
    return {name.strip(): account.strip() for name, _mark, account in parted}
