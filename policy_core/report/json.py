"""The JSON shapes of the command-line contract. Keys are stable: other programs rely on them."""

from __future__ import annotations

from typing import Any

from policy_core.coverage import KindCoverage
from policy_core.details.coverage import incomplete
from policy_core.details.overview import NamespaceCounts, Overview
from policy_core.details.pod import PodDetail, ServiceRoute
from policy_core.effective import Effective, EffectivePeer, EffectiveRule, NamedPort
from policy_core.enforcement import Enforcement
from policy_core.model import Direction, DomainNames, IPBlock, Networks, Nodes, PodPeer, Problem
from policy_core.network_plugins import TIERED_KINDS, Support
from policy_core.openness import Openness
from policy_core.report.exposure_json import exposed_json
from policy_core.report.words import peer_text, ports_json
from policy_core.unread import may_apply_unseen, unread_kinds

__all__ = ["overview_json", "pod_json"]

Json = dict[str, Any]


def pod_json(detail: PodDetail) -> Json:
    pod = detail.pod
    return {
        "pod": pod.ref.path,
        "kind": pod.kind,
        "labels": dict(pod.labels),
        "ips": [str(address) for address in pod.ips],
        "node": pod.node,
        "phase": pod.phase,
        "host_network": pod.host_network,
        "ingress": _effective(detail.ingress, Direction.INGRESS in detail.doubtful),
        "egress": _effective(detail.egress, Direction.EGRESS in detail.doubtful),
        "services": [_service(route) for route in detail.services],
        "exposed": [exposed_json(each) for each in detail.exposed],
        "unevaluated": [str(policy.ref) for policy in detail.unevaluated],
        "caveats": [*may_apply_unseen(unread_kinds(detail.unevaluated)), *detail.caveats],
    }


def _effective(effective: Effective, doubtful: bool) -> Json:
    unseen = effective.openness is Openness.UNSEEN
    return {
        "isolated": None if unseen else effective.isolated,
        "otherwise": _otherwise(effective),
        "doubtful": doubtful,
        "policies": [str(policy) for policy in effective.policies],
        "tiered_policies": [str(policy) for policy in effective.tiered],
        "not_asked": [str(policy) for policy in effective.unasked],
        "rules": [_rule(rule, effective.direction) for rule in effective.rules],
    }


def _otherwise(effective: Effective) -> str | None:
    """What happens to whatever no rule names."""
    match effective.openness:
        case Openness.FINISHED:
            return None
        case Openness.UNSEEN:
            return "unknown"
    return "deny" if effective.isolated else "allow"


def _rule(rule: EffectiveRule, direction: Direction) -> Json:
    return {
        "action": rule.action.value,
        "peers": [_peer(peer) for peer in rule.peers],
        "ports": ports_json(rule.ports) + [p for named in rule.named for p in _named(named, direction)],
        "decided_by": [str(source) for source in rule.sources],
        "pods": [pod.ref.path for pod in rule.pods],
        "tier": rule.tier.value,
        "priority": rule.priority,
        "name": rule.name,
        "fails_closed": rule.closed or None,
        "certain": not rule.perhaps,
    }


def _named(named: NamedPort, direction: Direction) -> list[Json]:
    """What the name resolves to; on egress, on how many of the destination pods."""
    found: list[Json] = []
    for number, pods in named.numbers:
        entry: Json = {"protocol": named.protocol, "from": number, "to": number, "name": named.name}
        found.append(entry | {"pods": pods} if direction is Direction.EGRESS else entry)
    if named.unresolved:
        missing: Json = {"protocol": named.protocol, "name": named.name, "unresolved": True}
        found.append(missing | {"pods": named.unresolved} if direction is Direction.EGRESS else missing)
    return found


def _peer(peer: EffectivePeer) -> Json:
    found: Json = {"text": peer_text(peer)}
    match peer.peer:
        case None:
            found["type"] = "any"
        case IPBlock(cidr, excepted):
            found |= {"type": "ipBlock", "cidr": str(cidr), "except": [str(network) for network in excepted]}
        case PodPeer(namespaces, pods):
            found |= {
                "type": "pods",
                "namespace": peer.namespace if namespaces is None else None,
                "namespace_selector": None if namespaces is None else str(namespaces),
                "pod_selector": None if pods is None else str(pods),
            }
        case Networks(cidrs):
            found |= {"type": "networks", "cidrs": [str(cidr) for cidr in cidrs]}
        case Nodes(selector):
            found |= {"type": "nodes", "node_selector": str(selector)}
        case DomainNames(domains):
            found |= {"type": "domainNames", "domain_names": list(domains)}
    found["pods"] = [pod.ref.path for pod in peer.pods]
    found["unknown"] = [pod.ref.path for pod in peer.possible]
    return found


def _service(route: ServiceRoute) -> Json:
    service, detail = route.service, route.detail
    return {
        "service": service.ref.path,
        "type": service.type,
        "addresses": [] if service.headless else list(service.cluster_ips),
        "ports": [
            {
                "name": reach.target.port.name,
                "port": reach.target.port.port,
                "protocol": reach.target.port.protocol,
                "target": reach.target.number,
                "target_port": reach.target.port.target,
                "node_port": reach.target.port.node_port or None,
                "reachable_from": reach.through.allow if reach.through else 0,
                "partly_from": reach.through.partial if reach.through else 0,
                "partly_over": {
                    "IPv4": reach.through.ipv4_only if reach.through else 0,
                    "IPv6": reach.through.ipv6_only if reach.through else 0,
                },
                "unknown_from": reach.through.unknown if reach.through else 0,
                "doubtful_from": reach.through.doubtful if reach.through else 0,
            }
            for reach in detail.targets
        ],
        "ready": detail.backend.ready,
        "exposed_by": [
            {"via": e.via, "at": e.text, "object": str(e.route) if e.route else None} for e in route.exposures
        ],
        "reachable_from": detail.reachable_from,
        "of": detail.others,
        "unevaluated": [str(ref) for ref in sorted(detail.doubts)],
    }


def overview_json(overview: Overview) -> Json:
    return {
        "source": overview.title,
        "enforcement": _enforcement(overview.enforcement),
        "namespaces": [
            {
                "namespace": space.name,
                "pods": _known(space, "Pod", space.pods),
                "finished": _known(space, "Pod", space.finished),
                "isolated_ingress": _isolated(space, space.isolated_ingress),
                "isolated_egress": _isolated(space, space.isolated_egress),
                "services": _known(space, "Service", space.services),
                "policies": _known(space, "NetworkPolicy", space.policies),
                "exposed": _known(space, "Service", space.exposed),
            }
            for space in overview.namespaces
        ],
        "tiered_policies": dict(overview.tiered),
        "unevaluated": dict(overview.unevaluated),
        "other_kinds": dict(overview.other_kinds),
        "problems": [_problem(problem) for problem in overview.problems],
        "coverage": [_coverage(each) for each in incomplete(overview.coverage)],
    }


def _enforcement(found: Enforcement) -> Json:
    tiers = {kind: found.tiers.get(kind, Support(None)) for kind in TIERED_KINDS}
    return {
        "enforced": found.enforced,
        "text": found.text,
        "evidence": [
            {"plugin": each.plugin, "object": str(each.object), "facts": list(each.facts)}
            for each in found.evidence
        ],
        "kinds": {
            "NetworkPolicy": {"enforced": found.enforced, "text": found.text},
            **{kind: {"enforced": each.enforced, "text": each.why} for kind, each in tiers.items()},
        },
        "caveats": [*found.always, *found.caveats],
    }


def _known(space: NamespaceCounts, kind: str, number: int) -> int | None:
    """None where nobody knows how many there are."""
    return None if kind in space.unread else number


def _isolated(space: NamespaceCounts, number: int) -> int | None:
    return _known(space, "Pod", number) if "NetworkPolicy" not in space.unread else None


def _coverage(each: KindCoverage) -> Json:
    return {
        "kind": each.kind,
        "resource": each.resource,
        "state": each.state.value,
        "namespaces": sorted(each.namespaces),
        "message": each.message or None,
    }


def _problem(problem: Problem) -> Json:
    return {
        "severity": problem.severity.value,
        "where": problem.where,
        "file": problem.file,
        "line": problem.line or None,
        "object": str(problem.subject) if problem.subject else None,
        "field": problem.field or None,
        "message": problem.message,
    }
