"""What pages, traces and JSON say of policies of the tiers."""

from __future__ import annotations

from typing import Any

import pytest

from policy_core.connectivity import connectivity
from policy_core.details.exposure import exposed_pods
from policy_core.details.namespace import namespace_detail
from policy_core.details.pod import pod_detail
from policy_core.details.policy import tiered_policy_detail
from policy_core.details.service import service_detail
from policy_core.ends import Ends
from policy_core.evaluation import Evaluation
from policy_core.judgement import judge
from policy_core.report.document import Document
from policy_core.report.exposure_words import reason_text, verdict_text
from policy_core.report.json import pod_json
from policy_core.report.layout import ALL, layout, plain
from policy_core.report.matrix_pair import pair_document
from policy_core.report.namespace import namespace_document
from policy_core.report.pod import pod_document
from policy_core.report.policy import tiered_policy_document
from policy_core.report.service import service_document
from policy_core.report.trace import trace_document
from policy_core.trace import trace
from tests.clusters import evaluate, pod, policy, service, the_pod
from tests.coverage import forbidden, partly_read
from tests.unit.test_tiers import (
    ACCEPT_Y,
    CLUSTER,
    DENY_Y,
    ISOLATING,
    NODES,
    PASS_Y,
    banp,
    cnp,
    egress,
    ingress,
)
from tui.words import selects


def words(document: Document) -> str:
    """Everything on one line, so that no wrapping matters."""
    return " ".join(plain(layout(document, 200, ALL)).split())


def pod_page(text: str, name: str = "x/db") -> str:
    return words(pod_document(pod_detail(*_of(evaluate(CLUSTER + text), name))))


def told(text: str, name: str = "x/db") -> dict[str, Any]:
    return pod_json(pod_detail(*_of(evaluate(CLUSTER + text), name)))


def _of(evaluation: Evaluation, name: str) -> tuple[Evaluation, Any]:
    return evaluation, the_pod(evaluation, name)


def traced(text: str, source: str, destination: str, port: int = 80) -> str:
    return _traced(evaluate(CLUSTER + text), source, destination, port)


def _traced(evaluation: Evaluation, source: str, destination: str, port: int = 80) -> str:
    ends = Ends(evaluation)
    return words(
        trace_document(
            trace(evaluation, judge(evaluation, ends.find(source), ends.find(destination), "TCP", port))
        )
    )


def test_rules_stand_in_the_order_in_which_they_decide_and_the_rest_is_told() -> None:
    page = pod_page(
        ISOLATING
        + cnp("late", ingress(DENY_Y), priority=20)
        + cnp("early", ingress(PASS_Y), priority=3)
        + cnp("base", ingress(DENY_Y), tier="Baseline")
    )
    order = [
        "Admin 3",
        "↓ pass",
        "early rule 1",
        "Admin 20",
        "✗ deny",
        "late rule 1",
        "everything else",
        "isolated",
    ]
    assert [page.index(word) for word in order] == sorted(page.index(word) for word in order)
    assert "closed: nothing is allowed by late, np" in page
    assert "Baseline is not asked, since a NetworkPolicy isolates the pod: base" in page


def test_where_no_tier_denies_anything_the_pod_is_open() -> None:
    page = pod_page(cnp("p", ingress(ACCEPT_Y, PASS_Y)))
    assert "Ingress open: no NetworkPolicy selects this pod for ingress, and no tier denies anything" in page
    assert "default ✓ allow everything else — no policy decides" in page


def test_a_baseline_that_allows_everybody_leaves_the_pod_open() -> None:
    page = pod_page(banp(egress("{action: Allow, to: [{networks: [0.0.0.0/0]}]}")))
    assert "Egress open: no NetworkPolicy selects this pod for egress, and no tier denies anything" in page


def test_of_policies_of_equal_priority_any_may_be_the_first() -> None:
    """So neither of two that say the opposite of everybody makes the pod open, or closed."""
    every = "networks: [0.0.0.0/0]"
    accept = egress(f"{{action: Accept, to: [{{{every}}}]}}")
    deny = egress(f"{{action: Deny, to: [{{{every}}}]}}")
    for first, second in ((accept, deny), (deny, accept)):
        assert "Egress restricted by " in pod_page(cnp("p", first) + cnp("q", second))
        baseline = cnp("p", first, tier="Baseline") + banp(second.replace("Accept", "Allow"))
        assert "Egress restricted by " in pod_page(baseline)


def test_the_page_of_a_pod_names_policies_that_may_contradict_each_other() -> None:
    said = "Nothing says which of ClusterNetworkPolicy p and ClusterNetworkPolicy q decides first in the Admin tier"
    page = pod_page(cnp("p", ingress(ACCEPT_Y)) + cnp("q", ingress(DENY_Y)))
    assert said in page
    assert said not in pod_page(cnp("p", ingress(DENY_Y)) + cnp("q", ingress(DENY_Y)))
    assert said not in pod_page(cnp("p", ingress(ACCEPT_Y)) + cnp("q", ingress(DENY_Y), priority=2))
    assert said not in pod_page(
        cnp("p", ingress(ACCEPT_Y)) + cnp("q", egress("{action: Deny, to: [{nodes: {}}]}"))
    )
    baseline = cnp("p", ingress(ACCEPT_Y), tier="Baseline") + banp(ingress(DENY_Y))
    tied = "Nothing says which of BaselineAdminNetworkPolicy default and ClusterNetworkPolicy p decides first"
    assert tied in pod_page(baseline)
    assert tied not in pod_page(baseline + ISOLATING)


def test_a_baseline_for_other_pods_ties_nobody() -> None:
    text = banp(ingress(DENY_Y), subject="{namespaces: {matchLabels: {team: blue}}}")
    text += cnp("p", ingress(ACCEPT_Y), tier="Baseline") + cnp("q", ingress(DENY_Y), tier="Baseline")
    text += cnp("r", ingress(DENY_Y), tier="Baseline", priority=2)
    page = pod_page(text)
    assert "Nothing says which of ClusterNetworkPolicy p and ClusterNetworkPolicy q decides first" in page
    assert "BaselineAdminNetworkPolicy default" not in page


def test_who_comes_in_from_outside_hangs_on_a_policy_that_may_be_for_the_pod() -> None:
    text = UNLABELLED + service(
        "s",
        "{type: NodePort, externalTrafficPolicy: Local, selector: {app: db}, "
        "ports: [{port: 80, nodePort: 30080}]}",
    )
    closed = ingress("{action: Deny, from: [{services: {}}]}")
    text += cnp("p", closed, subject="{namespaces: {matchLabels: {team: red}}}")
    [exposed] = exposed_pods(partly_read(text, forbidden("Namespace")), "x")
    assert verdict_text(exposed) == "? policy not understood"
    assert reason_text(exposed).startswith("a rule of a tier that is not understood denies every address")


def test_a_namespace_says_where_nothing_may_leave_it() -> None:
    def page(text: str) -> str:
        evaluation = evaluate(CLUSTER + text)
        return words(namespace_document(namespace_detail(evaluation, evaluation.snapshot.namespaces["x"])))

    every = "{action: Deny, to: [{networks: [0.0.0.0/0]}]}"
    nowhere = "so no pod here may reach an address outside the cluster"
    closed = page(cnp("p", egress(every)))
    assert nowhere in closed
    assert "by default" not in closed
    some = page(cnp("p", egress(every.replace("0.0.0.0/0", "10.0.0.0/8"))))
    assert nowhere not in some
    assert "OUT OF THE CLUSTER the first that matches decides" in some
    assert "anywhere all ports ✓ allow by default" in some
    passing = cnp("p", egress(every.replace("Deny", "Pass"))) + policy(
        "np", "{podSelector: {}, policyTypes: [Egress]}"
    )
    assert nowhere in page(passing)


def test_a_policy_that_is_not_in_force_says_so_on_its_page() -> None:
    for wrong in (
        cnp("p", ingress(DENY_Y), tier="Ultra"),
        cnp("p", ingress(DENY_Y), subject="{nodes: {}}"),
        banp(ingress(DENY_Y)).replace("name: default", "name: other"),
    ):
        evaluation = evaluate(CLUSTER + wrong)
        [each] = evaluation.snapshot.tiered_policies
        page = words(tiered_policy_document(tiered_policy_detail(evaluation, each)))
        assert page.startswith(
            "not evaluated: for which pods it is, or when it decides, cannot be read ✗ <stdin>:"
        )
        assert "PODS IT IS FOR" not in page
        assert "decides before" not in page
        assert selects(each) == "not evaluated: it has errors"


@pytest.mark.parametrize("given", ["''", "{}", "0", "false", "[]"])
def test_peers_that_are_no_list_are_told(given: str) -> None:
    snapshot = evaluate(CLUSTER + cnp("p", ingress(f"{{action: Deny, from: {given}}}"))).snapshot
    assert [p.field for p in snapshot.problems] == [
        "spec.ingress[0].from" if given != "[]" else "spec.ingress[0]"
    ]
    [each] = snapshot.tiered_policies
    assert each.ref in snapshot.faulty
    assert each.ingress[0].closed


UNLABELLED = CLUSTER[CLUSTER.index("---\napiVersion: v1\nkind: Pod") :]


def test_a_policy_that_may_be_for_the_pod_restricts_it_perhaps() -> None:
    every = egress("{action: Deny, to: [{networks: [0.0.0.0/0]}, {nodes: {}}]}")
    text = UNLABELLED + cnp("p", every, subject="{namespaces: {matchLabels: {team: red}}}")
    evaluation = partly_read(text, forbidden("Namespace"), forbidden("Node"))
    page = words(pod_document(pod_detail(*_of(evaluation, "x/db"))))
    assert "Egress perhaps restricted by p" in page
    assert "Admin 1 ✗ deny? every IPv4 address" in page
    assert "Whether 1 pod runs on nodes that a rule selects is not known." in page
    space = words(namespace_document(namespace_detail(evaluation, evaluation.snapshot.namespaces["x"])))
    assert "every IPv4 address all ports ✗ deny? p rule 1" in space


def test_a_trace_says_that_networkpolicies_were_not_read_between_the_tiers() -> None:
    evaluation = partly_read(CLUSTER + cnp("p", ingress(PASS_Y)), forbidden("NetworkPolicy"))
    said = _traced(evaluation, "z/other", "x/db")
    assert "NetworkPolicy: those of the namespace could not be read" in said
    assert "isolated by" not in said


def test_rules_of_different_tiers_do_not_disagree() -> None:
    """What passes and what allows does, and what is further down only comes of it."""
    text = cnp("p", ingress(PASS_Y)) + cnp("q", ingress(ACCEPT_Y)) + banp(ingress(DENY_Y))
    said = traced(text, "z/other", "x/db")
    assert "ingress p rule 1, q rule 1 disagree at the same priority" in said
    assert "Baseline: default rule 1 denies it" in said


def test_port_ranges_of_the_tiers_are_no_endport() -> None:
    ranges = "protocols: [{tcp: {destinationPort: {range: {start: 80, end: 90}}}}]"
    page = pod_page(cnp("p", ingress(DENY_Y.replace("action", f"{ranges}, action"))))
    assert "TCP 80–90" in page
    assert "endPort" not in page


def test_a_namespace_that_is_only_named_may_be_a_subject() -> None:
    said = "No Namespace object for x was read"
    red = cnp("p", ingress(DENY_Y), subject="{namespaces: {matchLabels: {team: red}}}")
    evaluation = evaluate(UNLABELLED + red)
    assert said in words(pod_document(pod_detail(*_of(evaluation, "x/db"))))
    assert said in _traced(evaluation, "z/other", "x/db")
    assert said not in pod_page(red)
    by_name = cnp(
        "p", ingress(DENY_Y), subject="{namespaces: {matchLabels: {kubernetes.io/metadata.name: z}}}"
    )
    assert said not in words(pod_document(pod_detail(*_of(evaluate(UNLABELLED + by_name), "x/db"))))


def test_the_baseline_that_has_no_priority_has_no_equal_one() -> None:
    text = banp(ingress(DENY_Y)) + cnp("p", ingress(ACCEPT_Y), tier="Baseline", priority=7)
    evaluation = evaluate(CLUSTER + text)
    for each in evaluation.snapshot.tiered_policies:
        page = words(tiered_policy_document(tiered_policy_detail(evaluation, each)))
        assert "Same tier and priority" not in page
        assert "Before it or after it, nothing says which, and some of the same pods: " in page


def test_the_matrix_says_which_policies_disagree() -> None:
    evaluation = evaluate(CLUSTER + cnp("p", ingress(ACCEPT_Y)) + cnp("q", ingress(DENY_Y)))
    found = connectivity(evaluation)
    number = {pod.ref.path: each for each in found.classes for pod in each.pods}
    page = words(pair_document(evaluation, found, number["z/other"], number["x/db"]))
    assert "unknown: p rule 1, q rule 1 disagree at the same priority" in page


def test_a_contradiction_over_one_address_family_is_told_as_one() -> None:
    def rule(action: str) -> str:
        return egress(f"{{action: {action}, to: [{{networks: [0.0.0.0/0]}}]}}")

    both = pod("one", "10.0.2.1,fd00::1") + pod("two", "10.0.2.2,fd00::2")
    said = traced(both + cnp("p", rule("Accept")) + cnp("q", rule("Deny")), "x/one", "x/two")
    assert "Unknown: policies of the same tier and priority disagree" in said


def test_a_policy_that_may_be_for_some_pods_may_have_an_effect() -> None:
    red = cnp("p", ingress(DENY_Y), subject="{namespaces: {matchLabels: {team: red}}}")
    evaluation = partly_read(UNLABELLED + red, forbidden("Namespace"))
    [each] = evaluation.snapshot.tiered_policies
    page = words(tiered_policy_document(tiered_policy_detail(evaluation, each)))
    assert "PODS IT IS FOR 0 now none for certain PODS IT MAY BE FOR 3 now" in page
    assert "no effect" not in page


def test_a_rule_that_fails_closed_says_so() -> None:
    page = pod_page(
        cnp(
            "p", ingress("{action: Deny, from: [{services: {}}]}", "{action: Accept, from: [{services: {}}]}")
        )
    )
    assert "closed: nothing is allowed by p" in page
    assert "✗ deny anyone, inside and outside: not understood, so it fails closed" in page
    assert "✓ allow nobody: not understood, so it matches nothing" in page
    assert (
        'p ingress[0] is not understood (unknown field "services"), so it fails closed: it denies everything.'
        in page
    )
    assert "ClusterNetworkPolicy p may also apply" in page
    rules = told(cnp("p", ingress("{action: Pass, from: [{services: {}}]}")))["ingress"]["rules"]
    assert [(rule["action"], rule["fails_closed"]) for rule in rules] == [
        ("deny", 'unknown field "services"')
    ]


def test_json_has_the_tiers() -> None:
    found = told(
        cnp("p", ingress(DENY_Y.replace("action", "name: no-blue, action")), priority=7)
        + banp(egress("{action: Allow, to: [{networks: [10.0.0.0/8, 192.168.0.0/16]}, {nodes: {}}]}"))
    )
    [rule] = found["ingress"]["rules"]
    assert (rule["tier"], rule["priority"], rule["name"], rule["action"]) == ("Admin", 7, "no-blue", "deny")
    assert rule["decided_by"] == ["ClusterNetworkPolicy p ingress[0]"]
    assert found["ingress"]["tiered_policies"] == ["ClusterNetworkPolicy p"]
    [rule] = found["egress"]["rules"]
    assert (rule["tier"], rule["priority"]) == ("Baseline", None)
    assert [peer["type"] for peer in rule["peers"]] == ["networks", "nodes"]
    assert rule["peers"][0]["cidrs"] == ["10.0.0.0/8", "192.168.0.0/16"]


def test_a_trace_walks_through_the_tiers() -> None:
    text = ISOLATING + cnp("p", ingress(PASS_Y)) + cnp("q", ingress(DENY_Y), tier="Baseline")
    said = traced(text, "z/other", "x/db")
    assert "isolated by np (<stdin>" not in said  # places are the command's to add
    assert "Admin 1: p rule 1 passes it on" in said
    assert "NetworkPolicy: isolated by np, and no rule matches" in said
    assert "Baseline" not in said
    said = traced(cnp("p", ingress(PASS_Y)) + cnp("q", ingress(DENY_Y), tier="Baseline"), "z/other", "x/db")
    assert "q rule 1 denies it in the Baseline tier" in said
    assert "NetworkPolicy: none isolates the pod" in said
    said = traced(cnp("p", ingress(PASS_Y)), "x/web", "x/db")
    assert "no rule of the Admin tier matches, no NetworkPolicy isolates the pod: allowed by default" in said


def test_a_contradiction_is_told_as_one() -> None:
    said = traced(cnp("p", ingress(ACCEPT_Y)) + cnp("q", ingress(DENY_Y)), "z/other", "x/db")
    assert "Unknown: policies of the same tier and priority disagree" in said
    assert "p rule 1, q rule 1 disagree at the same priority" in said


def test_what_hangs_on_nodes_that_were_not_read_says_so() -> None:
    out = cnp("p", egress("{action: Deny, to: [{nodes: {}}]}"))
    said = traced(out, "x/web", "10.9.9.9")
    assert "whether p rule 1 matches hangs on labels, addresses or nodes that were not read" in said
    assert "No Node was read: which addresses are those of nodes" in said
    assert "No Node was read" not in traced(NODES + out, "x/web", "192.168.0.1")


def test_a_policy_has_a_page() -> None:
    evaluation = evaluate(
        CLUSTER + cnp("p", ingress(DENY_Y), priority=4) + cnp("q", ingress(DENY_Y), priority=4)
    )
    found = evaluation.snapshot.tiered_policies[0]
    page = words(tiered_policy_document(tiered_policy_detail(evaluation, found)))
    assert (
        "Admin tier, priority 4 · decides before every NetworkPolicy · for every pod in every namespace"
        in page
    )
    assert "Same tier and priority, and some of the same pods: q." in page
    assert "→ Egress no rules" in page
    assert "PODS IT IS FOR 3 now" in page  # not the one in its node's network


def test_a_namespace_tells_what_may_leave_it_in_the_order_of_the_tiers() -> None:
    evaluation = evaluate(
        CLUSTER + cnp("p", egress("{action: Deny, to: [{networks: [10.0.0.0/8]}]}"), tier="Baseline")
    )
    page = words(namespace_document(namespace_detail(evaluation, evaluation.snapshot.namespaces["x"])))
    out = page[page.index("OUT OF THE CLUSTER") :]
    assert out.index("✗ deny p rule 1") < out.index("✓ allow by default")


def test_a_service_that_a_tier_closes_says_by_which_rule() -> None:
    text = (
        service("s", "{selector: {app: db}, ports: [{port: 80}]}")
        + policy("np", "{podSelector: {}, ingress: [{from: [{namespaceSelector: {}}]}]}")
        + cnp("p", ingress("{action: Deny, from: [{namespaces: {}}]}"))
    )
    evaluation = evaluate(CLUSTER + text)
    page = words(service_document(service_detail(evaluation, evaluation.snapshot.services[0])))
    assert "p rule 1 denies every other pod on TCP 80" in page
