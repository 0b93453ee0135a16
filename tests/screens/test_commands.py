"""What is typed after the slash, in the language of the cashier and in English."""

import re

import pytest
from babel.messages.catalog import Message
from rich.cells import cell_len
from sqlalchemy import Engine

from tests.messages import LANGUAGES, read, translation_file
from tests.rigs.counter import at_the_counter
from tests.rigs.sales import OAT
from tui_pos.i18n import languages, speaking
from tui_pos.screens import help_text
from tui_pos.screens.actions import ACTIONS

SWEDISH = {"language": "sv"}
HELP_COLUMNS = 80 - 10
"""Of 80: the window's margins, frame and padding."""


@pytest.mark.parametrize("language", languages())
def test_names_are_single_words_of_their_own(language: str) -> None:
    with speaking(language):
        names = {action.typed: action.name for action in ACTIONS}
    assert len(names) == len(ACTIONS)
    for typed, name in names.items():
        assert re.fullmatch(r"/\w[\w-]{0,10}", typed) or typed == "/makuleraköp"
        assert typed == typed.casefold()
        assert not any(typed == f"/{other.name}" for other in ACTIONS if other.name != name)


@pytest.mark.parametrize("language", languages())
def test_each_action_is_one_row_of_the_help(language: str) -> None:
    """A row that wrapped would push the last one out of the page of the smallest terminal."""
    with speaking(language):
        rows = help_text.lines((action.typed, "Delete", action.title) for action in ACTIONS)
    assert [row for row in rows if cell_len(row) > HELP_COLUMNS] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_name_actions_as_the_list_does(language: str) -> None:
    with speaking(language):
        names = {action.typed for action in ACTIONS}
    for message in read(translation_file(language), language):
        if message.id and any("tui_pos/screens" in file for file, _line in message.locations):
            assert _actions_in(message) <= names, message.string


def _actions_in(message: Message) -> set[str]:
    forms = [message.string] if isinstance(message.string, str) else message.string or ()
    return {name for form in forms for name in re.findall(r"(?<!\w)/\w[\w-]*", form)}


@pytest.mark.parametrize("typed", ["/makuleraköp", "/voidsale", "/makulerak", "/MAKULERAKÖP"])
async def test_an_action_answers_to_both_of_its_names(shop_engine: Engine, typed: str) -> None:
    with speaking("sv"):
        async with at_the_counter(shop_engine, display=SWEDISH) as ada:
            await ada.scan(OAT)
            await ada.type(typed, "enter")
            assert ada.window == "Ask"
            assert "Makulera köpet" in ada.shown()


async def test_the_list_and_the_help_speak_the_language_of_the_till(shop_engine: Engine) -> None:
    with speaking("sv"):
        async with at_the_counter(shop_engine, (160, 50), display=SWEDISH) as ada:
            await ada.type("/")
            assert "/betala" in ada.shown()
            assert "/pay" not in ada.shown()
            await ada.press("escape", "question_mark")
            assert "/makuleraköp" in ada.shown()


async def test_the_exact_name_comes_before_longer_ones(shop_engine: Engine) -> None:
    async with at_the_counter(shop_engine) as ada:
        await ada.scan(OAT)
        await ada.type("/void", "enter")
        assert ada.goods == []
