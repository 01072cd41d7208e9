"""The tiers on a real API server: policies that come and go decide at once, and what the server refuses is an
error here, too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from policy_core.manifests.collect import Collector
from policy_core.model import Severity
from tests.live.cluster import ControlPlane
from tests.live.connection import RefusedError
from tests.live.explorer import LIVE, explorer_of, on_screen, program, program_json, shop

GROUP = "/apis/policy.networking.k8s.io"
PLURALS = {
    "ClusterNetworkPolicy": "v1alpha2/clusternetworkpolicies",
    "AdminNetworkPolicy": "v1alpha1/adminnetworkpolicies",
    "BaselineAdminNetworkPolicy": "v1alpha1/baselineadminnetworkpolicies",
}
Spec = dict[str, Any]


@pytest.fixture(scope="module")
def served(control_plane: ControlPlane) -> ControlPlane:
    control_plane.install_crds()
    return control_plane


def _policy(kind: str, name: str, spec: Spec) -> dict[str, Any]:
    version = f"policy.networking.k8s.io/{PLURALS[kind].split('/')[0]}"
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name}, "spec": spec}


@contextmanager
def _policies(cluster: ControlPlane) -> Iterator[Any]:
    """Something to create policies with; they belong to the whole cluster, so they must not outlive the test."""
    made: list[str] = []

    def create(kind: str, name: str, spec: Spec) -> None:
        cluster.connection.post(f"{GROUP}/{PLURALS[kind]}", _policy(kind, name, spec))
        made.append(f"{GROUP}/{PLURALS[kind]}/{name}")

    try:
        yield create
    finally:
        for path in made:
            cluster.connection.delete(path)


def _named(namespace: str) -> Spec:
    return {"matchLabels": {"kubernetes.io/metadata.name": namespace}}


def _web(namespace: str) -> list[Spec]:
    return [
        {"pods": {"namespaceSelector": _named(namespace), "podSelector": {"matchLabels": {"app": "web"}}}}
    ]


async def test_policies_of_the_tiers_appear_decide_and_disappear(
    served: ControlPlane, namespace: str
) -> None:
    shop(served, namespace)
    subject = {
        "pods": {"namespaceSelector": _named(namespace), "podSelector": {"matchLabels": {"app": "db"}}}
    }
    async with explorer_of(served.kubeconfig, size=(200, 50), namespace=namespace) as driver:
        await on_screen(driver, lambda text: LIVE in text)
        await driver.choose("db-")
        assert "Ingress  open: no policy selects this pod" in driver.text
        with _policies(served) as create:
            create(
                "ClusterNetworkPolicy",
                "keep-out",
                {
                    "tier": "Admin",
                    "priority": 10,
                    "subject": subject,
                    "ingress": [{"action": "Deny", "from": _web(namespace)}],
                },
            )
            await on_screen(driver, lambda text: "restricted by keep-out" in text and "Admin 10" in text)
            create(
                "BaselineAdminNetworkPolicy",
                "default",
                {"subject": subject, "ingress": [{"action": "Deny", "from": [{"namespaces": {}}]}]},
            )
            await on_screen(driver, lambda text: "restricted by keep-out, default" in text)
            create(
                "AdminNetworkPolicy",
                "first",
                {
                    "priority": 5,
                    "subject": subject,
                    "ingress": [{"action": "Pass", "from": _web(namespace)}],
                },
            )
            await on_screen(driver, lambda text: "↓ pass" in text and "Admin 5" in text)
        await on_screen(driver, lambda text: "Ingress  open: no policy selects this pod" in text)


def test_a_verdict_walks_through_the_tiers_of_the_cluster(served: ControlPlane, namespace: str) -> None:
    shop(served, namespace)

    def traced() -> tuple[str, list[str]]:
        words = ("trace", f"{namespace}/web", f"{namespace}/db", "--port", "3306", "-o", "json")
        found = json.loads(program(served.kubeconfig, *words, check=False).stdout)
        return found["verdict"], next(h["decided_by"] for h in found["hops"] if h["kind"] == "ingress")

    everybody = {"namespaces": _named(namespace)}
    assert traced() == ("allow", [])
    with _policies(served) as create:
        create(
            "ClusterNetworkPolicy",
            "closed",
            {
                "tier": "Baseline",
                "priority": 1,
                "subject": everybody,
                "ingress": [{"action": "Deny", "from": [{"namespaces": {}}]}],
            },
        )
        assert traced() == ("deny", ["ClusterNetworkPolicy closed ingress[0]"])
        path = f"/apis/networking.k8s.io/v1/namespaces/{namespace}/networkpolicies"
        rule = {"from": [{"podSelector": {"matchLabels": {"app": "web"}}}], "ports": [{"port": 3306}]}
        spec = {"podSelector": {"matchLabels": {"app": "db"}}, "ingress": [rule]}
        served.connection.post(path, {"metadata": {"name": "web-to-db"}, "spec": spec})
        assert traced() == ("allow", [f"NetworkPolicy {namespace}/web-to-db ingress[0]"])
        create(
            "AdminNetworkPolicy",
            "never",
            {
                "priority": 1,
                "subject": everybody,
                "ingress": [
                    {
                        "action": "Deny",
                        "from": _web(namespace),
                        "ports": [{"portRange": {"start": 3300, "end": 3310}}],
                    }
                ],
            },
        )
        assert traced() == ("deny", ["AdminNetworkPolicy never ingress[0]"])
        found = program_json(served.kubeconfig, "overview")["tiered_policies"]
        assert found == {"AdminNetworkPolicy": 1, "ClusterNetworkPolicy": 1}


ALL: Spec = {"namespaces": {}}
PEERS: list[Spec] = [{"namespaces": {}}]


def _cluster(**changed: Any) -> Spec:
    return {"tier": "Admin", "priority": 1, "subject": ALL, **changed}


def _rules(*rules: Spec, direction: str = "ingress", **changed: Any) -> Spec:
    return _cluster(**{direction: list(rules)}, **changed)


def _ports(*entries: Spec) -> Spec:
    return _rules({"action": "Deny", "from": PEERS, "protocols": list(entries)})


def _to(*peers: Spec, action: str = "Accept") -> Spec:
    return _rules({"action": action, "to": list(peers)}, direction="egress")


def _tcp(**port: Any) -> Spec:
    return {"tcp": {"destinationPort": port}}


RULE: Spec = {"action": "Deny", "from": PEERS}
SPECS: list[tuple[str, str, Spec]] = [
    ("ClusterNetworkPolicy", "sound", _rules(RULE)),
    ("ClusterNetworkPolicy", "no rules", _cluster()),
    (
        "ClusterNetworkPolicy",
        "two subjects",
        _rules(RULE, subject={"namespaces": {}, "pods": {"podSelector": {}}}),
    ),
    ("ClusterNetworkPolicy", "pods alone", _rules(RULE, subject={"pods": {"podSelector": {}}})),
    ("ClusterNetworkPolicy", "an empty subject", _rules(RULE, subject={})),
    ("ClusterNetworkPolicy", "no pod selector", _rules(RULE, subject={"pods": {"namespaceSelector": {}}})),
    ("ClusterNetworkPolicy", "priority 0", _rules(RULE, priority=0)),
    ("ClusterNetworkPolicy", "priority 1000", _rules(RULE, priority=1000)),
    ("ClusterNetworkPolicy", "priority 1001", _rules(RULE, priority=1001)),
    ("ClusterNetworkPolicy", "priority -1", _rules(RULE, priority=-1)),
    ("ClusterNetworkPolicy", "priority as text", _rules(RULE, priority="1")),
    ("ClusterNetworkPolicy", "a tier of its own", _rules(RULE, tier="Security")),
    ("ClusterNetworkPolicy", "25 rules", _rules(*[RULE] * 25)),
    ("ClusterNetworkPolicy", "26 rules", _rules(*[RULE] * 26)),
    ("ClusterNetworkPolicy", "an action of the other version", _rules({"action": "Allow", "from": PEERS})),
    ("ClusterNetworkPolicy", "no action", _rules({"from": PEERS})),
    ("ClusterNetworkPolicy", "no peers", _rules({"action": "Deny", "from": []})),
    ("ClusterNetworkPolicy", "26 peers", _rules({"action": "Deny", "from": PEERS * 26})),
    ("ClusterNetworkPolicy", "an empty peer", _rules({"action": "Deny", "from": [{}]})),
    ("ClusterNetworkPolicy", "a long name", _rules({**RULE, "name": "n" * 101})),
    ("ClusterNetworkPolicy", "Pass in Baseline", _rules({"action": "Pass", "from": PEERS}, tier="Baseline")),
    ("ClusterNetworkPolicy", "a number", _ports(_tcp(number=80))),
    ("ClusterNetworkPolicy", "port 0", _ports(_tcp(number=0))),
    ("ClusterNetworkPolicy", "port 65536", _ports(_tcp(number=65536))),
    ("ClusterNetworkPolicy", "a range", _ports(_tcp(range={"start": 1, "end": 2}))),
    ("ClusterNetworkPolicy", "a range of one", _ports(_tcp(range={"start": 2, "end": 2}))),
    ("ClusterNetworkPolicy", "a range upside down", _ports(_tcp(range={"start": 9, "end": 3}))),
    ("ClusterNetworkPolicy", "half a range", _ports(_tcp(range={"start": 9}))),
    ("ClusterNetworkPolicy", "number and range", _ports(_tcp(number=1, range={"start": 1, "end": 2}))),
    ("ClusterNetworkPolicy", "no port", _ports({"tcp": {}})),
    ("ClusterNetworkPolicy", "two protocols in one", _ports({**_tcp(number=1), "destinationNamedPort": "a"})),
    ("ClusterNetworkPolicy", "a named port", _ports({"destinationNamedPort": "http"})),
    ("ClusterNetworkPolicy", "no protocols", _ports()),
    ("ClusterNetworkPolicy", "host bits", _to({"networks": ["10.0.0.1/8"]})),
    ("ClusterNetworkPolicy", "leading zeros", _to({"networks": ["010.0.0.0/8"]})),
    ("ClusterNetworkPolicy", "no network", _to({"networks": ["ten"]})),
    ("ClusterNetworkPolicy", "a mapped network", _to({"networks": ["::ffff:10.0.0.0/104"]})),
    ("ClusterNetworkPolicy", "no networks", _to({"networks": []})),
    ("ClusterNetworkPolicy", "26 networks", _to({"networks": [f"10.0.{n}.0/24" for n in range(26)]})),
    ("ClusterNetworkPolicy", "nodes", _to({"nodes": {}})),
    ("ClusterNetworkPolicy", "a domain", _to({"domainNames": ["*.example.com"]})),
    ("ClusterNetworkPolicy", "half a domain", _to({"domainNames": ["a*.example.com"]})),
    ("ClusterNetworkPolicy", "a domain of one word", _to({"domainNames": ["localhost"]})),
    (
        "ClusterNetworkPolicy",
        "a named port for networks",
        _rules(
            {
                "action": "Deny",
                "to": [{"networks": ["10.0.0.0/8"]}],
                "protocols": [{"destinationNamedPort": "a"}],
            },
            direction="egress",
        ),
    ),
    (
        "AdminNetworkPolicy",
        "sound",
        {"priority": 1, "subject": ALL, "ingress": [{"action": "Allow", "from": PEERS}]},
    ),
    (
        "AdminNetworkPolicy",
        "Accept",
        {"priority": 1, "subject": ALL, "ingress": [{"action": "Accept", "from": PEERS}]},
    ),
    ("AdminNetworkPolicy", "no priority", {"subject": ALL}),
    ("AdminNetworkPolicy", "101 rules", {"priority": 1, "subject": ALL, "ingress": [RULE] * 101}),
    (
        "AdminNetworkPolicy",
        "a range of one",
        {
            "priority": 1,
            "subject": ALL,
            "ingress": [{**RULE, "ports": [{"portRange": {"protocol": "TCP", "start": 5, "end": 5}}]}],
        },
    ),
    ("AdminNetworkPolicy", "pods alone", {"priority": 1, "subject": {"pods": {"podSelector": {}}}}),
    ("BaselineAdminNetworkPolicy", "default", {"subject": ALL, "ingress": [RULE]}),
    ("BaselineAdminNetworkPolicy", "Pass", {"subject": ALL, "ingress": [{"action": "Pass", "from": PEERS}]}),
    (
        "BaselineAdminNetworkPolicy",
        "a domain",
        {"subject": ALL, "egress": [{"action": "Allow", "to": [{"domainNames": ["a.example.com"]}]}]},
    ),
]


@pytest.mark.parametrize(("kind", "what", "spec"), SPECS, ids=[f"{kind}: {what}" for kind, what, _ in SPECS])
def test_what_the_api_server_refuses_is_an_error(
    served: ControlPlane, kind: str, what: str, spec: Spec
) -> None:
    name = "default" if kind.startswith("Baseline") else "trial"
    assert _refused(served, _policy(kind, name, spec)) == _errors(_policy(kind, name, spec))


def test_another_baseline_policy_is_refused(served: ControlPlane) -> None:
    policy = _policy("BaselineAdminNetworkPolicy", "other", {"subject": ALL})
    assert _refused(served, policy)
    assert _errors(policy)


@pytest.mark.parametrize(
    "spec",
    [
        _to({"domainNames": ["example.com"]}, action="Deny"),
        {
            "priority": 1,
            "subject": ALL,
            "ingress": [{**RULE, "ports": [{"portNumber": {"protocol": "X", "port": 5}}]}],
        },
    ],
    ids=["a domain in a Deny", "an unknown protocol"],
)
def test_what_the_server_lets_by_and_nobody_can_enforce_is_an_error_too(
    served: ControlPlane, spec: Spec
) -> None:
    policy = _policy("ClusterNetworkPolicy" if "tier" in spec else "AdminNetworkPolicy", "trial", spec)
    assert not _refused(served, policy)
    assert _errors(policy)


def _refused(cluster: ControlPlane, policy: dict[str, Any]) -> bool:
    path = f"{GROUP}/{PLURALS[policy['kind']]}?dryRun=All&fieldValidation=Strict"
    try:
        cluster.connection.post(path, policy)
    except RefusedError as error:
        return error.code in (400, 422)
    return False


def _errors(policy: dict[str, Any]) -> bool:
    collector = Collector()
    collector.add("policy.json", json.dumps(policy))
    return any(problem.severity is Severity.ERROR for problem in collector.reading("policy").problems)
