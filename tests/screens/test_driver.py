"""A paste whose end does not come is over after a while; one that ends is as ever."""

import pytest

from tui_pos.screens.driver import PASTE_LASTS_S, PASTE_QUIET_S, OpenPaste

BEGIN, END = "\x1b[200~", "\x1b[201~"


def fed(*texts: str, every_s: float = 0.01) -> OpenPaste:
    paste = OpenPaste()
    for place, text in enumerate(texts):
        paste.read(text, place * every_s)
    return paste


@pytest.mark.parametrize(
    "texts", [(BEGIN,), (BEGIN + "abc",), ("x\x1b[20", "0~abc"), (f"{BEGIN}a{END}{BEGIN}b",)]
)
def test_silence_ends_a_paste_without_an_end(texts: tuple[str, ...]) -> None:
    last_s = 0.01 * (len(texts) - 1)
    assert not fed(*texts).is_overdue(last_s + PASTE_QUIET_S - 0.02)
    assert fed(*texts).is_overdue(last_s + PASTE_QUIET_S)


@pytest.mark.parametrize(
    "texts", [("abc",), (f"{BEGIN}abc{END}",), (BEGIN, "abc\x1b[2", "01~"), (f"{BEGIN}a", END, "b")]
)
def test_what_is_no_open_paste_is_never_overdue(texts: tuple[str, ...]) -> None:
    assert not fed(*texts).is_overdue(1000.0)


def test_keys_that_go_on_do_not_keep_it_open() -> None:
    paste = fed(BEGIN, *"k" * 100, every_s=0.1)
    assert paste.is_overdue(PASTE_LASTS_S)
