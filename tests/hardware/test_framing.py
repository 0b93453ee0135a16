import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hardware.scanner.framing import MAX_CODE_BYTES, STALE_AFTER_S, Framer, Terminator

PAUSE_S = 0.05


def fed(framer: Framer, *pieces: bytes, now_s: float = 10.0) -> list[str]:
    return [code for piece in pieces for code in framer.feed(piece, now_s)]


@pytest.mark.parametrize(
    ("terminator", "data"),
    [
        ("cr", b"A1\rB2\r"),
        ("cr", b"A1\r\nB2\r\n"),
        ("lf", b"A1\nB2\n"),
        ("lf", b"A1\r\nB2\r\n"),
        ("crlf", b"A1\r\nB2\r\n"),
        ("auto", b"A1\rB2\r"),
        ("auto", b"A1\nB2\n"),
        ("auto", b"A1\r\nB2\r\n"),
        ("auto", b"\x02A1\x03\r\x02B2\x03\r"),
        ("auto", b"\r\n\n\rA1\r\r\n\n\0B2\r\0"),
    ],
)
def test_a_terminator_ends_a_code_and_never_an_empty_one(terminator: Terminator, data: bytes) -> None:
    assert fed(Framer(terminator), data) == ["A1", "B2"]
    assert fed(Framer(terminator), *(bytes([byte]) for byte in data)) == ["A1", "B2"]


def test_a_code_comes_with_its_first_terminator_and_not_later() -> None:
    assert fed(Framer("crlf"), b"A1\r") == ["A1"]


@pytest.mark.parametrize("terminator", ["auto", "none"])
def test_a_pause_ends_a_code(terminator: Terminator) -> None:
    framer = Framer(terminator, PAUSE_S)
    assert framer.deadline_s is None
    assert framer.feed(b"401", 1.0) == []
    assert framer.feed(b"2345", 1.02) == []
    assert framer.deadline_s == pytest.approx(1.02 + PAUSE_S)
    assert framer.flush_if_paused(1.06) == []
    assert framer.flush_if_paused(1.08) == ["4012345"]
    assert framer.deadline_s is None
    assert framer.feed(b"9", 2.0) == []
    assert framer.feed(b"8", 3.0) == ["9"], "the pause counts even if nobody asked in between"


def test_auto_waits_longer_once_it_has_seen_a_terminator() -> None:
    framer = Framer("auto", PAUSE_S)
    assert framer.feed(b"A1\r40", 1.0) == ["A1"]
    assert framer.flush_if_paused(1.0 + 2 * PAUSE_S) == []
    assert framer.feed(b"12\r", 1.2) == ["4012"]
    # The scanner was set up anew and sends none now: slow once, then as quick as before.
    assert framer.feed(b"B2", 2.0) == []
    assert framer.flush_if_paused(2.0 + STALE_AFTER_S) == ["B2"]
    assert framer.feed(b"C3", 4.0) == []
    assert framer.flush_if_paused(4.0 + PAUSE_S) == ["C3"]


def test_a_fragment_that_stays_unfinished_never_joins_the_next_code() -> None:
    framer = Framer("cr")
    assert framer.feed(b"40123", 1.0) == []
    assert framer.feed(b"5449000000996\r", 1.0 + STALE_AFTER_S) == ["5449000000996"]
    assert framer.dropped == 1


def test_without_a_terminator_line_ends_are_noise() -> None:
    framer = Framer("none", PAUSE_S)
    assert framer.feed(b"A\r\nB", 1.0) == []
    assert framer.flush_if_paused(2.0) == ["AB"]


def test_noise_is_left_out_and_fnc1_is_kept() -> None:
    assert fed(Framer("cr"), b"\0\x02]d201\x1d1\x0721\x7fA\x03\r") == ["]d201\x1d121A"]


def test_noise_alone_neither_begins_nor_prolongs_a_code() -> None:
    framer = Framer("none", PAUSE_S)
    assert framer.feed(b"\0\0", 1.0) == []
    assert framer.deadline_s is None
    framer.feed(b"A", 1.0)
    framer.feed(b"\0", 1.04)
    assert framer.flush_if_paused(1.05) == ["A"]


@pytest.mark.parametrize(
    ("data", "text"), [("smörgås €".encode(), "smörgås €"), ("smörgås".encode("latin-1"), "smörgås")]
)
def test_text_is_utf8_or_else_latin1(data: bytes, text: str) -> None:
    assert fed(Framer("cr"), data[:4], data[4:] + b"\r") == [text]


def test_a_hundred_codes_in_one_read() -> None:
    codes = [f"{number:013}" for number in range(100)]
    assert fed(Framer("auto"), "\r\n".join(codes).encode() + b"\r\n") == codes


def test_the_longest_code_is_read_and_a_longer_one_dropped_up_to_its_end() -> None:
    framer = Framer("cr")
    assert fed(framer, b"A" * MAX_CODE_BYTES, b"\r") == ["A" * MAX_CODE_BYTES]
    assert framer.dropped == 0
    assert fed(framer, b"A" * MAX_CODE_BYTES, b"A", b"B" * 100_000, b"C\rD1\r") == ["D1"]
    assert framer.dropped == 1
    assert framer.feed(b"E" * 100_000, 20.0) == []
    assert framer.feed(b"F2\r", 20.0 + STALE_AFTER_S) == ["F2"], "silence ends it too"
    assert framer.dropped == 2


PIECES = st.lists(
    st.one_of(st.binary(max_size=12), st.sampled_from([b"\r", b"\n", b"\r\n", b"40123", b"\x1d"]))
)


@given(
    pieces=PIECES, terminator=st.sampled_from(["auto", "cr", "lf", "crlf", "none"]), repeat=st.integers(1, 3)
)
@example(pieces=[b"A" * MAX_CODE_BYTES, b"A", b"\r", b"1\r"], terminator="auto", repeat=1)
def test_however_the_reads_fall_the_codes_are_the_same(
    pieces: list[bytes], terminator: Terminator, repeat: int
) -> None:
    pieces = pieces * repeat
    whole, parted, single = Framer(terminator), Framer(terminator), Framer(terminator)
    data = b"".join(pieces)
    expected = fed(whole, data) + whole.flush_if_paused(20.0)
    assert fed(parted, *pieces) + parted.flush_if_paused(20.0) == expected
    assert fed(single, *(bytes([byte]) for byte in data)) + single.flush_if_paused(20.0) == expected
    assert whole.dropped == parted.dropped == single.dropped
    assert "" not in expected


@given(
    st.lists(
        st.text(
            st.characters(min_codepoint=0x20, exclude_characters="\x7f", exclude_categories=["Cs"]),
            min_size=1,
        )
    )
)
def test_whatever_text_is_sent_comes_out(codes: list[str]) -> None:
    assert fed(Framer("auto"), "".join(code + "\r\n" for code in codes).encode()) == codes
