"""Whoever set something wrong reads it in their own language."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.errors import ConfigError, SettingsError
from tui_pos.i18n import use_language
from tui_pos.settings_check import load_checked
from tui_pos.setup.refusals import refusal

WRONG = """
[shop]
country = "Ireland"
currency = "euro"
locale = "tlh"
timezone = "Mars"
day_ends_at = "late"
prices_include_tax = "perhaps"
tax_rounding = "never"
cash_rounding = "-1"
in_store_codes = ["21"]
[till]
name = "a till"
[database]
url = "mysql://shop"
[scanner]
kind = "serial"
baudrate = 7
[printer]
kind = "network"
columns = 40
qr = "{nothing}"
usb_id = "x"
code_pages = ["x"]
[display]
language = "swedish!"
[drawer]
names = ["a b"]
float = "much"
[security]
badge_prefix = "1"
lock_after = 0
second_factor_roles = ["Owner!"]
[accounts]
sales = ["x"]
year_begins = "soon"
cash = 7
[backup]
folders = ["here"]
keep = 0
[keys]
pay = ["x"]
find = ["no key"]
hold = ["f9"]
recall = ["f9"]
[log]
folder = "here"
levl = "INFO"
"""


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    use_language("en")
    yield
    use_language("en")


def refused(path: Path, text: str | None = None) -> ConfigError:
    if text is not None:
        path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_checked(path)
    return caught.value


def test_all_that_a_file_can_have_wrong(tmp_path: Path) -> None:
    error = refused(tmp_path / "shop.toml", WRONG)
    assert isinstance(error, SettingsError)
    assert len(error.problems) > 30
    assert refusal(error) == str(error)
    use_language("sv")
    head, *lines = refusal(error).splitlines()
    assert head == f"{len(error.problems)} inställningar är fel:"
    english = [line for line in lines if re.search("(allowed is|there is|is missing|did you)", line)]
    assert english == []
    assert any(line.endswith(": det finns ingen sådan inställning; menade du log.level?") for line in lines)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[shop]\ncountry = "UK"', "tillåtet är ett land i ISO 3166, som IE, SE eller GB; menade du GB?"),
        ('[shop]\ncurrency = "ABC"', "tillåtet är en valuta i ISO 4217"),
        ('[shop]\ncash_rounding = "0.001"', "en multipel av 0.01, det minsta beloppet i EUR"),
        ('[printer]\nprofile = "tm-t88 iii"', "den är okänd; menade du TM-T88III? Kända är AF-240, "),
        ('[printer]\nlogo = "/nowhere.png"', "tillåtet är en fil som finns och kan läsas"),
        ("[printer]\ncolumns = 40", "tillåtet är 32, 42 eller 48"),
        ("shop =", "är inte TOML: "),
        (None, "filen finns inte"),
    ],
)
def test_what_only_one_setting_can_have_wrong(text: str | None, told: str, tmp_path: Path) -> None:
    error = refused(tmp_path / "shop.toml", text)
    assert refusal(error) == str(error)
    use_language("sv")
    assert told in refusal(error)
