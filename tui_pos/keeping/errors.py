"""How safe keeping fails, and the words for what a disk says."""

from tui_pos.i18n import _


class KeepingError(Exception):
    """No copy was made, or none was brought back. The text says why, and what to do."""


class BackupRunning(Exception):
    """Another program is making a backup of the same till in this folder."""


def why(error: Exception) -> str:
    """Why a folder does not take or give a file, for whoever must see to it."""
    said = str(error).casefold()
    if isinstance(error, BackupRunning):
        return _("another backup is being written there")
    if isinstance(error, FileNotFoundError):
        return _("it is not there")
    if isinstance(error, NotADirectoryError):
        return _("it is no folder")
    if isinstance(error, IsADirectoryError):
        return _("it is a folder")
    if "full" in said or "no space" in said or "quota" in said or "file too large" in said:
        return _("the disk there is full")
    if "readonly" in said or "read-only" in said:
        return _("nothing can be written there: the disk can only be read")
    if isinstance(error, PermissionError):
        return _("this user may not: see to its rights")
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return str(error)
