"""Which network plugin is recognised by what, and what it is said to enforce."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from policy_core.bundle import bundle
from policy_core.details.overview import overview
from policy_core.details.pod import pod_detail
from policy_core.enforcement import Enforcement, enforcement_in
from policy_core.evaluation import Evaluation
from policy_core.manifests.collect import Collector
from policy_core.manifests.dumping import yaml_documents
from policy_core.report.json import overview_json
from policy_core.report.layout import layout, plain
from policy_core.report.overview import overview_document
from policy_core.snapshot import assemble
from tests.clusters import evaluate, pod, policy, the_pod
from tests.coverage import only, partly_read

Container = dict[str, object]
CLUSTER, ADMIN, BASELINE = "ClusterNetworkPolicy", "AdminNetworkPolicy", "BaselineAdminNetworkPolicy"


def container(name: str, image: str, *args: str, **env: str) -> Container:
    return {
        "name": name,
        "image": image,
        "args": list(args),
        "env": [{"name": key, "value": value} for key, value in env.items()],
    }


def daemon_set(
    name: str,
    label: str,
    containers: Sequence[Container],
    namespace: str = "kube-system",
    host_network: bool = True,
) -> str:
    key, _, value = label.partition("=")
    labels = {key: value}
    return "---\n" + json.dumps(
        {
            "apiVersion": "apps/v1",
            "kind": "DaemonSet",
            "metadata": {"name": name, "namespace": namespace},
            "spec": {
                "selector": {"matchLabels": labels},
                "template": {
                    "metadata": {"labels": labels},
                    "spec": {"hostNetwork": host_network, "containers": list(containers)},
                },
            },
        }
    ) + "\n"  # fmt: skip


def found(*manifests: str) -> Enforcement:
    return enforcement_in(evaluate("".join(manifests)))


def calico(image: str = "docker.io/calico/node:v3.29.1") -> str:
    return daemon_set("calico-node", "k8s-app=calico-node", [container("calico-node", image)])


FLANNEL = container("kube-flannel", "ghcr.io/flannel-io/flannel:v0.26.1", "--ip-masq")


def flannel(*beside: Container) -> str:
    return daemon_set("kube-flannel-ds", "app=flannel", [FLANNEL, *beside], "kube-flannel")


def aws(*args: str, agent: str = "aws-eks-nodeagent", **env: str) -> str:
    cni = container("aws-node", "602401143452.dkr.ecr.eu-west-1.amazonaws.com/amazon-k8s-cni:v1.19.2", **env)
    policies = container(agent, "example.com/amazon/aws-network-policy-agent:v1.1.6", *args)
    return daemon_set("aws-node", "k8s-app=aws-node", [cni, policies] if agent else [cni])


def kube_router(*args: str) -> str:
    image = "docker.io/cloudnativelabs/kube-router:v2.4.0"
    return daemon_set("kube-router", "k8s-app=kube-router", [container("kube-router", image, *args)])


def weave(*names: str, **env: str) -> str:
    images = {"weave": "weaveworks/weave-kube:2.8.1", "weave-npc": "weaveworks/weave-npc:2.8.1"}
    return daemon_set(
        "weave-net",
        "name=weave-net",
        [container(name, images[name], **(env if name == "weave" else {})) for name in names],
    )


def kindnet(image: str, *args: str) -> str:
    return daemon_set("kindnet", "app=kindnet", [container("kindnet-cni", image, *args)])


def cilium(image: str = "quay.io/cilium/cilium:v1.18.2", *args: str, name: str = "cilium") -> str:
    return daemon_set(name, "k8s-app=cilium", [container("cilium-agent", image, *args)])


def antrea(image: str) -> str:
    return daemon_set("antrea-agent", "app=antrea", [container("antrea-agent", image)])


def ovn(*args: str) -> str:
    image = "ghcr.io/ovn-kubernetes/ovn-kubernetes/ovn-kube-ubuntu:master"
    return daemon_set("ovnkube-node", "app=ovnkube-node", [container("ovnkube-node", image, *args)])


def knp(tag: str, *args: str) -> str:
    image = f"registry.k8s.io/networking/kube-network-policies:{tag}"
    return daemon_set(
        "kube-network-policies",
        "app=kube-network-policies",
        [container("kube-network-policies", image, *args)],
    )


NPM = daemon_set(
    "azure-npm",
    "k8s-app=azure-npm",
    [container("azure-npm", "mcr.microsoft.com/containernetworking/azure-npm:v1.5.45")],
)
CANAL = daemon_set(
    "canal", "k8s-app=canal", [container("calico-node", "docker.io/calico/node:v3.28.0"), FLANNEL]
)
AZURE_CILIUM = cilium("mcr.microsoft.com/containernetworking/cilium/cilium:v1.17.4-250610")


@pytest.mark.parametrize(
    ("manifest", "enforced", "text"),
    [
        (calico(), True, "enforced by Calico"),
        (CANAL, True, "enforced by Canal"),
        (cilium(), True, "enforced by Cilium"),
        (AZURE_CILIUM, True, "enforced by Cilium"),
        (cilium("gke.gcr.io/cilium/cilium:v1.13", name="anetd"), True, "enforced by GKE Dataplane V2"),
        (
            cilium("quay.io/cilium/cilium:v1.18.2", "--enable-k8s-networkpolicy=false"),
            False,
            "not enforced: Cilium is told so by --enable-k8s-networkpolicy=false",
        ),
        (
            cilium("quay.io/cilium/cilium:v1.18.2", "--enable-policy", "never"),
            False,
            "not enforced: Cilium is told so by --enable-policy=never",
        ),
        (antrea("antrea/antrea-agent-ubuntu:v2.2.0"), True, "enforced by Antrea"),
        (kube_router("--run-router=true"), True, "enforced by kube-router"),
        (kube_router("--run-firewall=true"), True, "enforced by kube-router"),
        (
            kube_router("--run-firewall=false"),
            False,
            "not enforced: kube-router is told so by --run-firewall=false",
        ),
        (ovn(), True, "enforced by OVN-Kubernetes"),
        (weave("weave", "weave-npc"), True, "enforced by Weave Net"),
        (weave("weave", "weave-npc", EXPECT_NPC="0"), False, "not enforced: Weave Net is told so by EXPECT_NPC=0"),
        (weave("weave"), None, "not known: Weave Net without its container weave-npc"),
        (NPM, True, "enforced by Azure Network Policy Manager"),
        (knp("v0.9.1"), True, "enforced by kube-network-policies"),
        (kindnet("docker.io/kindest/kindnetd:v20240813-c6f155d6"), True, "enforced by kindnet"),
        (kindnet("docker.io/kindest/kindnetd:v20250512-df8de77b"), True, "enforced by kindnet"),
        (
            kindnet("docker.io/kindest/kindnetd:v20240202-8f1494ea"),
            False,
            "not enforced: this kindnet ignores NetworkPolicies; kind's does not from v0.24.0 on",
        ),
        (
            kindnet("docker.io/kindest/kindnetd:v20240726-a17b1d3e"),
            None,
            "not known: kindnet, where policy enforcement depends on the version",
        ),
        (kindnet("ghcr.io/aojea/kindnetd:stable", "--network-policy=true"), True, "enforced by kindnet"),
        (
            kindnet("ghcr.io/aojea/kindnetd:stable", "--network-policy=false"),
            False,
            "not enforced: kindnet is told so by --network-policy=false",
        ),
        (flannel(), False, "not enforced: Flannel ignores NetworkPolicies"),
        (
            flannel(container("kube-network-policies", "registry.k8s.io/networking/kube-network-policies:v0.7.0")),
            True,
            "enforced by kube-network-policies",
        ),
        (flannel() + kube_router(), True, "enforced by kube-router"),
        (aws("--enable-network-policy=true"), True, "enforced by Amazon VPC CNI"),
        (
            aws("--enable-network-policy=true", agent="aws-network-policy-agent"),
            True,
            "enforced by Amazon VPC CNI",
        ),
        (
            aws("--enable-network-policy=false"),
            False,
            "not enforced: the policy agent of Amazon VPC CNI is not told to by --enable-network-policy=true",
        ),
        (
            aws("--enable-ipv6=false"),
            False,
            "not enforced: the policy agent of Amazon VPC CNI is not told to by --enable-network-policy=true",
        ),
        (aws(agent=""), False, "not enforced: Amazon VPC CNI without its policy agent ignores NetworkPolicies"),
        (aws("--enable-network-policy=false") + calico(), True, "enforced by Calico"),
        (aws("--enable-network-policy=true") + calico(), True, "enforced by Calico and Amazon VPC CNI"),
    ],
)  # fmt: skip
def test_what_a_plugin_does_about_network_policies(manifest: str, enforced: bool | None, text: str) -> None:
    told = found(manifest)
    assert (told.enforced, told.text) == (enforced, text)
    assert told.evidence


def test_pods_tell_what_their_daemon_set_would() -> None:
    running = (
        "---\napiVersion: v1\nkind: Pod\nmetadata: {name: calico-node-x, namespace: calico-system, labels: "
        "{k8s-app: calico-node}, ownerReferences: [{kind: DaemonSet, name: calico-node, controller: true}]}\n"
        "spec: {hostNetwork: true, containers: [{name: calico-node, image: 'quay.io/calico/node:v3.30.0'}]}\n"
    )
    [evidence] = found(running, running.replace("-node-x", "-node-y")).evidence
    assert str(evidence) == (
        "DaemonSet calico-system/calico-node: label k8s-app=calico-node, image quay.io/calico/node:v3.30.0"
    )


@pytest.mark.parametrize(
    "manifest",
    [
        daemon_set("calico-node", "k8s-app=calico-node", [container("calico-node", "calico/node:v3.29.1")],
                   host_network=False),
        daemon_set("calico-node", "k8s-app=calico-node", [container("web", "example.com/web:1")]),
        daemon_set("cilium-pre-flight-check", "k8s-app=cilium-pre-flight-check",
                   [container("cilium-pre-flight-check", "quay.io/cilium/cilium:v1.18.2")]),
        daemon_set("cilium-envoy", "k8s-app=cilium-envoy",
                   [container("cilium-envoy", "quay.io/cilium/cilium-envoy:v1.34")]),
        daemon_set("evil", "app=web", [container("calico-node", "example.com/web:1")]),
    ],
)  # fmt: skip
def test_what_only_looks_like_a_plugin_is_none(manifest: str) -> None:
    told = found(manifest)
    assert (told.enforced, told.evidence) == (None, ())


def test_a_plugin_is_recognised_by_its_container_where_its_label_is_another() -> None:
    renamed = daemon_set(
        "net", "app=net", [container("cilium-agent", "quay.io/cilium/cilium:v1.18.2@sha256:ab")]
    )
    told = found(renamed)
    assert told.told == "enforced by Cilium (DaemonSet kube-system/net)"
    assert told.evidence[0].facts == ("image quay.io/cilium/cilium:v1.18.2@sha256:ab",)


def test_the_label_is_enough_where_the_images_are_left_out() -> None:
    bare = "hostNetwork: true"
    assert found(pod("agent", more=bare, **{"k8s-app": "cilium"})).enforced is True
    option = found(pod("agent", more=bare, **{"k8s-app": "aws-node"}))
    assert (option.enforced, option.text) == (
        None,
        "not known: Amazon VPC CNI, where policy enforcement is an option",
    )


def test_what_differs_from_pod_to_pod_is_not_known() -> None:
    on = aws("--enable-network-policy=true")
    off = aws("--enable-network-policy=false").replace(
        '"name": "aws-node", "namespace"', '"name": "b", "namespace"'
    )
    told = found(on, off)
    assert (told.enforced, told.text) == (
        None,
        "not known: the pods of Amazon VPC CNI differ: some enforce policy, some do not",
    )
    assert told.objects == "DaemonSet kube-system/aws-node, DaemonSet kube-system/b"


def test_another_plugin_may_be_in_any_namespace_that_was_not_read() -> None:
    seen = partly_read(flannel(), only("Pod", "kube-system", "kube-flannel"))
    told = enforcement_in(seen)
    assert told.enforced is None
    assert told.text == (
        "not known: Flannel ignores NetworkPolicies, but some Pods could not be read (forbidden)"
    )


# The tiered kinds -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("manifest", "cluster", "admin", "baseline"),
    [
        (calico("calico/node:v3.28.2"), False, False, False),
        (calico("calico/node:v3.29.1"), False, True, False),
        (calico("calico/node:v3.30.0"), False, True, True),
        (calico("calico/node:v3.31.7"), False, True, True),
        (calico("calico/node:v3.32.0"), True, False, False),
        (calico("calico/node:master"), None, None, None),
        (calico("quay.io/tigera/cnx-node:v3.20.0"), None, None, None),
        (CANAL, False, False, False),
        (cilium("quay.io/cilium/cilium:v1.19.3"), False, False, False),
        (cilium("quay.io/cilium/cilium:v1.20.0"), None, None, None),
        (cilium("quay.io/cilium/cilium:v1.20.0", "--enable-k8s-cluster-network-policy"), True, None, None),
        (cilium("gke.gcr.io/cilium/cilium:v1.13", name="anetd"), None, None, None),
        (antrea("antrea/antrea-ubuntu:v1.12.3"), None, False, False),
        (antrea("antrea/antrea-agent-ubuntu:v2.2.0"), None, None, None),
        (ovn(), None, None, None),
        (ovn("--enable-admin-network-policy"), None, True, True),
        (ovn("--enable-admin-network-policy=false"), None, False, False),
        (knp("v1.0.0-npa-v1alpha2"), True, False, False),
        (knp("v1.0.0-npa-v1alpha1"), False, True, True),
        (knp("v1.0.0"), False, False, False),
        (knp("v0.6.0", "-admin-network-policy=true", "-baseline-admin-network-policy=true"), None, True, True),
        (knp("v0.6.0"), None, None, None),
        (aws("--enable-network-policy=true"), None, None, None),
        (NPM, None, None, None),
        (kube_router(), None, None, None),
        (flannel(), False, False, False),
        (flannel() + calico("calico/node:v3.32.0"), True, False, False),
        (flannel() + cilium("quay.io/cilium/cilium:v1.20.0"), None, None, None),
    ],
)  # fmt: skip
def test_what_a_plugin_does_about_the_tiered_kinds(
    manifest: str, cluster: bool | None, admin: bool | None, baseline: bool | None
) -> None:
    tiers = found(manifest).tiers
    told = [tiers[kind].enforced if kind in tiers else None for kind in (CLUSTER, ADMIN, BASELINE)]
    assert told == [cluster, admin, baseline]


ANP = (
    "---\napiVersion: policy.networking.k8s.io/v1alpha1\nkind: AdminNetworkPolicy\nmetadata: {name: a}\n"
    "spec: {priority: 1, subject: {namespaces: {}}}\n"
)
WEB = pod("web", "10.0.0.1", app="web")
CLOSED = policy("closed", "{podSelector: {}}")


def caveats(text: str, path: str = "x/web") -> tuple[str, ...]:
    evaluation = evaluate(text)
    subject = the_pod(evaluation, path)
    assert subject is not None
    return pod_detail(evaluation, subject).caveats


def test_a_tiered_policy_that_is_not_enforced_is_told_of() -> None:
    said = "AdminNetworkPolicies: not enforced (Calico v3.32; from v3.29 to v3.31)."
    assert said in caveats(WEB + ANP + calico("calico/node:v3.32.0"))
    assert said not in caveats(WEB + calico("calico/node:v3.32.0"))
    assert not [each for each in caveats(WEB + ANP + calico("calico/node:v3.31.0")) if "AdminNetwork" in each]
    unknown = (
        "AdminNetworkPolicies: not known (Antrea's feature gate AdminNetworkPolicy decides, off by default)."
    )
    assert unknown in caveats(WEB + ANP + antrea("antrea/antrea-ubuntu:v2.0.0"))


# Where it is shown ----------------------------------------------------------------------------------------


def test_amazons_modes_are_told_of() -> None:
    standard, strict = "in standard mode", "in strict mode"

    def modes(text: str, path: str = "x/web") -> list[str]:
        return [mode for mode in (standard, strict) for each in caveats(text, path) if mode in each]

    on = "--enable-network-policy=true"
    assert modes(WEB + CLOSED + aws(on)) == [standard]
    assert modes(WEB + CLOSED + aws(on, NETWORK_POLICY_ENFORCING_MODE="standard")) == [standard]
    assert modes(WEB + aws(on)) == []
    strictly = aws(on, NETWORK_POLICY_ENFORCING_MODE="strict")
    assert modes(WEB + CLOSED + strictly) == modes(WEB + strictly) == [strict]
    assert modes(WEB + strictly, "kube-system/aws-node") == []
    assert modes(WEB + CLOSED + aws("--enable-network-policy=false")) == []


def test_the_overview_shows_what_it_goes_by() -> None:
    lines = layout(overview_document(overview(evaluate(WEB + ANP + calico("calico/node:v3.32.0")))), 200)
    text = plain(lines)
    assert "Enforcement of policy: enforced by Calico" in text
    assert (
        "by DaemonSet kube-system/calico-node: label k8s-app=calico-node, image calico/node:v3.32.0" in text
    )
    assert "AdminNetworkPolicies: not enforced (Calico v3.32; from v3.29 to v3.31)" in text
    assert "ClusterNetworkPolicies" not in text


def test_the_overview_in_json() -> None:
    on = aws("--enable-network-policy=true", NETWORK_POLICY_ENFORCING_MODE="strict")
    told = overview_json(overview(evaluate(on + calico("calico/node:v3.29.1"))))["enforcement"]
    assert told["enforced"] is True
    assert told["evidence"][1] == {
        "plugin": "Amazon VPC CNI",
        "object": "DaemonSet kube-system/aws-node",
        "facts": [
            "label k8s-app=aws-node",
            "image 602401143452.dkr.ecr.eu-west-1.amazonaws.com/amazon-k8s-cni:v1.19.2",
            "NETWORK_POLICY_ENFORCING_MODE=strict",
            "image example.com/amazon/aws-network-policy-agent:v1.1.6",
            "argument --enable-network-policy=true",
        ],
    }
    assert told["kinds"]["NetworkPolicy"] == {
        "enforced": True,
        "text": "enforced by Calico and Amazon VPC CNI",
    }
    assert told["kinds"][ADMIN] == {"enforced": True, "text": "Calico v3.29; from v3.29 to v3.31"}
    assert told["kinds"][CLUSTER]["enforced"] is None
    assert [each for each in told["caveats"] if "strict mode" in each]


# What is kept ---------------------------------------------------------------------------------------------


def reread(evaluation: Evaluation) -> tuple[str, Evaluation]:
    text = yaml_documents(bundle(evaluation.snapshot))
    collector = Collector()
    collector.add("bundle", text)
    return text, Evaluation.of(assemble(collector.reading("bundle")))


@pytest.mark.parametrize(
    "manifest",
    [
        aws("--secret=hush", "--enable-network-policy=true", NETWORK_POLICY_ENFORCING_MODE="strict", TOKEN="hush"),
        weave("weave", "weave-npc", EXPECT_NPC="0", TOKEN="hush"),
        cilium("quay.io/cilium/cilium:v1.18.2", "--enable-policy", "never", "--secret", "hush"),
        kube_router("--run-firewall=false", "hush"),
        CANAL,
    ],
)  # fmt: skip
def test_a_snapshot_gives_the_same_answers_and_no_secrets(manifest: str) -> None:
    before = evaluate(manifest)
    text, after = reread(before)
    assert "hush" not in text
    told, again = enforcement_in(before), enforcement_in(after)
    assert again == told
    assert reread(after)[0] == text


def test_nothing_of_the_kind_is_kept_of_other_pods() -> None:
    ordinary = daemon_set(
        "web", "app=web", [container("web", "example.com/web:1", "--run-firewall=false", EXPECT_NPC="0")],
        host_network=False,
    )  # fmt: skip
    evaluation = evaluate(ordinary)
    assert evaluation.snapshot.pods[0].containers == ()
    text, _ = reread(evaluation)
    assert not [word for word in ("image", "args", "env", "run-firewall") if word in text]


def test_the_pods_of_a_daemon_set_share_what_is_kept() -> None:
    one = evaluate(calico()).snapshot.pods[0].containers
    assert one is evaluate(calico()).snapshot.pods[0].containers


@pytest.mark.parametrize("wrong", ["args: x", "args: [1, {}]", "env: [x, {name: 1}]", "env: {}", "image: 1"])
def test_what_is_of_the_wrong_type_is_passed_over(wrong: str) -> None:
    name = "" if wrong.startswith("image") else ", image: 'quay.io/cilium/cilium:v1.18.2'"
    text = (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: {k8s-app: cilium}}\n"
        f"spec: {{hostNetwork: true, containers: [{{name: cilium-agent{name}, {wrong}}}, 7]}}\n"
    )
    assert found(text).enforced is True
