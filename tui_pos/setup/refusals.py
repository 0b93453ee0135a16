"""What the settings' own checks say of an answer, in the language of who answers."""

from tui_pos.i18n import _


def in_words(allowed: str) -> str:
    """What is allowed instead; `config` speaks English, and what is not among `known` texts stays so."""
    return known().get(allowed, allowed)


def known() -> dict[str, str]:
    """The texts of `config` and the settings' check for what can be typed in a set-up."""
    return {
        "allowed is three letters such as EUR, SEK or GBP": _(
            "allowed is three letters such as EUR, SEK or GBP"
        ),
        "allowed is a currency of ISO 4217, such as EUR, SEK or GBP": _(
            "allowed is a currency of ISO 4217, such as EUR, SEK or GBP"
        ),
        "allowed is up to 40 letters (A-Z, a-z), digits, hyphens and underscores": _(
            "allowed is up to 40 letters (A-Z, a-z), digits, hyphens and underscores"
        ),
        "allowed is names of up to 20 letters, digits and hyphens": _(
            "allowed is names of up to 20 letters, digits and hyphens"
        ),
        "allowed is names that differ from each other": _("allowed is names that differ from each other"),
        "allowed is a whole number": _("allowed is a whole number"),
        "allowed is a path from the root or from ~: the till may be started in any folder": _(
            "allowed is a path from the root or from ~: the till may be started in any folder"
        ),
        "allowed is vendor:product such as 04b8:0e15": _("allowed is vendor:product such as 04b8:0e15"),
        "is missing: as many as there are names, or none": _(
            "is missing: as many as there are names, or none"
        ),
        "is missing: a serial port, since kind is serial": _(
            "is missing: a serial port, since kind is serial"
        ),
        "is missing: a name or address, since kind is network": _(
            "is missing: a name or address, since kind is network"
        ),
        "is missing: a device or file, since kind is file": _(
            "is missing: a device or file, since kind is file"
        ),
        "is missing: such as 04b8:0e15, since kind is usb": _(
            "is missing: such as 04b8:0e15, since kind is usb"
        ),
    }
