"""Who reads decides the language, and what is printed for the shop meanwhile changes nothing for them."""

import threading
from collections.abc import Iterator
from contextvars import copy_context

import pytest

from tui_pos.i18n import _, speaking, use_language


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with speaking("en"):
        yield


def test_a_block_in_another_language_is_heard_by_nobody_else() -> None:
    heard: list[str] = []
    in_block, looked = threading.Event(), threading.Event()

    def print_receipt() -> None:
        with speaking("sv"):
            in_block.set()
            looked.wait(10)
            heard.append(_("TOTAL"))

    thread = threading.Thread(target=print_receipt)
    thread.start()
    in_block.wait(10)
    assert _("TOTAL") == "TOTAL"
    looked.set()
    thread.join()
    assert heard == ["TOTALT"]


def test_a_language_that_changes_changes_for_every_task_of_its_reader() -> None:
    task = copy_context()
    use_language("sv")
    assert task.run(lambda: _("TOTAL")) == _("TOTAL") != "TOTAL"


def test_another_reader_goes_on_in_theirs() -> None:
    def other() -> str:
        with speaking("en"):
            return copy_context().run(lambda: _("TOTAL"))

    use_language("sv")
    assert copy_context().run(other) == "TOTAL"
    assert _("TOTAL") != "TOTAL"
