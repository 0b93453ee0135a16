"""What is installed: the program and all that it reads at run time, nothing else."""

import configparser
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("config", "hardware", "tui_pos")
READ_AT_RUN_TIME = (
    "config/example.toml",
    "tui_pos/app.tcss",
    "tui_pos/catalogue/demo_products.csv",
    "tui_pos/i18n/locales/sv/LC_MESSAGES/tui_pos.mo",
    "tui_pos/journal/verify_archive.py",
    "tui_pos/storage/migrations/env.py",
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("dist")
    command = [
        sys.executable,
        "-P",
        "-m",
        "hatchling",
        "build",
        "--target",
        "wheel",
        "--directory",
        str(folder),
    ]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return zipfile.ZipFile(built)


def test_the_wheel_holds_the_three_packages_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    on_disk = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    packed = {name for name in wheel.namelist() if ".dist-info/" not in name}

    assert packed == on_disk


@pytest.mark.parametrize("name", READ_AT_RUN_TIME)
def test_what_is_read_at_run_time_is_packed(wheel: zipfile.ZipFile, name: str) -> None:
    assert wheel.read(name)


def test_the_wheel_gives_the_command(wheel: zipfile.ZipFile) -> None:
    (entry_points,) = (name for name in wheel.namelist() if name.endswith("/entry_points.txt"))
    parsed = configparser.ConfigParser()
    parsed.read_string(wheel.read(entry_points).decode())

    assert dict(parsed["console_scripts"]) == {"tui-pos": "tui_pos.cli:main"}


def pins(lines: list[str]) -> dict[str, str]:
    found = [re.fullmatch(r"([A-Za-z0-9._-]+)(?:\[\w+\])?==([^;\s]+)", line) for line in lines]
    return {re.sub(r"[-_.]+", "-", match[1]).lower(): match[2] for match in found if match}


def test_every_version_is_pinned_once_and_the_same() -> None:
    """The lock holds plain pins and no address of an index: it must work with any."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [
        *project["project"]["dependencies"],
        *project["dependency-groups"]["dev"],
        *project["build-system"]["requires"],
    ]
    locked = (ROOT / "requirements.lock").read_text().splitlines()

    assert len(pins(locked)) == len(locked)
    assert len(pins(wanted)) == len(set(wanted))
    assert pins(wanted).items() <= pins(locked).items()
