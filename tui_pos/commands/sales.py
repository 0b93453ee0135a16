"""The command `tui-pos sales`: find past sales, see one whole, write the list as CSV."""

import argparse
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from tui_pos.commands.reports import parse_date
from tui_pos.i18n import _, ngettext
from tui_pos.shell import check_till
from tui_pos.targets import add_force, check_target, told_to

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy.orm import Session

    from config.loading import Loaded
    from tui_pos.people.actor import Actor
    from tui_pos.reports.search import FoundSale, Wanted
    from tui_pos.sales.shop import Shop

LIST_ROWS = 50


def describe_sales(parser: argparse.ArgumentParser) -> None:
    """The options of `tui-pos sales`."""
    parser.set_defaults(refuse=parser.error)
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
        "--last-four",
        type=_four_digits,
        metavar="DIGITS",
        help=_("the last four digits of the card"),
    )
    text = _("what was noted of the customer, or a part of it")
    parser.add_argument("--customer", metavar="TEXT", default="", help=text)
    parser.add_argument("--till", metavar="NAME", default="", help=_("only of this till"))
    parser.add_argument(
        "--limit", type=_count, metavar="N", default=LIST_ROWS, help=_("how many are listed (50)")
    )
    forms = parser.add_mutually_exclusive_group()
    forms.add_argument("--csv", type=Path, metavar="FILE", help=_("write all that fit to this CSV file"))
    forms.add_argument("--show", action="store_true", help=_("show the newest one that fits, whole"))
    add_force(parser)


def _count(text: str) -> int:
    if not re.fullmatch(r"0*[1-9][0-9]{0,5}", text):
        raise argparse.ArgumentTypeError(_("{text} is no number from 1 to 999999").format(text=text))
    return int(text)


def _four_digits(text: str) -> str:
    if not re.fullmatch(r"[0-9]{4}", text):
        raise argparse.ArgumentTypeError(_("{text} is not four digits").format(text=text))
    return text


def run_sales(arguments: argparse.Namespace, loaded: "Loaded") -> int:
    """List what fits, newest first. Nothing in the books changes."""
    from tui_pos import bootstrap
    from tui_pos.reports.search import find_sales
    from tui_pos.storage.engine import reading

    settings, engine = loaded.settings, bootstrap.open_database(loaded)
    shop = bootstrap.build_shop(settings)
    actor = bootstrap.command_actor(settings, engine, arguments.as_name, "search_sales")
    wanted = _wanted(arguments, shop)
    if wanted.till:  # one that is not there has sold nothing, which is not the same as that nothing fits
        check_till(engine, shop.till, wanted.till, arguments.refuse)
    if arguments.csv is not None:
        check_target(arguments.csv, engine, force=arguments.force)
    with reading(engine) as session:
        if arguments.csv is not None:
            return _write(session, wanted, actor, shop, arguments.csv)
        found = find_sales(session, wanted, actor, limit=1 if arguments.show else arguments.limit)
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
    """What the words say, and what the options say in their place. Ends with code 2 for what cannot be read."""
    from tui_pos.bootstrap import utc_now
    from tui_pos.reports.search import read_amounts, read_days, read_wanted
    from tui_pos.sales.receipt import read_label

    refuse: Callable[[str], NoReturn] = arguments.refuse
    words = " ".join(arguments.words).split()
    for word in words:
        if re.fullmatch(r"\d{4}-\d\d(-\d\d)?(\.\..*)?", word) and read_days(word) is None:
            refuse(_("{text} is no day or month, nor days in their order").format(text=word))
    wanted = read_wanted(" ".join(words), shop, shop.local_date(utc_now()))
    if arguments.number is not None:
        label = read_label(arguments.number, arguments.till or shop.till)
        if label is None:
            refuse(_("{text} is no receipt's number").format(text=arguments.number))
        wanted = replace(wanted, till=label[0], number=label[1])
    if wanted.number == 0:
        refuse(_("{text} is no receipt's number").format(text=0))
    if arguments.amount is not None:
        amounts = read_amounts(arguments.amount, shop.rules.currency)
        if amounts is None:
            refuse(_("{text} is no amount").format(text=arguments.amount))
        wanted = replace(wanted, least_minor=amounts[0], most_minor=amounts[1])
    given = {
        name: getattr(arguments, name)
        for name in ("first", "last", "cashier", "product", "last_four", "customer", "till")
        if getattr(arguments, name)
    }
    if arguments.tender:
        given["tender"] = _tender(arguments, shop)
    wanted = replace(wanted, **given)
    if wanted.first and wanted.last and wanted.last < wanted.first:
        refuse(_("--to is a day before --from"))
    return wanted


def _tender(arguments: argparse.Namespace, shop: "Shop") -> str:
    from tui_pos.reports.search import tender_words

    words = tender_words(shop)
    kind = words.get(arguments.tender.strip().casefold())
    if kind is None:
        text = _("{text} is no way of paying. There are: {kinds}")
        arguments.refuse(text.format(text=arguments.tender, kinds=", ".join(words)))
    return kind or ""


def _write(session: "Session", wanted: "Wanted", actor: "Actor", shop: "Shop", target: Path) -> int:
    from tui_pos.reports.sales_list import write_sales

    count = write_sales(session, wanted, actor, shop, target)
    text = ngettext("{count} sale was written to {file}.", "{count} sales were written to {file}.", count)
    print(text.format(count=count, file=target), file=told_to(target))
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
            sale.customer,
        )
        for sale in sales
    ]
    headings = (
        _("receipt"),
        _("sold at"),
        _("cashier"),
        _("goods"),
        _("paid by"),
        _("amount"),
        _("customer"),
    )
    print_table(headings, rows, right=(5,), cut=(2, 3, 4, 6))
