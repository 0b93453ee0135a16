"""Books that hold what this program never wrote: every command says that they are damaged, where, and what to do."""

import os
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from tests.rigs.days import Days
from tests.rigs.shop import stock_shop
from tui_pos import cli
from tui_pos.storage.engine import writing


@pytest.fixture
def config(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A day that was closed, and the settings by which commands find it."""
    for name in [*(n for n in os.environ if n.startswith(("TUI_POS_", "XDG_", "SSH_"))), "LC_ALL", "LANG"]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    stock_shop(engine)
    days = Days(engine)
    days.trade(0)
    days.close()
    file = tmp_path / "shop.toml"
    file.write_text(f'[database]\nurl = "{engine.url.render_as_string(hide_password=False)}"\n')
    return file


def damage(engine: Engine, table: str, statement: str) -> None:
    """Change a table past its guards."""
    on = "" if engine.dialect.name == "sqlite" else f" ON {table}"
    with writing(engine) as session:
        for act in ("update", "delete", "change"):
            session.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_{act}{on}"))
        session.execute(text(statement))


def check_told(
    config: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path, words: str, place: str
) -> None:
    """That the command says it, and names the place; {out} in its words is a new file."""
    code = cli.main(["--config", str(config), *words.format(out=tmp_path / "out").split()])
    told = capsys.readouterr().err
    assert (code, told.count("\n")) == (1, 1), told
    assert told.startswith(f"tui-pos: The books are damaged ({place}"), told
    assert "tui-pos journal verify" in told
    assert "tui-pos restore" in told


@pytest.mark.parametrize(
    ("table", "column", "value", "words", "place"),
    [
        ("z_report", "content", "{bad}", "z --show 1", "Z 1 of till1, table z_report"),
        ("z_report", "content", "{bad}", "z --show 1 --json", "Z 1 of till1, table z_report"),
        ("z_report", "content", "{empty}", "z --list", "Z 1 of till1, table z_report"),
        ("z_report", "content", "{empty}", "z --shop", "Z 1 of till1, table z_report"),
        ("z_report", "content", "{empty}", "x", "Z 1 of till1, table z_report"),
        (
            "z_report",
            "content",
            "{bad}",
            "export csv --from 2026-03-02 --to 2026-03-03 --out {out}",
            "Z 1 of till1, table z_report",
        ),
        ("z_report", "document", "'{'", "z --show 1", "Z 1 of till1, table z_report"),
        ("print_job", "document", "'[1]'", "receipt 1", "page “Receipt till1-000001”, table print_job"),
        ("journal_entry", "body", "{bad}", "receipt 2", "entry 2 of stream receipts"),
        ("journal_entry", "body", "{list}", "receipt 2", "entry 2 of stream receipts"),
        ("sale", "exponent", "99", "sales", "receipt till1-"),
        ("sale", "exponent", "99", "sales --csv {out}", "receipt till1-"),
    ],
)
def test_what_cannot_be_read_is_named(
    config: Path,
    engine: Engine,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    table: str,
    column: str,
    value: str,
    words: str,
    place: str,
) -> None:
    blobs = {"bad": b"\x00\xff", "empty": b"{}", "list": b"[1]"}
    form = "x'{}'" if engine.dialect.name == "sqlite" else "'\\x{}'"
    for name, blob in blobs.items():
        value = value.replace("{" + name + "}", form.format(blob.hex()))
    damage(engine, table, f"UPDATE {table} SET {column} = {value}")
    check_told(config, capsys, tmp_path, words, place)


@pytest.mark.parametrize("words", ["sales", "sales --csv {out}"])
def test_an_amount_that_is_none(
    config: Path, engine: Engine, capsys: pytest.CaptureFixture[str], tmp_path: Path, words: str
) -> None:
    if engine.dialect.name == "postgresql":
        pytest.skip("PostgreSQL takes no text for a number")
    damage(engine, "sale_tender", "UPDATE sale_tender SET amount_minor = 'abc'")
    check_told(config, capsys, tmp_path, words, "table sale_tender, column amount_minor")


@pytest.mark.parametrize(
    "statement",
    ["ALTER TABLE print_job RENAME TO gone", "ALTER TABLE print_job RENAME COLUMN document TO gone"],
)
def test_a_table_or_column_that_is_not_there(
    config: Path, engine: Engine, capsys: pytest.CaptureFixture[str], tmp_path: Path, statement: str
) -> None:
    damage(engine, "print_job", statement)
    check_told(config, capsys, tmp_path, "receipt 1", "")


def test_a_missing_table_is_no_matter_of_rights(
    config: Path, engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    damage(engine, "shop_fact", "ALTER TABLE shop_fact RENAME TO gone")
    assert cli.main(["--config", str(config), "sales"]) == 1
    told = capsys.readouterr().err
    assert "are damaged" in told
    assert "shop_fact" in told
    assert "rights" not in told
