"""The cluster of these scenarios, and the files that are written of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from tests.scenarios.scenario import Policy as Document
from tests.scenarios.scenario import Statement, block, flow, is_about, verdict_of
from tests.scenarios.tiers.manifests import Policy

__all__ = ["LINUX_NODE", "OTHER_NODE", "OUTSIDE", "PODS", "Scenario"]

TEAMS = ("red", "green", "yellow", "blue")
HOSTS = "woods"
"""The namespace of the pods that use their node's network."""
NAMES = "ab"
PODS = tuple(f"{namespace}/{name}" for namespace in (*TEAMS, HOSTS) for name in NAMES)
OUTSIDE = "203.0.113.7"
LINUX_NODE, OTHER_NODE = "192.168.0.3", "192.168.0.4"
"""The addresses of two nodes without pods."""
NODES = {"192.168.0.1": "linux", "192.168.0.2": "linux", LINUX_NODE: "linux", OTHER_NODE: "windows"}

_PORTS = ({"name": "web", "containerPort": 80}, {"name": "dns", "containerPort": 53, "protocol": "UDP"})
_PORTS_OF_HOSTS = tuple(
    {"name": f"{name}-{number}", "containerPort": number, "protocol": protocol}
    for name, protocol, numbers in (("web", "TCP", (36363, 36364)), ("dns", "UDP", (34345, 34346)))
    for number in numbers
)


class Scenario(NamedTuple):
    slug: str
    test: str
    """The upstream test's name as of the second version, less what names the API."""
    policies: Sequence[Policy]
    truth: Sequence[Statement]
    """Everything is allowed; then each statement in turn overrules those before it. Last of all, and not to be
    overruled: a pod reaches itself."""
    probes: Sequence[str]
    stage: str = ""
    """Which moment of the test this is, where the test changes something on the way."""
    others: Sequence[Document] = ()
    """Objects of other kinds."""
    outside: Sequence[str] = ()

    def test_of(self, version: str) -> str:
        """The name of the test as upstream has it in that version's suite."""
        tier, rest = ("Baseline", self.test[8:]) if self.test.startswith("Baseline") else ("", self.test[5:])
        return (
            f"{tier}AdminNetworkPolicy{rest}" if version == "v1alpha1" else f"CNP{tier or 'Admin'}Tier{rest}"
        )

    def bundle(self, version: str) -> str:
        """The manifests: what is particular to the scenario first."""
        comments = "".join(f"# {line}\n" for line in (self.test_of(version), self.stage) if line)
        policies = [policy.document(version) for policy in self.policies]
        documents = [*policies, *self.others, *map(_namespace, (*TEAMS, HOSTS))]
        text = "".join(f"---\n{block(document)}" for document in documents)
        return comments + text + "".join(map(_node, NODES)) + "".join(map(_pod, PODS))

    def expectations(self) -> str:
        comment = "# Written by tests/scenarios/tiers/generate.py.\n"
        return comment + "".join(f"- {flow(entry)}\n" for entry in self.table())

    def table(self) -> Iterator[dict[str, str | int]]:
        for statement in self.truth:
            unknown = set(statement.probes) - set(self.probes)
            if unknown or not any(is_about(statement, *question) for question in self._questions()):
                raise ValueError(f"{self.slug}: {statement} is about nothing")
        for probe, source, destination in self._questions():
            protocol, port = probe.split()
            yield {
                "from": source,
                "to": destination,
                "port": int(port),
                "protocol": protocol,
                "expect": verdict_of(self.truth, probe, source, destination),
            }

    def _questions(self) -> Iterator[tuple[str, str, str]]:
        ends = (*PODS, *self.outside)
        for probe in self.probes:
            for source in ends:
                for destination in ends:
                    if source in PODS or destination in PODS:
                        yield probe, source, destination


def _namespace(name: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": {"team": name}}}


def _node(address: str) -> str:
    fields: dict[str, Any] = {
        "metadata": {
            "name": f"node-{address.rpartition('.')[2]}",
            "labels": {"kubernetes.io/os": NODES[address]},
        },
        "status": {"addresses": [{"type": "InternalIP", "address": address}]},
    }
    return _in_lines("Node", fields)


def _pod(path: str) -> str:
    namespace, name = path.split("/")
    number, on_host = NAMES.index(name) + 1, namespace == HOSTS
    node = f"192.168.0.{number}"
    address = node if on_host else f"10.0.{TEAMS.index(namespace) + 1}.{number}"
    container = {"name": "server", "ports": list(_PORTS_OF_HOSTS if on_host else _PORTS)}
    fields: dict[str, Any] = {
        "metadata": {"name": name, "namespace": namespace, "labels": {"team": namespace}},
        "spec": {
            "nodeName": f"node-{number}",
            **({"hostNetwork": True} if on_host else {}),
            "containers": [container],
        },
        "status": {"phase": "Running", "hostIP": node, "podIP": address, "podIPs": [{"ip": address}]},
    }
    return _in_lines("Pod", fields)


def _in_lines(kind: str, fields: dict[str, Any]) -> str:
    """Objects that hardly differ: one line for each field keeps them out of the reader's way."""
    lines = "".join(f"{key}: {flow(value)}\n" for key, value in fields.items())
    return f"---\napiVersion: v1\nkind: {kind}\n{lines}"
