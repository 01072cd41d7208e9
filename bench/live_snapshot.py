"""One reading of a real cluster, in a process of its own: ``python -m bench.live_snapshot KUBECONFIG raw``.

``raw`` is what the program does: pages of plain JSON, trimmed as they come, put together and indexed.
``typed`` only lists the same kinds with the official client's typed models, in pages of the same size. Prints
what was read and the most memory that it took, in MB.
"""

from __future__ import annotations

import json
import resource
import sys

__all__ = ["raw", "typed"]


def raw(kubeconfig: str) -> int:
    """Returns the number of pods."""
    from policy_core.evaluation import Evaluation
    from policy_core.snapshot import assemble
    from policy_core.sources.cluster.connection import Connection
    from policy_core.sources.cluster.once import read

    evaluation = Evaluation.of(assemble(read(Connection.to(kubeconfig=kubeconfig))))
    return len(evaluation.pods)


def typed(kubeconfig: str) -> int:
    """Returns the number of pods."""
    from kubernetes import client, config

    config.load_kube_config(kubeconfig)
    core, networking = client.CoreV1Api(), client.NetworkingV1Api()
    discovery = client.DiscoveryV1Api()
    lists = (
        core.list_namespace,
        core.list_node,
        core.list_service_for_all_namespaces,
        core.list_pod_for_all_namespaces,
        discovery.list_endpoint_slice_for_all_namespaces,
        networking.list_network_policy_for_all_namespaces,
        networking.list_ingress_for_all_namespaces,
        networking.list_service_cidr,
    )
    kept = []
    pods = 0
    for listed in lists:
        token = ""
        while True:
            page = listed(limit=500, _continue=token) if token else listed(limit=500)
            kept += page.items
            pods += len(page.items) if listed is lists[3] else 0
            token = page.metadata._continue or ""
            if not token:
                break
    return pods


if __name__ == "__main__":
    found = {"raw": raw, "typed": typed}[sys.argv[2]](sys.argv[1])
    print(json.dumps({"pods": found, "MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}))
