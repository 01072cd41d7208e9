"""How fresh what is shown is, in words."""

from __future__ import annotations

import pytest

from policy_core.health import Feed, Health, KindHealth
from policy_core.report.document import Role
from tui.freshness import Freshness, age, ages, complaint, freshness, oldest

NOW = 1_750_000_000.0


def kind(name: str, feed: Feed = Feed.LIVE, ago: float | None = 0, error: str = "") -> KindHealth:
    return KindHealth(name, name, feed, 1, 0.0 if ago is None else NOW - ago, error)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "0s"),
        (0, "0s"),
        (59.9, "59s"),
        (60, "1m"),
        (3_599, "59m"),
        (3_600, "1h"),
        (86_399, "23h"),
        (86_400, "1d"),
        (10 * 86_400, "10d"),
    ],
)
def test_an_age_has_one_unit(seconds: float, text: str) -> None:
    assert age(seconds) == text


def test_ages_are_of_the_kinds_that_are_followed() -> None:
    health = Health(
        (
            kind("namespaces", ago=3),
            kind("services", ago=12),
            kind("networkpolicies.networking.k8s.io", ago=75),
            kind("nodes", Feed.NONE),
            kind("pods", Feed.LISTING, None),
        )
    )
    assert ages(health, NOW) == ["ns 3s", "svc 12s", "netpol 1m"]
    assert oldest(health, NOW) == "netpol 1m"
    assert oldest(Health(), NOW) == ""


def test_each_state_has_a_sign_of_its_own() -> None:
    live, listing = Health((kind("pods"),)), Health((kind("pods", Feed.LISTING),))
    lost = Health((kind("pods", Feed.LOST, 42), kind("nodes")))
    found = [
        freshness(live, NOW, None, 0),
        freshness(listing, NOW, None, 0),
        freshness(lost, NOW, None, 0),
        freshness(live, NOW, NOW - 61, 1_204),
        freshness(lost, NOW, NOW, 0),
    ]
    assert found == [
        Freshness("●", "live", Role.ALLOW),
        Freshness("◍", "reading again", Role.UNKNOWN),
        Freshness("◌", "stale 42s", Role.DENY),
        Freshness("‖", "paused 1m, 1,204 changed", Role.UNKNOWN, "p goes on"),
        Freshness("‖", "paused 0s", Role.UNKNOWN, "p goes on"),
    ]


def test_what_was_never_heard_has_no_age() -> None:
    health = Health((kind("pods", Feed.LOST, None, "refused"), kind("nodes")))
    assert freshness(health, NOW, None, 0).text == "stale"
    assert complaint(health, NOW) == "pods could not be read yet, trying again: refused"


def test_a_complaint_tells_which_kinds_and_why() -> None:
    some = Health((kind("pods", Feed.LOST, 42, "refused"), kind("nodes"), kind("ingresses", Feed.NONE)))
    every = Health((kind("pods", Feed.LOST, 42, "refused"), kind("ingresses", Feed.NONE)))
    assert complaint(some, NOW) == "pods 42s old, trying again: refused"
    assert complaint(every, NOW) == "everything 42s old, trying again: refused"
    assert complaint(Health((kind("pods"),)), NOW) == ""
