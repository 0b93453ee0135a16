"""The command `tui-pos export`: the Zs of some days for the bookkeeper's program."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tui_pos.commands.reports import parse_date
from tui_pos.i18n import _
from tui_pos.targets import add_force, check_target

if TYPE_CHECKING:
    from config.loading import Loaded
    from config.settings import Accounts as AccountSettings
    from tui_pos.reports.accounts import Accounts
    from tui_pos.reports.exports.format import DatevRules

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


def run_export(arguments: argparse.Namespace, loaded: "Loaded") -> int:
    """Write the export. Nothing in the books changes, and the same days give the same bytes again."""
    from tui_pos import bootstrap
    from tui_pos.reports.errors import ReportError
    from tui_pos.reports.exports.export import export, format_named
    from tui_pos.storage.engine import reading

    if arguments.last < arguments.first:
        raise ReportError(_("--to is before --from."))
    settings, engine = loaded.settings, bootstrap.open_database(loaded)
    actor = bootstrap.command_actor(settings, engine, arguments.as_name)
    format = format_named(arguments.format)
    own, datev = build_accounts(settings.accounts, format.name)
    with reading(engine) as session:
        files = export(session, format, own, datev, actor, arguments.first, arguments.last)
    if arguments.out is not None:
        for path in file_names(arguments.out, len(files)):
            check_target(path, engine, force=arguments.force)
        for path in write_files(arguments.out, files):
            print(path, file=sys.stderr)
    elif len(files) > 1:
        text = _("These days make {count} files in this format: name the first one by --out FILE.")
        raise ReportError(text.format(count=len(files)))
    else:
        sys.stdout.buffer.write(files[0])
    return 0


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
