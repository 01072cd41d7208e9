"""Where the person was last: for each context its namespace, in the user's state folder.

It is a convenience, so what cannot be read or written is as good as forgotten.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from platformdirs import user_state_path

__all__ = ["Memory"]

_MOST = 100
"""Contexts that are remembered; those of short-lived clusters would add up."""


class Memory:
    """``path`` None remembers nothing."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    @classmethod
    def of_user(cls) -> Memory:
        return cls(user_state_path("netpol-tui") / "contexts.json")

    def namespace(self, context: str) -> str:
        """The namespace that was last in scope there; empty for all of them."""
        return self._load().get(context, ("", 0.0))[0]

    def recent(self) -> list[str]:
        """The contexts that were looked at, the last one first."""
        known = self._load()
        return sorted(known, key=lambda name: known[name][1], reverse=True)

    def note(self, context: str, namespace: str) -> None:
        """The person is there now."""
        if self._path is None:
            return
        known = self._load() | {context: (namespace, time.time())}
        for name in sorted(known, key=lambda name: known[name][1])[:-_MOST]:
            del known[name]
        content = {name: {"namespace": where, "last": when} for name, (where, when) in known.items()}
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(dir=self._path.parent)  # another one may write as well
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump({"contexts": content}, file, indent=1)
            Path(name).replace(self._path)

    def _load(self) -> dict[str, tuple[str, float]]:
        try:
            content = json.loads(self._path.read_text(encoding="utf-8")) if self._path else {}
            return {
                str(name): (str(entry["namespace"]), float(entry["last"]))
                for name, entry in content.get("contexts", {}).items()
            }
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return {}
