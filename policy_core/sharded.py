"""A mapping of many keys that can be changed a little without being copied."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any, Generic, TypeVar

__all__ = ["Sharded"]

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

_SHARDS = 4096
"""Of 300,000 keys a change copies some 70 of them, and the list of the shards."""
_EMPTY: dict[Any, Any] = {}


class Sharded(Generic[K, V]):
    """Under each key any number of values. Immutable."""

    def __init__(self, shards: list[dict[K, tuple[V, ...]]] | None = None) -> None:
        self._shards = [_EMPTY] * _SHARDS if shards is None else shards

    def get(self, key: K) -> tuple[V, ...]:
        return self._shards[hash(key) % _SHARDS].get(key, ())

    def after(self, gone: Iterable[tuple[K, V]], new: Iterable[tuple[K, V]]) -> Sharded[K, V]:
        """The same without the values of ``gone`` and with those of ``new``."""
        shards = list(self._shards)
        copied: set[int] = set()

        def shard(key: K) -> dict[K, tuple[V, ...]]:
            number = hash(key) % _SHARDS
            if number not in copied:
                copied.add(number)
                shards[number] = dict(shards[number])
            return shards[number]

        for key, value in gone:
            here = shard(key)
            left = tuple(other for other in here.get(key, ()) if other != value)
            if left:
                here[key] = left
            else:
                here.pop(key, None)
        ones: dict[int, tuple[V, ...]] = {}
        """Most keys have one value, and most values several keys: those share what they are kept in."""
        for key, value in new:
            here = shard(key)
            others = here.get(key)
            if others is None:
                here[key] = ones.setdefault(id(value), (value,))
            elif value not in others:
                here[key] = (*others, value)
        for number in copied:
            if not shards[number]:
                shards[number] = _EMPTY
        return Sharded(shards)
