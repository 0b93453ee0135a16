"""The tax classes of a country, ready to use: what a new shop starts with.

Source of the rates: what the acts on value-added, goods-and-services and consumption tax and the tax
authorities state, as of the beginning of 2026, with the changes enacted by then. The table speaks for dates
from 2010 on; a rate given from 2010-01-01 may be older. Rules for one kind of goods at one time (hotels,
takeaway meals, a tax holiday on food) move goods from class to class: that is for the shop, which knows its
goods. In the United States, and in Canada beyond the federal GST, the rate depends on the address: the shop
sets its own.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from tui_pos.catalogue.errors import CatalogueError
from tui_pos.catalogue.models import TaxClass, TaxClassRate
from tui_pos.i18n import _
from tui_pos.money.tax import TaxKind

FIRST_DAY = "2010-01-01"

# For each taxed class its rates, oldest first: "percent" from FIRST_DAY, or "date percent".
_RATES: dict[str, dict[str, tuple[str, ...]]] = {
    "AT": {"standard": ("20",), "reduced": ("10",), "intermediate": ("2016-01-01 13",)},
    "AU": {"standard": ("10",)},
    "BE": {"standard": ("21",), "intermediate": ("12",), "reduced": ("6",)},
    "CA": {"standard": ("5",)},
    "CH": {
        "standard": ("7.6", "2011-01-01 8", "2018-01-01 7.7", "2024-01-01 8.1"),
        "reduced": ("2.4", "2011-01-01 2.5", "2024-01-01 2.6"),
        "accommodation": ("3.6", "2011-01-01 3.8", "2018-01-01 3.7", "2024-01-01 3.8"),
    },
    "DE": {
        "standard": ("19", "2020-07-01 16", "2021-01-01 19"),
        "reduced": ("7", "2020-07-01 5", "2021-01-01 7"),
    },
    "DK": {"standard": ("25",)},
    "EE": {
        "standard": ("20", "2024-01-01 22", "2025-07-01 24"),
        "reduced": ("9",),
        "accommodation": ("9", "2025-01-01 13"),
    },
    "ES": {
        "standard": ("16", "2010-07-01 18", "2012-09-01 21"),
        "reduced": ("7", "2010-07-01 8", "2012-09-01 10"),
        "super_reduced": ("4",),
    },
    "FI": {
        "standard": ("22", "2010-07-01 23", "2013-01-01 24", "2024-09-01 25.5"),
        "reduced": ("12", "2010-07-01 13", "2013-01-01 14", "2026-01-01 13.5"),
        "second_reduced": ("8", "2010-07-01 9", "2013-01-01 10"),
    },
    "FR": {
        "standard": ("19.6", "2014-01-01 20"),
        "intermediate": ("2012-01-01 7", "2014-01-01 10"),
        "reduced": ("5.5",),
        "super_reduced": ("2.1",),
    },
    "GB": {"standard": ("17.5", "2011-01-04 20"), "reduced": ("5",)},
    "IE": {
        "standard": ("21", "2012-01-01 23", "2020-09-01 21", "2021-03-01 23"),
        "reduced": ("13.5",),
        "second_reduced": ("2011-07-01 9",),
    },
    "IS": {"standard": ("25.5", "2015-01-01 24"), "reduced": ("7", "2015-01-01 11")},
    "IT": {
        "standard": ("20", "2011-09-17 21", "2013-10-01 22"),
        "reduced": ("10",),
        "second_reduced": ("2016-01-01 5",),
        "super_reduced": ("4",),
    },
    "JP": {
        "standard": ("5", "2014-04-01 8", "2019-10-01 10"),
        "reduced": ("5", "2014-04-01 8"),  # food and newspapers simply stayed at 8 % in 2019
    },
    "NL": {"standard": ("19", "2012-10-01 21"), "reduced": ("6", "2019-01-01 9")},
    "NO": {
        "standard": ("25",),
        "food": ("14", "2012-01-01 15"),
        "reduced": ("8", "2016-01-01 10", "2018-01-01 12", "2020-04-01 6", "2021-10-01 12"),
    },
    "NZ": {"standard": ("12.5", "2010-10-01 15")},
    "PL": {
        "standard": ("22", "2011-01-01 23"),
        "reduced": ("7", "2011-01-01 8"),
        "super_reduced": ("3", "2011-01-01 5"),
    },
    "PT": {
        "standard": ("20", "2010-07-01 21", "2011-01-01 23"),
        "intermediate": ("12", "2010-07-01 13"),
        "reduced": ("5", "2010-07-01 6"),
    },
    "SE": {
        "standard": ("25",),
        "food": ("12", "2026-04-01 6", "2028-01-01 12"),
        "reduced": ("12",),
        "second_reduced": ("6",),
    },
    "SG": {"standard": ("7", "2023-01-01 8", "2024-01-01 9")},
    "US": {"standard": ("0",)},
}


@dataclass(frozen=True, slots=True)
class PresetClass:
    """A tax class of a country, with its rates by the date from which they hold."""

    code: str
    name: str
    kind: TaxKind
    rates: tuple[tuple[dt.date, Decimal], ...] = ()


def countries() -> list[str]:
    """The countries (ISO 3166 codes) that have a preset."""
    return list(_RATES)


def preset(country: str) -> list[PresetClass]:
    """The tax classes of a country; `standard`, `reduced`, `zero`, `exempt`, `out_of_scope` are always there.

    Where the law knows no reduced rate, `reduced` bears the standard one. Raises CatalogueError for a country
    without a preset.
    """
    if country not in _RATES:
        raise CatalogueError(
            _("There is no tax preset for {country!r}. There are: {known}").format(
                country=country, known=", ".join(_RATES)
            )
        )
    rates = _RATES[country]
    return _classes({"reduced": rates["standard"], **rates})


def _classes(taxed: Mapping[str, tuple[str, ...]]) -> list[PresetClass]:
    """The taxed classes with their rates, and those without tax that every country has."""
    names = _names()
    return [PresetClass(code, names[code], TaxKind.TAXED, _dated(taxed[code])) for code in sorted(taxed)] + [
        PresetClass("zero", _("Zero rate"), TaxKind.ZERO_RATED),
        PresetClass("exempt", _("Exempt"), TaxKind.EXEMPT),
        PresetClass("out_of_scope", _("Outside the scope of tax"), TaxKind.OUT_OF_SCOPE),
    ]


def start_taxes(session: Session, country: str) -> None:
    """What a new shop starts with: the classes of its country; where that has no preset, `standard` and `reduced`
    without a rate, so that nothing in them is sold before the shop has given them one.
    """
    _install(session, _first_classes(country))


def _first_classes(country: str) -> list[PresetClass]:
    return preset(country) if country in _RATES else _classes({"standard": (), "reduced": ()})


def has_taxes_of(session: Session, country: str) -> bool:
    """Whether the shop has the classes and rates that a new shop there starts with, and none of its own.

    Rates may be missing: those that were enacted after it began.
    """
    kinds = {row.code: row.kind for row in session.execute(select(TaxClass.code, TaxClass.kind))}
    first = {each.code: each for each in _first_classes(country)}
    if kinds != {code: each.kind for code, each in first.items()}:
        return False
    rates = session.scalars(select(TaxClassRate))
    return all((rate.valid_from, rate.percent) in first[rate.tax_class].rates for rate in rates)


def change_country(session: Session, country: str) -> bool:
    """What a shop starts with in `country`, in place of what it started with in another; nothing may bear a class yet.

    Classes that the shop changed itself stay. Returns whether they are the country's now.
    """
    is_new = session.scalar(select(TaxClass.code).limit(1)) is None
    if not is_new and not has_taxes_of(session, country):
        if not any(has_taxes_of(session, other) for other in ("", *_RATES)):
            return False
        session.execute(delete(TaxClassRate))
        session.execute(delete(TaxClass))
    start_taxes(session, country)
    return True


def install_preset(session: Session, country: str) -> list[str]:
    """Add what the shop lacks of its country's tax classes and rates; returns the codes it added to.

    What the shop set itself stays: a class that exists keeps its name and kind, and gets a rate only as long
    as every rate that it has is the preset's. Raises CatalogueError for a country without a preset.
    """
    return _install(session, preset(country))


def _install(session: Session, classes: Iterable[PresetClass]) -> list[str]:
    kinds = {row.code: row.kind for row in session.execute(select(TaxClass.code, TaxClass.kind))}
    had: dict[str, set[tuple[dt.date, Decimal]]] = defaultdict(set)
    for rate in session.scalars(select(TaxClassRate)):
        had[rate.tax_class].add((rate.valid_from, rate.percent))
    added = []
    for wanted in classes:
        is_new = wanted.code not in kinds
        same_kind = is_new or kinds[wanted.code] == wanted.kind
        as_preset = same_kind and had[wanted.code] <= set(wanted.rates)
        missing = set(wanted.rates) - had[wanted.code] if as_preset else set()
        if is_new:
            session.add(TaxClass(code=wanted.code, name=wanted.name, kind=wanted.kind))
            session.flush()
        for valid_from, percent in missing:
            session.add(TaxClassRate(tax_class=wanted.code, valid_from=valid_from, percent=percent))
        if is_new or missing:
            added.append(wanted.code)
    session.flush()
    return added


def _dated(rates: tuple[str, ...]) -> tuple[tuple[dt.date, Decimal], ...]:
    parts = [rate.split() for rate in rates]
    return tuple(
        (dt.date.fromisoformat(part[0] if len(part) == 2 else FIRST_DAY), Decimal(part[-1])) for part in parts
    )


def _names() -> dict[str, str]:
    return {
        "standard": _("Standard rate"),
        "reduced": _("Reduced rate"),
        "second_reduced": _("Second reduced rate"),
        "super_reduced": _("Super-reduced rate"),
        "intermediate": _("Intermediate rate"),
        "food": _("Food"),
        "accommodation": _("Accommodation"),
    }
