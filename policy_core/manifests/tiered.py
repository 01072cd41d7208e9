"""policy.networking.k8s.io: ClusterNetworkPolicy (v1alpha2), AdminNetworkPolicy and
BaselineAdminNetworkPolicy (v1alpha1).

What of a rule is not understood makes the whole rule fail closed, as the API asks of its implementations: it
may be of a later version, and mean more than can be read here. Where nobody can say for which pods a policy
is, in which tier or when it decides, it selects nothing; the error that goes with it says that it is not in
force.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from policy_core.ipblock import IPNetwork
from policy_core.labels import EVERYTHING, LabelSelector
from policy_core.manifests.addresses import parse_cidr
from policy_core.manifests.fields import Fields, quoted
from policy_core.manifests.metadata import Meta
from policy_core.manifests.selectors import read_selector
from policy_core.manifests.tiered_ports import read_port, read_protocol
from policy_core.model import (
    ANY_PROTOCOL,
    Action,
    Direction,
    DomainNames,
    Networks,
    Nodes,
    PodPeer,
    PolicyPort,
    Severity,
    Tier,
    TieredPeer,
    TieredPolicy,
    TieredRule,
)

__all__ = ["GROUP", "read_admin", "read_baseline", "read_cluster"]

GROUP = "policy.networking.k8s.io"
_MAX_PRIORITY = 1000
_MAX_NAME = 100
_MAX_ADDRESSES = 25
_MAX_CIDR = 43
_PEERS = {Direction.INGRESS: "from", Direction.EGRESS: "to"}
_OF_EGRESS = ("nodes", "networks", "domainNames")
_DOMAIN_NAME = re.compile(
    r"(\*\.)?([a-z0-9]([-a-z0-9_]*[a-z0-9])?\.)+[a-z0-9]([-a-z0-9_]*[a-z0-9])?\.?", re.I
)


@dataclass(frozen=True, slots=True)
class _Version:
    """What the kinds differ in."""

    fields: tuple[str, ...]
    """Those of ``spec``."""
    actions: dict[str, Action]
    egress_peers: tuple[str, ...]
    ports_field: str
    read_port: Callable[[Fields], tuple[PolicyPort, ...]]
    """One entry of ``ports_field``; none where it is not understood."""
    selectors: tuple[str, ...]
    """Those that ``pods`` must have."""
    most: int
    """Rules of one direction, peers of a rule, and entries in ``ports_field``."""


def read_cluster(obj: Fields, meta: Meta) -> list[TieredPolicy]:
    def place(spec: Fields) -> tuple[Tier | None, int | None]:
        tiers = {Tier.ADMIN.value: Tier.ADMIN, Tier.BASELINE.value: Tier.BASELINE}
        tier = spec.choice("tier", tiers, "")
        return tiers.get(tier or ""), _priority(spec)

    return _policy(obj, meta, _CLUSTER, place)


def read_admin(obj: Fields, meta: Meta) -> list[TieredPolicy]:
    return _policy(obj, meta, _ADMIN, lambda spec: (Tier.ADMIN, _priority(spec)))


def read_baseline(obj: Fields, meta: Meta) -> list[TieredPolicy]:
    def place(_: Fields) -> tuple[Tier | None, int | None]:
        if meta.name == "default":
            return Tier.BASELINE, None
        if any(problem.field == "metadata.name" for problem in obj.report.problems):
            return None, None
        obj.report.add(
            f'must be "default", not {quoted(meta.name)}: there is only one in a cluster',
            ("metadata", "name"),
        )
        return None, None

    return _policy(obj, meta, _BASELINE, place, of_one=True)


def _policy(
    obj: Fields,
    meta: Meta,
    version: _Version,
    place: Callable[[Fields], tuple[Tier | None, int | None]],
    of_one: bool = False,
) -> list[TieredPolicy]:
    problems = obj.report.problems
    # What the YAML reader could not take in may have been a limit.
    wrong = [p.message for p in problems if p.field.startswith("spec") and p.severity is Severity.ERROR]
    before = len(problems)
    obj.only("apiVersion", "kind", "metadata", "spec", "status")
    spec = obj.mapping("spec")
    if spec.only(*version.fields):
        spec.required(*(name for name in version.fields if name not in _PEERS))
    wrong += [problem.message for problem in problems[before:]]
    tier, priority = place(spec)
    if tier is None or (priority is None and not of_one):
        wrong.append(problems[-1].message)
    subject = _subject(spec, version)
    if wrong:
        subject = PodPeer(LabelSelector(invalid=wrong[0]))
    return [
        TieredPolicy(
            obj.text("kind"),
            meta.name,
            tier or Tier.BASELINE,
            priority,
            subject,
            _rules(spec, Direction.INGRESS, version),
            _rules(spec, Direction.EGRESS, version),
            meta.labels,
            meta.origin,
        )
    ]


def _priority(spec: Fields) -> int | None:
    """One that is out of bounds still says which policy decides first."""
    value = spec.raw("priority")
    if spec.integer("priority", 0, _MAX_PRIORITY) is not None:
        return int(value)
    return value if type(value) is int else None


# For which pods -------------------------------------------------------------------------------------------


def _subject(spec: Fields, version: _Version) -> PodPeer:
    subject = spec.optional_mapping("subject")
    if subject is None:
        return _nobody("it has no subject")
    before = len(subject.report.problems)
    subject.only("namespaces", "pods")
    given = [name for name in ("namespaces", "pods") if name in subject]
    if len(given) > 1:
        subject.problem("two subjects: give namespaces or pods, not both")
    elif not given and len(subject.report.problems) == before:
        subject.problem("an empty subject: it needs namespaces or pods")
    found = _pods_of(subject, given[0], version) if len(given) == 1 else None
    noted = subject.report.problems[before:]
    return _nobody(noted[0].message if noted else "") if noted or found is None else found


def _nobody(why: str) -> PodPeer:
    return PodPeer(LabelSelector(invalid=why or "it selects nothing that can be read"))


def _pods_of(holder: Fields, name: str, version: _Version) -> PodPeer | None:
    """``namespaces``, or ``pods`` with its two selectors."""
    if name == "namespaces":
        selector = read_selector(holder, name)
        return None if selector is None or selector.invalid else PodPeer(selector)
    pods = holder.optional_mapping(name)
    if pods is None or not pods.only("namespaceSelector", "podSelector"):
        return None
    if not pods.required(*version.selectors):
        return None
    namespaces = read_selector(pods, "namespaceSelector") or EVERYTHING
    inner = read_selector(pods, "podSelector")
    return None if namespaces.invalid or inner is None or inner.invalid else PodPeer(namespaces, inner)


# Rules ----------------------------------------------------------------------------------------------------


def _rules(spec: Fields, direction: Direction, version: _Version) -> tuple[TieredRule, ...]:
    _at_most(spec, direction.value, version.most, "rules")
    if direction.value in spec and not isinstance(spec.raw(direction.value), list):
        spec.entries(direction.value)
        return (_closed(Action.DENY, f"{direction} is no list"),)
    return tuple(
        _closed(Action.DENY, "it is no rule") if rule is None else _rule(rule, direction, version)
        for rule in spec.slots(direction.value)
    )


def _closed(action: Action, why: str, name: str = "") -> TieredRule:
    return TieredRule(action, (), name=name, closed=why)


def _at_most(parent: Fields, name: str, most: int, what: str) -> None:
    value = parent.raw(name)
    if isinstance(value, list) and len(value) > most:
        parent.problem(f"{len(value):,} {what}, and at most {most} are allowed", name)


def _rule(rule: Fields, direction: Direction, version: _Version) -> TieredRule:
    """An action that is unknown is read as Deny: it may be meant to keep something out."""
    problems, peers_field = rule.report.problems, _PEERS[direction]
    before = len(problems)
    if rule.only("name", "action", peers_field, version.ports_field):
        rule.required("action", peers_field)
    name = rule.text("name")
    if len(name) > _MAX_NAME:
        rule.problem(f"{len(name):,} characters, and at most {_MAX_NAME} are allowed", "name")
        name = name[:_MAX_NAME]
    action = version.actions.get(rule.choice("action", version.actions, "") or "")
    wrong = [problem.message for problem in problems[before:] if not problem.field.endswith(".name")]
    peers, closed = _peers(rule, direction, version, action)
    wrong += closed
    ports: tuple[PolicyPort, ...] | None = None
    if version.ports_field in rule:
        _at_most(rule, version.ports_field, version.most, "entries")
        ports, unknown = _ports(rule, version)
        wrong += unknown
    if ports and any(port.protocol == ANY_PROTOCOL for port in ports):
        _check_names(rule, peers_field, peers)
    if action is None or wrong:
        return _closed(action or Action.DENY, wrong[0], name)
    return TieredRule(action, peers, ports, name)


def _check_names(rule: Fields, peers_field: str, peers: tuple[TieredPeer, ...]) -> None:
    if any(not isinstance(peer, PodPeer) for peer in peers):
        rule.problem(
            "a named port goes only with namespaces and pods: nothing else has port names", peers_field
        )


def _peers(
    rule: Fields, direction: Direction, version: _Version, action: Action | None
) -> tuple[tuple[TieredPeer, ...], list[str]]:
    """The peers, and what of them is not understood."""
    name = _PEERS[direction]
    if rule.raw(name) in (None, []):
        if name in rule:
            rule.problem(f"{name} needs at least one peer")
        return (), [f"{name} names nobody"]
    _at_most(rule, name, version.most, "peers")
    known = ("namespaces", "pods", *(version.egress_peers if direction is Direction.EGRESS else ()))
    found: list[TieredPeer] = []
    closed: list[str] = []
    before = len(rule.report.problems)
    for slot in rule.slots(name):
        peer = None if slot is None else _peer(slot, known, action, version)
        if peer is not None:
            found.append(peer)
        else:
            closed.append(_last_message(rule, before, f"a peer in {name} is not understood"))
    if not found and not closed:  # no list
        closed.append(_last_message(rule, before, f"{name} is no list"))
    return tuple(found), closed


def _last_message(parent: Fields, before: int, otherwise: str) -> str:
    noted = parent.report.problems[before:]
    return noted[-1].message if noted else otherwise


def _peer(
    peer: Fields, known: tuple[str, ...], action: Action | None, version: _Version
) -> TieredPeer | None:
    if not peer.only(*known):
        return None
    given = [name for name in known if name in peer]
    if len(given) != 1:
        choices = f"{', '.join(known[:-1])} or {known[-1]}"
        peer.problem(f"{'an empty peer' if not given else 'several in one peer'}: it needs one of {choices}")
        return None
    match given[0]:
        case "nodes":
            selector = read_selector(peer, "nodes")
            return None if selector is None or selector.invalid else Nodes(selector)
        case "networks":
            return _networks(peer)
        case "domainNames":
            if action not in (Action.ALLOW, None):
                peer.problem("domain names go only with a rule that accepts", "domainNames")
                return None
            return _domain_names(peer)
        case name:
            return _pods_of(peer, name, version)


def _networks(peer: Fields) -> Networks | None:
    _at_most(peer, "networks", _MAX_ADDRESSES, "networks")
    cidrs: list[IPNetwork] = []
    entries = peer.entries("networks")
    if not entries and isinstance(peer.raw("networks"), list):
        peer.problem("needs at least one network", "networks")
    for index, entry in enumerate(entries):
        cidr = _cidr(peer, entry, index)
        if cidr is None:
            return None
        if cidr not in cidrs:
            cidrs.append(cidr)
    return Networks(tuple(cidrs)) if cidrs else None


def _cidr(peer: Fields, entry: object, index: int) -> IPNetwork | None:
    """The API checks these otherwise than those of an ipBlock: bits beyond the prefix are let through."""
    if not isinstance(entry, str):
        peer.not_text(entry, "networks", index)
        return None
    network, refused = parse_cidr(entry)
    if refused and not refused.startswith("has bits beyond"):
        peer.problem(f"{quoted(entry)} {refused}", "networks", index)
    elif len(entry) > _MAX_CIDR:
        peer.problem(f"{len(entry)} characters, and at most {_MAX_CIDR} are allowed", "networks", index)
    return network


def _domain_names(peer: Fields) -> DomainNames | None:
    _at_most(peer, "domainNames", _MAX_ADDRESSES, "domain names")
    entries = peer.entries("domainNames")
    if not entries and isinstance(peer.raw("domainNames"), list):
        peer.problem("needs at least one domain name", "domainNames")
    names = []
    for index, entry in enumerate(entries):
        if not isinstance(entry, str):
            peer.not_text(entry, "domainNames", index)
            return None
        if not _DOMAIN_NAME.fullmatch(entry):
            peer.problem(
                f"{quoted(entry)} is no domain name such as example.com or *.example.com",
                "domainNames",
                index,
            )
            return None
        names.append(entry.lower().removesuffix("."))
    return DomainNames(tuple(dict.fromkeys(names))) if names else None


# Ports ----------------------------------------------------------------------------------------------------


def _ports(rule: Fields, version: _Version) -> tuple[tuple[PolicyPort, ...], list[str]]:
    """The ports, and what of them is not understood."""
    name = version.ports_field
    before = len(rule.report.problems)
    found: list[PolicyPort] = []
    closed: list[str] = []
    if rule.raw(name) == []:
        rule.problem("needs at least one entry: left out, it means every port", name)
        return (), [f"{name} is empty"]
    for slot in rule.slots(name):
        ports = () if slot is None else version.read_port(slot)
        found += ports
        if not ports:
            closed.append(_last_message(rule, before, "an entry is not understood"))
    if not found and not closed:
        closed.append(_last_message(rule, before, f"{name} is no list"))
    return tuple(found), closed


_CLUSTER = _Version(
    ("tier", "priority", "subject", "ingress", "egress"),
    {"Accept": Action.ALLOW, "Deny": Action.DENY, "Pass": Action.PASS},
    _OF_EGRESS,
    "protocols",
    read_protocol,
    ("podSelector",),
    25,
)
_ADMIN = _Version(
    ("priority", "subject", "ingress", "egress"),
    {"Allow": Action.ALLOW, "Deny": Action.DENY, "Pass": Action.PASS},
    _OF_EGRESS,
    "ports",
    read_port,
    ("namespaceSelector", "podSelector"),
    100,
)
_BASELINE = _Version(
    ("subject", "ingress", "egress"),
    {"Allow": Action.ALLOW, "Deny": Action.DENY},
    ("nodes", "networks"),
    "ports",
    read_port,
    ("namespaceSelector", "podSelector"),
    100,
)
