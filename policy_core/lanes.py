"""The rules of a tier made ready for many questions about one destination: one for each stretch of ports."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import chain

from policy_core.classes import Bits
from policy_core.model import Action
from policy_core.split import Decided, Decision, pass_rules
from policy_core.tiers import CompiledTieredPolicy, Rank

__all__ = ["Lanes", "Step"]

Step = tuple[int, Action, Bits, Bits]
"""The number of a rule's ports, what it does, and to which sources: for certain, and perhaps."""


class _Lane:
    """Rules of which each decides before those after it."""

    def __init__(self) -> None:
        self._rules: list[tuple[Action, Bits, Bits]] = []
        self._by_number: dict[int, list[int]] = {}

    def add(self, steps: Iterable[Step]) -> None:
        for number, action, certain, possible in steps:
            self._by_number.setdefault(number, []).append(len(self._rules))
            self._rules.append((action, certain, possible))

    @property
    def numbers(self) -> Iterable[int]:
        return self._by_number

    def pass_by(self, within: Sequence[int], sources: Bits, decision: Decision) -> Bits:
        """The sources that may match none of the rules whose ports have one of these numbers."""
        positions = sorted(chain.from_iterable(self._by_number.get(number, ()) for number in within))
        return pass_rules((self._rules[position] for position in positions), sources, decision)


class Lanes:
    """A tier as one destination meets it: only the policies that have a step for it. Ranks of one policy are
    put together, since nothing but their order counts."""

    def __init__(
        self, ranks: Iterable[Rank], steps: Callable[[CompiledTieredPolicy], Iterable[Step]]
    ) -> None:
        self._ranks: list[list[_Lane | Lanes]] = []
        self.numbers: set[int] = set()
        single: _Lane | None = None
        for rank in ranks:
            own = [each for each in (_own(lane, steps) for lane in rank) if each]
            if len(own) == 1 and isinstance(own[0], list):
                if single is None:
                    single = _Lane()
                    self._ranks.append([single])
                single.add(own[0])
            elif own:
                single = None
                self._ranks.append([_as_lane(each) for each in own])
        for lane in chain.from_iterable(self._ranks):
            self.numbers.update(lane.numbers)

    def __bool__(self) -> bool:
        return bool(self._ranks)

    def decide(self, within: Sequence[int], everyone: Bits) -> Decided:
        """What the tier does on ports that lie in the port sets of these numbers."""
        decision = Decision()
        return decision.with_rest(self.pass_by(within, everyone, decision))

    def pass_by(self, within: Sequence[int], sources: Bits, decision: Decision) -> Bits:
        for rank in self._ranks:
            unmatched = sources
            for lane in rank:
                unmatched &= lane.pass_by(within, sources, decision)
            sources = unmatched
            if not sources:
                break
        return sources


def _own(
    lane: CompiledTieredPolicy | tuple[Rank, ...],
    steps: Callable[[CompiledTieredPolicy], Iterable[Step]],
) -> Sequence[Step] | Lanes:
    return list(steps(lane)) if isinstance(lane, CompiledTieredPolicy) else Lanes(lane, steps)


def _as_lane(own: Sequence[Step] | Lanes) -> _Lane | Lanes:
    if isinstance(own, Lanes):
        return own
    lane = _Lane()
    lane.add(own)
    return lane
