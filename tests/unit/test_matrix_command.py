"""``netpol-tui matrix`` in each of its formats."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from policy_core.between import Level, between
from policy_core.chosen import chosen
from policy_core.connectivity import connectivity
from policy_core.details.matrix import matrix_caveats
from policy_core.evaluation import Evaluation
from policy_core.index import bits
from policy_core.model import Direction
from policy_core.report.layout import layout
from policy_core.report.matrix import allowed_cell, matrix_document
from policy_core.report.matrix_csv import field
from policy_core.report.matrix_dot import matrix_dot
from policy_core.report.matrix_json import matrix_json
from policy_core.report.matrix_lines import lines
from policy_core.report.matrix_words import LEVEL_WORDS, short_name
from policy_core.snapshot import assemble
from policy_core.sources import demo
from tests.clusters import evaluate, namespace, pod, policy
from tui.cli import main

WEB = pod("web-1", "10.0.0.1", app="web") + pod("web-2", "10.0.0.2", app="web")
DB = pod("db", "10.0.0.3", app="db", namespace="data")
TO_DB = policy(
    "db",
    "{podSelector: {matchLabels: {app: db}}, policyTypes: [Ingress, Egress], ingress: [{from: [{namespaceSelector:"
    " {matchLabels: {kubernetes.io/metadata.name: x}}}], ports: [{port: 3306}, {port: 33, endPort: 44, protocol: UDP}]}],"
    " egress: [{to: [{ipBlock: {cidr: 192.168.1.0/24, except: [192.168.1.128/25]}}], ports: [{port: 443}]}]}",
    namespace="data",
)
BUNDLE = namespace("x") + namespace("data") + WEB + DB + TO_DB


@pytest.fixture(autouse=True)
def _no_cluster(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    def run(bundle: str, *words: str, status: int = 0) -> str:
        path = tmp_path / "bundle.yaml"
        path.write_text(bundle)
        assert main(["matrix", "-f", str(path), *words]) == status
        return capsys.readouterr().out

    return run


STAR = [{"protocol": "*"}]
DB_PORTS = [{"protocol": "TCP", "from": 3306, "to": 3306}, {"protocol": "UDP", "from": 33, "to": 44}]


def test_json_has_the_documented_shape(told) -> None:
    found = json.loads(told(BUNDLE, "-o", "json"))
    assert found == {
        "classes": [
            {"id": 0, "namespace": "data", "workload": None, "labels": {"app": "db"}, "pods": ["data/db"]},
            {"id": 1, "namespace": "x", "workload": None, "labels": {"app": "web"}, "pods": ["x/web-1", "x/web-2"]},
        ],
        "connections": [
            {"from": 1, "to": 0, "ports": DB_PORTS},
            {"from": 0, "to": 0, "ports": STAR},
            {"from": 1, "to": 1, "ports": STAR},
        ],
        "external": [
            {"cidr": "192.168.1.0/25", "class": 0, "direction": "egress", "ports": [{"protocol": "TCP", "from": 443, "to": 443}]},
            {"cidr": "0.0.0.0/0", "class": 1, "direction": "ingress", "ports": STAR},
            {"cidr": "0.0.0.0/0", "class": 1, "direction": "egress", "ports": STAR},
        ],
        "caveats": [
            "Traffic from a pod's own node is always let in, kubelet probes for one.",
            "Port ranges (endPort) are honoured only by network plugins that support them.",
        ],
    }  # fmt: skip


TEMPLATE = (
    "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: late, namespace: x}\n"
    "spec: {replicas: 2, template: {metadata: {labels: {app: late}}, spec: {hostNetwork: true, containers: [{name: c}]}}}\n"
)
CILIUM = (
    "---\napiVersion: cilium.io/v2\nkind: CiliumClusterwideNetworkPolicy\nmetadata: {name: c}\n"
    "spec: {nodeSelector: {}, ingress: [{}]}\n"
)


def test_json_says_what_is_partial_what_is_unknown_and_what_a_class_is(told) -> None:
    four = policy(
        "p", "{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}"
    )
    both = WEB.replace("[{ip: '10.0.0.1'}]", "[{ip: '10.0.0.1'}, {ip: 'fd00::1'}]")
    both = both.replace("[{ip: '10.0.0.2'}]", "[{ip: '10.0.0.2'}, {ip: 'fd00::2'}]")
    found = json.loads(told(both + four + TEMPLATE + CILIUM, "-o", "json"))
    [late] = [each for each in found["classes"] if each["workload"] == "Deployment/late"]
    assert late == {
        "id": late["id"],
        "namespace": "x",
        "workload": "Deployment/late",
        "labels": {"app": "late"},
        "pods": ["x/late"],
        "template": True,
        "replicas": 2,
        "host_network": True,
        "unevaluated": ["CiliumClusterwideNetworkPolicy c"],
    }
    [web] = [each["id"] for each in found["classes"] if each["workload"] is None]
    connections = {(each.pop("from"), each.pop("to")): each for each in found["connections"]}
    assert connections[web, web] == {"ports": [], "partial": STAR}
    assert connections[late["id"], web] == {"ports": [], "unknown": STAR}


def test_json_is_ascii_and_carries_no_control_characters(told) -> None:
    text = told(WEB.replace("app: 'web'", r'app: "\e[31mä"'), "-o", "json")
    assert text.isascii()
    assert "\x1b" not in text
    json.loads(text)


def test_json_of_nothing_is_valid() -> None:
    found = connectivity(evaluate(namespace("x")))
    assert json.loads("".join(matrix_json(found, ()))) == {
        "classes": [],
        "connections": [],
        "external": [],
        "caveats": [],
    }


def test_a_namespace_keeps_the_pairs_with_an_end_in_it(told) -> None:
    other = pod("other", "10.0.0.9", namespace="elsewhere")
    found = json.loads(told(BUNDLE + other, "-o", "json", "-n", "data"))
    ids = {each["id"]: each["pods"][0] for each in found["classes"]}
    pairs = {(ids[each["from"]], ids[each["to"]]) for each in found["connections"]}
    assert pairs == {("data/db", "data/db"), ("x/web-1", "data/db")}
    assert sorted(ids.values()) == ["data/db", "x/web-1"]
    assert {ids[each["class"]] for each in found["external"]} == {"data/db"}


def test_a_namespace_that_was_not_read_is_an_error(told) -> None:
    told(BUNDLE, "-n", "nowhere", status=2)


def test_csv_has_a_line_for_each_stretch_of_ports(told) -> None:
    rows = list(csv.DictReader(io.StringIO(told(BUNDLE, "-o", "csv"), newline="")))
    assert set(rows[0]) == {"from", "to", "protocol", "from_port", "to_port", "verdict"}
    lines = [tuple(row.values()) for row in rows]
    assert ("x/Pod/web-1 +1", "data/Pod/db", "TCP", "3306", "3306", "allow") in lines
    assert ("x/Pod/web-1 +1", "data/Pod/db", "UDP", "33", "44", "allow") in lines
    assert ("x/Pod/web-1 +1", "x/Pod/web-1 +1", "*", "", "", "allow") in lines
    assert ("data/Pod/db", "192.168.1.0/25", "TCP", "443", "443", "allow") in lines
    assert ("0.0.0.0/0", "x/Pod/web-1 +1", "*", "", "", "allow") in lines
    assert len(lines) == 7


def test_csv_tells_verdicts_that_are_not_certain(told) -> None:
    named = TEMPLATE.replace("hostNetwork: true, ", "")
    block = policy(
        "p", "{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}"
    )
    rows = csv.reader(io.StringIO(told(WEB + named + block, "-o", "csv")))
    assert ["x/Deployment/late", "x/Pod/web-1 +1", "*", "", "", "unknown"] in list(rows)


@pytest.mark.parametrize("text", ["=cmd()", "+1", "-1", "@x", " =1", "\t=1"])
def test_csv_values_are_no_formulas(text: str) -> None:
    [[value]] = csv.reader([field(text)])
    assert value[0] not in "=+-@\t\r "


def test_csv_values_with_commas_and_quotes_come_back_as_they_are() -> None:
    [row] = csv.reader([",".join(map(field, ('a,"b"', "plain", "two words")))])
    assert row == ['a,"b"', "plain", "two words"]


def test_classes_of_one_workload_are_told_apart_by_their_number(told) -> None:
    owner = "ownerReferences: [{kind: StatefulSet, name: s, apiVersion: apps/v1, controller: true, uid: u}]"
    pods = "".join(
        pod(f"s-{at}", f"10.0.0.{at}", app=f"a{at}").replace("namespace: x,", f"namespace: x, {owner},")
        for at in (1, 2)
    )
    only = policy("p", "{podSelector: {matchLabels: {app: a1}}}")
    rows = list(csv.DictReader(io.StringIO(told(pods + only, "-o", "csv"))))
    assert {row["from"] for row in rows} >= {"x/StatefulSet/s (class 0)", "x/StatefulSet/s (class 1)"}


@pytest.mark.parametrize("bitset", [0, 1, 0b1011, 1 << 70])
def test_the_chosen_are_those_whose_bits_are_set(bitset: int) -> None:
    assert list(chosen(range(80), bitset)) == [number for number in range(80) if bitset >> number & 1]


# Text and Markdown


def test_text_tells_each_source_once(told) -> None:
    text = told(BUNDLE)
    assert text.startswith("bundle.yaml: 3 pods in 2 namespaces, in 2 classes")
    lines = [re.sub(" {2,}", "  ", line.strip()) for line in text.splitlines()]
    assert "db  —  no other pod" in lines
    assert "web-1 +1  TCP 3306, UDP 33–44  data: db" in lines
    assert "all ports  x: web-1 +1" in lines
    assert "192.168.1.0/25  TCP 443  data: db" in lines
    assert "every IPv4 address  all ports  x: web-1 +1" in lines


@pytest.mark.parametrize("columns", [80, 120])
def test_text_keeps_to_the_terminals_width(columns: int) -> None:

    evaluation = Evaluation.of(assemble(demo.read()))
    found = connectivity(evaluation)
    lines = layout(matrix_document(found, matrix_caveats(evaluation, found), "demo"), columns)
    assert max(len(line.text.rstrip()) for line in lines) <= columns
    told_ = "\n".join(line.text for line in lines)
    assert "? grafana" in told_
    assert "partly all ports" in told_
    assert "unknown: all ports" in told_


def many(count: int) -> str:
    return "".join(
        pod(f"p{n}", f"10.0.{n >> 8}.{n & 255}", namespace=f"n{n % 20}", app=f"a{n}") for n in range(count)
    )


def test_an_open_cluster_takes_a_line_however_many_it_has(told) -> None:
    text = told(
        many(200) + policy("p", "{podSelector: {matchLabels: {app: a0}}, ingress: [{}]}", namespace="n0")
    )
    assert "every pod of every namespace" in text
    assert len(text.splitlines()) < 20


def test_what_would_be_a_wall_of_lines_is_told_by_namespace(told) -> None:
    def ports(first: int, last: int) -> str:
        return f"[{{ports: [{{port: {first}, endPort: {last}}}]}}]"

    each = "".join(
        policy(
            f"p{n}",
            f"{{podSelector: {{matchLabels: {{app: a{n}}}}}, ingress: {ports(n + 1, n + 50)}, egress: {ports(n + 1, n + 20)}}}",
            namespace=f"n{n % 20}",
        )
        for n in range(100)
    )
    text = told(many(100) + each)
    assert "BETWEEN NAMESPACES" in text
    assert len(text.splitlines()) < 250
    assert "FROM n3" in told(many(100) + each, "-n", "n3")


def test_a_part_never_says_every_pod_where_others_are_left_out(told) -> None:
    """What a namespace has nothing to do with is not shown, and yet it is there."""
    kept = policy("p", "{podSelector: {matchLabels: {app: b}}, policyTypes: [Egress]}", namespace="y-1")
    text = told(
        pod("a", "10.0.0.1", namespace="y-1", app="a")
        + pod("b", "10.0.0.2", namespace="y-1", app="b")
        + pod("z", "10.0.0.3", namespace="z-1", app="z")
        + policy("q", "{podSelector: {}, policyTypes: [Egress]}", namespace="z-1")
        + kept,
        "-n",
        "z-1",
    )
    lines = [re.sub(" {2,}", "  ", line.strip()) for line in text.splitlines()]
    assert "a  all ports  z-1: z" in lines
    assert "every pod" not in text
    assert "Only connections from or to z-1 are told." in text.replace("\n", " ")
    assert "z  —  no other pod" in lines
    assert "b" not in [line.split("  ")[0] for line in lines], "it may well reach others"


def test_markdown_is_a_table_that_names_cannot_break(told) -> None:
    text = told(BUNDLE.replace("db,", "d_b,"), "-o", "md")
    assert text.startswith("# Connectivity\n")
    assert "| from | ports | to |" in text
    assert "| web\\-1 +1 |" in text or "| web-1 +1 |" in text


# DOT


TOKEN = re.compile(r'\s*("(?:[^"\\]|\\.)*"|->|[A-Za-z_][A-Za-z_0-9]*|[{}\[\]=;,])')


def tokens(text: str) -> Iterator[str]:
    at, text = 0, text.rstrip()
    while at < len(text):
        match = TOKEN.match(text, at)
        assert match, f"no token at {text[at : at + 30]!r}"
        at = match.end()
        yield match[1]


class Graph:
    """What little of the language matrix_dot may use; anything else is an error."""

    def __init__(self, text: str) -> None:
        self.stream = list(tokens(text))
        self.nodes: dict[str, dict[str, str]] = {}
        self.edges: list[tuple[str, str, dict[str, str]]] = []
        self.clusters: dict[str, list[str]] = {}
        assert self.take() == "digraph"
        self.take()
        self.body(None)
        assert self.stream == []

    def take(self) -> str:
        return self.stream.pop(0)

    def body(self, cluster: str | None) -> None:
        assert self.take() == "{"
        while (word := self.take()) != "}":
            if word == "subgraph":
                name = self.take()
                self.clusters[name] = []
                self.body(name)
                continue
            following = self.stream[0]
            if following == "=":
                self.take()
                self.take()
            elif following == "->":
                self.take()
                head = self.take()
                self.edges.append((word, head, self.attributes()))
            else:
                attributes = self.attributes()
                if word not in ("node", "edge"):
                    self.nodes[word] = attributes
                    if cluster is not None:
                        self.clusters[cluster].append(word)
            assert self.take() == ";"

    def attributes(self) -> dict[str, str]:
        found: dict[str, str] = {}
        if self.stream[0] == "[":
            self.take()
            while self.stream[0] != "]":
                name, equals, value = self.take(), self.take(), self.take()
                assert equals == "="
                found[name] = value
                if self.stream[0] == ",":
                    self.take()
            self.take()
        return found


def test_dot_is_a_graph_whose_edges_end_at_nodes(told) -> None:
    graph = Graph(told(BUNDLE, "-o", "dot"))
    assert [len(nodes) for nodes in graph.clusters.values()] == [1, 1]
    assert {node["label"] for node in graph.nodes.values()} >= {'"db"', '"web-1 +1"'}
    for tail, head, attributes in graph.edges:
        assert {tail, head} <= graph.nodes.keys()
        for end in ("ltail", "lhead"):
            assert attributes.get(end, next(iter(graph.clusters))) in graph.clusters
    labels = {(graph.nodes[a]["label"], graph.nodes[b]["label"], of["label"]) for a, b, of in graph.edges}
    assert ('"web-1 +1"', '"db"', '"TCP 3306, UDP 33–44"') in labels
    assert ('"db"', '"outside: 192.168.1.0/25"', '"TCP 443"') in labels


@pytest.mark.parametrize("name", ["default", "kube-system", "payments", "shop"])
def test_dot_of_a_namespace_has_the_nodes_that_its_edges_end_at(
    capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert main(["matrix", "--demo", "-o", "dot", "-n", name]) == 0
    graph = Graph(capsys.readouterr().out)
    for tail, head, _ in graph.edges:
        assert {tail, head} <= graph.nodes.keys()
    assert graph.edges


def test_dot_of_the_demo_is_legible(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["matrix", "--demo", "-o", "dot"]) == 0
    graph = Graph(capsys.readouterr().out)
    assert len(graph.clusters) == 6
    assert len(graph.edges) < 80
    assert any(attributes.get("style") == "dashed" for _, _, attributes in graph.edges)


def test_dot_has_every_connection_and_no_other() -> None:
    evaluation = Evaluation.of(assemble(demo.read()))
    found = connectivity(evaluation)
    graph = Graph("".join(matrix_dot(found)))
    by_name = {(each.namespace, short_name(each)): each.number for each in found.classes}
    spaces = dict(zip(graph.clusters, sorted({each.namespace for each in found.classes}), strict=True))
    stands_for = {
        node: {
            by_name[spaces[cluster], name.removeprefix("? ")]
            for name in graph.nodes[node]["label"].strip('"').split(", ")
        }
        for cluster, nodes in graph.clusters.items()
        for node in nodes
    }

    def end(node: str, cluster: str | None) -> set[int]:
        return set().union(*(stands_for[each] for each in (graph.clusters[cluster] if cluster else [node])))

    into: dict[str, set[int]] = {}
    drawn: set[tuple[int, int, str]] = set()
    edges = [(a, b, of) for a, b, of in graph.edges if not {a, b} & {n for n in graph.nodes if "gress" in n}]
    for tail, head, of in edges:
        if head.startswith("hub"):
            into[head] = into.get(head, set()) | end(tail, of.get("ltail"))
    for tail, head, of in edges:
        if not head.startswith("hub"):
            sources = into[tail] if tail in into else end(tail, of.get("ltail"))
            label = (graph.nodes[tail] if tail in into else of)["label"].strip('"')
            drawn |= {(a, b, label) for a in sources for b in end(head, of.get("lhead"))}
    expected = {
        (a, b, "".join(span.text for span in allowed_cell(allowed)).replace("\u00a0", " "))
        for b, column in enumerate(found.columns)
        for allowed, sources in column
        for a in bits(sources)
    }
    single = {each.number for each in found.classes if each.single}
    assert {(a, b, c) for a, b, c in drawn if a != b or a not in single} == {
        (a, b, c) for a, b, c in expected if a != b or a not in single
    }


def test_dot_quotes_whatever_a_name_holds() -> None:
    evil = '"x\\n\\"];a->b'
    text = "".join(
        matrix_dot(connectivity(evaluate(pod("p", app="a").replace("name: p", f"name: {json.dumps(evil)}"))))
    )
    graph = Graph(text)
    assert len(graph.nodes) == len([n for n in graph.nodes if n.startswith(("n0", "ingress", "egress"))])


def test_dot_of_an_open_cluster_has_no_edge_for_every_pair() -> None:
    closed = "".join(
        policy("p", "{podSelector: {}, ingress: [{ports: [{port: 1}]}]}", namespace=f"n{at}")
        for at in range(3)
    )
    graph = Graph("".join(matrix_dot(connectivity(evaluate(many(60) + closed)))))
    assert len(graph.edges) < 100


def test_dot_of_too_many_nodes_is_told_by_namespace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each edge, or each way over a hub, says how far one namespace is open to another."""
    found = connectivity(Evaluation.of(assemble(demo.read())))
    whole = "".join(matrix_dot(found))
    monkeypatch.setattr("policy_core.report.matrix_dot._MOST_NODES", 3)
    part = found.restricted(found.of_namespace("shop"))
    assert "cluster_" in "".join(matrix_dot(part))
    text = "".join(matrix_dot(found))
    assert text != whole
    graph = Graph(text)
    tallies = between(found)
    named = {
        node: of["label"].strip('"').split(", ") for node, of in graph.nodes.items() if re.match(r"n\d", node)
    }
    assert sorted(name for names in named.values() for name in names) == list(tallies.namespaces)
    into = [(tail, head) for tail, head, _ in graph.edges if head.startswith("hub")]
    drawn: set[tuple[str, str, str]] = set()
    for tail, head, of in graph.edges:
        if head in named and (tail in named or tail.startswith("hub")):
            label = (graph.nodes[tail] if tail.startswith("hub") else of)["label"].strip('"')
            tails = [a for a, hub in into if hub == tail] if tail.startswith("hub") else [tail]
            drawn |= {(a, b, label) for each in tails for a in named[each] for b in named[head]}
    assert into
    assert drawn == {
        (a, b, LEVEL_WORDS[tallies.cell(a, b).level])
        for a in tallies.namespaces
        for b in tallies.namespaces
        if tallies.cell(a, b).level is not Level.NONE
    }
    out = {
        (a, of["label"].strip('"'))
        for tail, head, of in graph.edges
        if head == "outside_egress"
        for a in named[tail]
    }
    assert out == {
        (name, LEVEL_WORDS[tally.level])
        for (name, direction), tally in tallies.outside.items()
        if direction is Direction.EGRESS and tally.level is not Level.NONE
    }


@pytest.mark.parametrize("number", [0, 1, 2, 1023, 1024, 1025, 2048, 2500])
def test_lines_are_put_together_whatever_their_number(number: int) -> None:
    words = [str(each) for each in range(number)]
    assert "".join(lines(words, "<", ">", "\n")) == "\n".join(f"<{word}>" for word in words)
