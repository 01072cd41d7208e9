"""What can be an end of a connection: everything that has a name, to be found by a part of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from typing import NamedTuple

from policy_core.domain_name import DomainName
from policy_core.ends import EndError, Ends, NamedEnd, Pods
from policy_core.ipblock import IPAddress
from policy_core.model import Pod, Ref, Service
from tui.catalogue import Catalogue, Row, ServiceRow
from tui.question import Field, end_text
from tui.words import pod_state, service_ports, service_type

__all__ = ["Choice", "Choices", "Matches", "choices"]


@dataclass(frozen=True, slots=True)
class Choice:
    """``text`` is what the command line calls it."""

    end: NamedEnd
    text: str
    kind: str
    namespace: str
    name: str
    haystack: str
    """As a list's filter has it, and ``text``; a line break before and behind every line."""
    row: Row | None = None
    """In the explorer's lists."""
    fault: str = ""
    """Why it can be no end after all."""

    @property
    def facts(self) -> str:
        """What tells it from others of a similar name."""
        match self.end:
            case Service():
                row = self.row
                ready = f" · {row.ready:,}/{row.endpoints:,} ready" if isinstance(row, ServiceRow) else ""
                return f"{service_type(self.end)} · {service_ports(self.end)}{ready}"
            case Pods(ref, pods):
                return _pods_facts(ref, pods)
        return f"✗ {self.fault}" if self.fault else "outside the cluster"


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
        by_kind: list[list[int]] = [[], [], []]
        for index, choice in enumerate(self.rows):
            by_kind[_kind_rank(choice.end)].append(index)
        workloads, pods, services = by_kind
        # People connect to Services, and from what runs.
        self._orders = {
            Field.SOURCE: [*workloads, *pods, *services],
            Field.DESTINATION: [*services, *workloads, *pods],
        }

    def find(self, text: str) -> NamedEnd:
        """Raises EndError. What was chosen is found whatever signs its name is made of."""
        choice = self._by_text.get(text)
        return choice.end if choice else self._ends.find(text)

    def facts(self, text: str) -> str:
        """A few words on the end that is called so; empty where there is none."""
        choice = self._by_text.get(text)
        if choice is not None:
            return choice.facts
        if text.startswith(_BY_NAME):
            return "a host known by its name"
        return "outside the cluster" if _address(text) else ""

    def matching(self, query: str, field: Field, near: str = "") -> Matches:
        """What has all the words of ``query`` in it, as the filter of a list: what is called just so, then
        what begins so, has it in its name, has it elsewhere; of equals those in the namespace ``near``."""
        terms = query.lower().split()
        found = self._orders[field]
        for term in terms:
            found = [i for i in found if term in self.rows[i].haystack]
        ranks = {i: _rank(self.rows[i], " ".join(terms), near) for i in found}
        found = sorted(found, key=ranks.__getitem__)
        text = query.strip()
        if text.startswith(_BY_NAME) and field is Field.DESTINATION:
            return Matches((*self.rows, self._by_name(text)), [len(self.rows)])
        address = _address(text)
        if address is None:
            return Matches(self.rows, found)
        # An address outside, unless it is something's own.
        exact = sum(ranks[i] <= _EXACT for i in found)
        outside = self._outside(address)
        return Matches((*self.rows, outside), [*found[:exact], len(self.rows), *found[exact:]])

    def _by_name(self, text: str) -> Choice:
        try:
            return Choice(self._ends.find(text), text, "host", "", text, "", fault="")
        except EndError as error:
            return Choice(DomainName(""), text, "host", "", text, "", fault=str(error))

    def _outside(self, address: IPAddress) -> Choice:
        try:
            self._ends.find(str(address))
        except EndError as error:
            fault = str(error)
        else:
            fault = ""
        return Choice(address, str(address), "address", "", str(address), "", fault=fault)


@lru_cache(maxsize=1)
def choices(catalogue: Catalogue) -> Choices:
    """Made when the first trace is asked for, and kept."""
    return Choices(catalogue)


_EXACT = 1
_BY_NAME = "domain:"


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


def _kind_rank(end: NamedEnd) -> int:
    """Workloads, pods, Services."""
    return 2 if not isinstance(end, Pods) else 1 if end.ref.kind == "Pod" else 0


def _choice(catalogue: Catalogue, end: Pods | Service) -> Choice:
    ref = end.ref
    row, text = catalogue.find(ref), end_text(ref)
    haystack = row.haystack if row else ref.path.lower()
    return Choice(end, text, ref.kind, ref.namespace, ref.name, f"\n{haystack}\n{text.lower()}\n", row)


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
