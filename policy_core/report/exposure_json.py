"""The JSON shape of exposed pods. Keys are stable: other programs rely on them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from policy_core.details.admission import Why
from policy_core.details.exposure import Exposed, in_cluster
from policy_core.evaluation import Evaluation
from policy_core.exposure import Place
from policy_core.ipblock import AddressSet
from policy_core.report.exposure_words import reason_text

__all__ = ["exposed_json", "exposure_json"]

Json = dict[str, Any]


def exposure_json(evaluation: Evaluation, exposed: Iterable[Exposed], caveats: Sequence[str]) -> Json:
    listed = [exposed_json(each) | {"in_cluster": _in_cluster(evaluation, each)} for each in exposed]
    return {"exposed": listed, "caveats": list(caveats)}


def exposed_json(exposed: Exposed) -> Json:
    """As a pod's own page has it, too."""
    entrance, admission = exposed.entrance, exposed.admission
    return {
        "subject": str(exposed.subject),
        "pods": [pod.ref.path for pod in exposed.pods],
        "way": entrance.way.value,
        "by": str(entrance.by),
        "service": str(entrance.service) if entrance.service else None,
        "gateway": str(entrance.gateway) if entrance.gateway else None,
        "hosts": list(entrance.hosts),
        "place": entrance.place.value,
        "addresses": _addresses(exposed),
        "ports": list(entrance.ports),
        "protocol": entrance.protocol,
        "target": exposed.target,
        "verdict": admission.verdict.value,
        "reason": reason_text(exposed),
        "from": _networks(admission.clients.certain),
        "unknown_from": _networks(admission.clients.possible),
        "policy_lets_in": _networks(admission.policy.certain),
        "source_ranges": None if entrance.ranges is None else _networks(entrance.ranges),
        "controller": _controller(exposed),
        "unevaluated": [str(ref) for ref in exposed.doubts],
    }


def _addresses(exposed: Exposed) -> list[str]:
    """Of the pods' own nodes those that are known, else the nodes' names."""
    if exposed.entrance.place is Place.OWN_NODE:
        nodes = exposed.nodes.items()
        return [text for node, known in nodes for text in (list(map(str, known)) or [node])]
    return list(exposed.entrance.addresses)


def _networks(addresses: AddressSet) -> list[str]:
    return [str(network) for network in addresses.networks()]


def _controller(exposed: Exposed) -> Json | None:
    proxy = exposed.entrance.proxy
    if proxy is None:
        return None
    return {
        "name": proxy.controller or None,
        "pods": [pod.ref.path for pod in proxy.pods],
        "path": proxy.path.name.lower(),
        "note": proxy.unfound.value if proxy.unfound else None,
    }


def _in_cluster(evaluation: Evaluation, exposed: Exposed) -> Json | None:
    """Only where it is not known which pod connects."""
    if exposed.admission.why not in (Why.UNFOUND, Why.DETACHED):
        return None
    counted = in_cluster(evaluation, exposed)
    return {"allow": counted.allow, "unknown": counted.unknown, "of": counted.total} if counted else None
