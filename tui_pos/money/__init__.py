"""Amounts, rounding, tax and discounts: pure functions over whole minor units, and no float."""
