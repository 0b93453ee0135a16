"""How long something takes or has been, in words of the reader's language."""

import datetime as dt

from tui_pos.i18n import ngettext

_MINUTE, _HOUR, _DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)


def span_text(span: dt.timedelta) -> str:
    """Such as `3 days`, `5 hours` or `12 minutes`: whole ones of the largest kind of which there are two or more."""
    if span >= 2 * _DAY:
        count = span // _DAY
        return ngettext("{count} day", "{count} days", count).format(count=count)
    if span >= 2 * _HOUR:
        count = span // _HOUR
        return ngettext("{count} hour", "{count} hours", count).format(count=count)
    count = max(1, round(span / _MINUTE))
    return ngettext("{count} minute", "{count} minutes", count).format(count=count)
