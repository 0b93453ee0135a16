"""The one base of this room's errors."""


class DrawerError(Exception):
    """What the drawer's rules refuse. The text is for whoever is at the till; nothing was changed."""
