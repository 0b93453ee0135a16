"""Every window: opens, does its work, refuses scans that it has no use for, and lets nothing typed ahead go wrong."""

import gc
import weakref

import pytest
from sqlalchemy import Engine, select

from hardware.ports import Fault
from hardware.simulated import SimulatedPrinter
from tests.rigs.counter import SIZES, Cashier, at_the_counter
from tests.rigs.sales import ADA, OAT, SOAP, WINE, label, ticking
from tui_pos.app import SWEEP_AFTER_S
from tui_pos.catalogue.upkeep import Draft, upsert
from tui_pos.payments.models import CashMovement
from tui_pos.printing.models import PrintJob
from tui_pos.sales.models import Correction, SaleTender
from tui_pos.storage.engine import reading, writing


def kinds(engine: Engine) -> list[str]:
    with reading(engine) as session:
        return list(session.scalars(select(PrintJob.kind).order_by(PrintJob.id)))


# Questions before a sale


@pytest.mark.parametrize("size", SIZES)
async def test_the_age_is_asked_with_the_day_of_birth(shop_engine: Engine, size: tuple[int, int]) -> None:
    async with at_the_counter(shop_engine, size) as ada:
        await ada.scan(WINE)
        assert ada.window == "Confirm"
        assert "Born on 02/03/2008 or before (18)?" in ada.shown()
        await ada.press("escape")
        assert (ada.window, ada.goods) == ("Counter", [])
        assert "was not sold" in ada.message
        await ada.scan(WINE)
        await ada.press("enter")
        assert ada.goods == [("WINE", 1, 999)]
        await ada.scan(WINE)
        assert ada.goods == [("WINE", 2, 1998)]


async def test_an_age_is_not_confirmed_by_an_enter_that_came_too_early(shop_engine: Engine) -> None:
    async with at_the_counter(shop_engine) as ada:
        ada.ahead(*"wine", "enter", "enter", "enter")
        await ada.pilot.pause()
        assert (ada.window, ada.goods) == ("Confirm", [])
        await ada.type("y")
        assert "Enter says yes" in ada.message
        await ada.press("enter")
        assert ada.goods == [("WINE", 1, 999)]


async def test_brackets_in_a_name_are_no_markup(shop_engine: Engine) -> None:
    with writing(shop_engine) as session:
        upsert(session, Draft("CASK", "Wine [/red] [b]", 100, "standard", min_age=18), ADA)
    async with at_the_counter(shop_engine) as ada:
        await ada.type("CASK", "enter")
        assert "─ Wine [/red] [b] ─" in ada.shown()


async def test_age_then_price(shop_engine: Engine) -> None:
    async with at_the_counter(shop_engine) as ada:
        await ada.type("SMOKE", "enter")
        assert ada.window == "Confirm"
        await ada.press("enter")
        assert "What does it cost?" in ada.shown()
        await ada.type("x", "enter")
        assert "no amount" in ada.message
        await ada.press("backspace")
        await ada.type("-5", "enter")
        assert "not below nought" in ada.message
        await ada.press("backspace", "backspace")
        await ada.type("7.77", "enter")
        assert ada.goods == [("SMOKE", 1, 777)]


async def test_how_much_is_asked(shop_engine: Engine) -> None:
    async with at_the_counter(shop_engine) as ada:
        await ada.scan("12345")
        assert "How much is it, in kg?" in ada.shown()
        for wrong in ("x", "0", "1.2345", ""):
            await ada.type(wrong, "enter")
            assert ada.window == "Ask"
            await ada.press("ctrl+u")
        await ada.type("0,412", "enter")
        assert ada.goods[0][0] == "TOM"
        assert ada.desk.basket.total_minor == 123
        await ada.scan("12345")
        await ada.press("escape")
        assert "was not sold" in ada.message


async def test_scans_wait_for_an_answer_and_are_sold_in_their_order(shop_engine: Engine) -> None:
    async with at_the_counter(shop_engine) as ada:
        await ada.scan(WINE, OAT, "GIN", SOAP)
        assert (ada.window, ada.goods, ada.typed) == ("Confirm", [], "")
        await ada.press("enter")
        assert [row[0] for row in ada.goods] == ["WINE", "OAT"]
        assert ada.window == "Confirm"
        await ada.press("escape")
        assert [row[0] for row in ada.goods] == ["WINE", "OAT", "SOAP"]


# Type-ahead


async def test_what_is_typed_ahead_reaches_the_window_that_it_was_meant_for(shop_engine: Engine) -> None:
    async with at_the_counter(shop_engine) as ada:
        ada.ahead(*OAT, "enter", "enter", *"5", "enter", *SOAP, "enter")
        await ada.pilot.pause()
        assert ada.desk.last_receipt is not None
        assert ada.desk.last_receipt.change_minor == 311
        assert ada.goods == [("SOAP", 1, 215)]


async def test_a_card_typed_ahead_never_becomes_cash(shop_engine: Engine) -> None:
    async with at_the_counter(shop_engine) as ada:
        await ada.scan(OAT)
        ada.ahead("enter", "k", "enter", *"123456", "enter", *"9876", "enter")
        await ada.pilot.pause()
        await ada.pilot.pause()
    with reading(shop_engine) as session:
        tender = session.scalars(select(SaleTender)).one()
        assert (tender.kind, tender.authorisation, tender.last_four) == ("card", "123456", "9876")


# Paying


async def test_quick_amounts(shop_engine: Engine) -> None:
    async with at_the_counter(shop_engine) as ada:
        for key, change in (("enter", 0), ("a", 311), ("b", 811), ("c", 1811), ("d", 4811)):
            await ada.scan(OAT)
            await ada.press("enter", key)
            assert ada.window == "Counter"
            assert ada.desk.last_receipt is not None
            assert ada.desk.last_receipt.change_minor == change


async def test_a_double_enter_takes_money_once(shop_engine: Engine) -> None:
    async with at_the_counter(shop_engine) as ada:
        await ada.scan(OAT)
        ada.ahead("enter", "enter", "enter", "enter")
        await ada.pilot.pause()
        assert ada.desk.last_receipt is not None
        assert ada.desk.last_receipt.number == 1
        assert ada.window == "Counter"
        assert "nothing to pay" in ada.message
        assert "CHANGE" in ada.shown()


async def test_several_tenders_and_back(shop_engine: Engine) -> None:
    async with at_the_counter(shop_engine) as ada:
        await ada.scan(OAT)
        await ada.press("f2")
        await ada.type("1.00", "enter")
        assert "0.89 is left" in ada.message
        assert "✓" in ada.shown()
        await ada.press("escape")
        assert ada.window == "Counter"
        await ada.scan(SOAP)
        assert "Money was taken" in ada.message
        await ada.press("f2")
        await ada.scan(SOAP)
        assert "Not sold: money was taken already" in ada.message
        await ada.press("u")
        assert "give the money back" in ada.message
        await ada.press("u")
        assert "No tender" in ada.message
        await ada.type("0.50", "k")
        assert ada.typed == "0.50"
        await ada.press("enter", "enter", "enter")
        assert "1.39 is left" in ada.message
        assert "entered by hand" in ada.shown()
        await ada.press("enter")
        assert ada.window == "Counter"
    with reading(shop_engine) as session:
        tenders = session.scalars(select(SaleTender).order_by(SaleTender.position)).all()
        assert [(t.kind, t.amount_minor) for t in tenders] == [("card", 50), ("cash", 139)]
        assert [c.kind for c in session.scalars(select(Correction))] == ["tender"]


@pytest.mark.parametrize(
    ("typed", "why"), [("0", "customer gave"), ("1.234", "decimals"), (".", "no amount")]
)
async def test_cash_that_is_none(shop_engine: Engine, typed: str, why: str) -> None:
    async with at_the_counter(shop_engine) as ada:
        await ada.scan(OAT)
        await ada.press("enter")
        await ada.type(typed, "enter")
        assert why in ada.message
        assert ada.window == "Pay"
        await ada.press("z")
        assert "No tender has the key Z" in ada.message


@pytest.mark.parametrize(
    ("amount", "digits", "why"),
    [("9", "", "at most what is due"), ("x", "", "no amount"), ("", "4111111111111111", "whole number")],
)
async def test_a_card_that_cannot_be(shop_engine: Engine, amount: str, digits: str, why: str) -> None:
    async with at_the_counter(shop_engine) as ada:
        await ada.scan(OAT)
        await ada.press("enter", "k")
        await ada.type(amount, "enter")
        if digits:
            await ada.press("enter")
            await ada.type(digits, "enter")
        assert why in ada.message
        assert ada.window == "Ask"


async def test_one_more_item_at_the_last_moment(shop_engine: Engine) -> None:
    async with at_the_counter(shop_engine) as ada:
        await ada.scan(OAT)
        await ada.press("enter")
        await ada.scan(SOAP, SOAP)
        assert ada.window == "Counter"
        assert ada.goods == [("OAT", 1, 189), ("SOAP", 2, 430)]


async def test_cash_rounding_is_shown_before_it_is_taken(shop_engine: Engine) -> None:
    shop = {"currency": "CHF", "locale": "de_CH", "country": "CH", "cash_rounding": "currency"}
    async with at_the_counter(shop_engine, shop=shop, display={"language": "en"}) as ada:
        await ada.type("=1.00", "enter")
        await ada.scan(OAT)
        await ada.type("=15.72", "enter")
        await ada.press("enter")
        assert "in cash" in ada.shown()
        assert "15.70" in ada.shown()
        await ada.type("15.72", "enter")
        assert "no coins" in ada.message
        await ada.press("enter")
        assert ada.desk.last_receipt is not None
        assert ada.desk.last_receipt.change_minor == 0
    with reading(shop_engine) as session:
        assert session.scalars(select(CashMovement.amount_minor)).one() == 1570


async def test_what_is_free_is_completed_at_once(shop_engine: Engine) -> None:
    async with at_the_counter(shop_engine) as ada:
        await ada.type("FREE", "enter")
        await ada.press("enter")
        assert ada.window == "Counter"
        assert ada.desk.last_receipt is not None


# Holding, voiding, the drawer


async def test_hold_and_recall(shop_engine: Engine) -> None:
    async with at_the_counter(shop_engine) as ada:
        await ada.press("f4")
        assert "No sale is held" in ada.shown()
        await ada.press("escape")
        await ada.scan(OAT)
        await ada.press("f4")
        await ada.type("Mrs. Byrne", "enter")
        assert "Held as “Mrs. Byrne”" in ada.message
        await ada.scan(SOAP)
        await ada.press("f4", "enter")
        assert "Held as “12:00”" in ada.message
        await ada.press("f4")
        await ada.type("byrne")
        assert "Soap" not in ada.shown()
        await ada.press("enter")
        assert ada.goods == [("OAT", 1, 189)]
        await ada.type("/recall", "enter")
        assert "Hold or finish the open sale first" in ada.message


async def test_a_sale_is_voided_with_a_reason(shop_engine: Engine) -> None:
    async with at_the_counter(shop_engine) as ada:
        await ada.press("ctrl+x")
        assert "no sale to void" in ada.message
        await ada.scan(OAT)
        await ada.press("ctrl+x", "enter")
        assert "Type the reason" in ada.message
        await ada.type("customer left", "enter")
        assert (ada.window, ada.goods) == ("Counter", [])
    with reading(shop_engine) as session:
        assert session.scalars(select(Correction.reason)).all() == ["customer left"]


async def test_the_drawer_opens_with_a_reason(shop_engine: Engine) -> None:
    async with at_the_counter(shop_engine) as ada:
        await ada.press("f7", "enter")
        assert "Type the reason" in ada.message
        await ada.type("change", "enter")
        assert "The drawer opens" in ada.message
    assert kinds(shop_engine) == ["drawer"]


async def test_without_a_printer_no_drawer_opens(shop_engine: Engine) -> None:
    async with at_the_counter(shop_engine, printer={"kind": "none"}) as ada:
        await ada.press("f7")
        assert "this till has none" in ada.message
        await ada.scan(OAT)
        await ada.press("enter", "enter", "f8")
        assert "no printer" in ada.message


# Prices, receipts, reading


@pytest.mark.parametrize(
    ("code", "says"),
    [
        (OAT, "Oat drink 1 l: 1.89"),
        ("TOM", "Tomatoes, loose: 2.99 a kg"),
        ("GIFT", "Flowers: price asked"),
        (label("22", "77777", 333), "Cake, by the label: 3.33"),
    ],
)
@pytest.mark.parametrize("by", ["hand", "scanner"])
async def test_a_price_check_sells_nothing(shop_engine: Engine, code: str, says: str, by: str) -> None:
    async with at_the_counter(shop_engine) as ada:
        await ada.press("ctrl+p")
        if by == "hand":
            await ada.type(code, "enter")
        else:
            await ada.scan(code)
        assert (ada.window, ada.message, ada.goods) == ("Counter", says, [])


async def test_a_price_check_of_what_is_unknown(shop_engine: Engine) -> None:
    async with at_the_counter(shop_engine) as ada:
        await ada.press("ctrl+p")
        await ada.scan("4000000000006")
        assert (ada.window, ada.typed) == ("Ask", "")
        assert "Unknown code" in ada.message
        await ada.scan(OAT)
        assert ada.window == "Counter"


async def test_receipts_are_printed_again(shop_engine: Engine) -> None:
    async with at_the_counter(shop_engine, now=ticking()) as ada:
        await ada.press("f8")
        assert "No receipt was made" in ada.shown()
        await ada.press("escape")
        for code in (OAT, SOAP):
            await ada.scan(code)
            await ada.press("enter", "enter")
        await ada.press("f8")
        assert "till1-000002" in ada.shown()
        await ada.press("enter")
        assert "still waiting" in ada.message
        with writing(shop_engine) as session:
            session.query(PrintJob).update({"state": "printed"})
        await ada.press("f8", "enter")
        assert "Receipt till1-000002 is printed again, marked COPY" in ada.message
        await ada.press("f8")
        await ada.scan("]C0till1-000001")
        assert "Receipt till1-000001 is printed again" in ada.message
        await ada.press("f8")
        await ada.type("77", "enter")
        assert "no receipt 77" in ada.message
    assert kinds(shop_engine).count("copy") == 2


async def test_the_last_receipt_on_the_screen(shop_engine: Engine) -> None:
    async with at_the_counter(shop_engine) as ada:
        await ada.type("/receipt", "enter")
        assert "No receipt was made" in ada.message
        await ada.scan(OAT)
        await ada.press("enter", "enter")
        await ada.type("/receipt", "enter")
        assert "Receipt till1-000001" in ada.shown()


async def test_the_papers_of_a_simulated_printer(shop_engine: Engine) -> None:
    printer = SimulatedPrinter(42)
    async with at_the_counter(shop_engine, device=printer) as ada:
        await ada.type("/paper", "enter")
        assert "Nothing was printed yet" in ada.shown()
        printer.fail(Fault.NO_PAPER)
        await ada.press("escape")
        assert ada.window == "Counter"


@pytest.mark.parametrize("size", SIZES)
async def test_the_help_lists_everything(shop_engine: Engine, size: tuple[int, int]) -> None:
    async with at_the_counter(shop_engine, size) as ada:
        await ada.press("question_mark")
        seen = ada.shown()
        for _page in range(6):
            await ada.press("pagedown")
            seen += ada.shown()
        for action in ("/pay", "/hold", "/voidsale", "/return", "/quit", "F2", "--10%"):
            assert action in seen
        await ada.press("home", "escape")
        assert ada.window == "Counter"


async def test_codes_to_try(shop_engine: Engine) -> None:
    async with at_the_counter(shop_engine, codes_to_try=((OAT, "an oat drink"), (SOAP, "soap"))) as ada:
        assert "an oat drink" in ada.shown()
        await ada.type("/codes", "enter")
        await ada.press("down", "enter")
        assert ada.goods == [("SOAP", 1, 215)]


async def open_with(ada: Cashier, *keys: str) -> None:
    await ada.scan(OAT)
    await ada.press(*keys)


@pytest.mark.parametrize(
    "keys",
    [("f4",), ("ctrl+x",), ("f7",), ("question_mark",), ("enter", "k"), ("enter", "k", "enter")],
    ids=["hold", "void", "drawer", "help", "card", "code"],
)
async def test_windows_without_a_use_for_scans_refuse_them(
    shop_engine: Engine, keys: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at_the_counter(shop_engine) as ada:
        await open_with(ada, *keys)
        window = ada.window
        rung: list[bool] = []
        monkeypatch.setattr(ada.app, "bell", lambda: rung.append(True))
        await ada.scan(SOAP)
        assert "No scan is taken here" in ada.message
        assert rung
        assert (ada.window, ada.typed, ada.goods) == (window, "", [("OAT", 1, 189)])
        await ada.press("escape")
        assert ada.goods == [("OAT", 1, 189)]


async def test_a_closed_window_is_swept_up_at_once(shop_engine: Engine) -> None:
    gc.disable()  # or it might come by itself
    gc.freeze()
    try:
        async with at_the_counter(shop_engine) as ada:
            await ada.scan(WINE)
            assert ada.window == "Confirm"
            window = weakref.ref(ada.app.front)
            await ada.press("escape")
            assert ada.window == "Counter"
            await ada.pilot.pause(2 * SWEEP_AFTER_S)
            assert window() is None
    finally:
        gc.unfreeze()
        gc.enable()
