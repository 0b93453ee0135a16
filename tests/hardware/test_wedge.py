from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.scanner.wedge import Outcome, Pressed, Scanned, Typed, WedgeDetector

CODE = "5449000000996"


class Desk:
    """A person, a scanner and a timer before one detector. Times in seconds."""

    def __init__(self) -> None:
        self.detector = WedgeDetector()
        self.now_s = 100.0
        self.outcomes: list[Outcome] = []
        self.longest_hold_s = 0.0

    def wait(self, seconds: float) -> "Desk":
        until_s = self.now_s + seconds
        while (due_s := self.detector.deadline_s) is not None and due_s <= until_s:
            self.now_s = max(self.now_s, due_s)
            self.outcomes += self.detector.release(self.now_s)
        self.now_s = until_s
        return self

    def press(self, keys: Iterable[str], gap_s: float = 0.12) -> "Desk":
        for key in keys:
            self.wait(gap_s)
            self.outcomes += self.detector.key(key, self.now_s)
        return self

    def scan(self, code: str = CODE, gap_s: float = 0.005, end: tuple[str, ...] = ("enter",)) -> "Desk":
        return self.press([*code, *end], gap_s)

    def done(self) -> list[Outcome]:
        """All outcomes, text put together and taken back as the entry line would."""
        self.wait(1.0)
        joined: list[Outcome] = []
        for outcome in self.outcomes:
            if isinstance(outcome, Scanned) and outcome.typed_before:
                last = joined.pop()
                assert isinstance(last, Typed)
                assert last.text.endswith(outcome.code[: outcome.typed_before])
                if kept := last.text[: -outcome.typed_before]:
                    joined.append(Typed(kept))
                joined.append(Scanned(outcome.code))
            elif isinstance(outcome, Typed) and joined and isinstance(joined[-1], Typed):
                joined[-1] = Typed(joined[-1].text + outcome.text)
            else:
                joined.append(outcome)
        return joined


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.mark.parametrize("gap_s", [0.0, 0.001, 0.005, 0.016, 0.03])
@pytest.mark.parametrize("end", [("enter",), ("tab",), ("enter", "enter"), ()])
def test_a_burst_is_a_scan_however_it_ends(desk: Desk, gap_s: float, end: tuple[str, ...]) -> None:
    assert desk.wait(1.0).scan(gap_s=gap_s, end=end).done() == [Scanned(CODE)]
    assert not any(isinstance(outcome, Typed) for outcome in desk.outcomes), "nothing flickers up"


def test_typing_is_typing_and_shows_at_once(desk: Desk) -> None:
    assert desk.press([*"3*rye", "left", "enter"]).done() == [
        Typed("3*rye"),
        Pressed("left"),
        Pressed("enter"),
    ]
    desk.press("a").wait(0.036)
    assert desk.outcomes[-1] == Typed("a")


def test_keys_that_are_no_characters_are_never_held(desk: Desk) -> None:
    desk.press(["f2"])
    assert desk.outcomes == [Pressed("f2")]
    desk.press(["a"]).press(["delete"], gap_s=0.01)
    assert desk.outcomes == [Pressed("f2"), Typed("a"), Pressed("delete")]


def test_what_was_typed_before_a_scan_stays_typed(desk: Desk) -> None:
    assert desk.press("3*").wait(0.2).scan().done() == [Typed("3*"), Scanned(CODE)]


def test_what_is_typed_after_a_scan_is_typed(desk: Desk) -> None:
    desk.scan().wait(0.3).press(["4", "enter"])
    assert desk.done() == [Scanned(CODE), Typed("4"), Pressed("enter")]


def test_scans_one_after_another(desk: Desk) -> None:
    for number in range(100):
        desk.scan(f"54490000{number:05}", gap_s=0.0, end=("enter", "enter"))
    assert desk.done() == [Scanned(f"54490000{number:05}") for number in range(100)]


def test_a_burst_with_a_stall_in_it_is_one_scan(desk: Desk) -> None:
    desk.scan(CODE[:5], 0.005, end=()).wait(0.08).scan(CODE[5:], 0.0, end=()).wait(0.08).press(["enter"], 0.0)
    assert desk.done() == [Scanned(CODE)]


def test_what_looked_like_a_key_held_down_is_taken_back_when_it_was_a_code(desk: Desk) -> None:
    desk.scan("000000", 0.033, end=())
    assert desk.outcomes == [Typed("00000")]
    desk.scan("12345", 0.033)
    assert Scanned("00000012345", typed_before=6) in desk.outcomes
    assert desk.done() == [Scanned("00000012345")]


def test_leading_zeros_at_scanner_speed_are_held(desk: Desk) -> None:
    desk.scan("00000000012348", 0.01)
    assert desk.outcomes == [Scanned("00000000012348")]


def test_a_key_held_down_is_typing_and_flows(desk: Desk) -> None:
    desk.press("9").wait(0.4)
    for _ in range(30):
        desk.press("9", gap_s=0.03)
    shown = sum(len(outcome.text) for outcome in desk.outcomes if isinstance(outcome, Typed))
    assert shown >= 29
    assert desk.press(["enter"]).done() == [Typed("9" * 31), Pressed("enter")]


def test_a_roll_over_three_keys_is_typing(desk: Desk) -> None:
    desk.press("the", gap_s=0.02).wait(0.1).press("cat", gap_s=0.03).press(["enter"])
    assert desk.done() == [Typed("thecat"), Pressed("enter")]


def test_a_short_code_counts_if_it_came_one_by_one(desk: Desk) -> None:
    assert desk.scan("4711", 0.005).done() == [Scanned("4711")]


def test_a_short_code_in_one_read_is_a_scan_too_so_that_it_never_becomes_an_amount(desk: Desk) -> None:
    desk.wait(1.0).scan("4711", 0.0)
    assert desk.done() == [Scanned("4711")]


def test_the_lf_behind_a_code_too_short_for_a_scan_is_no_second_enter(desk: Desk) -> None:
    desk.scan("47", 0.005, end=("enter", "enter"))
    assert desk.done() == [Typed("47"), Pressed("enter")]


def test_enter_held_down_is_pressed_once(desk: Desk) -> None:
    desk.press(["enter"] * 20, gap_s=0.03)
    assert desk.done() == [Pressed("enter")]
    assert desk.press(["enter"]).done() == [Pressed("enter")] * 2


def test_an_enter_long_after_a_scan_is_a_persons(desk: Desk) -> None:
    assert desk.scan().wait(0.2).press(["enter"]).done() == [Scanned(CODE), Pressed("enter")]


def test_fnc1_within_a_code_is_kept(desk: Desk) -> None:
    code = "]d2010544900000099610A1\x1d17270228"
    assert desk.scan(code).done() == [Scanned(code)]


def test_a_pile_of_keys_is_bounded(desk: Desk) -> None:
    desk.press("ab" * 5000, gap_s=0.0)
    assert len(desk.detector._run) <= 4296


CHARACTERS = st.characters(min_codepoint=0x20, max_codepoint=0x17F, exclude_characters="\x7f")
HUMAN_GAPS = st.floats(0.06, 2.0)
HUMAN_KEYS = st.one_of(CHARACTERS, st.sampled_from(["enter", "tab", "left", "backspace", *"0123456789"]))


@given(st.lists(st.tuples(HUMAN_KEYS, HUMAN_GAPS), max_size=40))
def test_a_person_is_never_a_scanner(strokes: list[tuple[str, float]]) -> None:
    desk = Desk()
    for key, gap_s in strokes:
        desk.press([key], gap_s)
        desk.wait(0.0351)
        assert desk.detector.deadline_s is None, "a key is held for 35 ms at most"
        desk.now_s -= 0.0351
    typed = "".join(outcome.text for outcome in desk.outcomes if isinstance(outcome, Typed))
    pressed = [outcome.key for outcome in desk.outcomes if isinstance(outcome, Pressed)]
    assert typed == "".join(key for key, _ in strokes if len(key) == 1)
    assert pressed == [key for key, _ in strokes if len(key) > 1]


BURSTS = st.lists(CHARACTERS, min_size=6, max_size=60).filter(lambda code: len(set(code)) > 1)


@given(
    BURSTS,
    st.data(),
    st.sampled_from(["", "3*", "ab"]),
    st.sampled_from([("enter",), ("enter", "enter"), ("tab",)]),
)
def test_a_scanner_is_always_a_scanner(
    code: list[str], data: st.DataObject, before: str, end: tuple[str, ...]
) -> None:
    desk = Desk().press(before).wait(0.2)
    for key in [*code, *end]:
        desk.press([key], data.draw(st.floats(0.001, 0.02)))
    expected: list[Outcome] = [Typed(before)] if before else []
    assert desk.done() == [*expected, Scanned("".join(code))]


@given(st.lists(st.tuples(HUMAN_KEYS, st.floats(0.0, 0.3)), max_size=60))
def test_no_character_is_ever_lost_or_doubled(strokes: list[tuple[str, float]]) -> None:
    desk = Desk()
    for key, gap_s in strokes:
        desk.press([key], gap_s)
    text = "".join(
        outcome.text if isinstance(outcome, Typed) else outcome.code
        for outcome in desk.done()
        if not isinstance(outcome, Pressed)
    )
    assert text == "".join(key for key, _ in strokes if len(key) == 1)
