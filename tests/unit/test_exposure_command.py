"""``netpol-tui exposure``: the list as text, and for other programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.clusters import namespace, pod, policy, service
from tui.cli import main

SPEC = (
    "{type: LoadBalancer, selector: {app: a}, externalTrafficPolicy: Local, allocateLoadBalancerNodePorts: false,"
    " loadBalancerSourceRanges: [192.0.2.0/24], ports: [{port: 80, targetPort: 8080}]}"
)
STATUS = "status: {loadBalancer: {ingress: [{ip: 203.0.113.9}]}}"
INGRESS = (
    "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: i, namespace: x}\n"
    "spec: {ingressClassName: c, rules: [{host: a.example.com, http: {paths: [{path: /, pathType: Prefix,"
    " backend: {service: {name: s, port: {number: 80}}}}]}}]}\n"
)
BUNDLE = (
    namespace("x")
    + pod("a", "10.0.0.1", app="a")
    + pod("b", "10.0.0.2", app="b")
    + service("s", SPEC, more=STATUS)
    + INGRESS
    + policy(
        "p", "{podSelector: {matchLabels: {app: a}}, ingress: [{from: [{ipBlock: {cidr: 192.0.2.0/25}}]}]}"
    )
)


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    status = main(words)
    out, err = capsys.readouterr()
    return status, out, err


@pytest.fixture
def bundle(tmp_path: Path) -> str:
    (tmp_path / "b.yaml").write_text(BUNDLE)
    return str(tmp_path)


def entries(out: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(out)["exposed"]
    return found


def test_json_says_all_there_is(capsys: pytest.CaptureFixture[str], bundle: str) -> None:
    status, out, err = run(capsys, "exposure", "-f", bundle, "-o", "json")
    assert (status, err) == (0, "")
    balanced, routed = entries(out)
    assert balanced == {
        "subject": "Pod x/a", "pods": ["x/a"], "way": "LoadBalancer", "by": "Service x/s",
        "service": "Service x/s", "gateway": None, "hosts": [],
        "place": "address", "addresses": ["203.0.113.9"], "ports": [80], "protocol": "TCP", "target": 8080,
        "verdict": "allow", "reason": "policy lets these addresses in",
        "from": ["192.0.2.0/25"], "unknown_from": [], "policy_lets_in": ["192.0.2.0/25"],
        "source_ranges": ["192.0.2.0/24"], "controller": None, "in_cluster": None, "unevaluated": [],
    }  # fmt: skip
    assert routed == {
        "subject": "Pod x/a", "pods": ["x/a"], "way": "Ingress", "by": "Ingress x/i",
        "service": "Service x/s", "gateway": None, "hosts": ["a.example.com"],
        "place": "address not known", "addresses": [], "ports": [80], "protocol": "TCP", "target": 8080,
        "verdict": "unknown", "reason": "the controller's pods were not found: its class was not read",
        "from": [], "unknown_from": [], "policy_lets_in": ["192.0.2.0/25"], "source_ranges": None,
        "controller": {"name": None, "pods": [], "path": "unknown", "note": "its class was not read"},
        "in_cluster": {"allow": 0, "unknown": 0, "of": 1}, "unevaluated": [],
    }  # fmt: skip
    assert json.loads(out)["caveats"]


def test_the_page_of_a_pod_has_the_same_in_json(capsys: pytest.CaptureFixture[str], bundle: str) -> None:
    listed = entries(run(capsys, "exposure", "-f", bundle, "-o", "json")[1])
    page = entries(run(capsys, "pod", "x/a", "-f", bundle, "-o", "json")[1])
    assert page == [{key: value for key, value in each.items() if key != "in_cluster"} for each in listed]


def test_text_tells_each_way_in_and_what_is_not_known(
    capsys: pytest.CaptureFixture[str], bundle: str
) -> None:
    status, out, err = run(capsys, "exposure", "-f", bundle)
    assert (status, err) == (0, "")
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert lines[0] == "2 ways in from outside to 1 pod: 1 let through by policy, 1 not known"
    assert "a LoadBalancer 203.0.113.9:80 8080 ✓ 192.0.2.0/25" in lines
    assert "Ingress a.example.com:80 8080 ? controller not found" in lines
    assert "clients out of 192.0.2.0/24 alone (loadBalancerSourceRanges)" in lines
    assert "the controller's pods were not found: its class was not read" in lines
    assert "policy lets 0 of 1 other pod in" in lines


def test_one_namespace_alone_and_one_that_is_not_there(
    capsys: pytest.CaptureFixture[str], bundle: str
) -> None:
    assert len(entries(run(capsys, "exposure", "-f", bundle, "-n", "x", "-o", "json")[1])) == 2
    status, out, err = run(capsys, "exposure", "-f", bundle, "-n", "elsewhere")
    assert (status, out) == (2, "")
    assert "elsewhere" in err


def test_nothing_exposed_is_no_error(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text(pod("a"))
    status, out, _ = run(capsys, "exposure", "-f", str(tmp_path))
    assert (status, out) == (0, "no pod is exposed to the outside, as far as was read\n")


@pytest.mark.parametrize("words", [("-o", "csv"), ("-f", "no/such/file"), ("more",)])
def test_what_cannot_be_done_is_an_error(capsys: pytest.CaptureFixture[str], words: tuple[str, ...]) -> None:
    status, out, err = run(capsys, "exposure", "--demo", *words)
    assert (status, out) == (2, "")
    assert err.startswith("error: ")


def test_names_cannot_drive_the_terminal(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    wild = BUNDLE.replace("a.example.com", '"a\\x1b[31m.example.com"').replace(
        "{ip: 203.0.113.9}", '{hostname: "\\x1b]0;x\\x07"}'
    )
    (tmp_path / "b.yaml").write_text(wild)
    for words in (("exposure",), ("exposure", "-o", "json"), ("pod", "x/a")):
        out = run(capsys, *words, "-f", str(tmp_path))[1]
        assert "a.example.com" not in out
        assert "\x1b" not in out
        assert "\x07" not in out
