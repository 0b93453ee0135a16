import datetime as dt

import pytest

from tui_pos.i18n.spans import span_text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (1, "1 minute"), (61, "1 minute"), (3661, "61 minutes"), (7199, "120 minutes"), (7200, "2 hours"),
        (47.9 * 3600, "47 hours"), (48 * 3600, "2 days"), (100 * 86400 - 1, "99 days"),
    ],
)  # fmt: skip
def test_the_largest_kind_of_which_there_are_two(seconds: float, text: str) -> None:
    assert span_text(dt.timedelta(seconds=seconds)) == text
