"""`tui-pos staff …`, and who acts in a command."""

import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pyotp
import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine, select

from config.errors import SettingsError
from hardware.document import to_text
from tests.rigs.days import Days
from tests.rigs.people import BADGE, NOW, OWNER, PINS, TILL, named, take_on
from tui_pos import cli, shell
from tui_pos.journal.models import JournalEntry
from tui_pos.people import pins, recovery
from tui_pos.people.access import AccessDenied, AccessRules, CodeNeeded, Credentials, NoSecondFactor, log_in
from tui_pos.people.actor import NotProven
from tui_pos.people.errors import PeopleError
from tui_pos.people.models import FailedLogin
from tui_pos.people.permissions import BUILT_IN, Permission
from tui_pos.people.staff import find_member, is_set_up, members
from tui_pos.reports.documents import report_document
from tui_pos.reports.figures import from_bytes
from tui_pos.reports.z import make_z
from tui_pos.settings_check import check_roles, load_checked
from tui_pos.storage.engine import reading, writing

Run = Callable[..., int]

UNNAMED = ("list", "roles", "recover")
"""Commands by which nobody acts."""


@pytest.fixture(autouse=True)
def cheap_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(pins, "_hasher", lambda: quick)
    monkeypatch.delenv("SSH_CONNECTION", raising=False)


@pytest.fixture
def run(sqlite_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command of the staff, with lines on its standard input."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("LANG", "C")
    config = tmp_path / "shop.toml"
    url = sqlite_engine.url.render_as_string(hide_password=False)
    config.write_text(f'[till]\nname = "{TILL}"\n[database]\nurl = "{url}"\n')

    def run(*arguments: str, lines: str = "", ada: str = PINS["Ada"]) -> int:
        """By Ada, where there is one and nobody else is named."""
        with reading(sqlite_engine) as session:
            by_ada = is_set_up(session) and "--as" not in arguments and arguments[0] not in UNNAMED
        if by_ada and not (arguments[0] == "second-factor" and "--remove" not in arguments):
            arguments, lines = (*arguments, "--as", "Ada"), f"{ada}\n{lines}"
        monkeypatch.setattr("sys.stdin", io.StringIO(lines))
        return cli.main(["--config", str(config), "staff", *arguments])

    return run


def can_log_in(engine: Engine, name: str, pin: str) -> bool:
    try:
        log_in(engine, TILL, Credentials(name, pin), AccessRules(), NOW)
    except AccessDenied:
        return False
    return True


def actors(engine: Engine, event: str) -> list[str]:
    with reading(engine) as session:
        return list(session.scalars(select(JournalEntry.actor).where(JournalEntry.event == event)))


def test_a_shop_is_set_up_by_a_script(
    run: Run, sqlite_engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("add", "Cleo", "--role", "cashier", "--pin-stdin", lines="2974\n") == 1
    assert "make them the owner" in capsys.readouterr().err
    assert run("add", "Ada", "--role", "owner", "--pin-stdin", lines="4711\n") == 0
    arguments = ("add", "Bo", "--role", "supervisor", "--language", "sv", "--pin-stdin", "--badge-stdin")
    assert run(*arguments, lines=f"3816\n{BADGE}\n", ada="4711") == 0
    capsys.readouterr()
    assert run("list") == 0
    assert capsys.readouterr().out == "Ada\towner\t\t\t\t\nBo\tsupervisor\tsv\tyes\t\t\n"
    assert can_log_in(sqlite_engine, "Bo", "3816")
    assert log_in(sqlite_engine, TILL, Credentials(badge=BADGE), AccessRules(), NOW).language == "sv"
    first, second = actors(sqlite_engine, "staff_added")
    assert first == "set-up"
    with reading(sqlite_engine) as session:
        assert second == str(find_member(session, "Ada").id)


@pytest.mark.parametrize(
    ("arguments", "lines", "told"),
    [
        (("add", "Eve", "--role", "pilot", "--pin-stdin"), "7391\n", "There is no role pilot"),
        (("add", "Eve", "--role", "cashier", "--pin-stdin"), "1234\n", "the first that anybody would try"),
        (("add", "Eve", "--role", "cashier", "--pin-stdin"), "", "4 to 12 digits"),
        (("add", "ada", "--role", "cashier", "--pin-stdin"), "7391\n", "somebody called Ada already"),
        (("add", "Eve", "--role", "cashier"), "7391\n7392\n", "not the same"),
        (("change", "Zoe", "--role", "cashier"), "", "nobody called Zoe"),
        (("deactivate", "Ada"), "", "nobody could change the staff"),
        (("role", "trainee", "--may", "fly"), "", "no permission fly"),
        (("role", "owner", "--may", "sell"), "", "The owner may do everything"),
        (("deactivate", "Cleo", "--as", "Bo"), "3816\n", "Bo may not do this"),
        (("deactivate", "Cleo", "--as", "Ada"), "9182\n", "are not right"),
    ],
)
def test_what_cannot_be_is_told_and_changes_nothing(
    run: Run,
    sqlite_engine: Engine,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    lines: str,
    told: str,
) -> None:
    take_on(sqlite_engine)
    with reading(sqlite_engine) as session:
        before = members(session, also_inactive=True)
    assert run(*arguments, lines=lines) == 1
    assert told in capsys.readouterr().err
    with reading(sqlite_engine) as session:
        assert members(session, also_inactive=True) == before


@pytest.mark.parametrize(
    ("more", "badge", "told"),
    [
        (("--badge-stdin",), "CARD-0815-4711", "begins with STAFF- here"),
        (("--language", "xx"), "", "There are no texts in xx. There are: en, sv"),
    ],
)
def test_what_nobody_could_use_is_refused(
    run: Run,
    sqlite_engine: Engine,
    capsys: pytest.CaptureFixture[str],
    more: tuple[str, ...],
    badge: str,
    told: str,
) -> None:
    assert run("add", "Ada", "--role", "owner", "--pin-stdin", *more, lines=f"4711\n{badge}\n") == 1
    assert told in capsys.readouterr().err
    with reading(sqlite_engine) as session:
        assert members(session) == []


def test_a_role_that_is_demanded_and_does_not_exist_is_told(
    run: Run, tmp_path: Path, sqlite_engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    take_on(sqlite_engine)
    with (tmp_path / "shop.toml").open("a") as file:
        file.write('[security]\nsecond_factor_roles = ["ownr", "owner"]\n')
    assert run("list") == 0
    assert "names ownr: there is no such role" in capsys.readouterr().out
    loaded = load_checked(tmp_path / "shop.toml")
    with pytest.raises(SettingsError, match="there is no role ownr"):
        check_roles(loaded, sqlite_engine)


def test_an_owner_who_is_locked_can_recover_though_a_code_is_wanted(
    run: Run, tmp_path: Path, sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_on(sqlite_engine)
    with (tmp_path / "shop.toml").open("a") as file:
        file.write('[security]\nsecond_factor_actions = ["unlock"]\nsecond_factor_over_ssh = true\n')
    monkeypatch.setenv("SSH_CONNECTION", "192.0.2.1 1 192.0.2.2 22")
    with writing(sqlite_engine) as session:
        who = UUID(named(sqlite_engine, "Ada").id)
        session.add(FailedLogin(staff_id=who, till=TILL, failures=10, locked_until=NOW))
    assert not can_log_in(sqlite_engine, "Ada", PINS["Ada"])
    assert run("recover", "Ada", "--pin-stdin", lines="8642\n") == 0
    assert can_log_in(sqlite_engine, "Ada", "8642")


def test_changing_somebody(run: Run, sqlite_engine: Engine) -> None:
    take_on(sqlite_engine)
    assert run("change", "Cleo", "--role", "supervisor", "--pin-stdin", lines="8642\n") == 0
    assert run("change", "Bo", "--name", "Bodil", "--no-badge") == 0
    assert not can_log_in(sqlite_engine, "Cleo", PINS["Cleo"])
    assert can_log_in(sqlite_engine, "Cleo", "8642")
    assert can_log_in(sqlite_engine, "Bodil", PINS["Bo"])
    with reading(sqlite_engine) as session:
        assert find_member(session, "Cleo").role == "supervisor"
        assert not find_member(session, "Bodil").has_badge


def test_leaving_coming_back_and_being_forgiven(run: Run, sqlite_engine: Engine) -> None:
    take_on(sqlite_engine)
    assert run("deactivate", "Cleo") == 0
    assert not can_log_in(sqlite_engine, "Cleo", PINS["Cleo"])
    assert run("reactivate", "Cleo") == 0
    for _each in range(4):
        assert not can_log_in(sqlite_engine, "Cleo", "9182")
    assert not can_log_in(sqlite_engine, "Cleo", PINS["Cleo"])
    assert run("unlock", "Cleo") == 0
    assert can_log_in(sqlite_engine, "Cleo", PINS["Cleo"])


def test_roles_of_the_shops_own(run: Run, sqlite_engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    take_on(sqlite_engine)
    assert run("role", "trainee", "--may", "sell,void_line", "--max-discount", "2.5") == 0
    capsys.readouterr()
    assert run("roles") == 0
    assert "trainee\t2.5 %\tno limit\tsell void_line\n" in capsys.readouterr().out
    assert run("change", "Cleo", "--role", "trainee") == 0
    assert run("role", "trainee", "--remove") == 1
    assert run("change", "Cleo", "--role", "cashier") == 0
    assert run("role", "trainee", "--remove") == 0


def test_a_second_factor_is_set_up_with_ones_own_pin(
    run: Run, sqlite_engine: Engine, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    take_on(sqlite_engine)
    answers = iter([PINS["Ada"]])

    def ask(prompt: str) -> str:
        if "Code" not in prompt:
            return next(answers)
        uri = capsys.readouterr().out.split("\n")[0]
        return pyotp.TOTP(pyotp.parse_uri(uri).secret).now()

    monkeypatch.setattr(shell, "ask", ask)
    assert run("second-factor", "Ada") == 0
    recovery = capsys.readouterr().out.split("\n")[1:-1]
    assert len(recovery) == 8
    rules = AccessRules(second_factor_always=True)
    shown = Credentials("Ada", PINS["Ada"])
    with pytest.raises(CodeNeeded):
        log_in(sqlite_engine, TILL, shown, rules, NOW)
    assert log_in(sqlite_engine, TILL, replace(shown, code=recovery[0]), rules, NOW).name == "Ada"
    answers = iter(["9182"])
    assert run("second-factor", "Ada") == 1
    monkeypatch.setenv("TUI_POS_SECURITY__SECOND_FACTOR_ROLES", '["owner"]')
    capsys.readouterr()
    assert run("second-factor", "Ada", "--remove", lines=f"{recovery[1]}\n") == 0
    assert "demands one of the role owner" in capsys.readouterr().err
    with pytest.raises(NoSecondFactor):
        log_in(sqlite_engine, TILL, shown, rules, NOW)


# Who acts


def test_a_command_acts_as_an_owner_before_there_is_one_and_as_the_service_then(
    sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: "cron")
    monkeypatch.setattr("sys.stdin", io.StringIO())
    actor = shell.who_acts(sqlite_engine, AccessRules(), TILL, None, NOW, Permission.STAFF)
    assert (actor.id, actor.role) == ("shell:cron", "owner")
    take_on(sqlite_engine)
    actor = shell.who_acts(sqlite_engine, AccessRules(), TILL, None, NOW, Permission.Z_REPORT)
    assert (actor.id, actor.role) == ("service:cron", "service")
    assert actor.rights == BUILT_IN["service"]
    with pytest.raises(PeopleError, match="--as NAME"):
        shell.who_acts(sqlite_engine, AccessRules(), TILL, None, NOW, Permission.STAFF)


def test_at_a_terminal_somebody_is_asked_who_they_are(
    sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_on(sqlite_engine)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda _prompt: "Ada")
    actor = shell.who_acts(
        sqlite_engine, AccessRules(), TILL, None, NOW, Permission.STAFF, lambda _prompt: PINS["Ada"]
    )
    assert actor == named(sqlite_engine, "Ada")


def test_an_owner_lets_the_service_import(run: Run, sqlite_engine: Engine) -> None:
    take_on(sqlite_engine)
    may = ",".join([*BUILT_IN["service"].permissions, "catalogue"])
    assert run("role", "service", "--may", may) == 0
    actor = shell.who_acts(sqlite_engine, AccessRules(), TILL, None, NOW, Permission.CATALOGUE)
    assert actor.role == "service"
    assert actors(sqlite_engine, "role_set") == [named(sqlite_engine, "Ada").id]


@pytest.mark.parametrize("name", ["Cleo", "Nobody"])
def test_only_an_owners_pin_is_recovered(
    run: Run, sqlite_engine: Engine, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    take_on(sqlite_engine)
    assert run("recover", name, "--pin-stdin", lines="8642\n") == 1
    assert f"{name} is no owner who works here" in capsys.readouterr().err
    assert actors(sqlite_engine, "pin_recovered") == []


def test_a_recovered_pin_is_in_the_journal_on_the_z_and_told_to_each_owner_once(
    run: Run, sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: "kim")
    take_on(sqlite_engine)
    assert run("add", "Zoe", "--role", "owner", "--pin-stdin", lines="7391\n") == 0
    assert run("recover", "Ada", "--pin-stdin", lines="8642\n") == 0
    assert actors(sqlite_engine, "pin_recovered") == ["shell:kim"]
    for name, told in (("Ada", ["Ada"]), ("Zoe", ["Ada"]), ("Cleo", []), ("Ada", []), ("Zoe", [])):
        with writing(sqlite_engine) as session:
            found = recovery.news_for(session, UUID(named(sqlite_engine, name).id))
        assert [(news.name, news.by) for news in found] == [(who, "kim") for who in told]
    days = Days(sqlite_engine, TILL)
    with writing(sqlite_engine) as session:
        z = make_z(session, days.shop, OWNER, days.now())
    figures = from_bytes(z.content)
    assert [(found.name, found.by) for found in figures.pin_recoveries] == [("Ada", "kim")]
    assert "PIN of the owner Ada set anew" in to_text(report_document(figures, days.shop), 42)


def test_or_as_somebody_named(sqlite_engine: Engine) -> None:
    take_on(sqlite_engine)
    asked = []

    def ask(prompt: str) -> str:
        asked.append(prompt)
        return PINS["Cleo"]

    actor = shell.who_acts(sqlite_engine, AccessRules(), TILL, "Cleo", NOW, Permission.SELL, ask)
    assert actor == named(sqlite_engine, "Cleo")
    assert asked == ["PIN of Cleo:"]


def test_over_ssh_somebody_must_be_named_where_the_settings_say_so(sqlite_engine: Engine) -> None:
    take_on(sqlite_engine)
    shell.who_acts(sqlite_engine, AccessRules(over_ssh=True), TILL, None, NOW, Permission.X_REPORT)
    rules = AccessRules(over_ssh=True, second_factor_over_ssh=True)
    with pytest.raises(PeopleError, match="--as NAME"):
        shell.who_acts(sqlite_engine, rules, TILL, None, NOW, Permission.X_REPORT)
    with pytest.raises(NoSecondFactor):
        shell.who_acts(sqlite_engine, rules, TILL, "Ada", NOW, Permission.STAFF, lambda prompt: PINS["Ada"])


def test_a_guarded_act_wants_a_name_and_a_code(sqlite_engine: Engine) -> None:
    take_on(sqlite_engine)
    rules = AccessRules(second_factor_actions=frozenset({Permission.EXPORT}))
    actor = shell.who_acts(sqlite_engine, rules, TILL, None, NOW, Permission.X_REPORT)
    actor.require(Permission.Z_REPORT)
    with pytest.raises(NotProven):
        actor.require(Permission.EXPORT)
    with pytest.raises(NoSecondFactor):
        shell.who_acts(sqlite_engine, rules, TILL, "Ada", NOW, Permission.STAFF, lambda prompt: PINS["Ada"])


def test_no_pin_is_in_the_journal(run: Run, sqlite_engine: Engine) -> None:
    take_on(sqlite_engine)
    run("change", "Cleo", "--pin-stdin", lines="8642\n")
    with reading(sqlite_engine) as session:
        bodies = list(session.scalars(select(JournalEntry.body).where(JournalEntry.event == "staff_changed")))
    assert [json.loads(body)["data"]["changed"] for body in bodies] == [["pin"]]
    assert b"8642" not in b"".join(bodies)
