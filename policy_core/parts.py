"""Objects by namespace, so that a change costs what its namespace costs and not what the cluster does.

Everything that is renewed is renewed a namespace at a time: a part in which nothing has changed is the same
object as before, and with it all that was worked out from it.
"""

from __future__ import annotations

import weakref
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import accumulate, chain, groupby
from operator import attrgetter, is_not
from typing import Any, Generic, Protocol, TypeVar, cast, overload

from policy_core.identity import Ref
from policy_core.renewal import Difference, carried, difference

__all__ = ["Aligned", "ByNamespace", "Named", "Part"]


class _HasPlace(Protocol):
    @property
    def namespace(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def ref(self) -> Ref: ...


T = TypeVar("T", bound=_HasPlace)
V = TypeVar("V")
R = TypeVar("R")
_NAME = attrgetter("name")
_NAMESPACE = attrgetter("namespace")
_ITSELF = object()
_SEARCH = 4
"""To search for one object takes as long as to look at so many."""


class Part(tuple[T, ...]):
    """The objects of one namespace, by name."""

    _facts: dict[Callable[..., Any], Any]

    def fact(self, work: Callable[[Part[T]], R]) -> R:
        """What ``work`` makes of the part: worked out once. It may hang on nothing else."""
        try:
            facts = self._facts
        except AttributeError:
            facts = self._facts = {}
        if work not in facts:
            made = work(self)
            # Itself would be a cycle: gone parts, and all in them, would wait for the garbage collector.
            facts[work] = _ITSELF if made is self else made
        found = facts[work]
        return cast(R, self if found is _ITSELF else found)

    def at(self, name: str, kind: str) -> int:
        """Where the object of that name and kind is; -1 where it is not."""
        position = bisect_left(self, name, key=_NAME)
        while position < len(self) and self[position].name == name:
            if self[position].ref.kind == kind:
                return position
            position += 1
        return -1


_NOTHING: Part[Any] = Part()


class ByNamespace(Sequence[T]):
    """A sequence by namespace and name, and the part of each namespace. Immutable."""

    def __init__(self, parts: Mapping[str, Part[T]]) -> None:
        """``parts`` in the order of their names, none of them empty."""
        self.parts = parts
        self._compared: tuple[weakref.ref[ByNamespace[Any]], list[str]] | None = None
        """What it was compared with last, which nothing here may keep alive, and what is different."""

    @classmethod
    def of(cls, ordered: Iterable[T], previous: ByNamespace[T] | None = None) -> ByNamespace[T]:
        """``ordered`` by namespace and name. Of ``previous`` the parts are taken that have the very same
        objects."""
        parts = {name: Part(objects) for name, objects in groupby(ordered, _NAMESPACE)}
        if previous is None:
            return cls(parts)
        for name, part in parts.items():
            before = previous.of_namespace(name)
            if len(before) == len(part) and not any(map(is_not, before, part)):
                parts[name] = before
        same = len(parts) == len(previous.parts) and all(previous.parts.get(n) is p for n, p in parts.items())
        return previous if same else cls(parts)

    def with_parts(self, changed: Mapping[str, Part[T]]) -> ByNamespace[T]:
        """The same with other parts for some namespaces; an empty one is left out."""
        different = {name: part for name, part in changed.items() if self.of_namespace(name) is not part}
        if not different:
            return self
        parts = {**self.parts, **different}
        if len(parts) > len(self.parts) or not all(different.values()):
            parts = {name: parts[name] for name in sorted(parts) if parts[name]}
        made = ByNamespace(parts)
        made._compared = weakref.ref(self), [*different]
        before, after = ([len(each.of_namespace(name)) for name in different] for each in (self, made))
        made._length = self._length + sum(after) - sum(before)
        return made

    def each(
        self, work: Callable[[Part[T]], Part[T]], before: ByNamespace[T] | None = None
    ) -> ByNamespace[T]:
        """What ``work`` makes of each part, which stays the same where that is the same. Parts that are in
        ``before`` already stay so."""
        spaces = self.parts if before is None else self.differing(before)
        return self.with_parts({name: self.parts[name].fact(work) for name in spaces if name in self.parts})

    def of_namespace(self, name: str) -> Part[T]:
        return self.parts.get(name, _NOTHING)

    def find(self, ref: Ref) -> T | None:
        kind, namespace, name = ref
        part = self.of_namespace(namespace)
        position = part.at(name, kind)
        return part[position] if position >= 0 else None

    def position(self, ref: Ref) -> int | None:
        """Where in the whole sequence."""
        kind, namespace, name = ref
        within = self.of_namespace(namespace).at(name, kind)
        return self.start(namespace) + within if within >= 0 else None

    def positions(self, refs: Iterable[Ref]) -> Iterator[int]:
        """Where those of ``refs`` are that are here."""
        by_namespace: dict[str, set[Ref]] = defaultdict(set)
        for ref in refs:
            by_namespace[ref.namespace].add(ref)
        for namespace in by_namespace.keys() & self.parts.keys():
            wanted, part, start = by_namespace[namespace], self.parts[namespace], self.start(namespace)
            if len(wanted) * _SEARCH > len(part):
                yield from (start + at for at, each in enumerate(part) if each.ref in wanted)
            else:
                found = (part.at(name, kind) for kind, _, name in wanted)
                yield from (start + at for at in found if at >= 0)

    def start(self, namespace: str) -> int:
        """Where the part of a namespace that has one begins in the whole sequence."""
        return self._starts[0][namespace]

    def since(self, before: ByNamespace[T]) -> Difference[T]:
        """What has changed."""
        gone: list[T] = []
        new: list[T] = []
        for name in self.differing(before):
            found = difference(before.of_namespace(name), self.of_namespace(name))
            gone += found.gone
            new += found.new
        return Difference(gone, new)

    def differing(self, before: ByNamespace[Any]) -> list[str]:
        """The namespaces of which the part is not the very same."""
        if before is self:
            return []
        if self._compared is None or self._compared[0]() is not before:
            theirs = before.parts
            changed = [name for name, part in self.parts.items() if theirs.get(name) is not part]
            if len(self.parts) - len(changed) < len(theirs):
                changed += [name for name in theirs if name not in self.parts]
            self._compared = weakref.ref(before), changed
        return self._compared[1]

    @cached_property
    def _starts(self) -> tuple[dict[str, int], list[int], list[Part[T]]]:
        """Where each part begins: by namespace, and as a list beside the parts."""
        starts = [0, *accumulate(map(len, self.parts.values()))][:-1]
        return dict(zip(self.parts, starts, strict=True)), starts, list(self.parts.values())

    @cached_property
    def _length(self) -> int:
        return sum(map(len, self.parts.values()))

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[T]:
        return chain.from_iterable(self.parts.values())

    @overload
    def __getitem__(self, position: int) -> T: ...
    @overload
    def __getitem__(self, position: slice) -> tuple[T, ...]: ...
    def __getitem__(self, position: int | slice) -> T | tuple[T, ...]:
        if isinstance(position, slice):
            return tuple(self)[position]
        if position < 0:
            position += len(self)
        if not 0 <= position < len(self):
            raise IndexError(position)
        _, starts, parts = self._starts
        number = bisect_right(starts, position) - 1
        return parts[number][position - starts[number]]

    def __eq__(self, other: object) -> bool:
        if isinstance(other, ByNamespace):
            return self.parts == other.parts
        return tuple(self) == other if isinstance(other, tuple) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"ByNamespace({tuple(self)!r})"


class Named(Mapping[Ref, T]):
    """The objects of a sequence by what they are called."""

    def __init__(self, objects: ByNamespace[T]) -> None:
        self._objects = objects

    def __getitem__(self, ref: Ref) -> T:
        found = self._objects.find(ref)
        if found is None:
            raise KeyError(ref)
        return found

    def __iter__(self) -> Iterator[Ref]:
        return (obj.ref for obj in self._objects)

    def __len__(self) -> int:
        return len(self._objects)


class Aligned(Mapping[Ref, V], Generic[T, V]):
    """A value for each object of a sequence, beside the objects: a list for each namespace, in the order of
    its part. An object whose value is None has none."""

    def __init__(self, objects: ByNamespace[T], values: Mapping[str, Sequence[V | None]]) -> None:
        self.objects = objects
        self.values_of = values

    @classmethod
    def of(
        cls, objects: ByNamespace[T], work: Callable[[T], V | None], previous: Aligned[T, V] | None = None
    ) -> Aligned[T, V]:
        """What ``work`` makes of each object; of those that ``previous`` has, it is known."""
        if previous is None:
            return cls(objects, {name: list(map(work, part)) for name, part in objects.parts.items()})
        if previous.objects is objects:
            return previous
        values = dict(previous.values_of)
        for name in objects.differing(previous.objects):
            part = objects.of_namespace(name)
            before = previous.objects.of_namespace(name)
            old = cast(Sequence[V], values.pop(name, ()))
            if part:
                known = carried(before, old, part)
                for position in known.new:
                    known.values[position] = work(part[position])
                values[name] = known.values
        return cls(objects, values)

    def within(self, namespace: str) -> Sequence[V | None]:
        return self.values_of.get(namespace, ())

    def __getitem__(self, ref: Ref) -> V:
        kind, namespace, name = ref
        position = self.objects.of_namespace(namespace).at(name, kind)
        value = self.values_of[namespace][position] if position >= 0 else None
        if value is None:
            raise KeyError(ref)
        return value

    def __iter__(self) -> Iterator[Ref]:
        return (obj.ref for obj, value in self.pairs() if value is not None)

    def __len__(self) -> int:
        return sum(value is not None for _, value in self.pairs())

    def pairs(self) -> Iterator[tuple[T, V | None]]:
        for name, part in self.objects.parts.items():
            yield from zip(part, self.values_of[name], strict=True)
