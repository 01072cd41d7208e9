"""The explorer's own two themes, and its own colours for every other theme.

Allow is blue, deny is orange, what is unknown is yellow on dark and plum on light grounds: after Okabe and
Ito, so that they stay apart for every kind of colour blindness, and never red against green. All text keeps a
contrast of at least 4.5 : 1 on every ground of its theme.
"""

from __future__ import annotations

from textual.theme import Theme

__all__ = ["THEMES", "variable_defaults"]

_ON_DARK = {
    "allow": "#56b4e9",
    "deny": "#ee8548",
    "unknown": "#f0e442",
    "name": "#e6ebf4",
    "port": "#8fd0c4",
    "muted": "#93a0b4",
    "mark": "#f0e442",
    "match-foreground": "#11151c",
    "match-background": "#e8d98a",
}
_ON_LIGHT = {
    "allow": "#0062a3",
    "deny": "#a64200",
    "unknown": "#6b1f52",
    "name": "#101a28",
    "port": "#00614f",
    "muted": "#566070",
    "mark": "#6b1f52",
    "match-foreground": "#1c2430",
    "match-background": "#f2dc7a",
}

_DARK = Theme(
    name="netpol-dark",
    dark=True,
    primary="#3f7cac",
    secondary="#7d9cc0",
    accent="#8fc7ee",
    foreground="#d3dae6",
    background="#11151c",
    surface="#171c25",
    panel="#1f2632",
    success="#56b4e9",
    warning="#f0e442",
    error="#ee8548",
    variables=_ON_DARK
    | {
        "block-cursor-foreground": "#ffffff",
        "block-cursor-background": "#2a5b86",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-foreground": "#d3dae6",
        "block-cursor-blurred-background": "#222b38",
        "block-hover-background": "#1a212c",
        "border": "#56b4e9",
        "border-blurred": "#364052",
        "footer-key-foreground": "#8fc7ee",
        "input-selection-background": "#2a5b86",
        "scrollbar": "#364052",
        "scrollbar-hover": "#4a5770",
        "scrollbar-active": "#56b4e9",
        "scrollbar-background": "#11151c",
    },
)

_LIGHT = Theme(
    name="netpol-light",
    dark=False,
    primary="#0062a3",
    secondary="#4a6a8a",
    accent="#00547f",
    foreground="#1c2430",
    background="#fafaf7",
    surface="#f1f2ee",
    panel="#e4e7ea",
    success="#0062a3",
    warning="#6b1f52",
    error="#a64200",
    variables=_ON_LIGHT
    | {
        "block-cursor-foreground": "#ffffff",
        "block-cursor-background": "#1f5f93",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-foreground": "#1c2430",
        "block-cursor-blurred-background": "#dfe6ec",
        "block-hover-background": "#ecefee",
        "border": "#0062a3",
        "border-blurred": "#b9c0c8",
        "footer-key-foreground": "#00547f",
        "input-selection-background": "#b9d6ec",
        "scrollbar": "#b9c0c8",
        "scrollbar-hover": "#98a2ae",
        "scrollbar-active": "#0062a3",
        "scrollbar-background": "#fafaf7",
    },
)

THEMES = (_DARK, _LIGHT)
"""The first is the one that the program starts with."""


def variable_defaults(dark: bool = True) -> dict[str, str]:
    """The CSS variables that the explorer's widgets use beyond Textual's, for themes that do not set them:
    what :meth:`textual.app.App.get_theme_variable_defaults` has to return. ``dark`` tells the ground."""
    return dict(_ON_DARK if dark else _ON_LIGHT)
