"""What to know before trusting the connectivity matrix, each told once for all of its pairs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from policy_core.connectivity import Connectivity
from policy_core.enforcement_caveats import about_enforcement
from policy_core.evaluation import Evaluation
from policy_core.matrix_classes import MatrixClass
from policy_core.model import NAME_LABEL, Direction, NetworkPolicy, PodPeer
from policy_core.ports import PortSet
from policy_core.unread_caveats import about_counts, about_policies

__all__ = ["matrix_caveats"]


def matrix_caveats(evaluation: Evaluation, found: Connectivity) -> tuple[str, ...]:
    """Sentences, the weightiest first."""
    return (
        *about_enforcement(evaluation, any(evaluation.policies.isolated.values())),
        *_about_doubts(found.classes),
        *_about_what_was_read(evaluation),
        *_about_templates(found.classes),
        *_about_nodes(evaluation, found.classes),
        *_about_rules(evaluation),
    )


def _about_doubts(classes: Sequence[MatrixClass]) -> Iterator[str]:
    doubtful = [each for each in classes if each.unevaluated]
    objects = list(dict.fromkeys(ref for each in doubtful for ref in each.unevaluated))
    if doubtful:
        yield (
            f"{_list(list(map(str, objects)))}: not evaluated, or not wholly, and may apply as well to "
            f"{_list(_workloads(doubtful))}."
        )


def _about_what_was_read(evaluation: Evaluation) -> Iterator[str]:
    snapshot = evaluation.snapshot
    yield from about_policies(snapshot, dict.fromkeys(pod.namespace for pod in evaluation.index.pods))
    yield from about_counts(snapshot, "they are no part of this")
    asked = snapshot.unread.asked("NetworkPolicy")
    if (
        not asked
        and not (snapshot.network_policies or snapshot.tiered_policies)
        and not any(p.kind == "NetworkPolicy" for p in snapshot.unevaluated)
    ):
        yield (
            "No NetworkPolicy at all was read: where the cluster has some, they are missing here "
            "(`kubectl cluster-info dump` leaves them out)."
        )
    unread = [n.name for n in snapshot.namespaces.values() if not n.labels_known]
    if unread and (snapshot.network_policies or snapshot.tiered_policies):
        yield (f"The labels of {_list(unread)} could not be read: what hangs on them is unknown, not denied.")
    named = [n.name for n in snapshot.namespaces.values() if n.labels_known and n.origin is None]
    if named and _by_other_labels(snapshot.network_policies):
        yield (
            f"No Namespace object for {_list(named)} was read: of its labels only {NAME_LABEL} is known, "
            "and rules that select namespaces by other labels are judged by that."
        )
    pods = [pod.ref.path for pod in evaluation.index.pods if not pod.labels_known]
    if pods:
        yield f"Some labels of {_list(pods)} could not be read: rules that select pods may match there."


def _by_other_labels(policies: Iterable[NetworkPolicy]) -> bool:
    """Whether some peer selects namespaces by other labels than their names."""
    return any(
        requirement.key != NAME_LABEL
        for policy in policies
        for direction in Direction
        for rule in policy.rules(direction)
        for peer in rule.peers or ()
        if isinstance(peer, PodPeer) and peer.namespaces is not None
        for requirement in peer.namespaces.requirements()
    )


def _about_templates(classes: Sequence[MatrixClass]) -> Iterator[str]:
    templates = [each for each in classes if each.pods[0].is_template]
    if templates:
        yield (
            f"No pod of {_list(_workloads(templates))} was read: the template stands for them, and what "
            "hangs on an address is unknown."
        )
    if scaled_down := [each for each in templates if each.pods[0].replicas == 0]:
        yield f"Scaled to 0, so nothing of it runs: {_list(_workloads(scaled_down))}."


def _about_nodes(evaluation: Evaluation, classes: Sequence[MatrixClass]) -> Iterator[str]:
    hosts = [each for each in classes if each.host_network]
    if hosts:
        yield (
            f"{_list(_workloads(hosts))}: in the node's network, so policy does not isolate it and no pod "
            "selector matches it. Most network plugins behave so; some differ."
        )
    if evaluation.policies.isolated[Direction.INGRESS]:
        counted = (
            " Of hostNetwork pods that is counted; of the node's own addresses it is not." if hosts else ""
        )
        yield f"Traffic from a pod's own node is always let in, kubelet probes for one.{counted}"


def _about_rules(evaluation: Evaluation) -> Iterator[str]:
    policies = evaluation.policies
    rules = [
        rule
        for direction in Direction
        for policy in policies.of[direction]
        if policy.subjects
        for rule in policy.rules
    ]
    covered = 0
    for rule in rules:
        covered |= rule.peers.by_ipv4 | rule.peers.by_ipv6
    if covered:
        number = evaluation.index.count(covered)
        yield (
            f"ipBlocks cover addresses of {number:,} pod{'' if number == 1 else 's'}: plugins differ on "
            "whether an ipBlock matches pods."
        )
    if any(rule.ports.numbers & _SOME_SCTP and rule.rule.ports is not None for rule in rules):
        yield "SCTP rules are honoured only by network plugins that support SCTP."
    if any(port.end_port not in (None, port.port) for rule in rules for port in rule.rule.ports or ()):
        yield "Port ranges (endPort) are honoured only by network plugins that support them."


_SOME_SCTP = PortSet.protocol("SCTP")


def _workloads(classes: Sequence[MatrixClass]) -> list[str]:
    names = (str(each.workload or (each.pods[0].ref)) for each in classes)
    return list(dict.fromkeys(names))


def _list(names: Sequence[str]) -> str:
    shown = ", ".join(names[:3])
    return f"{shown} and {len(names) - 3:,} more" if len(names) > 3 else shown
