"""An archive is checked by one file of plain Python, and no byte of it can be changed without being found."""

import ast
import csv
import datetime as dt
import io
import json
import random
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from tests.rigs.days import FIRST_DAY, Days, small_books
from tests.rigs.people import CASHIER, OWNER
from tests.rigs.shop import stock_shop
from tui_pos.journal import archive, chain, signing, verify_archive
from tui_pos.journal.chain import JournalError
from tui_pos.journal.signing import KeySigner, KeysInMemory
from tui_pos.journal.verify_archive import MANIFEST, SIGNATURE, SIGNED, STORED, TABLES, Fault
from tui_pos.people import staff
from tui_pos.people.actor import NotAllowed
from tui_pos.reports.audit import archive_days
from tui_pos.storage.engine import open_engine, reading, writing

SEED = 20260303
ROUNDS = 2000
VERIFIER = Path(verify_archive.__file__)
SECOND_DAY = FIRST_DAY + dt.timedelta(days=1)


def write(days: Days, target: Path, first: dt.date = FIRST_DAY, last: dt.date = SECOND_DAY) -> bytes:
    signer = days.signer()
    assert signer is not None
    with reading(days.engine) as session:
        archive_days(session, OWNER, days.shop, signer, first, last, target)
    return target.read_bytes()


@pytest.fixture(scope="module")
def books(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Days, bytes]:
    """A shop that is only read, and its archive."""
    folder = tmp_path_factory.mktemp("archive")
    (folder / "shop.db").write_bytes(sqlite_template.read_bytes())
    days = small_books(open_engine(f"sqlite:///{folder / 'shop.db'}"))
    return days, write(days, folder / "a.zip")


def checked(content: bytes, key: str = "") -> verify_archive.Checked:
    return verify_archive.check(io.BytesIO(content), key)


def said_of(content: bytes, key: str = "") -> str:
    """The fault that is found; empty where there is none."""
    try:
        checked(content, key)
    except Fault as fault:
        return str(fault)
    return ""


def test_an_archive_holds_what_the_books_hold(engine: Engine, tmp_path: Path) -> None:
    days = small_books(engine)
    content = write(days, tmp_path / "a.zip")

    manifest = checked(content).manifest
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        assert opened.testzip() is None
        lines = opened.read("receipts.jsonl").splitlines()
        sales = opened.read("sales.csv").decode().splitlines()
        zs = opened.read("zs.csv").decode().splitlines()
    with reading(engine) as session:
        bodies = [entry.body for entry in chain.walk(session, "till1", chain.RECEIPTS)]
        gross = session.execute(text("SELECT gross_minor FROM sale WHERE number = 1")).scalar_one()
    assert lines == bodies[:10]  # the third day is not asked for
    assert (len(sales), len(zs)) == (11, 3)
    assert [path.stat().st_mode & 0o777 for path in tmp_path.glob("*.zip")] == [0o600]
    assert f",{gross // 100}.{gross % 100:02}," in sales[1]
    assert manifest["closures"]["count"] == 2
    assert manifest["streams"]["receipts"]["count"] == 10
    assert not list(tmp_path.glob("*.unfinished"))


def test_the_same_days_give_the_same_bytes(books: tuple[Days, bytes], tmp_path: Path) -> None:
    days, content = books
    assert write(days, tmp_path / "again.zip") == content


@pytest.mark.parametrize(
    ("first", "last", "receipts"), [(0, 0, 6), (1, 1, 4), (1, 2, 8), (-9, -3, 0), (5, 9, 0)]
)
def test_any_days_can_be_asked_for(
    books: tuple[Days, bytes], tmp_path: Path, first: int, last: int, receipts: int
) -> None:
    days, _content = books
    begin, end = (FIRST_DAY + dt.timedelta(days=each) for each in (first, last))
    manifest = checked(write(days, tmp_path / "some.zip", begin, end)).manifest
    assert manifest["streams"]["receipts"]["count"] == receipts


def test_a_z_that_cron_makes_after_midnight_belongs_to_the_day_that_it_closes(
    engine: Engine, tmp_path: Path
) -> None:
    stock_shop(engine)
    days = Days(engine)
    days.new_key()
    for _day in range(3):
        days.trade(1)
        days.seconds += 19 * 3600  # past the end of the business day
        days.close()
        days.seconds -= 19 * 3600
    both, second = (
        write(days, tmp_path / f"{at}.zip", day) for at, day in enumerate((FIRST_DAY, SECOND_DAY))
    )
    assert [row[0] for row in table(both, "zs.csv")[1:]] == ["1", "2"]
    assert [row[0] for row in table(second, "zs.csv")[1:]] == ["2"]
    for content, numbers in ((both, (1, 8)), (second, (5, 4))):
        manifest = checked(content).manifest
        receipts, closures = manifest["streams"]["receipts"], manifest["closures"]
        assert (receipts["first"], receipts["count"]) == numbers
        assert (closures["last"], closures["count"]) == (2, 3 - closures["first"])


def test_days_of_a_clock_that_was_wrong_can_be_archived(engine: Engine, tmp_path: Path) -> None:
    """Sold in the future, the clock put right, sold and closed again: any days make a whole archive."""
    stock_shop(engine)
    days = Days(engine)
    days.new_key()
    for day in (1, 5, 3):
        days.day = FIRST_DAY + dt.timedelta(days=day)
        days.trade(1)
        days.close()
    days.day = FIRST_DAY
    days.trade(1)
    days.close()
    days.new_key()
    for first in range(8):
        for last in range(first, 8):
            begin, end = (FIRST_DAY + dt.timedelta(days=each) for each in (first, last))
            content = write(days, tmp_path / f"{first}{last}.zip", begin, end)
            assert checked(content).unsigned == []


def test_only_who_may_see_the_journal_archives_it(books: tuple[Days, bytes], tmp_path: Path) -> None:
    days, _content = books
    signer = days.signer()
    assert signer is not None
    with reading(days.engine) as session, pytest.raises(NotAllowed):
        archive_days(session, CASHIER, days.shop, signer, FIRST_DAY, SECOND_DAY, tmp_path / "a.zip")
    assert list(tmp_path.iterdir()) == []


def test_a_broken_journal_is_not_archived(sqlite_engine: Engine, tmp_path: Path) -> None:
    days = small_books(sqlite_engine)
    with writing(sqlite_engine) as session:
        session.execute(text("DROP TRIGGER journal_entry_no_update"))
        session.execute(
            text(
                "UPDATE journal_entry SET body = CAST(body || ' ' AS BLOB) WHERE stream = 'receipts' AND seq = 3"
            )
        )
    with pytest.raises(JournalError, match=r"receipts.jsonl, line 4: entry 4, following the one before it"):
        write(days, tmp_path / "a.zip")
    assert not (tmp_path / "a.zip").exists()
    assert not list(tmp_path.glob("*.unfinished"))


# Bytes


def test_every_single_changed_byte_is_found(books: tuple[Days, bytes]) -> None:
    """Bits, bytes left out, put in, swapped and doubled, anywhere in the file."""
    _days, content = books
    chance = random.Random(SEED)
    missed = []
    for _round in range(ROUNDS):
        changed = damaged(chance, content)
        if changed != content and not said_of(changed):
            missed.append(
                (
                    len(changed),
                    next(i for i, (a, b) in enumerate(zip(content, changed, strict=False)) if a != b),
                )
            )
    assert missed == []
    assert said_of(content) == ""


def damaged(chance: random.Random, content: bytes) -> bytes:
    # Half of them where a ZIP has bytes that most readers ignore: in the headers and at the end.
    place = chance.randrange(len(content))
    if chance.random() < 0.5:
        marks = [at for at in range(len(content) - 3) if content[at : at + 2] == b"PK"]
        place = min(chance.choice(marks) + chance.randrange(60), len(content) - 1)
    kind = chance.randrange(5)
    if kind == 0:
        return content[:place] + content[place + 1 :]
    if kind == 1:
        return content[:place] + bytes([chance.randrange(256)]) + content[place:]
    if kind == 2:
        other = chance.randrange(len(content))
        one, two = sorted((place, other))
        return (
            content[:one]
            + content[two : two + 1]
            + content[one + 1 : two]
            + content[one : one + 1]
            + content[two + 1 :]
            if one < two
            else content
        )
    changed = bytearray(content)
    changed[place] ^= 1 << chance.randrange(8)
    return bytes(changed)


@pytest.mark.parametrize("content", [b"", b"PK", b"nothing of the kind" * 9, bytes(22)])
def test_what_is_no_archive_is_said_to_be_none(content: bytes) -> None:
    assert said_of(content) != ""


# Archives made anew by somebody who has the key, or another one


Files = dict[str, bytes]


def remade(content: bytes, signer: signing.Signer, change: Callable[[Files, dict[str, Any]], None]) -> bytes:
    """The archive with changed files, all sums made right again, and signed."""
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        files = {name: opened.read(name) for name in opened.namelist()}
    manifest = json.loads(files.pop(MANIFEST))
    del files[SIGNATURE]
    change(files, manifest)
    written = io.BytesIO()
    container = archive._Container(written)
    for name, each in files.items():
        container.add(name, [each])
    body = chain.canonical({**manifest, "files": container.files})
    container.add(MANIFEST, [body], method=STORED)
    container.add(SIGNATURE, [signer.sign(body).hex().encode(), b"\n"], method=STORED)
    container.finish()
    return written.getvalue()


def test_remaking_changes_nothing_by_itself(books: tuple[Days, bytes]) -> None:
    days, content = books
    assert remade(content, signer_of(days), lambda files, manifest: None) == content


def signer_of(days: Days) -> signing.Signer:
    signer = days.signer()
    assert signer is not None
    return signer


def lines_of(name: str, act: Callable[[list[bytes]], object]) -> Callable[[Files, dict[str, Any]], None]:
    def change(files: Files, manifest: dict[str, Any]) -> None:
        lines = files[name].splitlines(keepends=True)
        act(lines)
        files[name] = b"".join(lines)

    return change


def drop_last(lines: list[bytes]) -> None:
    lines.pop()


def swap_first(lines: list[bytes]) -> None:
    lines[0], lines[1] = lines[1], lines[0]


def in_first(old: bytes, new: bytes) -> Callable[[list[bytes]], None]:
    def act(lines: list[bytes]) -> None:
        assert old in lines[0]
        lines[0] = lines[0].replace(old, new, 1)

    return act


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lines_of("receipts.jsonl", drop_last), "receipts.jsonl: entries are missing at its end"),
        (lines_of("receipts.jsonl", lambda lines: lines.pop(3)), "receipts.jsonl, line 4: entry 4"),
        (lines_of("receipts.jsonl", swap_first), "receipts.jsonl, line 1: entry 1"),
        (lines_of("receipts.jsonl", lambda lines: lines.append(lines[-1])), "receipts.jsonl, line 11: entry 11"),
        (lines_of("events.jsonl", in_first(b'"actor":"owner"', b'"actor":"eve"')), "events.jsonl, line 2: entry 2"),
        (lines_of("sales.csv", in_first(b"number", b"Number")), "sales.csv: it does not say what receipts.jsonl says"),
        (lines_of("lines.csv", drop_last), "lines.csv: it does not say what receipts.jsonl says"),
        (lines_of("zs.csv", swap_first), "zs.csv: it does not say what closures.jsonl says"),
        (lines_of(SIGNED, drop_last), "signed_closures.jsonl: closures are missing at its end"),
        (lines_of(SIGNED, swap_first), "signed_closures.jsonl, line 1: closure 1 should stand here"),
        (lines_of(SIGNED, in_first(b"sales_minor", b"Sales_minor")), "line 2: closure 2 does not follow"),
        (lambda files, manifest: files.pop("taxes.csv"), "the archive does not hold the files"),
        (lambda files, manifest: files.update({"more.txt": b"x\n"}), "the archive does not hold the files"),
        (lambda files, manifest: manifest["keys"].pop(0), "does not name itself and the one before it"),
        (lambda files, manifest: manifest["keys"][1].update(seq=99), "its keys are not those of closures.jsonl"),
        (lambda files, manifest: manifest["keys"][0].update(at="x"), "its keys are not those of closures.jsonl"),
        (lambda files, manifest: manifest.update(exponent="2"), "an archive of another kind"),
        (lambda files, manifest: manifest.update(exponent=3), "cash.csv: it does not say what events.jsonl says"),
        (lines_of("people.csv", list.clear), "not of the form that it should have"),
        (lines_of("corrections.csv", drop_last), "corrections.csv: it does not say what events.jsonl says"),
        (lines_of("closes.csv", drop_last), "closes.csv: it does not say what events.jsonl says"),
        (lambda files, manifest: manifest.update(schema=2), "an archive of another kind"),
        (lambda files, manifest: manifest.update(till="till2"), "is not vouched for by the one before it"),
        (lambda files, manifest: manifest.pop("streams"), "not of the form that it should have"),
    ],
)  # fmt: skip
def test_even_the_keys_holder_cannot_leave_out_what_was_chained(
    books: tuple[Days, bytes], change: Callable[[Files, dict[str, Any]], None], said: str
) -> None:
    days, content = books
    assert said in said_of(remade(content, signer_of(days), change))


def test_an_archive_signed_by_a_stranger_is_told_by_the_key(books: tuple[Days, bytes]) -> None:
    days, content = books
    with reading(days.engine) as session:
        keys = [key["id"] for key in archive.keys_of(session, "till1")]
    assert [said_of(content, key) for key in keys] == ["", ""]  # the first one vouches for the second
    assert said_of(content, keys[0][:16]) == ""
    assert "does not vouch for it" in said_of(content, "0" * 64)

    stranger = KeysInMemory()
    with writing(days.engine) as session:
        signing.new_key(session, "till1", stranger, "eve", days.now())
        signer = signing.find_signer(session, "till1", stranger)
        keys_then = archive.keys_of(session, "till1")
        session.rollback()
    assert isinstance(signer, KeySigner)

    def usurp(files: Files, manifest: dict[str, Any]) -> None:
        manifest["keys"], manifest["key"] = keys_then, signer.key_id

    taken = remade(content, signer, usurp)
    assert checked(taken).manifest["keys"][-1]["outage"]
    assert "NOTE: the key before" in verify_archive.report("a.zip", checked(taken))
    assert "does not vouch for it" in said_of(taken, keys[0])


def test_unsigned_closures_are_told(sqlite_engine: Engine, tmp_path: Path) -> None:
    days = small_books(sqlite_engine)
    days.lose_key()
    days.close()
    days.new_key()
    third = FIRST_DAY + dt.timedelta(days=2)
    assert checked(write(days, tmp_path / "a.zip", FIRST_DAY, third)).unsigned == [3]
    days.trade(1)
    days.close()
    assert checked(write(days, tmp_path / "b.zip", FIRST_DAY, third + dt.timedelta(days=1))).unsigned == []


def test_people_stand_in_the_archive_by_name(sqlite_engine: Engine, tmp_path: Path) -> None:
    """Also who was taken on long before its days, at another till; a name is that of then."""
    stock_shop(sqlite_engine)
    days = Days(sqlite_engine)
    with writing(sqlite_engine) as session:
        ada = staff.add(
            session, name="Ada", role="owner", pin="2468", till="till2", actor=None, now=days.now()
        )
    days.day += dt.timedelta(days=30)
    days.desk.actor = replace(OWNER, id=str(ada.id))
    days.trade(1)
    days.close()
    first = write(days, tmp_path / "a.zip", days.day - dt.timedelta(days=1), days.day - dt.timedelta(days=1))
    with writing(sqlite_engine) as session:
        now = days.now() + dt.timedelta(days=1)
        staff.change(session, ada.id, till="till2", actor=OWNER, now=now, name="=Eve")
    assert (
        write(days, tmp_path / "b.zip", days.day - dt.timedelta(days=1), days.day - dt.timedelta(days=1))
        == first
    )
    later = write(days, tmp_path / "c.zip", FIRST_DAY, days.day + dt.timedelta(days=9))

    assert table(first, "people.csv") == [["id", "name", "role"], [str(ada.id), "Ada", "owner"]]
    assert table(later, "people.csv")[1] == [str(ada.id), "'=Eve", "owner"]
    assert {row[-1] for row in table(first, "sales.csv")[1:]} == {"Ada"}
    for name, count in (
        ("cash.csv", 2),
        ("shifts.csv", 1),
        ("counts.csv", 1),
        ("closes.csv", 1),
        ("corrections.csv", 1),
    ):
        assert len(table(first, name)) >= 1 + count, name
    assert ["-5.00", "stamps"] in [[row[2], row[4]] for row in table(first, "cash.csv")]
    assert checked(later).manifest["exponent"] == 2


def table(content: bytes, name: str) -> list[list[str]]:
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        return list(csv.reader(io.StringIO(opened.read(name).decode(), newline="")))


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"), ("+1", "'+1"), ("@x", "'@x"), ("-x", "'-x"), ("-1.50", "-1.50"), ("-3", "-3"), ("a=", "a="),
        (5, "5"),
    ],
)  # fmt: skip
def test_no_cell_is_a_formula(cell: str | int, written: str) -> None:
    assert verify_archive.csv_bytes([[cell]]) == f"{written}\r\n".encode()


# The file that checks


def test_the_verifier_is_plain_python_of_old() -> None:
    source = VERIFIER.read_text("utf-8")
    tree = ast.parse(source, feature_version=(3, 8))
    imported = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [each.name for each in node.names]
            if isinstance(node, ast.Import)
            else []
        )
    }
    assert imported <= sys.stdlib_module_names
    called = {
        node.func.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    assert not called & {"removeprefix", "removesuffix", "bit_count"}  # those came with 3.9 and 3.10
    assert "strict=" not in source


def test_the_verifier_works_alone(books: tuple[Days, bytes], tmp_path: Path) -> None:
    _days, content = books
    (tmp_path / "verify_archive.py").write_bytes(VERIFIER.read_bytes())
    (tmp_path / "good.zip").write_bytes(content)
    (tmp_path / "bad.zip").write_bytes(content[:-30] + b"\0" + content[-29:])

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", "-S", "verify_archive.py", *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    good, bad, absent = run("good.zip"), run("bad.zip"), run("absent.zip")
    assert (good.returncode, good.stderr) == (0, "")
    assert good.stdout.startswith("good.zip is whole.\n  till till1, 2026-03-02 to 2026-03-03")
    assert (bad.returncode, bad.stdout) == (1, "")
    assert bad.stderr.startswith("bad.zip is NOT whole: ")
    assert (absent.returncode, absent.stderr) == (2, "absent.zip cannot be read: No such file or directory\n")
    assert run("good.zip", "--key", "f" * 64).returncode == 1
    assert run("good.zip", "--key", "f" * 15).returncode == 2
    assert run("good.zip", "--key", "g" * 16).returncode == 2
    assert run().returncode == 2


def test_amounts_stand_as_people_write_them() -> None:
    amounts = [(None, 2), (0, 2), (5, 2), (-1234, 2), (7, 0), (1234, 3)]
    assert [verify_archive.money(*each) for each in amounts] == ["", "0.00", "0.05", "-12.34", "7", "1.234"]
    assert all(table.heading for table in TABLES.values())
