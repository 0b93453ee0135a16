"""Tax classes, their rates by date, and what the presets of countries install."""

import datetime as dt
from decimal import Decimal

import pytest
from sqlalchemy import Engine, func, select

from tests.rigs.people import OWNER
from tui_pos.catalogue.errors import CatalogueError
from tui_pos.catalogue.models import TaxClass, TaxClassRate
from tui_pos.catalogue.presets import countries, install_preset, preset
from tui_pos.catalogue.taxes import add_tax_class, rate_on, set_rate, tax_class_codes
from tui_pos.money.tax import BadTax, TaxKind, TaxRate
from tui_pos.storage.engine import reading, writing


@pytest.mark.parametrize("country", countries())
def test_a_preset_always_has_the_classes_that_every_product_may_name(country: str) -> None:
    classes = {found.code: found for found in preset(country)}
    assert {"standard", "reduced", "zero", "exempt", "out_of_scope"} <= classes.keys()
    assert classes["zero"].kind is TaxKind.ZERO_RATED
    assert classes["exempt"].kind is TaxKind.EXEMPT
    assert classes["out_of_scope"].kind is TaxKind.OUT_OF_SCOPE
    for found in classes.values():
        dates = [valid_from for valid_from, _ in found.rates]
        assert dates == sorted(set(dates))
        assert bool(found.rates) == (found.kind is TaxKind.TAXED)
        assert found.name


@pytest.mark.parametrize(
    ("country", "tax_class", "on", "percent"),
    [
        ("AT", "standard", "2026-01-01", "20"),
        ("AT", "intermediate", "2026-01-01", "13"),
        ("AU", "standard", "2026-01-01", "10"),
        ("BE", "reduced", "2026-01-01", "6"),
        ("CH", "standard", "2023-12-31", "7.7"),
        ("CH", "standard", "2024-01-01", "8.1"),
        ("CH", "reduced", "2024-01-01", "2.6"),
        ("CH", "accommodation", "2024-01-01", "3.8"),
        ("DE", "standard", "2020-06-30", "19"),
        ("DE", "standard", "2020-12-31", "16"),
        ("DE", "reduced", "2020-07-01", "5"),
        ("DE", "reduced", "2026-01-01", "7"),
        ("DK", "standard", "2026-01-01", "25"),
        ("DK", "reduced", "2026-01-01", "25"),
        ("EE", "standard", "2025-06-30", "22"),
        ("EE", "standard", "2025-07-01", "24"),
        ("ES", "super_reduced", "2026-01-01", "4"),
        ("FI", "standard", "2024-08-31", "24"),
        ("FI", "standard", "2024-09-01", "25.5"),
        ("FI", "reduced", "2025-12-31", "14"),
        ("FI", "reduced", "2026-01-01", "13.5"),
        ("FI", "second_reduced", "2026-01-01", "10"),
        ("FR", "standard", "2026-01-01", "20"),
        ("FR", "super_reduced", "2026-01-01", "2.1"),
        ("GB", "standard", "2010-12-01", "17.5"),
        ("GB", "standard", "2011-01-04", "20"),
        ("IE", "standard", "2021-02-28", "21"),
        ("IE", "standard", "2021-03-01", "23"),
        ("IE", "second_reduced", "2026-01-01", "9"),
        ("IT", "standard", "2026-01-01", "22"),
        ("JP", "reduced", "2019-10-01", "8"),
        ("JP", "standard", "2019-10-01", "10"),
        ("NL", "reduced", "2026-01-01", "9"),
        ("NO", "food", "2026-01-01", "15"),
        ("PL", "super_reduced", "2026-01-01", "5"),
        ("PT", "intermediate", "2026-01-01", "13"),
        ("SE", "food", "2026-03-31", "12"),
        ("SE", "food", "2026-04-01", "6"),
        ("SE", "food", "2027-12-31", "6"),
        ("SE", "food", "2028-01-01", "12"),
        ("US", "standard", "2026-01-01", "0"),
    ],
)
def test_the_rate_of_a_country_on_a_date(
    sqlite_engine: Engine, country: str, tax_class: str, on: str, percent: str
) -> None:
    with writing(sqlite_engine) as session:
        install_preset(session, country)
        found = rate_on(session, tax_class, dt.date.fromisoformat(on))
    assert found == TaxRate(tax_class, TaxKind.TAXED, Decimal(percent))


def test_installing_again_changes_nothing(engine: Engine) -> None:
    with writing(engine) as session:
        added = install_preset(session, "FI")
    with writing(engine) as session:
        assert install_preset(session, "FI") == []
        assert sorted(added) == tax_class_codes(session)


def test_a_rate_enacted_after_the_installation_is_added(engine: Engine) -> None:
    with writing(engine) as session:
        install_preset(session, "SE")
        session.delete(session.get_one(TaxClassRate, ("food", dt.date(2028, 1, 1))))
    with writing(engine) as session:
        assert install_preset(session, "SE") == ["food"]
        assert rate_on(session, "food", dt.date(2028, 1, 1)).percent == 12


def test_what_the_shop_set_itself_stays(engine: Engine) -> None:
    with writing(engine) as session:
        session.add(TaxClass(code="standard", name="City and state", kind=TaxKind.TAXED))
        session.add(TaxClass(code="reduced", name="None of it", kind=TaxKind.EXEMPT))
        session.flush()
        set_rate(session, "standard", dt.date(2024, 1, 1), Decimal("8.875"), OWNER)
    with writing(engine) as session:
        added = install_preset(session, "US")
        assert sorted(added) == ["exempt", "out_of_scope", "zero"]
        assert session.get_one(TaxClass, "standard").name == "City and state"
        assert rate_on(session, "standard", dt.date(2026, 1, 1)).percent == Decimal("8.875")
        assert rate_on(session, "reduced", dt.date(2026, 1, 1)).kind is TaxKind.EXEMPT
        assert session.scalar(select(func.count()).select_from(TaxClassRate)) == 1


def test_a_class_without_tax_has_the_rate_nought(engine: Engine) -> None:
    with writing(engine) as session:
        install_preset(session, "DE")
        found = rate_on(session, "out_of_scope", dt.date(1999, 1, 1))
    assert found == TaxRate("out_of_scope", TaxKind.OUT_OF_SCOPE, Decimal(0))


def test_errors_say_what_there_is(sqlite_engine: Engine) -> None:
    with reading(sqlite_engine) as session:
        with pytest.raises(CatalogueError, match=r"no tax preset for 'XX'\. There are: AT, AU"):
            install_preset(session, "XX")
        install_preset(session, "DE")
        with pytest.raises(CatalogueError, match=r"no tax class luxury\. There are: exempt, out_of"):
            rate_on(session, "luxury", dt.date(2026, 1, 1))
        with pytest.raises(CatalogueError, match="standard has no rate on 2009-12-31"):
            rate_on(session, "standard", dt.date(2009, 12, 31))
        with pytest.raises(CatalogueError, match="exempt bears no tax"):
            set_rate(session, "exempt", dt.date(2026, 1, 1), Decimal(5), OWNER)
        with pytest.raises(CatalogueError, match="no tax class luxury"):
            set_rate(session, "luxury", dt.date(2026, 1, 1), Decimal(5), OWNER)
        with pytest.raises(BadTax):
            set_rate(session, "standard", dt.date(2026, 1, 1), Decimal(500), OWNER)
        with pytest.raises(CatalogueError, match="zero exists already"):
            add_tax_class(session, "zero", "Nought", TaxKind.ZERO_RATED, OWNER)


def test_a_class_of_the_shops_own(engine: Engine) -> None:
    with writing(engine) as session:
        add_tax_class(session, "luxury", "Luxury", TaxKind.TAXED, OWNER)
        set_rate(session, "luxury", dt.date(2026, 1, 1), Decimal(33), OWNER)
        set_rate(session, "luxury", dt.date(2026, 1, 1), Decimal("33.5"), OWNER)
    with reading(engine) as session:
        assert rate_on(session, "luxury", dt.date(2026, 2, 1)).percent == Decimal("33.5")
