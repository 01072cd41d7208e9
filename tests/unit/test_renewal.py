"""What a change leaves alone is not computed again, and what it does touch is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from ipaddress import ip_address

import pytest

from bench.bench_renewal import grown
from policy_core.connectivity import connectivity
from policy_core.evaluation import Evaluation
from policy_core.isolation import isolations
from policy_core.labels import EVERYTHING, LabelSelector
from policy_core.model import (
    ContainerPort,
    Direction,
    Endpoint,
    EndpointPort,
    EndpointSlice,
    Namespace,
    NetworkPolicy,
    ObjectOfInterest,
    Origin,
    Pod,
    PodPeer,
    PolicyPort,
    Reading,
    Ref,
    Rule,
    Service,
    ServicePort,
    Tier,
    TieredPolicy,
    UnevaluatedPolicy,
    Workload,
)
from policy_core.openness import Openness
from policy_core.renewal import carried, difference
from policy_core.report.matrix_json import matrix_json
from policy_core.snapshot import assemble
from policy_core.sources.cluster.resources import RESOURCES
from policy_core.sources.cluster.store import Held, Store
from tui.catalogue import Catalogue, Pane

WEB = LabelSelector.of(app="web")
HTTP = ContainerPort(8080, name="http")


def pod(name: str, ip: str = "", namespace: str = "x", **more: object) -> Pod:
    known = {"labels": {"app": "web"}, "ports": (HTTP,), **more}
    return Pod(namespace, name, ips=(ip_address(ip),) if ip else (), **known)  # type: ignore[arg-type]


def slice_of(*pods: Pod, named: bool = True) -> EndpointSlice:
    endpoints = (Endpoint(p.ips, p.ready, pod=p.name if named else "") for p in pods)
    return EndpointSlice("x", "web-1", "web", (EndpointPort(8080),), tuple(endpoints))


def catalogue(objects: Iterable[ObjectOfInterest], before: Catalogue | None = None) -> Catalogue:
    known = before.evaluation if before else None
    snapshot = assemble(Reading("test", tuple(objects)), known.snapshot if known else None)
    return Catalogue.of(Evaluation.of(snapshot, known), before)


FIRST, SECOND = pod("a", "10.0.0.1"), pod("b", "10.0.0.2")
SERVICE = Service("x", "web", selector={"app": "web"}, ports=(ServicePort(80, 8080),))
OTHER = Service("x", "other", selector={"app": "other"}, ports=(ServicePort(80, 8080),))
CALLERS = NetworkPolicy("x", "callers", WEB, frozenset(Direction), (Rule((PodPeer(pods=WEB),)),))
TEAM = NetworkPolicy("x", "team", WEB, ingress=(Rule((PodPeer(LabelSelector.of(team="one")),)),))
NAMESPACE = Namespace("x", {"team": "one"})
CLUSTER = (NAMESPACE, FIRST, SECOND, SERVICE, OTHER, slice_of(FIRST, SECOND), CALLERS, TEAM)


def changed(old: ObjectOfInterest, new: ObjectOfInterest) -> tuple[ObjectOfInterest, ...]:
    return tuple(new if obj is old else obj for obj in CLUSTER)


def test_a_pods_readiness_changes_neither_classes_nor_compiled_policies() -> None:
    before = catalogue(CLUSTER)
    after = catalogue(changed(FIRST, replace(FIRST, ready=False)), before)
    was, now = before.evaluation, after.evaluation
    assert now.index.bitsets is was.index.bitsets
    assert now.policies.of == was.policies.of  # what is compiled is equal to nothing but itself
    assert now.snapshot.namespaces is was.snapshot.namespaces
    assert after.position == before.position
    assert after.rows[Pane.PODS][1] is before.rows[Pane.PODS][1]
    assert after.rows[Pane.SERVICES][0] is before.rows[Pane.SERVICES][0]
    assert after.rows[Pane.POLICIES][0] is before.rows[Pane.POLICIES][0]
    assert after.changed == {FIRST.ref: "~"}


def test_only_the_services_that_a_change_can_touch_are_routed_again() -> None:
    before = catalogue(CLUSTER)
    elsewhere = pod("c", "10.0.0.3", labels={"app": "none"})
    after = catalogue((*CLUSTER, elsewhere), before)
    for service in (SERVICE, OTHER):
        assert after.evaluation.routing.backends(service) is before.evaluation.routing.backends(service)
    again = catalogue(changed(SECOND, replace(SECOND, ready=False)), before)
    assert again.evaluation.routing.backends(OTHER) is before.evaluation.routing.backends(OTHER)
    assert again.evaluation.routing.backends(SERVICE) is not before.evaluation.routing.backends(SERVICE)


def test_a_changed_policy_alone_is_compiled_again() -> None:
    before = catalogue(CLUSTER)
    after = catalogue(changed(TEAM, replace(TEAM, ingress=())), before)
    was, now = (c.evaluation.policies.of[Direction.INGRESS] for c in (before, after))
    assert now[0] is was[0]
    assert now[1].rules == ()


def test_a_new_class_leaves_the_others_their_numbers_and_the_rules_their_ports() -> None:
    before = catalogue(CLUSTER)
    after = catalogue((*CLUSTER, pod("c", labels={})), before)
    was, now = before.evaluation, after.evaluation
    assert now.index.classes[:1] == was.index.classes
    one, other = (e.policies.of[Direction.INGRESS][0].rules[0] for e in (was, now))
    assert other.ports is one.ports


def test_a_class_that_has_gone_leaves_no_gap() -> None:
    pods = [pod(name, labels={"app": name}) for name in "abcdef"]
    by_app = [NetworkPolicy("x", f"of-{name}", LabelSelector.of(app=name)) for name in "abcdef"]
    before = catalogue((*pods, *by_app))
    for gone in ((0,), (5,), (1, 2), (0, 2, 5), (3, 4, 5), (0, 1, 2, 3, 4)):
        left = [one for number, one in enumerate(pods) if number not in gone]
        index = catalogue((*left, *by_app), before).evaluation.index
        assert len(index.classes) == len(left)
        for one in left:
            assert index.pods_of(index.class_bit(one)) == (one,)
            assert index.classes[index.class_of[one.ref]].labels == (("app", one.name),)


def test_values_that_no_selector_lists_are_as_good_as_each_other() -> None:
    pods = [pod(name, labels={"app": name}) for name in "abcd"]
    of = {name: NetworkPolicy("x", f"of-{name}", LabelSelector.of(app=name)) for name in "ab"}
    before = catalogue((*pods, of["a"]))
    assert _shared(before) == [["a"], ["b", "c", "d"]]
    assert before.evaluation.index.classes[1].labels == (("app", None),)
    listed = catalogue((*pods, *of.values()), before)
    assert _shared(listed) == [["a"], ["b"], ["c", "d"]]
    assert [row.pods for row in listed.rows[Pane.POLICIES]] == [1, 1]  # type: ignore[union-attr]
    again = catalogue((*pods, of["b"]), listed)
    assert _shared(again) == [["a", "c", "d"], ["b"]]
    joined = catalogue((*pods, pod("e", labels={"app": "e"}), of["b"]), again)
    assert joined.evaluation.index.bitsets is again.evaluation.index.bitsets
    unlabelled = catalogue((*pods, pod("e", labels={}), of["b"]), again)
    assert _shared(unlabelled) == [["a", "c", "d"], ["b"], ["e"]]


def _shared(catalogue: Catalogue) -> list[list[str]]:
    """The names of the pods of each class."""
    index = catalogue.evaluation.index
    return sorted([one.name for one in index.members(number)] for number in range(len(index.classes)))


def test_namespaces_that_selectors_ask_for_are_asked_again() -> None:
    before = catalogue(CLUSTER)
    after = catalogue(changed(NAMESPACE, Namespace("x", {"team": "two"})), before)
    peers = [c.evaluation.policies.of[Direction.INGRESS][1].rules[0].peers.certain for c in (before, after)]
    assert peers == [1, 0]


# Whose state hangs on others -------------------------------------------------------------------------------

NAMED = Rule((PodPeer(pods=WEB),), (PolicyPort("TCP", "http"),))
TO_HTTP = NetworkPolicy("x", "to-http", EVERYTHING, frozenset({Direction.EGRESS}), (), (NAMED,))


def egress(of: Catalogue, name: str = "a") -> Openness:
    row = of.find(Ref("Pod", "x", name))
    assert row is not None
    assert row.isolation == isolations(of.evaluation)[row.ref]  # type: ignore[union-attr]
    return row.isolation.egress  # type: ignore[union-attr]


def test_a_pod_that_is_no_longer_alone_may_reach_the_other() -> None:
    alone = catalogue((FIRST, TO_HTTP))
    both = catalogue((FIRST, SECOND, TO_HTTP), alone)
    again = catalogue((FIRST, TO_HTTP), both)
    assert both.evaluation.policies.of == alone.evaluation.policies.of
    assert [egress(c) for c in (alone, both, again)] == ["closed", "restricted", "closed"]


def test_a_port_by_name_comes_with_the_pods_that_declare_it() -> None:
    caller = pod("a", "10.0.0.1", ports=(), labels={"app": "caller"})
    without = catalogue((caller, TO_HTTP))
    served = catalogue((caller, SECOND, TO_HTTP), without)
    assert [egress(c) for c in (without, served)] == ["closed", "restricted"]


def test_a_namespaces_labels_decide_what_may_apply_unevaluated() -> None:
    mesh = UnevaluatedPolicy("cilium.io", "CiliumNetworkPolicy", "", "m", LabelSelector.of(team="two"))

    def uncertain(of: Catalogue) -> list[bool]:
        return [row.isolation.uncertain for row in of.rows[Pane.PODS]]  # type: ignore[union-attr]

    one, two = (Namespace("x", {"team": team}, Origin("f", 1, 1, 1)) for team in ("one", "two"))
    before = catalogue((one, FIRST, mesh))
    after = catalogue((two, FIRST, mesh), before)
    assert [uncertain(before), uncertain(after)] == [[False], [True]]
    assert uncertain(catalogue((two, FIRST), after)) == [False]


def test_a_pods_workload_goes_with_the_pod_and_with_what_says_so() -> None:
    owned = replace(FIRST, owner=Ref("ReplicaSet", "x", "web-1"))
    adopting = Workload("Deployment", "x", "web", pod("web", kind="Deployment"), WEB)
    states: tuple[tuple[ObjectOfInterest, ...], ...] = (
        (owned, SECOND),
        (SECOND,),
        (FIRST, SECOND, adopting),
        (FIRST, SECOND),
        (owned, adopting),
        (adopting,),
        (FIRST,),
    )
    before: Catalogue | None = None
    for objects in states:
        before = catalogue(objects, before)
        assert before.evaluation.snapshot == assemble(Reading("test", objects))
    assert before is not None
    assert before.evaluation.snapshot.workloads == {}


# Endpoints -------------------------------------------------------------------------------------------------


def backends(of: Catalogue) -> list[str | None]:
    return [b.pod.name if b.pod else None for b in of.evaluation.routing.backends(SERVICE)]


def test_an_address_leads_to_whoever_has_it_now() -> None:
    listed = slice_of(FIRST, named=False)
    heir = pod("z", "10.0.0.1", labels={})
    states = ((FIRST,), (FIRST, heir), (FIRST,), (), (heir,), (FIRST, heir), (heir,))
    expected = ["a", "z", "a", None, "z", "z", "z"]
    before: Catalogue | None = None
    for pods, name in zip(states, expected, strict=True):
        before = catalogue((SERVICE, listed, *pods), before)
        assert backends(before) == [name]


def test_a_pod_is_found_by_its_name_before_its_address_is_known() -> None:
    listed, bare = slice_of(FIRST), replace(FIRST, ips=(), labels={})
    before: Catalogue | None = None
    for pods in ((), (bare,), (replace(bare, node="n"),), (FIRST,), ()):
        before = catalogue((SERVICE, listed, *pods), before)
        (backend,) = before.evaluation.routing.backends(SERVICE)
        assert backend.pod is (pods[0] if pods else None)


def test_backends_that_nobody_asked_for_are_not_missed() -> None:
    objects = (FIRST, SERVICE, slice_of(FIRST))
    evaluation = Evaluation.of(assemble(Reading("test", objects)))
    evaluation.routing.backends(SERVICE)
    for ready in (False, True):
        objects = (replace(FIRST, ready=ready), *objects[1:])
        evaluation = Evaluation.of(assemble(Reading("test", objects), evaluation.snapshot), evaluation)
    (backend,) = evaluation.routing.backends(SERVICE)
    assert backend.pod is evaluation.pods[FIRST.ref]


# The store -------------------------------------------------------------------------------------------------

BY_KIND = {resource.kind: resource for resource in RESOURCES}


def keep(store: Store, obj: ObjectOfInterest) -> None:
    ref, resource = obj.ref, BY_KIND[obj.ref.kind]
    store.put(resource, Held((ref.namespace, ref.name), f"{resource.name}/{ref.path}", (obj,), (), b"{}"))


def test_a_reading_has_the_same_list_of_what_has_not_changed() -> None:
    store = Store()
    for obj in (SECOND, FIRST, SERVICE):
        keep(store, obj)
    one = assemble(store.reading("live", {}))
    keep(store, replace(SERVICE, ports=()))
    two = assemble(store.reading("live", {}), one)
    assert two.pods is one.pods == (FIRST, SECOND)
    assert two.services != one.services
    assert two.texts["pods/x/a"] == "{}\n"


# Nothing is kept -------------------------------------------------------------------------------------------


def test_what_was_known_is_freed_without_the_collector() -> None:
    """200 renewals with changes of all kinds: by the first half every object has been replaced."""
    half, after, left = grown(100)
    assert left == 1
    assert after < half * 1.05


@pytest.mark.parametrize("make", [list, tuple])
def test_differences_are_told_by_identity(make: Callable[[Iterable[object]], list[object]]) -> None:
    a, b, c, d = ([name] for name in "abcd")
    other_b = ["b"]
    before, now = make([a, b, c]), make([d, a, other_b])
    assert difference(before, now) == ([b, c], [d, other_b])
    assert difference(before, before) == ([], [])
    assert carried(before, [1, 2, 3], now) == ([None, 1, None], [0, 2], [1, 2])


def test_all_pairs_are_right_though_the_first_pod_of_a_class_has_gone() -> None:
    """The classes keep their numbers, and another class comes first now."""
    web, db = LabelSelector.of(app="web"), LabelSelector.of(app="db")
    into_db = NetworkPolicy("a", "db", db, frozenset(Direction), (Rule((PodPeer(None, web),)),))
    out_of_web = NetworkPolicy("a", "web", web, frozenset(Direction), (), (Rule((PodPeer(None, db),)),))

    def pod(name: str, app: str, number: int) -> Pod:
        return Pod("a", name, {"app": app}, (ip_address(f"10.0.0.{number}"),), phase="Running")

    gone, *left = pod("a", "web", 1), pod("b", "db", 2), pod("c", "db", 3), pod("d", "web", 4)
    first = Evaluation.of(assemble(Reading("t", (into_db, out_of_web, gone, *left))))
    after = Reading("t", (into_db, out_of_web, *left))
    renewed = Evaluation.of(assemble(after, first.snapshot), first)
    fresh = Evaluation.of(assemble(after))
    assert renewed.index.classes != fresh.index.classes
    told = "".join(matrix_json(connectivity(renewed), ()))
    assert told == "".join(matrix_json(connectivity(fresh), ()))
    assert '{"from": 1, "to": 0,' in told, "web may connect to db"


def test_a_policy_of_another_priority_is_found_in_its_new_place() -> None:
    """Nothing has come or gone, and yet the rows stand in another order."""
    first, second = (
        TieredPolicy("ClusterNetworkPolicy", name, Tier.ADMIN, number, PodPeer(EVERYTHING))
        for number, name in enumerate("ab")
    )
    before = catalogue([first, second])
    for moved in (replace(first, priority=5), replace(first, tier=Tier.BASELINE)):
        now = catalogue([moved, second], before)
        assert now.rows == catalogue([moved, second]).rows
        assert [row.ref.name for row in now.rows[Pane.POLICIES]] == ["b", "a"]
        assert (now.find(moved.ref), now.find(second.ref)) == tuple(now.rows[Pane.POLICIES])[::-1]
