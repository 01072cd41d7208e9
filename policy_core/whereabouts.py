"""Finds pods as endpoints name them: by name, and by address."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter

from policy_core.ipblock import IPAddress
from policy_core.model import Pod

__all__ = ["Whereabouts"]

_ORDER = attrgetter("namespace", "name", "kind")


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Templates have no name that an endpoint could have. Finished pods have no address any more; hostNetwork
    pods share their node's, which therefore names no single pod."""

    _by_name: dict[tuple[str, str], Pod]
    _by_address: dict[IPAddress, tuple[Pod, ...]]

    @classmethod
    def of(cls, pods: Iterable[Pod]) -> Whereabouts:
        return cls({}, {}).after((), pods)

    def after(self, gone: Iterable[Pod], new: Iterable[Pod]) -> Whereabouts:
        """The same when these pods have gone and come."""
        by_name, by_address = dict(self._by_name), dict(self._by_address)
        for pod in gone:
            if not pod.is_template:
                del by_name[pod.namespace, pod.name]
            for address in _addresses(pod):
                left = tuple(other for other in by_address[address] if other is not pod)
                if left:
                    by_address[address] = left
                else:
                    del by_address[address]
        for pod in new:
            if not pod.is_template:
                by_name[pod.namespace, pod.name] = pod
            for address in _addresses(pod):
                by_address[address] = (*by_address.get(address, ()), pod)
        return Whereabouts(by_name, by_address)

    def named(self, namespace: str, name: str) -> Pod | None:
        return self._by_name.get((namespace, name))

    def at(self, address: IPAddress) -> Pod | None:
        """The pod with that address; of several the last by namespace and name."""
        return max(self._by_address.get(address, ()), key=_ORDER, default=None)


def _addresses(pod: Pod) -> Iterable[IPAddress]:
    return () if pod.finished or pod.host_network else dict.fromkeys(pod.ips)
