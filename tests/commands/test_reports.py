"""`tui-pos x` and `tui-pos z`, as a shell and cron use them."""

import datetime as dt
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, Update, column, select, table, update

from config.settings import Settings
from hardware.ports import Fault
from hardware.simulated import SimulatedPrinter
from tests.rigs.people import OWNER
from tests.rigs.shop import stock_shop
from tui_pos import cli
from tui_pos.bootstrap import build_shop
from tui_pos.journal import chain
from tui_pos.journal.models import Closure, JournalEntry
from tui_pos.printing.models import PrintJob
from tui_pos.printing.spooler import Spooler
from tui_pos.reports.models import ZReport
from tui_pos.reports.z import find_z, print_copy
from tui_pos.sales.desk import Desk
from tui_pos.sales.scanning import Scanned
from tui_pos.shell_printing import print_now
from tui_pos.storage.engine import reading, writing
from tui_pos.storage.lock import only_one

VERSION = table("alembic_version", column("version_num"))


def update_version(version: str) -> Update:
    return update(VERSION).values(version_num=version)


class Shell:
    """Runs commands on a shop of its own, and sells at its till."""

    def __init__(self, folder: Path, engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
        self.config = folder / "shop.toml"
        self.config.write_text(
            f"[shop]\nname = 'Corner'\n[database]\nurl = '{engine.url.render_as_string(hide_password=False)}'\n"
            "[printer]\nkind = 'file'\npath = '/dev/null'\n[drawer]\nrequired = false\n"
        )
        self.engine = engine
        self._capsys = capsys

    def run(self, *words: str) -> tuple[int, str, str]:
        """Exit code, output and errors."""
        code = cli.main(["--config", str(self.config), *words])
        captured = self._capsys.readouterr()
        return code, captured.out, captured.err

    def refused(self, *words: str) -> str:
        """What is said of words that cannot be, with the exit code of wrong usage."""
        with pytest.raises(SystemExit) as ended:
            self.run(*words)
        assert ended.value.code == 2
        return self._capsys.readouterr().err

    @contextmanager
    def desk(self, till: str = "till1") -> Iterator[Desk]:
        settings = Settings.model_validate({"till": {"name": till}, "drawer": {"required": False}})
        yield Desk(self.engine, build_shop(settings), OWNER, lambda: dt.datetime.now(dt.UTC))

    def sell(self, till: str = "till1") -> None:
        with self.desk(till) as desk:
            desk.scan(Scanned("100"))
            desk.pay_cash(desk.settlement.cash_due)


@pytest.fixture
def shell(
    tmp_path: Path, sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Shell:
    for name in [*(n for n in os.environ if n.startswith(("TUI_POS_", "XDG_", "SSH_"))), "LC_ALL", "LANG"]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    stock_shop(sqlite_engine)
    return Shell(tmp_path, sqlite_engine, capsys)


def test_an_x_as_text_and_as_json(shell: Shell) -> None:
    shell.sell()
    code, text, _errors = shell.run("x")
    assert code == 0
    assert ["TAKINGS", "1.89"] in [line.split() for line in text.splitlines()]
    code, text, _errors = shell.run("x", "--json")
    assert (code, json.loads(text)["kind"], json.loads(text)["gross_minor"]) == (0, "X", 189)
    assert shell.run("z", "--list") == (0, "", "")


def test_a_z_from_cron(shell: Shell) -> None:
    assert shell.run("z")[0] == 4
    shell.sell()

    code, text, _errors = shell.run("z")

    assert (code, text) == (0, "Z 1 of till1 was made: 1 receipt, 1.89 EUR.\nZ 1 is printed.\n")
    code, text, errors = shell.run("z")
    assert (code, text) == (4, "")
    assert "needs none" in errors
    code, text, errors = shell.run("z", "--even-if-unused", "--json")
    assert (code, json.loads(text)["number"], json.loads(text)["receipts"]) == (0, 2, 0)
    assert errors == "Z 2 is printed.\n"
    code, text, _errors = shell.run("z", "--list")
    numbers = [line.split("\t")[0] for line in text.splitlines()]
    assert (code, numbers) == (0, ["2", "1"])
    with reading(shell.engine) as session:
        assert all(closure.signature for closure in session.scalars(select(Closure)))


def test_what_is_in_the_way_is_told_with_a_code_of_its_own(shell: Shell) -> None:
    with shell.desk() as desk:
        desk.scan(Scanned("100"))
    code, text, errors = shell.run("z")
    assert (code, text) == (3, "")
    assert "- A sale is open" in errors


def test_a_z_is_shown_as_it_was_made(shell: Shell, tmp_path: Path) -> None:
    shell.sell()
    made = shell.run("z", "--json")[1]
    shell.sell()
    assert shell.run("z", "--show", "1", "--json")[1] == made
    text = shell.run("z", "--show", "1")[1]
    assert "Z REPORT 000001" in text
    pdf = tmp_path / "z.pdf"
    assert shell.run("z", "--show", "1", "--pdf", str(pdf))[0] == 0
    first = pdf.read_bytes()
    pdf.write_text("something else")
    for words in (("z", "--show", "1"), ("x",), ("z",)):
        code, text, errors = shell.run(*words, "--pdf", str(pdf))
        assert (code, text, pdf.read_text()) == (1, "", "something else")
        assert "is there already: name another file, or replace it by --force." in errors
    again = shell.run("z", "--show", "1", "--pdf", str(pdf), "--force")
    assert again == (0, f"Written to {pdf}.\n", "")
    assert pdf.read_bytes() == first
    code, _text, errors = shell.run("z", "--show", "7")
    assert (code, errors) == (1, "tui-pos: till1 has no Z 7.\n")


def test_what_a_shell_prints_comes_out_though_no_counter_is_open(shell: Shell, tmp_path: Path) -> None:
    paper = tmp_path / "paper"
    paper.touch()
    shell.config.write_text(shell.config.read_text().replace("/dev/null", str(paper)))
    shell.sell()
    shell.sell("till2")
    shell.run("z")
    shell.run("z", "--till", "till2")
    for words, says, on_paper in (
        ("receipt 1 --print", "The copy is printed.", b"COPY"),
        ("z --print 1", "The copy of Z 1 is printed.", b"COPY"),
        ("z --print 1 --till till2", "The copy of Z 1 is printed.", b"till2"),
        ("x --print", "The X is printed.", b"X REPORT"),
        ("x --shop --print", "The X is printed.", b"X report, till1"),
        ("z --shop --print", "The page of all tills is printed.", b"ALL TILLS"),
    ):
        paper.write_bytes(b"")
        code, text, errors = shell.run(*words.split())
        assert (code, text.splitlines()[-1], errors) == (0, says, ""), words
        assert on_paper in paper.read_bytes(), words
    with reading(shell.engine) as session:
        here = select(PrintJob).where(PrintJob.till == "till1")
        assert "queued" not in {job.state for job in session.scalars(here)}
        assert "all_tills_printed" in session.scalars(select(JournalEntry.event)).all()


def test_a_printer_that_is_off_is_said_and_the_page_waits(shell: Shell) -> None:
    shell.sell()
    shell.run("z")
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # nobody listens there
        port = closed.getsockname()[1]
        network = f"kind = 'network'\nhost = '127.0.0.1'\ntcp_port = {port}"
        text = shell.config.read_text().replace("kind = 'file'\npath = '/dev/null'", network)
        shell.config.write_text(text)
        for words, output, title in (
            ("z --print 1", "", "The copy of Z 1"),
            ("receipt 1 --print", "TOTAL EUR", "The copy"),
            ("z", "Z 2 of till1 was made: ", "Z 2"),
        ):
            code, text, errors = shell.run(*words.split())
            assert (code, output in text) == (5, True), words
            assert f"{title} is not printed. The printer cannot be reached." in errors, words
            assert errors.endswith(" It waits, and prints at the counter.\n")
            if words != "z":
                shell.sell()
    with reading(shell.engine) as session:
        states = select(PrintJob.kind, PrintJob.state).where(
            PrintJob.state == "queued", PrintJob.kind != "drawer"
        )
        kinds = sorted(kind for kind, _state in session.execute(states))
    assert kinds == ["copy", "copy", "report"]


def test_where_the_counter_is_open_its_spooler_prints(shell: Shell) -> None:
    shell.sell()
    shell.run("z")
    printer = SimulatedPrinter()
    spooler = Spooler(shell.engine, printer, "till1", lambda _state: None, poll_s=0.05)
    spooler.start()
    try:
        with only_one(shell.engine, "till1"):
            assert shell.run("z", "--print", "1")[:2] == (0, "The copy of Z 1 is printed.\n")
            assert "COPY" in printer.paper[-1]
            printer.fail(Fault.NO_PAPER)
            with shell.desk() as desk, writing(shell.engine) as session:
                shop = replace(desk.shop, prints=True)
                job_id = print_copy(session, shop, find_z(session, "till1", 1), OWNER, desk.now())
            settings = Settings.model_validate({"printer": {"kind": "simulated"}})
            assert "has not taken the page yet" in print_now(settings, shell.engine, job_id, limit_s=0.3)
    finally:
        spooler.stop()


def test_no_printer_is_said_before_anything_is_queued(shell: Shell) -> None:
    shell.sell()
    shell.run("z")
    shell.config.write_text(shell.config.read_text().replace("kind = 'file'", "kind = 'none'"))
    for words in ("z --print 1", "x --print", "z --shop --print"):
        code, _text, errors = shell.run(*words.split())
        assert (code, "no printer" in errors) == (1, True), words


def test_tills_apart_and_together(shell: Shell) -> None:
    shell.sell()
    shell.sell("till2")
    shell.sell("till2")
    shell.run("z")
    assert shell.run("z", "--till", "till2")[1] == (
        "Z 1 of till2 was made: 2 receipts, 3.78 EUR.\nZ 1 waits for the counter of till2 to print it.\n"
    )

    day = json.loads(shell.run("z", "--till", "till2", "--show", "1", "--json")[1])["business_date"]
    code, text, _errors = shell.run("z", "--shop", "--date", day, "--json")

    assert code == 0
    together = json.loads(text)
    assert (together["gross_minor"], together["till"]) == (567, "till1, till2")
    assert [z["till"] for z in together["reports"]] == ["till1", "till2"]
    assert "ALL TILLS" in shell.run("z", "--shop", "--date", day, "--to", day)[1]
    assert shell.run("z", "--shop", "--date", "2020-01-01")[0] == 1


def test_a_till_that_nobody_knows_gets_no_z(shell: Shell) -> None:
    shell.sell()
    shell.sell("till2")
    for command in (("z", "--till", "tlil2", "--even-if-unused"), ("x", "--till", "tlil2")):
        assert "these books have no till tlil2. They have: till1, till2\n" in shell.refused(*command)


def test_a_till_name_that_was_mistyped_in_the_settings_begins_nothing(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shell.sell()
    monkeypatch.setenv("TUI_POS_TILL__NAME", "tilll")
    goods = tmp_path / "goods.csv"
    goods.write_text("sku,name,price,tax\n900,Tea,1.00,standard\n")
    for words in (
        "z", "z --even-if-unused", "x", "journal archive 2026-03-01 2026-03-02", "taxes set standard 20", "sales",
        f"backup {tmp_path}", f"catalogue import {goods}", "receipt 1",
    ):  # fmt: skip
        code, text, errors = shell.run(*words.split())
        assert (code, text) == (2, ""), words
        assert (
            "no till tilll (till.name, TUI_POS_TILL__NAME). They have: till1. Nothing was changed." in errors
        )
    with reading(shell.engine) as session:
        assert chain.tills(session) == ["till1"]
    assert not list(tmp_path.rglob("signing-key-*"))


def test_what_makes_no_z_makes_no_key(shell: Shell, tmp_path: Path) -> None:
    assert shell.run("z")[0] == 4
    with shell.desk() as desk:
        desk.scan(Scanned("100"))
    assert shell.run("z")[0] == 3
    with reading(shell.engine) as session:
        assert "new_key" not in session.scalars(select(JournalEntry.event)).all()
    assert not list(tmp_path.rglob("signing-key-*"))


def test_a_z_that_is_not_signed_is_said(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.sell()
    assert shell.run("z")[0] == 0
    shell.sell()
    monkeypatch.setenv("HOME", str(tmp_path / "elsewhere"))
    code, text, errors = shell.run("--config", str(shell.config), "z")
    assert (code, text) == (6, "Z 2 of till1 was made: 1 receipt, 1.89 EUR.\nZ 2 is printed.\n")
    assert "Z 2 stands, but is not signed: the signing key cannot be read here." in errors
    assert "tui-pos journal new-key" in errors


def test_only_who_opens_the_till_upgrades_its_books(
    shell: Shell, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A nightly command after an update of the program would do it under tills that still run the old one."""
    shell.sell()
    with shell.engine.begin() as connection:
        connection.execute(update_version("0003"))
    goods = tmp_path / "goods.csv"
    goods.write_text("sku,name,price,tax\n900,Tea,1.00,standard\n")
    for words in (
        "sales",
        "x",
        "journal verify",
        f"catalogue import {goods} --dry-run",
        f"catalogue import {goods}",
    ):
        code, text, errors = shell.run(*words.split())
        assert (code, text) == (1, ""), words
        assert "written by an older tui-pos, and nothing was changed. Close all tills" in errors
    with shell.engine.connect() as connection:
        assert connection.scalar(select(VERSION.c.version_num)) == "0003"
    assert not list(tmp_path.rglob("*.bak"))


@pytest.mark.parametrize(
    "words",
    [
        "--date 2026-11-01",
        "--to 2026-11-01",
        "--show 1 --date 2026-11-01",
        "--shop --to 2026-11-01",
        "--shop --date 2026-11-02 --to 2026-11-01",
        "--list --even-if-unused",
        "--shop --till till1",
        "--shop --print 1",
        "--print",
        "--list --print 1",
        "--list --json",
        "--list --pdf z.pdf",
        "--print 1 --text",
    ],
)
def test_what_would_be_passed_over_is_refused_before_a_day_is_closed(shell: Shell, words: str) -> None:
    shell.sell()
    with pytest.raises(SystemExit) as ended:
        shell.run("z", *words.split())
    assert ended.value.code == 2
    with reading(shell.engine) as session:
        assert session.scalars(select(ZReport)).all() == []


def test_a_file_that_cannot_be_written_is_said_before_the_day_is_closed(shell: Shell, tmp_path: Path) -> None:
    shell.sell()
    for file in (tmp_path / "nowhere" / "z.pdf", tmp_path, Path(str(shell.engine.url.database))):
        assert shell.run("z", "--pdf", str(file))[0] == 1
        assert shell.run("x", "--pdf", str(file))[0] == 1
    assert shell.run("z", "--list") == (0, "", "")
    file = tmp_path / "z.pdf"
    assert shell.run("z", "--pdf", str(file))[0] == 0
    assert file.read_bytes().startswith(b"%PDF")
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_z_that_could_not_be_handed_out_is_no_failure(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_values: object) -> bytes:
        raise OSError(28, "No space left on device")

    shell.sell()
    file = tmp_path / "z.pdf"
    with monkeypatch.context() as patched:
        patched.setattr("tui_pos.reports.pdf.to_pdf", full)
        code, text, errors = shell.run("z", "--pdf", str(file))
    assert (code, text, file.exists()) == (5, "", False)
    assert "Z 1 of till1 was made: 1 receipt, 1.89 EUR." in errors
    assert "It stands, but could not be handed out (No space left on device)" in errors
    assert "tui-pos z --show 1" in errors
    assert shell.run("z")[0] == 4


def test_a_full_disk_behind_the_output_does_not_undo_a_z(shell: Shell) -> None:
    shell.sell()
    command = [
        sys.executable,
        "-P",
        "-c",
        "from tui_pos.cli import main; raise SystemExit(main())",
        "--config",
        str(shell.config),
        "z",
        "--text",
    ]
    with open("/dev/full", "w") as full:
        ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (ended.returncode, "It stands" in ended.stderr) == (5, True), ended.stderr


def test_a_receipt_that_cannot_be_is_wrong_usage(shell: Shell) -> None:
    shell.sell()
    for number in ("abc", "0"):
        assert f"{number} is no receipt's number" in shell.refused("receipt", number)
    assert "these books have no till till9" in shell.refused("receipt", "till9-000001")
    assert "not allowed with argument" in shell.refused("receipt", "1", "--proof", "--print")
    assert shell.run("receipt", "2")[0] == 1


def test_an_x_of_all_tills(shell: Shell) -> None:
    shell.sell()
    shell.sell("till2")
    code, text, _errors = shell.run("x", "--shop", "--json")
    together = json.loads(text)
    assert (code, together["kind"], together["gross_minor"]) == (0, "X", 378)
    assert [x["till"] for x in together["reports"]] == ["till1", "till2"]
