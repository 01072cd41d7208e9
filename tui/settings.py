"""What the person has set down once for all: ``config.toml`` in the user's configuration folder."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from platformdirs import user_config_path

from tui.options import UsageError

__all__ = ["Settings"]

_NAMESPACES = "namespaces"


@dataclass(frozen=True, slots=True)
class Settings:
    """``namespaces`` are tried wherever a kind may not be read in the whole cluster; ``by_context`` those
    that are only tried in one context."""

    namespaces: tuple[str, ...] = ()
    by_context: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path | None = None) -> Settings:
        """From ``path``, by default where the user's configuration is. Raises UsageError where the file says
        something that cannot be meant."""
        path = path or user_config_path("netpol-tui") / "config.toml"
        try:
            content = tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return cls()
        except OSError as error:
            raise UsageError(f"{path}: cannot be read: {error.strerror or error}") from error
        except ValueError as error:  # no TOML, or no text at all
            raise UsageError(f"{path}: {error}") from error
        _only(content, {_NAMESPACES, "contexts"}, path, "")
        contexts = content.get("contexts", {})
        if not isinstance(contexts, dict) or not all(isinstance(value, dict) for value in contexts.values()):
            raise UsageError(f"{path}: contexts: a table for each context belongs here")
        for name, value in contexts.items():
            _only(value, {_NAMESPACES}, path, f"contexts.{name}: ")
        return cls(
            _names(content, path, ""),
            {name: _names(value, path, f"contexts.{name}: ") for name, value in contexts.items()},
        )

    def namespaces_of(self, context: str) -> tuple[str, ...]:
        """Those to try in ``context``."""
        return (*self.by_context.get(context, ()), *self.namespaces)


def _only(table: dict[str, Any], known: set[str], path: Path, where: str) -> None:
    for name in table.keys() - known:
        raise UsageError(f"{path}: {where}there is no setting {name}; there are {', '.join(sorted(known))}")


def _names(table: dict[str, Any], path: Path, where: str) -> tuple[str, ...]:
    names = table.get(_NAMESPACES, [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise UsageError(f"{path}: {where}namespaces: a list of names belongs here")
    return tuple(names)
