"""The one base of what can be wrong with money. In plain English: whoever faces a person words it anew."""


class MoneyError(ValueError):
    """An amount, a rate, a discount or a rounding that cannot be."""
