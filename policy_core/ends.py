"""What people call the ends of a connection: a pod, a workload, a Service, or a host outside: its address, or
its name."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from ipaddress import IPv6Address, ip_address

from policy_core.domain_name import DomainName, parse_domain_name
from policy_core.evaluation import Evaluation
from policy_core.ipblock import IPAddress
from policy_core.model import Pod, Ref, Service
from policy_core.routing import service_families

__all__ = ["EndError", "Ends", "NamedEnd", "Pods"]

_SHORT_KINDS = {
    "po": "pod",
    "deploy": "deployment",
    "sts": "statefulset",
    "ds": "daemonset",
    "rs": "replicaset",
    "rc": "replicationcontroller",
    "cj": "cronjob",
    "svc": "service",
}
"""kubectl's short names."""

_MOST_HINTS = 3


@dataclass(frozen=True, slots=True)
class Pods:
    """One pod, or the pods of one workload: those that take part, never none."""

    ref: Ref
    """The pod's, or the workload's."""
    pods: tuple[Pod, ...]


NamedEnd = Pods | Service | IPAddress | DomainName


class EndError(ValueError):
    """Nothing, or more than one thing, is called so. The message says what is, in names to copy."""


class Ends:
    """Finds what a word means in one evaluation. ``namespace`` is meant where a name says none; ``advice`` is
    given where nothing comes near a name."""

    def __init__(
        self,
        evaluation: Evaluation,
        namespace: str = "default",
        advice: str = "`overview` lists the namespaces",
    ) -> None:
        self._snapshot = evaluation.snapshot
        self._namespace = namespace
        self._advice = advice

    @cached_property
    def _members(self) -> dict[tuple[str, str], dict[Ref, list[Pod]]]:
        """Under each name the workloads that have pods here, and these."""
        found: dict[tuple[str, str], dict[Ref, list[Pod]]] = defaultdict(dict)
        for pod in self._snapshot.pods:
            workload = None if pod.finished else self._snapshot.workloads.get(pod.ref)
            if workload is not None:
                found[workload.namespace, workload.name].setdefault(workload, []).append(pod)
        return found

    @cached_property
    def _services(self) -> dict[tuple[str, str], Service]:
        return {(service.namespace, service.name): service for service in self._snapshot.services}

    @cached_property
    def _families(self) -> set[int]:
        """Those of which an address was read, or asked for by a Service."""
        found: set[int] = {a.version for pod in self._snapshot.pods if not pod.finished for a in pod.ips}
        if not found:
            return found  # of templates alone nobody knows which family they will have
        for service in self._snapshot.services:
            if service.ip_families or any(address != "None" for address in service.cluster_ips):
                found |= service_families(service)
        return found

    def __iter__(self) -> Iterator[Pods | Service]:
        """Whatever has a name and takes part: pods, workloads, Services."""
        yield from (Pods(pod.ref, (pod,)) for pod in self._snapshot.pods if not pod.finished)
        for workloads in self._members.values():
            yield from (Pods(ref, tuple(pods)) for ref, pods in workloads.items())
        yield from self._services.values()

    def find(self, text: str) -> NamedEnd:
        """``NAMESPACE/NAME`` is a pod, else the workload of that name; ``service:NAMESPACE/NAME`` a Service;
        any other kind may stand before the colon as well. ``domain:NAME`` is a host that only its name is
        known of. Raises EndError."""
        address = _address(text)
        if address is not None:
            return self._outside(address)
        kind, _, path = text.rpartition(":")
        kind = _SHORT_KINDS.get(kind.lower(), kind.lower())
        if kind == "domain":
            return _domain_name(path)
        namespace, _, name = path.rpartition("/")
        if not name or "/" in namespace or (not namespace and "/" in path):
            said = text or "an empty name"
            raise EndError(f"{said} is neither NAMESPACE/NAME, service:NAMESPACE/NAME nor an IP address")
        if "/" in kind or path.isdigit():
            raise EndError(f"{text}: a port is given apart from the name")
        namespace = namespace or self._namespace
        if kind in ("service", "services"):
            return self._service(namespace, name)
        return self._of_pods(kind, namespace, name)

    def _outside(self, address: IPAddress) -> IPAddress:
        if isinstance(address, IPv6Address) and (address.scope_id or address.ipv4_mapped):
            raise EndError(f"{address}: write it without a zone, and an IPv4 address as such")
        hidden = self._snapshot.unread.some("Pod") or self._snapshot.unread.some("Service")
        if self._families and address.version not in self._families and not hidden:
            [other] = self._families
            raise EndError(
                f"{address} is an IPv{address.version} address, and nothing here has one: "
                f"every pod and Service that was read is IPv{other} only"
            )
        return address

    def _service(self, namespace: str, name: str) -> Service:
        found = self._services.get((namespace, name))
        if found is None:
            near = [f"service:{path}" for path in _near(namespace, name, self._services)]
            if (namespace, name) in self._known:
                near.insert(0, f"{namespace}/{name}")
            unread = self._unread("Service", namespace)
            if unread:
                raise EndError(f"{unread}: whether there is a Service {namespace}/{name} is not known")
            raise EndError(f"no Service {namespace}/{name} in what was read{self._hint(near)}")
        return found

    def _of_pods(self, kind: str, namespace: str, name: str) -> Pods:
        found = [Pods(pod.ref, (pod,)) for pod in self._pods(namespace, name) if not pod.finished]
        if kind:
            found = [each for each in (*found, *self._workloads(namespace, name)) if _is(each.ref, kind)]
        else:
            # A pod is what its own name means, whatever workloads share that.
            pods = [each for each in found if each.ref.kind == "Pod"]
            found = pods or [*found, *self._workloads(namespace, name)]
        if len(found) > 1:
            choices = " or ".join(sorted(f"{pods.ref.kind.lower()}:{pods.ref.path}" for pods in found))
            raise EndError(f"{namespace}/{name} names several workloads: say {choices}")
        if not found:
            raise EndError(self._no_pods(kind, namespace, name))
        return found[0]

    def _pods(self, namespace: str, name: str) -> Iterator[Pod]:
        """Pods and templates of that name; those of several kinds may share it."""
        pods = self._snapshot.pods  # in this order
        for position in range(bisect_left(pods, (namespace, name), key=_name), len(pods)):
            if _name(pods[position]) != (namespace, name):
                break
            yield pods[position]

    def _workloads(self, namespace: str, name: str) -> Iterator[Pods]:
        for ref, pods in self._members.get((namespace, name), {}).items():
            yield Pods(ref, tuple(pods))

    def _no_pods(self, kind: str, namespace: str, name: str) -> str:
        for pod in self._pods(namespace, name):
            if pod.finished and kind in ("", "pod", "pods"):
                return f"{pod.ref} has finished ({pod.phase}): it takes part in no connection"
        near = _near(namespace, name, self._known)
        if (namespace, name) in self._services:
            near.insert(0, f"service:{namespace}/{name}")
        elif not near and not kind:
            near = [f"service:{path}" for path in _near(namespace, name, self._services)]
        what = kind or "pod or workload"
        if unread := self._unread("Pod", namespace):
            return f"{unread}: whether there is a {what} {namespace}/{name} is not known{self._meant(near)}"
        return f"no {what} {namespace}/{name} in what was read{self._hint(near)}"

    def _unread(self, kind: str, namespace: str) -> str:
        """That it could not be read there; empty where it was."""
        unread = self._snapshot.unread
        return unread.said([kind], [f"namespace {namespace}"]) if unread.here(kind, namespace) else ""

    def _hint(self, near: list[str]) -> str:
        return self._meant(near) or f"; {self._advice}"

    @staticmethod
    def _meant(near: list[str]) -> str:
        if not near:
            return ""
        return f"; did you mean {' or '.join(near[:_MOST_HINTS])}?"

    @cached_property
    def _known(self) -> dict[tuple[str, str], None]:
        """Everything that :meth:`_of_pods` would find."""
        living = (_name(pod) for pod in self._snapshot.pods if not pod.finished)
        return dict.fromkeys((*living, *self._members))


def _domain_name(text: str) -> DomainName:
    found = parse_domain_name(text)
    if found is None:
        raise EndError(f"{text or 'an empty name'} is no domain name such as www.example.com")
    return found


def _name(pod: Pod) -> tuple[str, str]:
    return pod.namespace, pod.name


def _is(ref: Ref, kind: str) -> bool:
    """kubectl takes the plural as well."""
    return kind in (ref.kind.lower(), f"{ref.kind.lower()}s")


def _address(text: str) -> IPAddress | None:
    bare = text.removeprefix("[").removesuffix("]")
    try:
        return ip_address(bare)
    except ValueError:
        pass
    start, slash, _ = bare.partition("/")
    if slash:
        try:
            address = ip_address(start)
        except ValueError:
            return None
        raise EndError(f"{text} is a range: name one address, as {address}")
    return None


def _near(namespace: str, name: str, known: Iterable[tuple[str, str]]) -> list[str]:
    """Names that may have been meant: the same in other namespaces, then similar ones in this, then the same
    or similar ones in a namespace of a similar name."""
    by_namespace: dict[str, list[str]] = defaultdict(list)
    for space, each in known:
        by_namespace[space].append(each)

    def candidates() -> Iterator[str]:
        yield from (f"{space}/{name}" for space, names in by_namespace.items() if name in names)
        for space in (namespace, *get_close_matches(namespace, by_namespace)):
            names = by_namespace.get(space, [])
            yield from (f"{space}/{each}" for each in names if each.startswith(f"{name}-"))
            yield from (f"{space}/{each}" for each in get_close_matches(name, names, n=_MOST_HINTS))

    return list(dict.fromkeys(candidates()))
