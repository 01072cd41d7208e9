"""What is typed for a trace: ports in every spelling, ends by a part of their name, and likely ports."""

from __future__ import annotations

import pytest

from policy_core.model import Ref
from tests.clusters import evaluate, pod, policy, service
from tui.catalogue import Catalogue
from tui.choices import Choices
from tui.question import Field, PortError, Question, end_text, parse_port
from tui.tracing import Answer, Refusal, answer, offers, with_likely_port

CLUSTER = (
    pod("web-1", "10.0.0.1", app="web")
    + pod("db-0", "10.0.0.2", app="db")
    + pod("db-0", "10.0.1.2", namespace="z", app="db")
    + pod("old-db", "10.0.0.22", app="web")
    + service("db", "{selector: {app: db}, ports: [{port: 5432, name: pg}, {port: 53, protocol: UDP}]}")
    + "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api, namespace: x}\n"
    "spec: {replicas: 2, selector: {matchLabels: {app: api}}, template: {metadata: {labels: {app: api}}, "
    "spec: {containers: [{name: c, ports: [{containerPort: 8080, name: http}]}]}}}\n"
    + policy(
        "p",
        "{podSelector: {matchLabels: {app: api}}, ingress: [{ports: [{port: 9000, endPort: 9009}, "
        "{port: http}, {protocol: UDP}]}, {}], egress: [{ports: [{port: 443}]}]}",
    )
)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.of(evaluate(CLUSTER))


@pytest.fixture(scope="module")
def ends(catalogue: Catalogue) -> Choices:
    return Choices(catalogue)


@pytest.mark.parametrize(
    ("text", "port"),
    [
        ("3306", ("TCP", 3306)),
        (" 53/UDP ", ("UDP", 53)),
        ("udp 53", ("UDP", 53)),
        ("Sctp:7", ("SCTP", 7)),
        ("tcp80", ("TCP", 80)),
        ("0080", ("TCP", 80)),
        ("65535", ("TCP", 65535)),
    ],
)
def test_ports_are_read_as_people_write_them(text: str, port: tuple[str, int]) -> None:
    assert parse_port(text) == port


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "a port is a number"),
        ("0", "there is no port 0"),
        ("65536", "there is no port 65536"),
        ("9" * 9999, "there is no port 9"),
        ("1.5", "a port is a number"),
        ("٣", "a port is a number"),
        ("udp 5 tcp", "a port is a number"),
        ("icmp 8", "ICMP is none of TCP, UDP, SCTP"),
    ],
)
def test_what_is_no_port_is_refused_in_words(text: str, why: str) -> None:
    with pytest.raises(PortError, match=why):
        parse_port(text)


def test_an_object_is_called_as_on_the_command_line() -> None:
    assert end_text(Ref("Pod", "x", "a")) == "x/a"
    assert end_text(Ref("Service", "x", "a")) == "service:x/a"
    assert end_text(Ref("StatefulSet", "x", "a")) == "statefulset:x/a"


def found(ends: Choices, query: str, field: Field = Field.DESTINATION, near: str = "x") -> list[str]:
    rows, order = ends.matching(query, field, near)
    return [rows[i].text for i in order]


def test_the_likeliest_match_comes_first(ends: Choices) -> None:
    assert found(ends, "db") == ["service:x/db", "x/db-0", "z/db-0", "x/old-db"]
    assert found(ends, "db", near="z") == ["service:x/db", "z/db-0", "x/db-0", "x/old-db"]
    assert found(ends, "db-0", near="z") == ["z/db-0", "x/db-0"]
    assert found(ends, "db", Field.SOURCE)[0] == "service:x/db", "called just so"
    assert found(ends, "app=web") == ["x/old-db", "x/web-1"]
    assert found(ends, "x/ DB") == ["service:x/db", "x/db-0", "x/old-db"]


def test_without_a_word_services_lead_and_as_a_source_what_runs(ends: Choices) -> None:
    assert found(ends, "")[:2] == ["service:x/db", "deployment:x/api"]
    assert found(ends, "", Field.SOURCE)[0] == "deployment:x/api"
    assert found(ends, "", near="z")[0] == "z/db-0"


def test_an_address_is_one_outside_unless_it_is_somethings_own(ends: Choices) -> None:
    assert found(ends, "10.0.0.2") == ["x/db-0", "10.0.0.2", "x/old-db"]
    assert found(ends, "192.0.2.1") == ["192.0.2.1"]
    rows, order = ends.matching("fd00::1", Field.SOURCE)
    assert rows[order[0]].facts.startswith("✗ fd00::1 is an IPv6 address, and nothing here has one")


def test_likely_ports_are_the_services_the_containers_and_those_of_rules(
    catalogue: Catalogue, ends: Choices
) -> None:
    def offered(destination: str, source: str = "") -> list[str]:
        question = Question(source, destination)
        return [f"{o.text} {o.name}".strip() for o in offers(catalogue.evaluation, ends, question)]

    assert offered("service:x/db") == ["TCP 5432 pg", "UDP 53"]
    assert offered("deployment:x/api") == ["TCP 8080 http", "TCP 9000"]
    assert offered("192.0.2.1", "deployment:x/api") == ["TCP 443"]
    assert offered("192.0.2.1") == offered("x/nobody") == offered("") == []


def test_a_likely_port_gives_way_to_what_was_typed(catalogue: Catalogue, ends: Choices) -> None:
    asked = Question("x/web-1", "service:x/db")
    offered = offers(catalogue.evaluation, ends, asked)
    assert with_likely_port(asked, offered, typed=False).port == "TCP 5432"
    other = asked.filled(Field.PORT, "TCP 9")
    assert with_likely_port(other, offered, typed=False).port == "TCP 5432"
    assert with_likely_port(other, offered, typed=True).port == "TCP 9"
    second = asked.filled(Field.PORT, "UDP 53")
    assert with_likely_port(second, offered, typed=False) == second, "it fits there as well"
    assert with_likely_port(other, (), typed=False) == other


def test_an_answer_or_why_there_is_none(catalogue: Catalogue, ends: Choices) -> None:
    def ask(*words: str, touched: Field | None = None) -> Answer | Refusal:
        return answer(catalogue.evaluation, ends, Question(*words), touched)

    found = ask("x/web-1", "service:x/db", "pg")
    assert isinstance(found, Answer)
    assert found.title == "Pod x/web-1 → Service x/db TCP 5432"
    assert ask("x/web", "x/db-0", "1") == Refusal(
        Field.SOURCE, "no pod or workload x/web in what was read; did you mean x/web-1?"
    )
    refused = ask("x/web-1", "x/db-0", "pg")
    assert isinstance(refused, Refusal)
    assert refused.field is Field.PORT
    for touched in (Field.SOURCE, Field.DESTINATION):
        refused = ask("192.0.2.1", "192.0.2.2", "1", touched=touched)
        assert isinstance(refused, Refusal)
        assert refused.field is touched
