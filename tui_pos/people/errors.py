"""The one base of this room's errors."""


class PeopleError(Exception):
    """What the rules of people refuse. The text is for whoever is at the till; nothing was changed."""
