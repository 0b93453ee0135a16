"""The contract between reports and exports: the keys, and JSON that comes back as it went."""

import datetime as dt
import json
from dataclasses import fields
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_pos.reports.errors import ReportError
from tui_pos.reports.figures import (
    Bounds,
    CashEntry,
    CashFigures,
    CashierFigures,
    Counted,
    CountFigures,
    DepartmentFigures,
    Figures,
    Perpetual,
    ShiftFigures,
    ShopFigures,
    StreamHead,
    TaxFigures,
    TenderFigures,
    from_bytes,
    to_bytes,
)

AMOUNTS = st.integers(-(10**15), 10**15)
COUNTS = st.integers(0, 10**9)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
MOMENTS = st.datetimes(timezones=st.just(dt.UTC))
COUNTED = st.builds(Counted, COUNTS, AMOUNTS)
DECIMALS = st.decimals(-(10**9), 10**9, places=6, allow_nan=False).map(
    lambda number: number if number % 1 else Decimal(int(number))
)
PERCENTS = st.decimals(0, 100, places=4, allow_nan=False)


COUNTED_KEYS = (
    "returns",
    "discounts",
    "voided_lines",
    "voided_sales",
    "price_changes",
    "tenders_taken_back",
    "training",
)


def some(kind: type, *parts: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(st.builds(kind, *parts), max_size=3).map(tuple)


FIGURES = st.builds(
    Figures,
    schema=st.just(2),
    kind=st.sampled_from(["X", "Z", "SHOP"]),
    number=COUNTS,
    shop=st.builds(ShopFigures, TEXTS, st.lists(TEXTS, max_size=3).map(tuple), TEXTS),
    till=TEXTS,
    currency=st.sampled_from(["EUR", "JPY", "KWD"]),
    exponent=st.integers(0, 3),
    prices_include_tax=st.booleans(),
    business_date=st.dates(),
    since=MOMENTS,
    until=MOMENTS,
    software=TEXTS,
    first_receipt=st.none() | COUNTS,
    last_receipt=st.none() | COUNTS,
    **dict.fromkeys(("receipts", "no_sales", "drawer_openings", "copies", "price_checks"), COUNTS),
    **{f"{name}_minor": AMOUNTS for name in ("sales", "returns", "gross", "net", "tax", "cash_rounding")},
    **dict.fromkeys(
        (
            "returns",
            "discounts",
            "voided_lines",
            "voided_sales",
            "price_changes",
            "tenders_taken_back",
            "training",
        ),
        COUNTED,
    ),
    taxes=some(TaxFigures, TEXTS, TEXTS, PERCENTS, AMOUNTS, AMOUNTS, AMOUNTS),
    departments=some(DepartmentFigures, TEXTS, DECIMALS, AMOUNTS),
    tenders=some(TenderFigures, TEXTS, COUNTS, AMOUNTS),
    cashiers=some(CashierFigures, TEXTS, TEXTS, COUNTS, AMOUNTS),
    cash=st.builds(CashFigures, *[AMOUNTS] * 7, st.none() | AMOUNTS, st.none() | AMOUNTS),
    shifts=some(
        ShiftFigures,
        COUNTS,
        TEXTS,
        MOMENTS,
        st.none() | MOMENTS,
        TEXTS,
        st.none() | TEXTS,
        AMOUNTS,
        *[st.none() | AMOUNTS] * 3,
        TEXTS,
        st.none() | AMOUNTS,
        st.none() | AMOUNTS,
        some(CountFigures, MOMENTS, TEXTS, TEXTS, st.booleans(), *[AMOUNTS] * 3, st.booleans()),
    ),
    cash_entries=some(CashEntry, TEXTS, AMOUNTS, TEXTS, TEXTS),
    perpetual=st.builds(Perpetual, *[AMOUNTS] * 4, COUNTS),
    journal=st.dictionaries(TEXTS, st.builds(StreamHead, COUNTS, TEXTS), max_size=3),
    bounds=st.builds(Bounds, COUNTS, COUNTS, COUNTS),
)


@given(FIGURES)
def test_what_is_read_is_what_was_written(figures: Figures) -> None:
    written = to_bytes(figures)
    assert from_bytes(written) == figures
    assert to_bytes(from_bytes(written)) == written


@given(FIGURES)
def test_the_json_is_flat_exact_and_without_floats(figures: Figures) -> None:
    content = json.loads(to_bytes(figures), parse_float=pytest.fail)
    assert content["from"] == figures.since.isoformat(timespec="microseconds")
    assert content["gross_minor"] == figures.gross_minor
    assert [Decimal(each["percent"]) for each in content["taxes"]] == [t.percent for t in figures.taxes]
    assert not {"since", "until"} & set(content)


@given(FIGURES, st.data())
def test_another_shape_is_refused(figures: Figures, data: st.DataObject) -> None:
    content = json.loads(to_bytes(figures))
    later = {field.name for field in fields(Figures) if "schema" in field.metadata}  # older Zs lack them
    key = data.draw(st.sampled_from(sorted(set(content) - later)))
    changes = [
        {**content, "more": 1},
        {name: value for name, value in content.items() if name != key},
        {**content, key: {"what": 1.5}},
    ]
    for changed in changes:
        with pytest.raises(ReportError):
            from_bytes(json.dumps(changed).encode())
