"""What an owner does at the shell: the rates of tax, the codes that nobody knew, the receipts of the past."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from tui_pos.console import print_table
from tui_pos.i18n import _, ngettext, speaking
from tui_pos.i18n.formatting import format_percent
from tui_pos.journal import chain
from tui_pos.money.tax import TaxKind
from tui_pos.people.actor import Actor
from tui_pos.people.permissions import Permission
from tui_pos.sales.shop import Shop
from tui_pos.storage.engine import reading, writing


def show_taxes(engine: Engine, shop: Shop, today: dt.date) -> None:
    """Print every tax class with all its rates; the one that holds on business date `today` is marked."""
    from tui_pos.catalogue.taxes import tax_classes_with_rates

    rows: list[tuple[str, ...]] = []
    with reading(engine) as session:
        for tax_class, rates in tax_classes_with_rates(session):
            about = (tax_class.code, tax_class.name, tax_class.kind)
            begun = [rate.valid_from for rate in rates if rate.valid_from <= today]
            for rate in rates:
                mark = _("in force") if begun and rate.valid_from == begun[-1] else ""
                percent = format_percent(rate.percent, shop.locale)
                rows.append((*about, percent, rate.valid_from.isoformat(), mark))
            if not rates:
                lacks = _("needs a rate") if tax_class.kind == TaxKind.TAXED else ""
                rows.append((*about, "", "", lacks))
    print_table((_("code"), _("name"), _("kind"), _("rate"), _("from"), ""), rows)


def set_tax(
    engine: Engine,
    shop: Shop,
    code: str,
    percent: Decimal,
    valid_from: dt.date,
    actor: Actor,
    now: dt.datetime,
) -> None:
    """Give a tax class a rate from a date on. Raises CatalogueError, money.tax.BadTax."""
    from tui_pos.catalogue.taxes import set_rate

    with writing(engine, durable=True) as session:
        set_rate(session, code, valid_from, percent, actor)
        said = {"class": code, "percent": str(percent), "from": valid_from.isoformat()}
        _record(session, shop, "tax_rate", said, actor, now)
    _tell_rate(shop, code, percent, valid_from)


def add_tax(
    engine: Engine,
    shop: Shop,
    code: str,
    name: str,
    kind: TaxKind,
    percent: Decimal | None,
    valid_from: dt.date,
    actor: Actor,
    now: dt.datetime,
) -> None:
    """Add a tax class of the shop's own; one that is taxed with its first rate. Raises CatalogueError, BadTax."""
    from tui_pos.catalogue.taxes import add_tax_class, set_rate

    said = {"class": code, "name": name, "kind": str(kind)}
    with writing(engine, durable=True) as session:
        add_tax_class(session, code, name, kind, actor)
        if percent is not None:
            set_rate(session, code, valid_from, percent, actor)
            said |= {"percent": str(percent), "from": valid_from.isoformat()}
        _record(session, shop, "tax_class", said, actor, now)
    print(_("Tax class {code} was added.").format(code=code))
    if percent is not None:
        _tell_rate(shop, code, percent, valid_from)


def _tell_rate(shop: Shop, code: str, percent: Decimal, valid_from: dt.date) -> None:
    text = _("Tax class {code} is {percent} from {date} on.")
    print(text.format(code=code, percent=format_percent(percent, shop.locale), date=valid_from.isoformat()))


def add_preset(
    engine: Engine, shop: Shop, country: str, language: str, actor: Actor, now: dt.datetime
) -> None:
    """Add the classes and rates of a country that the shop lacks, named in `language`. Raises CatalogueError."""
    from tui_pos.catalogue.presets import install_preset

    actor.require(Permission.TAXES)
    with speaking(language), writing(engine, durable=True) as session:
        added = install_preset(session, country)
        if added:
            _record(session, shop, "tax_preset", {"country": country, "added": " ".join(added)}, actor, now)
    if added:
        print(_("New classes or rates: {codes}.").format(codes=", ".join(added)))
    else:
        print(_("There was nothing to add: what the shop set itself stays as it is."))


def _record(
    session: Session, shop: Shop, event: str, said: Mapping[str, str | int], actor: Actor, now: dt.datetime
) -> None:
    """Rates and prices change what every later receipt says: the journal knows who changed them, and when."""
    chain.append(
        session,
        till=shop.till,
        stream=chain.EVENTS,
        event=event,
        actor=actor.id,
        now=now,
        data=said,
    )


def show_unknown(engine: Engine, shop: Shop, actor: Actor, *, clear: bool) -> None:
    """Print the codes that were noted at the counter, the latest first; with `clear` forget those printed."""
    from tui_pos.catalogue.unknown import Problem, forget, unknown_codes

    problems = {
        Problem.UNKNOWN: _("no product has it"),
        Problem.CONTRADICTION: _("its label contradicts the catalogue"),
    }
    if clear:
        actor.require(Permission.CATALOGUE)
    with writing(engine) if clear else reading(engine) as session:
        codes = unknown_codes(session)
        rows = [
            (
                _printable(each.code),
                str(each.times),
                f"{each.last_at.astimezone(shop.zone):%Y-%m-%d %H:%M}",
                each.till,
                problems[Problem(each.problem)],
            )
            for each in codes
        ]
        print_table((_("code"), _("times"), _("last"), _("till"), _("why it was not sold")), rows)
        if clear:
            forget(session, codes)
    if clear:
        text = ngettext("{count} code was forgotten.", "{count} codes were forgotten.", len(rows))
        print(text.format(count=len(rows)))


def _printable(code: str) -> str:
    """A code holds whatever a scanner sent; a terminal would obey some of it."""
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in code)


def show_proof(engine: Engine, shop: Shop, number: str, actor: Actor) -> None:
    """Print what the journal itself has of a past receipt: the hash of which paper shows the first digits.

    It is worked out anew. Raises JournalBroken where it is not the stored one, or the entry does not follow the one
    before it, and SaleError where there is no such receipt.
    """
    from tui_pos.sales.basket import SaleError
    from tui_pos.sales.receipt import proof_of, read_label, receipt_label

    actor.require(Permission.SEARCH_SALES)
    with reading(engine) as session:
        till, wanted = read_label(number, shop.till) or (shop.till, 0)
        entry = chain.entry_at(session, till, chain.RECEIPTS, wanted)  # numbered alike
        if entry is None or entry.content["data"].get("number") != wanted:
            raise SaleError(_("The journal has no entry for receipt {number}.").format(number=number))
        text = _("Receipt {label}: entry {seq} of stream receipts, proof {proof}, hash {hash}")
        label = receipt_label(till, wanted)
        hash = entry.hash.hex()
        print(text.format(label=label, seq=entry.seq, proof=proof_of(entry.hash), hash=hash))


def show_receipt(
    engine: Engine, shop: Shop, number: str, actor: Actor, now: dt.datetime, *, copy: bool, language: str
) -> UUID | None:
    """Show a past receipt as plain text; with `copy` queue it for the till's printer too, marked in `language`.

    Returns the page that was queued. Raises SaleError where there is no such receipt or its page was changed,
    PrintingError where it cannot be copied.
    """
    from hardware.document import to_text
    from tui_pos.printing import queue
    from tui_pos.sales import kept_pages
    from tui_pos.sales.receipt import find_receipt

    actor.require(Permission.SEARCH_SALES)
    with reading(engine) as session:
        receipt = find_receipt(session, shop.till, number)
        page = kept_pages.page_of(session, receipt.id)
    print(to_text(page, shop.columns), end="")
    if not copy:
        return None
    if not shop.prints:
        raise queue.PrintingError(
            _("This till has no printer (printer.kind is none), so no copy was queued.")
        )
    with speaking(language), writing(engine) as session:
        return kept_pages.reprint(session, receipt.id, till=shop.till, actor=actor, now=now)
