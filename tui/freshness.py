"""How fresh what is shown is, in words."""

from __future__ import annotations

from dataclasses import dataclass

from policy_core.health import Feed, Health, KindHealth
from policy_core.report.document import Role

__all__ = ["Freshness", "age", "ages", "complaint", "freshness", "short"]

_SHORT = {
    "namespaces": "ns",
    "pods": "pods",
    "services": "svc",
    "endpointslices": "eps",
    "networkpolicies": "netpol",
    "nodes": "nodes",
    "ingresses": "ing",
}
"""What kubectl's users call them."""


@dataclass(frozen=True, slots=True)
class Freshness:
    """``sign`` and ``text`` say it without colour; ``role`` is the colour that goes with them."""

    sign: str
    text: str
    role: Role


def age(seconds: float) -> str:
    """``3s``, ``5m``, ``2h``, ``4d``."""
    whole = max(0, int(seconds))
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if whole >= size:
            return f"{whole // size}{unit}"
    return f"{whole}s"


def short(kind: KindHealth) -> str:
    """The kind as a list of ages has room for it."""
    return _SHORT.get(kind.resource.partition(".")[0], kind.resource.partition(".")[0])


def freshness(health: Health, now: float, paused: float | None, missed: int) -> Freshness:
    """``paused`` is since when the screen stands still, ``missed`` how many objects have changed since."""
    if paused is not None:
        changed = f", {missed:,} changed" if missed else ""
        return Freshness("‖", f"paused {age(now - paused)}{changed}", Role.UNKNOWN)
    lost = health.lost
    if lost:
        return Freshness("◌", f"stale {age(now - lost[0].heard)}", Role.DENY)
    if any(kind.feed is Feed.LISTING for kind in health.kinds):
        return Freshness("◍", "reading again", Role.UNKNOWN)
    return Freshness("●", "live", Role.ALLOW)


def ages(health: Health, now: float) -> list[str]:
    """How long ago the server last spoke of each kind that is followed."""
    return [
        f"{short(kind)} {age(now - kind.heard)}"
        for kind in health.kinds
        if kind.feed is not Feed.NONE and kind.heard
    ]


def complaint(health: Health, now: float) -> str:
    """Why what is shown may be out of date; empty where it is not."""
    lost = health.lost
    if not lost:
        return ""
    followed = sum(kind.feed is not Feed.NONE for kind in health.kinds)
    what = "everything" if len(lost) == followed else ", ".join(map(short, lost))
    known = f"the last known is shown, {what} {age(now - lost[0].heard)} old"
    return f"{lost[0].error} · {known} · trying again"
