"""A large cluster as one that is followed has it, and what its watches would bring: the objects of
``large_cluster.py`` as the server sends them, each event decoded as a watch decodes it."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Any

from bench.large_cluster import LargeCluster
from policy_core.coverage import KindCoverage, KindState
from policy_core.model import Reading
from policy_core.sources.cluster.resources import RESOURCES
from policy_core.sources.cluster.store import Store, held, key_of

__all__ = ["EVENTS", "Feed", "FollowedStore"]

_RESOURCES = {resource.kind: resource for resource in RESOURCES}
_KINDS = ("Namespace", "Node", "Pod", "Service", "EndpointSlice", "NetworkPolicy", "ClusterNetworkPolicy")
_NEW_AT_MOST = 200
Manifest = dict[str, Any]
_Key = tuple[str, str]


class Feed:
    """The same number of pods and the same events in the same order always give the same cluster. Templates
    are left out, since they are of no live cluster that the program reads."""

    def __init__(self, pods: int, tell: Callable[[str, bytes], object]) -> None:
        """``tell`` is called with the type of each watch event and its object as JSON, first those of all
        objects that there are."""
        self._tell = tell
        self._random = Random(pods)
        self._texts: dict[str, dict[_Key, bytes]] = {kind: {} for kind in _KINDS}
        """Of each kind the manifests as they are by now, as JSON."""
        self._keys: dict[str, list[_Key]] = {kind: [] for kind in _KINDS}
        self._slice_of: dict[_Key, _Key] = {}
        """Under a pod's namespace and name those of its EndpointSlice."""
        self._new: deque[_Key] = deque()
        """The pods of new applications."""
        self._made = 0
        for text in LargeCluster(pods).items(frozenset(_KINDS)):
            value = json.loads(text)
            kind, key = value["kind"], key_of(value)
            if kind == "EndpointSlice":
                for endpoint in value["endpoints"]:
                    self._slice_of[key[0], endpoint["targetRef"]["name"]] = key
            if kind != "Pod" or value["status"]["phase"] == "Running":
                self._keys[kind].append(key)
            self._put("ADDED", value)

    def everything(self) -> Iterator[bytes]:
        """Each object's manifest as it is by now."""
        for texts in self._texts.values():
            yield from texts.values()

    def readiness(self) -> None:
        """A pod becomes ready, or is no more, and its slice says so."""
        pod = self._some("Pod")
        self._set_ready(pod, not _is_ready(self._value("Pod", pod)))

    def gone(self) -> None:
        """A pod goes, and leaves its slice."""
        keys = self._keys["Pod"]
        at = self._random.randrange(len(keys))
        keys[at], key = keys[-1], keys[at]
        keys.pop()
        self._tell("DELETED", self._texts["Pod"].pop(key))
        slice_key = self._slice_of.pop(key, None)
        if slice_key is not None:
            value = self._value("EndpointSlice", slice_key)
            value["endpoints"] = [e for e in value["endpoints"] if e["targetRef"]["name"] != key[1]]
            self._put("MODIFIED", value)

    def come(self) -> None:
        """A pod like another comes, with an address of its own."""
        value = self._value("Pod", self._some("Pod"))
        self._rename(value)
        address = f"10.{100 + (self._made >> 16)}.{self._made >> 8 & 255}.{self._made & 255}"
        value["status"] |= {"podIP": address, "podIPs": [{"ip": address}]}
        self._keys["Pod"].append(key_of(value))
        self._put("MODIFIED", value)

    def application(self) -> None:
        """The first pod of a new application, which policies can tell from all others. The oldest of such
        pods goes where there are many: else the cluster would have more and more kinds of pods."""
        value = self._value("Pod", self._some("Pod"))
        self._rename(value)
        value["metadata"]["labels"]["app.kubernetes.io/name"] = f"new-{self._made}"
        self._put("ADDED", value)
        self._new.append(key_of(value))
        if len(self._new) > _NEW_AT_MOST:
            self._tell("DELETED", self._texts["Pod"].pop(self._new.popleft()))

    def policy(self) -> None:
        """A policy gets another first rule."""
        self._change_policy({"from": [{"podSelector": {"matchLabels": {"tier": self._tier()}}}]})

    def block(self) -> None:
        """A policy gets another first rule, with a block of addresses that no policy had."""
        self._made += 1
        cidr = f"10.{self._made % 16}.{self._made >> 4 & 255}.0/26"
        self._change_policy({"from": [{"ipBlock": {"cidr": cidr}}]})

    def namespace(self) -> None:
        """A namespace goes to another group, which selectors ask for."""
        value = self._value("Namespace", self._some("Namespace"))
        value["metadata"]["labels"]["team"] = f"group-{self._random.randrange(25)}"
        self._put("MODIFIED", value)

    def _change_policy(self, rule: Manifest) -> None:
        value = self._value("NetworkPolicy", self._some("NetworkPolicy"))
        value["spec"]["ingress"] = [rule, *value["spec"].get("ingress", [])[1:]]
        self._put("MODIFIED", value)

    def _set_ready(self, key: _Key, ready: bool) -> None:
        value = self._value("Pod", key)
        for condition in value["status"]["conditions"]:
            condition["status"] = str(ready)
        self._put("MODIFIED", value)
        slice_key = self._slice_of.get(key)
        if slice_key is not None:
            value = self._value("EndpointSlice", slice_key)
            for endpoint in value["endpoints"]:
                if endpoint["targetRef"]["name"] == key[1]:
                    endpoint["conditions"] = {"ready": ready, "serving": ready, "terminating": False}
            self._put("MODIFIED", value)

    def _rename(self, pod: Manifest) -> None:
        self._made += 1
        first = pod["metadata"]["name"].partition("-m")[0]
        pod["metadata"]["name"] = f"{first}-m{self._made}"

    def _tier(self) -> str:
        self._made += 1
        return f"t{self._made % 3}"

    def _some(self, kind: str) -> _Key:
        return self._random.choice(self._keys[kind])

    def _value(self, kind: str, key: _Key) -> Manifest:
        value: Manifest = json.loads(self._texts[kind][key])
        return value

    def _put(self, type_: str, value: Manifest) -> None:
        text = json.dumps(value, separators=(",", ":")).encode()
        self._texts[value["kind"]][key_of(value)] = text
        self._tell(type_, text)


class FollowedStore:
    """What the program's followers make of what they are told: a store, to be read."""

    def __init__(self) -> None:
        self.store = Store()

    def take(self, type_: str, text: bytes) -> None:
        """One event of a watch."""
        self.take_value(type_, json.loads(text))

    def take_value(self, type_: str, value: Manifest) -> None:
        store, resource, key = self.store, _RESOURCES[value["kind"]], key_of(value)
        if type_ == "DELETED":
            store.drop(resource, key)
        else:
            one = held(resource, resource.versions[0], value, store.get(resource, key), store.shared())
            store.put(resource, one)

    def reading(self) -> Reading:
        """All of it, as of kinds that could all be read."""
        whole = {kind: KindCoverage(kind, _RESOURCES[kind].name, KindState.COMPLETE) for kind in _KINDS}
        return self.store.reading("large", whole)


def _is_ready(pod: Manifest) -> bool:
    return any(c["type"] == "Ready" and c["status"] == "True" for c in pod["status"]["conditions"])


EVENTS: Mapping[str, tuple[Callable[[Feed], None], int]] = {
    "a pod's readiness, and its slice": (Feed.readiness, 660),
    "a pod that goes, and its slice": (Feed.gone, 120),
    "a pod that comes": (Feed.come, 120),
    "a pod of a new application": (Feed.application, 40),
    "a policy": (Feed.policy, 30),
    "a policy, with a new block of addresses": (Feed.block, 10),
    "the labels of a namespace": (Feed.namespace, 20),
}
"""By what they are: the event, and how often of a thousand it happens."""
