"""What a command logs goes to the log, and not to the shell, where cron would mail it."""

import datetime as dt
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine, update

from config.settings import Settings
from tests.rigs.people import OWNER
from tests.rigs.shop import stock_shop
from tui_pos.bootstrap import build_shop
from tui_pos.late_log import LateLog
from tui_pos.printing.models import PrintJob
from tui_pos.sales.desk import Desk
from tui_pos.sales.scanning import Scanned
from tui_pos.storage.engine import writing

LONG_AGO = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)


def run(folder: Path, code: str) -> tuple[int, str, str]:
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8"}
    command = [sys.executable, "-P", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    return done.returncode, done.stdout, done.stderr


def config_of(folder: Path, engine: Engine) -> Path:
    file = folder / "shop.toml"
    file.write_text(
        f'[database]\nurl = "{engine.url}"\n[log]\nfolder = "{folder}/log"\n'
        '[printer]\nkind = "file"\npath = "/dev/null"\n[drawer]\nrequired = false\n'
    )
    return file


def test_drawers_that_waited_too_long_are_no_news_for_a_shell(sqlite_engine: Engine, tmp_path: Path) -> None:
    stock_shop(sqlite_engine)
    shop = build_shop(
        Settings.model_validate(
            {"drawer": {"required": False}, "printer": {"kind": "file", "path": "/dev/null"}}
        )
    )
    desk = Desk(sqlite_engine, shop, OWNER, lambda: LONG_AGO)
    desk.scan(Scanned("100"))
    desk.pay_cash(desk.settlement.cash_due)
    with writing(sqlite_engine) as session:
        session.execute(update(PrintJob).values(created_at=LONG_AGO))
    words = ["--config", str(config_of(tmp_path, sqlite_engine)), "x", "--print"]
    code, _out, errors = run(tmp_path, f"import sys; from tui_pos.cli import main; sys.exit(main({words!r}))")
    assert (code, errors) == (0, "")
    assert "was not opened within 10 s" in (tmp_path / "log" / "tui-pos.log").read_text("utf-8")


def test_a_fault_says_where_its_details_are(sqlite_engine: Engine, tmp_path: Path) -> None:
    words = ["--config", str(config_of(tmp_path, sqlite_engine)), "settings"]
    code, _out, errors = run(
        tmp_path,
        "import sys\nfrom tui_pos import cli\n"
        "def fails(arguments): raise RuntimeError('a fault')\n"
        f"cli._settings = fails\nsys.exit(cli.main({words!r}))",
    )
    log = tmp_path / "log" / "tui-pos.log"
    assert code == 1
    assert errors.startswith("tui-pos: The program failed (RuntimeError: a fault).")
    assert errors.endswith(f"The details are in {log}.\n")
    assert "Traceback" in log.read_text("utf-8")


def test_a_log_that_cannot_be_opened_breaks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging.getLogger(), "handlers", [])

    def start() -> None:
        raise OSError("no room")

    LateLog(start).handle(logging.makeLogRecord({"levelno": logging.WARNING, "msg": "x"}))
    assert [type(each) for each in logging.getLogger().handlers] == [logging.NullHandler]
