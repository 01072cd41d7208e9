"""Writes every scenario's files: ``python -m tests.scenarios.tiers.generate``."""

from __future__ import annotations

from pathlib import Path

from tests.scenarios.tiers import gress, peers, several
from tests.scenarios.tiers.manifests import VERSIONS

__all__ = ["FOLDER", "SCENARIOS", "files"]

FOLDER = Path(__file__).parent
SCENARIOS = (*gress.SCENARIOS, *peers.SCENARIOS, *several.SCENARIOS)


def files() -> dict[str, str]:
    """The text of every file by its path below this folder."""
    written: dict[str, str] = {}
    for scenario in SCENARIOS:
        if f"{scenario.slug}/expect.yaml" in written:
            raise ValueError(f"two scenarios are called {scenario.slug}")
        for version in VERSIONS:
            written[f"{scenario.slug}/{version}.yaml"] = scenario.bundle(version)
        written[f"{scenario.slug}/expect.yaml"] = scenario.expectations()
    return written


def main() -> None:
    for path, text in files().items():
        file = FOLDER / path
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
