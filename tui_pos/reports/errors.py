"""The errors of reports."""


class ReportError(Exception):
    """A report cannot be made or shown. The text says why and what to do; nothing was changed."""
