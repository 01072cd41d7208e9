"""The rows of the lists: what their cells say, and that they count what the lists have."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from policy_core.isolation import Isolation
from policy_core.model import Direction
from policy_core.openness import Openness
from policy_core.report.document import Role
from tests.clusters import evaluate, namespace, pod, policy, service
from tui.catalogue import Catalogue, NamespaceRow, Pane, PodRow, ServiceRow
from tui.columns import columns
from tui.widgets.table_column import fit_columns, need

UNEVALUATED = """\
---
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: everywhere}
spec: {selector: all()}
---
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: ours, namespace: w}
spec: {selector: all()}
"""
FINISHED = pod("done", namespace="w").replace("Running", "Succeeded")
CLUSTER = (
    pod("a", "10.0.0.1", app="a")
    + pod("b", "10.0.0.2", namespace="w")
    + FINISHED
    + policy("closed", "{podSelector: {}}", namespace="w")
    + service(
        "s", "{type: NodePort, selector: {app: a}, ports: [{port: 80, targetPort: web, nodePort: 30080}]}"
    )
    + namespace("z")
    + UNEVALUATED
)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.of(evaluate(CLUSTER))


def cells(pane: Pane, row: Any) -> dict[str, tuple[str, str]]:
    return {column.key: column.cell(row) for column in columns(pane)}


def shown(pane: Pane, rows: list[Any], width: int) -> dict[str, int]:
    needs = {column.key: need(column, rows) for column in columns(pane) if column.measured}
    return {column.key: size for column, size in fit_columns(columns(pane), width, 2, needs)}


def test_namespaces_count_what_the_lists_have(catalogue: Catalogue) -> None:
    counted = {row.ref.name: cells(Pane.NAMESPACES, row) for row in catalogue.rows[Pane.NAMESPACES]}
    assert {name: row["pods"][0] for name, row in counted.items()} == {"": "3", "x": "1", "w": "2", "z": "0"}
    assert {name: row["policies"][0] for name, row in counted.items()} == {
        "": "3",
        "x": "0",
        "w": "2",
        "z": "0",
    }
    # Of the two pods of w one has finished: the other one is all there is to isolate.
    assert counted["w"]["ingress"] == ("1", Role.DENY)
    assert counted["w"]["egress"] == ("0", Role.ALLOW)
    assert counted[""]["ingress"] == ("1", Role.PLAIN)
    assert counted["z"]["ingress"] == ("—", Role.MUTED)


def test_no_count_is_ever_cut(catalogue: Catalogue) -> None:
    row = catalogue.rows[Pane.NAMESPACES][0]
    assert isinstance(row, NamespaceRow)
    many = replace(row, pods=150_000, counts=replace(row.counts, pods=150_000, isolated_ingress=149_999))
    assert cells(Pane.NAMESPACES, many)["ingress"] == ("149,999", Role.PLAIN)
    sizes = shown(Pane.NAMESPACES, [row, many], 42)
    assert sizes["pods"] == sizes["ingress"] == len("150,000")
    ready = catalogue.rows[Pane.SERVICES][0]
    assert isinstance(ready, ServiceRow)
    sizes = shown(Pane.SERVICES, [replace(ready, ready=1000, endpoints=1000)], 42)
    assert sizes["endpoints"] == len("1,000/1,000")


@pytest.mark.parametrize("width", [38, 42, 58, 76])
@pytest.mark.parametrize("pane", [Pane.PODS, Pane.SERVICES, Pane.POLICIES])
def test_the_namespace_is_the_last_column_to_go(catalogue: Catalogue, pane: Pane, width: int) -> None:
    rows = list(catalogue.rows[pane])
    assert list(shown(pane, rows, width))[:2] == ["name", "namespace"]
    assert list(shown(pane, rows, 22)) == ["name", "namespace"]


@pytest.mark.parametrize("width", [38, 42])
def test_no_word_on_how_open_a_pod_is_is_ever_cut(catalogue: Catalogue, width: int) -> None:
    row = catalogue.rows[Pane.PODS][0]
    assert isinstance(row, PodRow)
    shut = replace(row, isolation=Isolation(Openness.CLOSED, Openness.OPEN, doubts=frozenset(Direction)))
    sizes = shown(Pane.PODS, [row, shut], width)
    assert sizes["ingress"] == len("closed?")
    assert sizes["egress"] >= len("open?")


def test_an_address_takes_no_room_from_names(catalogue: Catalogue) -> None:
    row = catalogue.rows[Pane.PODS][0]
    assert isinstance(row, PodRow)
    long = replace(row, pod=replace(row.pod, name="storefront-6c8f9d7b54-hx2lq"))
    assert "ip" in shown(Pane.PODS, [row], 95)
    sizes = shown(Pane.PODS, [row, long], 76)
    assert sizes["name"] >= len(long.pod.name)
    assert "ip" not in sizes


def test_pods_say_in_words_how_open_they_are(catalogue: Catalogue) -> None:
    states = {row.ref.name: cells(Pane.PODS, row) for row in catalogue.rows[Pane.PODS]}
    assert states["b"]["ingress"] == ("closed?", Role.UNKNOWN)
    certain = Catalogue.of(evaluate(pod("b") + policy("closed", "{podSelector: {}}")))
    (row,) = certain.rows[Pane.PODS]
    assert cells(Pane.PODS, row)["ingress"] == ("closed", Role.DENY)
    assert cells(Pane.PODS, row)["egress"] == ("open", Role.ALLOW)


def test_policies_say_with_arrows_what_they_isolate() -> None:
    types = {"in": "[Ingress]", "out": "[Egress]", "both": "[Egress, Ingress]"}
    text = "".join(
        policy(name, f"{{podSelector: {{}}, policyTypes: {which}}}") for name, which in types.items()
    )
    rows = Catalogue.of(evaluate(text)).rows[Pane.POLICIES]
    assert {row.ref.name: cells(Pane.POLICIES, row)["types"][0] for row in rows} == {
        "in": "←",
        "out": "→",
        "both": "← →",
    }
