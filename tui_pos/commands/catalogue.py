"""The commands `tui-pos catalogue …` and `tui-pos taxes …`: products in and out, noted codes, rates of tax."""

import argparse
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from tui_pos import typed
from tui_pos.i18n import _, ngettext
from tui_pos.shell import open_books
from tui_pos.targets import add_force, check_target

if TYPE_CHECKING:
    from tui_pos.catalogue.importing import ImportReport

OK, REJECTED = 0, 3
"""Exit codes of `tui-pos catalogue`, beside those of every command: 3 is imported, but for lines that were rejected."""

Add = Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]
AddAs = Callable[[argparse.ArgumentParser], None]


def describe_catalogue(add: Add, add_as: AddAs) -> None:
    """The commands below `tui-pos catalogue`; `add_as` adds the option that says who acts."""
    text = _("take the products of a CSV file (also .csv.gz) into the catalogue; the till may go on selling")
    importing = add("import", run_import, text)
    add_as(importing)
    importing.add_argument("file", type=Path, metavar="FILE")
    importing.add_argument(
        "--map",
        type=typed.mapping,
        action="append",
        default=[],
        metavar="OURS=THEIRS",
        help=_("take our column from theirs, such as --map barcodes=gtin"),
    )
    importing.add_argument("--dry-run", action="store_true", help=_("only tell what would happen"))
    text = _("where the rejected lines go (beside the file)")
    importing.add_argument("--rejected", type=Path, metavar="FILE", help=text)
    add_force(importing)
    exporting = add("export", run_export, _("write all products to a CSV file (also .csv.gz)"))
    exporting.add_argument("file", type=Path, metavar="FILE", nargs="?", default=Path("catalogue.csv"))
    add_force(exporting)
    unknown = add("unknown", run_unknown, _("list the codes that were noted at the counter"))
    unknown.add_argument("--clear", action="store_true", help=_("and forget them"))
    add_as(unknown)


def describe_taxes(add: Add, add_as: AddAs) -> None:
    """The commands below `tui-pos taxes`."""

    def add_start(to: argparse.ArgumentParser) -> None:
        text = _("the day from which the rate holds, such as 2027-01-31 (today)")
        to.add_argument("--from", dest="start", type=typed.date, metavar=_("DATE"), help=text)

    setting = add("set", run_set_tax, _("give a tax class a rate from a day on"))
    setting.add_argument("code", metavar=_("CLASS"))
    setting.add_argument("percent", type=typed.percent, metavar=_("PERCENT"), help=_("such as 25 or 8.875"))
    add_start(setting)
    add_as(setting)
    adding = add("add", run_add_tax, _("add a tax class of the shop's own"))
    adding.add_argument("code", type=typed.tax_code, metavar=_("CODE"))
    adding.add_argument("name", type=typed.tax_name, metavar=_("NAME"))
    adding.add_argument(
        "--kind",
        nargs="+",  # argparse would not find a last word PERCENT behind an option
        action=typed.TaxKindAction,
        required=True,
        metavar=(_("KIND"), _("PERCENT")),
        help=_("taxed with its percentage, or one of zero_rated, exempt and out_of_scope alone"),
    )
    add_start(adding)
    add_as(adding)
    text = _("add what the shop lacks of a country's tax classes and rates")
    preset = add("preset", run_preset, text)
    text = _("two letters (shop.country)")
    preset.add_argument("country", nargs="?", type=str.upper, metavar=_("COUNTRY"), help=text)
    add_as(preset)


def run_import(arguments: argparse.Namespace) -> int:
    """Take the products of a file in."""
    from tui_pos import bootstrap
    from tui_pos.catalogue.importing import import_products, rejected_path
    from tui_pos.console import progress_bar
    from tui_pos.storage.errors import told_in_words

    settings, engine, shop = open_books(arguments, make=not arguments.dry_run)
    actor = bootstrap.command_actor(settings, engine, arguments.as_name, "catalogue")
    if arguments.rejected is not None:
        check_target(arguments.rejected, engine, force=arguments.force)
    beside = rejected_path(arguments.file)
    with told_in_words(), progress_bar(arguments.file.name) as progress:
        report = import_products(
            engine,
            arguments.file,
            shop.rules.currency,
            shop.till,
            actor,
            bootstrap.utc_now(),
            mapping=dict(arguments.map),
            dry_run=arguments.dry_run,
            progress=progress,
            rejected=arguments.rejected or (beside if arguments.force else None),
        )
    done = _("Products added: {added}, changed: {updated}, left as they were: {unchanged}.")
    would = _("Nothing was changed. Products to add: {added}, to change: {updated}, to leave: {unchanged}.")
    counted = _("Lines read: {rows}. Of these came more than once: {repeated}, were rejected: {rejected}.")
    for text in (would if arguments.dry_run else done, counted):
        print(
            text.format(
                added=report.added,
                updated=report.updated,
                unchanged=report.unchanged,
                rows=report.rows,
                repeated=report.repeated,
                rejected=report.rejected,
            )
        )
    if report.rejected_file is not None:
        rejected = ngettext(
            "{count} line was rejected; it and the reason are in {file}.",
            "{count} lines were rejected; they and the reasons are in {file}.",
            report.rejected,
        )
        print(rejected.format(count=report.rejected, file=report.rejected_file), file=sys.stderr)
    elif arguments.rejected is None and beside.exists():
        text = _("No line was rejected this time: {file} is of an earlier import.")
        print(text.format(file=beside), file=sys.stderr)
    for doubt in _doubts(report):
        print(doubt, file=sys.stderr)
    return REJECTED if report.rejected else OK


def _doubts(report: "ImportReport") -> Iterator[str]:
    """What was taken in, or would be, and should be looked at."""
    if report.misread:
        text = ngettext(
            "{count} barcode has a wrong check digit ({what}, line {line}): it is taken as it stands, and only a scan "
            "of exactly these digits finds it. Compare it with the pack.",
            "{count} barcodes have a wrong check digit (the first {what}, line {line}): they are taken as they stand, "
            "and only a scan of exactly these digits finds them. Compare them with the packs.",
            report.misread.count,
        )
        yield text.format(**asdict(report.misread))
    if report.free:
        text = ngettext(
            "{count} product costs nothing (SKU {what}, line {line}). With an empty price the till would ask for it.",
            "{count} products cost nothing (the first SKU {what}, line {line}). "
            "With an empty price the till would ask for it.",
            report.free.count,
        )
        yield text.format(**asdict(report.free))


def run_export(arguments: argparse.Namespace) -> int:
    """Write all products to a file."""
    from tui_pos.catalogue.exporting import export_products
    from tui_pos.storage.engine import reading

    _settings, engine, shop = open_books(arguments)
    check_target(arguments.file, engine, force=arguments.force)
    with reading(engine) as session:
        count = export_products(session, arguments.file, shop.rules.currency)
    text = ngettext(
        "{count} product was written to {file}.", "{count} products were written to {file}.", count
    )
    print(text.format(count=count, file=arguments.file))
    return OK


def run_unknown(arguments: argparse.Namespace) -> int:
    """List the codes that were noted at the counter."""
    from tui_pos.back_office import show_unknown
    from tui_pos.bootstrap import command_actor

    settings, engine, shop = open_books(arguments)
    needs = "catalogue" if arguments.clear else "search_sales"
    actor = command_actor(settings, engine, arguments.as_name, needs)
    show_unknown(engine, shop, actor, clear=arguments.clear)
    return OK


def run_taxes(arguments: argparse.Namespace) -> int:
    """List classes and rates."""
    from tui_pos.back_office import show_taxes
    from tui_pos.bootstrap import utc_now

    _settings, engine, shop = open_books(arguments)
    show_taxes(engine, shop, shop.business_date(utc_now()))
    return OK


def run_set_tax(arguments: argparse.Namespace) -> int:
    """Give a class a rate from a day on."""
    from tui_pos.back_office import set_tax
    from tui_pos.bootstrap import command_actor, utc_now

    settings, engine, shop = open_books(arguments)
    actor = command_actor(settings, engine, arguments.as_name, "taxes")
    now = utc_now()
    start = arguments.start or shop.business_date(now)
    set_tax(engine, shop, arguments.code.lower(), arguments.percent, start, actor, now)
    return OK


def run_add_tax(arguments: argparse.Namespace) -> int:
    """Add a class of the shop's own."""
    from tui_pos.back_office import add_tax
    from tui_pos.bootstrap import command_actor, utc_now

    settings, engine, shop = open_books(arguments)
    actor = command_actor(settings, engine, arguments.as_name, "taxes")
    now = utc_now()
    start = arguments.start or shop.business_date(now)
    about = (arguments.code, arguments.name, arguments.kind, arguments.percent)
    add_tax(engine, shop, *about, start, actor, now)
    return OK


def run_preset(arguments: argparse.Namespace) -> int:
    """Add what is missing of a country's classes."""
    from tui_pos.back_office import add_preset
    from tui_pos.bootstrap import command_actor, utc_now

    settings, engine, shop = open_books(arguments)
    actor = command_actor(settings, engine, arguments.as_name, "taxes")
    country = arguments.country or settings.shop.country
    add_preset(engine, shop, country, settings.language, actor, utc_now())
    return OK
