"""A NetworkPolicy stands between the tiers only in a direction in which it isolates the pod."""

from __future__ import annotations

import pytest

from tests import clusters

BASELINES = {
    "ClusterNetworkPolicy": (
        "apiVersion: policy.networking.k8s.io/v1alpha2\nkind: ClusterNetworkPolicy\nmetadata: {name: closed}\n"
        "spec: {tier: Baseline, priority: 5, subject: {namespaces: {}}, "
    ),
    "BaselineAdminNetworkPolicy": (
        "apiVersion: policy.networking.k8s.io/v1alpha1\nkind: BaselineAdminNetworkPolicy\n"
        "metadata: {name: default}\nspec: {subject: {namespaces: {}}, "
    ),
}
NO_INGRESS = "ingress: [{action: Deny, from: [{namespaces: {}}]}]}\n"
NO_EGRESS = "egress: [{action: Deny, to: [{namespaces: {}}]}]}\n"
PODS = clusters.pod("web", "10.0.0.1", app="web") + clusters.pod("db", "10.0.0.2", app="db")
OF_DB = "podSelector: {matchLabels: {app: db}}"


def verdict(kind: str, rules: str, policy: str, source: str = "x/web", destination: str = "x/db") -> str:
    baseline = f"---\n{BASELINES[kind]}{rules}"
    found = clusters.evaluate(PODS + baseline + clusters.policy("of-db", policy))
    assert found.snapshot.problems == ()
    return clusters.verdict(found, source, destination, 80)


@pytest.mark.parametrize("kind", BASELINES)
def test_an_egress_only_networkpolicy_does_not_shield_a_pod_from_a_baseline_ingress_rule(kind: str) -> None:
    assert verdict(kind, NO_INGRESS, f"{{{OF_DB}, policyTypes: [Egress], egress: [{{}}]}}") == "deny"
    assert verdict(kind, NO_INGRESS, f"{{{OF_DB}, policyTypes: [Ingress], ingress: [{{}}]}}") == "allow"
    both = f"{{{OF_DB}, policyTypes: [Ingress, Egress], ingress: [{{}}], egress: [{{}}]}}"
    assert verdict(kind, NO_INGRESS, both) == "allow"


@pytest.mark.parametrize("kind", BASELINES)
def test_an_ingress_only_networkpolicy_does_not_open_what_a_baseline_egress_rule_closes(kind: str) -> None:
    ends = ("x/db", "x/web")
    assert verdict(kind, NO_EGRESS, f"{{{OF_DB}, policyTypes: [Ingress], ingress: [{{}}]}}", *ends) == "deny"
    assert verdict(kind, NO_EGRESS, f"{{{OF_DB}, policyTypes: [Egress], egress: [{{}}]}}", *ends) == "allow"


@pytest.mark.parametrize("kind", BASELINES)
def test_the_baseline_still_decides_for_pods_that_no_networkpolicy_selects(kind: str) -> None:
    policy = f"{{{OF_DB}, policyTypes: [Ingress, Egress], ingress: [{{}}], egress: [{{}}]}}"
    assert verdict(kind, NO_INGRESS, policy, "x/db", "x/web") == "deny"
