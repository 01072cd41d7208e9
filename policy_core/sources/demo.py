"""The embedded demos: small bundles that are worth exploring."""

from __future__ import annotations

from importlib import resources

from policy_core.manifests.collect import Collector
from policy_core.model import Reading

__all__ = ["DEFAULT", "DEMOS", "read"]

DEFAULT = "shop"
DEMOS = {DEFAULT: "demo", "tiers": "demo_tiers"}
"""By name the folder of each: a shop with Services and NetworkPolicies, and a cluster whose administrators
decide before and after those."""


def read(name: str = DEFAULT) -> Reading:
    """The bundle's manifests, in name order, as files named ``demo/…`` (of another demo ``demo-NAME/…``)."""
    title = "demo" if name == DEFAULT else f"demo-{name}"
    collector = Collector()
    folder = resources.files("policy_core.sources") / DEMOS[name]
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".yaml"):
            collector.add(f"{title}/{file.name}", file.read_text(encoding="utf-8"))
    return collector.reading(title)
