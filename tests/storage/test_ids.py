"""Ids are UUIDv7: they sort by time, and no two are the same."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from tui_pos.storage.ids import new_id

MOMENTS = st.datetimes(dt.datetime(2000, 1, 1), dt.datetime(2200, 1, 1), timezones=st.just(dt.UTC))  # noqa: DTZ001


@given(MOMENTS)
def test_an_id_is_a_uuid_of_version_7_made_at_its_time(now: dt.datetime) -> None:
    found = new_id(now)
    assert (found.version, found.variant) == (7, "specified in RFC 4122")
    assert abs((found.int >> 80) - now.timestamp() * 1000) <= 1


@given(MOMENTS, MOMENTS)
def test_ids_sort_by_their_time(one: dt.datetime, other: dt.datetime) -> None:
    if abs(one - other) >= dt.timedelta(milliseconds=2):
        assert (new_id(one) < new_id(other)) == (one < other)


def test_ids_of_one_moment_differ() -> None:
    now = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
    assert len({new_id(now) for _time in range(10_000)}) == 10_000
