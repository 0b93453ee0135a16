"""Settings written into a file that somebody has written, too."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.documentation import EXAMPLE_FILE
from config.errors import ConfigError
from config.loading import load, load_text
from config.writing import Value, prepare, with_values

FILE = Path("shop.toml")

OWN = """# Ann's shop
[shop]   # the corner one
name = "Ann's"     # as on the sign
address = [
    "1 Quay Street",  # upstairs
    "Galway",
]

[keys]
pay = ["f2", "ctrl+e"]
"""


def test_what_is_not_asked_stays_as_it_is() -> None:
    text = with_values(
        FILE, OWN, {"shop.name": "Bo's # 2", "shop.address": ("2 Quay Street",), "shop.country": "IE"}
    )
    assert text == (
        "# Ann's shop\n[shop]   # the corner one\n"
        'name = "Bo\'s # 2"     # as on the sign\n'
        'address = ["2 Quay Street"]\ncountry = "IE"\n\n'
        '[keys]\npay = ["f2", "ctrl+e"]\n'
    )


def test_what_is_there_already_changes_nothing() -> None:
    assert with_values(FILE, OWN, {"shop.name": "Ann's", "shop.address": ("1 Quay Street", "Galway")}) == OWN
    assert with_values(FILE, "", {}) == ""


def test_new_sections_come_at_the_end_and_types_are_kept() -> None:
    values: dict[str, Value] = {"printer.columns": 48, "shop.prices_include_tax": False, "till.name": "bar"}
    assert with_values(FILE, '[till]\nname = "till1"', values) == (
        '[till]\nname = "bar"\n\n[printer]\ncolumns = 48\n\n[shop]\nprices_include_tax = false\n'
    )


def test_the_example_is_filled_in_under_its_own_words() -> None:
    text = EXAMPLE_FILE.read_text(encoding="utf-8")
    filled = with_values(FILE, text, {"shop.country": "SE", "scanner.kind": "serial", "till.name": "bar"})
    lines = filled.splitlines()
    assert lines[lines.index('#country = "IE"') + 1] == 'country = "SE"'
    assert lines[lines.index('#kind = "none"') + 1] == 'kind = "serial"'
    assert [line for line in lines if line not in text.splitlines()] == [
        'country = "SE"',
        'name = "bar"',
        'kind = "serial"',
    ]


@pytest.mark.parametrize("text", ['shop = {name = "a"}\n', 'shop.name = "a"\n', "shop = 3\n"])
def test_a_file_that_cannot_be_added_to_is_left_to_a_person(text: str) -> None:
    with pytest.raises(ConfigError, match=r"shop\.toml: shop\.country cannot be written"):
        with_values(FILE, text, {"shop.country": "IE"})


def test_dotted_and_quoted_names_are_found() -> None:
    assert with_values(FILE, 'shop.name = "a" # x\n', {"shop.name": "b"}) == 'shop.name = "b" # x\n'
    assert with_values(FILE, '[shop]\n"name" = "a"\n', {"shop.name": "b"}) == '[shop]\n"name" = "b"\n'


TEXTS = st.text(st.characters(codec="utf-8"), max_size=30)
VALUES = st.one_of(TEXTS, st.booleans(), st.integers(0, 10**9), st.lists(TEXTS, max_size=3).map(tuple))
KEYS = st.sampled_from(["shop.name", "shop.address", "till.name", "keys.pay", "printer.columns", "log.level"])


@given(first=st.dictionaries(KEYS, VALUES), second=st.dictionaries(KEYS, VALUES))
def test_whatever_is_written_is_read_again(first: dict[str, Value], second: dict[str, Value]) -> None:
    text = with_values(FILE, with_values(FILE, OWN, first), second)
    found: dict[str, Any] = tomllib.loads(text)
    for key, value in {**first, **second}.items():
        section, _dot, name = key.partition(".")
        assert found[section][name] == (list(value) if isinstance(value, tuple) else value)
    assert with_values(FILE, text, second) == text
    assert "# Ann's shop" in text


def test_a_new_file_takes_the_place_of_the_old_one_whole(tmp_path: Path) -> None:
    path = tmp_path / "below" / "shop.toml"
    prepared = prepare(path, '[till]\nname = "a"\n')
    assert not path.exists()
    prepared.put_in_place()
    assert load(path).settings.till.name == "a"
    path.chmod(0o600)
    link = tmp_path / "link.toml"
    link.symlink_to(path)
    prepare(link, '[till]\nname = "b"\n').put_in_place()
    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o600
    assert load(link).settings.till.name == "b"
    assert load(path.with_name("shop.toml.bak")).settings.till.name == "a"


def test_what_is_dropped_leaves_nothing(tmp_path: Path) -> None:
    prepare(tmp_path / "folder" / "shop.toml", "").drop()
    assert list((tmp_path / "folder").iterdir()) == []


def test_a_text_is_checked_as_a_file_would_be() -> None:
    assert load_text(FILE, '[till]\nname = "bar"\n').settings.till.name == "bar"
    with pytest.raises(ConfigError, match=r"shop\.toml:2\)"):
        load_text(FILE, '[till]\nname = "not a name"\n')
