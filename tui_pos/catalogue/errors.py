"""The one base of what can be wrong with the catalogue."""


class CatalogueError(ValueError):
    """Something the catalogue cannot hold or do; the text is for the person at the till."""
