"""Words for the classes of the connectivity matrix, one or many of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from policy_core.between import Level
from policy_core.connectivity import Connectivity
from policy_core.index import Bits, bits
from policy_core.matrix_classes import MatrixClass
from policy_core.report.words import names

__all__ = ["LEVEL_WORDS", "Describer", "class_names", "short_name"]

LEVEL_WORDS = {
    Level.ALL: "every port of every pod",
    Level.SOME: "some ports or pods",
    Level.PARTLY: "partly",
    Level.UNKNOWN: "unknown",
    Level.NONE: "nothing",
}


def short_name(each: MatrixClass) -> str:
    """Within its namespace: the workload's name, else that of the first pod and how many are like it."""
    if each.workload:
        return each.workload.name
    first, *others = each.pods
    return f"{first.name} +{len(others):,}" if others else first.name


def class_names(classes: Iterable[MatrixClass]) -> list[str]:
    """``namespace/Kind/name`` for each; classes that would be called the same have their number in it."""
    called: list[str] = []
    for each in classes:
        kind = each.workload.kind if each.workload else "Pod"
        called.append(f"{each.namespace}/{kind}/{short_name(each)}")
    times = Counter(called)
    return [f"{name} (class {n})" if times[name] > 1 else name for n, name in enumerate(called)]


class Describer:
    """Says which classes a bitset holds, in as few words as are exact; of more than ``most`` classes of one
    namespace it names the first, and says how many more there are."""

    def __init__(self, found: Connectivity, most: int = 1_000_000) -> None:
        self._classes = found.classes
        self._everyone: Bits = (1 << len(found.classes)) - 1
        self._most = most
        spaces: dict[str, Bits] = defaultdict(int)
        for number in bits(self._everyone):
            spaces[found.classes[number].namespace] |= 1 << number
        self.namespaces: dict[str, Bits] = dict(spaces)
        """The classes of each namespace, by namespace."""

    def spaces(self, bitset: Bits) -> list[str]:
        return [name for name, members in self.namespaces.items() if members & bitset]

    def within(self, bitset: Bits, namespace: str) -> str:
        """The classes where it is plain of which namespace they are; ``""``: it is not."""
        return self._names(bitset) if namespace else self.text(bitset)

    def text(self, bitset: Bits, itself: Bits = 0) -> str:
        """``every pod of shop``, ``every pod of shop but cart``, ``shop: cart, web``. Whether the classes in
        ``itself`` belong to it does not matter. Those in doubt are marked, or named with a mark."""
        if not self._everyone & ~bitset & ~itself and self._everyone & ~itself:
            return f"every pod of every namespace{self._doubts(self._everyone)}"
        whole: list[str] = []
        parts: list[str] = []
        for name, members in self.namespaces.items():
            there, missing = members & bitset & ~itself, members & ~bitset & ~itself
            if there and not missing:
                whole.append(name)
            elif there and missing.bit_count() * 4 <= there.bit_count():
                parts.append(f"every pod of {name}{self._doubts(there)} but {self._names(missing)}")
            elif there:
                parts.append(f"{name}: {self._names(there)}")
        if len(whole) == 1 and self.namespaces[whole[0]].bit_count() == 1:
            every = [f"{whole[0]}: {self._names(self.namespaces[whole[0]])}"]
        else:
            marked = (f"{name}{self._doubts(self.namespaces[name])}" for name in whole)
            every = [f"every pod of {names(marked, self._most)}"] if whole else []
        listed = [*every, *parts]
        more = f"; and {len(listed) - self._most:,} more namespaces" if len(listed) > self._most else ""
        return "; ".join(listed[: self._most]) + more

    def _names(self, bitset: Bits) -> str:
        called = dict.fromkeys(self._marked(number) for number in bits(bitset))
        return names(called, self._most)

    def _marked(self, number: int) -> str:
        each = self._classes[number]
        return f"? {short_name(each)}" if each.unevaluated else short_name(each)

    def _doubts(self, bitset: Bits) -> str:
        doubtful = [self._marked(at) for at in bits(bitset) if self._classes[at].unevaluated]
        return f" ({names(doubtful)})" if doubtful else ""
