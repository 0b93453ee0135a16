import pytest
from rich.cells import cell_len

from tui_pos.widgets.painted import fit, row


def test_what_a_terminal_would_obey_is_shown_instead() -> None:
    assert row(("7\x1b[2J\x07\x9b\x7f\ud800å", None)).text == "7␛[2J␇�␡�å"


@pytest.mark.parametrize(
    "text", ["A\x1d17260101\x1dB", "\x1b[2J", "Ä", "牛奶", "e\u0301", "👩‍👩‍👧", "\u00a0"]
)
@pytest.mark.parametrize("width", [1, 4, 30])
def test_a_text_is_made_to_fit_as_it_is_shown(text: str, width: int) -> None:
    fitted = fit(text, width)
    assert cell_len(fitted) == width
    assert row((fitted, None)).cell_length == width
