"""Scanners that type on another keyboard than the computer has: what they meant is among the readings."""

import pytest

from hardware.scanner.layouts import _LAYOUTS, _US, readings

CODE = "TILL1-000001"


@pytest.mark.parametrize("country", _LAYOUTS)
@pytest.mark.parametrize("caps_lock", [False, True])
def test_what_was_meant_is_found_again(country: str, caps_lock: bool) -> None:
    """The computer has the country's keyboard, and the scanner an American one; and the other way round."""
    there = dict(zip(_US, _LAYOUTS[country], strict=True))
    back: dict[str, str] = {}
    for us, sign in zip(_US, _LAYOUTS[country], strict=True):
        back.setdefault(sign, us)
    for keys, set_to in ((there, country), (back, "US")):
        typed = "".join(keys[sign] for sign in CODE)
        typed = typed.swapcase() if caps_lock and "ß" not in typed else typed
        found = {reading.code: reading for reading in readings(typed)}
        assert typed == CODE or CODE in found, typed
        if typed not in (CODE, CODE.swapcase()):
            assert found[CODE].set_scanner_to in (set_to, *_LAYOUTS)


def test_each_layout_has_the_keys_of_the_others() -> None:
    assert {len(signs) for signs in (_US, *_LAYOUTS.values())} == {94}


def test_a_code_is_told_once_and_never_as_it_was_typed() -> None:
    found = [reading.code for reading in readings("till1ß000001")]
    assert len(found) == len(set(found))
    assert "till1ß000001" not in found
    assert found[0] == "till1-000001"


def test_what_an_accent_key_swallowed_is_not_made_up() -> None:
    """On a German keyboard the key left of the backspace types an accent: nothing may be read into it."""
    assert all(len(reading.code) == 4 for reading in readings("A´12"))
