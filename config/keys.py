"""Keys that an action may be given: those that arrive from every terminal, and that the till needs for nothing else."""

_ENTRY_LINE = "it moves or edits in the entry line"
_CHOOSES = "it chooses a line"
_ENDS = "it ends what is typed or scanned"
_TAKEN = {
    "enter": _ENDS,
    "tab": _ENDS,
    "escape": "it goes back",
    "space": "it types something",
    "backspace": _ENTRY_LINE,
    "left": _ENTRY_LINE,
    "right": _ENTRY_LINE,
    "home": _ENTRY_LINE,
    "end": _ENTRY_LINE,
    "up": _CHOOSES,
    "down": _CHOOSES,
    "pageup": _CHOOSES,
    "pagedown": _CHOOSES,
    "ctrl+u": _ENTRY_LINE,
    "ctrl+h": "terminals send the same for Backspace",
    "ctrl+i": "terminals send the same for Tab",
    "ctrl+j": "scanners end a code with it",
    "ctrl+m": "terminals send the same for Enter",
}
"""Keys that no action can have, each with the reason."""

_NO_MODIFIER = ("enter", "tab", "escape", "space", "backspace")
"""Most terminals send the same for these, whatever is held with them."""

_SPELT = {"?": "question_mark", "del": "delete", "ins": "insert", "esc": "escape", "return": "enter"}
_FUNCTION_KEYS = tuple(f"f{number}" for number in range(1, 25))
_NAMED = ("delete", "insert", *_FUNCTION_KEYS)
_MODIFIERS = ("alt", "ctrl", "shift")


def read_key(text: str) -> str:
    """A key as the terminal's reader names it: `F2` is f2, `Ctrl+X` ctrl+x, `?` question_mark.

    Raises ValueError saying what is allowed.
    """
    *modifiers, name = text.strip().casefold().split("+") if text != "+" else [text]
    name = _SPELT.get(name, name)
    key = "+".join([*sorted(modifiers), name])
    if key == "question_mark":
        return key
    if not modifiers and len(name) == 1:
        raise ValueError(f"a key that types nothing, such as f2 or ctrl+p: {name} is for the entry line")
    why = _TAKEN.get(key) or (name in _NO_MODIFIER and f"terminals send the same for {name} alone")
    if why:
        raise ValueError(f"any key but {key}: {why}")
    if not _arrives(modifiers, name):
        raise ValueError("a key such as f2, ctrl+p, delete or ?")
    return key


def _arrives(modifiers: list[str], name: str) -> bool:
    """Whether terminals tell this key from others."""
    if len(set(modifiers)) != len(modifiers) or not set(modifiers) <= set(_MODIFIERS):
        return False
    if (
        modifiers == ["ctrl"] and len(name) == 1
    ):  # of digits and signs, Ctrl changes nothing on most terminals
        return "a" <= name <= "z"
    if len(name) == 1:
        return modifiers == ["alt"] and name.isascii() and name.isalnum()
    return name in _NAMED or (name in _TAKEN and bool(modifiers))
