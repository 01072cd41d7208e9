"""Reports as Markdown: well-formed whatever names say, and readable where nobody has the files."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from policy_core.details.pod import pod_detail
from policy_core.evaluation import Evaluation
from policy_core.printable import printable
from policy_core.report.document import Column, Document, Heading, Names, Paragraph, Rail, Row, Span, Table
from policy_core.report.markdown import code, markdown
from policy_core.report.pod import pod_document
from policy_core.report.ticket import ticket
from policy_core.snapshot import assemble
from policy_core.sources import demo, files
from tests.clusters import pod, policy, the_pod

ANYTHING = st.text("ab -+=1.)(*_`#<>[]!|\\~&;:·@/\t\n\u00a0", min_size=1, max_size=12).filter(
    lambda text: text.strip() != ""
)


def blocks(text: str) -> list[tuple[str, str]]:
    """(kind, text) of every block, as a reader of Markdown sees them."""
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    return [
        (tokens[number - 1].tag, shown(token))
        for number, token in enumerate(tokens)
        if token.type in ("inline", "fence")
    ]


def shown(token: Token) -> str:
    kinds = {child.type for child in token.children or ()}
    assert kinds <= {"text", "text_special"}, token
    return "".join(child.content for child in token.children or ()) or token.content


def plain(text: str) -> str:
    return printable(text).replace("\u00a0", " ").strip()


@given(st.lists(ANYTHING, min_size=7, max_size=7))
def test_no_text_forms_markup(texts: list[str]) -> None:
    title, source, heading, paragraph, bullet, cell, name = texts
    document: Document = (
        Heading((Span(heading),)),
        Paragraph((Span(paragraph),)),
        Paragraph((Span("· "), Span(bullet))),
        Table(
            (Column("from"), Column("pods")), (Row(((Span(cell),), (Span("1"),)), names=Names((name,), 1)),)
        ),
    )
    expected = [
        ("h1", title),
        ("p", source),
        ("h2", heading),
        ("p", paragraph),
        ("p", bullet),
        ("th", "from"),
        ("th", "pods"),
        ("td", cell),
        ("td", f"1: {name}"),
    ]
    found = blocks(markdown(title, document, source, lambda link: ""))
    assert [(kind, " ".join(text.split())) for kind, text in found] == [
        (kind, " ".join(plain(text).split())) for kind, text in expected
    ]


@given(ANYTHING, ANYTHING, st.lists(st.text("`a\n~", max_size=9), max_size=4))
def test_no_line_of_a_manifest_ends_its_block(title: str, where: str, lines: list[str]) -> None:
    tokens = MarkdownIt("commonmark").parse(code(title, where, lines))
    [block] = [token for token in tokens if token.type == "fence"]
    assert block.content == "".join(f"{printable(line)}\n" for line in lines)


def test_what_is_good_to_know_is_a_list() -> None:
    document: Document = (
        Heading((Span("GOOD TO KNOW"),)),
        Paragraph((Span("· "), Span("one")), indent=2),
        Paragraph((Span("· "), Span("- two")), indent=2),
        Paragraph((Span("· not a point"),)),
    )
    assert markdown("t", document, "s", lambda link: "").endswith(
        "## GOOD TO KNOW\n\n- one\n- \\- two\n\n· not a point\n"
    )


def report(evaluation: Evaluation, name: str) -> str:
    found = the_pod(evaluation, name)
    assert found is not None
    document = pod_document(pod_detail(evaluation, found))
    return ticket(evaluation.snapshot, str(found.ref), document, found.origin)


def test_a_ticket_names_source_lines_and_peers() -> None:
    said = report(Evaluation.of(assemble(demo.read())), "payments/payments-api-5d8b7c69f4-4bqnw")
    assert said.startswith("# Pod payments/payments-api-5d8b7c69f4-4bqnw\n\nSource: demo/payments.yaml:198\n")
    assert (
        "| k8s-app=kube-dns in kube-system | TCP 53, UDP 53 "
        "| allow-dns rule 1 (demo/payments.yaml:21), payments-api rule 1 (demo/payments.yaml:56) "
        "| 2: coredns-5c7f9b8d64-2jvlx, coredns-5c7f9b8d64-sd9qm |" in said
    )


@pytest.mark.parametrize("number", [9, 10, 11, 60])
def test_a_ticket_names_ten_peers_and_counts_the_others(tmp_path: Path, number: int) -> None:
    pods = "".join(pod(f"p{i:02}", app="a") for i in range(number + 1))
    manifest = tmp_path / "a_b.yaml"
    manifest.write_text(pods + policy("np", "{podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}"))
    said = report(Evaluation.of(assemble(files.read([str(manifest)]))), "x/p00")
    more = f" and {number - 10} more" if number > 10 else ""
    assert f"| {number}: {', '.join(f'p{i:02}' for i in range(1, min(number, 10) + 1))}{more} |" in said
    assert "\\_b.yaml:" in said  # the place is escaped like any other text


def test_the_title_of_several_files_is_told_beside_the_place(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text(pod(name))
    evaluation = Evaluation.of(assemble(files.read([str(tmp_path / f"{name}.yaml") for name in "ab"])))
    said = report(evaluation, "x/b")
    assert f"Source: a.yaml, b.yaml · {tmp_path}/b.yaml:2\n" in said.replace("\\_", "_")


def test_lines_of_a_diagram_are_one_list_without_the_drawing() -> None:
    def rail(lead: str, text: str) -> Rail:
        return Rail((Span(lead),), (Span(text),) if text else (), (Span("│ "),))

    document = (
        rail("● ", "Pod *a*"),
        rail("│", ""),
        rail("├─ ✗ egress  ", "- no rule"),
        rail("┊   ", "nearest"),
    )
    found = markdown("t", document, "s", lambda _: "")
    assert found.endswith("- Pod \\*a\\*\n- ✗ egress - no rule\n- nearest\n")
    assert blocks(found)[2:] == [("p", "Pod *a*"), ("p", "✗ egress - no rule"), ("p", "nearest")]
