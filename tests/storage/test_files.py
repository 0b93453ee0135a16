"""Files that are written for people are whole, and for their owner alone from their first moment."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tui_pos.storage.files import EVERYBODY, check_writable, whole_file


@pytest.fixture(autouse=True)
def open_handed() -> Iterator[None]:
    """A user whose new files everybody may read and write."""
    before = os.umask(0)
    yield
    os.umask(before)


def rights(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_nobody_else_can_read_it(tmp_path: Path) -> None:
    target = tmp_path / "sales.csv"
    target.write_text("of last week, when everybody could read it")
    with whole_file(target) as file:
        assert [rights(path) for path in tmp_path.iterdir() if path != target] == [0o600]
        file.write(b"new")
        assert target.read_bytes().startswith(b"of last week")
    assert (target.read_bytes(), rights(target)) == (b"new", 0o600)
    with whole_file(tmp_path / "goods.csv", EVERYBODY):
        pass
    assert rights(tmp_path / "goods.csv") == 0o666
    assert len(list(tmp_path.iterdir())) == 2


def test_what_fails_leaves_everything_as_it_was(tmp_path: Path) -> None:
    target = tmp_path / "a.zip"
    (tmp_path / "a.zip.unfinished").write_text("of a program that was killed")
    with pytest.raises(ZeroDivisionError), whole_file(target) as file:
        file.write(b"half" * (1 // 0))
    assert list(tmp_path.iterdir()) == []


def test_a_link_goes_on_to_lead_there(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "z.pdf").symlink_to("shared/z.pdf")
    for content in (b"1", b"2"):
        with whole_file(tmp_path / "z.pdf") as file:
            file.write(content)
    assert (tmp_path / "z.pdf").is_symlink()
    assert (tmp_path / "shared" / "z.pdf").read_bytes() == b"2"


def test_a_pipe_is_written_directly(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    found: list[bytes] = []
    reader = threading.Thread(target=lambda: found.append(pipe.read_bytes()))
    reader.start()
    check_writable(pipe)
    with whole_file(pipe) as file:
        file.write(b"a page")
    reader.join(10)
    assert (found, pipe.is_fifo()) == ([b"a page"], True)


def test_whether_it_can_be_made_is_known_beforehand(tmp_path: Path) -> None:
    check_writable(tmp_path / "new.pdf")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "there.pdf").write_text("there")
    check_writable(tmp_path / "there.pdf")
    assert (tmp_path / "there.pdf").read_text() == "there"
    with pytest.raises(OSError, match="nowhere"):
        check_writable(tmp_path / "nowhere" / "z.pdf")
