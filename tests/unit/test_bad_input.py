"""Bad input: one located message each, and all that is sound still loads."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_core.labels import LabelSelector
from policy_core.manifests.collect import Collector
from policy_core.model import (
    Direction,
    IPBlock,
    NetworkPolicy,
    Pod,
    PodPeer,
    PolicyPort,
    Problem,
    Reading,
    Rule,
    Service,
    Severity,
    UnevaluatedPolicy,
    Workload,
)
from policy_core.routing import Routing
from policy_core.sources import files

SOUND = "apiVersion: v1\nkind: Pod\nmetadata: {name: sound}\n"


def read(text: str) -> Reading:
    collector = Collector()
    collector.add("x.yaml", text)
    return collector.reading("x.yaml")


def the_problem(reading: Reading) -> Problem:
    (problem,) = reading.problems
    return problem


def names(reading: Reading) -> list[str]:
    return [obj.ref.name for obj in reading.objects]


def policy(spec: str) -> tuple[NetworkPolicy, Problem]:
    """A policy whose ``spec`` starts on line 5, and the only problem with it."""
    indented = spec.replace("\n", "\n  ")
    text = (
        f"apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: p}}\nspec:\n  {indented}\n"
    )
    reading = read(text)
    (found,) = reading.objects
    assert isinstance(found, NetworkPolicy)
    return found, the_problem(reading)


NEST = "[" * 200 + "]" * 200
JSON_NEST = '{"apiVersion": "v1", "kind": "Pod", "spec": ' + '{"a":' * 200 + "1" + "}" * 201
BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 10)
)


@pytest.mark.parametrize(
    ("broken", "line", "message"),
    [
        ("kind: [\n", 2, "not valid YAML"),
        ("kind: Pod\nspec: {a: [\n  b\n\n", 2, "not valid YAML"),
        ('kind: Pod\nname: "x\nspec: y\n', 2, "not valid YAML"),
        (" apiVersion: v1\nkind: Pod\nmetadata: {name: x}\n", 2, "is the indentation right?"),
        ('apiVersion: v1\nkind: Pod\nmetadata:\n  {{ include "x" . }}\n\n  name: x\n', 4, "render it first"),
        ("{{- if .x }}\nkind: Pod\n{{- end }}\n", 1, "render it first"),
        (
            "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {volumes: [a, *nope]}\n",
            4,
            'no anchor "nope"',
        ),
        ("kind: Pod\nmetadata:\n\tname: x\n", 3, "a tab cannot indent"),
        (f"a: {NEST}\n", 1, "nested more than 100 levels deep"),
        (f"apiVersion: v1\nkind: Pod\nspec:\n  volumes: {NEST}\n", 4, "nested more than 100 levels deep"),
        (f"{JSON_NEST}\n", 1, "nested more than 100 levels deep"),
        ('{"a":' * 5000 + "1" + "}" * 5000 + "\n", 1, "nested more than 100 levels deep"),
        (BOMB, 4, "aliases make the document larger than"),
        ("a: &a\n  b: *a\n", 2, "stands for something that contains it"),
        ("metadata: {name: {{ .Release.Name }}-x}\n", 1, "render it first"),
        ("name: \x1b[31mred\n", 1, "control character U+001B"),
        ("just text\n", 1, "not an object"),
        ("- a\n- list\n", 1, "not an object"),
        ("a: 1\n", 1, "apiVersion and kind are missing"),
        ("metadata: {name: x}\napiVersion: v1\n", 1, "kind is missing"),
        ("kind: Pod\nmetadata: {name: x}\n", 1, "apiVersion is missing"),
        ("apiVersion: v1\nkind: 12\n", 2, "must be text, not the number 12"),
        ("apiVersion: v1\nkind: Pod\nspec: {}\n", 1, "metadata.name is missing"),
        ("apiVersion: v1\nkind: Pod\nmetadata:\n  labels: {}\n", 3, "metadata.name is missing"),
        ("apiVersion: v1\nkind: Pod\nmetadata: []\n", 3, "must be a mapping, not a list"),
        ("apiVersion: v1\nkind: Pod\nmetadata:\n  name: 12\n", 4, "must be text, not the number 12"),
    ],
)
def test_a_document_that_cannot_be_read_hides_no_other(broken: str, line: int, message: str) -> None:
    reading = read(f"{SOUND}---\n{broken}---\n{SOUND.replace('sound', 'later')}")
    assert names(reading) == ["sound", "later"]
    problem = the_problem(reading)
    assert message in problem.message
    assert problem.severity is Severity.ERROR
    assert (problem.file, problem.line) == ("x.yaml", line + 4)


def test_a_generated_name_is_a_warning() -> None:
    reading = read("apiVersion: batch/v1\nkind: Job\nmetadata:\n  generateName: run-\nspec: {template: {}}\n")
    problem = the_problem(reading)
    assert (problem.severity, problem.line) == (Severity.WARNING, 4)
    assert "generateName" in problem.message


def test_of_duplicate_keys_the_last_counts() -> None:
    reading = read(
        f"{SOUND}---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  labels:\n    x: '1'\n    x: '2'\n"
    )
    pod = reading.objects[1]
    assert isinstance(pod, Pod)
    assert pod.labels == {"x": "2"}
    problem = the_problem(reading)
    assert (problem.line, problem.field, str(problem.subject)) == (11, "metadata.labels.x", "Pod default/a")
    assert 'duplicate key "x"' in problem.message


@pytest.mark.parametrize(
    ("value", "word"),
    [("1.10", "the number 1.1"), ("yes", "the boolean true"), ("017", "the number 15"), ("[]", "a list")],
)
def test_a_label_must_be_text(value: str, word: str) -> None:
    reading = read(
        f"apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  labels:\n    app: web\n    version: {value}\n"
    )
    (pod,) = reading.objects
    assert isinstance(pod, Pod)
    assert pod.labels == {"app": "web"}
    problem = the_problem(reading)
    assert (problem.line, problem.field) == (7, "metadata.labels.version")
    assert f"must be text, not {word}" in problem.message


def test_a_null_label_is_empty() -> None:
    reading = read("apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: {app: ~}}\n")
    (pod,) = reading.objects
    assert isinstance(pod, Pod)
    assert pod.labels == {"app": ""}
    assert not reading.problems


@pytest.mark.parametrize("label", ["'a b': c", "a: 'b c'", f"a: {'x' * 64}", "a/b/c: d"])
def test_a_label_with_bad_syntax_is_a_warning(label: str) -> None:
    reading = read(f"apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  labels:\n    {label}\n")
    assert names(reading) == ["a"]
    problem = the_problem(reading)
    assert (problem.severity, problem.line) == (Severity.WARNING, 6)


@pytest.mark.parametrize(
    ("spec", "line", "field", "message"),
    [
        ("podSelector: []", 5, "spec.podSelector", "must be a mapping such as {}"),
        ("podSelector: {matchLabels: {a: 1}}", 5, "spec.podSelector.matchLabels.a", "put it in quotes"),
        ("podSelector:\n  matchlabels: {a: b}", 6, "spec.podSelector", "did you mean matchLabels?"),
        ("podSelector:\n  matchExpressions:\n  - {key: a, operator: in, values: [b]}", 7,
         "spec.podSelector.matchExpressions[0].operator", 'not "in" (did you mean In?)'),
        ("podSelector:\n  matchExpressions:\n  - {key: a, operator: Equals}", 7,
         "spec.podSelector.matchExpressions[0].operator", "must be In, NotIn, Exists or DoesNotExist"),
        ("podSelector:\n  matchExpressions:\n  - {key: a, operator: In, values: []}", 7,
         "spec.podSelector.matchExpressions[0]", "In needs at least one value"),
        ("podSelector:\n  matchExpressions:\n  - {key: a, operator: Exists, values: [b]}", 7,
         "spec.podSelector.matchExpressions[0].values", "Exists takes no values"),
        ("podSelector:\n  matchExpressions:\n  - {operator: Exists}", 7,
         "spec.podSelector.matchExpressions[0]", "key is missing"),
        ("podSelector:\n  matchExpressions:\n  - {key: '', operator: In, values: [b]}", 7,
         "spec.podSelector.matchExpressions[0].key", "must not be empty"),
        ("podSelector:\n  matchExpressions:\n  - {key: c, operator: Exists}\n  - {key: -a-, operator: DoesNotExist}", 8,
         "spec.podSelector.matchExpressions[1].key", '"-a-" is no valid label key'),
        ("podSelector:\n  matchExpressions:\n  - {key: a, operator: NotIn, values: [c, 'b c!']}", 7,
         "spec.podSelector.matchExpressions[0].values[1]", '"b c!" is no valid label value'),
        ("podSelector:\n  matchLabels:\n    a: b\n    -c-: b", 8,
         'spec.podSelector.matchLabels.-c-', '"-c-" is no valid label key'),
        ("podSelector:\n  matchLabels:\n    a: b c", 7,
         'spec.podSelector.matchLabels.a', '"b c" is no valid label value'),
        ("podSelector:\n  matchExpressions:\n  - {key: a, operator: In, values: {}}", 7,
         "spec.podSelector.matchExpressions[0].values", "must be a list, not a mapping"),
    ],
)  # fmt: skip
def test_a_bad_selector_matches_nothing(spec: str, line: int, field: str, message: str) -> None:
    found, problem = policy(spec)
    assert found.pod_selector.invalid
    assert not found.pod_selector.matches({"a": "b"})
    assert (problem.line, problem.field, problem.severity) == (line, field, Severity.ERROR)
    assert message in problem.message


GOOD_PEER = PodPeer(pods=LabelSelector.of(app="web"))


@pytest.mark.parametrize(
    ("peer", "field", "message"),
    [
        ("{}", "", "an empty peer"),
        ("namespaceselector: {}", "", 'unknown field "namespaceselector" (did you mean namespaceSelector?)'),
        ("{podSelector: {}, ipBlock: {cidr: 10.0.0.0/8}}", "", "ipBlock stands alone"),
        ("text", "", "must be a mapping, not text"),
        ("ipBlock: {}", ".ipBlock", "cidr is missing"),
        ("ipBlock: 10.0.0.0/8", ".ipBlock", "must be a mapping, not text"),
        ("ipBlock: {cidr: 10.0.0.0/33}", ".ipBlock.cidr", '"10.0.0.0/33" is no CIDR'),
        ("ipBlock: {cidr: 10.0.0.1}", ".ipBlock.cidr", '"10.0.0.1" is no CIDR'),
        ("ipBlock: {cidr: 10.0.0.0/255.0.0.0}", ".ipBlock.cidr", "is no CIDR"),
        ("ipBlock: {cidr: 10}", ".ipBlock.cidr", "must be text, not the number 10"),
        ("ipBlock: {cidr: 10.0.0.0/8, exept: [10.1.0.0/16]}", ".ipBlock", "did you mean except?"),
        ("ipBlock: {cidr: 10.0.0.0/8, except: [nonsense]}", ".ipBlock.except[0]", "is no CIDR"),
        ("ipBlock: {cidr: 10.0.0.0/8, except: 10.1.0.0/16}", ".ipBlock.except", "must be a list, not text"),
    ],
)
@pytest.mark.parametrize("alone", [True, False])
def test_a_bad_peer_is_dropped_and_never_widens_its_rule(
    peer: str, field: str, message: str, alone: bool
) -> None:
    good = "" if alone else "\n  - podSelector: {matchLabels: {app: web}}"
    found, problem = policy(f"podSelector: {{}}\ningress:\n- from:\n  - {peer}{good}")
    assert found.ingress == (Rule(peers=() if alone else (GOOD_PEER,)),)
    assert (problem.line, problem.field) == (8, f"spec.ingress[0].from[0]{field}")
    assert message in problem.message


@pytest.mark.parametrize(
    ("block", "network", "excepted", "field", "message"),
    [
        ("{cidr: 10.1.2.3/8}", "10.0.0.0/8", [], "cidr", "write 10.0.0.0/8"),
        ("{cidr: 010.0.0.0/8}", "10.0.0.0/8", [], "cidr", "leading zeros: write 10.0.0.0/8"),
        ("{cidr: '::ffff:10.0.0.0/104'}", "10.0.0.0/8", [], "cidr", "IPv4-mapped"),
        ("{cidr: '2001:db8::1/32'}", "2001:db8::/32", [], "cidr", "write 2001:db8::/32"),
        ("{cidr: 10.0.0.0/8, except: [10.0.0.0/8]}", "10.0.0.0/8", ["10.0.0.0/8"], "except[0]", "equals the cidr"),
        ("{cidr: 10.0.0.0/8, except: [11.0.0.0/16]}", "10.0.0.0/8", ["11.0.0.0/16"], "except[0]", "outside the cidr"),
        ("{cidr: 10.0.0.0/8, except: ['2001:db8::/48']}", "10.0.0.0/8", ["2001:db8::/48"], "except[0]", "outside"),
    ],
)  # fmt: skip
def test_a_cidr_that_older_clusters_accepted_is_still_evaluated(
    block: str, network: str, excepted: list[str], field: str, message: str
) -> None:
    found, problem = policy(f"podSelector: {{}}\negress:\n- to:\n  - ipBlock: {block}")
    ((peer,),) = [rule.peers for rule in found.egress if rule.peers]
    assert isinstance(peer, IPBlock)
    assert (str(peer.cidr), [str(e) for e in peer.excepted]) == (network, excepted)
    assert (problem.line, problem.field) == (8, f"spec.egress[0].to[0].ipBlock.{field}")
    assert message in problem.message


@pytest.mark.parametrize(
    ("port", "field", "message"),
    [
        ("{port: 80, endPort: 79}", ".endPort", "endPort 79 is below port 80"),
        ("{port: http, endPort: 90}", ".endPort", "only with a port that is a number"),
        ("{endPort: 90}", ".endPort", "only with a port that is a number"),
        ("{port: '80'}", ".port", "a port number has no quotes: write 80"),
        ("{port: 0}", ".port", "must be 1 to 65535, not 0"),
        ("{port: 65536}", ".port", "must be 1 to 65535"),
        ("{port: 80.5}", ".port", "must be a whole number"),
        ("{port: yes}", ".port", "must be a whole number, not the boolean true"),
        ("{port: 80, protocol: tcp}", ".protocol", "did you mean TCP?"),
        ("{port: 80, protocol: ICMP}", ".protocol", "must be TCP, UDP or SCTP"),
        ("{prot: UDP, port: 53}", "", 'unknown field "prot"'),
        ("80", "", "must be a mapping, not the number 80"),
    ],
)
@pytest.mark.parametrize("alone", [True, False])
def test_a_bad_port_is_dropped_and_never_widens_its_rule(
    port: str, field: str, message: str, alone: bool
) -> None:
    good = "" if alone else "\n  - port: 443"
    found, problem = policy(f"podSelector: {{}}\ningress:\n- ports:\n  - {port}{good}")
    assert found.ingress == (Rule(ports=() if alone else (PolicyPort("TCP", 443),)),)
    assert (problem.line, problem.field) == (8, f"spec.ingress[0].ports[0]{field}")
    assert message in problem.message


@pytest.mark.parametrize(
    ("rule", "line", "message"),
    [
        ("form: [{podSelector: {}}]", 7, "did you mean from?"),
        ("to: [{podSelector: {}}]", 7, 'unknown field "to"'),
        ("from: {podSelector: {}}", 7, "must be a list, not a mapping"),
    ],
)
def test_a_rule_with_a_bad_field_allows_nobody(rule: str, line: int, message: str) -> None:
    found, problem = policy(f"podSelector: {{}}\ningress:\n- {rule}\n- from: [{{podSelector: {{}}}}]")
    assert found.ingress[0].peers == ()
    assert found.ingress[1].peers
    assert problem.line == line
    assert message in problem.message


@pytest.mark.parametrize(
    ("spec", "line", "message"),
    [
        ("podSelector: {}\npolicyTypes: [Ingress, egress]", 6, "did you mean Egress?"),
        ("podSelector: {}\npolicyTypes: Ingress", 6, "must be a list, not text"),
        ("podSelector: {}\ningress: {}", 6, "must be a list, not a mapping"),
        ("podSelector: {}\ningres: []", 6, "did you mean ingress?"),
        ("policyTypes: [Ingres, Egress]", 5, "must be Ingress or Egress"),
        ("policyTypes: [egress]", 5, "did you mean Egress?"),
        ("policyTypes: [Egress]\negress: {to: []}", 6, "must be a list, not a mapping"),
        ("policyTypes: [Ingress]\npodselector: {matchLabels: {app: web}}", 6, "did you mean podSelector?"),
        ("podSelector:\n  matchLabels: {~: web}", 6, "a key must be a string"),
    ],
)
def test_a_policy_whose_own_fields_are_wrong_selects_nothing(spec: str, line: int, message: str) -> None:
    found, problem = policy(spec)
    assert found.pod_selector.invalid
    assert not found.pod_selector.matches({"app": "web"})
    assert found.rules(Direction.INGRESS) == found.rules(Direction.EGRESS) == ()
    assert (problem.line, problem.severity, problem.subject) == (line, Severity.ERROR, found.ref)
    assert message in problem.message


@pytest.mark.parametrize("body", ["spec: []", "podSelector: {}", "Spec: {podSelector: {}}"])
def test_a_policy_without_a_readable_spec_selects_nothing(body: str) -> None:
    text = f"apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: p}}\n{body}\n"
    reading = read(text)
    (found,) = reading.objects
    assert isinstance(found, NetworkPolicy)
    assert found.pod_selector.invalid
    assert the_problem(reading).subject == found.ref


@pytest.mark.parametrize("namespace", ["y", "12", "[shop]"])
def test_an_object_in_a_namespace_of_the_wrong_type_is_in_none(namespace: str) -> None:
    reading = read(f"apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  namespace: {namespace}\n")
    assert reading.objects == ()
    problem = the_problem(reading)
    assert (problem.severity, problem.line, problem.field) == (Severity.ERROR, 5, "metadata.namespace")
    assert "must be text, not" in problem.message


@pytest.mark.parametrize("selector", ["{app: web, version: 1.10}", "{app: y}", "[app]", "app"])
def test_a_bad_selector_of_a_service_selects_nothing(selector: str) -> None:
    labels = "{app: web, version: '1.1', selector: x}"
    reading = read(
        f"apiVersion: v1\nkind: Pod\nmetadata: {{name: p, labels: {labels}}}\n---\n"
        f"apiVersion: v1\nkind: Service\nmetadata: {{name: s}}\nspec: {{ports: [{{port: 1}}], selector: {selector}}}\n"
    )
    pod, service = reading.objects
    assert isinstance(pod, Pod)
    assert isinstance(service, Service)
    assert service.selector
    assert not Routing.selects(service, pod)
    assert the_problem(reading).line == 8


def test_a_bad_selector_of_a_replication_controller_selects_nothing() -> None:
    reading = read(
        "apiVersion: v1\nkind: ReplicationController\nmetadata: {name: r}\n"
        "spec: {selector: {app: web, version: 1.10}, template: {}}\n"
    )
    (workload,) = reading.objects
    assert isinstance(workload, Workload)
    assert workload.selector
    assert not workload.selector.matches({"app": "web", "version": "1.1"})


SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec:\n  "


@pytest.mark.parametrize(
    ("spec", "line", "message", "ports"),
    [
        ("ports:\n  - {port: 80}\n  - {port: 99999}", 7, "must be 1 to 65535", [80]),
        ("ports:\n  - {port: 80}\n  - {targetPort: 8080}", 7, "port is missing", [80]),
        ("ports:\n  - {port: 80}\n  - {port: 81, targetPort: '8080'}", 7, "no quotes: write 8080", [80]),
        ("ports:\n  - {port: 80}\n  - {port: 81, protocol: HTTP}", 7, "must be TCP, UDP or SCTP", [80]),
        ("selector: {app: 1}\n  ports: [{port: 80}]", 5, "put it in quotes", [80]),
        ("type: Clusterip\n  ports: [{port: 80}]", 5, "did you mean ClusterIP?", [80]),
        ("type: ExternalName", 4, "externalName is missing", []),
    ],
)
def test_a_bad_service_keeps_what_is_sound(spec: str, line: int, message: str, ports: list[int]) -> None:
    reading = read(SERVICE + spec + "\n")
    (service,) = reading.objects
    assert isinstance(service, Service)
    assert [port.port for port in service.ports] == ports
    problem = the_problem(reading)
    assert problem.line == line
    assert message in problem.message


def test_a_name_that_drives_the_terminal_is_read_and_shown_harmless() -> None:
    reading = read('apiVersion: v1\nkind: Pod\nmetadata:\n  name: "\\e[31m[red]evil"\n')
    assert names(reading) == ["\x1b[31m[red]evil"]
    problem = the_problem(reading)
    assert problem.line == 4
    assert "\x1b" not in problem.message
    assert '"\\x1b[31m[red]evil"' in problem.message


def test_a_key_that_drives_the_terminal_is_shown_harmless() -> None:
    reading = read(
        'apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  labels: {"\\e[2J": "x", "\\e[2J": "y"}\n'
    )
    assert reading.problems
    assert all("\x1b" not in problem.message + problem.field for problem in reading.problems)


def test_an_older_api_version_is_a_warning_and_counted() -> None:
    reading = read("apiVersion: extensions/v1beta1\nkind: NetworkPolicy\nmetadata: {name: p}\n")
    problem = the_problem(reading)
    assert (problem.severity, problem.line) == (Severity.WARNING, 1)
    assert "write it as networking.k8s.io/v1" in problem.message
    [found] = reading.objects
    assert isinstance(found, UnevaluatedPolicy)
    assert str(found.ref) == "NetworkPolicy.extensions default/p"
    assert reading.other_kinds == {}


def test_an_older_api_version_of_another_kind_is_a_warning_and_counted() -> None:
    reading = read("apiVersion: extensions/v1beta1\nkind: Ingress\nmetadata: {name: i}\n")
    assert "write it as networking.k8s.io/v1" in the_problem(reading).message
    assert reading.other_kinds == {"extensions/v1beta1 Ingress": 1}


@pytest.mark.parametrize(
    ("metadata", "name"),
    [("{generateName: p-}", "p-* (x.yaml:1)"), ("{}", "* (x.yaml:1)"), ("{name: 1}", "* (x.yaml:1)")],
)
def test_a_policy_without_a_name_may_apply_all_the_same(metadata: str, name: str) -> None:
    selecting = "spec: {podSelector: {matchLabels: {app: web}}}"
    reading = read(
        f"apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {metadata}\n{selecting}\n"
    )
    assert the_problem(reading)
    [found] = reading.objects
    assert isinstance(found, UnevaluatedPolicy)
    assert (found.namespace, found.name, found.readable) == ("default", name, True)
    assert found.pods == LabelSelector.of(app="web")


def test_a_thousand_problems_in_one_object_take_no_time_to_place() -> None:
    peers = "{a: 1}, " * 5000
    reading = read(
        f"apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: p}}\nspec:\n  ingress:\n  - from: [{peers}]\n"
    )
    assert len(reading.problems) == 5000
    assert [problem.line for problem in reading.problems[:2]] == [6, 6]


def test_bad_items_of_a_list_hide_no_others() -> None:
    reading = read(
        "apiVersion: v1\nkind: List\nitems:\n- 12\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: a}\n"
    )
    assert names(reading) == ["a"]
    problem = the_problem(reading)
    assert "not an object" in problem.message
    assert problem.line == 4


# Files.


@pytest.mark.parametrize(
    ("data", "line", "severity", "message"),
    [
        (b"", 0, Severity.WARNING, "the file is empty"),
        (b"\n \n", 0, Severity.WARNING, "the file is empty"),
        (b"\n # a: b\n#\n", 0, Severity.WARNING, "only comments in this file"),
        (b"\x7fELF\x00\x01\xff", 0, Severity.ERROR, "not text"),
        (b"\x89PNG\r\n\x1a\n\xff\xfe", 0, Severity.ERROR, "not text: not UTF-8"),
        (bytes(range(256)) * 40, 0, Severity.ERROR, "not text"),
    ],
    ids=["empty", "blank", "comments", "program", "picture", "every-byte"],
)
def test_a_file_that_is_no_manifest(
    tmp_path: Path, data: bytes, line: int, severity: Severity, message: str
) -> None:
    (tmp_path / "bad.yaml").write_bytes(data)
    (tmp_path / "good.yaml").write_text(SOUND)
    reading = files.read([str(tmp_path)])
    assert names(reading) == ["sound"]
    problem = the_problem(reading)
    assert (problem.file, problem.line, problem.severity) == (str(tmp_path / "bad.yaml"), line, severity)
    assert message in problem.message


@pytest.mark.parametrize(
    ("data", "line", "message"),
    [
        (f"{SOUND}# caf\xe9\n---\n{SOUND}".encode("latin-1"), 4, "not UTF-8"),
        (f"{SOUND}---\n{SOUND}".encode() + b"\0", 8, "a NUL byte"),
        (b"# \0\n" + f"{SOUND}---\n{SOUND}".encode(), 1, "a NUL byte"),
        (f"{SOUND}---\n# x\n{SOUND}".encode("utf-16").replace(b"#\0", b"\0\xd8"), 5, "not UTF-16"),
    ],
    ids=["latin-1", "nul-at-end", "nul-at-start", "utf-16"],
)
def test_a_bad_byte_costs_no_more_than_itself(tmp_path: Path, data: bytes, line: int, message: str) -> None:
    (tmp_path / "x.yaml").write_bytes(data.replace(b"sound", b"later", 1))
    reading = files.read([str(tmp_path)])
    assert set(names(reading)) <= {"sound", "later"}
    assert len(reading.objects) == (1 if message == "not UTF-16" else 2)
    problem = reading.problems[0]
    assert (problem.line, problem.severity) == (line, Severity.ERROR)
    assert message in problem.message


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-8-sig"])
def test_other_encodings_of_unicode_are_read(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "x.yaml").write_bytes(SOUND.encode(encoding))
    reading = files.read([str(tmp_path)])
    assert names(reading) == ["sound"]
    assert not reading.problems


def test_a_directory_loop_is_one_warning_and_everything_loads_once(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "x.yaml").write_text(SOUND)
    (tmp_path / "a" / "b" / "loop").symlink_to(tmp_path / "a")
    (tmp_path / "again.yaml").symlink_to(tmp_path / "a" / "x.yaml")
    reading = files.read([str(tmp_path), str(tmp_path / "a" / "x.yaml")])
    assert names(reading) == ["sound"]
    problem = the_problem(reading)
    assert (problem.file, problem.severity) == (str(tmp_path / "a" / "b" / "loop"), Severity.WARNING)
    assert "symbolic link" in problem.message


def test_an_unreadable_file_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "good.yaml").write_text(SOUND)
    secret = tmp_path / "secret.yaml"
    secret.write_text(SOUND)
    secret.chmod(0)
    if os.access(secret, os.R_OK):  # the superuser may read it all the same
        read_bytes = Path.read_bytes

        def refuse(path: Path) -> bytes:
            if path.name == secret.name:
                raise PermissionError(13, "Permission denied")
            return read_bytes(path)

        monkeypatch.setattr(Path, "read_bytes", refuse)
    reading = files.read([str(tmp_path)])
    assert names(reading) == ["sound"]
    problem = the_problem(reading)
    assert (problem.file, problem.message) == (str(secret), "cannot be read: Permission denied")


def test_an_unreadable_directory_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    assert the_problem(files.read([str(tmp_path)])).message == "cannot be read: Permission denied"


def test_a_dangling_link_says_why(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(SOUND)
    (tmp_path / "gone.yaml").symlink_to(tmp_path / "nowhere")
    reading = files.read([str(tmp_path)])
    assert names(reading) == ["sound"]
    assert "No such file" in the_problem(reading).message


@pytest.mark.parametrize("path", ["/does/not/exist", "nul\0byte"])
def test_a_path_that_does_not_exist_is_an_error(path: str) -> None:
    with pytest.raises(files.SourceError, match=r"no such file|no file can have this name"):
        files.read([path])


@pytest.mark.parametrize("data", [b"", b" \n"])
def test_standard_input_with_nothing_in_it_is_an_error_unless_there_is_more(
    tmp_path: Path, data: bytes
) -> None:
    with pytest.raises(files.SourceError, match="standard input is empty"):
        files.read(["-"], stdin=lambda: data)
    (tmp_path / "good.yaml").write_text(SOUND)
    assert names(files.read(["-", str(tmp_path)], stdin=lambda: data)) == ["sound"]


def test_no_standard_input_is_an_error() -> None:
    with pytest.raises(files.SourceError, match="standard input"):
        files.read(["-"])


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
@settings(max_examples=300, deadline=None)
def test_no_bytes_make_it_raise(data: bytes) -> None:
    for problem in files.read(["-"], stdin=lambda: b"# " + data).problems:
        assert problem.message


FIELDS = """
    apiVersion kind metadata name namespace labels spec podSelector matchLabels matchExpressions key operator
    values ingress egress from to ports port endPort protocol ipBlock cidr except policyTypes type selector containers
    subject template ownerReferences status podIPs endpoints subsets rules backendRefs specs conditions items
"""
fields = st.sampled_from(FIELDS.split())
junk: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 70000) | st.text(max_size=4) | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(fields, inner, max_size=5),
    max_leaves=25,
)


@given(
    st.sampled_from(
        [("networking.k8s.io/v1", "NetworkPolicy"), ("v1", "Pod"), ("v1", "Service"), ("apps/v1", "Deployment"),
         ("discovery.k8s.io/v1", "EndpointSlice"), ("v1", "Endpoints"), ("networking.k8s.io/v1", "Ingress"),
         ("gateway.networking.k8s.io/v1", "HTTPRoute"), ("cilium.io/v2", "CiliumNetworkPolicy"), ("v1", "List"),
         ("projectcalico.org/v3", "NetworkPolicy"), ("policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy")]
    ),
    st.dictionaries(fields, junk, max_size=5),
)  # fmt: skip
@settings(max_examples=300, deadline=None)
def test_no_object_makes_it_raise(kind: tuple[str, str], rest: dict[str, Any]) -> None:
    from policy_core.manifests.decode import decode
    from policy_core.manifests.objects import RawObject
    from policy_core.model import Origin

    value = {"metadata": {"name": "x"}, **rest, "apiVersion": kind[0], "kind": kind[1]}
    decode(RawObject(value, Origin("x", 1, 1, 1), "{}\n"), "default")
