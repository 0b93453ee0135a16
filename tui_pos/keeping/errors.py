"""How safe keeping fails."""


class KeepingError(Exception):
    """No copy was made, or none was brought back. The text says why, and what to do."""
