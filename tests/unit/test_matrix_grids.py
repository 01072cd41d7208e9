"""What the cells of the matrix say, and where the person is in it."""

from __future__ import annotations

import pytest

from policy_core.between import Level, Tally, between
from policy_core.connectivity import connectivity
from tests.clusters import evaluate, namespace, pod, policy
from tui.matrix_documents import cell_document, cell_title, grid_document
from tui.matrix_grids import Mark, WorkloadGrid
from tui.matrix_state import MatrixState

WEB = pod("web-1", "10.0.0.1", app="web") + pod("web-2", "10.0.0.2", app="web")
LONE = pod("lone", "10.0.0.4", app="lone")
DB = pod("db", "10.0.0.3", app="db", namespace="data").replace(
    "{name: c}", "{name: c, ports: [{containerPort: 5432}]}"
)
ONLY_WEB = policy(
    "db",
    "{podSelector: {matchLabels: {app: db}}, policyTypes: [Ingress, Egress], ingress: [{from: [{namespaceSelector: {},"
    " podSelector: {matchLabels: {app: web}}}], ports: [{port: 3306}, {port: 33, endPort: 44, protocol: UDP}]}]}",
    namespace="data",
)
BUNDLE = namespace("x") + namespace("data") + WEB + LONE + DB + ONLY_WEB


def state(text: str = BUNDLE) -> MatrixState:
    return MatrixState(connectivity(evaluate(text)))


def mark(found: MatrixState, source: str, destination: str) -> str:
    grid = found.view.grid
    told = grid.mark(grid.rows.index(source), grid.columns.index(destination))
    return f"{told.sign} {told.word}".strip()


def sentence(found: MatrixState, source: str, destination: str) -> str:
    grid = found.view.grid
    return grid.sentence(grid.rows.index(source), grid.columns.index(destination))


def go(found: MatrixState, source: str, destination: str) -> WorkloadGrid:
    grid = found.view.grid
    found.view.row, found.view.column = grid.rows.index(source), grid.columns.index(destination)
    assert found.go_down()
    assert isinstance(found.view.grid, WorkloadGrid)
    return found.view.grid


def test_namespaces_and_the_outside_are_rows_and_columns() -> None:
    found = state()
    assert found.view.grid.rows == found.view.grid.columns == ("outside", "data", "x")
    assert mark(found, "x", "x") == "● all"
    assert mark(found, "x", "data") == "◐ 50%"
    assert mark(found, "data", "x") == "·"
    assert mark(found, "outside", "x") == "● all"
    assert mark(found, "outside", "data") == "·"
    assert mark(found, "outside", "outside") == ""


def test_a_sentence_tells_the_pairs() -> None:
    found = state()
    assert (
        sentence(found, "x", "data")
        == "x → data: of 2 pairs of workloads 1 on some ports; the rest is closed."
    )
    assert sentence(found, "data", "x") == "data → x: closed, all 2 pairs."
    assert sentence(found, "x", "x") == "x → x: open on every port, all 3 pairs."
    assert (
        sentence(found, "data", "data")
        == "data → data: one pod alone, which reaches itself whatever policy says."
    )


def test_workloads_show_their_ports() -> None:
    found = state()
    grid = go(found, "x", "data")
    assert (grid.rows, grid.columns) == (("lone", "web-1 +1"), ("db",))
    assert mark(found, "web-1 +1", "db") == "◐ 3306 +1"
    assert mark(found, "lone", "db") == "·"
    assert sentence(found, "web-1 +1", "db") == "x/web-1 +1 → data/db: TCP 3306, UDP 33–44."
    assert sentence(found, "lone", "db") == "x/lone → data/db: nothing."


def test_a_pod_alone_has_no_verdict_on_itself() -> None:
    found = state()
    go(found, "x", "x")
    assert mark(found, "lone", "lone") == "—"
    assert mark(found, "web-1 +1", "web-1 +1") == "● all"


def test_the_outside_of_workloads() -> None:
    block = policy(
        "out",
        "{podSelector: {matchLabels: {app: lone}}, policyTypes: [Egress],"
        " egress: [{to: [{ipBlock: {cidr: 192.0.2.0/24}}], ports: [{port: 443}]}]}",
    )
    found = state(BUNDLE + block)
    grid = go(found, "x", "outside")
    assert grid.columns == ("outside",)
    assert mark(found, "lone", "outside") == "◐ 443"
    assert sentence(found, "lone", "outside") == "x/lone → outside: 192.0.2.0/24 on TCP 443."
    assert mark(found, "web-1 +1", "outside") == "● all"


def test_a_namespace_may_be_called_outside() -> None:
    found = state(BUNDLE + pod("p", "10.0.0.9", namespace="outside"))
    found.start_at("outside")
    assert found.view.cell == (2, 2)
    assert found.go_down()
    assert found.view.grid.rows == ("p",)


def test_what_is_doubtful_is_marked() -> None:
    cilium = (
        "---\napiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: c, namespace: data}\n"
        "spec: {endpointSelector: {}}\n"
    )
    found = state(BUNDLE + cilium)
    go(found, "x", "data")
    assert found.view.grid.columns == ("? db",)
    assert found.view.grid.mark(1, 0) == Mark("◐", "3306 +1", "unknown")
    assert found.view.grid.sentence(1, 0).endswith("CiliumNetworkPolicy data/c may apply as well.")


def test_partly_and_not_certain_have_signs_of_their_own() -> None:
    four = policy(
        "p", "{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}"
    )
    both = LONE.replace("[{ip: '10.0.0.4'}]", "[{ip: '10.0.0.4'}, {ip: 'fd00::4'}]")
    web = WEB.replace("[{ip: '10.0.0.1'}]", "[{ip: '10.0.0.1'}, {ip: 'fd00::1'}]")
    web = web.replace("[{ip: '10.0.0.2'}]", "[{ip: '10.0.0.2'}, {ip: 'fd00::2'}]")
    found = state(web + both + pod("new", app="new") + four)
    assert mark(found, "x", "x") == "◐ 57%?"
    go(found, "x", "x")
    assert mark(found, "lone", "web-1 +1") == "◌ all"
    assert mark(found, "new", "web-1 +1") == "? all"
    assert "partly all ports" in sentence(found, "lone", "web-1 +1")


@pytest.mark.parametrize(
    ("tally", "expected"),
    [
        (Tally(4, all=4), Level.ALL),
        (Tally(4, all=3), Level.SOME),
        (Tally(4, some=1, unknown=3), Level.SOME),
        (Tally(4, partly=1, unknown=1), Level.PARTLY),
        (Tally(4, unknown=1), Level.UNKNOWN),
        (Tally(4), Level.NONE),
        (Tally(), Level.NONE),
    ],
)
def test_the_level_of_many_pairs(tally: Tally, expected: Level) -> None:
    assert tally.level is expected


@pytest.mark.parametrize(("open_", "expected"), [(1, "<1%"), (999, ">99%"), (500, "50%")])
def test_a_share_is_never_rounded_to_nothing_or_everything(open_: int, expected: str) -> None:
    from tui.matrix_grids import _share

    assert _share(Tally(1000, some=open_)) == expected


# Filter, cursor, steps


def test_a_filter_keeps_sources_and_destinations() -> None:
    found = state()
    view = found.view
    view.filter("x")
    assert ([view.grid.rows[at] for at in view.rows], len(view.columns)) == (["x"], 3)
    view.filter("> Data")
    assert (len(view.rows), [view.grid.columns[at] for at in view.columns]) == (3, ["data"])
    view.filter("x > data")
    assert view.cell == (2, 1)
    view.filter("nowhere")
    assert view.cell is None
    view.move(1, 1)
    assert not found.go_down()


def test_the_cursor_stays_on_its_cell_while_that_is_shown() -> None:
    found = state()
    found.start_at("x")
    found.view.filter("x")
    assert found.view.cell == (2, 2)
    found.view.filter("")
    assert found.view.cell == (2, 2)
    found.view.filter("data")
    assert found.view.cell == (1, 2)


def test_the_cursor_stops_at_the_edges() -> None:
    view = state().view
    view.move(-1, -5)
    assert view.cell == (0, 0)
    view.move(99, 99)
    assert view.cell == (2, 2)


def test_up_again_the_namespaces_are_as_they_were_left() -> None:
    found = state()
    found.view.filter("> data")
    go_from = found.view.cell
    found.view.move(2, 0)
    assert found.go_down()
    assert found.view.query == ""
    assert found.go_up()
    assert found.view.query == "> data"
    assert found.view.cell != go_from
    assert not found.go_up()


def test_nothing_lies_below_the_corner() -> None:
    assert not state().go_down()


# Documents


def text_of(document: tuple[object, ...]) -> str:
    from policy_core.report.layout import ALL, layout, plain

    return plain(layout(document, 160, ALL))  # type: ignore[arg-type]


def test_a_pair_is_explained_by_what_decides_each_port() -> None:
    evaluation = evaluate(BUNDLE)
    found = MatrixState(connectivity(evaluation))
    grid = go(found, "x", "data")
    told = text_of(cell_document(evaluation, grid, 1, 0))
    assert cell_title(grid, 1, 0) == "web-1 +1 → db"
    assert "Allowed: TCP 3306, UDP 33–44" in told
    assert "TCP 3306  allow    allow: no policy selects the pod for this direction" in told
    assert "allow: db rule 1" in told
    assert "TCP 5432  deny" in told, "a port that the destination declares is told, too"
    assert "deny: no rule matches of db" in told
    closed = text_of(cell_document(evaluation, grid, 0, 0))
    assert "Allowed: nothing" in closed


def test_pods_of_one_workload_are_explained_by_two_of_them() -> None:
    evaluation = evaluate(BUNDLE)
    found = MatrixState(connectivity(evaluation))
    grid = go(found, "x", "x")
    assert "itself" not in text_of(cell_document(evaluation, grid, 1, 1))


def test_the_outside_is_explained_by_its_addresses() -> None:
    evaluation = evaluate(BUNDLE)
    found = MatrixState(connectivity(evaluation))
    grid = go(found, "outside", "x")
    assert "every IPv4 address  all ports" in " ".join(
        text_of(cell_document(evaluation, grid, 0, 0)).split("\n")
    ).replace("   ", " ")


def test_a_grid_is_copied_as_it_is_filtered() -> None:
    found = state()
    found.view.filter("x")
    told = text_of(grid_document(found.view))
    assert "◐ 50%" in told
    assert "every port" in told
    assert "\ndata " not in told


def test_tallies_add_up() -> None:
    tallies = between(connectivity(evaluate(BUNDLE)))
    assert tallies.cell("x", "data") == Tally(2, some=1)
    assert tallies.cell("x", "x") == Tally(3, all=3)
