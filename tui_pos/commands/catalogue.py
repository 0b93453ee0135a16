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
    from tui_pos.catalogue.import_report import Decide, Doubt, ImportReport, Question, Reading

OK, REJECTED = 0, 3
"""Exit codes of `tui-pos catalogue`, beside those of every command: 3 is imported, but for lines that were rejected."""

MAX_ANSWER_LENGTH = 100

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
    text = _("the encoding of the file, such as cp1250 (found by itself: UTF-8, UTF-16 or Windows-1252)")
    importing.add_argument("--encoding", type=typed.encoding, metavar=_("NAME"), help=text)
    text = _(
        "what to do with prices that have more decimals than the currency (asks; without a terminal: refuse)"
    )
    importing.add_argument("--decimals", choices=("round", "refuse"), help=text)
    text = _(
        "what to do with a row whose barcode is another product's: refuse it, or take it without the barcode "
        "(asks; without a terminal: refuse)"
    )
    importing.add_argument("--same-barcode", choices=("without", "refuse"), help=text)
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
    from tui_pos.catalogue.importing import import_products
    from tui_pos.catalogue.rejects import rejected_path
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
            encoding=arguments.encoding,
            decide=_decider(arguments),
        )
    _tell(report, arguments, beside)
    return REJECTED if report.rejected else OK


def _decider(arguments: argparse.Namespace) -> "Decide":
    """Decides by the options; without them asks on a terminal, and elsewhere refuses and says so."""
    from tui_pos.catalogue.import_report import Question

    given = {
        Question.ROUND: arguments.decimals and arguments.decimals == "round",
        Question.LEAVE_OUT: arguments.same_barcode and arguments.same_barcode == "without",
    }

    def decide(question: "Question", doubt: "Doubt") -> bool:
        if (answer := given[question]) is not None:
            return bool(answer)
        told, asked, option = _question(question, doubt)
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            print(told, option, file=sys.stderr)
            return False
        yes = _("y")
        print(f"{told} {asked} [{yes}/N]", end=" ", flush=True, file=sys.stderr)
        return sys.stdin.readline(MAX_ANSWER_LENGTH).strip().casefold().startswith((yes, "y"))

    return decide


def _question(question: "Question", doubt: "Doubt") -> tuple[str, str, str]:
    """What was found, what to ask about it, and which option says it beforehand."""
    from tui_pos.catalogue.import_report import Question

    if question is Question.ROUND:
        found = ngettext(
            "{count} price has more decimals than the currency ({what}, line {line}).",
            "{count} prices have more decimals than the currency (the first {what}, line {line}).",
            doubt.count,
        )
        asked = _("Round to the nearest amount? Else these lines are rejected.")
        option = _("These lines are rejected; --decimals round rounds them.")
    else:
        found = ngettext(
            "{count} line has a barcode that is another product's ({what}, line {line}).",
            "{count} lines have a barcode that is another product's (the first {what}, line {line}).",
            doubt.count,
        )
        asked = _("Take these products without it? Else these lines are rejected.")
        option = _("These lines are rejected; --same-barcode without takes them without it.")
    return found.format(**asdict(doubt)), asked, option


def _tell(report: "ImportReport", arguments: argparse.Namespace, beside: Path) -> None:
    """Say what was done, or would be, and what should be looked at."""
    for text in _readings(report.reading, arguments):
        print(text, file=sys.stderr)
    done = _("Products added: {added}, changed: {updated}, left as they were: {unchanged}.")
    would = _("Nothing was changed. Products to add: {added}, to change: {updated}, to leave: {unchanged}.")
    text = would if arguments.dry_run else done
    print(text.format(added=report.added, updated=report.updated, unchanged=report.unchanged))
    text = _(
        "Lines in the file: {total}. Header: {header}, taken: {taken}, rejected: {rejected}, "
        "passed over: {passed_over}, empty: {blank}."
    )
    print(text.format(total=report.lines.total, **asdict(report.lines)))
    if report.repeated:
        text = ngettext(
            "{count} line was of a product that came more than once.",
            "{count} lines were of products that came more than once.",
            report.repeated,
        )
        print(text.format(count=report.repeated))
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
    for told in (*_doubts(report), *_mends(report)):
        print(told, file=sys.stderr)


def _readings(reading: "Reading", arguments: argparse.Namespace) -> Iterator[str]:
    """What the file was taken for."""
    if arguments.encoding is None and reading.encoding != "utf-8-sig":
        encoding = reading.encoding.replace("cp1252", "Windows-1252").upper().replace("WINDOWS", "Windows")
        text = _(
            "The file was read as {encoding}. If letters are wrong, name the right one: --encoding NAME."
        )
        yield text.format(encoding=encoding)
    columns = {ours: theirs for ours, theirs in reading.taken_from.items() if ours not in dict(arguments.map)}
    listed = ", ".join(f"{ours} = {theirs}" for ours, theirs in columns.items())
    if reading.program:
        text = _("The file was taken for products of {program}: {columns}. --map OURS=THEIRS overrules it.")
        yield text.format(program=reading.program, columns=listed)
    elif columns:
        text = _("Columns were taken so: {columns}. --map OURS=THEIRS overrules it.")
        yield text.format(columns=listed)
    if reading.taxes_unread:
        text = _(
            "Taxes were not taken from the file ({heading}): new products are taxed as standard. Where that is wrong, "
            "give the file a column tax with the classes of this shop."
        )
        yield text.format(heading=reading.taxes_unread)


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
    if report.foreign:
        text = ngettext(
            "{count} price bears the sign {what} (line {line}), which is not that of the shop's currency; "
            "its number was taken as it stands.",
            "{count} prices bear the sign {what} (the first on line {line}), which is not that of the shop's currency; "
            "their numbers were taken as they stand.",
            report.foreign.count,
        )
        yield text.format(**asdict(report.foreign))


def _mends(report: "ImportReport") -> Iterator[str]:
    """What was taken in otherwise than it stands in the file."""
    told = (
        (
            report.zeros,
            ngettext(
                "{count} barcode had lost its leading zeros ({what}, line {line}): its check digit says so, "
                "and they were put back.",
                "{count} barcodes had lost their leading zeros (the first {what}, line {line}): their check digits "
                "say so, and they were put back.",
                _count(report.zeros),
            ),
        ),
        (
            report.mended,
            ngettext(
                "{count} barcode was mended: {what} (line {line}).",
                "{count} barcodes were mended, the first: {what} (line {line}).",
                _count(report.mended),
            ),
        ),
        (
            report.made,
            ngettext(
                "{count} product has neither SKU nor barcode: its SKU is {what} (line {line}).",
                "{count} products have neither SKU nor barcode and got a SKU, the first {what} (line {line}).",
                _count(report.made),
            ),
        ),
        (
            report.left_out,
            ngettext(
                "{count} barcode was left out, since another product has it ({what}, line {line}).",
                "{count} barcodes were left out, since other products have them (the first {what}, line {line}).",
                _count(report.left_out),
            ),
        ),
        (
            report.rounded,
            ngettext(
                "{count} price was rounded ({what}, line {line}).",
                "{count} prices were rounded (the first {what}, line {line}).",
                _count(report.rounded),
            ),
        ),
    )
    for doubt, text in told:
        if doubt:
            yield text.format(**asdict(doubt))


def _count(doubt: "Doubt | None") -> int:
    return doubt.count if doubt else 0


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
