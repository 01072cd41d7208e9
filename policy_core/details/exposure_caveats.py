"""What to know of a list of exposed pods, in sentences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from policy_core.details.exposure import Exposed
from policy_core.evaluation import Evaluation
from policy_core.exposure import Sight, Way
from policy_core.kinds import GATEWAYS, ROUTES
from policy_core.proxies import Path
from policy_core.unread_caveats import about_counts
from policy_core.verdict import Verdict

__all__ = ["exposure_caveats"]


_BY_POD = (Path.PODS, Path.UNKNOWN)


def exposure_caveats(evaluation: Evaluation, exposed: Iterable[Exposed]) -> tuple[str, ...]:
    """First what could not be read, then how the ways that occur behave."""
    return (*_unread(evaluation), *_about_ways(list(exposed)))


def _unread(evaluation: Evaluation) -> Iterator[str]:
    snapshot, unread = evaluation.snapshot, evaluation.snapshot.unread
    if unread.some("Service"):
        yield f"{unread.said(['Service'])}: there may be exposed pods that are not shown."
    leading = [kind for kind in snapshot.coverage if kind in ROUTES and unread.some(kind)]
    if leading:
        yield f"{unread.said(leading)}: pods may be exposed by more than is shown."
    serving = [kind for kind in GATEWAYS if unread.some(kind)]
    if serving:
        yield f"{unread.said(serving)}: whose controller serves an Ingress or a route may not be known."
    yield from about_counts(snapshot, "exposed ones among them are not shown")


def _about_ways(every: list[Exposed]) -> Iterator[str]:
    ways = {each.way for each in every}
    if any(each.entrance.proxy and each.entrance.proxy.path in _BY_POD for each in every):
        yield (
            "What comes through an Ingress or a route comes from a pod of its controller: policy judges that "
            "pod, not the client."
        )
    if Way.LOAD_BALANCER in ways:
        yield "A load balancer may replace the client's address as well, or turn clients away itself."
    hidden = [each for each in every if each.entrance.sight is Sight.NODE]
    if any(each.verdict is Verdict.DENY for each in hidden):
        yield (
            "externalTrafficPolicy Cluster: where the pod's own node puts its address in place of the "
            "client's, plugins may let that in as they do all that comes from the pod's own node."
        )
    if Way.HOST_PORT in ways:
        yield (
            "hostPort: plugins differ on whether policy sees the client's address there or that of the "
            "pod's own node, which they let in."
        )
    if Way.HOST_NETWORK in ways:
        yield (
            "hostNetwork pods may listen on more ports than they declare. Policy does not isolate them, as "
            "most network plugins have it."
        )
