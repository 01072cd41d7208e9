"""Which parts of a manifest nobody reads, by exact position.

Building values costs more than parsing, so the reader steps over these parts. A table is a mapping from
field names to the table of what is below; a sequence hands its own table on to its items.
"""

from __future__ import annotations

from typing import Any

__all__ = ["KINDS_READ", "METADATA", "OBJECT", "OTHER_OBJECT", "SKIP", "SKIPPED", "Only", "Table"]


class _Skipped:
    def __repr__(self) -> str:
        return "(skipped)"


SKIPPED: Any = _Skipped()
"""Stands in the values for what was stepped over: the field is there, whatever is in it."""


class Table(dict[str, "Table | None"]):
    """Fields that are not listed are read, with all that is below them."""

    __slots__ = ()

    def __missing__(self, key: str) -> Table | None:
        return None


class Only(Table):
    """Fields that are not listed are skipped."""

    __slots__ = ()

    def __missing__(self, key: str) -> Table | None:
        return SKIP


SKIP = Table()


def _fields(names: str, **tables: Table | None) -> dict[str, Table | None]:
    return {**dict.fromkeys(names.split()), **tables}


_CONTAINER = Only(
    _fields("name ports restartPolicy image command args", env=Only(_fields("name value")))
)  # whether the pod uses its node's network, and so may be a network plugin's, comes only later
_INIT_CONTAINER = Only(_fields("name ports restartPolicy"))
METADATA = Only(
    _fields(
        "name generateName namespace labels annotations deletionTimestamp",
        ownerReferences=Only(_fields("apiVersion kind name controller")),
    )
)
_POD_FIELDS: dict[str, Table | None] = {
    "containers": _CONTAINER,
    "initContainers": _INIT_CONTAINER,
    **dict.fromkeys(("affinity", "ephemeralContainers", "securityContext", "tolerations", "volumes"), SKIP),
}
_TEMPLATE = Table(metadata=METADATA, spec=Table(_POD_FIELDS))
_SPEC = Table(
    _POD_FIELDS,
    template=_TEMPLATE,
    jobTemplate=Table(metadata=METADATA, spec=Table(template=_TEMPLATE)),
    volumeClaimTemplates=SKIP,
)
_CONDITION = Only(_fields("type status"))
_STATUS = Only(
    _fields(
        "phase podIP podIPs hostIP hostIPs loadBalancer addresses",
        conditions=_CONDITION,
        parents=Only(_fields("parentRef controllerName", conditions=_CONDITION)),
    )
)

OBJECT = Table(metadata=METADATA, spec=_SPEC, status=_STATUS, data=SKIP, binaryData=SKIP, stringData=SKIP)
"""Positions that no kind this tool reads puts to another use."""
OBJECT["items"] = OBJECT

OTHER_OBJECT = Only(_fields("apiVersion kind", metadata=METADATA, items=OBJECT))
"""An object whose kind plays no part here."""

_KINDS = """
    Pod Service Namespace Node ServiceCIDR Endpoints EndpointSlice NetworkPolicy Ingress ReferenceGrant
    IngressClass Gateway GatewayClass
    Deployment StatefulSet DaemonSet ReplicaSet ReplicationController Job CronJob
    HTTPRoute GRPCRoute TLSRoute TCPRoute UDPRoute
    ClusterNetworkPolicy AdminNetworkPolicy BaselineAdminNetworkPolicy ApplicationNetworkPolicy
    CiliumNetworkPolicy CiliumClusterwideNetworkPolicy GlobalNetworkPolicy
    AuthorizationPolicy SecurityGroupPolicy EgressFirewall EgressNetworkPolicy Coverage
"""
KINDS_READ = frozenset(_KINDS.split())
"""Names alone: this only decides what to step over, not what an object is."""
