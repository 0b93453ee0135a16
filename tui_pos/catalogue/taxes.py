"""Tax classes and the rates that they have on a date."""

import datetime as dt
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from tui_pos.catalogue.errors import CatalogueError
from tui_pos.catalogue.models import TaxClass, TaxClassRate
from tui_pos.i18n import _
from tui_pos.money.tax import TaxKind, TaxRate
from tui_pos.people.actor import Actor
from tui_pos.people.permissions import Permission

STANDARD = "standard"
"""The class of a product that nothing else is said of."""


def rate_on(session: Session, tax_class: str, on: dt.date) -> TaxRate:
    """The rate of a class on a business date: the newest one that begins no later.

    Raises CatalogueError for an unknown class, and for a taxed one whose first rate begins after that date.
    """
    kind = session.scalar(select(TaxClass.kind).where(TaxClass.code == tax_class))
    if kind is None:
        raise unknown_class(tax_class, tax_class_codes(session))
    if kind != TaxKind.TAXED:
        return TaxRate(tax_class, TaxKind(kind), Decimal(0))
    percent = session.scalar(
        select(TaxClassRate.percent)
        .where(TaxClassRate.tax_class == tax_class, TaxClassRate.valid_from <= on)
        .order_by(TaxClassRate.valid_from.desc())
        .limit(1)
    )
    if percent is None:
        raise CatalogueError(
            _(
                "Tax class {code} has no rate on {date}. Add the rate: tui-pos taxes set {code} PERCENT"
            ).format(code=tax_class, date=on.isoformat())
        )
    return TaxRate(tax_class, TaxKind.TAXED, percent)


def tax_class_codes(session: Session) -> list[str]:
    """The codes of all tax classes, in their order."""
    return list(session.scalars(select(TaxClass.code).order_by(TaxClass.code)))


def tax_classes_with_rates(session: Session) -> list[tuple[TaxClass, list[TaxClassRate]]]:
    """Every tax class by its code, each with all its rates, oldest first."""
    rates: dict[str, list[TaxClassRate]] = {}
    for rate in session.scalars(select(TaxClassRate).order_by(TaxClassRate.valid_from)):
        rates.setdefault(rate.tax_class, []).append(rate)
    classes = session.scalars(select(TaxClass).order_by(TaxClass.code))
    return [(each, rates.get(each.code, [])) for each in classes]


def add_tax_class(session: Session, code: str, name: str, kind: TaxKind, actor: Actor) -> None:
    """A class of the shop's own; a taxed one needs a rate before anything in it can be sold.

    Raises CatalogueError if the code is taken.
    """
    actor.require(Permission.TAXES)
    if session.get(TaxClass, code) is not None:
        raise CatalogueError(_("Tax class {code} exists already. Choose another code.").format(code=code))
    session.add(TaxClass(code=code, name=name, kind=kind))
    session.flush()


def set_rate(session: Session, tax_class: str, valid_from: dt.date, percent: Decimal, actor: Actor) -> None:
    """The percentage of a taxed class from a date on; one already given for that very date is replaced.

    Raises CatalogueError if the class is unknown or bears no tax, money.tax.BadTax if no rate is like that.
    """
    actor.require(Permission.TAXES)
    found = session.get(TaxClass, tax_class)
    if found is None:
        raise unknown_class(tax_class, tax_class_codes(session))
    if found.kind != TaxKind.TAXED:
        raise CatalogueError(
            _("Tax class {code} bears no tax, so it has no rates. Use another class.").format(code=tax_class)
        )
    rate = TaxRate(tax_class, TaxKind.TAXED, percent)
    session.merge(TaxClassRate(tax_class=tax_class, valid_from=valid_from, percent=rate.percent))
    session.flush()


def unknown_class(code: str, known: list[str]) -> CatalogueError:
    """The error for a class that does not exist; it names those that do."""
    return CatalogueError(
        _("There is no tax class {code}. There are: {known}").format(code=code, known=", ".join(known))
    )
