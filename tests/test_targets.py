"""Where commands may write files to."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from tui_pos.targets import TargetTaken, check_target


@pytest.mark.parametrize("force", [False, True])
def test_a_folder_that_is_not_there_is_told_by_its_own_name(
    engine: Engine, tmp_path: Path, force: bool
) -> None:
    with pytest.raises(TargetTaken) as caught:
        check_target(tmp_path / "gone" / "a.zip", engine, force=force)
    assert str(caught.value) == f"{tmp_path}/gone is not there."
    check_target(tmp_path / "a.zip", engine, force=force)
