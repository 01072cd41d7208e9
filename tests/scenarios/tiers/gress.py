"""Rules in order, with and without ports: for each protocol and direction by itself, and all of them at once.

Of one namespace everything is first accepted, then denied, then handed on; of another one port is denied, then
handed on; of a third one port is accepted and the rest denied. Upstream changes the order of these rules on the
way. A baseline hands nothing on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tests.scenarios.scenario import Statement, allow, deny
from tests.scenarios.tiers.manifests import Policy, Rule, accept, deny_rule, hand_on
from tests.scenarios.tiers.scenario import Scenario

__all__ = ["SCENARIOS", "Gress", "by_name"]


class Gress(NamedTuple):
    """The namespaces that play the parts in one direction."""

    direction: str
    subject: str
    whole: str
    """Of which everything is accepted, denied and handed on."""
    cut: str
    """Of which ``closed`` is denied and handed on."""
    closed: tuple[str, ...]
    narrow: str
    """Of which ``opened`` is accepted, the rest denied."""
    opened: tuple[str, ...]

    def rules(self, moment: int, baseline: bool, named: str = "") -> list[Rule]:
        """As they stand at a moment of the test. ``named`` takes the place of what is ``opened``."""
        whole, cut, narrow = by_name(self.whole), by_name(self.cut), by_name(self.narrow)
        first = [accept(whole), deny_rule(whole), *([] if baseline else [hand_on(whole)])]
        if moment >= 1:
            first[0], first[1] = first[1], first[0]
        if moment >= 2:
            first[0], first[2] = first[2], first[0]
        second = [deny_rule(cut, *self.closed), *([] if baseline else [hand_on(cut, *self.closed)])]
        if moment >= 3:
            second.reverse()
        opened = [named] if named else self.opened
        return [*first, *second, accept(narrow, *opened), deny_rule(narrow)]

    def truth(self, moment: int) -> Iterator[Statement]:
        if moment == 1:
            yield deny(*self._between(self.whole))
        if moment < 3:
            yield deny(*self._between(self.cut), *self.closed)
        yield deny(*self._between(self.narrow))
        yield allow(*self._between(self.narrow), *self.opened)

    def _between(self, other: str) -> tuple[str, str]:
        if self.direction == "egress":
            return f"{self.subject}/*", f"{other}/*"
        return f"{other}/*", f"{self.subject}/*"


def by_name(namespace: str) -> str:
    return f"[{{namespaces: {{matchLabels: {{kubernetes.io/metadata.name: {namespace}}}}}}}]"


MOMENTS = (
    "As the policy was made: what is accepted comes first.",
    "After the rule that denies everything was put first.",
    "After the rule that hands everything on was put first.",
    "After the rule that hands one port on was put before the one that denies it.",
)
SHORT = ("accept", "deny", "pass", "pass-a-port")

Ports = tuple[str, ...]
TCP: Ports = ("TCP 80", "TCP 8080", "UDP 80")
UDP: Ports = ("UDP 53", "UDP 5353", "TCP 53")
SCTP: Ports = ("SCTP 9003", "SCTP 9005", "TCP 9003")
"""Those that upstream tries, and one of another protocol that no port of a rule is about."""

# (part of the test's name, probes, priority of the policy in the Admin tier, directions)
TESTS: tuple[tuple[str, Ports, int, tuple[Gress, ...]], ...] = (
    ("IngressTCP", TCP, 3, (Gress("ingress", "red", "blue", "green", ("TCP 80",), "yellow", ("TCP 80",)),)),
    ("IngressUDP", UDP, 4, (Gress("ingress", "yellow", "blue", "green", ("UDP 5353",), "red", ("UDP 53",)),)),
    (
        "IngressSCTP",
        SCTP,
        5,
        (Gress("ingress", "blue", "red", "green", ("SCTP 9003",), "yellow", ("SCTP 9003",)),),
    ),
    ("EgressTCP", TCP, 6, (Gress("egress", "red", "blue", "green", ("TCP 80",), "yellow", ("TCP 8080",)),)),
    ("EgressUDP", UDP, 7, (Gress("egress", "yellow", "blue", "green", ("UDP 5353",), "red", ("UDP 53",)),)),
    ("EgressSCTP", SCTP, 8, (Gress("egress", "blue", "red", "green", ("SCTP 9003",), "yellow", ("SCTP 9003",)),)),
    (
        "Gress",
        ("TCP 80", "TCP 8080", "UDP 53", "UDP 5353", "SCTP 9003", "SCTP 9005"),
        15,
        (
            Gress(
                "ingress",
                "red",
                "blue",
                "green",
                ("TCP 80", "UDP 53", "SCTP 9003"),
                "yellow",
                ("TCP 80", "UDP 5353", "SCTP 9003"),
            ),
            Gress(
                "egress",
                "red",
                "blue",
                "green",
                ("TCP 80", "UDP 53", "SCTP 9003"),
                "yellow",
                ("TCP 8080", "UDP 5353", "SCTP 9003"),
            ),
        ),
    ),
)  # fmt: skip

SLUGS = {
    "IngressTCP": "ingress-tcp",
    "IngressUDP": "ingress-udp",
    "IngressSCTP": "ingress-sctp",
    "EgressTCP": "egress-tcp",
    "EgressUDP": "egress-udp",
    "EgressSCTP": "egress-sctp",
    "Gress": "both-directions",
}


def policy(
    priority: int, gress: Sequence[Gress], moment: int, baseline: bool, named: str = "", name: str = ""
) -> Policy:
    def rules(direction: str) -> list[Rule]:
        found = [each for each in gress if each.direction == direction]
        return found[0].rules(moment, baseline, named) if found else []

    subject = f"{{namespaces: {{matchLabels: {{kubernetes.io/metadata.name: {gress[0].subject}}}}}}}"
    called = "default" if baseline else name
    return Policy(called, 10 if baseline else priority, subject, rules("ingress"), rules("egress"), baseline)


def in_order(baseline: bool) -> Iterator[Scenario]:
    tier = "Baseline" if baseline else "Admin"
    for test, probes, priority, gress in TESTS:
        for moment in range(2 if baseline else 4):
            slug = SLUGS[test]
            yield Scenario(
                f"{tier.lower()}-{slug}-{SHORT[moment]}",
                f"{tier}{test}",
                [policy(priority, gress, moment, baseline, name=f"{slug}-rules")],
                [statement for each in gress for statement in each.truth(moment)],
                probes,
                MOMENTS[moment],
            )


def with_a_named_port(test: str, of: str, named: str, opened: str, baseline: bool) -> Scenario:
    """The same with a name for the port that is accepted."""
    _, probes, priority, (gress,) = next(each for each in TESTS if each[0] == of)
    tier = "Baseline" if baseline else "Admin"
    return Scenario(
        f"{tier.lower()}-{SLUGS[of].partition('-')[0]}-named-port",
        f"{tier}{test}",
        [policy(priority, (gress,), 0, baseline, named, f"{SLUGS[of]}-rules")],
        [*gress._replace(opened=(opened,)).truth(0)],
        probes,
        f"After the number of the accepted port was replaced by the name {named}.",
    )


SCENARIOS = (
    *in_order(baseline=False),
    *in_order(baseline=True),
    with_a_named_port("EgressNamedPort", "EgressTCP", "web", "TCP 80", baseline=False),
    with_a_named_port("IngressNamedPort", "IngressUDP", "dns", "UDP 53", baseline=False),
    with_a_named_port("EgressNamedPort", "EgressUDP", "dns", "UDP 53", baseline=True),
    with_a_named_port("IngressNamedPort", "IngressTCP", "web", "TCP 80", baseline=True),
)
