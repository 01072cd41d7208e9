"""One hop of a trace in words: the sides, and which rule came nearest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from policy_core.model import UNREADABLE, Action, Direction, Pod, Ref, RuleRef
from policy_core.nearest import Lack, Miss, NearMiss
from policy_core.report.document import NO_BREAK, Cell, Link, Role, Span, unbroken
from policy_core.report.tiers import AROUND, disagreeing, walk_cells
from policy_core.report.words import count, names, rule_links
from policy_core.sides import Side
from policy_core.trace import Stage, TracedWay
from policy_core.verdict import End, Reason, Verdict

__all__ = [
    "Hop",
    "HopKind",
    "end_name",
    "endpoint",
    "ends_text",
    "near_text",
    "reason_text",
    "sides",
    "some_policies",
]

_MOST = 6
"""Rules or policies that are named."""
_NOT_READ = "labels or addresses that were not read"


class HopKind(StrEnum):
    """Source: the command-line contract."""

    DNS = "dns"
    SERVICE = "service"
    ENDPOINT = "endpoint"
    EGRESS = "egress"
    INGRESS = "ingress"


@dataclass(frozen=True, slots=True)
class Hop:
    """``ends`` are the pods or addresses that it is about, ``decided_by`` the rules that let it through or
    the policies that keep it out. ``near`` says which rule came nearest."""

    kind: HopKind
    verdict: Verdict
    subject: str
    said: Cell
    decided_by: tuple[RuleRef | Ref, ...] = ()
    near: Cell = ()
    ends: tuple[End, ...] = ()
    walk: tuple[Cell, ...] = ()
    """The way through the tiers, a line for each."""
    doubtful: bool = False
    """Whether something that is not evaluated may have a say here."""

    @property
    def note(self) -> str:
        """Everything that it says, as one text."""
        cells = (self.said, *self.walk, self.near)
        parts = ("".join(span.text for span in cell).strip() for cell in cells)
        return "; ".join(part for part in parts if part).replace(NO_BREAK, " ")


def sides(traced: TracedWay, dialled: str = "") -> Iterator[Hop]:
    """The egress, then the ingress; several of each where the address families differ. ``dialled`` is the
    port of the Service that was translated, as ``TCP 80``."""
    way = traced.way
    for stages, ends, far in (
        (traced.egress, way.sources, way.destinations),
        (traced.ingress, way.destinations, way.sources),
    ):
        for stage in stages:
            yield _side(stage, ends, far, dialled)


def end_name(end: End) -> str:
    return end.ref.path if isinstance(end, Pod) else str(end)


def ends_text(ends: Sequence[End], most: int = 3) -> str:
    """``shop/cart-1, shop/cart-2 and 4 more``."""
    return names(map(end_name, ends), most)


def subject(ends: Sequence[End]) -> str:
    """The one pod with its kind; several by their names."""
    return str(ends[0].ref) if len(ends) == 1 and isinstance(ends[0], Pod) else ends_text(ends)


def endpoint(traced: TracedWay) -> Hop:
    way = traced.way
    said = f"{count(len(way.destinations), 'endpoint')} on {way.port}" if way.destinations else "no endpoint"
    name = subject(way.destinations) or "nowhere"
    return Hop(HopKind.ENDPOINT, way.verdict, name, (Span(said),), ends=way.destinations)


# The sides ------------------------------------------------------------------------------------------------


def _side(stage: Stage, ends: tuple[End, ...], far: Sequence[End], dialled: str) -> Hop:
    side = stage.side
    decided: tuple[RuleRef | Ref, ...] = side.decided_by
    if side.verdict in (Verdict.DENY, Verdict.PARTIAL):
        decided = (*decided, *side.selected_by)
    over = ""
    if stage.families:
        over = f"over {' and '.join(f'IPv{family}' for family in stage.families if family)}: "
    return Hop(
        HopKind(stage.direction.value),
        side.verdict,
        subject(ends) or "outside",
        (*((Span(over),) if over else ()), *reason_text(stage, ends)),
        decided,
        _near(stage, ends, far, dialled),
        ends,
        tuple(walk_cells(side.walk, side.selected_by)),
        stage.doubtful,
    )


def _near(stage: Stage, ends: Sequence[End], far: Sequence[End], dialled: str) -> Cell:
    if stage.near is None:
        return ()
    # Of several pods that are denied alike the others may have missed it by something else.
    whose = [end_name(some[0]) for some in (far, ends) if len(some) > 1]
    return near_text(stage.near, f" for {' and '.join(whose)}" if whose else "", dialled)


def reason_text(stage: Stage, ends: Sequence[End]) -> Cell:
    """Why a side says what it says."""
    side = stage.side
    way = "out" if stage.direction is Direction.EGRESS else "in"
    rules = some_rules(side.decided_by)
    match side.reason:
        case Reason.TIER:
            return _by_tiers(side)
        case Reason.DEFAULT:
            return (Span(f"open: no policy decides about {ends_text(ends, 1)} for {stage.direction}"),)
        case Reason.CONFLICT:
            said = " disagree at the same priority, and which of them is applied is not defined"
            return (*some_rules(disagreeing(side)), Span(said))
        case Reason.OPEN:
            return (Span(f"open: no policy selects {ends_text(ends, 1)} for {stage.direction}"),)
        case Reason.RULE:
            return (*rules, Span(f" {'let' if len(side.decided_by) > 1 else 'lets'} it {way}"))
        case Reason.ISOLATED:
            return (Span("isolated by "), *some_policies(side.selected_by), Span(_without_rule(stage, way)))
        case Reason.POSSIBLE | Reason.MASKED:
            tiered = any(ref.policy.kind != "NetworkPolicy" for ref in side.decided_by)
            does = f"lets it {way}" if not tiered else "match" if len(side.decided_by) > 1 else "matches"
            unknown = "labels, addresses or nodes that were not read" if tiered else _NOT_READ
            if side.reason is Reason.MASKED:
                unknown = "an address that is not known here"
            return (Span("whether "), *rules, Span(f" {does} hangs on {unknown}"))
        case Reason.UNSEEN:
            spaces = sorted({end.namespace for end in ends if isinstance(end, Pod)})
            return (Span(f"the NetworkPolicies of {names(spaces)} could not be read"),)
        case Reason.OUTSIDE:
            return (Span("outside the cluster: no policy here judges it"),)
    return (Span(str(side.reason)),)


def _by_tiers(side: Side) -> Cell:
    """The rules that decide, and the tier where it is but one; or that several come to the same."""
    does = ("deny" if side.verdict is Verdict.DENY else "allow") if len(side.decided_by) > 1 else ""
    does = does or ("denies" if side.verdict is Verdict.DENY else "allows")
    tiers = [step.tier for step in side.walk if any(action in _FINAL for action, _ in step.outcomes)]
    where = f" in the {tiers[0].value} tier" if len(tiers) == 1 and tiers[0] in AROUND else ""
    return (*some_rules(side.decided_by), Span(f" {does} it{where}"))


_FINAL = (Action.ALLOW, Action.DENY)


def _without_rule(stage: Stage, way: str) -> str:
    several = len(stage.side.selected_by) > 1
    if stage.ruleless:
        return ", none of which has a rule" if several else ", which has no rule"
    return f": no rule of {'theirs' if several else 'it'} lets this {way}"


def some_rules(refs: Sequence[RuleRef]) -> Cell:
    """The first few, each a link."""
    return (*rule_links(refs[:_MOST]), *_more(refs))


def some_policies(refs: Sequence[Ref]) -> Cell:
    spans: list[Span] = []
    for ref in refs[:_MOST]:
        spans.extend([Span(", ")] if spans else [])
        spans.append(Span(ref.name, Role.NAME, Link(ref)))
    return (*spans, *_more(refs))


def _more(refs: Sequence[object]) -> Cell:
    return (Span(f" and {len(refs) - _MOST:,} more"),) if len(refs) > _MOST else ()


# The nearest miss -----------------------------------------------------------------------------------------


def near_text(near: NearMiss, whose: str = "", dialled: str = "") -> Cell:
    """``nearest: allow-web-to-db rule 1 names TCP 3306, not TCP 3307``; the link leads to what was missed."""
    [link] = rule_links([near.rule])
    if len(near.misses) == 1 and link.link:
        path = (*link.link.path, *near.misses[0].path)
        link = replace(link, link=replace(link.link, path=path))
    lacks = "; ".join(_lack(miss, near, dialled) for miss in near.misses)
    return (Span(f"nearest{whose}: "), link, Span(f" {lacks}"))


def _lack(miss: Miss, near: NearMiss, dialled: str) -> str:
    wanted, found = unbroken(miss.wanted), unbroken(miss.found)
    far = "the source" if near.rule.direction is Direction.INGRESS else "the destination"
    own = "'s namespace"
    match miss.lack:
        case Lack.PORT | Lack.PROTOCOL | Lack.PORT_AND_PROTOCOL:
            slip = dialled and dialled in miss.wanted.split(", ")
            hint = f" ({unbroken(dialled)} is the Service's port; policy sees the endpoint's)" if slip else ""
            return f"names {miss.wanted}, not {found}{hint}"
        case Lack.PORT_NAME:
            return f"names the port {wanted}, which is {found} there" if found else _nameless(wanted)
        case Lack.NAMESPACE:
            return f"wants a namespace with {wanted}, {_instead(miss, far + own)}"
        case Lack.OWN_NAMESPACE:
            return f"has no namespaceSelector, so it means pods of {wanted}, not of {found}"
        case Lack.POD:
            return f"wants {wanted}, {_instead(miss, far)}"
        case Lack.NO_POD:
            return f"selects pods{f' with {miss.wanted}' if wanted else ''}, not addresses outside"
        case Lack.HOST_NETWORK:
            return "selects pods by their labels, which never matches a hostNetwork pod"
        case Lack.ADDRESS:
            return f"wants an address in {wanted}, not {found}" if found else "leaves no address of its block"
        case Lack.EXCEPTED:
            return f"excepts {wanted}, which holds {found}"
        case Lack.FAMILY:
            return f"is for {wanted}, so over {found} it allows nothing"
        case Lack.REFUSED:
            return f"has errors{f' ({miss.wanted})' if wanted else ''}: an API server would refuse it"


def _nameless(name: str) -> str:
    return f"names the port {name}, which the destination does not have"


def _instead(miss: Miss, far: str) -> str:
    if miss.found == UNREADABLE:
        return f"a label of {far} that could not be read"
    return f"not {unbroken(miss.found)}" if miss.found else f"a label that {far} lacks"
