"""The whole table: every role × every act of every room, every action of the counter, every command.

A room's function that takes an actor, or a command, that is in none of the lists below fails a test: whoever adds one
says here what it needs, or why it needs nothing.
"""

import argparse
import ast
import inspect
import io
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import SQLAlchemyError

from config.settings import Settings
from tests.rigs.days import Days
from tests.rigs.people import NOW, PIN, TILL, named, take_on
from tests.rigs.shop import stock_shop
from tui_pos import cli
from tui_pos.app import TillApp
from tui_pos.bootstrap import build_app
from tui_pos.journal.models import JournalEntry
from tui_pos.people.actor import NOBODY, Actor, NotAllowed, built_in_actor
from tui_pos.people.permissions import BUILT_IN, Permission, RoleRights
from tui_pos.people.roles import set_role
from tui_pos.people.staff import add
from tui_pos.sales import corrections
from tui_pos.screens.actions import ACTIONS
from tui_pos.screens.base import TillScreen
from tui_pos.screens.counter import Counter
from tui_pos.storage.base import Base
from tui_pos.storage.engine import reading, writing
from tui_pos.widgets.bars import MessageBar

PACKAGE = Path(cli.__file__).parent
ROOMS = (
    "sales",
    "drawer",
    "catalogue",
    "printing",
    "reports",
    "people",
    "journal",
    "payments",
    "stock",
    "keeping",
    "setup",
)

P = Permission
NEEDS: Mapping[str, Permission] = {
    "sales.checkout:complete": P.SELL,
    "sales.corrections:set_quantity": P.VOID_LINE,
    "sales.corrections:change_price": P.PRICE_CHANGE,
    "sales.corrections:discount_line": P.DISCOUNT,
    "sales.corrections:discount_sale": P.DISCOUNT,
    "sales.corrections:void_line": P.VOID_LINE,
    "sales.corrections:void_sale": P.VOID_SALE,
    "sales.customer:name_customer": P.SELL,
    "sales.holding:hold": P.SELL,
    "sales.holding:recall": P.SELL,
    "sales.returns:return_goods": P.RETURN,
    "sales.scanning:sell": P.SELL,
    "sales.tendering:pay_cash": P.SELL,
    "sales.tendering:pay_card_by_hand": P.CARD_BY_HAND,
    "sales.tendering:take_back": P.TAKE_BACK_TENDER,
    "sales.training:switch": P.TRAINING,
    "sales.training:complete": P.SELL,
    "drawer.cash:move_cash": P.CASH_IN_OUT,
    "drawer.cash:to_take_back": P.SHIFT,
    "drawer.cash:take_back": P.CASH_IN_OUT,
    "drawer.cash:open_without_sale": P.NO_SALE,
    "drawer.cash:opened_uncounted": P.SHIFT,
    "drawer.shifts:open_shift": P.SHIFT,
    "drawer.shifts:release": P.SHIFT,
    "drawer.shifts:see_expected": P.SEE_EXPECTED,
    "drawer.shifts:count": P.SHIFT,
    "drawer.shifts:close_shift": P.SHIFT,
    "catalogue.importing:import_products": P.CATALOGUE,
    "catalogue.taxes:add_tax_class": P.TAXES,
    "catalogue.taxes:set_rate": P.TAXES,
    "catalogue.unknown:set_aside": P.SELL,
    "catalogue.upkeep:upsert": P.CATALOGUE,
    "catalogue.upkeep:add_barcode": P.CATALOGUE,
    "catalogue.upkeep:deactivate": P.CATALOGUE,
    "printing.queue:reprint": P.REPRINT,
    "printing.queue:dismiss": P.REPRINT,
    "reports.audit:verify_books": P.JOURNAL,
    "reports.audit:archive_days": P.JOURNAL,
    "reports.audit:list_keys": P.JOURNAL,
    "reports.audit:unguarded_tables": P.JOURNAL,
    "reports.audit:strange_triggers": P.JOURNAL,
    "reports.audit:replace_key": P.SETTINGS,
    "reports.combined:combine": P.X_REPORT,
    "reports.combined:combine_now": P.X_REPORT,
    "reports.combined:days_with_zs": P.X_REPORT,
    "reports.combined:print_combined": P.X_REPORT,
    "reports.exports.export:export": P.EXPORT,
    "reports.past_receipt:receipt_page": P.SEARCH_SALES,
    "reports.past_receipt:print_copy": P.REPRINT,
    "reports.search:find_sales": P.SEARCH_SALES,
    "reports.z:make_x": P.X_REPORT,
    "reports.z:make_z": P.Z_REPORT,
    "reports.z:list_z": P.X_REPORT,
    "reports.z:show_z": P.X_REPORT,
    "reports.z:print_x": P.X_REPORT,
    "reports.z:print_copy": P.Z_REPORT,
    "keeping.backup:back_up": P.BACKUP,
    "keeping.restore:restore": P.RESTORE,
    "people.roles:set_role": P.STAFF,
    "people.recovery:recover": P.STAFF,
    "setup.perform:set_up": P.SETTINGS,
    "people.roles:remove_role": P.STAFF,
    "people.second_factor:take_away": P.STAFF,
    "people.staff:add": P.STAFF,
    "people.staff:change": P.STAFF,
    "people.staff:deactivate": P.STAFF,
    "people.staff:unlock": P.UNLOCK,
}

NEEDS_NOTHING: Mapping[str, str] = {
    "drawer.cash:is_more_than_held": "says no to who may not move cash",
    "setup.app:run_on_screen": "hands on to perform.set_up",
    "setup.app:build_set_up": "hands on to perform.set_up",
    "sales.attending:take_over": "whoever has logged in stands at the till",
    "sales.basket:new_basket": "an empty basket is nowhere but on the screen",
    "sales.basket:load_basket": "looking at the open sale",
    "sales.corrections:record_correction": "part of the corrections",
    "sales.receipt:receipt_document": "draws what was done",
    "sales.kept_pages:reprint": "copies through printing.queue.reprint",
    "sales.scanning:note_price_check": "everybody may ask what something costs",
    "drawer.demo:open_demo_drawer": "opens it through shifts.open_shift",
    "drawer.receipts:movement_slip": "draws what was done",
    "drawer.receipts:taken_back_slip": "draws what was done",
    "drawer.receipts:open_slip": "draws what was done",
    "drawer.receipts:count_slip": "draws what was done",
    "drawer.receipts:close_slip": "draws what was done",
    "drawer.shifts:knows_expected": "asks whether somebody may",
    "catalogue.demo:load_demo": "adds through upkeep.upsert",
    "reports.period:figures_since_last_z": "the sums behind make_x and make_z",
    "reports.sales_list:write_sales": "reads through search.find_sales",
    "reports.search:every_sale": "reads through search.find_sales",
    "people.access:approve": "whoever allows must have the permission that was refused: tests/people/test_access.py",
    "people.access:change_own_pin": "one's own, with the old one",
    "sales.attending:recoveries_to_tell": "what owners must hear at their log-in",
    "people.access:log_out": "everybody may leave",
    "people.access:hand_over": "whoever has logged in stands at the till",
    "people.roles:check_within": "compares rights",
    "people.second_factor:enrol": "one's own; STAFF for others: tests/people/test_second_factor.py",
}

LOOKS: Mapping[str, str] = {
    "reports.combined:newest_date": "a date, no money",
    "reports.period:last_z": "behind make_x, make_z and combine",
    "reports.period:anything_since_last_z": "whether anything happened, no money",
    "reports.z:check_closable": "whether there is anything in the way or to close, no money",
    "reports.z:check_needed": "whether anything happened, no money",
    "reports.z:what_blocks": "names what is in the way, no money",
    "reports.z:find_z": "behind show_z and print_copy, which ask",
    "reports.z:page_of": "the page of a Z that its caller was let to: show_z, make_z, print_copy",
    "reports.z:print_page": "behind make_z, print_copy and print_x, which ask",
    "drawer.blockers:what_blocks_close": "names what is in the way, no money",
    "drawer.blockers:warnings": "names pages that were not printed",
    "drawer.receipts:print_slip": "part of the acts of the drawer",
    "drawer.shifts:left_in": "the next float, which whoever opens the drawer lays in or counts",
    "drawer.shifts:find_open": "says whether the drawer is open",
    "payments.shifts:open_shift_of": "says whether a drawer is open",
    "payments.shifts:open_shifts": "says which drawers are open",
    "payments.shifts:expected_minor": "behind see_expected, which asks, and behind counts, which tell who may know",
    "payments.shifts:drawer_in_hand": "says which drawer somebody works with",
}
"""Functions of the rooms of money that read the books without asking who wants to know, and why that is right."""

COMMANDS: Mapping[tuple[str, ...], tuple[str, ...]] = {
    ("init",): ("--no-input", "--shop-name", "Mallory's", "--country", "IE"),
    ("catalogue", "import"): ("goods.csv",),
    ("catalogue", "unknown"): ("--clear",),
    ("taxes", "set"): ("standard", "20"),
    ("taxes", "add"): ("odd", "Odd", "--kind", "exempt"),
    ("taxes", "preset"): ("SE",),
    ("receipt",): ("1",),
    ("sales",): (),
    ("x",): (),
    ("z",): (),
    ("export",): ("csv", "--from", "2026-03-01", "--to", "2026-03-02"),
    ("journal", "verify"): (),
    ("journal", "archive"): ("2026-03-01", "2026-03-02"),
    ("journal", "keys"): (),
    ("journal", "new-key"): (),
    ("journal", "clock"): (),
    ("backup",): (".",),
    ("restore",): ("goods.csv", "new.db"),
    ("staff", "add"): ("Mallory", "--role", "owner", "--pin-stdin"),
    ("staff", "change"): ("Ada", "--role", "cashier"),
    ("staff", "deactivate"): ("Ada",),
    ("staff", "reactivate"): ("Ada",),
    ("staff", "unlock"): ("Ada",),
    ("staff", "second-factor"): ("Ada", "--remove"),
    ("staff", "role"): ("cashier", "--may", "restore"),
}
"""Commands that act, with what they need to begin."""

FREE_COMMANDS: Mapping[tuple[str, ...], str] = {
    ("demo",): "an invented shop",
    ("settings",): "whoever can read the file",
    ("doctor",): "looks at what whoever runs it can open anyway, and changes nothing",
    ("devices",): "tries devices, changes nothing",
    ("secret", "set"): "whoever can set a secret can write the file that it is kept in",
    ("catalogue", "export"): "the price list is no secret",
    ("journal", "verifier"): "writes out a program that ships with this one",
    ("staff", "list"): "the log-in screen shows the same names",
    ("staff", "roles"): "what each role may do is no secret",
    ("staff", "recover"): "for whom no PIN is left; told in the journal, on the Z and to every owner",
}

SETTINGS = Settings.model_validate(
    {"till": {"name": TILL}, "scanner": {"wedge": False}, "printer": {"kind": "simulated"}}
)
NO_RIGHTS = RoleRights(frozenset())
ROLES = {**BUILT_IN, "nothing": NO_RIGHTS}


def _functions() -> Iterator[str]:
    """Every public function of the rooms that takes an Actor, as `module:name`."""
    yield from (name for name, takes in _signatures(ROOMS) if "Actor" in takes)


def _signatures(rooms: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Every public function of the rooms, with the types that it takes."""
    for room in rooms:
        for path in sorted((PACKAGE / room).rglob("*.py")):
            module = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                    arguments = (*node.args.args, *node.args.kwonlyargs)
                    takes = (ast.unparse(a.annotation) for a in arguments if a.annotation is not None)
                    yield f"{module}:{node.name}", " ".join(takes)


def test_every_act_of_every_room_is_in_the_table() -> None:
    found = set(_functions())
    assert found == {*NEEDS, *NEEDS_NOTHING}
    assert set(NEEDS).isdisjoint(NEEDS_NOTHING)


def test_whatever_shows_money_asks_who_wants_to_see_it() -> None:
    signatures = _signatures(("reports", "drawer", "payments"))
    found = {
        name
        for name, takes in signatures
        if "Actor" not in takes and ("Session" in takes or "Engine" in takes)
    }
    assert found == set(LOOKS)


def test_every_permission_of_the_settings_exists() -> None:
    every = [str(permission) for permission in Permission]
    settings = Settings.model_validate({"security": {"second_factor_actions": every}})
    assert list(settings.security.second_factor_actions) == every


def _actor(role: str) -> Actor:
    return Actor(role, role, role, ROLES[role])


def _call(name: str, actor: Actor) -> None:
    """Call it with nothing but an actor. What comes after the question of permission fails; that is no matter."""
    module, _colon, function = name.partition(":")
    act: Callable[..., Any] = getattr(import_module(f"tui_pos.{module}"), function)
    given: dict[str, Any] = dict.fromkeys(inspect.signature(act).parameters)
    given["actor"] = actor
    try:
        act(**given)
    except NotAllowed:
        raise
    except (AttributeError, TypeError, SQLAlchemyError):
        pass


@pytest.mark.parametrize("role", [*ROLES, "nobody"])
@pytest.mark.parametrize("name", [name for name in NEEDS if name != "sales.corrections:set_quantity"])
def test_each_role_does_what_it_may_and_nothing_else(name: str, role: str) -> None:
    actor = NOBODY if role == "nobody" else _actor(role)
    if NEEDS[name] in actor.rights.permissions:
        _call(name, actor)
    else:
        with pytest.raises(NotAllowed) as caught:
            _call(name, actor)
        assert caught.value.permission is NEEDS[name]


@pytest.mark.parametrize("role", ROLES)
def test_fewer_is_a_void_and_more_is_a_sale(sqlite_engine: Engine, role: str) -> None:
    stock_shop(sqlite_engine)
    days = Days(sqlite_engine)
    days.scan("100", "3")
    basket, line = days.desk.basket, days.desk.basket.lines[0]
    for quantity, needed in ((line.quantity - 1, P.VOID_LINE), (line.quantity + 1, P.SELL)):
        with writing(sqlite_engine) as session:
            actor = _actor(role)
            if needed in ROLES[role].permissions:
                corrections.set_quantity(session, basket, line.id, quantity, actor, NOW)
            else:
                with pytest.raises(NotAllowed):
                    corrections.set_quantity(session, basket, line.id, quantity, actor, NOW)


# The counter


def _rows(engine: Engine) -> dict[str, int]:
    """How many rows each table has, but for the journal, which also tells of what was only tried."""
    with reading(engine) as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
            if table.name != "journal_entry"
        }


async def test_who_has_no_rights_changes_nothing_by_any_action_of_the_counter(sqlite_engine: Engine) -> None:
    """Every action by name, with an answer to whatever it asks: the books are as before, and nothing goes wrong."""
    stock_shop(sqlite_engine)
    days = Days(sqlite_engine)
    days.trade(1)
    days.scan("100", "2")
    app = build_app(
        SETTINGS,
        sqlite_engine,
        now=days.now,
        actor=_actor("nothing"),
    )
    before = _rows(sqlite_engine)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        for action in ACTIONS:
            if action.name in ("quit", "lock"):
                continue
            _front(app).take_text(f"/{action.name}")
            _front(app).take_key("enter")
            await pilot.pause()
            for answer in ("1", "4242", "reason"):
                _front(app).take_text(answer)
                _front(app).take_key("enter")
                await pilot.pause()
            while not isinstance(app.screen, Counter):
                _front(app).take_key("escape")
                await pilot.pause()
            _front(app).take_key("escape")
            assert "went wrong" not in str(app.screen.query_one(MessageBar)._rows), action.name
            assert _rows(sqlite_engine) == before, action.name
            assert app.till.desk.actor == _actor("nothing")


def _front(app: TillApp) -> TillScreen:
    return app.front


# The commands


def _leaves(
    parser: argparse.ArgumentParser, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], bool]]:
    below = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    for action in below:
        for name, found in action.choices.items():
            yield from _leaves(found, (*path, name))
    if not below:
        yield path, any(action.dest == "as_name" for action in parser._actions)


def test_every_command_says_who_acts_or_needs_nobody() -> None:
    found = dict(_leaves(cli._parser()))
    assert {path for path, acts in found.items() if acts} == set(COMMANDS)
    assert {path for path, acts in found.items() if not acts} == set(FREE_COMMANDS)


@pytest.fixture
def shop(sqlite_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The settings of a shop where Eve works, who may do nothing at all."""
    take_on(sqlite_engine)
    ada = named(sqlite_engine, "Ada")
    with writing(sqlite_engine) as session:
        set_role(session, "nothing", NO_RIGHTS, till=TILL, actor=ada, now=NOW)
        add(session, name="Eve", role="nothing", pin=PIN, till=TILL, actor=ada, now=NOW)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "goods.csv").write_text("name,price,barcodes\nTea,1.00,5449000000996\n")
    config = tmp_path / "shop.toml"
    url = sqlite_engine.url.render_as_string(hide_password=False)
    config.write_text(f'[till]\nname = "{TILL}"\n[database]\nurl = "{url}"\n')
    return config


def test_who_has_no_rights_gets_nothing_from_any_command(
    shop: Path, sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["--config", str(shop), "staff", "list"]) == 0  # the first opening adds the tax classes
    before = _rows(sqlite_engine)
    for path, arguments in COMMANDS.items():
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{PIN}\n8642\n"))
        capsys.readouterr()
        assert cli.main(["--config", str(shop), *path, *arguments, "--as", "Eve"]) == 1, path
        assert capsys.readouterr().err == "tui-pos: Eve may not do this.\n", path
        assert _rows(sqlite_engine) == before, path


UNATTENDED = {
    *(
        ("receipt",),
        ("sales",),
        ("x",),
        ("z",),
        ("export",),
        ("backup",),
        ("restore",),
        ("catalogue", "unknown"),
    ),
    *(("journal", "verify"), ("journal", "archive"), ("journal", "keys")),
}
"""Commands that may run without anybody; `catalogue unknown --clear` wants somebody, and so does every other one."""


def test_what_changes_the_books_wants_somebody_who_answers_for_it(
    shop: Path, sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["--config", str(shop), "staff", "list"]) == 0  # the first opening adds the tax classes
    before = _rows(sqlite_engine)
    for path, arguments in COMMANDS.items():
        if path in UNATTENDED and "--clear" not in arguments:
            continue
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{PIN}\n8642\n"))
        capsys.readouterr()
        assert cli.main(["--config", str(shop), *path, *arguments]) == 1, path
        assert "This wants somebody who answers for it" in capsys.readouterr().err, path
        assert _rows(sqlite_engine) == before, path


def test_what_runs_unattended_runs_as_the_service(
    shop: Path, sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: "cron")
    monkeypatch.setattr("sys.stdin", io.StringIO())
    for path in UNATTENDED - {("restore",)}:
        arguments = [word for word in COMMANDS[path] if word != "--clear"]
        cli.main(["--config", str(shop), *path, *arguments])
        assert "answers for it" not in capsys.readouterr().err, path
    with reading(sqlite_engine) as session:
        actors = set(
            session.scalars(select(JournalEntry.actor).where(JournalEntry.event.in_(("x", "backup"))))
        )
    assert actors == {"service:cron"}


def test_the_owner_may_do_everything_and_built_in_roles_grow() -> None:
    """A supervisor may do all that a cashier may, an owner all there is; a bookkeeper changes nothing."""
    assert BUILT_IN["owner"].permissions == frozenset(Permission)
    assert BUILT_IN["cashier"].permissions < BUILT_IN["supervisor"].permissions
    assert BUILT_IN["bookkeeper"].permissions == {
        P.X_REPORT,
        P.SEARCH_SALES,
        P.EXPORT,
        P.JOURNAL,
        P.SEE_EXPECTED,
    }
    assert built_in_actor("owner").rights.max_discount_percent is None
