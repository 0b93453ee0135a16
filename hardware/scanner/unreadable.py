"""What can be wrong with a code."""

from enum import StrEnum


class Reason(StrEnum):
    """Why a code cannot be sold by, as far as the code itself tells."""

    EMPTY = "empty"
    WRONG_CHECK_DIGIT = "wrong check digit"
    MALFORMED = "against the rules of GS1"
    NO_PRODUCT = "names no product"
    UNSUPPORTED = "of an unknown kind"
    SUPPLEMENT = "only the supplement of a code"


class UnreadableSymbol(Exception):
    """A code that nothing is sold by. The text says what is wrong with it, in English, for the log.

    A shop may have given such a code to a product itself: look it up before it is read.
    """

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class WrongCheckDigit(UnreadableSymbol):
    """A number that was misread, mistyped or misprinted: never the product that it nearly names."""

    def __init__(self, digits: str) -> None:
        super().__init__(Reason.WRONG_CHECK_DIGIT, f"{digits} has a wrong check digit")
