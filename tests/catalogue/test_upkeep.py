"""Adding and changing products."""

import pytest
from sqlalchemy import Engine, func, select

from tests.catalogue.conftest import ON
from tests.rigs.people import OWNER
from tui_pos.catalogue.errors import CatalogueError
from tui_pos.catalogue.models import Barcode, Product
from tui_pos.catalogue.products import find_by_code
from tui_pos.catalogue.upkeep import Draft, add_barcode, deactivate, upsert
from tui_pos.storage.engine import reading, writing


def test_a_second_upsert_updates(shop: Engine) -> None:
    with writing(shop) as session:
        before = session.scalar(select(func.count()).select_from(Product))
        first = upsert(session, Draft("NEW", "New", 100, barcodes=("4006381333931",)), OWNER)
        again = upsert(session, Draft("NEW", "", 120, barcodes=("04006381333931", "X-1")), OWNER)
        assert first == again
        assert session.scalar(select(func.count()).select_from(Product)) == (before or 0) + 1
        found = find_by_code(session, "X-1", ON)
    assert found is not None
    assert (found.name, found.price_minor) == ("New", 120)


def test_a_barcode_names_one_product_only(shop: Engine) -> None:
    with (
        pytest.raises(CatalogueError, match="Barcode 5449000000996 belongs to product OAT1"),
        writing(shop) as session,
    ):
        upsert(session, Draft("NEW", "New", 100, barcodes=("FREE", "05449000000996")), OWNER)
    with pytest.raises(CatalogueError, match="belongs to product OAT1"), writing(shop) as session:
        add_barcode(session, "TEA", "5449000000996", OWNER)
    with reading(shop) as session:
        assert find_by_code(session, "NEW", ON) is None
        assert session.get(Barcode, "FREE") is None


def test_add_barcode_and_deactivate(shop: Engine) -> None:
    with writing(shop) as session:
        add_barcode(session, "TEA", " T-1 ", OWNER)
        add_barcode(session, "TEA", "T-1", OWNER)
        deactivate(session, "TEA", OWNER)
    with reading(shop) as session:
        found = find_by_code(session, "T-1", ON)
        assert found is not None
        assert not found.active
        for act in (
            lambda: add_barcode(session, "NONE", "1", OWNER),
            lambda: deactivate(session, "NONE", OWNER),
        ):
            with pytest.raises(CatalogueError, match="no product NONE"):
                act()
        with pytest.raises(CatalogueError, match="cannot be a barcode"):
            add_barcode(session, "TEA", "a|b", OWNER)


def test_what_upsert_refuses(shop: Engine) -> None:
    with reading(shop) as session:
        with pytest.raises(CatalogueError, match="no tax class luxury"):
            upsert(session, Draft("A", "A", 1, "luxury"), OWNER)
        with pytest.raises(CatalogueError, match="NEW is new, so it needs a name"):
            upsert(session, Draft("NEW", "", 1), OWNER)


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"sku": ""}, "neither a SKU nor a barcode"),
        ({"sku": "x" * 65}, "sku is 65 characters long, 64"),
        ({"name": "x" * 201}, "name is 201 characters long, 200"),
        ({"department": "x" * 81}, "department is 81"),
        ({"name": "a\udcffb"}, "no text"),
        ({"price_minor": -1}, "below zero"),
        ({"min_age": 151}, "minimum age is 151"),
        ({"min_age": -1}, "minimum age is -1"),
        ({"barcodes": ("a|b",)}, "cannot be a barcode"),
        ({"barcodes": ("x" * 81,)}, "cannot be a barcode"),
        ({"barcodes": ("a\tb",)}, "cannot be a barcode"),
        ({"barcodes": (" ",)}, "cannot be a barcode"),
    ],
)
def test_a_draft_that_exists_is_valid(fields: dict[str, object], problem: str) -> None:
    with pytest.raises(CatalogueError, match=problem):
        Draft(**{"sku": "A", "name": "A", **fields})  # type: ignore[arg-type]


def test_a_draft_is_tidied() -> None:
    draft = Draft(" A ", "Two \n words ", barcodes=("96385074", "00000096385074", " B "))
    assert (draft.sku, draft.name, draft.barcodes) == ("A", "Two words", ("00000096385074", "B"))
    assert Draft("A", "B\x9cuf\x00hach\xe9\xa0\x81").name == "Bœuf haché"
    assert Draft("A", "می\u200cخواهم").name == "می\u200cخواهم"
