"""Small clusters for tests, written as manifests and read by the real reader."""

from __future__ import annotations

import io
from ipaddress import ip_address
from textwrap import dedent

from policy_core.evaluation import Evaluation
from policy_core.model import Pod
from policy_core.snapshot import Snapshot, assemble
from policy_core.sources import files
from policy_core.verdict import Connection, End, connection


def snapshot(text: str) -> Snapshot:
    manifests = dedent(text).encode()
    return assemble(files.read(["-"], stdin=io.BytesIO(manifests)))


def evaluate(text: str) -> Evaluation:
    return Evaluation.of(snapshot(text))


def the_pod(evaluation: Evaluation, path: str) -> Pod | None:
    """The pod ``namespace/name``, finished ones too, or the one workload of that name whose template stands
    for its pods."""
    found = [pod for pod in evaluation.snapshot.pods if pod.ref.path == path]
    live = [pod for pod in found if not pod.is_template] or found
    return live[0] if len(live) == 1 else None


def judge(
    evaluation: Evaluation, source: str, destination: str, port: int, protocol: str = "TCP"
) -> Connection:
    """``source`` and ``destination`` are ``namespace/name`` or addresses."""

    def end(text: str) -> End:
        if "/" not in text:
            return ip_address(text)
        pod = the_pod(evaluation, text)
        assert pod is not None, f"no pod {text}"
        return pod

    return connection(evaluation.policies, end(source), end(destination), protocol, port)


def verdict(evaluation: Evaluation, source: str, destination: str, port: int, protocol: str = "TCP") -> str:
    return judge(evaluation, source, destination, port, protocol).verdict.value


def pod(name: str, ip: str = "", *, namespace: str = "x", more: str = "", **labels: str) -> str:
    """One pod's document. ``ip`` may hold two addresses with a comma; ``more`` is further YAML for ``spec``,
    on one line in flow style, as ``hostNetwork: true, nodeName: n1``."""
    ips = ", ".join(f"{{ip: '{address}'}}" for address in ip.split(",") if address)
    pairs = ", ".join(f"{key}: '{value}'" for key, value in labels.items())
    spec = f"{{containers: [{{name: c}}]{', ' + more if more else ''}}}"
    return (
        f"---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: {namespace}, labels: {{{pairs}}}}}\n"
        f"spec: {spec}\nstatus: {{phase: Running, podIPs: [{ips}]}}\n"
    )


def policy(name: str, spec: str, *, namespace: str = "x") -> str:
    """One NetworkPolicy's document; ``spec`` in YAML flow style."""
    return (
        "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n"
        f"metadata: {{name: {name}, namespace: {namespace}}}\nspec: {spec}\n"
    )


def namespace(name: str, **labels: str) -> str:
    pairs = ", ".join(f"{key}: '{value}'" for key, value in labels.items())
    return f"---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}, labels: {{{pairs}}}}}\n"


def service(name: str, spec: str, *, namespace: str = "x", more: str = "") -> str:
    return (
        f"---\napiVersion: v1\nkind: Service\nmetadata: {{name: {name}, namespace: {namespace}}}\n"
        f"spec: {spec}\n{more}\n"
    )
