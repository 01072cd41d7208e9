"""What to know of the network plugin before trusting a verdict."""

from __future__ import annotations

from collections.abc import Iterator

from policy_core.enforcement import enforcement_in
from policy_core.evaluation import Evaluation
from policy_core.model import Pod

__all__ = ["about_enforcement"]


def about_enforcement(evaluation: Evaluation, isolated: bool, pod: Pod | None = None) -> Iterator[str]:
    """Sentences about one pod, or about all of them. ``isolated``: whether policy isolates it, or any."""
    if pod is not None and (pod.finished or pod.host_network):
        return
    plugin = enforcement_in(evaluation)
    if isolated and plugin.enforced is False:
        yield f"Policy is {plugin.told}. What is denied here may get through."
    yield from plugin.always
    if isolated:
        yield from plugin.caveats
    present = dict.fromkeys(policy.kind for policy in evaluation.snapshot.tiered_policies)
    for enforced, said in plugin.tiers_in_words(present) if plugin.evidence else ():
        if not enforced:
            yield f"{said}."
