"""1,000 expectations on 10,000 pods, in whole processes: ``python -m bench.bench_check``.

The cluster has 1,000 pod classes and 1,000 policies, as ``kubectl get -o json`` would print it. Measured is
what ``netpol-tui check`` takes beyond a process that reads and compiles the same file and ends: both in turn,
so that a busy machine slows both, and the difference is taken within each pair. Processor time is told as
well: each process has one thread, so on an idle machine it takes no longer than that.
"""

from __future__ import annotations

import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.timing import RUNS, Figure, table

__all__ = ["bundle", "expectations", "main"]

_APPS = 10
_PODS = 10
"""Of one app."""

_LOAD = """
import sys
from policy_core.evaluation import Evaluation
from policy_core.snapshot import assemble
from policy_core.sources import files
from tui import cli
Evaluation.of(assemble(files.read(sys.argv[1:])))
"""

_SEED = 20

Json = dict[str, Any]


def bundle(namespaces: int) -> Json:
    """In each namespace ten apps of ten pods, each app with a Service and a policy."""
    items = [item for number in range(namespaces) for item in _namespace(number, namespaces)]
    return {"apiVersion": "v1", "kind": "List", "items": items}


def _namespace(number: int, namespaces: int) -> Iterator[Json]:
    name = f"ns-{number}"
    yield _object("v1", "Namespace", "", name, {}, {"team": f"team-{number % 7}"})
    for app in range(_APPS):
        label = {"app": f"app-{app}"}
        for pod in range(_PODS):
            address = f"10.{number}.{app}.{pod + 1}"
            port = {"name": "http", "containerPort": 8080}
            made = _object(
                "v1", "Pod", name, f"app-{app}-{pod}", {"containers": [{"name": "c", "ports": [port]}]}, label
            )
            yield {**made, "status": {"phase": "Running", "podIP": address, "podIPs": [{"ip": address}]}}
        service = {"selector": label, "ports": [{"port": 80, "targetPort": "http"}]}
        yield _object("v1", "Service", name, f"app-{app}", service)
        caller, called = (
            {"podSelector": {"matchLabels": {"app": f"app-{(app + step) % _APPS}"}}} for step in (1, -1)
        )
        team = {"namespaceSelector": {"matchLabels": {"team": f"team-{app % 7}"}}, "podSelector": {}}
        outside = {"ipBlock": {"cidr": f"10.{(number + 1) % namespaces}.0.0/16"}}
        spec = {
            "podSelector": {"matchLabels": label},
            "policyTypes": ["Ingress", "Egress"],
            "ingress": [{"from": [caller, team], "ports": [{"port": "http"}]}],
            "egress": [{"to": [called, outside]}, {"ports": [{"port": 53, "protocol": "UDP"}]}],
        }
        yield _object("networking.k8s.io/v1", "NetworkPolicy", name, f"app-{app}", spec)


def _object(
    version: str, kind: str, namespace: str, name: str, spec: Json, labels: dict[str, str] | None = None
) -> Json:
    metadata = {"name": name, **({"namespace": namespace} if namespace else {}), "labels": labels or {}}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec}


def expectations(count: int, namespaces: int) -> list[Json]:
    """From pods to pods, Services and addresses in turn; every other one within one namespace, and of those
    half from an app that may."""
    chosen = random.Random(_SEED)
    found = []
    for number in range(count):
        source = chosen.randrange(namespaces)
        target = source if number % 2 else chosen.randrange(namespaces)
        app, pod = chosen.randrange(_APPS), chosen.randrange(_PODS)
        to, port = (
            (f"ns-{target}/app-{app}-{pod}", 8080),
            (f"service:ns-{target}/app-{app}", 80),
            (f"203.0.113.{pod}", 443),
        )[number % 3]
        caller = chosen.choice((app + 1, chosen.randrange(_APPS))) % _APPS
        start = f"ns-{source}/app-{caller}-{chosen.randrange(_PODS)}"
        found.append({"from": start, "to": to, "port": port, "protocol": "TCP", "expect": "deny"})
    return found


def _run(command: list[str]) -> tuple[float, float, str]:
    """Milliseconds by the clock and of the processor, and what it printed."""
    started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True)
    if done.returncode not in (0, 1):
        raise SystemExit(done.stderr)
    took, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return took * 1000, processor * 1000, done.stdout


def _write(path: Path, entries: list[Json]) -> None:
    """As YAML, which takes longer to read than JSON."""
    lines = (f"{'-' if not i else ' '} {k}: {v}" for e in entries for i, (k, v) in enumerate(e.items()))
    path.write_text("\n".join(lines) + "\n")


def main(namespaces: int = 100, count: int = 1_000, runs: int = RUNS * 2) -> None:
    print("\n## Expectations\n")
    with tempfile.TemporaryDirectory() as folder:
        cluster, file = Path(folder) / "cluster.json", Path(folder) / "expect.yaml"
        cluster.write_text(json.dumps(bundle(namespaces)))
        entries = expectations(count, namespaces)
        _write(file, entries)
        check = ["-m", "tui", "check", "-f", str(cluster), str(file)]
        results = json.loads(_run([*check, "-o", "json"])[2])["results"]
        for entry, result in zip(entries, results, strict=True):
            entry["expect"] = result["verdict"]
        some = [entry | ({"expect": "partial"} if not i % 100 else {}) for i, entry in enumerate(entries)]
        cases = [("all hold", entries, []), ("1 in 100 differs", some, [])]
        cases += [(f"1 in 100 differs, -o {form}", some, ["-o", form]) for form in ("json", "junit")]
        rows = []
        for label, wanted, words in cases:
            _write(file, wanted)
            load = ["-c", _LOAD, str(cluster)]
            pairs = [(_run([*check, *words]), _run(load)) for _ in range(runs)]
            clock, processor = (
                Figure(tuple(ours[unit] - base[unit] for ours, base in pairs)) for unit in (0, 1)
            )
            whole = Figure(tuple(ours[0] for ours, _ in pairs))
            rows.append([label, str(whole), str(clock), str(processor)])
    verdicts = [result["verdict"] for result in results]
    told = ", ".join(f"{verdicts.count(word)} {word}" for word in sorted(set(verdicts)))
    print(f"{count:,} expectations ({told}) on {namespaces * _APPS * _PODS:,} pods\n")
    titles = ["ms, median (min–max)", "check", "beyond reading the bundle", "of that, the processor"]
    print(table(titles, rows))


if __name__ == "__main__":
    main()
