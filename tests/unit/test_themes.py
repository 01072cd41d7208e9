"""Colours are legible, and tell allow, deny and unknown apart for every eye."""

from __future__ import annotations

from itertools import combinations

import pytest
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

from tui.themes import THEMES, variable_defaults

# Machado, Oliveira and Fernandes (2009): what a dichromat sees, in linear RGB.
_EYES = {
    "full": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": ((0.152, 1.053, -0.205), (0.115, 0.786, 0.099), (-0.004, -0.048, 1.052)),
    "deutan": ((0.367, 0.861, -0.228), (0.280, 0.673, 0.047), (-0.012, 0.043, 0.969)),
    "tritan": ((1.256, -0.077, -0.179), (-0.078, 0.931, 0.148), (0.005, 0.691, 0.304)),
}


def _linear(color: Color) -> tuple[float, ...]:
    def channel(value: int) -> float:
        part = value / 255
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    return tuple(map(channel, color.rgb))


def _luminance(color: Color) -> float:
    red, green, blue = _linear(color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """As WCAG 2 defines it."""
    low, high = sorted((_luminance(Color.parse(one)), _luminance(Color.parse(other))))
    return (high + 0.05) / (low + 0.05)


def _lab(color: str, eye: str) -> tuple[float, float, float]:
    linear = _linear(Color.parse(color))
    red, green, blue = (
        min(1.0, max(0.0, sum(a * b for a, b in zip(row, linear, strict=True)))) for row in _EYES[eye]
    )
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089
    fx, fy, fz = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
@pytest.mark.parametrize("name", ["foreground", "accent", *variable_defaults()])
def test_text_is_legible_on_every_ground(theme: Theme, name: str) -> None:
    colors = theme.to_color_system().generate() | theme.variables
    grounds = ["match-background"] if name == "match-foreground" else ["background", "surface", "panel"]
    if name != "match-background":
        assert min(contrast(colors[name], colors[ground]) for ground in grounds) >= 4.5


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
@pytest.mark.parametrize("state", ["block-cursor", "block-cursor-blurred"])
def test_cursor_row_is_legible(theme: Theme, state: str) -> None:
    assert contrast(theme.variables[f"{state}-foreground"], theme.variables[f"{state}-background"]) >= 4.5


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
@pytest.mark.parametrize("name", ["allow", "deny", "unknown", "port", "name", "muted", "mark"])
def test_roles_are_legible_on_a_cursor_row_without_the_keyboard(theme: Theme, name: str) -> None:
    assert contrast(theme.variables[name], theme.variables["block-cursor-blurred-background"]) >= 4.5


@pytest.mark.parametrize("dark", [True, False], ids=["dark", "light"])
@pytest.mark.parametrize("eye", _EYES)
def test_verdicts_stay_apart_for_the_colour_blind(dark: bool, eye: str) -> None:
    colors = variable_defaults(dark)
    for one, other in combinations(("allow", "deny", "unknown"), 2):
        pairs = zip(_lab(colors[one], eye), _lab(colors[other], eye), strict=True)
        # 2 is a just noticeable difference in CIELAB.
        assert sum((a - b) ** 2 for a, b in pairs) ** 0.5 >= 25, (one, other)


@pytest.mark.parametrize(
    "theme", [t for t in BUILTIN_THEMES.values() if not t.ansi], ids=lambda theme: theme.name
)
def test_verdicts_are_legible_in_the_themes_of_others(theme: Theme) -> None:
    ground = theme.to_color_system().generate()["background"]
    colors = variable_defaults(theme.dark)
    assert min(contrast(colors[name], ground) for name in ("allow", "deny", "unknown", "name")) >= 4.5
