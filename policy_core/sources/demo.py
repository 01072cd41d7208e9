"""The embedded demo: a small bundle that is worth exploring."""

from __future__ import annotations

from importlib import resources

from policy_core.manifests.collect import Collector
from policy_core.model import Reading

__all__ = ["read"]


def read() -> Reading:
    """The bundle's manifests, in name order, as files named ``demo/…``."""
    collector = Collector()
    folder = resources.files("policy_core.sources") / "demo"
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".yaml"):
            collector.add(f"demo/{file.name}", file.read_text(encoding="utf-8"))
    return collector.reading("demo")
