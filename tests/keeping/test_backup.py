"""A backup is true, proved, alone under its name, and takes the place of none but the oldest of its own."""

import contextlib
import datetime as dt
import json
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select, text

from tests.rigs.days import Days
from tests.rigs.disks import protect, small_disk
from tests.rigs.people import CASHIER, OWNER
from tests.rigs.whole_range import WholeRange
from tui_pos.journal import chain
from tui_pos.journal.models import JournalEntry
from tui_pos.keeping import backup as keeping
from tui_pos.keeping import proof as proofs
from tui_pos.keeping.backup import Made, back_up
from tui_pos.keeping.errors import KeepingError
from tui_pos.keeping.files import Backup, backups, name_of, remove_old
from tui_pos.keeping.proof import prove
from tui_pos.people.actor import NotAllowed
from tui_pos.reports.audit import strange_triggers, unguarded_tables
from tui_pos.storage import copies
from tui_pos.storage.engine import begin_writing, open_engine, reading, writing
from tui_pos.storage.migrate import DatabaseError

NOW = dt.datetime(2026, 11, 22, 5, 0, tzinfo=dt.UTC)
TILL = "till1"


def made(engine: Engine, *folders: Path, now: dt.datetime = NOW, keep: int = 3, settings: str = "") -> Made:
    return back_up(engine, TILL, folders, OWNER, now, keep=keep, settings=settings)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def entries(engine: Engine) -> list[dict[str, object]]:
    """What the journal says of backups."""
    with reading(engine) as session:
        bodies = session.scalars(
            select(JournalEntry.body).where(JournalEntry.event == "backup").order_by(JournalEntry.seq)
        )
        return [json.loads(body)["data"] for body in bodies]


def test_a_backup_is_proved_and_journalled(days: Days, folder: Path) -> None:
    found = made(days.engine, folder, settings="[shop]\n")

    suffix = ".dump" if days.engine.dialect.name == "postgresql" else ".db"
    assert names(folder) == [f"tui-pos-till1-20261122T050000Z{end}" for end in sorted((suffix, ".toml"))]
    ((till, number, _at),) = [(last.till, last.number, last.at) for last in found.proof.last_sales]
    assert (till, number, found.proof.wrong, found.skipped, found.unrecorded) == (TILL, 6, "", (), "")
    assert found.files[0].stat().st_size == found.size_bytes
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir() if path.name[0] != ".")
    (entry,) = entries(days.engine)
    assert (entry["made"], entry["file"], entry["folders"]) == (True, found.files[0].name, [str(folder)])
    assert entry["sha256"] == found.sha256
    with reading(days.engine) as session:
        chain.verify(session, TILL, chain.EVENTS)


def test_a_backup_of_anything_that_books_can_hold_is_whole(
    engine: Engine, folder: Path, tmp_path: Path
) -> None:
    """Also from a server that writes bytes in its old way, and with a schema whose name must be quoted."""
    if engine.dialect.name == "postgresql":
        name = engine.url.database
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text('ALTER SCHEMA public RENAME TO "Corner Shop"'))
            connection.execute(text(f"ALTER DATABASE {name} SET search_path = 'Corner Shop'"))
            connection.execute(text(f"ALTER DATABASE {name} SET bytea_output = 'escape'"))
        engine.dispose()
    with writing(engine) as session:
        WholeRange(session).fill()

    found = made(engine, folder)

    assert (found.proof.wrong, found.proof.proved, len(found.proof.last_sales)) == ("", True, 2)
    assert prove(found.files[0]).wrong == ""
    with reading(engine) as session:
        assert unguarded_tables(session, OWNER) == strange_triggers(session, OWNER) == []


@pytest.mark.leaps
def test_a_clock_that_is_far_ahead_keeps_nobody_from_a_backup(days: Days, folder: Path) -> None:
    """Only the journal does not take it, or the clock would be that of the books from then on."""
    found = made(days.engine, folder, now=NOW + dt.timedelta(days=13_000))
    assert len(found.files) == 1
    assert "tui-pos journal clock" in found.unrecorded
    assert entries(days.engine) == []


def test_several_folders_of_which_one_is_not_there(days: Days, folder: Path, tmp_path: Path) -> None:
    other, gone = tmp_path / "other", tmp_path / "gone"
    other.mkdir()

    found = made(days.engine, gone, folder, other, folder)

    assert [file.parent for file in found.files] == [folder, other]
    assert found.files[0].read_bytes() == found.files[1].read_bytes()
    assert [(each.folder, each.why) for each in found.skipped] == [(gone, "it is not there")]
    assert not gone.exists()


def test_no_folder_at_all(days: Days, tmp_path: Path) -> None:
    with pytest.raises(KeepingError, match=r"set backup\.folders"):
        made(days.engine)
    with pytest.raises(KeepingError, match=r"(?s)No backup was made\..*gone: it is not there"):
        made(days.engine, tmp_path / "gone")
    ((entry),) = entries(days.engine)
    assert (entry["made"], entry["folders"]) == (False, [])


def test_only_who_may(days: Days, folder: Path) -> None:
    with pytest.raises(NotAllowed):
        back_up(days.engine, TILL, [folder], CASHIER, NOW, keep=1)
    assert names(folder) == []


def test_the_newest_are_kept_and_nothing_else_is_touched(sqlite_engine: Engine, folder: Path) -> None:
    strangers = ["photos.db", "tui-pos-till10-20200101T000000Z.db", "tui-pos-till1-20200101T000000Z.db.txt"]
    for name in strangers:
        (folder / name).write_text("keep me")
    for day in range(4):
        made(sqlite_engine, folder, now=NOW + dt.timedelta(days=day), keep=2, settings="b\n")

    assert [backup.at for backup in backups(folder, TILL)] == [NOW + dt.timedelta(days=day) for day in (3, 2)]
    assert set(strangers) <= set(names(folder))
    assert len([name for name in names(folder) if name.endswith(".toml")]) == 2


@given(
    st.integers(1, 4), st.integers(1, 9), st.integers(1, 9), st.integers(1, 9), st.sampled_from([-9000, 900])
)
def test_neither_a_fast_nor_a_slow_clock_costs_the_newest_of_the_right_time(
    keep: int, before: int, wrong: int, after: int, days: int
) -> None:
    """A clock that was ahead for a while, or in 1970: what it made is counted apart."""
    with tempfile.TemporaryDirectory() as name:
        folder, right = Path(name), []
        for number in range(before + wrong + after):
            is_wrong = before <= number < before + wrong
            at = NOW + dt.timedelta(hours=number, days=days if is_wrong else 0)
            made = Backup(folder / name_of(TILL, at, ".db"), at)
            made.path.touch()
            remove_old(folder, TILL, keep, made)
            kept = [backup.at for backup in backups(folder, TILL)]
            if not is_wrong:
                right.append(at)
                since = right[before:] if number >= before and days > 0 else right
                assert set(since[-keep:]) <= set(kept)
            elif days < 0:
                assert set(right[-keep:]) <= set(kept)
            assert at in kept
            assert len(kept) <= 2 * keep


def test_a_backup_of_other_books_pushes_none_of_the_real_ones_out(folder: Path) -> None:
    """A data disk that is not mounted, or a mistyped database.url: the books are new and empty then."""
    for day, size in enumerate((9000, 9500, 400, 400, 400)):
        at = NOW + dt.timedelta(days=day)
        made = Backup(folder / name_of(TILL, at, ".db"), at)
        made.path.write_bytes(bytes(size))
        remove_old(folder, TILL, 2, made)
    assert [each.path.stat().st_size for each in backups(folder, TILL)] == [400, 400, 400, 9500, 9000]


def test_a_file_whose_name_is_no_time_is_not_ours(sqlite_engine: Engine, folder: Path) -> None:
    strange = folder / f"tui-pos-{TILL}-99999999T999999Z.db"
    strange.touch()
    for minute in range(3):
        back_up(sqlite_engine, TILL, [folder], OWNER, NOW + dt.timedelta(minutes=minute), keep=1)
    assert [backup.at for backup in backups(folder, TILL)] == [NOW + dt.timedelta(minutes=2)]
    assert strange.exists()


def test_books_that_do_not_prove_are_kept_apart(days: Days, folder: Path) -> None:
    good = made(days.engine, folder, keep=1).files[0]
    with writing(days.engine) as session:
        if days.engine.dialect.name == "postgresql":
            session.execute(text("ALTER TABLE sale DISABLE TRIGGER sale_no_change"))
        else:
            session.execute(text("DROP TRIGGER sale_no_update"))
        session.execute(text("UPDATE sale SET gross_minor = gross_minor - 100 WHERE number = 3"))

    for minute in (1, 2):
        found = made(days.engine, folder, now=NOW + dt.timedelta(minutes=minute), keep=1)
        assert "Journal of till1, stream receipts, entry 3: column gross_minor" in found.proof.wrong

    doubtful = found.files[0]
    assert f"tui-pos-till1-20261122T050200Z.doubtful{good.suffix}" == doubtful.name
    assert names(folder) == sorted((good.name, doubtful.name))
    assert prove(good).wrong == ""
    assert entries(days.engine)[-1]["wrong"] == found.proof.wrong


def test_a_copy_that_differs_is_no_backup(days: Days, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copied = keeping._copied

    def one_row_less(engine: Engine, target: Path) -> copies.Rows:
        rows = copied(engine, target)
        return {**rows, "sale": rows["sale"] + 1}

    monkeypatch.setattr(keeping, "_copied", one_row_less)
    with pytest.raises(KeepingError, match="table sale has 6 rows there, and 7 in the books"):
        made(days.engine, folder)
    assert names(folder) == []


@pytest.mark.parametrize("at", [0.3, 0.6, 0.95])
def test_a_medium_that_spoils_what_is_written(
    days: Days, folder: Path, at: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Flash that is worn out: what is read is not what was written."""

    def spoil(path: Path) -> None:
        if path.is_file():
            content = bytearray(path.read_bytes())
            begin = int(len(content) * at)
            content[begin : begin + 4096] = bytes(4096)
            path.write_bytes(content)

    monkeypatch.setattr(keeping, "sync", spoil)
    with pytest.raises(KeepingError, match="do not trust this medium"):
        made(days.engine, folder)
    assert names(folder) == []
    monkeypatch.setattr(keeping, "_digest", lambda _path: "as if it were the same")
    with contextlib.suppress(
        KeepingError
    ):  # its content then shows it, but where the spoilt pages were empty
        assert made(days.engine, folder).proof.wrong


def test_a_second_medium_that_spoils_it(days: Days, folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    digest = keeping._digest
    monkeypatch = pytest.MonkeyPatch()
    with monkeypatch.context() as patched:
        patched.setattr(keeping, "_digest", lambda path: digest(path) + ("x" if path.parent == other else ""))
        found = made(days.engine, folder, other)
    assert [each.folder for each in found.skipped] == [other]
    assert "do not trust this medium" in found.skipped[0].why
    assert names(other) == []


def test_a_dump_that_was_cut_off(postgres_engine: Engine, folder: Path) -> None:
    (file,) = made(postgres_engine, folder).files
    whole = file.read_bytes()
    for length in (5, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:length])
        with pytest.raises((DatabaseError, KeepingError)):
            prove(file)


def test_without_postgresqls_programs(
    postgres_engine: Engine, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(KeepingError, match=r"pg_dump is not installed.*postgresql-client"):
        made(postgres_engine, folder)


def test_files_that_are_no_backups(tmp_path: Path) -> None:
    note, empty = tmp_path / "note.db", tmp_path / "empty.db"
    note.write_text("SQLite? no.")
    with contextlib.closing(sqlite3.connect(empty)) as connection:
        connection.execute("VACUUM")
    with pytest.raises(KeepingError, match="neither a SQLite file nor a dump"):
        prove(note)
    with pytest.raises(KeepingError, match="holds no books"):
        prove(empty)


# While others write


def test_a_till_sells_on_while_its_books_are_copied(
    days: Days, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The copy is of one moment, and no sale waits for it."""
    monkeypatch.setattr(copies, "STEP_PAGES", 4)
    stop = threading.Event()
    sold: list[float] = []

    def sell() -> None:
        while not stop.is_set():
            begin = time.monotonic()
            days.sell("100", "600")
            sold.append(time.monotonic() - begin)

    seller = threading.Thread(target=sell)
    seller.start()
    try:
        while len(sold) < 3:
            time.sleep(0.001)
        before = len(sold)
        found = made(days.engine, folder)
        during = len(sold) - before
    finally:
        stop.set()
        seller.join()

    assert found.proof.wrong == ""
    assert during > 0
    assert 6 + before <= found.proof.last_sales[0].number <= 6 + before + during
    assert max(sold) < 2


def test_two_at_once_in_one_folder(days: Days, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = []

    def meanwhile(file: Path, rows: copies.Rows) -> proofs.Proof:
        with pytest.raises(KeepingError, match="another backup is being written there"):
            made(days.engine, folder)
        inside.append(names(folder))
        return prove(file, rows)

    monkeypatch.setattr(keeping, "prove", meanwhile)
    made(days.engine, folder)
    assert len(inside) == 1
    assert all(name.endswith(".part") for name in inside[0])


KILLED = """
import sys, datetime as dt
from pathlib import Path
from tui_pos.keeping import backup
from tui_pos.storage import copies, dumps
from tui_pos.storage.engine import open_engine
from tui_pos.people.actor import built_in_actor
copies.STEP_PAGES = 2
now = dt.datetime(2026, 11, 22, 5, int(sys.argv[3]), tzinfo=dt.UTC)
print("begun", flush=True)
backup.back_up(open_engine(sys.argv[1]), "till1", [Path(sys.argv[2])], built_in_actor("owner"), now, keep=9)
"""


def test_a_kill_leaves_nothing_that_looks_whole(days: Days, folder: Path) -> None:
    url = days.engine.url.render_as_string(hide_password=False)
    for number, after_s in enumerate((0.01, 0.05, 0.1, 0.2)):
        with subprocess.Popen(
            [sys.executable, "-P", "-c", KILLED, url, str(folder), str(number)], stdout=subprocess.PIPE
        ) as child:
            assert child.stdout is not None
            child.stdout.readline()
            time.sleep(after_s)
            child.send_signal(signal.SIGKILL)
        for backup in backups(folder, TILL):
            assert prove(backup.path).wrong == ""
    found = made(days.engine, folder, now=NOW + dt.timedelta(hours=1), keep=1)
    assert names(folder) == [found.files[0].name]  # the leftovers are gone


# Disks that take no more


def test_a_full_stick(days: Days, folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    with small_disk(folder, 64):
        with pytest.raises(KeepingError, match="the disk there is full"):
            made(days.engine, folder)
        found = made(days.engine, folder, other)
        assert [(each.folder, each.why) for each in found.skipped] == [(folder, "the disk there is full")]
        assert names(folder) == []
    assert [file.parent for file in found.files] == [other]


def test_a_stick_that_fills_up_takes_nothing_from_what_is_there(days: Days, folder: Path) -> None:
    with small_disk(folder, 1024):
        old = made(days.engine, folder, keep=1).files[0]
        (folder / "film").write_bytes(bytes(1024 * 1024 - old.stat().st_size - 65536))
        with pytest.raises(KeepingError, match="the disk there is full"):
            made(days.engine, folder, now=NOW + dt.timedelta(days=1), keep=1)
        assert prove(old).wrong == ""


def test_a_stick_that_is_write_protected(days: Days, folder: Path) -> None:
    with small_disk(folder, 4096):
        protect(folder)
        with pytest.raises(KeepingError, match="nothing can be written there"):
            made(days.engine, folder)


def test_files_of_that_size_are_not_taken(days: Days, folder: Path) -> None:
    """As on a stick with FAT, beyond four gigabytes."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))
    try:
        with pytest.raises(KeepingError, match="No backup was made"):
            made(days.engine, folder)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)
    assert names(folder) == []


def test_books_that_can_take_no_entry_are_backed_up_all_the_same(
    sqlite_engine: Engine, folder: Path, tmp_path: Path
) -> None:
    """A full disk is when a backup is wanted most."""
    blocker = open_engine(f"sqlite:///{tmp_path / 'shop.db'}?timeout=0.1")
    with blocker.connect() as connection, begin_writing(connection):
        impatient = open_engine(f"sqlite:///{tmp_path / 'shop.db'}")
        with impatient.connect() as quick:
            quick.connection.driver_connection.execute("PRAGMA busy_timeout = 50")  # type: ignore[union-attr]
        found = made(impatient, folder)
    assert "Another program is writing" in found.unrecorded
    assert prove(found.files[0]).wrong == ""
    assert os.listdir(folder)
