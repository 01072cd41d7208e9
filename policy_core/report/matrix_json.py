"""The connectivity matrix in JSON, as in the command-line contract, piece by piece: it may be long."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from policy_core.address_range import AddressRange
from policy_core.chosen import chosen
from policy_core.column import Allowed
from policy_core.connectivity import Connectivity
from policy_core.index import bits
from policy_core.ipblock import AddressSet
from policy_core.matrix_classes import MatrixClass
from policy_core.model import Direction
from policy_core.report.matrix_lines import lines
from policy_core.report.words import ports_json

__all__ = ["matrix_json"]


def matrix_json(found: Connectivity, caveats: Sequence[str]) -> Iterator[str]:
    """The text, ASCII only. A pair that is absent has no allowed port."""
    yield '{"classes": ['
    yield from _listed((json.dumps(_class(found.classes[number])),) for number in bits(found.shown()))
    yield '],\n"connections": ['
    yield from _listed(_connections(found))
    yield '],\n"external": ['
    yield from _listed(_external(found))
    yield f'],\n"caveats": {json.dumps(list(caveats))}}}\n'


def _listed(items: Iterable[Iterable[str]]) -> Iterator[str]:
    """Items of a list, one on a line: the pieces of each, or of several of them."""
    before = "\n"
    for pieces in items:
        yield before
        yield from pieces
        before = ",\n"


def _class(each: MatrixClass) -> dict[str, object]:
    told: dict[str, object] = {
        "id": each.number,
        "namespace": each.namespace,
        "workload": f"{each.workload.kind}/{each.workload.name}" if each.workload else None,
        "labels": each.labels(),
        "pods": [pod.ref.path for pod in each.pods],
    }
    first = each.pods[0]
    if first.is_template:
        told |= {"template": True, "replicas": first.replicas}
    if first.host_network:
        told["host_network"] = True
    if each.unevaluated:
        told["unevaluated"] = [str(ref) for ref in each.unevaluated]
    return told


def _connections(found: Connectivity) -> Iterator[Iterator[str]]:
    """Those to one destination that are allowed the same in one."""
    numbers = [str(number) for number in range(len(found.classes))]
    rendered: dict[Allowed, str] = {}
    for destination, column in enumerate(found.to()):
        for allowed, sources in column:
            if allowed not in rendered:
                rendered[allowed] = ", ".join(
                    f'"{kind}": {json.dumps(ports_json(ports))}'
                    for kind, ports in allowed._asdict().items()
                    if ports or kind == "ports"
                )
            after = f', "to": {destination}, {rendered[allowed]}}}'
            yield lines(list(chosen(numbers, sources)), '{"from": ', after, ",\n")


def _external(found: Connectivity) -> Iterator[Iterator[str]]:
    networks: dict[AddressSet, tuple[str, ...]] = {}
    rendered: dict[AddressRange, str] = {}
    for number, outside in enumerate(found.outside):
        for direction in Direction:
            for each in outside[direction]:
                if each.addresses not in networks:
                    networks[each.addresses] = tuple(map(str, each.addresses.networks()))
                if each not in rendered:
                    rendered[each] = _range(each)
                after = f'", "class": {number}, "direction": "{direction.value}", {rendered[each]}}}'
                yield lines(networks[each.addresses], '{"cidr": "', after, ",\n")


def _range(each: AddressRange) -> str:
    unknown = f', "unknown": {json.dumps(ports_json(each.unknown))}' if each.unknown else ""
    return f'"ports": {json.dumps(ports_json(each.ports))}{unknown}'
