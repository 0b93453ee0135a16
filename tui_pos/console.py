"""What commands print: in letters that the shell has; tables that are handsome on a terminal, and plain for a pipe."""

import io
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from tui_pos.shown import REPLACE, neutral
from tui_pos.storage.csv_files import guarded


class _Terminal(io.TextIOWrapper):
    """A terminal on which no name turns its line around."""

    def write(self, text: str) -> int:
        return super().write(neutral(text))


def replace_what_cannot_be_shown() -> None:
    """Let standard output and error replace letters that their encoding lacks: nothing ends over a name.

    On a terminal marks of direction are left out, too; into a pipe goes what is so.
    """
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if not isinstance(stream, io.TextIOWrapper):
            continue
        stream.reconfigure(errors=REPLACE)
        if stream is getattr(sys, f"__{name}__") and stream.isatty():
            stream.flush()
            setattr(sys, name, _Terminal(stream.buffer, stream.encoding, REPLACE, line_buffering=True))


class Progress(Protocol):
    """Told how far something has come, of how much."""

    def __call__(self, done: int, total: int) -> None: ...


def print_table(
    headings: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    right: Collection[int] = (),
    cut: Collection[int] = (),
) -> None:
    """A table with headings on a terminal; into a pipe, rows with a tab between the cells and no headings.

    A pipe may end in a spreadsheet, so no text is a formula there.

    `right` are the columns of numbers. Where the terminal is too narrow, cells go on in the next line; if there are
    columns that may be `cut` short, these give way alone, or go where they say nothing, and each row stays on one line.
    """
    if not sys.stdout.isatty():
        for row in rows:
            print(*(cell if place in right else guarded(cell) for place, cell in enumerate(row)), sep="\t")
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    rows = list(rows)
    shown = [place for place in range(len(headings)) if place not in cut or any(row[place] for row in rows)]
    table = Table(box=None, pad_edge=False)
    for place in shown:
        is_cut = place in cut
        table.add_column(
            Text(headings[place], no_wrap=is_cut, overflow="ellipsis" if is_cut else None),
            overflow="ellipsis" if is_cut else "fold",
            justify="right" if place in right else "left",
            no_wrap=bool(cut) and not is_cut,
        )
    for row in rows:
        table.add_row(*(Text(row[place], no_wrap=place in cut or None) for place in shown))
    Console().print(table)


@contextmanager
def progress_bar(label: str) -> Iterator[Progress]:
    """A bar on standard error while the block runs; nothing where that is no terminal."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=None)

        def show(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)
            if done >= total:
                bar.stop()  # what comes now may ask something

        yield show
