"""What both halves of the reference evaluator need: the plain objects, three-valued logic and selectors.

Nothing here may be shared with the engine, so selectors are spelled out anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from policy_core.domain_name import DomainName
from policy_core.ipblock import IPAddress
from policy_core.labels import Labels, LabelSelector, Requirement
from policy_core.model import (
    EndpointSlice,
    Namespace,
    NetworkPolicy,
    Node,
    Pod,
    Service,
    TieredPolicy,
)

__all__ = [
    "METADATA_NAME",
    "Answer",
    "End",
    "Family",
    "World",
    "addresses",
    "all_of",
    "any_of",
    "families",
    "finished",
    "named_port",
    "namespace_answer",
    "namespace_named",
    "requirement_holds",
    "selector_holds",
    "yes_if",
]

METADATA_NAME = "kubernetes.io/metadata.name"

Answer = Literal["yes", "no", "maybe"]
End = Pod | IPAddress | DomainName
"""One end of a connection: a pod, an address outside the cluster, or a name, which may be of any of both."""
Family = Literal[4, 6] | None
"""None where neither end has a known address."""


class World(NamedTuple):
    namespaces: Sequence[Namespace] = ()
    pods: Sequence[Pod] = ()
    policies: Sequence[NetworkPolicy] = ()
    services: Sequence[Service] = ()
    slices: Sequence[EndpointSlice] = ()
    tiered: Sequence[TieredPolicy] = ()
    nodes: Sequence[Node] = ()
    nodes_read: Literal["offline", "whole", "refused"] = "offline"
    """Whether a cluster's API server gave them."""

    @property
    def nodes_known(self) -> bool:
        """Whether there are no others. A bundle without any just leaves them out, and those that pods name
        (finished ones may outlive theirs) are there whether it has them or not."""
        if self.nodes_read == "offline":
            named = {pod.node for pod in self.pods if pod.node and not finished(pod)}
            return bool(self.nodes) and named <= {node.name for node in self.nodes}
        return self.nodes_read == "whole"


# Three-valued logic


def all_of(answers: Iterable[Answer]) -> Answer:
    given = list(answers)
    if "no" in given:
        return "no"
    return "maybe" if "maybe" in given else "yes"


def any_of(answers: Iterable[Answer]) -> Answer:
    given = list(answers)
    if "yes" in given:
        return "yes"
    return "maybe" if "maybe" in given else "no"


def yes_if(condition: bool) -> Answer:
    return "yes" if condition else "no"


# Selectors


def requirement_holds(requirement: Requirement, labels: Labels) -> bool:
    present = requirement.key in labels
    match requirement.operator.value:
        case "In":
            return present and labels[requirement.key] in requirement.values
        case "NotIn":
            return not present or labels[requirement.key] not in requirement.values
        case "Exists":
            return present
        case "DoesNotExist":
            return not present
    raise AssertionError(requirement)


def selector_holds(selector: LabelSelector, labels: Labels) -> bool:
    if selector.invalid:
        return False
    for key, value in selector.match_labels:
        if key not in labels or labels[key] != value:
            return False
    return all(requirement_holds(requirement, labels) for requirement in selector.match_expressions)


def namespace_answer(selector: LabelSelector, namespace: Namespace) -> Answer:
    """Of a namespace that could not be read, the name's label alone is certain."""
    if selector.invalid:
        return "no"
    answers: list[Answer] = []
    for key, value in selector.match_labels:
        if namespace.labels_known or key == METADATA_NAME:
            answers.append(yes_if(namespace.labels.get(key) == value))
        else:
            answers.append("maybe")
    for requirement in selector.match_expressions:
        if namespace.labels_known or requirement.key == METADATA_NAME:
            answers.append(yes_if(requirement_holds(requirement, namespace.labels)))
        else:
            answers.append("maybe")
    return all_of(answers)


def namespace_named(world: World, name: str) -> Namespace:
    """Namespaces that only other objects name exist implicitly."""
    for namespace in world.namespaces:
        if namespace.name == name:
            return namespace
    return Namespace(name, {METADATA_NAME: name})


def finished(pod: Pod) -> bool:
    return pod.phase in ("Succeeded", "Failed")


# Ends


def named_port(pod: Pod, name: str, protocol: str) -> int | None:
    """The first container port of that name and protocol."""
    for container_port in pod.ports:
        if container_port.name == name and container_port.protocol == protocol:
            return container_port.number
    return None


def addresses(end: End) -> Sequence[IPAddress]:
    if isinstance(end, DomainName):
        return ()
    return end.ips if isinstance(end, Pod) else (end,)


def families(source: End, destination: End) -> list[Family]:
    """The families to judge one by one; empty where the two ends have none in common."""
    theirs: list[Family] = [address.version for address in addresses(source)]
    ours: list[Family] = [address.version for address in addresses(destination)]
    if not theirs and not ours:
        return [None]
    if not theirs:
        return sorted(set(ours), key=str)
    if not ours:
        return sorted(set(theirs), key=str)
    return sorted(set(theirs) & set(ours), key=str)
