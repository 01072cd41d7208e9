"""Finds pods as endpoints name them: by name, and by address."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from operator import attrgetter

from policy_core.ipblock import IPAddress, address_point
from policy_core.model import Pod, Ref
from policy_core.parts import ByNamespace
from policy_core.sharded import Sharded

__all__ = ["Whereabouts"]

_ORDER = attrgetter("namespace", "name", "kind")


class Whereabouts:
    """Templates have no name that an endpoint could have. Finished pods have no address any more; hostNetwork
    pods share their node's, which therefore names no single pod."""

    def __init__(self, pods: ByNamespace[Pod], previous: Whereabouts | None = None) -> None:
        self._pods = pods
        self._by_address: Sharded[int, Pod]
        if previous is None:
            self._by_address = Sharded[int, Pod]().after((), _placed(pods))
        else:
            gone, new = pods.since(previous._pods)
            self._by_address = previous._by_address.after(_placed(gone), _placed(new))

    def named(self, namespace: str, name: str) -> Pod | None:
        return self._pods.find(Ref("Pod", namespace, name))

    def at(self, address: IPAddress) -> Pod | None:
        """The pod with that address; of several the last by namespace and name."""
        return max(self._by_address.get(address_point(address)), key=_ORDER, default=None)


def _placed(pods: Iterable[Pod]) -> Iterator[tuple[int, Pod]]:
    for pod in pods:
        if not (pod.finished or pod.host_network):
            for address in dict.fromkeys(pod.ips) if len(pod.ips) > 1 else pod.ips:
                yield address_point(address), pod
