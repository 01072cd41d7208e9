"""What an object is called, and where it was read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

__all__ = ["Origin", "Ref", "kind_in_group"]


class Ref(NamedTuple):
    """An object's identity. ``namespace`` is empty for cluster-scoped kinds."""

    kind: str
    namespace: str
    name: str

    @property
    def path(self) -> str:
        """``namespace/name``, or the name alone for a cluster-scoped object."""
        return f"{self.namespace}/{self.name}" if self.namespace else self.name

    def __str__(self) -> str:
        return f"{self.kind} {self.path}"


_HOME_GROUPS = {"NetworkPolicy": "networking.k8s.io", "ClusterNetworkPolicy": "policy.networking.k8s.io"}
"""Kinds whose name other groups use as well."""


def kind_in_group(kind: str, group: str) -> str:
    """``kind`` as a :class:`Ref` has it: with its group, as kubectl writes it, where the name alone would
    mean an object of another group."""
    return kind if _HOME_GROUPS.get(kind, group) == group else f"{kind}.{group}"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an object was read: ``file`` as the user named it (``<stdin>`` for standard input), ``document``
    counted from 1 within it, and the object's first and last line, both counted from 1 and inclusive; no last
    line means the file's, which for an object of a cluster is written only when somebody looks at it. JSON
    and YAML in flow style may have many objects on one line, so there ``at`` is the character at which the
    object starts, from 0."""

    file: str
    document: int
    line: int
    end_line: int | None
    at: int | None = None

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"

    def holds(self, line: int) -> bool:
        """Whether that line of the file is one of the object's."""
        return self.line <= line and (self.end_line is None or line <= self.end_line)
