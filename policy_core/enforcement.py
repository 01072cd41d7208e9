"""Whether the cluster's network plugin enforces policy, judged by the plugin's own pods and DaemonSets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from policy_core.evaluation import Evaluation
from policy_core.kinds import plural
from policy_core.model import Pod, Ref
from policy_core.network_plugins import PLUGINS, TIERED_KINDS, Plugin, Seen, Stance, Support, visible
from policy_core.unread import Unread

__all__ = ["Enforcement", "Evidence", "Support", "enforcement", "enforcement_in"]

_HOME = "kube-system"
"""Where most clusters have their plugin's pods."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Something that anybody can look up: an object, a DaemonSet or a pod, and what of it tells of the
    plugin: its label, its image and those of its options that matter."""

    plugin: str
    object: Ref
    facts: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.object}: {', '.join(self.facts)}"


@dataclass(frozen=True, slots=True)
class Enforcement:
    """``enforced`` None: not known. So it is of NetworkPolicies; of the kinds of policy.networking.k8s.io
    ``tiers`` tells, by kind."""

    enforced: bool | None
    text: str
    evidence: tuple[Evidence, ...] = ()
    tiers: Mapping[str, Support] = field(default_factory=dict)
    caveats: tuple[str, ...] = ()
    """What to know of the way in which it is enforced, of pods that policy isolates."""
    always: tuple[str, ...] = ()
    """The same of every pod."""

    @property
    def objects(self) -> str:
        """``DaemonSet kube-system/calico-node``: what the text goes by; empty where there is nothing."""
        return ", ".join(dict.fromkeys(str(each.object) for each in self.evidence))

    @property
    def told(self) -> str:
        """The text with what it goes by."""
        return f"{self.text} ({self.objects})" if self.evidence else self.text

    def tiers_in_words(self, kinds: Iterable[str] = TIERED_KINDS) -> Iterator[tuple[bool | None, str]]:
        """Of each of ``kinds`` whether it is enforced, and a sentence that says so."""
        said = {True: "enforced", False: "not enforced", None: "not known"}
        for kind in kinds:
            found = self.tiers.get(kind, Support(None))
            why = f" ({found.why})" if found.why else ""
            yield found.enforced, f"{plural(kind)}: {said[found.enforced]}{why}"


@lru_cache(maxsize=1)
def enforcement_in(evaluation: Evaluation) -> Enforcement:
    """Every page asks for the same, so it is kept for the snapshot at hand."""
    return enforcement(evaluation.snapshot.pods, evaluation.snapshot.unread)


def enforcement(pods: Iterable[Pod], unread: Unread | None = None) -> Enforcement:
    """``pods`` may be all there are, templates of DaemonSets without pods among them."""
    found = _found(pods)
    told = {name: _agreed(name, _different(agents)) for name, agents in found.items()}
    proof = {name: tuple(_distinct(each for _, each in agents)) for name, agents in found.items()}

    def of(names: Iterable[str]) -> tuple[Evidence, ...]:
        return tuple(each for name in names for each in proof[name])

    enforcing = [name for name, stance in told.items() if stance.enforced]
    if enforcing:
        caveats = tuple(sentence for name in enforcing for sentence in told[name].caveats)
        always = tuple(sentence for name in enforcing for sentence in told[name].always)
        text = f"enforced by {' and '.join(enforcing)}"
        return Enforcement(True, text, of(enforcing), _tiers(told.values()), caveats, always)
    for name, stance in told.items():
        if stance.enforced is None:
            return Enforcement(None, f"not known: {stance.why}", of([name]), _tiers(told.values()))
    hidden = _hidden(unread, bool(told))
    if told:
        why = "; ".join(stance.why for stance in told.values())
        if hidden:
            # Another one, unseen, may enforce it beside these.
            return Enforcement(None, f"not known: {why}, but {hidden}", of(told))
        return Enforcement(False, f"not enforced: {why}", of(told), _tiers(told.values()))
    if hidden:
        return Enforcement(None, f"not known: {hidden}")
    return Enforcement(None, "not known: the pods of no network plugin that this tool recognises were read")


def _hidden(unread: Unread | None, ignored: bool) -> str:
    """What may have a plugin's pods that nobody here has seen. Where one was seen that ignores policy, every
    namespace may have another."""
    if unread and unread.here("Pod", _HOME):
        return unread.said(["Pod"], [_HOME])
    if unread and ignored and unread.some("Pod"):
        said = unread.said(["Pod"])
        return f"s{said[1:]}" if said.startswith("Some ") else said
    return ""


def _found(pods: Iterable[Pod]) -> dict[str, list[tuple[Stance, Evidence]]]:
    """The agents of each plugin, in the order of the plugins."""
    found: dict[str, list[tuple[Stance, Evidence]]] = {plugin.name: [] for plugin in PLUGINS}
    known: dict[tuple[object, ...], tuple[tuple[Plugin, Stance, tuple[str, ...]], ...]] = {}
    for pod in pods:
        # Every one of these agents uses its node's network; a pod that merely has such a label does not.
        if not pod.host_network or pod.finished:
            continue
        agent = pod.owner if pod.owner and pod.owner.kind == "DaemonSet" else pod.ref
        workload = agent.name if agent.kind == "DaemonSet" else ""
        alike = (workload, tuple(sorted(pod.labels.items() & _LABELS)), id(pod.containers))
        if alike not in known:
            known[alike] = tuple(_judged(pod, workload))
        for plugin, stance, facts in known[alike]:
            found[plugin.name].append((stance, Evidence(plugin.name, agent, facts)))
    return {name: agents for name, agents in found.items() if agents}


_LABELS = frozenset().union(*(plugin.labels for plugin in PLUGINS))


def _judged(pod: Pod, workload: str) -> Iterator[tuple[Plugin, Stance, tuple[str, ...]]]:
    plugins = [plugin for plugin in PLUGINS if plugin.recognises(pod, workload)]
    others = {plugin.instead_of for plugin in plugins}
    for plugin in plugins:
        if plugin.name not in others:
            yield plugin, plugin.judge(Seen(visible(pod.containers))), tuple(_facts(plugin, pod))


def _facts(plugin: Plugin, pod: Pod) -> Iterator[str]:
    yield from (f"label {key}={value}" for key, value in sorted(plugin.labels & pod.labels.items()))
    for container in visible(pod.containers):
        if plugin.has(container):
            yield f"image {container.image}"
            yield from (f"argument {argument}" for argument in container.arguments)
            yield from (f"{name}={value}" for name, value in container.environment)


def _different(agents: Iterable[tuple[Stance, Evidence]]) -> list[Stance]:
    different: list[Stance] = []
    for stance in {id(stance): stance for stance, _ in agents}.values():
        if stance not in different:
            different.append(stance)
    return different


def _agreed(name: str, stances: list[Stance]) -> Stance:
    """What all of a plugin's agents do alike; while it is being changed some may do one thing and some
    another."""
    if len(stances) == 1:
        return stances[0]
    told = {stance.enforced for stance in stances}
    enforced = next(iter(told)) if len(told) == 1 else None
    why = " or ".join(sorted({stance.why for stance in stances if stance.why}))
    if enforced is None and told != {None}:
        why = f"the pods of {name} differ: some enforce policy, some do not" if True in told else why
    caveats = tuple(dict.fromkeys(sentence for stance in stances for sentence in stance.caveats))
    always = tuple(dict.fromkeys(sentence for stance in stances for sentence in stance.always))
    return Stance(enforced, why, _alike([stance.tiers for stance in stances]), caveats, always)


def _alike(several: list[Mapping[str, Support]]) -> Mapping[str, Support]:
    """What they all say of a kind, for the reason that one of them gives."""
    found = {}
    for kind in TIERED_KINDS:
        told = [tiers.get(kind, Support(None)) for tiers in several]
        if len({each.enforced for each in told}) == 1:
            found[kind] = told[0]
    return found


def _tiers(stances: Iterable[Stance]) -> Mapping[str, Support]:
    """Of several plugins one is enough to enforce a kind; that none does is known only where it is of all."""
    every = [stance.tiers for stance in stances]
    found = {}
    for kind in TIERED_KINDS:
        told = [tiers.get(kind, Support(None)) for tiers in every]
        for enforced in (True, None, False):
            those = [each for each in told if each.enforced is enforced]
            if those:
                why = "; ".join(dict.fromkeys(each.why for each in those if each.why))
                found[kind] = Support(enforced, why)
                break
    return found


def _distinct(every: Iterable[Evidence]) -> Iterator[Evidence]:
    """Each DaemonSet once, and of pods without one those that tell something else."""
    seen: set[object] = set()
    for each in every:
        key = each if each.object.kind != "Pod" else (each.plugin, each.facts)
        if key not in seen:
            seen.add(key)
            yield each
