"""What hypothesis draws money from."""

from decimal import Decimal

from hypothesis import strategies as st

from tui_pos.money.discount import AmountOff, PercentOff

DISCOUNTS = st.one_of(
    st.integers(1, 10**12).map(AmountOff),
    st.integers(1, 100_0000).map(lambda n: PercentOff(Decimal(n).scaleb(-4))),
)
