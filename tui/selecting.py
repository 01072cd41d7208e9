"""The object that the command line names, for the explorer to go to first."""

from __future__ import annotations

from policy_core.ends import EndError, Ends, Pods
from policy_core.evaluation import Evaluation
from policy_core.model import Ref
from tui.options import UsageError

__all__ = ["selected"]


def selected(evaluation: Evaluation, name: str, namespace: str) -> Ref:
    """The pod or the Service that ``name`` means; without a namespace of its own it is in ``namespace``.
    Raises UsageError where there is none."""
    path = name if "/" in name else f"{namespace or 'default'}/{name}"
    pod = Ref("Pod", *path.split("/", 1))
    if pod in evaluation.pods:  # a finished one too, though it is no end of any connection
        return pod
    try:
        end = Ends(evaluation, namespace or "default").find(name)
    except EndError as error:
        raise UsageError(str(error)) from error
    if isinstance(end, Pods):
        return end.pods[0].ref
    ref = getattr(end, "ref", None)
    if not isinstance(ref, Ref):
        raise UsageError(f"{name} is an address, and not an object to go to")
    return ref
