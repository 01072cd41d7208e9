"""Blocks of addresses, each test once for IPv4 and once for IPv6, as upstream runs on either."""

from __future__ import annotations

from typing import NamedTuple

from tests.scenarios.scenario import Scenario, Statement, allow, deny, policy

__all__ = ["SCENARIOS"]

NETPOL = "Netpol NetworkPolicy between server and client "
LEGACY = "NetworkPolicyLegacy [LinuxOnly] NetworkPolicy between server and client "
OVERLAPPING = "should ensure an IP overlapping both IPBlock.CIDR and IPBlock.Except is allowed"
NAME = "allow-client-a-via-cidr-egress-rule"


class Family(NamedTuple):
    suffix: str
    pod_xb: str
    pod_yb: str
    wide: str
    """The block of four bits that every pod's address lies in."""
    inside: str
    """An address of that block that is no pod's."""
    beyond: str
    """An address outside that block."""
    ipv6: bool


IPV4 = Family("", "10.0.1.2/32", "10.0.2.2/32", "0.0.0.0/4", "10.9.9.9", "203.0.113.7", False)
IPV6 = Family("-ipv6", "fd00::1:2/128", "fd00::2:2/128", "f000::/4", "fd00::9:9", "2001:db8::7", True)


def scenarios(family: Family) -> tuple[Scenario, ...]:
    def scenario(
        slug: str, test: str, blocks: list[str], truth: list[Statement], stage: str = ""
    ) -> Scenario:
        spec = "{{podSelector: {{matchLabels: {{pod: a}}}}, policyTypes: [Egress], egress: [{{to: [{}]}}]}}"
        names = [NAME, f"{NAME}-2"]
        return Scenario(
            slug + family.suffix,
            test,
            [policy(name, spec.format(block)) for name, block in zip(names, blocks, strict=False)],
            truth,
            stage=stage,
            outside=[family.inside, family.beyond],
            ipv6=family.ipv6,
        )

    only_xb = f"{{ipBlock: {{cidr: '{family.pod_xb}'}}}}"
    all_but_xb = f"{{ipBlock: {{cidr: '{family.wide}', except: ['{family.pod_xb}']}}}}"
    return (
        scenario(
            "egress-to-cidr",
            NETPOL + "should allow egress access to server in CIDR block",
            [f"{{ipBlock: {{cidr: '{family.pod_yb}'}}}}"],
            [deny("x/a", "*"), allow("x/a", "y/b")],
        ),
        scenario(
            "egress-to-cidr-except",
            NETPOL + "should enforce except clause while egress access to server in CIDR block",
            [all_but_xb],
            [deny("x/a", "x/b"), deny("x/a", family.beyond)],
        ),
        scenario(
            "egress-to-overlapping-cidrs-before",
            NETPOL + OVERLAPPING,
            [all_but_xb],
            [deny("x/a", "x/b"), deny("x/a", family.beyond)],
            "Before the policy is updated: all but x/b.",
        ),
        scenario(
            "egress-to-overlapping-cidrs-after",
            NETPOL + OVERLAPPING,
            [only_xb],
            [deny("x/a", "*"), allow("x/a", "x/b")],
            "After the policy was updated: x/b alone.",
        ),
        scenario(
            "legacy-egress-to-overlapping-cidrs",
            LEGACY + OVERLAPPING,
            [all_but_xb, only_xb],
            [deny("x/a", family.beyond)],
            "Both policies stand: all but x/b, and x/b.",
        ),
    )


SCENARIOS = (*scenarios(IPV4), *scenarios(IPV6))
