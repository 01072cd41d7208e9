"""What can be an end of a connection: everything that has a name, to be found by a part of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from typing import NamedTuple

from policy_core.ends import EndError, Ends, NamedEnd, Pods
from policy_core.ipblock import IPAddress
from policy_core.model import Pod, Ref, Service
from tui.catalogue import Catalogue, ServiceRow
from tui.question import Field, end_text
from tui.words import pod_state, service_ports, service_type

__all__ = ["Choice", "Choices", "Matches", "choices"]


@dataclass(frozen=True, slots=True)
class Choice:
    """``text`` is what the command line calls it; ``facts`` tell it from others of a similar name."""

    end: NamedEnd
    text: str
    kind: str
    namespace: str
    name: str
    facts: str
    haystack: str
    """As a list's filter has it, and ``text``; a line break before and behind every line."""


class Matches(NamedTuple):
    """Some of the ``rows``, the likeliest first."""

    rows: Sequence[Choice]
    order: Sequence[int]


class Choices:
    """All ends of one catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._ends = Ends(catalogue.evaluation, advice="type a part of it to see what there is")
        self.rows = tuple(_choice(catalogue, end) for end in self._ends)
        self._by_text = {choice.text: choice for choice in self.rows}
        indices = range(len(self.rows))
        # People connect to Services, and from what runs.
        self._orders = {
            Field.SOURCE: sorted(indices, key=lambda i: _source_rank(self.rows[i])),
            Field.DESTINATION: sorted(indices, key=lambda i: -_source_rank(self.rows[i])),
        }

    def find(self, text: str) -> NamedEnd:
        """Raises EndError. What was chosen is found whatever signs its name is made of."""
        choice = self._by_text.get(text)
        return choice.end if choice else self._ends.find(text)

    def facts(self, text: str) -> str:
        """A few words on the end that is called so; empty where there is none."""
        choice = self._by_text.get(text)
        if choice is not None:
            return f"{choice.kind} · {choice.facts}"
        return "outside the cluster" if _address(text) else ""

    def matching(self, query: str, field: Field, near: str = "") -> Matches:
        """What has all the words of ``query`` in it, as the filter of a list: what is called just so, then
        what begins so, has it in its name, has it elsewhere; of equals those in the namespace ``near``."""
        terms = query.lower().split()
        found = [i for i in self._orders[field] if all(term in self.rows[i].haystack for term in terms)]
        ranks = {i: _rank(self.rows[i], " ".join(terms), near) for i in found}
        found.sort(key=ranks.__getitem__)
        address = _address(query.strip())
        if address is None:
            return Matches(self.rows, found)
        # An address outside, unless it is something's own.
        exact = sum(ranks[i] <= _EXACT for i in found)
        outside = self._outside(address)
        return Matches((*self.rows, outside), [*found[:exact], len(self.rows), *found[exact:]])

    def _outside(self, address: IPAddress) -> Choice:
        try:
            self._ends.find(str(address))
        except EndError as error:
            facts = f"✗ {error}"
        else:
            facts = "outside the cluster"
        return Choice(address, str(address), "address", "", str(address), facts, "")


@lru_cache(maxsize=1)
def choices(catalogue: Catalogue) -> Choices:
    """Made when the first trace is asked for, and kept."""
    return Choices(catalogue)


_EXACT = 1


def _rank(choice: Choice, query: str, near: str) -> int:
    """The lower the likelier."""
    away = choice.namespace != near
    if not query:
        return away
    name = choice.name.lower()
    if query == name or f"\n{query}\n" in choice.haystack:
        return 0 + away
    if name.startswith(query):
        return 2 + away
    return (4 if query in name else 6) + away


def _source_rank(choice: Choice) -> int:
    match choice.end:
        case Service():
            return 2
        case Pods(ref, _):
            return 1 if ref.kind == "Pod" else 0
    return 3


def _choice(catalogue: Catalogue, end: Pods | Service) -> Choice:
    row = catalogue.find(end.ref)
    haystack = row.haystack if row else end.ref.path.lower()
    text = end_text(end.ref)
    if isinstance(end, Service):
        ready = f"{row.ready:,}/{row.endpoints:,} ready" if isinstance(row, ServiceRow) else ""
        facts = f"{service_type(end)} · {service_ports(end)} · {ready}"
    else:
        facts = _pods_facts(end.ref, end.pods)
    kind, namespace, name = end.ref.kind, end.ref.namespace, end.ref.name
    return Choice(end, text, kind, namespace, name, facts, f"\n{haystack}\n{text.lower()}\n")


def _pods_facts(ref: Ref, pods: Sequence[Pod]) -> str:
    first = pods[0]
    if ref.kind != "Pod":
        return "its template" if first.is_template else "1 pod" if len(pods) == 1 else f"{len(pods):,} pods"
    facts = [", ".join(map(str, first.ips)) or "no address", pod_state(first), first.node]
    return " · ".join(filter(None, facts))


def _address(text: str) -> IPAddress | None:
    try:
        return ip_address(text)
    except ValueError:
        return None
