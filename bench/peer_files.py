"""One cluster in every form that some program reads: ``python -m bench.peer_files PODS FOLDER FORM…``.

``list/cluster.json`` is one JSON List, as kubectl prints it. ``documents/cluster.yaml`` has the same objects,
each as a document. ``assistant/`` has what policy-assistant reads: the policies alone as a list, and a model
of the pods and a question in forms of its own. ``question.json`` is the question whether one pod may connect
to another. Only namespaces, pods and NetworkPolicies are written: network-config-analyzer takes Deployments
beside their pods for further pods, and the others read nothing more.

All of it is written object by object, in a process of its own: a child starts with its parent's peak.
"""

from __future__ import annotations

import json
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bench.large_cluster import LargeCluster
from bench.large_cluster import write as written

__all__ = ["FORMS", "Asked", "Question", "question", "write"]

Manifest = dict[str, Any]

FORMS = ("list", "documents", "assistant")
_KINDS = frozenset(("Namespace", "Pod", "NetworkPolicy"))


class Asked(NamedTuple):
    """A pod as those see it who are told everything."""

    namespace: str
    name: str
    address: str
    labels: dict[str, str]
    namespace_labels: dict[str, str]


class Question(NamedTuple):
    source: Asked
    destination: Asked
    port: int
    port_name: str


def write(pods: int, folder: Path, forms: Iterable[str]) -> None:
    writers = {"list": _list, "documents": _documents, "assistant": _assistant}
    (folder / "question.json").write_text(json.dumps(_question(pods)))
    for form in forms:
        (folder / form).mkdir()
        writers[form](pods, folder / form)


def question(folder: Path) -> Question:
    source, destination, port, name = json.loads((folder / "question.json").read_text())
    return Question(Asked(*source), Asked(*destination), port, name)


def _question(pods: int) -> Question:
    """From the first pod to the last that runs in the network of the pods, on the port that it names."""
    namespaces = {each["metadata"]["name"]: each["metadata"]["labels"] for each in _each(pods, "Namespace")}
    plain = filter(_is_plain, _each(pods, "Pod"))
    first = next(plain)
    last = deque(plain, maxlen=1).pop()

    def asked(pod: Manifest) -> Asked:
        metadata = pod["metadata"]
        namespace, address = metadata["namespace"], pod["status"]["podIP"]
        return Asked(namespace, metadata["name"], address, metadata["labels"], namespaces[namespace])

    port = last["spec"]["containers"][0]["ports"][0]
    return Question(asked(first), asked(last), port["containerPort"], port["name"])


def _is_plain(pod: Manifest) -> bool:
    phase, namespace = pod["status"]["phase"], pod["metadata"]["namespace"]
    return bool(phase == "Running" and namespace != "kube-system")


def _each(pods: int, kind: str) -> Iterator[Manifest]:
    return map(json.loads, LargeCluster(pods, 0).items(frozenset((kind,))))


def _list(pods: int, folder: Path) -> None:
    with (folder / "cluster.json").open("w") as file:
        file.writelines(written(pods, 0, _KINDS))


def _documents(pods: int, folder: Path) -> None:
    with (folder / "cluster.yaml").open("w") as file:
        for text in LargeCluster(pods, 0).items(_KINDS):
            file.write(f"---\n{text}\n")


def _assistant(pods: int, folder: Path) -> None:
    (folder / "policies").mkdir()
    with (folder / "policies" / "policies.json").open("w") as file:
        file.write('{"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicyList", "items": [\n')
        file.write(",\n".join(LargeCluster(pods, 0).items(frozenset(("NetworkPolicy",)))))
        file.write("]}\n")
    namespaces = {each["metadata"]["name"]: each["metadata"]["labels"] for each in _each(pods, "Namespace")}
    with (folder / "model.json").open("w") as file:
        file.write(f'{{"Probes": [], "Resources": {{"Namespaces": {json.dumps(namespaces)}, "Pods": [\n')
        file.write(",\n".join(json.dumps(_modelled(pod)) for pod in _each(pods, "Pod")))
        file.write("]}}\n")
    asked = _question(pods)
    source, destination = map(_traffic, (asked.source, asked.destination))
    traffic: Manifest = {"Source": source, "Destination": destination, "Protocol": "TCP"}
    traffic |= {"ResolvedPort": asked.port, "ResolvedPortName": asked.port_name}
    (folder / "traffic.json").write_text(json.dumps([traffic]))


def _modelled(pod: Manifest) -> Manifest:
    """One container for each port: the model knows no container with two."""
    metadata: Manifest = pod["metadata"]
    containers: list[Manifest] = [
        {"Name": port["name"], "Port": port["containerPort"], "Protocol": "TCP", "PortName": port["name"]}
        for port in pod["spec"]["containers"][0]["ports"]
    ]
    named = {"Namespace": metadata["namespace"], "Name": metadata["name"], "Labels": metadata["labels"]}
    return {**named, "IP": pod["status"]["podIP"], "Containers": containers}


def _traffic(asked: Asked) -> Manifest:
    internal: Manifest = {"Namespace": asked.namespace, "PodLabels": asked.labels}
    return {"IP": asked.address, "Internal": {**internal, "NamespaceLabels": asked.namespace_labels}}


def _main(arguments: Sequence[str]) -> None:
    write(int(arguments[0]), Path(arguments[1]), arguments[2:])


if __name__ == "__main__":
    _main(sys.argv[1:])
