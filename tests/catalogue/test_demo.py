"""The demo shop: complete, taxed, and its codes to try do what they promise."""

import datetime as dt
from decimal import Decimal

import pytest
from sqlalchemy import Engine, func, select

from hardware.scanner.gtin import to_gtin14
from hardware.scanner.symbols import InStorePattern, Symbol, SymbolKind, WrongCheckDigit, read_symbol
from tests.catalogue.conftest import ON
from tests.rigs.people import OWNER
from tui_pos.catalogue.demo import IN_STORE_CODES, REGION, demo_codes, load_demo
from tui_pos.catalogue.models import Barcode, Product
from tui_pos.catalogue.products import Article, Unit, find_by_code, search
from tui_pos.storage.engine import reading, writing


@pytest.fixture
def demo(engine: Engine) -> Engine:
    with writing(engine) as session:
        assert load_demo(session, ON, OWNER) >= 300
    return engine


def symbol_of(code: str) -> Symbol:
    return read_symbol(
        code,
        today=ON,
        region=REGION,
        in_store_patterns=[InStorePattern(pattern) for pattern in IN_STORE_CODES],
    )


def found(engine: Engine, code: str) -> tuple[Symbol, Article | None]:
    symbol = symbol_of(code)
    with reading(engine) as session:
        articles = [find_by_code(session, wanted, ON) for wanted in symbol.codes_to_try]
    return symbol, next(filter(None, articles), None)


def test_loading_twice_changes_nothing(demo: Engine) -> None:
    with writing(demo) as session:
        before = session.scalar(select(func.count()).select_from(Product))
        assert load_demo(session, ON, OWNER) == before
        assert session.scalar(select(func.count()).select_from(Product)) == before


def test_there_is_a_product_of_every_kind(demo: Engine) -> None:
    with reading(demo) as session:
        products = session.scalars(select(Product)).all()
        codes = session.scalars(select(Barcode.code)).all()
    assert {product.unit for product in products} == set(Unit)
    assert {"standard", "reduced", "second_reduced", "zero", "exempt", "out_of_scope"} == {
        product.tax_class for product in products
    }
    assert {0, 16, 18} == {product.min_age for product in products}
    assert {True, False} == {product.active for product in products}
    assert {True, False} == {product.keeps_stock for product in products}
    assert any(product.price_minor is None for product in products)
    assert len({product.department for product in products}) >= 12
    gtins = [code for code in codes if to_gtin14(code)]
    assert {len(code.lstrip("0")) for code in gtins} >= {8, 11, 13, 14}
    assert len(gtins) < len(codes)
    assert len({product.name for product in products}) == len(products)


def test_no_number_is_of_a_real_product(demo: Engine) -> None:
    """952 is GS1's prefix for examples, 2 a shop's own, 97899990 and 0123456789 are never given to anybody."""
    with reading(demo) as session:
        for code in session.scalars(select(Barcode.code)):
            if to_gtin14(code):
                assert code.lstrip("0")[:3] in ("952", "210", "211", "201", "195", "995", "123", "978"), code


def test_every_code_to_try_is_there_once() -> None:
    codes = [code for code, _ in demo_codes()]
    assert len(codes) == len(set(codes)) >= 14
    assert all(text for _, text in demo_codes())


NAMES = {
    "9520000000011": "Oat drink 1 l",
    "95200019": "Chewing gum, peppermint",
    "012345678905": "Maple syrup 250 ml",
    "19520000000049": "Cola 0.33 l can, case of 24",
    "2110011004121": "Tomatoes, loose",
    "2010041703493": "Cheddar off the block",
    "10011": "Tomatoes, loose",
    "(01)99520000001103(3103)000250": "Farmhouse cheese wheel, cut",
    "(01)09520000000066(17)491231(10)L42": "Natural yoghurt 500 g",
    "(01)09520000000073(17)240131(10)S7": "Smoked salmon 200 g",
    "(01)09520000000080(15)240131": "Fresh cream 250 ml",
    "https://id.example.com/01/09520000000011/10/B2": "Oat drink 1 l",
    "9520000000059": "Red wine, Quay House 0.75 l",
    "FLOWERS-7": "Bunch of flowers",
    "DEP15": "Deposit, can or bottle up to 0.5 l",
    "HOSE": "Garden hose, by the metre",
    "9520000002763": "Winter scarf, last season",
    "9529999999993": None,
}


def test_a_code_to_try_names_its_product(demo: Engine) -> None:
    assert dict(demo_codes()).keys() >= NAMES.keys()
    articles = {code: found(demo, code)[1] for code in NAMES}
    assert {code: article and article.name for code, article in articles.items()} == NAMES


def test_the_codes_to_try_do_what_they_say(demo: Engine) -> None:
    assert found(demo, "2110011004121")[0].net_weight_kg == Decimal("0.412")
    assert found(demo, "2010041703493")[0].price == Decimal("3.49")
    assert found(demo, "(01)99520000001103(3103)000250")[0].net_weight_kg == Decimal("0.25")
    lot, _ = found(demo, "(01)09520000000066(17)491231(10)L42")
    assert (lot.lot, lot.expires_on) == ("L42", dt.date(2049, 12, 31))
    assert found(demo, "(01)09520000000073(17)240131(10)S7")[0].expires_on == dt.date(2024, 1, 31)
    assert found(demo, "(01)09520000000080(15)240131")[0].best_before == dt.date(2024, 1, 31)
    assert found(demo, "https://id.example.com/01/09520000000011/10/B2")[0].lot == "B2"
    assert found(demo, "FLOWERS-7")[0].kind is SymbolKind.FREE
    with pytest.raises(WrongCheckDigit):
        symbol_of("9520000000012")
    wine, flowers, scarf = (found(demo, code)[1] for code in ("9520000000059", "FLOWERS-7", "9520000002763"))
    assert wine is not None
    assert wine.min_age == 18
    assert flowers is not None
    assert flowers.price_minor is None
    assert scarf is not None
    assert not scarf.active


def test_a_product_is_found_by_its_tag(demo: Engine) -> None:
    with reading(demo) as session:
        assert [article.name for article in search(session, "spuds", ON)] == ["Potatoes, rooster, loose"]
