"""The help page: what can be typed, and every action with its key."""

from collections.abc import Iterable

from rich.cells import cell_len

from tui_pos.i18n import _


def lines(actions: Iterable[tuple[str, str, str]]) -> list[str]:
    """The page's lines; `actions` are their typed names, keys and titles."""
    entries = (
        ("5449000000996", _("sell by barcode or short code")),
        ("3*5449000000996", _("sell three; 0.350*… sells a weight")),
        (_("oat dr"), _("find by a part of the name; ↑ ↓ choose")),
        ("-10%  -1.50  =2.99", _("discount or new price, chosen line")),
        ("--10%  --5.00", _("discount, whole sale; --0 takes it back")),
        ("*5  +  -", _("quantity: five, one more, one fewer")),
        (_("Enter"), _("on an empty line: pay")),
        ("↑ ↓", _("choose a line")),
        ("Esc", _("clear the entry, leave a window")),
    )
    rows = [_pair(left, right, 22) for left, right in entries]
    listed = [_pair(f"{name:<12} {key:<8}", title, 22) for name, key, title in actions]
    return [
        _("Type, then Enter"),
        "",
        *rows,
        "",
        _("Actions: type / and a name, or press the key"),
        "",
        *listed,
    ]


def _pair(left: str, right: str, width: int) -> str:
    return f"  {left}{' ' * max(1, width - cell_len(left))}{right}"
