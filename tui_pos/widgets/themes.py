"""The three looks of the till. All other styling is in app.tcss."""

from textual.theme import Theme

THEMES = (
    Theme(
        "till-dark",
        primary="#7aa2f7", secondary="#a9b1d6", accent="#7dcfff", foreground="#d5d9e6", background="#14161e",
        surface="#1b1e2a", panel="#262b3d", success="#9ece6a", warning="#e0af68", error="#f7768e", dark=True,
    ),
    Theme(
        "till-light",
        primary="#1f4fbf", secondary="#44506b", accent="#005f87", foreground="#1c2333", background="#f6f5f1",
        surface="#fffefb", panel="#e4e2da", success="#2a6b1f", warning="#8a5a00", error="#b3202c", dark=False,
    ),
    Theme(
        "till-high-contrast",
        primary="#ffff00", secondary="#ffffff", accent="#00ffff", foreground="#ffffff", background="#000000",
        surface="#000000", panel="#333333", success="#00ff00", warning="#ffff00", error="#ff6060", dark=True,
    ),
)  # fmt: skip
