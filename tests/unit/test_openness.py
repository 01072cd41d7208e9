"""How far a pod is open: the lists, the pod's page and the namespace's page say the same, and it is true."""

from __future__ import annotations

import pytest

from policy_core.details.namespace import namespace_detail
from policy_core.details.pod import pod_detail
from policy_core.isolation import Isolations, isolations
from policy_core.model import Direction
from policy_core.openness import Openness
from policy_core.report.layout import layout, plain
from policy_core.report.pod import pod_document
from tests.clusters import evaluate, pod, policy, the_pod, verdict

FOUR, SIX, BOTH, NONE = "10.0.0.1", "fd00::1", "10.0.0.1,fd00::1", ""
V4, V6 = "{ipBlock: {cidr: 0.0.0.0/0}}", "{ipBlock: {cidr: '::/0'}}"
HALVES = "{from: [{ipBlock: {cidr: 0.0.0.0/1}}]}, {from: [{ipBlock: {cidr: 128.0.0.0/1}}]}"
CUT_UP = "{ipBlock: {cidr: 10.0.0.0/8, except: [10.0.0.0/9, 10.128.0.0/9]}}"
HTTP = "{name: c, ports: [{name: http, containerPort: 8080}]}"
DEPLOYMENT = (
    "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: x}\n"
    "spec: {replicas: 3, selector: {matchLabels: {app: web}}, "
    f"template: {{metadata: {{labels: {{app: web}}}}, spec: {{containers: [{HTTP}]}}}}}}\n"
)


def page(text: str, name: str = "x/a") -> str:
    evaluation = evaluate(text)
    found = the_pod(evaluation, name)
    assert found is not None
    return plain(layout(pod_document(pod_detail(evaluation, found)), 200, ()))


def word(text: str, direction: Direction, name: str = "a") -> Openness:
    evaluation = evaluate(text)
    [state] = [state for ref, state in isolations(evaluation).items() if ref.name == name]
    return state.ingress if direction is Direction.INGRESS else state.egress


@pytest.mark.parametrize(
    ("ips", "rules", "expected", "said"),
    [
        (FOUR, f"{{from: [{V4}]}}", Openness.WIDE, "open to anyone by p rule 1"),
        (FOUR, f"{{from: [{V6}]}}", Openness.CLOSED, "closed: nothing is allowed by p"),
        (SIX, f"{{from: [{V4}]}}", Openness.CLOSED, "closed: nothing is allowed by p"),
        (SIX, f"{{from: [{V4}]}}, {{from: [{V6}]}}", Openness.WIDE, "open to anyone by p rule 2"),
        (BOTH, f"{{from: [{V6}]}}", Openness.WIDE, "open to every IPv6 address by p rule 1"),
        (NONE, f"{{from: [{V6}]}}", Openness.WIDE, "open to every IPv6 address by p rule 1"),
        (FOUR, HALVES, Openness.WIDE, "open to anyone by p rule 1, p rule 2"),
        (SIX, HALVES, Openness.CLOSED, "closed: nothing is allowed by p"),
        (FOUR, f"{{from: [{CUT_UP}]}}", Openness.CLOSED, "closed: nothing is allowed by p"),
        (NONE, f"{{from: [{CUT_UP}]}}", Openness.CLOSED, "closed: nothing is allowed by p"),
        (FOUR, "{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}", Openness.RESTRICTED, "restricted by p"),
        (FOUR, f"{{from: [{V6}, {{podSelector: {{}}}}]}}", Openness.RESTRICTED, "restricted by p"),
        (FOUR, "{ports: [{port: nope}]}", Openness.CLOSED, "closed: nothing is allowed by p"),
    ],
)
def test_one_pod_one_state(ips: str, rules: str, expected: Openness, said: str) -> None:
    text = pod("a", ips) + policy("p", f"{{podSelector: {{}}, ingress: [{rules}]}}")
    assert word(text, Direction.INGRESS) is expected
    assert f"← Ingress  {said}\n" in page(text)
    evaluation = evaluate(text)
    found = namespace_detail(evaluation, evaluation.snapshot.namespaces["x"])
    assert bool(found.open_pods(Direction.INGRESS)) is (expected is Openness.WIDE)


OUT = "{podSelector: {matchLabels: {app: a}}, policyTypes: [Egress], egress: [{to: [PEER], ports: [{port: http}]}]}"
TO_PODS, TO_BLOCK = "{podSelector: {}}", "{ipBlock: {cidr: 10.0.0.0/8}}"
WEB = pod("web", "10.0.0.2", app="web").replace("{name: c}", HTTP)


@pytest.mark.parametrize(
    ("peer", "others", "expected"),
    [
        (TO_PODS, "", Openness.CLOSED),
        (TO_PODS, pod("b", "10.0.0.2"), Openness.CLOSED),
        (TO_PODS, WEB, Openness.RESTRICTED),
        (TO_PODS, DEPLOYMENT.replace("replicas: 3", "replicas: 0"), Openness.CLOSED),
        (TO_BLOCK, WEB, Openness.RESTRICTED),
        (TO_BLOCK, WEB.replace("10.0.0.2", "192.0.2.1"), Openness.CLOSED),
        ("{ipBlock: {cidr: 'fd00::/8'}}", WEB.replace("10.0.0.2", "10.0.0.2'}, {ip: 'fd00::2"), Openness.CLOSED),
        # Whether an address that is yet to come lies in the block is not known.
        (TO_BLOCK, DEPLOYMENT, Openness.RESTRICTED),
    ],
)  # fmt: skip
def test_a_port_name_opens_what_some_destination_may_have(peer: str, others: str, expected: Openness) -> None:
    text = pod("a", FOUR, app="a") + others + policy("p", OUT.replace("PEER", peer))
    assert word(text, Direction.EGRESS) is expected
    assert ("→ Egress  closed: nothing is allowed by p\n" in page(text)) is (expected is Openness.CLOSED)


def test_a_port_name_that_only_the_pod_itself_has_opens_nothing() -> None:
    alone = pod("a", FOUR, app="a").replace("{name: c}", HTTP)
    closed = policy("p", OUT.replace("PEER", TO_PODS))
    assert word(alone + closed, Direction.EGRESS) is Openness.CLOSED
    twin = alone.replace("name: a,", "name: twin,").replace(FOUR, "10.0.0.2")
    assert word(alone + twin + closed, Direction.EGRESS) is Openness.RESTRICTED


def test_a_port_name_is_resolved_on_destinations_that_may_match_too() -> None:
    text = pod("a", FOUR, app="a") + DEPLOYMENT + policy("p", OUT.replace("PEER", TO_BLOCK))
    assert "http (TCP 8080)" in page(text)


def out(peer: str) -> str:
    return policy("p", f"{{podSelector: {{}}, policyTypes: [Egress], egress: [{{to: [{peer}]}}]}}")


@pytest.mark.parametrize(
    ("peer", "pods"),
    [
        (V4, ["both", "four", "new"]),
        (V6, ["both", "new", "six"]),
        (CUT_UP, []),
        (TO_PODS, []),
    ],
)
def test_a_rule_is_a_way_out_for_pods_that_speak_its_family(peer: str, pods: list[str]) -> None:
    cluster = pod("four", FOUR) + pod("six", SIX) + pod("both", BOTH) + pod("new", NONE)
    evaluation = evaluate(cluster + out(peer))
    ways = namespace_detail(evaluation, evaluation.snapshot.namespaces["x"]).ways_out
    assert [[p.name for p in way.pods] for way in ways] == ([pods] if pods else [])


def test_a_port_name_is_no_way_out_and_what_no_policy_restricts_is() -> None:
    named = pod("a", FOUR, app="a") + pod("b", "10.0.0.2") + policy("p", OUT.replace("PEER", V4))
    evaluation = evaluate(named)
    [way] = namespace_detail(evaluation, evaluation.snapshot.namespaces["x"]).ways_out
    assert (way.rule, [p.name for p in way.pods]) == (None, ["b"])


def test_a_block_matches_pods_over_the_families_of_the_pod_alone() -> None:
    cluster = pod("a", FOUR) + pod("b", "10.0.0.2,fd00::2") + pod("new")
    evaluation = evaluate(cluster + policy("p", f"{{podSelector: {{}}, ingress: [{{from: [{V6}]}}]}}"))
    peers = {}
    for name in ("x/a", "x/b"):
        found = the_pod(evaluation, name)
        assert found is not None
        [peer] = pod_detail(evaluation, found).ingress.rules[0].peers
        peers[name] = ([p.name for p in peer.pods], [p.name for p in peer.possible])
    assert peers == {"x/a": ([], []), "x/b": ([], ["new"])}
    assert verdict(evaluation, "x/new", "x/a", 80) == "deny"
    assert verdict(evaluation, "x/new", "x/b", 80) == "unknown"


@pytest.mark.parametrize(("peer", "expected"), [(V6, Openness.CLOSED), (V4, Openness.WIDE)])
def test_egress_is_over_the_pods_own_families_too(peer: str, expected: Openness) -> None:
    assert word(pod("a", FOUR) + out(peer), Direction.EGRESS) is expected


@pytest.mark.parametrize("turned", [False, True])
def test_what_tiers_say_to_one_pod_they_need_not_say_to_another(turned: bool) -> None:
    """Whichever is asked first, though no policy names either."""
    pods = {
        "four": pod("four", FOUR),
        "six": pod("six", SIX),
        "both": pod("both", BOTH),
        "named": pod("named", FOUR).replace("{name: c}", HTTP),
    }
    tiers = (
        "---\napiVersion: policy.networking.k8s.io/v1alpha1\nkind: AdminNetworkPolicy\n"
        "metadata: {name: admin}\nspec: {priority: 1, subject: {namespaces: {}}, "
        "ingress: [{action: Deny, from: [{namespaces: {}}], ports: [{namedPort: http}]}], "
        "egress: [{action: Deny, to: [{networks: [0.0.0.0/0]}]}]}\n"
    )
    evaluation = evaluate("".join(pods.values()) + tiers)
    of = Isolations(evaluation).of
    states = {}
    for name in reversed(pods) if turned else pods:
        one = the_pod(evaluation, f"x/{name}")
        assert one is not None
        states[name] = of(one)
    assert {name: (state.ingress, state.egress) for name, state in states.items()} == {
        "four": (Openness.OPEN, Openness.CLOSED),
        "six": (Openness.OPEN, Openness.OPEN),
        "both": (Openness.OPEN, Openness.RESTRICTED),
        "named": (Openness.RESTRICTED, Openness.CLOSED),
    }
