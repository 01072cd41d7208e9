"""The look of each role, for every widget that draws roles."""

from __future__ import annotations

from policy_core.report.document import Role

__all__ = ["ROLE_CLASSES", "ROLE_CSS", "role_class"]


def role_class(role: str) -> str:
    """The component class that colours a role."""
    return f"role--{role}"


ROLE_CLASSES = {role_class(role) for role in Role}
"""Component classes of a widget that draws roles."""

ROLE_CSS = """
    & > .role--muted { color: $muted; }
    & > .role--name { color: $name; }
    & > .role--port { color: $port; }
    & > .role--allow { color: $allow; }
    & > .role--deny { color: $deny; }
    & > .role--unknown { color: $unknown; }
    &:nocolor > .role--allow, &:nocolor > .role--deny, &:nocolor > .role--unknown { text-style: bold; }
"""
"""To be nested in the widget's own DEFAULT_CSS, before the states that are laid over a role. Without colours
verdicts are bold, since their greys would be dimmer than plain text."""
