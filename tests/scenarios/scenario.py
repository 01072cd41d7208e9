"""What a scenario is made of, and the two files that are written of it.

A scenario is a cluster of nine pods, the policies that stand in it, and statements of what may reach what. The
statements are made by hand; everything that can be derived from them or is the same everywhere is written here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

import yaml

__all__ = [
    "PODS",
    "Policy",
    "Scenario",
    "Statement",
    "allow",
    "block",
    "deny",
    "flow",
    "is_about",
    "policy",
    "verdict_of",
]

NAMESPACES = "xyz"
NAMES = "abc"
PODS = tuple(f"{namespace}/{name}" for namespace in NAMESPACES for name in NAMES)

Labels = Mapping[str, str | None]
Policy = dict[str, Any]


class Statement(NamedTuple):
    verdict: str
    source: str
    destination: str
    probes: tuple[str, ...]


def allow(source: str, destination: str, *probes: str) -> Statement:
    """``source`` and ``destination`` are patterns of ``namespace/pod`` or of addresses, as ``x/*``; ``probes``
    as ``TCP 80``, every one of the scenario if none is named."""
    return Statement("allow", source, destination, probes)


def deny(source: str, destination: str, *probes: str) -> Statement:
    return Statement("deny", source, destination, probes)


def policy(name: str, spec: str, *, namespace: str = "x") -> Policy:
    """``spec`` in YAML flow style."""
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": name, "namespace": namespace},
        "spec": yaml.safe_load(spec),
    }


class Scenario(NamedTuple):
    slug: str
    test: str
    """The upstream test's name."""
    policies: Sequence[Policy]
    truth: Sequence[Statement]
    """Everything is allowed; then each statement in turn overrules those before it. Last of all, and not to be
    overruled: a pod reaches itself."""
    probes: Sequence[str] = ("TCP 80",)
    stage: str = ""
    """Which moment of the test this is, where the test changes something on the way."""
    labels: Mapping[str, Labels] = {}
    """Labels added to a pod (``x/a``) or a namespace (``y``); None takes one away."""
    outside: Sequence[str] = ()
    """Addresses outside the cluster's pods."""
    ipv6: bool = False

    def bundle(self) -> str:
        """The manifests: what is particular to the scenario first."""
        comments = [f"# {line}\n" for line in (self.test, self.stage) if line]
        documents = [*self.policies, *map(self._namespace, NAMESPACES)]
        text = "".join(f"---\n{block(document)}" for document in documents)
        return "".join(comments) + text + "".join(map(self._pod, PODS))

    def expectations(self) -> str:
        comment = "# Written by tests/scenarios/generate.py.\n"
        return comment + "".join(f"- {flow(entry)}\n" for entry in self.table())

    def table(self) -> Iterator[dict[str, str | int]]:
        for statement in self.truth:
            self._must_be_about_something(statement)
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

    def _must_be_about_something(self, statement: Statement) -> None:
        unknown = set(statement.probes) - set(self.probes)
        if unknown or not any(is_about(statement, *question) for question in self._questions()):
            raise ValueError(f"{self.slug}: {statement} is about nothing")

    def _namespace(self, name: str) -> dict[str, Any]:
        return {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"name": name, "labels": self._labels(name, {"ns": name})},
        }

    def _pod(self, path: str) -> str:
        namespace, name = path.split("/")
        node = NAMES.index(name) + 1
        address = _address(NAMESPACES.index(namespace) + 1, node, self.ipv6)
        fields: dict[str, Any] = {
            "metadata": {"name": name, "namespace": namespace, "labels": self._labels(path, {"pod": name})},
            "spec": {"nodeName": f"node-{node}", "containers": [_container(probe) for probe in self.probes]},
            "status": {
                "phase": "Running",
                "hostIP": f"fd01::{node}" if self.ipv6 else f"192.168.0.{node}",
                "podIP": address,
                "podIPs": [{"ip": address}],
            },
        }
        # Nine pods that hardly differ: one line for each field keeps them out of the reader's way.
        lines = "".join(f"{key}: {flow(value)}\n" for key, value in fields.items())
        return f"---\napiVersion: v1\nkind: Pod\n{lines}"

    def _labels(self, owner: str, given: Labels) -> dict[str, str]:
        labels = {**given, **self.labels.get(owner, {})}
        return {key: value for key, value in labels.items() if value is not None}


def verdict_of(truth: Sequence[Statement], probe: str, source: str, destination: str) -> str:
    """What the last statement that is about it says."""
    verdict = "allow"
    for statement in truth:
        if is_about(statement, probe, source, destination):
            verdict = statement.verdict
    return "allow" if source == destination else verdict


def is_about(statement: Statement, probe: str, source: str, destination: str) -> bool:
    return (
        (not statement.probes or probe in statement.probes)
        and fnmatchcase(source, statement.source)
        and fnmatchcase(destination, statement.destination)
    )


def _address(namespace: int, pod: int, ipv6: bool) -> str:
    return f"fd00::{namespace}:{pod}" if ipv6 else f"10.0.{namespace}.{pod}"


def _container(probe: str) -> dict[str, Any]:
    protocol, port = probe.split()
    suffix = f"{port}-{protocol.lower()}"
    return {
        "name": f"cont-{suffix}",
        "ports": [{"name": f"serve-{suffix}", "containerPort": int(port), "protocol": protocol}],
    }


class _Dumper(yaml.SafeDumper):
    """Writes what means the same to every reader of YAML."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _string(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    # Kubernetes' reader takes a bare y for true; an address in flow style is safe in quotes only.
    quoted = text in ("y", "n") or ":" in text
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="'" if quoted else None)


_Dumper.add_representer(str, _string)


def block(value: object) -> str:
    return yaml.dump(value, Dumper=_Dumper, sort_keys=False, default_flow_style=None, width=1000)


def flow(value: object) -> str:
    return yaml.dump(value, Dumper=_Dumper, sort_keys=False, default_flow_style=True, width=1000).strip()
