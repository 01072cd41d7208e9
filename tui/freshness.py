"""How fresh what is shown is, in words."""

from __future__ import annotations

import time
from dataclasses import dataclass

from policy_core.health import Feed, Health, KindHealth
from policy_core.report.document import Role

__all__ = [
    "CONNECTING",
    "Freshness",
    "age",
    "ages",
    "clock_time",
    "complaint",
    "freshness",
    "oldest",
    "short",
]

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
    """``sign`` and ``text`` say it without colour; ``role`` is the colour that goes with them. ``hint``: what
    can be done about it in the explorer."""

    sign: str
    text: str
    role: Role
    hint: str = ""


CONNECTING = Freshness("◍", "connecting…", Role.UNKNOWN)
"""Nothing was read yet."""


def age(seconds: float) -> str:
    """``3s``, ``5m``, ``2h``, ``4d``."""
    whole = max(0, int(seconds))
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if whole >= size:
            return f"{whole // size}{unit}"
    return f"{whole}s"


def clock_time(seconds: float) -> str:
    """``10:42:07``, here. ``seconds`` as time.time() counts them."""
    return time.strftime("%H:%M:%S", time.localtime(seconds))


def short(kind: KindHealth) -> str:
    """The kind as a list of ages has room for it."""
    return _SHORT.get(kind.resource.partition(".")[0], kind.resource.partition(".")[0])


def freshness(health: Health, now: float, paused: float | None, missed: int) -> Freshness:
    """``paused`` is since when the screen stands still, ``missed`` how many objects have changed since."""
    if paused is not None:
        changed = f", {missed:,} changed" if missed else ""
        return Freshness("‖", f"paused {age(now - paused)}{changed}", Role.UNKNOWN, "p goes on")
    lost = health.lost
    if lost:
        heard = [kind.heard for kind in lost if kind.heard]  # what was never read is not old
        since = f" {age(now - min(heard))}" if heard else ""
        return Freshness("◌", f"stale{since}", Role.DENY)
    if any(kind.feed is Feed.LISTING for kind in health.kinds):
        return Freshness("◍", "reading again", Role.UNKNOWN)
    return Freshness("●", "live", Role.ALLOW)


def _followed(health: Health) -> list[KindHealth]:
    return [kind for kind in health.kinds if kind.feed is not Feed.NONE and kind.heard]


def ages(health: Health, now: float) -> list[str]:
    """How long ago the server last spoke of each kind that is followed."""
    return [f"{short(kind)} {age(now - kind.heard)}" for kind in _followed(health)]


def oldest(health: Health, now: float) -> str:
    """The same where there is no room for more than the kind that was heard the longest ago."""
    kind = min(_followed(health), key=lambda kind: kind.heard, default=None)
    return f"{short(kind)} {age(now - kind.heard)}" if kind else ""


def complaint(health: Health, now: float) -> str:
    """Why what is shown may be out of date; empty where it is not."""
    lost = health.lost
    if not lost:
        return ""
    followed = sum(kind.feed is not Feed.NONE for kind in health.kinds)
    what = "everything" if len(lost) == followed else ", ".join(map(short, lost))
    if not lost[0].heard:
        return f"{what} could not be read yet, trying again: {lost[0].error}"
    return f"{what} {age(now - lost[0].heard)} old, trying again: {lost[0].error}"
