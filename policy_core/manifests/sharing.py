"""Equal values of many objects, kept once: the pods of a workload differ in little, and an object differs
little from what it was before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import cast

from policy_core.ipblock import IPAddress
from policy_core.labels import Labels
from policy_core.manifests.addresses import parse_address
from policy_core.model import (
    ContainerPort,
    Endpoint,
    EndpointPort,
    EndpointSlice,
    ObjectOfInterest,
    Pod,
    Ref,
)

__all__ = ["Shared", "sharing"]


class Shared:
    """Such values as they were met first. Kept for one reading only: any longer it would hold on to what has
    gone."""

    __slots__ = ("_addresses", "_container_ports", "_endpoint_ports", "_labels", "_refs", "_texts")

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._labels: dict[tuple[tuple[str, str], ...], Labels] = {}
        self._refs: dict[tuple[str, str, str], Ref] = {}
        self._addresses: dict[tuple[str, ...], tuple[IPAddress, ...]] = {}
        self._container_ports: dict[tuple[ContainerPort, ...], tuple[ContainerPort, ...]] = {}
        self._endpoint_ports: dict[tuple[EndpointPort, ...], tuple[EndpointPort, ...]] = {}

    def text(self, text: str) -> str:
        return self._texts.setdefault(text, text)

    def labels(self, labels: Labels) -> Labels | None:
        """Equal ones in the same order, if such were kept."""
        return self._labels.get(tuple(labels.items()))

    def keep_labels(self, labels: Labels) -> Labels:
        """These, for others that are equal. Only those with which nothing is wrong: there is nothing to say
        about them again."""
        kept = {self.text(name): self.text(value) for name, value in labels.items()}
        return self._labels.setdefault(tuple(kept.items()), kept)

    def ref(self, kind: str, namespace: str, name: str) -> Ref:
        found = self._refs.get((kind, namespace, name))
        if found is None:
            found = Ref(self.text(kind), self.text(namespace), self.text(name))
            self._refs[found] = found
        return found

    def addresses(self, texts: tuple[str, ...]) -> tuple[IPAddress, ...] | None:
        """What the texts say; None where one of them is no address."""
        found = self._addresses.get(texts)
        if found is None:
            parsed = [self._address(text) for text in texts] if len(texts) > 1 else map(parse_address, texts)
            found = tuple(address for address in parsed if address is not None)
            if len(found) < len(texts):
                return None
            self._addresses[texts] = found
        return found

    def _address(self, text: str) -> IPAddress | None:
        found = self.addresses((text,))
        return found[0] if found else None

    def container_ports(self, ports: tuple[ContainerPort, ...]) -> tuple[ContainerPort, ...]:
        return self._container_ports.setdefault(ports, ports)

    def endpoint_ports(self, ports: tuple[EndpointPort, ...]) -> tuple[EndpointPort, ...]:
        return self._endpoint_ports.setdefault(ports, ports)


_OFTEN: Mapping[type, tuple[str, ...]] = {
    kind: tuple(field.name for field in fields(kind)) for kind in (Pod, EndpointSlice)
}
"""What there are many of, and changes all the time."""


def sharing(now: ObjectOfInterest, before: ObjectOfInterest) -> ObjectOfInterest:
    """The same as ``now``, with the values of ``before`` wherever they are equal."""
    if type(now) is not type(before) or type(now) not in _OFTEN:
        return now
    same = {
        name: had
        for name in _OFTEN[type(now)]
        if (had := getattr(before, name)) is not (has := getattr(now, name)) and _same(had, has)
    }
    if isinstance(now, EndpointSlice) and isinstance(before, EndpointSlice) and "endpoints" not in same:
        same["endpoints"] = _sharing_endpoints(now.endpoints, before.endpoints)
    return replace(now, **same)


def _same(one: object, other: object) -> bool:
    """Labels are shown in their order."""
    return one == other and (not isinstance(one, dict) or list(one) == list(cast(dict[str, str], other)))


def _sharing_endpoints(now: Sequence[Endpoint], before: Sequence[Endpoint]) -> tuple[Endpoint, ...]:
    """Most changes are of one: what is alike before and behind it is taken as it was."""
    shorter = min(len(now), len(before))
    first = next((at for at in range(shorter) if now[at] != before[at]), shorter)
    left = shorter - first
    last = next((at for at in range(left) if now[-1 - at] != before[-1 - at]), left)
    return (*before[:first], *now[first : len(now) - last], *before[len(before) - last :])
