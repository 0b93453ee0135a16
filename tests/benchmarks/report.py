"""What was measured: each figure beside its budget and the baseline of the same run; on the screen and as a page."""

import datetime as dt
import os
import platform
import sqlite3
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "performance.md"


@dataclass(frozen=True, slots=True)
class Figure:
    """One row. `ok` is None where no budget was set."""

    what: str
    figure: str
    baseline: str = ""
    ratio: str = ""
    budget: str = ""
    ok: bool | None = None

    @property
    def verdict(self) -> str:
        """In words."""
        return "" if self.ok is None else "met" if self.ok else "MISSED"


COLUMNS = ("what", "budget", "figure", "baseline", "ratio", "")


def cells(row: Figure) -> tuple[str, ...]:
    """A row's texts in the order of COLUMNS."""
    return row.what, row.budget, row.figure, row.baseline, row.ratio, row.verdict


def against(what: str, budget: str, limit: float, figure: float, baseline: float, unit: str = "ms") -> Figure:
    """A figure that may be `limit` times its baseline at most."""
    ratio = figure / baseline
    return Figure(
        what, f"{figure:.1f} {unit}", f"{baseline:.1f} {unit}", f"{ratio:.2f}", budget, ratio <= limit
    )


def median(values: Sequence[float]) -> float:
    """The middle one."""
    return statistics.median(values)


def p99(values: Sequence[float]) -> float:
    """What only one of a hundred exceeds."""
    return sorted(values)[max(0, -(-len(values) * 99 // 100) - 1)]


def machine() -> str:
    """Where this was measured."""
    model = platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [
            line.partition(":")[2].strip()
            for line in cpuinfo.read_text().splitlines()
            if "model name" in line
        ]
        model = names[0] if names else model
    libraries = ", ".join(f"{name} {version(name)}" for name in ("textual", "sqlalchemy", "python-escpos"))
    return (
        f"{model}, {os.cpu_count()} cores, {platform.system()}; Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}, {libraries}"
    )


def show(rows: Sequence[Figure]) -> None:
    """The table on the screen."""
    from rich.console import Console
    from rich.table import Table

    table = Table(*COLUMNS)
    for row in rows:
        colour = {None: "", True: "green", False: "bold red"}[row.ok]
        table.add_row(*cells(row), style=colour)
    Console().print(table)


def write(rows: Sequence[Figure], how: Sequence[tuple[str, str]]) -> None:
    """The page in docs/."""
    missed = [row for row in rows if row.ok is False]
    lines = [
        "# Performance",
        "",
        "Written by `make bench`: change the measurement, not this page.",
        "",
        f"Measured on {dt.datetime.now(dt.UTC):%Y-%m-%d} on {machine()}.",
        f"Load of the machine when it ended, 1 minute: {os.getloadavg()[0]:.1f}.",
        "",
        _table(COLUMNS),
        _table(["---"] * len(COLUMNS)),
        *(_table(cells(row)) for row in rows),
        "",
        "Every budget is met." if not missed else "Missed: " + "; ".join(row.what for row in missed) + ".",
        "",
        "## How it is measured",
        "",
        *(f"- **{name}**: {text}" for name, text in how),
        "",
    ]
    PAGE.write_text("\n".join(lines), "utf-8")


def _table(texts: Sequence[str]) -> str:
    return "| " + " | ".join(texts) + " |"
