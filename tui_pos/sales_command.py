"""The command `tui-pos sales`: find past sales, see one whole, write the list as CSV."""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tui_pos.i18n import _, ngettext
from tui_pos.report_commands import parse_date

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from config.loading import Loaded
    from tui_pos.people.actor import Actor
    from tui_pos.reports.search import FoundSale, Wanted
    from tui_pos.sales.shop import Shop

LIST_ROWS = 50


def describe_sales(parser: argparse.ArgumentParser) -> None:
    """The options of `tui-pos sales`."""
    parser.add_argument(
        "words", nargs="*", metavar=_("WORDS"), help=_("as typed at the till: #17, 2026-11-20, 12.50, goods")
    )
    parser.add_argument("--number", metavar="N", help=_("the receipt's number: 17, or till1-000017"))
    parser.add_argument(
        "--from", dest="first", type=parse_date, metavar="DATE", help=_("from this business date")
    )
    parser.add_argument(
        "--to", dest="last", type=parse_date, metavar="DATE", help=_("up to this business date")
    )
    parser.add_argument("--cashier", metavar="NAME", default="", help=_("who sold it, or a part of the name"))
    parser.add_argument(
        "--product", metavar="NAME", default="", help=_("what was sold, by its name, SKU or barcode")
    )
    parser.add_argument("--amount", metavar="AMOUNT", help=_("what it came to: 12.50, or 10.00..20.00"))
    parser.add_argument("--tender", metavar="KIND", default="", help=_("how it was paid: cash or card"))
    parser.add_argument(
        "--last-four", metavar="DIGITS", default="", help=_("the last four digits of the card")
    )
    parser.add_argument("--till", metavar="NAME", default="", help=_("only of this till"))
    parser.add_argument(
        "--limit", type=int, metavar="N", default=LIST_ROWS, help=_("how many are listed (50)")
    )
    forms = parser.add_mutually_exclusive_group()
    forms.add_argument("--csv", type=Path, metavar="FILE", help=_("write all that fit to this CSV file"))
    forms.add_argument("--show", action="store_true", help=_("show the newest one that fits, whole"))


def run_sales(arguments: argparse.Namespace, loaded: "Loaded") -> int:
    """List what fits, newest first. Nothing in the books changes."""
    from tui_pos import bootstrap
    from tui_pos.reports.search import find_sales
    from tui_pos.storage.engine import reading

    settings, engine = loaded.settings, bootstrap.open_database(loaded)
    shop = bootstrap.build_shop(settings)
    actor = bootstrap.command_actor(settings, engine, arguments.as_name)
    wanted = _wanted(arguments, shop)
    with reading(engine) as session:
        if arguments.csv is not None:
            return _write(session, wanted, actor, shop, arguments.csv)
        found = find_sales(session, wanted, actor, limit=1 if arguments.show else max(1, arguments.limit))
        if not found.sales:
            print(_("No sale fits."))
        elif arguments.show:
            _show(session, shop, found.sales[0], actor, settings.printer.columns)
        else:
            _list(found.sales, shop)
            if found.more:
                print(_("There are more: narrow it, raise --limit, or write all of them by --csv."))
    return 0


def _wanted(arguments: argparse.Namespace, shop: "Shop") -> "Wanted":
    """What the words say, and what the options say in their place. Raises ReportError for what cannot be read."""
    from tui_pos.reports.errors import ReportError
    from tui_pos.reports.search import read_amounts, read_wanted
    from tui_pos.sales.receipt import read_label

    wanted = read_wanted(" ".join(arguments.words), shop)
    if arguments.number is not None:
        label = read_label(arguments.number, arguments.till or shop.till)
        if label is None:
            raise ReportError(_("{text} is no receipt's number.").format(text=arguments.number))
        wanted = replace(wanted, till=label[0], number=label[1])
    if arguments.amount is not None:
        amounts = read_amounts(arguments.amount, shop.rules.currency)
        if amounts is None:
            raise ReportError(_("{text} is no amount.").format(text=arguments.amount))
        wanted = replace(wanted, least_minor=amounts[0], most_minor=amounts[1])
    given = {
        name: getattr(arguments, name)
        for name in ("first", "last", "cashier", "product", "tender", "last_four", "till")
        if getattr(arguments, name)
    }
    return replace(wanted, **given)


def _write(session: "Session", wanted: "Wanted", actor: "Actor", shop: "Shop", target: Path) -> int:
    from tui_pos.reports.sales_list import write_sales

    count = write_sales(session, wanted, actor, shop, target)
    text = ngettext("{count} sale was written to {file}.", "{count} sales were written to {file}.", count)
    print(text.format(count=count, file=target))
    return 0


def _show(session: "Session", shop: "Shop", sale: "FoundSale", actor: "Actor", columns: int) -> None:
    from hardware.document import to_text
    from tui_pos.reports.past_receipt import receipt_page

    print(to_text(receipt_page(session, shop, sale.sale_id, actor), columns), end="")


def _list(sales: "Sequence[FoundSale]", shop: "Shop") -> None:
    from tui_pos.console import print_table

    rows = [
        (
            sale.label,
            sale.completed_at.astimezone(shop.zone).strftime("%Y-%m-%d %H:%M"),
            sale.cashier,
            sale.first_item if sale.lines == 1 else f"{sale.first_item} (+{sale.lines - 1})",
            ", ".join(kind for kind, _amount in sale.tenders),
            f"{sale.money(sale.gross_minor, shop.locale, paper=True)} {sale.currency.code}",
        )
        for sale in sales
    ]
    headings = (_("receipt"), _("sold at"), _("cashier"), _("goods"), _("paid by"), _("amount"))
    print_table(headings, rows)
