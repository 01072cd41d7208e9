"""Which clusters the user's kubeconfig knows, and which of them is meant.

The rules are kubectl's: of several files the first that says something counts. The official client takes the
current context from the last one, so it is always told which context to open.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from policy_core.sources.cluster.errors import KubeconfigError

__all__ = ["Context", "Kubeconfig"]

_DEFAULT = "~/.kube/config"
_VARIABLE = "KUBECONFIG"


@dataclass(frozen=True, slots=True)
class Context:
    """``namespace`` is empty where the context names none. ``impersonates`` are the request headers that the
    user's ``as`` fields stand for, which the official client does not send."""

    name: str
    cluster: str = ""
    namespace: str = ""
    impersonates: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Kubeconfig:
    """``files`` as the user wrote them, joined as in the variable KUBECONFIG."""

    files: str
    current: str = ""
    """``current-context``; empty where none is set."""
    contexts: Mapping[str, Context] = field(default_factory=dict)

    @classmethod
    def load(cls, explicit: str | None = None) -> Kubeconfig | None:
        """The files named by ``explicit``, else by the variable KUBECONFIG, else the default one; None where
        there is none. Raises KubeconfigError where one cannot be read, or the explicit one is not there."""
        if explicit is not None and not Path(explicit).expanduser().exists():
            raise KubeconfigError(f"{explicit}: no such file")
        named = explicit or os.environ.get(_VARIABLE) or _DEFAULT
        paths = [explicit] if explicit else named.split(os.pathsep)
        found = [(path, _read(path)) for path in paths if path and Path(path).expanduser().exists()]
        if not found:
            return None
        users = _first_of_each(found, "users", "user")
        contexts = {
            name: _context(name, value, users)
            for name, value in _first_of_each(found, "contexts", "context").items()
        }
        current = next((str(c["current-context"]) for _, c in found if c.get("current-context")), "")
        return cls(os.pathsep.join(path for path, _ in found), current, contexts)

    def context(self, name: str | None = None) -> Context:
        """The context of that name, by default the current one. Raises KubeconfigError if there is none."""
        wanted = name or self.current
        if not wanted:
            raise KubeconfigError(f"no current context in {self.files}: name one (--context){self._listed()}")
        if wanted not in self.contexts:
            raise KubeconfigError(f"no context {wanted} in {self.files}{self._listed()}")
        return self.contexts[wanted]

    def _listed(self) -> str:
        names = sorted(self.contexts)
        more = ", …" if len(names) > 8 else ""
        return f"; there are {', '.join(names[:8])}{more}" if names else "; it has no context at all"


def _read(path: str) -> dict[str, Any]:
    try:
        with Path(path).expanduser().open(encoding="utf-8") as file:
            content = yaml.load(file, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    except OSError as error:
        raise KubeconfigError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        first = str(error).partition("\n")[0]
        raise KubeconfigError(f"{path}: no kubeconfig: {first}") from error
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise KubeconfigError(
            f"{path}: no kubeconfig: a mapping with clusters, users and contexts belongs here"
        )
    return content


def _first_of_each(files: list[tuple[str, dict[str, Any]]], plural: str, singular: str) -> dict[str, Any]:
    """By name what the entries of a list hold; the first file that has a name counts."""
    found: dict[str, Any] = {}
    for _, content in files:
        for entry in content.get(plural) or ():
            if isinstance(entry, dict) and isinstance(entry.get(singular), dict):
                found.setdefault(str(entry.get("name")), entry[singular])
    return found


def _context(name: str, value: dict[str, Any], users: dict[str, Any]) -> Context:
    user = users.get(str(value.get("user")), {})
    return Context(
        name,
        str(value.get("cluster") or ""),
        str(value.get("namespace") or ""),
        tuple(_impersonation(user)),
    )


def _impersonation(user: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if user.get("as"):
        yield "Impersonate-User", str(user["as"])
    if user.get("as-uid"):
        yield "Impersonate-Uid", str(user["as-uid"])
    for group in user.get("as-groups") or ():
        yield "Impersonate-Group", str(group)
    for key, values in (user.get("as-user-extra") or {}).items():
        for value in values or ():
            yield f"Impersonate-Extra-{key}", str(value)
