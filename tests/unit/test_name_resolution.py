"""Whether a pod can look up names: the first hop of a trace."""

from __future__ import annotations

from policy_core.ends import Ends
from policy_core.name_resolution import Resolution, name_resolution
from tests.clusters import evaluate, namespace, pod, policy, service

APP = pod("app", "10.0.0.1", app="app")
DNS = pod("dns", "10.0.0.53", namespace="kube-system", **{"k8s-app": "kube-dns"})
DNS_SERVICE = service(
    "kube-dns",
    "{clusterIP: 10.96.0.10, selector: {k8s-app: kube-dns}, "
    "ports: [{name: dns, port: 53, protocol: UDP}, {name: dns-tcp, port: 53}]}",
    namespace="kube-system",
)
CACHE = pod(
    "cache", "192.168.0.1", namespace="kube-system", more="hostNetwork: true", **{"k8s-app": "node-local-dns"}
)
TO_DNS = "{to: [{namespaceSelector: {}, podSelector: {matchLabels: {k8s-app: kube-dns}}}]%s}"


def out(*rules: str) -> str:
    return policy("out", f"{{podSelector: {{}}, policyTypes: [Egress], egress: [{', '.join(rules)}]}}")


def resolution(text: str, source: str = "app") -> Resolution | None:
    evaluation = evaluate(APP + text)
    return name_resolution(evaluation, Ends(evaluation, "x").find(source))


def verdict(text: str) -> str:
    found = resolution(text)
    assert found is not None
    return found.verdict.value


def test_the_dns_service_is_asked_over_udp_and_tcp() -> None:
    found = resolution(DNS + DNS_SERVICE)
    assert found is not None
    assert (found.verdict, str(found.server)) == ("allow", "Service kube-system/kube-dns")
    assert verdict(DNS + DNS_SERVICE + out()) == "deny"
    assert verdict(DNS + DNS_SERVICE + out(TO_DNS % "")) == "allow"


def test_udp_alone_is_half_of_it() -> None:
    assert verdict(DNS + DNS_SERVICE + out(TO_DNS % ", ports: [{port: 53, protocol: UDP}]")) == "partial"


def test_policy_sees_the_port_that_the_dns_pods_listen_on() -> None:
    elsewhere = DNS_SERVICE.replace("protocol: UDP}", "protocol: UDP, targetPort: 5353}").replace(
        "{name: dns-tcp, port: 53}", "{name: dns-tcp, port: 53, targetPort: 5353}"
    )
    ports = ", ports: [{port: %d, protocol: UDP}, {port: %d}]"
    assert verdict(DNS + elsewhere + out(TO_DNS % (ports % (53, 53)))) == "deny"
    assert verdict(DNS + elsewhere + out(TO_DNS % (ports % (5353, 5353)))) == "allow"


def test_without_the_service_the_pods_are_asked() -> None:
    found = resolution(DNS)
    assert found is not None
    assert (found.verdict, str(found.server)) == ("allow", "Pod kube-system/dns")


def test_the_ingress_of_the_dns_pods_counts() -> None:
    closed = policy("closed", "{podSelector: {}}", namespace="kube-system")
    assert verdict(DNS + DNS_SERVICE + closed) == "deny"


def test_without_a_dns_pod_it_is_unknown() -> None:
    assert verdict("") == "unknown"
    assert verdict(DNS_SERVICE) == "unknown"
    assert verdict(DNS.replace("kube-system", "elsewhere")) == "unknown"


def test_openshift_names_it_otherwise() -> None:
    labels = {"dns.operator.openshift.io/daemonset-dns": "default"}
    assert verdict(pod("dns", "10.0.0.53", namespace="openshift-dns", **labels)) == "allow"


def test_a_cache_on_every_node_must_be_reached_as_well() -> None:
    everything = DNS + DNS_SERVICE + CACHE
    to_cache = "{to: [{ipBlock: {cidr: 169.254.20.10/32}}]}"
    assert verdict(everything) == "allow"
    assert verdict(everything + out()) == "deny"
    assert verdict(everything + out(TO_DNS % "")) == "unknown"
    assert verdict(everything + out(to_cache)) == "unknown"
    assert verdict(everything + out(TO_DNS % "", to_cache)) == "allow"


def test_who_is_outside_asks_another_dns() -> None:
    assert resolution(DNS + DNS_SERVICE + namespace("z"), "203.0.113.7") is None
