"""What people call the ends of a connection, and what they are told where nothing is called so."""

from __future__ import annotations

import pytest

from policy_core.ends import EndError, Ends, Pods
from policy_core.model import Service
from tests.clusters import evaluate, pod, service
from tests.unit.test_workloads import DEPLOYMENT, HASHED, REPLICA_SET, live, owned_by, workload

MADE = live("web-5d-1", owned_by("ReplicaSet", "web-5d"), HASHED)
CLUSTER = (
    DEPLOYMENT
    + REPLICA_SET
    + MADE
    + MADE.replace("web-5d-1", "web-5d-2").replace("10.0.0.1", "10.0.0.2")
    + pod("db-0", "10.0.0.3", app="db")
    + pod("db-0", "10.0.0.4", namespace="w")
    + live("done", phase="Succeeded")
    + service("db", "{selector: {app: db}, ports: [{port: 3306}]}")
)


def find(text: str, cluster: str = CLUSTER, namespace: str = "x") -> str:
    """Its identity, and the names of the pods that it means."""
    end = Ends(evaluate(cluster), namespace).find(text)
    if isinstance(end, Pods):
        return f"{end.ref}: {', '.join(pod.name for pod in end.pods)}"
    return str(end.ref) if isinstance(end, Service) else str(end)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("x/db-0", "Pod x/db-0: db-0"),
        ("db-0", "Pod x/db-0: db-0"),
        ("w/db-0", "Pod w/db-0: db-0"),
        ("pod:w/db-0", "Pod w/db-0: db-0"),
        ("x/web", "Deployment x/web: web-5d-1, web-5d-2"),
        ("deployment:x/web", "Deployment x/web: web-5d-1, web-5d-2"),
        ("deploy:web", "Deployment x/web: web-5d-1, web-5d-2"),
        ("service:x/db", "Service x/db"),
        ("svc:db", "Service x/db"),
        ("Service:x/db", "Service x/db"),
        ("192.168.1.7", "192.168.1.7"),
    ],
)
def test_names(text: str, meant: str) -> None:
    assert find(text) == meant


def test_a_template_is_its_workloads_name() -> None:
    assert find("x/web", DEPLOYMENT) == "Deployment x/web: web"


def test_a_pod_is_what_its_own_name_means_whatever_workload_shares_it() -> None:
    named_alike = live("web", owned_by("ReplicaSet", "web-5d"), HASHED)
    assert find("x/web", DEPLOYMENT + REPLICA_SET + named_alike) == "Pod x/web: web"
    assert find("deploy:x/web", DEPLOYMENT + REPLICA_SET + named_alike) == "Deployment x/web: web"


def test_an_ipv6_address_may_stand_in_brackets() -> None:
    assert find("[2001:db8::1]", pod("a", "fd00::1")) == "2001:db8::1"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("x/db-1", "no pod or workload x/db-1 in what was read; did you mean x/db-0?"),
        ("z/db-0", "no pod or workload z/db-0 in what was read; did you mean w/db-0 or x/db-0?"),
        ("x/db", "no pod or workload x/db in what was read; did you mean service:x/db or x/db-0?"),
        ("service:x/db-0", "no Service x/db-0 in what was read; did you mean x/db-0 or service:x/db?"),
        ("service:x/dbs", "no Service x/dbs in what was read; did you mean service:x/db?"),
        ("job:x/web", "no job x/web in what was read; did you mean x/web or x/web-5d-1 or x/web-5d-2?"),
        ("q/qqqq", "no pod or workload q/qqqq in what was read; `overview` lists the namespaces"),
        ("x/done", "Pod x/done has finished (Succeeded): it takes part in no connection"),
        ("a/b/c", "a/b/c is neither NAMESPACE/NAME, service:NAMESPACE/NAME nor an IP address"),
        ("x/", "x/ is neither NAMESPACE/NAME, service:NAMESPACE/NAME nor an IP address"),
        ("/a", "/a is neither NAMESPACE/NAME, service:NAMESPACE/NAME nor an IP address"),
        ("", "an empty name is neither NAMESPACE/NAME, service:NAMESPACE/NAME nor an IP address"),
        ("10.0.0.0/8", "10.0.0.0/8 is a range: name one address, as 10.0.0.0"),
        ("::ffff:10.0.0.1", "::ffff:a00:1: write it without a zone, and an IPv4 address as such"),
        (
            "2001:db8::1",
            "2001:db8::1 is an IPv6 address, and nothing here has one: "
            "every pod and Service that was read is IPv4 only",
        ),
    ],
)
def test_what_is_no_name_says_what_is(text: str, why: str) -> None:
    with pytest.raises(EndError) as error:
        find(text)
    assert str(error.value) == why


def test_workloads_that_share_a_name_are_told_apart_by_their_kind() -> None:
    both = workload("Deployment", "web") + workload("StatefulSet", "web", labels="app: other")
    with pytest.raises(
        EndError, match="x/web names several workloads: say deployment:x/web or statefulset:x/web"
    ):
        find("x/web", both)
    assert find("sts:x/web", both) == "StatefulSet x/web: web"


def test_an_address_of_either_family_may_be_asked_for_where_none_is_known() -> None:
    assert find("2001:db8::1", DEPLOYMENT) == "2001:db8::1"


def test_a_service_of_both_families_makes_the_cluster_one_of_both() -> None:
    dual = service("d", "{clusterIP: 10.96.0.1, ipFamilies: [IPv4, IPv6], ports: [{port: 80}]}")
    assert find("2001:db8::1", pod("a", "10.0.0.1") + dual) == "2001:db8::1"


def test_a_service_comes_near_where_no_pod_does() -> None:
    cluster = pod("other", "10.0.0.1") + service("db", "{ports: [{port: 1}]}")
    with pytest.raises(EndError, match=r"did you mean service:x/db\?"):
        find("x/dbs", cluster)


def test_the_advice_is_given_where_nothing_comes_near() -> None:
    with pytest.raises(EndError, match=r"in what was read; ask someone$"):
        Ends(evaluate(CLUSTER), advice="ask someone").find("q/qqqq")


def test_everything_that_takes_part_can_be_gone_through() -> None:
    assert [str(end.ref) for end in Ends(evaluate(CLUSTER))] == [
        "Pod w/db-0",
        "Pod x/db-0",
        "Pod x/web-5d-1",
        "Pod x/web-5d-2",
        "Deployment x/web",
        "Service x/db",
    ]
