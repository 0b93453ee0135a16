"""Where commands may write files to."""

import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tui_pos.targets import TargetTaken, check_target, told_to


@pytest.mark.parametrize("force", [False, True])
def test_a_folder_that_is_not_there_is_told_by_its_own_name(
    engine: Engine, tmp_path: Path, force: bool
) -> None:
    with pytest.raises(TargetTaken) as caught:
        check_target(tmp_path / "gone" / "a.zip", engine, force=force)
    assert str(caught.value) == f"{tmp_path}/gone is not there."
    check_target(tmp_path / "a.zip", engine, force=force)
    check_target(Path("/dev/null"), engine, force=force)  # nothing of it is replaced


def test_what_is_said_does_not_go_into_a_stream(tmp_path: Path) -> None:
    (tmp_path / "a.csv").touch()
    assert told_to(tmp_path / "a.csv") is sys.stdout
    assert told_to(Path("/dev/null")) is sys.stderr
