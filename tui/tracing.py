"""Asks what a trace asks, and offers the ports that may be meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from policy_core.ends import EndError, NamedEnd, Pods
from policy_core.evaluation import Evaluation
from policy_core.judgement import judge
from policy_core.model import Direction, Pod, PolicyPort, Ref, Service
from policy_core.report.document import NO_BREAK, Document
from policy_core.report.trace import trace_document, trace_title
from policy_core.trace import trace
from tui.choices import Choices
from tui.question import Field, PortError, Question, parse_port, port_text

__all__ = ["Answer", "Offer", "Refusal", "answer", "offers", "with_likely_port"]

_LOOKED_AT = 10
"""Pods of a workload whose ports are offered: the others most likely have the same."""


@dataclass(frozen=True, slots=True)
class Answer:
    title: str
    document: Document


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no answer, and which field has to be filled in otherwise."""

    field: Field
    why: str


def answer(
    evaluation: Evaluation, choices: Choices, question: Question, touched: Field | None = None
) -> Answer | Refusal:
    """``touched`` is what the person filled in last: to blame where two fields do not go together."""
    ends: dict[Field, NamedEnd] = {}
    for field in (Field.SOURCE, Field.DESTINATION):
        try:
            ends[field] = choices.find(question.value(field))
        except EndError as error:
            return Refusal(field, str(error))
    try:
        protocol, port = _port(question.port, offers(evaluation, choices, question))
    except PortError as error:
        return Refusal(Field.PORT, str(error))
    source, destination = ends[Field.SOURCE], ends[Field.DESTINATION]
    try:
        judgement = judge(evaluation, source, destination, protocol, port)
    except EndError as error:
        blamed = touched if touched in ends and not isinstance(source, Service) else None
        return Refusal(blamed or Field.SOURCE, str(error))
    title = trace_title(judgement).replace(NO_BREAK, " ")
    return Answer(title, trace_document(trace(evaluation, judgement)))


def _port(text: str, offered: Iterable[Offer]) -> tuple[str, int]:
    """A name is that of one of the ports on offer."""
    named = next((offer for offer in offered if offer.name == text.strip()), None)
    return (named.protocol, named.number) if named else parse_port(text)


# Ports ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Offer:
    """A port that may be meant; ``name`` is what it is called, or empty."""

    protocol: str
    number: int
    name: str = ""

    @property
    def text(self) -> str:
        return port_text(self.protocol, self.number)


def offers(evaluation: Evaluation, choices: Choices, question: Question) -> tuple[Offer, ...]:
    """The ports of the destination, each once: a Service's own, those of the containers, those that rules
    name. None where it is not known what the destination is."""
    try:
        destination = choices.find(question.destination)
    except EndError:
        return ()
    try:
        source = choices.find(question.source)
    except EndError:
        source = None
    found: dict[tuple[str, int], Offer] = {}
    for offer in _offered(evaluation, source, destination):
        found.setdefault((offer.protocol, offer.number), offer)
    return tuple(found.values())


def _offered(evaluation: Evaluation, source: NamedEnd | None, destination: NamedEnd) -> Iterator[Offer]:
    match destination:
        case Service(ports=ports):
            yield from (Offer(port.protocol, port.port, port.name) for port in ports)
            return
        case Pods(_, pods):
            for pod in pods[:_LOOKED_AT]:
                yield from (Offer(port.protocol, port.number, port.name) for port in pod.ports)
            yield from _named_by_rules(evaluation, pods, Direction.INGRESS)
    if isinstance(source, Pods):
        yield from _named_by_rules(evaluation, source.pods, Direction.EGRESS)


def _named_by_rules(evaluation: Evaluation, pods: Iterable[Pod], direction: Direction) -> Iterator[Offer]:
    seen: set[Ref] = set()
    for pod in tuple(pods)[:_LOOKED_AT]:
        for compiled in evaluation.policies.selecting(pod, direction):
            if compiled.policy.ref not in seen:
                seen.add(compiled.policy.ref)
                for each in compiled.rules:
                    yield from _numbers(each.rule.ports or ())


def _numbers(ports: Iterable[PolicyPort]) -> Iterator[Offer]:
    """A port's name is one of the containers', so it is offered already."""
    return (Offer(port.protocol, port.port) for port in ports if isinstance(port.port, int))


def with_likely_port(question: Question, offered: tuple[Offer, ...], typed: bool) -> Question:
    """With the port that is most likely meant now that an end is another one; what the person has ``typed``
    is meant, whatever the end."""
    if not offered or (question.port and (typed or question.port in (offer.text for offer in offered))):
        return question
    return question.filled(Field.PORT, offered[0].text)
