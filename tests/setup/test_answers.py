"""Answers, and what the settings file becomes with them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_pos.people.pins import BadPin
from tui_pos.people.staff import StaffError
from tui_pos.setup.answers import (
    SettingsFile,
    SetUpError,
    address_lines,
    address_text,
    check,
    country_answers,
    missing,
)

LINES = st.text(st.characters(codec="utf-8", exclude_characters="|"), min_size=1).map(str.strip).filter(bool)


@given(st.lists(LINES, max_size=5).map(tuple))
def test_an_address_typed_in_one_line_is_the_same_again(lines: tuple[str, ...]) -> None:
    assert address_lines(address_text(lines)) == lines or (len(lines) == 1 and "," in lines[0])


def test_an_address() -> None:
    assert address_lines("1 Quay Street, Galway ,") == ("1 Quay Street", "Galway")
    assert address_lines("Flat 2, Quay House | Galway") == ("Flat 2, Quay House", "Galway")
    assert address_lines(" ") == ()


def test_another_country_brings_everything_of_its_own_and_the_same_one_nothing() -> None:
    ireland = country_answers({}, "IE")
    assert ireland["shop.currency"] == "EUR"
    own = {**ireland, "shop.cash_rounding": "none"}
    assert country_answers(own, "IE") == {"shop.country": "IE"}
    assert country_answers(own, "SE")["shop.cash_rounding"] == "currency"
    assert "shop.timezone" not in country_answers(own, "US")


def test_what_is_missing() -> None:
    assert list(missing({}, has_staff=False)) == ["shop.name", "shop.country", "owner.name", "owner.pin"]
    shop = {"shop.name": "A", "shop.country": "IE", "shop.timezone": "Europe/Dublin"}
    assert list(missing(shop, has_staff=True)) == []
    assert list(missing({**shop, "owner.name": "Bo"}, has_staff=True)) == ["owner.pin"]


def test_answers_are_looked_at_one_by_one(tmp_path: Path) -> None:
    file = SettingsFile(tmp_path / "shop.toml")
    check(file, {"printer.kind": "network"}, {"till.name": "bar"})  # the address comes later
    with pytest.raises(SetUpError, match="a name or address"):
        check(file, {"printer.kind": "network"}, {"printer.host": ""})
    with pytest.raises(BadPin):
        check(file, {}, {"owner.pin": "1111"})
    with pytest.raises(StaffError):
        check(file, {}, {"owner.name": " "})
    with pytest.raises(SetUpError, match="not the same"):
        check(file, {"owner.pin": "4711"}, {"owner.again": "4712"})


def test_the_file_gets_what_was_said_and_nothing_of_the_owner(tmp_path: Path) -> None:
    file = SettingsFile(tmp_path / "shop.toml")
    answers = {"shop.prices_include_tax": "no", "printer.columns": "48", "owner.pin": "4711"}
    text, loaded = file.with_answers(answers)
    assert "prices_include_tax = false" in text
    assert "columns = 48" in text
    assert "4711" not in text
    assert loaded.settings.shop.prices_include_tax is False
