"""The tiers in words: what a rule does, and how a connection walks through them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from policy_core.model import Action, Ref, RuleRef, Tier
from policy_core.report.document import NOTHING, Cell, Role, Span
from policy_core.report.words import names, rule_links
from policy_core.sides import Side, Step

__all__ = ["AROUND", "action_cell", "disagreeing", "tier_text", "walk_cells"]

AROUND = (Tier.ADMIN, Tier.BASELINE)

_MARKS = {
    Action.ALLOW: ("✓ allow", Role.ALLOW),
    Action.DENY: ("✗ deny", Role.DENY),
    Action.PASS: ("↓ pass", Role.MUTED),
}
_DOES = {Action.ALLOW: "allows it", Action.DENY: "denies it", Action.PASS: "passes it on"}
_DO = {Action.ALLOW: "allow it", Action.DENY: "deny it", Action.PASS: "pass it on"}
_NONE = {Tier.NETWORK_POLICY: "no NetworkPolicy isolates the pod"}
_MOST = 4


def action_cell(action: Action, doubtful: bool = False) -> Cell:
    """Never by colour alone."""
    text, role = _MARKS[action]
    return (Span(f"{text}?" if doubtful else text, Role.UNKNOWN if doubtful else role),)


def tier_text(tier: Tier, priority: int | None = None) -> str:
    """``Admin 10``."""
    return tier.value if priority is None else f"{tier.value} {priority}"


def disagreeing(side: Side) -> Sequence[RuleRef]:
    """The rules of the first tier whose policies disagree, those that pass it on among them."""
    for step in side.walk:
        rules = [ref for _, refs in step.outcomes for ref in refs]
        if step.tier in AROUND and len(step.outcomes) > 1 and len({ref.policy for ref in rules}) > 1:
            return rules
    return side.decided_by


def walk_cells(walk: Sequence[Step], selected_by: Sequence[Ref] = ()) -> Iterator[Cell]:
    """A line for each tier that is asked, in order, and one for what happens where none of them decides.
    ``selected_by`` are the NetworkPolicies that isolate the pod."""
    if len(walk) == 1 and not walk[0].goes_on:
        return  # the verdict itself says so
    if all(action is None for step in walk for action, _ in step.outcomes):
        # Nothing to follow from tier to tier: one line will do.
        said = ", ".join(_NONE.get(step.tier, f"no rule of the {step.tier} tier matches") for step in walk)
        if walk:
            yield (Span(f"{said}: allowed by default", Role.MUTED),)
        return
    for step in walk:
        priority = f" {names(map(str, step.priorities))}" if step.priorities else ""
        title = Span(f"{step.tier.value}{priority}: ", Role.MUTED)
        yield (title, *_outcomes(step, selected_by))
    if walk and all(action in (None, Action.PASS) for action, _ in walk[-1].outcomes):
        yield (Span("default: ", Role.MUTED), Span("allowed, since no policy decides", Role.ALLOW))


def _outcomes(step: Step, selected_by: Sequence[Ref]) -> Iterator[Span]:
    if step.tier is Tier.NETWORK_POLICY and len(step.outcomes) > 1 and not selected_by:
        yield Span("those of the namespace could not be read", Role.UNKNOWN)
        return
    for position, (action, rules) in enumerate(step.outcomes):
        if position:
            yield Span(", or ")
        yield from _outcome(step.tier, action, rules, selected_by)
    if len(step.outcomes) > 1:
        yield Span(": not known which", Role.UNKNOWN)


def _outcome(
    tier: Tier, action: Action | None, rules: Sequence[RuleRef], selected_by: Sequence[Ref]
) -> Iterator[Span]:
    if action is None:
        none = "none isolates the pod" if tier is Tier.NETWORK_POLICY else "no rule matches"
        yield Span(none)
        return
    role = _MARKS[action][1]
    if rules:
        yield from rule_links(rules[:_MOST])
        more = f" and {len(rules) - _MOST:,} more" if len(rules) > _MOST else ""
        yield Span(f"{more} {(_DO if len(rules) > 1 else _DOES)[action]}", role)
    elif action is Action.DENY:
        by = names((policy.name for policy in selected_by), _MOST) or NOTHING
        yield Span(f"isolated by {by}, and no rule matches", role)
    else:
        yield Span("allowed", role)
