"""Finding products by code and by words, on both databases."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from tests.catalogue.conftest import ON
from tests.rigs.people import OWNER
from tui_pos.catalogue.codes import normalise_code, shown_code
from tui_pos.catalogue.errors import CatalogueError
from tui_pos.catalogue.models import Product
from tui_pos.catalogue.products import Unit, find_by_code, find_by_ids, search
from tui_pos.catalogue.taxes import set_rate
from tui_pos.catalogue.upkeep import Draft, upsert
from tui_pos.money.tax import TaxKind, TaxRate
from tui_pos.storage.engine import reading, writing

ANY_TEXT = st.text(max_size=40) | st.text("\"'*()-^:{}+~\\%_|&!<> ORANDNT\x00\ud800é低🍕5", max_size=20)


def skus(engine: Engine, words: str, limit: int = 20) -> list[str]:
    with reading(engine) as session:
        return [article.sku for article in search(session, words, ON, limit)]


def sku_of(engine: Engine, code: str) -> str | None:
    with reading(engine) as session:
        article = find_by_code(session, code, ON)
        return None if article is None else article.sku


@pytest.mark.parametrize(
    ("code", "normal"),
    [
        ("5449000000996", "05449000000996"),
        (" 96385074 ", "00000096385074"),
        ("036000291452", "00036000291452"),
        ("0036000291452", "00036000291452"),
        ("10036000291459", "10036000291459"),
        ("5449000000997", "5449000000997"),
        ("12345", "12345"),
        ("HOUSE-7", "HOUSE-7"),
        ("٩٦٣٨٥٠٧٤", "٩٦٣٨٥٠٧٤"),
        ("", ""),
    ],
)
def test_a_code_has_one_form(code: str, normal: str) -> None:
    assert normalise_code(code) == normal
    assert normalise_code(shown_code(normal)) == normal


def test_an_article_holds_all_that_the_counter_needs(shop: Engine) -> None:
    with reading(shop) as session:
        found = find_by_code(session, "TOM", ON)
    assert found is not None
    assert (found.sku, found.name, found.price_minor) == ("TOM", "Tomatoes, loose", 299)
    assert found.unit is Unit.KG
    assert found.tax == TaxRate("zero", TaxKind.ZERO_RATED, Decimal(0))
    assert found.keeps_stock is False
    assert found.active is True
    assert found.min_age == 0


@pytest.mark.parametrize(
    ("code", "sku"),
    [
        ("5449000000996", "OAT1"),
        ("05449000000996", "OAT1"),
        (" 5449000000996 ", "OAT1"),
        ("5449000000997", None),
        ("544900000099", None),
        ("96385074", "oat2"),
        ("036000291452", "CREME"),
        ("0036000291452", "CREME"),
        ("HOUSE-7", "CREME"),
        ("house-7", None),
        ("OAT1", "OAT1"),
        ("oat1", "OAT1"),
        ("OAT2", "oat2"),
        ("低脂", "低脂"),
        ("", None),
        (" ", None),
        ("OAT", None),
        ("a\x00b", None),
        ("\ud800", None),
        ("x" * 5000, None),
    ],
)
def test_look_up_by_code(shop: Engine, code: str, sku: str | None) -> None:
    assert sku_of(shop, code) == sku


def test_a_barcode_goes_before_a_sku(shop: Engine) -> None:
    with writing(shop) as session:
        upsert(session, Draft("HOUSE-7", "Something else", 1), OWNER)
    assert sku_of(shop, "HOUSE-7") == "CREME"


def test_skus_that_differ_by_case_alone_must_be_exact(shop: Engine) -> None:
    with writing(shop) as session:
        upsert(session, Draft("tEa", "Another tea", 1), OWNER)
    assert sku_of(shop, "TEA") == "TEA"
    assert sku_of(shop, "tEa") == "tEa"
    assert sku_of(shop, "tea") is None


def test_an_inactive_or_unpriced_product_is_found_and_says_so(shop: Engine) -> None:
    with reading(shop) as session:
        found = find_by_code(session, "GIFT", ON)
    assert found is not None
    assert (found.active, found.price_minor) == (False, None)


def test_the_rate_is_that_of_the_business_date(shop: Engine) -> None:
    with writing(shop) as session:
        set_rate(session, "standard", dt.date(2026, 6, 1), Decimal("22.5"), OWNER)
        percents = [
            found.tax.percent
            for on in (dt.date(2021, 2, 28), dt.date(2026, 5, 31), dt.date(2026, 6, 1))
            if (found := find_by_code(session, "WINE", on))
        ]
    assert percents == [Decimal(21), Decimal(23), Decimal("22.5")]


def test_a_product_without_a_rate_is_not_sold_untaxed(shop: Engine) -> None:
    with reading(shop) as session, pytest.raises(CatalogueError, match="standard has no rate on 2009-01-01"):
        find_by_code(session, "WINE", dt.date(2009, 1, 1))


def test_many_by_id(shop: Engine) -> None:
    with reading(shop) as session:
        wine, tea = find_by_code(session, "WINE", ON), find_by_code(session, "TEA", ON)
        assert wine is not None
        assert tea is not None
        assert find_by_ids(session, [wine.id, tea.id, 10**9], ON) == {wine.id: wine, tea.id: tea}


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("oat", ["OAT1", "oat2"]),
        ("OAT DRINK b", ["oat2"]),
        ("dri oat", ["OAT1", "oat2"]),
        ("drink", ["OAT1", "oat2"]),
        ("rink", ["OAT1", "oat2"]),
        ("creme bru", ["CREME"]),
        ("brûlée", ["CREME"]),
        ("BRULEE", ["CREME"]),
        ("berga", ["TEA"]),
        ("milch", ["MILK"]),
        ("牛奶", ["低脂"]),
        ("脂", ["低脂"]),
        ("低", ["低脂"]),
        ("5449", ["OAT1"]),
        ("9638", ["oat2"]),
        ("0360", ["CREME"]),
        ("100%", ["A%B_C"]),
        ("%", ["MILK", "A%B_C"]),
        ("0.75", ["WINE"]),
        ("fl", ["GIFT"]),
        ("oat2", ["oat2"]),
        ("nothing like it", []),
        ("", []),
        ("  \t ", []),
        ('"', []),
        ("oat NOT drink", []),
        ("name:oat", []),
    ],
)
def test_search(shop: Engine, words: str, found: list[str]) -> None:
    assert skus(shop, words) == found


def test_names_that_begin_so_come_first_and_inactive_products_last(shop: Engine) -> None:
    with writing(shop) as session:
        upsert(session, Draft("Z1", "Green tea", 1), OWNER)
        upsert(session, Draft("Z2", "Tea cosy", 1, active=False), OWNER)
        upsert(session, Draft("Z3", "Tea for two", 1), OWNER)
    assert skus(shop, "te") == ["Z3", "Z1", "TEA", "Z2"]
    assert len(skus(shop, "tea", limit=1)) == 1
    assert skus(shop, "tea", limit=0) == []


def test_a_sku_that_was_typed_whole_comes_before_everything_else(shop: Engine) -> None:
    with writing(shop) as session:
        upsert(session, Draft("Z1", "Tea for two", 1), OWNER)
        upsert(session, Draft("tea", "Herbal", 1), OWNER)
    assert skus(shop, "TEA") == ["TEA", "tea", "Z1"]
    assert skus(shop, "tea") == ["tea", "TEA", "Z1"]


def test_the_index_follows_every_change(shop: Engine) -> None:
    with writing(shop) as session:
        session.execute(text("UPDATE product SET name = 'Barley drink' WHERE sku = 'OAT1'"))
        session.execute(text("DELETE FROM barcode"))
        session.execute(text("DELETE FROM product WHERE sku = 'oat2'"))
        session.execute(text("UPDATE product SET price_minor = 1 WHERE sku = 'TEA'"))
    assert skus(shop, "oat drink 1") == []
    assert skus(shop, "barley") == ["OAT1"]
    assert skus(shop, "grey") == ["TEA"]


def test_the_index_of_sqlite_is_sound(sqlite_engine: Engine) -> None:
    with writing(sqlite_engine) as session:
        session.execute(text("INSERT INTO tax_class VALUES ('standard', 's', 'exempt')"))
        product = Product(sku="A", name="Old name", tax_class="standard")
        session.add(product)
        session.flush()
        product.name = "New name"
        session.flush()
        session.execute(text("INSERT INTO product_words(product_words, rank) VALUES ('integrity-check', 1)"))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ANY_TEXT)
def test_no_text_breaks_the_look_up(shop: Engine, typed: str) -> None:
    with reading(shop) as session:
        find_by_code(session, typed, ON)
        assert len(search(session, typed, ON, limit=3)) <= 3
