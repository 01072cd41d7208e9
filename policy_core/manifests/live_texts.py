"""The manifests of live objects: kept small, and written out as YAML only when somebody looks at one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, lru_cache
from typing import Any

from policy_core.manifests.dumping import yaml_text

__all__ = ["LiveTexts"]


class LiveTexts(Mapping[str, str]):
    """By the name that origins use, each object's YAML. Made of compact JSON, by the same names: asked for
    when somebody looks at one, it must not change any more."""

    def __init__(self, compact: Callable[[], Mapping[str, bytes]]) -> None:
        self._asked = compact

    @cached_property
    def _compact(self) -> Mapping[str, bytes]:
        return self._asked()

    def __getitem__(self, name: str) -> str:
        return _yaml(self._compact[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._compact)

    def __len__(self) -> int:
        return len(self._compact)

    def values_of(self, names: Iterator[str]) -> Iterator[dict[str, Any]]:
        """The plain values of the objects of those names."""
        for name in names:
            yield json.loads(self._compact[name])


@lru_cache(maxsize=256)
def _yaml(compact: bytes) -> str:
    return yaml_text(json.loads(compact))
