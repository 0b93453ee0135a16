"""From a code to a line: what it stands for, what must be asked, and what is never sold."""

import datetime as dt
from decimal import Decimal

import pytest
from sqlalchemy import Engine, select

from tests.rigs.people import CASHIER
from tests.rigs.sales import ADA, MILK, NOW, OAT, SOAP, WINE, add, article, desk_of, gs1, label, make_shop
from tui_pos.catalogue.products import Unit
from tui_pos.catalogue.unknown import unknown_codes
from tui_pos.catalogue.upkeep import Draft, add_barcode, upsert
from tui_pos.people.actor import NotAllowed
from tui_pos.people.permissions import Permission
from tui_pos.sales.basket import SaleError
from tui_pos.sales.desk import Desk, Outcome, Question, Sold
from tui_pos.sales.models import Correction
from tui_pos.sales.scanning import Refused, Scanned, Unknown
from tui_pos.storage.engine import reading, writing

LATER_S = 100.0


def scan(desk: Desk, code: str, at_s: float = 0.0) -> Outcome:
    return desk.scan(Scanned(code, LATER_S + at_s))


def rows(desk: Desk) -> list[tuple[str, Decimal, int]]:
    return [(line.sku, line.quantity, line.priced.amount_minor) for line in desk.basket.lines]


@pytest.mark.parametrize(
    "code", [OAT, "05449000000996", "]E05449000000996", f"(01)0{OAT}", "OAT", "oat", f" {OAT} "]
)
def test_one_product_by_any_of_its_codes(ada: Desk, code: str) -> None:
    assert isinstance(scan(ada, code), Sold)
    assert rows(ada) == [("OAT", 1, 189)]


@pytest.mark.parametrize("code", ["4000000000006", "NOSUCH", "https://example.com/x"])
def test_a_code_of_nothing(ada: Desk, code: str) -> None:
    assert isinstance(scan(ada, code), Unknown | Refused)
    assert rows(ada) == []


def test_a_misread_code_is_never_sold(ada: Desk) -> None:
    outcome = scan(ada, OAT[:-1] + "5")
    assert isinstance(outcome, Refused)
    assert "wrong check digit" in outcome.reason


def test_a_quantity_before_the_code(ada: Desk) -> None:
    assert isinstance(ada.scan(Scanned(OAT), Decimal(3)), Sold)
    assert rows(ada) == [("OAT", 3, 567)]


# Labels of the shop's own scales


def test_a_label_with_a_weight(ada: Desk) -> None:
    scan(ada, label("21", "12345", 412))
    assert rows(ada) == [("TOM", Decimal("0.412"), 123)]


def test_several_packs_of_one_weight(ada: Desk) -> None:
    ada.scan(Scanned(label("21", "12345", 412)), Decimal(2))
    assert rows(ada) == [("TOM", Decimal("0.824"), 246)]


def test_a_part_of_a_labelled_pack_is_refused(ada: Desk) -> None:
    for code in (label("21", "12345", 412), label("22", "88888", 412)):
        outcome = ada.scan(Scanned(code), Decimal("0.35"))
        assert isinstance(outcome, Refused)
        assert "number of packs" in outcome.reason


def test_a_label_with_a_price_says_how_much_it_is(ada: Desk) -> None:
    """Stock is kept in kg, whatever is printed: 1.23 at 2.99 a kg were 0.411 kg."""
    scan(ada, label("22", "12345", 123))
    assert rows(ada) == [("TOM", Decimal("0.411"), 123)]


@pytest.mark.parametrize(("item", "sku"), [("77777", "CAKE"), ("54321", "HAM")])
def test_a_labels_price_needs_no_other(ada: Desk, item: str, sku: str) -> None:
    assert isinstance(scan(ada, label("22", item, 1234)), Sold)
    assert rows(ada) == [(sku, 1, 1234)]
    assert ada.chosen_line.unit_price_minor == 1234


def test_three_packs_of_one_price(ada: Desk) -> None:
    ada.scan(Scanned(label("22", "77777", 333)), Decimal(3))
    assert rows(ada) == [("CAKE", 3, 999)]
    assert ada.chosen_line.unit_price_minor == 333


def test_a_label_without_a_price_does_not_give_the_goods_away(ada: Desk) -> None:
    scan(ada, label("22", "88888", 0))
    assert rows(ada) == [("PIE", 1, 450)]
    outcome = scan(ada, label("22", "77777", 0))
    assert isinstance(outcome, Question)
    assert outcome.price


def test_a_label_without_a_weight_is_weighed(ada: Desk) -> None:
    outcome = scan(ada, label("21", "12345", 0))
    assert isinstance(outcome, Question)
    assert (outcome.measure, outcome.price, outcome.age) == (True, False, None)


# GS1 codes


def test_lot_serial_and_expiry_stay_with_the_line(ada: Desk) -> None:
    scan(ada, gs1(OAT, ai17="261231", ai10="L7", ai21="S1"))
    line = ada.chosen_line
    assert (line.lot, line.serial, line.expires_on) == ("L7", "S1", dt.date(2026, 12, 31))
    assert desk_of(ada.engine).basket == ada.basket


def test_an_expired_pack_is_refused(ada: Desk) -> None:
    outcome = scan(ada, gs1(OAT, ai17="260301"))
    assert isinstance(outcome, Refused)
    assert outcome.reason == "Oat drink 1 l expired on 01/03/2026. It must not be sold."
    assert isinstance(scan(ada, gs1(OAT, ai17="260302")), Sold)


def test_expiry_goes_by_the_wall_not_by_the_business_day(shop_engine: Engine) -> None:
    """At two in the night the shop still counts yesterday's takings; milk that expired yesterday is expired."""
    night = dt.datetime(2026, 3, 2, 2, tzinfo=dt.UTC)
    desk = desk_of(shop_engine, now=lambda: night)
    assert make_shop().business_date(night) == dt.date(2026, 3, 1)
    assert isinstance(scan(desk, gs1(OAT, ai17="260301")), Refused)


@pytest.mark.parametrize("ai", ["ai15", "ai16"])
def test_past_its_best_is_sold_with_a_warning(ada: Desk, ai: str) -> None:
    outcome = scan(ada, gs1(OAT, **{ai: "260301"}))
    assert isinstance(outcome, Sold)
    assert outcome.warning == "Oat drink 1 l is past its best-before date, 01/03/2026."


@pytest.mark.parametrize(
    ("ai", "value", "kg"),
    [("ai3103", "000412", "0.412"), ("ai3105", "041234", "0.41234"), ("ai3201", "000010", "0.453592")],
)
def test_weights_of_any_fineness_can_be_kept(shop_engine: Engine, ai: str, value: str, kg: str) -> None:
    with writing(shop_engine) as session:
        upsert(session, Draft("CHEESE", "Cheese", 2000, "zero", Unit.KG, barcodes=(SOAP_KG,)), ADA)
    desk = desk_of(shop_engine)
    scan(desk, gs1(SOAP_KG, **{ai: value}))
    assert desk.chosen_line.quantity == Decimal(kg)
    assert desk_of(shop_engine).basket == desk.basket


SOAP_KG = "99520000001103"


def test_a_count_multiplies_the_pieces(ada: Desk) -> None:
    scan(ada, gs1(SOAP, ai30="12"))
    assert rows(ada)[-1] == ("SOAP", 12, 12 * 215)


def test_the_line_keeps_the_whole_code(ada: Desk) -> None:
    link = f"https://example.com/01/0{OAT}/10/L7?17=261231&linkType=all&and=more-than-eighty-characters-of-address"
    for code in (OAT, gs1(OAT, ai10="L7", ai21="S1"), label("21", "12345", 412), link):
        scan(ada, code)
        assert ada.chosen_line.code == code
        assert desk_of(ada.engine).basket == ada.basket


# Prices in codes


@pytest.mark.parametrize(
    "code",
    [
        gs1(SOAP, ai3922="1"),
        gs1(SOAP, ai3932="978000150"),
        gs1(SOAP, ai3932="840000150"),
        gs1(SOAP, ai3922="000500", ai30="1"),
        f"https://example.com/01/0{SOAP}?3922=1",
    ],
)
def test_a_printed_price_is_not_obeyed_for_goods_by_the_piece(ada: Desk, code: str) -> None:
    outcome = scan(ada, code)
    assert isinstance(outcome, Sold)
    assert outcome.warning == "The price in the code was not used: Soap has the shop's price."
    assert rows(ada) == [("SOAP", 1, 215)]
    assert desk_of(ada.engine).basket == ada.basket


def test_a_label_of_the_scales_does_not_change_the_price_of_a_piece(ada: Desk) -> None:
    outcome = scan(ada, label("22", "88888", 225))
    assert isinstance(outcome, Sold)
    assert "price in the code was not used" in outcome.warning
    assert rows(ada) == [("PIE", 1, 450)]


def test_a_printed_price_answers_no_question_by_the_piece(ada: Desk) -> None:
    """The cashier is asked what flowers cost: a code that anybody can print does not say it."""
    with writing(ada.engine) as session:
        add_barcode(session, "GIFT", SOAP_KG, ADA)
    outcome = scan(ada, gs1(SOAP_KG, ai3922="1"))
    assert isinstance(outcome, Question)
    assert outcome.price


def test_a_printed_price_alone_is_no_weight(ada: Desk) -> None:
    keep_by_weight(ada, 2000)
    outcome = scan(ada, gs1(SOAP_KG, ai3922="000160"))
    assert isinstance(outcome, Question)
    assert outcome.measure
    assert outcome.wanted.particulars.label_price_minor is None


@pytest.mark.parametrize("price", [{"ai3922": "001001"}, {"ai3932": "978001000"}])
def test_weight_and_price_together_count(ada: Desk, price: dict[str, str]) -> None:
    """A cent more or less is how scales round."""
    keep_by_weight(ada, 2000)
    scan(ada, gs1(SOAP_KG, ai3103="000500", **price))
    assert rows(ada) == [("CHEESE", Decimal("0.5"), int(next(iter(price.values()))[-6:]))]
    assert ada.chosen_line.list_price_minor is None


def test_of_another_currency_only_the_weight_counts(ada: Desk) -> None:
    keep_by_weight(ada, 2000)
    outcome = scan(ada, gs1(SOAP_KG, ai3103="000500", ai3932="840000001"))
    assert isinstance(outcome, Sold)
    assert "price in the code was not used" in outcome.warning
    assert rows(ada) == [("CHEESE", Decimal("0.5"), 1000)]


def test_weight_and_price_tell_the_price_of_goods_that_have_none(ada: Desk) -> None:
    keep_by_weight(ada, None)
    scan(ada, gs1(SOAP_KG, ai3103="000500", ai3922="000800"))
    assert rows(ada) == [("CHEESE", Decimal("0.5"), 800)]
    assert ada.chosen_line.unit_price_minor == 1600


def test_another_price_than_the_shops_is_a_changed_price(shop_engine: Engine) -> None:
    """Limited, shown beside the shop's price, and in the list of changed prices, like one that was typed."""
    desk = desk_of(shop_engine)
    keep_by_weight(desk, 2000)
    code = gs1(SOAP_KG, ai3103="000500", ai3922="000001")
    desk.actor = CASHIER
    with pytest.raises(NotAllowed) as refused:
        scan(desk, code)
    assert (refused.value.permission, refused.value.of_minor) == (Permission.PRICE_CHANGE, 1000)
    assert rows(desk) == []
    desk.actor = ADA
    scan(desk, code)
    line = desk.chosen_line
    assert (line.priced.amount_minor, line.unit_price_minor, line.list_price_minor) == (1, 2, 2000)
    assert corrections(shop_engine) == [("price", "CHEESE 2000 > 2", -999, "label")]
    assert desk_of(shop_engine).basket == desk.basket


def keep_by_weight(desk: Desk, price_minor: int | None) -> None:
    with writing(desk.engine) as session:
        upsert(session, Draft("CHEESE", "Cheese", price_minor, "zero", Unit.KG, barcodes=(SOAP_KG,)), ADA)


def corrections(engine: Engine) -> list[tuple[str, str, int, str]]:
    with reading(engine) as session:
        return [
            (row.kind, row.detail, row.amount_minor, row.reason)
            for row in session.scalars(select(Correction))
        ]


# Discounts on labels


def test_a_labels_percentage_is_asked_and_kept_as_a_discount(shop_engine: Engine) -> None:
    desk = desk_of(shop_engine)
    scan(desk, SOAP)
    question = scan(desk, gs1(SOAP, ai3940="0020"), 5.0)
    assert isinstance(question, Question)
    assert question.percent_off == 20
    assert rows(desk) == [("SOAP", 1, 215)]
    desk.answer(question)
    assert rows(desk) == [("SOAP", 1, 215), ("SOAP", 1, 172)]
    assert corrections(shop_engine) == [("discount", "SOAP 20%", -43, "label")]
    assert desk_of(shop_engine).basket == desk.basket


def test_a_labels_percentage_can_be_declined(ada: Desk) -> None:
    question = scan(ada, gs1(SOAP, ai3940="0020"))
    assert isinstance(question, Question)
    ada.answer(question, reduced=False)
    assert rows(ada) == [("SOAP", 1, 215)]
    assert corrections(ada.engine) == []


def test_a_labels_percentage_has_the_limits_of_whoever_sells(ada: Desk) -> None:
    ada.actor = CASHIER
    question = scan(ada, gs1(SOAP, ai3940="0020"))
    assert isinstance(question, Question)
    with pytest.raises(NotAllowed, match="20"):
        ada.answer(question)
    assert rows(ada) == []
    assert corrections(ada.engine) == []


def test_a_labels_percentage_is_asked_of_a_pack_that_lies_there_by_its_other_code(ada: Desk) -> None:
    scan(ada, SOAP, 0.0)
    question = scan(ada, gs1(SOAP, ai3940="0020"), 0.4)
    assert isinstance(question, Question)
    ada.answer(question)
    assert rows(ada) == [("SOAP", 1, 172)]


def test_an_impossible_percentage_is_refused(ada: Desk) -> None:
    outcome = scan(ada, gs1(SOAP, ai3940="0150"))
    assert isinstance(outcome, Refused)
    assert "impossible discount" in outcome.reason


# Labels and the catalogue that contradict each other


@pytest.mark.parametrize(
    ("code", "noted", "words"),
    [
        (gs1(OAT, ai3103="000412"), "05449000000996", "Oat drink 1 l is sold by the piece"),
        (label("21", "88888", 412), "02188888000003", "Pie is sold by the piece"),
        (gs1(OAT, ai30="0"), "05449000000996", "Oat drink 1 l is sold by the piece"),
        (gs1("99520000001103", ai30="3"), "99520000001103", "Tomatoes, loose is sold by the kg"),
    ],
)
def test_a_contradiction_sells_nothing_and_is_noted(ada: Desk, code: str, noted: str, words: str) -> None:
    with writing(ada.engine) as session:
        add_barcode(session, "TOM", SOAP_KG, ADA)
    assert isinstance(ada.check(code), Refused)
    with reading(ada.engine) as session:
        assert unknown_codes(session) == []
    outcome = scan(ada, code)
    assert isinstance(outcome, Refused)
    assert words in outcome.reason
    assert "noted for the office" in outcome.reason
    assert rows(ada) == []
    with reading(ada.engine) as session:
        assert [(row.code, row.problem) for row in unknown_codes(session)] == [(noted, "contradiction")]


# One code, one meaning


@pytest.mark.parametrize(
    "code",
    [
        "AB 123",
        "+H123456789",
        "=17.10",
        "--100%",
        "/hold",
        "*50",
        "(01)no gs1",
        "]C1x",
        "https://example.com/1",
        "2112345004121",
        f"(01)0{OAT}",
    ],
)
def test_what_stands_in_the_catalogue_is_meant(ada: Desk, code: str) -> None:
    """Whatever it looks like, and though its words begin another name, or it could be a label of the scales."""
    with writing(ada.engine) as session:
        upsert(session, Draft("OTHER", "Ab 123 adapter cable", 999, "standard"), ADA)
        upsert(session, Draft("MEANT", "The right goods", 100, "standard", barcodes=(code,)), ADA)
    assert isinstance(scan(ada, code), Sold)
    assert rows(ada) == [("MEANT", 1, 100)]


# Supplements, lost separators, badges


def test_the_supplement_stays_with_the_line(ada: Desk) -> None:
    for code in (f"{OAT}12", f"{OAT} 12", f"]E3{OAT}12"):
        scan(ada, code)
    scan(ada, f"{OAT} 13")
    scan(ada, OAT, 9.0)
    assert [(line.quantity, line.supplement) for line in ada.basket.lines] == [(3, "12"), (1, "13"), (1, "")]
    assert desk_of(ada.engine).basket == ada.basket


def test_a_supplement_that_comes_as_a_code_of_its_own_is_one_scan(ada: Desk) -> None:
    scan(ada, f"]E0{OAT}", 0.0)
    outcome = scan(ada, "]E112", 0.1)
    assert isinstance(outcome, Sold)
    assert [(line.sku, line.quantity, line.supplement) for line in ada.basket.lines] == [("OAT", 1, "12")]
    assert desk_of(ada.engine).basket == ada.basket
    late = scan(ada, "]E113", 5.0)
    assert isinstance(late, Refused)
    assert "small bars" in late.reason


def test_an_expiry_that_may_hide_is_asked_about(ada: Desk) -> None:
    question = scan(ada, f"]d2010{OAT}10L717261231")
    assert isinstance(question, Question)
    assert question.hidden_expiry == dt.date(2026, 12, 31)
    assert rows(ada) == []
    ada.answer(question)
    assert (ada.chosen_line.lot, ada.chosen_line.expires_on) == ("", None)


@pytest.mark.parametrize("code", ["STAFF-4711-0815", "staff-4711-0815", "STQFF)'&&)àè&(", "staffß4711ß0815"])
def test_a_badge_is_never_told(shop_engine: Engine, code: str) -> None:
    desk = desk_of(shop_engine, make_shop(badge_prefix="STAFF-"))
    for outcome in (scan(desk, code), desk.check(code)):
        assert isinstance(outcome, Refused)
        assert outcome.reason == "That is a badge, and no product. Nothing was sold."
        assert outcome.code == ""


def test_a_card_number_that_begins_like_an_article_is_not_told(ada: Desk) -> None:
    """Fifteen digits can be an article with a supplement, and a card of which nothing may be shown."""
    outcome = scan(ada, "400000000000608")
    assert isinstance(outcome, Unknown | Refused)
    assert "40000000000060" not in outcome.code


# Two codes of one pack


def test_both_codes_of_one_pack_sell_it_once(ada: Desk) -> None:
    first, second = gs1(OAT, ai10="L7"), OAT
    for codes in ((first, second), (second, first)):
        scan(ada, codes[0], 0.0)
        outcome = scan(ada, codes[1], 0.3)
        assert isinstance(outcome, Sold)
        assert outcome.again
        assert rows(ada) == [("OAT", 1, 189)]
        assert ada.chosen_line.lot == "L7"
        assert desk_of(ada.engine).basket == ada.basket
        ada.void_line()


def test_the_same_code_twice_is_two_packs(ada: Desk) -> None:
    scan(ada, OAT, 0.0)
    scan(ada, OAT, 0.2)
    assert rows(ada) == [("OAT", 2, 378)]


def test_after_a_while_it_is_another_pack(ada: Desk) -> None:
    scan(ada, OAT, 0.0)
    scan(ada, gs1(OAT, ai10="L7"), 1.5)
    assert sum(row[1] for row in rows(ada)) == 2


def test_a_code_that_was_typed_is_never_taken_for_the_same_pack(ada: Desk) -> None:
    scan(ada, gs1(OAT, ai10="L7"))
    outcome = ada.scan(Scanned(OAT))
    assert isinstance(outcome, Sold)
    assert not outcome.again
    ada.scan(Scanned(gs1(OAT, ai10="L7")))
    assert sum(row[1] for row in rows(ada)) == 3


def test_only_the_pack_that_was_read_twice_gets_its_lot(ada: Desk) -> None:
    add(ada, OAT, "2")
    scan(ada, OAT, 0.0)
    scan(ada, gs1(OAT, ai10="L7", ai21="S1"), 0.4)
    assert [(line.quantity, line.serial) for line in ada.basket.lines] == [(2, ""), (1, "S1")]


def test_what_was_asked_once_is_not_asked_for_the_other_code(shop_engine: Engine) -> None:
    with writing(shop_engine) as session:
        add_barcode(session, "SMOKE", SOAP_KG, ADA)
    desk = desk_of(shop_engine)
    question = scan(desk, SOAP_KG, 0.0)
    assert isinstance(question, Question)
    desk.answer(question, price_minor=777)
    outcome = scan(desk, gs1(SOAP_KG, ai10="L7"), 0.5)
    assert isinstance(outcome, Sold)
    assert outcome.again
    assert rows(desk) == [("SMOKE", 1, 777)]


def test_an_expired_pack_that_was_sold_by_its_other_code_is_pointed_at(ada: Desk) -> None:
    scan(ada, OAT, 0.0)
    outcome = scan(ada, gs1(OAT, ai17="260301"), 0.3)
    assert isinstance(outcome, Refused)
    assert "take it out with Delete" in outcome.reason
    assert ada.chosen_line.sku == "OAT"
    outcome = scan(ada, gs1(MILK, ai17="260301"), 0.5)
    assert isinstance(outcome, Refused)
    assert "Delete" not in outcome.reason


# Questions


def test_the_age_is_checked_once_in_a_sale(ada: Desk) -> None:
    question = scan(ada, WINE)
    assert isinstance(question, Question)
    assert (question.age, question.measure, question.price) == (18, False, False)
    assert rows(ada) == []
    ada.answer(question)
    assert isinstance(scan(ada, WINE, 5.0), Sold)
    older = scan(ada, "GIN", 9.0)
    assert isinstance(older, Question)
    assert older.age == 21
    assert desk_of(ada.engine).basket == ada.basket
    ada.pay_cash(10_000)
    assert isinstance(scan(ada, WINE, 20.0), Question)


def test_a_price_is_asked(ada: Desk) -> None:
    question = scan(ada, "GIFT")
    assert isinstance(question, Question)
    assert (question.age, question.measure, question.price) == (None, False, True)
    ada.answer(question, price_minor=1500)
    assert rows(ada) == [("GIFT", 1, 1500)]


def test_age_and_price_are_asked_together(ada: Desk) -> None:
    question = scan(ada, "SMOKE")
    assert isinstance(question, Question)
    assert (question.age, question.price) == (18, True)


@pytest.mark.parametrize("sku", ["TOM", "CLOTH"])
def test_how_much_is_asked(ada: Desk, sku: str) -> None:
    for outcome in (scan(ada, sku), ada.want(article(ada.engine, sku))):
        assert isinstance(outcome, Question)
        assert (outcome.measure, outcome.price) == (True, False)
        ada.answer(outcome, quantity=Decimal("1.5"))
        assert ada.chosen_line.quantity == Decimal("1.5")


def test_nothing_is_asked_once_money_was_taken(ada: Desk) -> None:
    add(ada, "OAT", "3")
    ada.pay_cash(100)
    with pytest.raises(SaleError, match="Money was taken"):
        scan(ada, WINE)


def test_nothing_is_asked_of_what_is_not_sold(shop_engine: Engine) -> None:
    with writing(shop_engine) as session:
        upsert(session, Draft("WINE", "", 999, min_age=18, active=False), ADA)
    with pytest.raises(SaleError, match="no longer sold"):
        scan(desk_of(shop_engine), "WINE")


def test_what_was_picked_is_sold_whatever_its_sku_stands_for(shop_engine: Engine) -> None:
    """A SKU may look like the barcode of another product: from a list it is the product, from a scanner the code."""
    with writing(shop_engine) as session:
        upsert(session, Draft(MILK, "Chewing gum", 90), ADA)
    desk = desk_of(shop_engine)
    gum = next(found for found in desk.find("chewing") if found.name == "Chewing gum")
    desk.want(gum)
    scan(desk, MILK)
    assert [line.name for line in desk.basket.lines] == ["Chewing gum", "Milk 1 l"]


def test_a_price_check_sells_nothing(ada: Desk) -> None:
    from tui_pos.sales.scanning import Wanted

    found = ada.check(label("21", "12345", 412))
    assert isinstance(found, Wanted)
    assert (found.article.name, found.quantity) == ("Tomatoes, loose", Decimal("0.412"))
    assert rows(ada) == []


def test_a_tax_class_without_a_rate_is_said(shop_engine: Engine) -> None:
    long_ago = dt.datetime(1990, 1, 1, tzinfo=dt.UTC)
    desk = desk_of(shop_engine, now=lambda: long_ago)
    for act in (lambda: scan(desk, "OAT"), lambda: desk.check("OAT"), lambda: desk.find("oat")):
        with pytest.raises(SaleError, match="has no rate"):
            act()


def test_the_business_day_ends_at_night() -> None:
    shop = make_shop()
    assert shop.business_date(dt.datetime(2026, 7, 1, 2, 59, tzinfo=dt.UTC)) == dt.date(2026, 6, 30)
    assert shop.business_date(dt.datetime(2026, 7, 1, 3, 0, tzinfo=dt.UTC)) == dt.date(2026, 7, 1)
    assert make_shop(day_ends_at=dt.time(0)).business_date(NOW) == NOW.date()
