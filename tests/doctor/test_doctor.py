"""`tui-pos doctor` finds each thing that is wrong with a till, says what to do, and changes nothing."""

import datetime as dt
import json
import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from config.loading import load
from config.secrets import SecretStore
from tests.rigs.days import Days
from tests.rigs.disks import protect, small_disk
from tests.rigs.people import take_on
from tests.rigs.shop import stock_shop
from tui_pos import bootstrap, cli
from tui_pos.doctor import books
from tui_pos.doctor.findings import Finding, Level
from tui_pos.journal import chain
from tui_pos.journal.clock import begun_at
from tui_pos.journal.signing import ensure_key, newest_key_name
from tui_pos.keeping.files import name_of
from tui_pos.printing.models import PrintJob
from tui_pos.storage.engine import open_engine, reading, writing
from tui_pos.storage.lock import only_one
from tui_pos.storage.migrate import upgrade

Found = dict[str, list[tuple[str, str, str]]]
Look = Callable[..., tuple[int, Found]]
NOW = dt.datetime.now(dt.UTC)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [*(n for n in os.environ if n.startswith(("TUI_POS_", "XDG_", "SSH_"))), "LC_ALL", "LANG"]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.setenv("PATH", "/nowhere")  # no timedatectl, no pg_dump
    (tmp_path / "stick").mkdir()
    return tmp_path


@pytest.fixture
def engine_of_a_shop(engine: Engine, home: Path) -> Engine:
    """All is well: people, sales, a key, pages printed, a backup of an hour ago."""
    stock_shop(engine)
    take_on(engine)
    days = Days(engine)
    days.trade(0)
    with writing(engine) as session:
        ensure_key(session, "till1", SecretStore(), "system", NOW)
        session.execute(PrintJob.__table__.update().values(state="done"))  # type: ignore[attr-defined]
    suffix = ".dump" if engine.dialect.name == "postgresql" else ".db"
    (home / "stick" / name_of("till1", NOW - dt.timedelta(hours=1), suffix)).touch()
    return engine


@pytest.fixture
def look(engine_of_a_shop: Engine, home: Path, capsys: pytest.CaptureFixture[str]) -> Look:
    """Run it with further settings; what it found by topic, as level, text and what to do."""

    def run(more: str = "", *words: str) -> tuple[int, Found]:
        url = engine_of_a_shop.url.render_as_string(hide_password=False)
        backup = "" if "[backup]" in more else f'[backup]\nfolders = ["{home}/stick"]\n'
        (home / "shop.toml").write_text(
            f'[database]\nurl = "{url}"\n[log]\nfolder = "{home}/log"\n{backup}{more}'
        )
        code = cli.main(["doctor", "--json", "--config", str(home / "shop.toml"), *words])
        found: Found = {}
        for each in json.loads(capsys.readouterr().out):
            found.setdefault(each["topic"], []).append((each["level"], each["text"], each["do"]))
        return code, found

    return run


def test_a_till_that_is_well(look: Look, engine_of_a_shop: Engine) -> None:
    code, found = look()
    on_file = engine_of_a_shop.dialect.name == "sqlite"
    ailing = {topic for topic, each in found.items() if any(level != "ok" for level, *_ in each)}
    assert ailing == {"backups"}  # the same disk; or no pg_dump here
    assert code == (1 if on_file else 2)
    assert list(found) == [
        "settings", "database", "journal", "signing key", "clock", "people", "pages", "backups", "disk", "log",
        "scanner", "printer",
    ]  # fmt: skip
    assert found["journal"][0][1].startswith("whole: ")
    assert "journal" not in look("", "--quick")[1]


def tree(folder: Path) -> dict[str, int]:
    return {str(path): path.stat().st_size for path in folder.rglob("*") if path.is_file()}


def test_an_empty_file_stays_as_it_is(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Merely connecting would write the head of a database into it."""
    (home / "shop.db").touch()
    config = home / "shop.toml"
    config.write_text(
        f'[database]\nurl = "sqlite:///{home}/shop.db"\n[log]\nfolder = "{home}/log"\n'
        f'[backup]\nfolders = ["{home}/stick"]\n[printer]\nkind = "file"\npath = "/dev/null"\n'
    )
    before = tree(home)
    assert cli.main(["doctor", "--json", "--config", str(config)]) == 1
    found = {each["topic"]: each for each in json.loads(capsys.readouterr().out)}
    assert found["database"]["text"].endswith("shop.db is empty.")
    assert tree(home) == before


def test_no_lock_is_made_to_see_whether_the_till_is_open(
    look: Look, engine_of_a_shop: Engine, home: Path
) -> None:
    more = '[printer]\nkind = "file"\npath = "/dev/null"\n'
    look(more, "--quick")
    assert not list(home.glob("*.lock"))
    with only_one(engine_of_a_shop, "till1"):
        assert look(more, "--quick")[1]["printer"][0][1].startswith("in use by the till")
    assert not look(more, "--quick")[1]["printer"][0][1].startswith("in use by the till")


def test_a_server_that_is_away_is_no_trouble_of_the_printer(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = home / "shop.toml"
    config.write_text(
        '[database]\nurl = "postgresql://till@127.0.0.1:1/shop"\n'
        f'[log]\nfolder = "{home}/log"\n[printer]\nkind = "file"\npath = "/dev/null"\n'
    )
    assert cli.main(["doctor", "--json", "--config", str(config)]) == 2
    found = json.loads(capsys.readouterr().out)
    (printer,) = (each for each in found if each["topic"] == "printer")
    assert printer["level"] == "ok"
    assert not any("sqlalche.me" in each["text"] for each in found)


def test_books_that_somebody_changed(look: Look, engine_of_a_shop: Engine) -> None:
    with writing(engine_of_a_shop) as session:
        if engine_of_a_shop.dialect.name == "postgresql":
            session.execute(text("ALTER TABLE sale DISABLE TRIGGER sale_no_change"))
        else:
            session.execute(text("DROP TRIGGER sale_no_update"))
        session.execute(text("UPDATE sale SET gross_minor = 1 WHERE number = 2"))
    code, found = look()
    ((level, words, to_do),) = found["journal"]
    assert (code, level) == (2, "bad")
    assert "stream receipts, entry 2" in words
    assert "tui-pos restore" in to_do


def test_whole_books_that_may_not_be_the_shops_own(look: Look, engine_of_a_shop: Engine, home: Path) -> None:
    """Signed by another key than this machine remembers, and no longer guarded."""
    SecretStore().keep(newest_key_name("till1"), "f" * 64)
    with writing(engine_of_a_shop) as session:
        on = " ON sale" if engine_of_a_shop.dialect.name == "postgresql" else ""
        guard = "sale_no_truncate" if on else "sale_no_update"
        session.execute(text(f"DROP TRIGGER {guard}{on}"))
    code, found = look()
    said = [words for level, words, _do in found["journal"] if level == "bad"]
    assert code == 2
    assert "this machine last signed with key ffff" in said[0]
    assert said[1].endswith(": sale")


def test_a_lost_key(look: Look, home: Path) -> None:
    for file in (home / ".config" / "tui-pos" / "secrets").iterdir():
        file.unlink()
    code, found = look("", "--quick")
    assert code == 2
    assert found["signing key"][0][0] == "bad"
    assert "tui-pos journal new-key" in found["signing key"][0][2]


def test_a_key_that_others_can_read(look: Look, home: Path) -> None:
    for file in (home / ".config" / "tui-pos" / "secrets").iterdir():
        file.chmod(0o644)
    found = look("", "--quick")[1]
    assert found["signing key"][0][0] == "bad"
    assert "chmod 600" in found["signing key"][0][1]


def test_a_clock_that_is_behind(look: Look, engine_of_a_shop: Engine) -> None:
    days = Days(engine_of_a_shop)
    days.day = (NOW + dt.timedelta(days=40)).date()
    days.sell("100")
    code, found = look("", "--quick")
    assert code == 2
    assert found["clock"][0][0] == "bad"
    assert re.search("and is (39|40) days behind the newest entry", found["clock"][0][1])  # as the hour is


def test_a_clock_that_is_far_ahead(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain, "FAR_AHEAD", dt.timedelta(days=31))
    monkeypatch.setattr(bootstrap, "utc_now", lambda: NOW + dt.timedelta(days=20))
    assert look("", "--quick")[1]["clock"][0][0] == "ok"
    monkeypatch.setattr(bootstrap, "utc_now", lambda: NOW + dt.timedelta(days=13_000))
    found = look("", "--quick")[1]
    assert found["clock"][0][0] == "warn"
    assert "and is 13000 days ahead of the newest entry" in found["clock"][0][1]


def test_a_value_that_no_column_can_hold(look: Look, engine_of_a_shop: Engine) -> None:
    if engine_of_a_shop.dialect.name == "postgresql":
        return  # which takes none
    with writing(engine_of_a_shop) as session:
        session.execute(text("UPDATE staff SET created_at = 'zz' WHERE name = 'Ada'"))
    quick, whole = look("", "--quick")[1], look()[1]
    for found, topic in ((quick, "people"), (whole, "people"), (whole, "journal")):
        assert found[topic][0][0] == "bad"
        assert found[topic][0][1].startswith("The books are damaged (table staff, column created_at).")


def test_people(look: Look, engine_of_a_shop: Engine) -> None:
    found = look('[security]\nsecond_factor_roles = ["bookkeeper"]\n', "--quick")[1]
    assert found["people"][0] == (
        "warn",
        "Without a second factor, and so kept out: Dora",
        "tui-pos staff second-factor NAME",
    )
    found = look('[security]\nsecond_factor_roles = ["ownr"]\n', "--quick")[1]
    assert found["people"][0][0] == "bad"
    assert "no role: ownr" in found["people"][0][1]
    with writing(engine_of_a_shop) as session:
        session.execute(text("UPDATE staff SET active = :no"), {"no": False})
    assert look("", "--quick")[1]["people"][0][0] == "bad"


def test_pages_that_did_not_come_out(look: Look, engine_of_a_shop: Engine) -> None:
    with writing(engine_of_a_shop) as session:
        session.execute(
            text("UPDATE print_job SET state = 'not_printed' WHERE kind = 'receipt'"),
        )
        session.execute(text("UPDATE print_job SET state = 'queued' WHERE kind = 'shift'"))
    found = look("", "--quick")[1]["pages"]
    assert found[0][0] == "warn"
    assert "/reprint" in found[0][2]


@pytest.mark.parametrize(
    ("age", "level"), [(dt.timedelta(hours=47), "ok"), (dt.timedelta(hours=49), "warn"), (None, "warn")]
)
def test_the_age_of_backups(look: Look, home: Path, age: dt.timedelta | None, level: str) -> None:
    for file in (home / "stick").iterdir():
        file.unlink()
    if age:
        (home / "stick" / name_of("till1", NOW - age, ".db")).touch()
    code, found = look("", "--quick")
    told = [each for each in found["backups"] if "the newest of" in each[1] or "has none" in each[1]]
    assert told[0][0] == level
    assert ("bad", "No folder has a backup of late.", "tui-pos backup") in found["backups"] or level == "ok"
    assert code in (1, 2)


def test_a_new_shop_needs_no_backup_before_one_is_due(
    look: Look, engine_of_a_shop: Engine, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for file in (home / "stick").iterdir():
        file.unlink()
    with reading(engine_of_a_shop) as session:
        begun = begun_at(session, "till1")
    assert begun is not None
    for age_h, level in ((5, "warn"), (7, "bad")):
        now = begun + dt.timedelta(hours=age_h)
        monkeypatch.setattr(bootstrap, "utc_now", lambda now=now: now)
        found = look(f'[backup]\nfolders = ["{home}/stick"]\nevery_h = 6\n', "--quick")[1]["backups"]
        assert ("warn", f"{home}/stick has none.", "tui-pos backup") in found
        last = [each for each in found if each[1].startswith(("The shop is new", "No folder"))]
        assert [each[0] for each in last] == [level]


def test_a_backup_of_the_future(look: Look, home: Path) -> None:
    (home / "stick" / name_of("till1", NOW + dt.timedelta(days=100), ".db")).touch()
    found = look("", "--quick")[1]["backups"]
    assert ("warn", f"{home}/stick has 1 of the future: the clock was wrong then, or is now.",
            "Remove them once the clock is right.") in found  # fmt: skip


def test_a_full_stick_keeps_nobody_from_selling(
    look: Look, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", os.defpath)
    (home / "full").mkdir()
    with small_disk(home / "full", 64) as full:
        found = look(f'[backup]\nfolders = ["{full}"]\n', "--quick")[1]["disk"]
    assert ("bad", f"{home}/full: 0 MB free", "Make room: soon no backup can be made there.") in found


@pytest.mark.parametrize(("version", "fits"), [("9.6", False), ("99.1", True)])
def test_a_pg_dump_that_is_older_than_the_server(
    look: Look,
    engine_of_a_shop: Engine,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    version: str,
    fits: bool,
) -> None:
    if engine_of_a_shop.dialect.name == "sqlite":
        return
    for name in ("pg_dump", "pg_restore"):
        (home / name).write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) {version}'\n")
        (home / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(home))
    told = [words for level, words, _to_do in look("", "--quick")[1]["backups"] if level == "bad"]
    assert any(f"pg_dump is of version {version.partition('.')[0]}" in words for words in told) is not fits


def test_what_is_found_and_what_to_do_are_told_apart() -> None:
    assert Finding(Level.BAD, "disk", "0 MB free", "Make room.").told == "0 MB free → Make room."
    assert Finding(Level.OK, "disk", "all is well").told == "all is well"


def test_new_books_are_private_and_others_are_named(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = home / "books" / "shop.db"
    (home / "shop.toml").write_text(f'[database]\nurl = "sqlite:///{file}"\n[log]\nfolder = "{home}/log"\n')
    bootstrap.open_database(load(home / "shop.toml"), make=True).dispose()
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert not books._others_can_read(file)
    file.chmod(0o644)
    assert not books._others_can_read(file)  # nobody else gets into its folder


def test_backups_that_nobody_makes_or_that_have_no_place(look: Look, home: Path) -> None:
    found = look("[backup]\nfolders = []\n", "--quick")[1]
    assert found["backups"][0][:2] == ("warn", "None are made: the settings name no folder.")
    found = look(f'[backup]\nfolders = ["{home}/stick", "{home}/gone"]\n', "--quick")[1]
    assert ("warn", f"{home}/gone is not there.", "Plug it in, or make it.") in found["backups"]


def test_devices(look: Look, home: Path) -> None:
    (home / "lp0").touch()
    found = look(
        f'[scanner]\nkind = "serial"\nport = "{home}/ttyS9"\n[printer]\nkind = "file"\npath = "{home}/lp0"\n',
        "--quick",
    )[1]
    assert found["scanner"][0][0] == "bad"
    assert "ttyS9 is not there" in found["scanner"][0][1]
    assert found["printer"][0][0] == "ok"
    found = look('[printer]\nkind = "network"\nhost = "127.0.0.1"\ntcp_port = 9\n', "--quick")[1]
    assert found["printer"][0][0] == "bad"


def test_a_till_that_is_open_is_left_alone(look: Look, engine_of_a_shop: Engine) -> None:
    with only_one(engine_of_a_shop, "till1"):
        found = look('[printer]\nkind = "network"\nhost = "127.0.0.1"\ntcp_port = 9\n', "--quick")[1]
    assert found["printer"][0][:2] == (
        "ok",
        "in use by the till that is open: its light there says how it is",
    )


# Before there is a till, and when it is broken


def run(home: Path, config: str, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    (home / "shop.toml").write_text(config)
    code = cli.main(["doctor", "--config", str(home / "shop.toml"), *words])
    return code, capsys.readouterr().out


def test_wrong_settings(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out = run(home, '[shop]\ncurrency = "XXXX"\n', capsys)
    assert code == 2
    assert out.startswith("BAD\tsettings\ta setting is wrong: shop.currency is 'XXXX'")
    assert len(out.splitlines()) == 1


def test_nothing_is_made_where_nothing_is(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted(home.rglob("*"))
    code, out = run(home, f'[database]\nurl = "sqlite:///{home}/books/shop.db"\n', capsys)
    assert code == 1
    assert "WARN\tdatabase\tsqlite:///" in out
    assert set(home.rglob("*")) - set(before) == {home / "shop.toml"}


@pytest.mark.parametrize(
    ("version", "level", "words"),
    [("9999", "BAD", "Install the newer program"), ("0001", "WARN", "The next start upgrades it")],
)
def test_another_version(
    home: Path,
    sqlite_engine: Engine,
    capsys: pytest.CaptureFixture[str],
    version: str,
    level: str,
    words: str,
) -> None:
    with writing(sqlite_engine) as session:
        session.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})
    out = run(home, f'[database]\nurl = "{sqlite_engine.url}"\n', capsys)[1]
    (line,) = [line for line in out.splitlines() if "\tdatabase\t" in line]
    assert line.startswith(level)
    assert words in line
    assert "\tjournal\t" not in out


def test_a_damaged_file(home: Path, sqlite_engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(sqlite_engine.url.database)
    sqlite_engine.dispose()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        page, size = connection.execute(
            "SELECT rootpage, 4096 FROM sqlite_master WHERE name = 'sale'"
        ).fetchone()
    with open(path, "r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    code, out = run(home, f'[database]\nurl = "sqlite:///{path}"\n', capsys)
    assert code == 2
    (line,) = [line for line in out.splitlines() if "\tdatabase\t" in line]
    assert "is damaged" in line
    assert "tui-pos restore" in line


def test_a_file_with_damaged_pages(
    home: Path, sqlite_engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    """So that not even its tables can be listed."""
    path = str(sqlite_engine.url.database)
    sqlite_engine.dispose()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with open(path, "r+b") as file:
        file.seek(100)
        file.write(b"\xa5" * 3996)
    out = run(home, f'[database]\nurl = "sqlite:///{path}"\n', capsys)[1]
    (line,) = [line for line in out.splitlines() if "\tdatabase\t" in line]
    assert "The books are damaged" in line
    assert "tui-pos restore" in line
    assert cli.main(["backup", str(home), "--config", str(home / "shop.toml")]) == 1
    err = capsys.readouterr().err
    assert "are damaged" in err
    assert "(tui-pos restore BACKUP NEWFILE)" in err


def test_books_that_another_program_holds(
    look: Look, engine_of_a_shop: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    if engine_of_a_shop.dialect.name == "postgresql":
        return  # where nobody holds all of them
    monkeypatch.setattr("tui_pos.storage.engine.BUSY_TIMEOUT_S", 0.1)
    with closing(sqlite3.connect(str(engine_of_a_shop.url.database), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        ((level, words, _to_do),) = look("", "--quick")[1]["database"]
    assert level == "bad"
    assert "Another program is writing to the database" in words


@pytest.fixture
def books_on_a_disk(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Two megabytes with books on them, closed in order."""
    monkeypatch.setenv("PATH", os.defpath)  # to mount
    (home / "disk").mkdir()
    with small_disk(home / "disk", 2048) as disk:
        engine = open_engine(f"sqlite:///{disk}/shop.db")
        upgrade(engine)
        engine.dispose()
        (home / "shop.toml").write_text(
            f'[database]\nurl = "sqlite:///{disk}/shop.db"\n[log]\nfolder = "{home}/log"\n'
        )
        yield disk


def database_line(home: Path, capsys: pytest.CaptureFixture[str]) -> str:
    cli.main(["doctor", "--quick", "--config", str(home / "shop.toml")])
    (line,) = [line for line in capsys.readouterr().out.splitlines() if "\tdatabase\t" in line]
    return line


def test_a_full_disk(home: Path, books_on_a_disk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert database_line(home, capsys).startswith("OK")
    with suppress(OSError), (books_on_a_disk / "film").open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    assert "The disk is full" in database_line(home, capsys)


def test_a_disk_that_can_only_be_read(
    home: Path, books_on_a_disk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is named as such, and a backup can still be taken from it."""
    protect(books_on_a_disk)
    assert "is on a disk that can only be read" in database_line(home, capsys)
    config = ("--config", str(home / "shop.toml"))
    assert cli.main(["taxes", *config]) == 1
    assert "can only be read" in capsys.readouterr().err
    assert cli.main(["backup", str(home / "stick"), *config]) == 0
    captured = capsys.readouterr()
    assert "It was read again and proved" in captured.out
    assert "The journal could not take an entry of it" in captured.err


def test_a_server_that_is_away(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out = run(home, '[database]\nurl = "postgresql://ada@127.0.0.1:1/shop"\n', capsys)
    assert code == 2
    assert "The database server cannot be reached" in out
