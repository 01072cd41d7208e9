"""Objects that are not evaluated: to which pods they may apply, in which directions, and where that is shown."""

from __future__ import annotations

import pytest

from policy_core.checking import check
from policy_core.connectivity import connectivity
from policy_core.details.matrix import matrix_caveats
from policy_core.details.pod import pod_detail
from policy_core.details.service import service_detail
from policy_core.ends import Ends
from policy_core.evaluation import Evaluation
from policy_core.expectations import Expectations
from policy_core.isolation import isolations
from policy_core.judgement import judge
from policy_core.model import Direction, UnevaluatedPolicy
from policy_core.not_evaluated import may_select
from policy_core.report.json import pod_json
from policy_core.report.layout import ALL, layout, plain
from policy_core.report.pod import pod_document
from policy_core.report.trace import trace_document
from policy_core.report.unevaluated import unevaluated_document
from policy_core.trace import trace
from tests.clusters import evaluate, namespace, pod, service, the_pod

INGRESS, EGRESS = Direction.INGRESS, Direction.EGRESS
PODS = (
    namespace("x", env="prod")
    + namespace("z", env="test")
    + pod("web", "10.0.0.1", app="web", tier="front-end")
    + pod("db", "10.0.0.2", app="db")
    + pod("far", "10.0.0.3", namespace="z", app="web")
    + pod("host", "192.168.0.1", app="web", more="hostNetwork: true")
)


def obj(version: str, kind: str, spec: str, place: str = "x", name: str = "u") -> str:
    at = f", namespace: {place}" if place else ""
    return f"---\napiVersion: {version}\nkind: {kind}\nmetadata: {{name: {name}{at}}}\nspec: {spec}\n"


def cnp(spec: str) -> str:
    return obj("cilium.io/v2", "CiliumNetworkPolicy", spec)


def ccnp(spec: str) -> str:
    return obj("cilium.io/v2", "CiliumClusterwideNetworkPolicy", spec, "")


def calico(selector: str, more: str = "") -> str:
    return obj("projectcalico.org/v3", "NetworkPolicy", f'{{selector: "{selector}"{more}}}')


def calico_global(spec: str) -> str:
    return obj("projectcalico.org/v3", "GlobalNetworkPolicy", spec, "")


def istio(spec: str, place: str = "x") -> str:
    return obj("security.istio.io/v1", "AuthorizationPolicy", spec, place)


def antrea(spec: str, place: str = "") -> str:
    kind = "NetworkPolicy" if place else "ClusterNetworkPolicy"
    return obj("crd.antrea.io/v1beta1", kind, spec, place)


def sgp(spec: str) -> str:
    return obj("vpcresources.k8s.aws/v1beta1", "SecurityGroupPolicy", spec)


def selected(manifest: str, direction: Direction | None = None) -> set[str]:
    evaluation = evaluate(PODS + manifest)
    [policy] = evaluation.snapshot.unevaluated
    return {p.name for p in evaluation.snapshot.pods if may_select(evaluation.snapshot, policy, p, direction)}


CLUSTER = {"web", "db", "far", "host"}
RULES = ", ingress: [{}]"


@pytest.mark.parametrize(
    ("manifest", "pods"),
    [
        # Cilium
        (cnp("{endpointSelector: {}}"), {"web", "db"}),
        (cnp("{endpointSelector: {matchLabels: {app: web}}}"), {"web"}),
        (cnp("{endpointSelector: {matchLabels: {'k8s:app': web}}}"), {"web"}),
        (cnp("{endpointSelector: {matchLabels: {'any:app': web}}}"), {"web"}),
        (cnp("{endpointSelector: {matchExpressions: [{key: 'k8s:app', operator: NotIn, values: [web]}]}}"), {"db"}),
        (cnp("{endpointSelector: {matchExpressions: [{key: tier, operator: Exists}]}}"), {"web"}),
        (cnp("{endpointSelector: {matchLabels: {'reserved:init': '', app: db}}}"), {"db"}),
        (cnp("{endpointSelector: {matchLabels: {'io.cilium.k8s.policy.serviceaccount': a, app: db}}}"), {"db"}),
        # Cilium puts the object's own namespace in place of another.
        (cnp("{endpointSelector: {matchLabels: {'k8s:io.kubernetes.pod.namespace': z, app: web}}}"), {"web"}),
        # It knows nothing of this label, so to it no pod has one.
        (
            cnp("{endpointSelector: {matchExpressions: [{key: pod-template-hash, operator: DoesNotExist}]}}"),
            {"web", "db"},
        ),
        (cnp("{nodeSelector: {}}"), {"host"}),
        (cnp("{}"), {"web", "db", "host"}),
        (cnp("{endpointSelector: {matchLabels: {app: 1}}}"), {"web", "db"}),
        (ccnp("{endpointSelector: {}}"), {"web", "db", "far"}),
        (ccnp("{endpointSelector: {matchLabels: {'k8s:io.kubernetes.pod.namespace': z}}}"), {"far"}),
        (
            ccnp("{endpointSelector: {matchExpressions: [{key: 'k8s:io.kubernetes.pod.namespace', operator: In, "
                 "values: [x]}]}}"),
            {"web", "db"},
        ),
        (ccnp("{endpointSelector: {matchLabels: {'k8s:io.cilium.k8s.namespace.labels.env': test}}}"), {"far"}),
        (ccnp("{nodeSelector: {matchLabels: {disk: ssd}}}"), {"host"}),
        # Calico
        (calico("all()"), {"web", "db"}),
        (calico(""), {"web", "db"}),
        (calico("app == 'web'"), {"web"}),
        (calico("app != 'web'"), {"db"}),
        (calico("app == 'web' || app == 'db'"), {"web", "db"}),
        (calico("app == 'db' || has(tier)"), {"web", "db"}),
        (calico("app == 'no' || has(no)"), set()),
        (calico("(app == 'web' || app == 'db') && has(tier)"), {"web"}),
        (calico("app == 'web' && (has(no) || tier == 'front-end')"), {"web"}),
        (calico("app == 'db' || app == 'web' && has(no)"), {"db"}),
        (calico("!has(tier)"), {"db"}),
        (calico("!(app == 'web' || has(no))"), {"db"}),
        (calico("!!has(tier)"), {"web"}),
        (calico("app in {'web', 'no'}"), {"web"}),
        (calico("app in {}"), set()),
        (calico("tier not in {'front-end'}"), {"db"}),
        (calico("tier contains 'ont'"), {"web"}),
        (calico("tier starts with 'front'"), {"web"}),
        (calico("tier starts with 'end'"), set()),
        (calico("tier ends with '-end'"), {"web"}),
        (calico("!(tier ends with '-end')"), {"db"}),
        (calico("pcns.env == 'prod'"), {"web", "db"}),
        (calico("pcns.env == 'test'"), set()),
        (calico("projectcalico.org/serviceaccount == 'a' && app == 'db'"), {"db"}),
        (calico("!(projectcalico.org/serviceaccount == 'a') && app == 'db'"), {"db"}),
        (calico("app like 'web'"), {"web", "db"}),
        (calico("app == 'web' &&"), {"web", "db"}),
        (calico("app == 'no' extra"), {"web", "db"}),
        (calico("(" * 200 + "has(no)" + ")" * 200), {"web", "db"}),
        (calico("has(no)", ", serviceAccountSelector: has(a)"), set()),
        (calico("app == 'db'", ", serviceAccountSelector: has(a)"), {"db"}),
        (calico_global("{}"), CLUSTER),
        (calico_global("{selector: has(tier)}"), {"web", "host"}),
        (calico_global("{namespaceSelector: \"projectcalico.org/name == 'z'\"}"), {"far"}),
        (calico_global("{namespaceSelector: \"env == 'prod'\", selector: \"app == 'web'\"}"), {"web"}),
        (calico_global("{namespaceSelector: global()}"), {"host"}),
        (calico_global("{namespaceSelector: '!global()', selector: has(tier)}"), {"web", "host"}),
        (calico_global("{selector: \"projectcalico.org/namespace == 'z'\"}"), {"far", "host"}),
        (calico_global("{selector: has(no)}"), {"host"}),
        (calico_global("{selector: has(no), applyOnForward: true, preDNAT: true}"), CLUSTER),
        (calico_global("{selector: has(no), applyOnForward: true, doNotTrack: true}"), CLUSTER),
        (calico_global("{selector: has(no), applyOnForward: false}"), {"host"}),
        # Istio
        (istio("{}"), {"web", "db", "host"}),
        (istio("{selector: {matchLabels: {app: db}}}"), {"db"}),
        (istio("{selector: {matchLabels: {app: db}}}", "istio-system"), {"db"}),
        (istio("{selector: {matchLabels: {app: web}}}", "istio-system"), {"web", "far", "host"}),
        (istio("{targetRefs: [{kind: Gateway, name: g}]}"), {"web", "db", "host"}),
        (istio("{action: AUDIT}"), set()),
        # Amazon
        (sgp("{podSelector: {}}"), {"web", "db", "host"}),
        (sgp("{podSelector: {matchLabels: {app: db}}, serviceAccountSelector: {matchNames: [a]}}"), {"db"}),
        (sgp("{serviceAccountSelector: {matchNames: [a]}}"), {"web", "db", "host"}),
        (sgp("{securityGroups: {groupIds: [sg-1]}}"), set()),
        # Antrea
        (antrea("{appliedTo: [{podSelector: {matchLabels: {app: db}}}]" + RULES + "}"), {"db"}),
        (
            antrea("{appliedTo: [{namespaceSelector: {matchLabels: {env: test}}}, {podSelector: {matchLabels: "
                   "{app: db}}}]" + RULES + "}"),
            {"far", "db"},
        ),
        (
            antrea("{appliedTo: [{namespaceSelector: {matchLabels: {env: test}}, podSelector: {matchLabels: "
                   "{app: db}}}]" + RULES + "}"),
            set(),
        ),
        (antrea("{appliedTo: [{group: g}]" + RULES + "}"), CLUSTER),
        (antrea("{appliedTo: [{nodeSelector: {}}]" + RULES + "}"), {"host"}),
        (antrea("{appliedTo: [{podSelector: {}}]}"), set()),
        (antrea("{ingress: [{appliedTo: [{podSelector: {matchLabels: {app: db}}}]}]}"), {"db"}),
        (antrea("{appliedTo: [{podSelector: {matchLabels: {app: web}}}]" + RULES + "}", "z"), {"far"}),
        # OpenShift
        (obj("k8s.ovn.org/v1", "EgressFirewall", "{egress: []}"), {"web", "db", "host"}),
    ],
)  # fmt: skip
def test_to_which_pods_it_may_apply(manifest: str, pods: set[str]) -> None:
    assert selected(manifest) == pods


@pytest.mark.parametrize(
    ("manifest", "directions"),
    [
        (cnp("{endpointSelector: {}, ingress: [{}]}"), {INGRESS}),
        (cnp("{endpointSelector: {}, ingress: []}"), {INGRESS}),
        (cnp("{endpointSelector: {}, ingressDeny: [{}]}"), {INGRESS}),
        (cnp("{endpointSelector: {}, egress: [{}]}"), {EGRESS}),
        (cnp("{endpointSelector: {}, egressDeny: [{}]}"), {EGRESS}),
        (cnp("{endpointSelector: {}, egressDeny: [{}], ingress: [{}]}"), {INGRESS, EGRESS}),
        (cnp("{endpointSelector: {}, ingress: [{}], enableDefaultDeny: {egress: true}}"), {INGRESS, EGRESS}),
        (cnp("{endpointSelector: {}}"), {INGRESS, EGRESS}),
        (calico("all()"), {INGRESS}),
        (calico("all()", ", ingress: [{action: Deny}]"), {INGRESS}),
        (calico("all()", ", egress: [{action: Deny}]"), {EGRESS}),
        (calico("all()", ", egress: [{action: Deny}], ingress: [{action: Deny}]"), {INGRESS, EGRESS}),
        (calico("all()", ", types: [Egress]"), {EGRESS}),
        (calico("all()", ", types: [Ingress, Egress]"), {INGRESS, EGRESS}),
        (calico("all()", ", types: [Egres], egress: [{action: Deny}]"), {EGRESS}),
        (istio("{}"), {INGRESS}),
        (istio("{action: DENY}"), {INGRESS}),
        (sgp("{podSelector: {}}"), {INGRESS, EGRESS}),
        (obj("networking.k8s.aws/v1alpha1", "ApplicationNetworkPolicy", "{podSelector: {}}"), {INGRESS}),
        (obj("networking.k8s.aws/v1alpha1", "ApplicationNetworkPolicy", "{podSelector: {}, egress: [{}]}"),
         {INGRESS, EGRESS}),
        (obj("networking.k8s.aws/v1alpha1", "ApplicationNetworkPolicy", "{podSelector: {}, policyTypes: [Egress]}"),
         {EGRESS}),
        (obj("networking.k8s.aws/v1alpha1", "ClusterNetworkPolicy", "{subject: {namespaces: {}}, ingress: [{}]}", ""),
         {INGRESS}),
        (obj("networking.k8s.aws/v1alpha1", "ClusterNetworkPolicy", "{subject: {namespaces: {}}, egress: [{}]}", ""),
         {EGRESS}),
        (antrea("{appliedTo: [{podSelector: {}}], egress: [{action: Drop}]}"), {EGRESS}),
        (obj("k8s.ovn.org/v1", "EgressFirewall", "{egress: []}"), {EGRESS}),
        (obj("network.openshift.io/v1", "EgressNetworkPolicy", "{egress: []}"), {EGRESS}),
    ],
)  # fmt: skip
def test_in_which_directions_it_may_have_a_say(manifest: str, directions: set[Direction]) -> None:
    assert {direction for direction in Direction if "db" in selected(manifest, direction)} == directions


def test_each_rule_of_several_selects_for_itself() -> None:
    several = (
        "---\napiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: u, namespace: x}\nspecs:\n"
        "- {endpointSelector: {matchLabels: {app: web}}, ingress: [{}]}\n"
        "- {endpointSelector: {matchLabels: {app: db}}, egress: [{}]}\n"
    )
    assert (selected(several, INGRESS), selected(several, EGRESS)) == ({"web"}, {"db"})


@pytest.mark.parametrize(
    ("spec", "readable", "pods"),
    [
        ("{endpointSelector: {matchLabels: {app: db}}, ingress: [{}]}", True, {"db"}),
        ("{elsewhere: {}}", False, {"web", "db", "host"}),
    ],
)
def test_rules_of_a_version_that_is_not_known_may_be_anywhere(
    spec: str, readable: bool, pods: set[str]
) -> None:
    manifest = obj("cilium.io/v3", "CiliumNetworkPolicy", spec)
    [policy] = evaluate(PODS + manifest).snapshot.unevaluated
    assert policy.readable is readable
    assert selected(manifest, EGRESS) == selected(manifest, INGRESS) == pods


def test_labels_of_a_namespace_that_was_not_read_may_be_any() -> None:
    bare = pod("web", "10.0.0.1", app="web") + pod("far", "10.0.0.2", namespace="z", app="web")
    for manifest, pods in (
        (calico_global("{namespaceSelector: \"env == 'prod'\"}"), {"web", "far"}),
        (calico_global("{namespaceSelector: \"!(env == 'prod')\"}"), {"web", "far"}),
        (calico_global("{namespaceSelector: \"projectcalico.org/name == 'z'\"}"), {"far"}),
        (ccnp("{endpointSelector: {matchLabels: {'k8s:io.cilium.k8s.namespace.labels.env': a}}}"), {"web", "far"}),
    ):  # fmt: skip
        evaluation = evaluate(bare + manifest)
        [policy] = evaluation.snapshot.unevaluated
        assert {p.name for p in evaluation.index.pods if may_select(evaluation.snapshot, policy, p)} == pods


@pytest.mark.parametrize(
    "kind", ["StagedNetworkPolicy", "StagedGlobalNetworkPolicy", "StagedKubernetesNetworkPolicy"]
)
def test_staged_policies_decide_nothing(kind: str) -> None:
    found = evaluate(PODS + obj("projectcalico.org/v3", kind, "{selector: all()}")).snapshot
    assert found.unevaluated == ()
    assert found.other_kinds == {f"projectcalico.org/v3 {kind}": 1}


def test_what_calico_shows_of_a_network_policy_is_said_once() -> None:
    view = obj("projectcalico.org/v3", "NetworkPolicy", "{selector: all()}", name="knp.default.p")
    real = obj("networking.k8s.io/v1", "NetworkPolicy", "{podSelector: {}}", name="p")
    assert evaluate(PODS + view + real).snapshot.unevaluated == ()
    assert len(evaluate(PODS + view).snapshot.unevaluated) == 1
    assert len(evaluate(PODS + view.replace("knp.default.p", "q") + real).snapshot.unevaluated) == 1


# Where it is shown ----------------------------------------------------------------------------------------

IN = cnp("{endpointSelector: {matchLabels: {app: db}}, ingress: [{}]}")
NAME = "CiliumNetworkPolicy x/u"
FIREWALL = obj("k8s.ovn.org/v1", "EgressFirewall", "{egress: []}")


def told_by_trace(manifest: str, source: str, destination: str) -> list[str]:
    evaluation = evaluate(PODS + service("s", "{selector: {app: db}, ports: [{port: 80}]}") + manifest)
    ends = Ends(evaluation)
    judgement = judge(evaluation, ends.find(source), ends.find(destination), "TCP", 80)
    return [str(policy.ref) for policy in trace(evaluation, judgement).unevaluated]


def test_a_trace_names_it_only_on_the_side_on_which_it_may_have_a_say() -> None:
    assert told_by_trace(IN, "x/web", "x/db") == [NAME]
    assert told_by_trace(IN, "x/web", "service:x/s") == [NAME]
    assert told_by_trace(IN, "x/db", "x/web") == []
    assert told_by_trace(IN.replace("ingress", "egress"), "x/db", "x/web") == [NAME]
    assert told_by_trace(IN.replace("ingress", "egress"), "x/web", "x/db") == []


def test_a_traces_side_in_doubt_is_marked_and_the_other_is_not() -> None:
    evaluation = evaluate(PODS + IN)
    ends = Ends(evaluation)

    def marks(source: str, destination: str) -> list[str]:
        found = trace(evaluation, judge(evaluation, ends.find(source), ends.find(destination), "TCP", 80))
        text = plain(layout(trace_document(found), 120, ALL))
        return [line.split()[1] for line in text.split("\n") if line.startswith("├─") and "gress" in line]

    assert marks("x/web", "x/db") == ["✓", "?"]
    assert marks("x/db", "x/web") == ["✓", "✓"]


def test_what_is_about_the_outside_alone_is_named_there_alone() -> None:
    assert told_by_trace(FIREWALL, "x/web", "192.0.2.1") == ["EgressFirewall x/u"]
    assert told_by_trace(FIREWALL, "x/web", "x/db") == []
    assert told_by_trace(FIREWALL, "x/web", "service:x/s") == []
    assert told_by_trace(FIREWALL, "192.0.2.1", "x/db") == []
    evaluation = evaluate(PODS + FIREWALL)
    web = next(each for each in connectivity(evaluation).classes if "web" in {p.name for p in each.pods})
    assert [list(map(str, refs)) for refs in web.doubts] == [[], [], ["EgressFirewall x/u"]]


def test_a_pods_page_doubts_only_the_direction_that_it_is_about() -> None:
    evaluation = evaluate(PODS + IN)
    db = the_pod(evaluation, "x/db")
    assert db is not None
    detail = pod_detail(evaluation, db)
    text = plain(layout(pod_document(detail), 120, ALL))
    assert f"{NAME} may also apply" in text
    [ingress] = [line for line in text.split("\n") if "Ingress" in line]
    [egress] = [line for line in text.split("\n") if "Egress" in line]
    assert "?" in ingress
    assert "?" not in egress
    told = pod_json(detail)
    assert told["unevaluated"] == [NAME]
    assert (told["ingress"]["doubtful"], told["egress"]["doubtful"]) == (True, False)
    assert isolations(evaluation)[db.ref].doubts == {INGRESS}


def test_a_services_page_is_about_what_comes_in() -> None:
    def named(manifest: str) -> list[str]:
        evaluation = evaluate(PODS + service("s", "{selector: {app: db}, ports: [{port: 80}]}") + manifest)
        [found] = evaluation.snapshot.services
        return [str(policy.ref) for policy in service_detail(evaluation, found).unevaluated]

    assert named(IN) == [NAME]
    assert named(IN.replace("ingress", "egress")) == []


def test_a_check_and_the_matrix_name_it() -> None:
    evaluation = evaluate(PODS + IN)

    def outcome(source: str, destination: str) -> list[str]:
        expected = Expectations()
        expected.add("e.yaml", f"- {{from: {source}, to: {destination}, port: 80, expect: allow}}\n")
        [found] = check(evaluation, expected).outcomes
        return [str(policy.ref) for policy in found.unevaluated]

    assert outcome("x/web", "x/db") == [NAME]
    assert outcome("x/db", "x/web") == []
    found = connectivity(evaluation)
    assert any(NAME in sentence for sentence in matrix_caveats(evaluation, found))


def page(manifest: str) -> str:
    evaluation = evaluate(PODS + manifest)
    [policy] = evaluation.snapshot.unevaluated
    return " ".join(
        plain(layout(unevaluated_document(policy, _selected(evaluation, policy)), 200, ALL)).split()
    )


def _selected(evaluation: Evaluation, policy: UnevaluatedPolicy) -> tuple[object, ...]:
    return tuple(p for p in evaluation.index.pods if may_select(evaluation.snapshot, policy, p))


@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        (IN, "It may apply to pods with app in (db), not hostNetwork ones, for ingress only."),
        (IN, "PODS IT MAY SELECT 1 now"),
        (IN, "? Not evaluated."),
        (ccnp("{nodeSelector: {}}"), "It may apply to hostNetwork pods, as to their nodes, for ingress and egress."),
        (calico("app == 'web' || has(no)"), "pods with app in (web) or no, not hostNetwork ones"),
        (calico("app like 'x'"), "app like 'x' (not read)"),
        (istio("{}"), "istio-system is taken for Istio's root namespace"),
        (istio("{action: AUDIT}"), "It decides nothing: no pod's traffic hangs on it."),
        (istio("{targetRefs: []}"), "any pod in scope, since it could not be told which it selects"),
        (FIREWALL, "It is about connections to addresses outside the cluster alone."),
        (calico("app == '\\u202e'"), r"app in (\u202e)"),
        (sgp("{podSelector: {matchLabels: {app: nobody}}}"), "none of those that were read"),
    ],
)  # fmt: skip
def test_its_page_says_what_can_be_said(manifest: str, said: str) -> None:
    assert said in page(manifest)
