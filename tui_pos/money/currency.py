"""The currencies of ISO 4217, with their minor units and their smallest coins."""

from dataclasses import dataclass
from functools import cache

from tui_pos.money.errors import MoneyError


class UnknownCurrency(MoneyError):
    """A code that is no current ISO 4217 currency."""


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency: one unit is 10**exponent minor units; cash comes in multiples of cash_increment_minor."""

    code: str
    exponent: int
    cash_increment_minor: int

    def __post_init__(self) -> None:
        if not 0 <= self.exponent <= 6 or self.cash_increment_minor < 1:
            raise MoneyError(
                f"currency {self.code}: exponent {self.exponent} must be 0 to 6, "
                f"and cash increment {self.cash_increment_minor} at least 1"
            )

    @property
    def number(self) -> str:
        """ISO 4217's three digits for it; empty where this program does not need them."""
        return _NUMBERS.get(self.code, "")


@cache
def currency(code: str) -> Currency:
    """The currency with this ISO 4217 code in capitals. Raises UnknownCurrency."""
    if code not in _CODES:
        raise UnknownCurrency(f"{code[:20]!r} is no ISO 4217 currency: give a code in capitals, like EUR")
    return Currency(code, _EXPONENTS.get(code, 2), _CASH_INCREMENTS_MINOR.get(code, 1))


# List One of ISO 4217, funds included, with the changes up to 2026 (ZWG, XCG and XAD are in; HRK, SLL, CUC,
# ANG, ZWL and BGN are out). Metals, units of account and test codes have no minor unit there: no till
# counts in them.
_LIST_ONE = """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF
    CHE CHF CHW CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP
    GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT
    LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR
    NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN
    SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAD
    XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
"""
_CODES = frozenset(_LIST_ONE.split())

# Minor units as ISO states them, because banks and card gateways count so. CLDR's digits say what people
# still write (HUF, IDR and IQD without decimals): a matter of display, and of the cash increments below.
_WHOLE_UNITS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THOUSANDTHS = "BHD IQD JOD KWD LYD OMR TND"
_TEN_THOUSANDTHS = "CLF UYW"
_EXPONENTS = {
    **dict.fromkeys(_WHOLE_UNITS.split(), 0),
    **dict.fromkeys(_THOUSANDTHS.split(), 3),
    **dict.fromkeys(_TEN_THOUSANDTHS.split(), 4),
}

# Cash rounding by CLDR 48, in ISO's minor units: whole kronor are 100 öre. Some shops round where CLDR
# knows no rule (to 5 cent in Finland and Australia, to 10 in New Zealand): that is for their settings to
# say.
_CASH_IN_WHOLE_UNITS = """
    AFN ALL AMD COP CRC CZK GYD IDR IRR KPW LAK LBP MGA MMK MNT MUR NOK PKR RSD SEK SOS SYP TWD TZS UZS YER
"""
_CASH_INCREMENTS_MINOR = {
    **dict.fromkeys(_CASH_IN_WHOLE_UNITS.split(), 100),
    "CAD": 5,
    "CHF": 5,
    "DKK": 50,
    "HUF": 500,
    "IQD": 1000,
}

# ISO 4217's numbers, which GS1 labels use for a price in a named currency (AI 391n and 393n): those of the
# countries whose tax classes and notes this program knows. A label in another currency is not priced by itself.
_NUMBERS = {
    "AUD": "036", "BRL": "986", "CAD": "124", "CHF": "756", "CNY": "156", "CZK": "203", "DKK": "208", "EUR": "978",
    "GBP": "826", "HKD": "344", "HUF": "348", "INR": "356", "ISK": "352", "JPY": "392", "KRW": "410", "KWD": "414",
    "MXN": "484", "NOK": "578", "NZD": "554", "PLN": "985", "RON": "946", "SEK": "752", "SGD": "702", "TRY": "949",
    "USD": "840", "ZAR": "710",
}  # fmt: skip
