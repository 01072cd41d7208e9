"""What could not be read is unknown: neither open nor denied, and said on every page."""

from __future__ import annotations

import json
from typing import Any

import pytest

from policy_core.between import Level, outside_level
from policy_core.checking import check
from policy_core.connectivity import connectivity
from policy_core.details.matrix import matrix_caveats
from policy_core.details.namespace import namespace_detail
from policy_core.details.overview import overview
from policy_core.details.pod import pod_detail
from policy_core.ends import EndError, Ends
from policy_core.enforcement import enforcement
from policy_core.evaluation import Evaluation
from policy_core.expectations import Expectations
from policy_core.isolation import isolations
from policy_core.judgement import judge as judge_ends
from policy_core.kinds import MAY_APPLY
from policy_core.manifests import decode
from policy_core.model import Direction, kind_in_group
from policy_core.openness import Openness
from policy_core.report.check_json import check_json
from policy_core.report.document import Role
from policy_core.report.json import overview_json, pod_json
from policy_core.report.layout import ALL, layout, plain
from policy_core.report.matrix import matrix_document
from policy_core.report.matrix_csv import matrix_csv
from policy_core.report.matrix_json import matrix_json
from policy_core.report.namespace import namespace_document
from policy_core.report.overview import overview_document
from policy_core.report.pod import pod_document
from policy_core.report.trace import trace_document
from policy_core.report.trace_json import trace_json
from policy_core.trace import Trace, trace
from tests.clusters import judge, namespace, pod, policy, the_pod, verdict
from tests.coverage import absent, failed, forbidden, only, partly_read, whole
from tui.catalogue import Catalogue, Pane
from tui.columns import columns
from tui.words import openness as openness_word

X, Z = namespace("x", team="a"), namespace("z", team="b")
WEB = pod("web", "10.0.0.1", app="web", more="nodeName: n1")
DB = pod("db", "10.0.0.2", namespace="z", app="db", more="nodeName: n2")
HOST = pod("agent", "192.168.0.1", namespace="z", more="hostNetwork: true, nodeName: n1")
CLOSED = policy("closed", "{podSelector: {}, policyTypes: [Ingress, Egress]}", namespace="z")
NO_POLICIES = forbidden("NetworkPolicy", "networkpolicies is forbidden")
UNSEEN = only("NetworkPolicy", "z")


def page(document: Any) -> str:
    return " ".join(plain(layout(document, 200, ALL)).split())


def traced(evaluation: Evaluation, source: str, destination: str, port: int = 80) -> Trace:
    ends = Ends(evaluation)
    judgement = judge_ends(evaluation, ends.find(source), ends.find(destination), "TCP", port)
    return trace(evaluation, judgement)


def pod_page(evaluation: Evaluation, name: str = "x/web") -> str:
    found = the_pod(evaluation, name)
    assert found
    return page(pod_document(pod_detail(evaluation, found)))


def caveats(evaluation: Evaluation, name: str = "x/web") -> str:
    found = the_pod(evaluation, name)
    assert found
    return " ".join(pod_detail(evaluation, found).caveats)


# NetworkPolicies ------------------------------------------------------------------------------------------


def test_without_its_policies_a_pod_is_neither_open_nor_closed() -> None:
    found = partly_read(X + Z + WEB + DB, UNSEEN)
    assert verdict(found, "x/web", "z/db", 80) == "unknown"
    assert verdict(found, "z/db", "x/web", 80) == "unknown"
    assert verdict(found, "x/web", "8.8.8.8", 53) == "unknown"
    assert verdict(found, "8.8.8.8", "x/web", 80) == "unknown"
    assert judge(found, "z/db", "x/web", 80).egress.verdict == "allow"


def test_a_deny_of_the_other_side_stays_one() -> None:
    found = partly_read(X + Z + WEB + DB + CLOSED, UNSEEN)
    assert verdict(found, "x/web", "z/db", 80) == "deny"
    assert verdict(found, "z/db", "x/web", 80) == "deny"


@pytest.mark.parametrize("kind", [forbidden("NetworkPolicy"), failed("NetworkPolicy"), UNSEEN])
def test_whatever_kept_them_from_being_read(kind: Any) -> None:
    assert verdict(partly_read(X + Z + WEB + DB, kind), "z/db", "x/web", 80) == "unknown"


@pytest.mark.parametrize(
    "kind", [absent("NetworkPolicy"), whole("NetworkPolicy"), only("NetworkPolicy", "x")]
)
def test_where_they_were_read_nothing_is_unknown(kind: Any) -> None:
    assert verdict(partly_read(X + Z + WEB + HOST, kind), "z/agent", "x/web", 80) == "allow"


def test_what_needs_no_policy_is_known_all_the_same() -> None:
    found = partly_read(X + Z + WEB + DB + HOST, NO_POLICIES)
    assert verdict(found, "z/agent", "x/web", 80) == "allow"  # from its own node
    assert str(connectivity(found).allowed(1, 0).ports) == "all ports"
    assert verdict(found, "x/web", "x/web", 80) == "allow"
    assert verdict(found, "8.8.8.8", "z/agent", 80) == "allow"  # in its node's network
    assert verdict(found, "z/agent", "z/db", 80) == "unknown"  # from another node


def test_a_policy_that_is_known_for_all_that_says_nothing_of_the_others() -> None:
    """As one that is laid over the cluster."""
    for known in (CLOSED, policy("wide", "{podSelector: {}, ingress: [{}]}", namespace="z")):
        found = partly_read(X + Z + WEB + DB + known, only("NetworkPolicy", "x"))
        assert verdict(found, "x/web", "z/db", 80) == "unknown"
        allowed = connectivity(found).allowed(0, 1)
        assert (bool(allowed.ports), str(allowed.unknown)) == (False, "all ports")


def test_lists_show_neither_open_nor_restricted() -> None:
    found = partly_read(X + Z + WEB + DB + HOST, UNSEEN)
    states = {ref.path: state.ingress for ref, state in isolations(found).items()}
    assert states == {"x/web": Openness.UNSEEN, "z/db": Openness.OPEN, "z/agent": Openness.HOST}


def test_the_pod_page_and_its_json_say_so() -> None:
    found = partly_read(X + Z + WEB + DB, UNSEEN)
    said = pod_page(found)
    assert said.count("unknown: the NetworkPolicies of x could not be read") == 2
    assert "no policy selects" not in said
    assert "NetworkPolicies of x could not be read (forbidden): whether and how policy isolates" in said
    web = the_pod(found, "x/web")
    assert web
    told = pod_json(pod_detail(found, web))
    assert (told["ingress"]["isolated"], told["ingress"]["otherwise"]) == (None, "unknown")
    assert any("NetworkPolicies of x could not be read" in each for each in told["caveats"])


def test_the_trace_names_the_side_that_is_unknown() -> None:
    found = traced(partly_read(X + Z + WEB + DB, UNSEEN), "z/db", "x/web")
    said = page(trace_document(found))
    assert "Unknown: that hangs on NetworkPolicies that could not be read." in said
    assert "ingress the NetworkPolicies of x could not be read" in said
    assert "open: no policy selects z/db for egress" in said
    assert any("NetworkPolicies of x could not be read (forbidden)" in each for each in found.caveats)


def test_the_matrix_does_not_list_them_as_allowed() -> None:
    evaluation = partly_read(X + Z + WEB + DB, UNSEEN)
    found = connectivity(evaluation)
    assert outside_level(found.outside[0][Direction.EGRESS]) is Level.UNKNOWN
    assert outside_level(found.outside[1][Direction.EGRESS]) is Level.ALL
    for source, destination in ((0, 1), (1, 0)):
        allowed = found.allowed(source, destination)
        assert (bool(allowed.ports), bool(allowed.partial), str(allowed.unknown)) == (
            False,
            False,
            "all ports",
        )
    notes = matrix_caveats(evaluation, found)
    assert any("NetworkPolicies of x could not be read" in each for each in notes)
    told = json.loads("".join(matrix_json(found, notes)))
    everything = [{"protocol": "*"}]
    assert [
        (each["ports"], each["unknown"]) for each in told["connections"] if each["from"] != each["to"]
    ] == [
        ([], everything),
        ([], everything),
    ]
    outside = [each for each in told["external"] if each["class"] == 0]
    assert {(each["direction"], str(each["ports"]), str(each["unknown"])) for each in outside} == {
        (direction, "[]", str(everything)) for direction in ("ingress", "egress")
    }
    assert [each for each in told["external"] if each["class"] == 1 and "unknown" in each] == []
    lines = "".join(matrix_csv(found)).splitlines()
    assert "x/Pod/web,0.0.0.0/0,*,,,unknown" in lines
    assert "z/Pod/db,0.0.0.0/0,*,,,allow" in lines
    assert "unknown: all ports" in page(matrix_document(found, notes, "a cluster"))


def test_no_policy_that_was_read_is_a_fact_where_it_is_known_that_there_is_none() -> None:
    words = "No NetworkPolicy at all was read"
    for kind in (whole("NetworkPolicy"), absent("NetworkPolicy"), NO_POLICIES):
        found = partly_read(X + WEB, kind)
        assert words not in caveats(found)
        assert words not in " ".join(matrix_caveats(found, connectivity(found)))
    assert words in caveats(partly_read(X + WEB))
    assert "could not be read" not in caveats(partly_read(X + WEB, whole("NetworkPolicy")))


def test_the_namespace_page_does_not_say_that_every_pod_is_isolated() -> None:
    found = partly_read(X + Z + WEB + DB, UNSEEN)
    said = page(namespace_document(namespace_detail(found, found.snapshot.namespaces["x"])))
    assert "0 policies that could be read" in said
    assert said.count("not known: see above") == 3
    assert "policies restrict every pod" not in said
    assert "may reach an address outside" not in said
    assert "NetworkPolicies of x could not be read (forbidden)" in said
    other = page(namespace_document(namespace_detail(found, found.snapshot.namespaces["z"])))
    assert "could" not in other


def test_the_overview_counts_what_is_known() -> None:
    found = overview(partly_read(X + Z + WEB + DB + CLOSED, UNSEEN, absent("CiliumNetworkPolicy")))
    said = page(overview_document(found))
    assert "! Not everything could be read: NetworkPolicies: only in z." in said
    assert "1 network policy that could be read" in said
    assert "x 1 ? ? 0 ? 0" in said
    assert "z 1 1 of 1 1 of 1 0 1 0" in said
    told = overview_json(found)
    x, z = told["namespaces"]
    assert (x["pods"], x["isolated_ingress"], x["isolated_egress"], x["policies"]) == (1, None, None, None)
    assert (z["isolated_ingress"], z["policies"]) == (1, 1)
    assert told["coverage"] == [
        {
            "kind": "NetworkPolicy",
            "resource": "networkpolicys",
            "state": "partial",
            "namespaces": ["z"],
            "message": None,
        },
        {
            "kind": "CiliumNetworkPolicy",
            "resource": "ciliumnetworkpolicys",
            "state": "absent",
            "namespaces": [],
            "message": None,
        },
    ]


def test_manifests_are_read_whole() -> None:
    found = overview(partly_read(X + WEB))
    assert overview_json(found)["coverage"] == []
    assert "could" not in page(overview_document(found))


def test_an_expectation_of_what_is_unknown_differs() -> None:
    evaluation = partly_read(X + Z + WEB + DB, UNSEEN)
    expected = Expectations()
    expected.add("e", '[{"from": "z/db", "to": "x/web", "port": 80, "expect": "allow"}]')
    checked = check(evaluation, expected)
    [result] = check_json(checked, evaluation.snapshot)["results"]
    assert (result["verdict"], result["ok"]) == ("unknown", False)
    assert (result["egress"], result["ingress"]) == ("allow", "unknown")
    assert "NetworkPolicies that could not be read" in result["note"]


def test_the_lists_of_the_explorer_have_a_mark_for_it() -> None:
    catalogue = Catalogue.of(partly_read(X + Z + WEB + DB + CLOSED, UNSEEN, only("Service", "z")))
    cells = {
        row.ref.path: [column.cell(row) for column in columns(pane)]
        for pane in (Pane.NAMESPACES, Pane.PODS)
        for row in catalogue.rows[pane]
    }
    unknown = ("?", Role.UNKNOWN)
    assert cells["x/web"][2:4] == [unknown, unknown]
    assert cells["x"][2:5] == [unknown, unknown, unknown]
    assert cells["x"][5] == unknown
    assert unknown not in cells["z"]
    assert cells[""][2] == ("1?", Role.UNKNOWN)
    [web] = [row for row in catalogue.rows[Pane.PODS] if row.ref.path == "x/web"]
    assert web.haystack.endswith("\n?")
    assert openness_word(Openness.UNSEEN, uncertain=True) == "?"


# Kinds that are only recognised ---------------------------------------------------------------------------


def test_the_kinds_that_may_apply_unseen_are_the_tiered_ones_and_those_that_are_not_evaluated() -> None:
    kinds = {
        kind_in_group(name, version.rpartition("/")[0])
        for version, name in (*decode._UNEVALUATED, *decode._TIERED)
    }
    assert kinds == MAY_APPLY


@pytest.mark.parametrize("kind", sorted(MAY_APPLY))
def test_a_kind_that_is_forbidden_may_apply(kind: str) -> None:
    evaluation = partly_read(X + Z + WEB + DB, forbidden(kind))
    assert isolations(evaluation)[evaluation.snapshot.pods[0].ref].uncertain
    assert "some may apply as well" in pod_page(evaluation)


@pytest.mark.parametrize("kind", [absent, whole])
def test_a_kind_that_is_not_installed_or_has_no_object_may_not(kind: Any) -> None:
    evaluation = partly_read(X + Z + WEB + DB, kind("ClusterNetworkPolicy"))
    assert not isolations(evaluation)[evaluation.snapshot.pods[0].ref].uncertain
    assert "ClusterNetworkPolic" not in pod_page(evaluation)


def test_what_may_apply_makes_no_verdict_plain() -> None:
    evaluation = partly_read(
        X + Z + WEB + DB, forbidden("ClusterNetworkPolicy"), failed("GlobalNetworkPolicy")
    )
    found = traced(evaluation, "x/web", "z/db")
    said = page(trace_document(found))
    assert "ClusterNetworkPolicies could not be read (forbidden): some may apply as well." in said
    assert "GlobalNetworkPolicies could not be read (failed): some may apply as well." in said
    assert "? Allowed by what is evaluated." in said
    told = trace_json(found, "x/web", "z/db", lambda _: "")
    assert told["unevaluated"] == [
        "ClusterNetworkPolicies (not read: forbidden)",
        "GlobalNetworkPolicies (not read: failed)",
    ]
    assert "ClusterNetworkPolicies could not be read (forbidden): some may apply as well." in told["caveats"]
    matrix = connectivity(evaluation)
    assert all(each.unevaluated for each in matrix.classes)
    assert any(
        "ClusterNetworkPolicies (not read: forbidden)" in n for n in matrix_caveats(evaluation, matrix)
    )


def test_one_of_some_namespaces_only_may_apply_in_the_others() -> None:
    evaluation = partly_read(X + Z + WEB + DB, only("CiliumNetworkPolicy", "x"))
    states = {ref.path: state.uncertain for ref, state in isolations(evaluation).items()}
    assert states == {"x/web": False, "z/db": True}


def test_those_of_istios_root_namespace_apply_everywhere() -> None:
    evaluation = partly_read(X + WEB, only("AuthorizationPolicy", "x"))
    assert isolations(evaluation)[evaluation.snapshot.pods[0].ref].uncertain
    evaluation = partly_read(X + WEB, only("AuthorizationPolicy", "x", "istio-system"))
    assert not isolations(evaluation)[evaluation.snapshot.pods[0].ref].uncertain


# Namespaces -----------------------------------------------------------------------------------------------

FROM_TEAM = policy(
    "p", "{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: b}}}]}]}"
)


@pytest.mark.parametrize("kind", [forbidden("Namespace"), only("Namespace", "x"), failed("Namespace")])
def test_labels_of_a_namespace_that_was_not_read_are_unknown(kind: Any) -> None:
    evaluation = partly_read(X + WEB + DB + FROM_TEAM, kind)
    assert verdict(evaluation, "z/db", "x/web", 80) == "unknown"
    assert "The labels of z could not be read" in " ".join(traced(evaluation, "z/db", "x/web").caveats)
    allowed = connectivity(evaluation).allowed(1, 0)
    assert (bool(allowed.ports), str(allowed.unknown)) == (False, "all ports")


def test_its_name_is_known_all_the_same() -> None:
    named = FROM_TEAM.replace("team: b", "kubernetes.io/metadata.name: z")
    assert verdict(partly_read(X + WEB + DB + named, forbidden("Namespace")), "z/db", "x/web", 80) == "allow"


def test_a_policy_that_is_not_evaluated_may_select_by_labels_that_were_not_read() -> None:
    applying = (
        "---\napiVersion: networking.k8s.aws/v1alpha1\nkind: ClusterNetworkPolicy\nmetadata: {name: c}\n"
        "spec: {subject: {namespaces: {matchLabels: {team: c}}}, ingress: [{}]}\n"
    )
    found = partly_read(X + WEB + DB + applying, only("Namespace", "x"))
    states = {ref.path: state.uncertain for ref, state in isolations(found).items()}
    assert states == {"x/web": False, "z/db": True}


# Enforcement ----------------------------------------------------------------------------------------------


def test_enforcement_is_not_known_where_the_plugins_pods_could_not_be_read() -> None:
    found = overview(partly_read(X + WEB, forbidden("Pod"))).enforcement
    assert (found.enforced, found.text) == (
        None,
        "not known: Pods of kube-system could not be read (forbidden)",
    )
    seen = overview(partly_read(X + WEB, only("Pod", "x", "kube-system"))).enforcement
    assert "recognises" in seen.text


def test_a_plugin_that_ignores_policy_may_have_another_beside_it() -> None:
    flannel = pod("f", "192.168.0.1", app="flannel", more="hostNetwork: true")
    found = partly_read(X + flannel, only("Pod", "x"))
    assert enforcement(found.snapshot.pods, found.snapshot.unread).enforced is None
    assert enforcement(found.snapshot.pods).enforced is False


def test_what_is_certain_has_both_sides() -> None:
    evaluation = partly_read(X + Z + WEB + DB, UNSEEN)
    ends = Ends(evaluation)
    found = judge_ends(evaluation, ends.find("x/web"), ends.find("z/db"), "TCP", 80)
    assert (found.side(Direction.EGRESS), found.side(Direction.INGRESS)) == ("unknown", "allow")
    with pytest.raises(EndError):
        ends.find("x/nobody")
