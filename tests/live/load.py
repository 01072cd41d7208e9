"""Many pods, and many changes of them, as fast as the API server takes them.

Functions for tests and benchmarks, and a command for whoever needs the load in a process of its own, so that it
takes no time from the program under test:

    python -m tests.live.load KUBECONFIG pods 10000
    python -m tests.live.load KUBECONFIG churn --rate 1000 --seconds 30

The pods lie on a node that kwok does not play, and get their status from here. That takes less of the machine
than letting kwok run them, and nobody else changes them. Two requests make one pod, since the API server takes
no status with a new object.
"""

from __future__ import annotations

import argparse
import itertools
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal, NamedTuple, TypeVar

from tests.live.connection import MERGE, STRATEGIC, Connection, Json, RefusedError

__all__ = ["Change", "Churn", "Spread", "churn", "create_pods", "pod_paths", "remove_pods"]

Change = Literal["label", "ready"]
"""What a patch changes: a label that no other pod has with that value, or whether the pod is ready."""

_THREADS = 8
"""Requests under way at a time: enough to keep two cores of API server and store busy."""

_NODE = "load"

T = TypeVar("T")


class Spread(NamedTuple):
    """How pods lie over namespaces and apps: pod by pod through every combination."""

    namespaces: int = 20
    apps: int = 50
    prefix: str = "load"

    def names(self) -> list[str]:
        return [f"{self.prefix}-{number:02}" for number in range(self.namespaces)]


class Churn(NamedTuple):
    """What a churn reached: patches that the API server took, the seconds that they took, and the longest that
    one of them took."""

    patches: int
    seconds: float
    slowest: float

    @property
    def rate(self) -> float:
        return self.patches / self.seconds

    def __str__(self) -> str:
        return f"{self.patches} patches in {self.seconds:.1f} s: {self.rate:.0f}/s, the slowest {self.slowest:.2f} s"


def _pod(number: int, spread: Spread) -> tuple[str, Json]:
    """The path to create a pod at, and the pod."""
    app, namespace = divmod(number % (spread.namespaces * spread.apps), spread.namespaces)
    ports = [{"name": "http", "containerPort": 8080}, {"name": "metrics", "containerPort": 9090}]
    pod = {
        "metadata": {
            "name": f"app-{app:02}-{number:06}",
            "labels": {"app": f"app-{app:02}", "tier": ("web", "logic", "data")[app % 3]},
        },
        "spec": {
            "nodeName": _NODE,
            # Nobody on that node would end a pod: without it, deleted pods would stay.
            "terminationGracePeriodSeconds": 0,
            "containers": [{"name": "app", "image": f"app-{app:02}", "ports": ports}],
        },
    }
    return f"/api/v1/namespaces/{spread.names()[namespace]}/pods", pod


def _running(number: int) -> Json:
    """The status of a pod that runs, with an address of its own."""
    address = f"10.{128 + (number >> 16)}.{number >> 8 & 255}.{number & 255}"
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    conditions = ("Initialized", "Ready", "ContainersReady", "PodScheduled")
    container = {
        "name": "app",
        "image": "app",
        "imageID": "",
        "ready": True,
        "restartCount": 0,
        "state": {"running": {"startedAt": now}},
    }
    return {
        "status": {
            "phase": "Running",
            "podIP": address,
            "podIPs": [{"ip": address}],
            "hostIP": "192.0.2.2",
            "hostIPs": [{"ip": "192.0.2.2"}],
            "startTime": now,
            "conditions": [
                {"type": kind, "status": "True", "lastTransitionTime": now} for kind in conditions
            ],
            "containerStatuses": [container],
        }
    }


def _together(kubeconfig: Path, work: Callable[[Connection, int], T], threads: int) -> list[T]:
    """Runs ``work`` in several threads at once, each with a connection and a number of its own."""

    def one(number: int) -> T:
        with Connection.of(kubeconfig) as connection:
            return work(connection, number)

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(one, range(threads)))


def _ensure(connection: Connection, path: str, body: Json) -> None:
    try:
        connection.post(path, body)
    except RefusedError as error:
        if error.code != 409:
            raise


def create_pods(
    kubeconfig: Path, count: int, spread: Spread = Spread(), *, first: int = 0, threads: int = _THREADS
) -> float:
    """Creates running pods with addresses; returns the seconds. ``first`` is the number of the first pod, to add
    to pods that are there."""
    start = time.monotonic()
    with Connection.of(kubeconfig) as connection:
        status = {"conditions": [{"type": "Ready", "status": "True"}]}
        # No scheduler puts other pods there, where they would wait for ever.
        node = {"metadata": {"name": _NODE}, "spec": {"unschedulable": True}, "status": status}
        _ensure(connection, "/api/v1/nodes", node)
        for name in spread.names():
            _ensure(connection, "/api/v1/namespaces", {"metadata": {"name": name}})

    def work(connection: Connection, thread: int) -> None:
        for number in range(first + thread, first + count, threads):
            path, pod = _pod(number, spread)
            connection.write("POST", path, pod)
            connection.write("PATCH", f"{path}/{pod['metadata']['name']}/status", _running(number), MERGE)

    _together(kubeconfig, work, threads)
    return time.monotonic() - start


def remove_pods(kubeconfig: Path, spread: Spread = Spread()) -> None:
    """Deletes the namespaces; a controller then empties them, which nobody waits for here."""
    with Connection.of(kubeconfig) as connection:
        for name in spread.names():
            connection.delete(f"/api/v1/namespaces/{name}")


def pod_paths(kubeconfig: Path, spread: Spread = Spread()) -> list[str]:
    """Where each of the pods is in the API, for ``churn``."""
    paths = []
    with Connection.of(kubeconfig) as connection:
        for name in spread.names():
            path = f"/api/v1/namespaces/{name}/pods"
            paths += [f"{path}/{pod['metadata']['name']}" for pod in connection.get(path)["items"]]
    return paths


def _change(connection: Connection, path: str, change: Change, number: int, ready: bool) -> None:
    if change == "label":
        connection.write("PATCH", path, {"metadata": {"labels": {"churn": str(number)}}}, MERGE)
    else:
        condition = {"type": "Ready", "status": str(ready)}
        connection.write("PATCH", f"{path}/status", {"status": {"conditions": [condition]}}, STRATEGIC)


def churn(
    kubeconfig: Path,
    paths: Sequence[str],
    rate: float,
    seconds: float,
    *,
    changes: Sequence[Change] = ("label", "ready"),
    threads: int = _THREADS,
) -> Churn:
    """Patches pods one after the other, again and again, ``rate`` of them a second as long as the API server
    keeps up; else as many as it takes. Each change is made to all pods before the next of ``changes``."""
    start = time.monotonic()
    end = start + seconds
    # Shared by the threads, so that one that waits for its answer keeps nothing from being done in time.
    numbers = itertools.count()

    def work(connection: Connection, _: int) -> list[float]:
        took: list[float] = []
        while True:
            number = next(numbers)
            due = start + number / rate
            if max(due, time.monotonic()) >= end:
                return took
            time.sleep(max(0.0, due - time.monotonic()))
            before = time.monotonic()
            turn, pod = divmod(number, len(paths))
            # Not ready at the first time round, ready again at the second.
            again, change = divmod(turn, len(changes))
            _change(connection, paths[pod], changes[change], number, ready=again % 2 == 1)
            took.append(time.monotonic() - before)

    took = [patch for some in _together(kubeconfig, work, threads) for patch in some]
    return Churn(len(took), max(seconds, time.monotonic() - start), max(took, default=0.0))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.live.load")
    parser.add_argument("kubeconfig", type=Path, help="of an administrator of a running ControlPlane")
    commands = parser.add_subparsers(required=True, dest="command")
    pods = commands.add_parser("pods", help="create running pods")
    pods.add_argument("count", type=int)
    changing = commands.add_parser("churn", help="patch the pods that are there")
    changing.add_argument("--rate", type=float, default=1000)
    changing.add_argument("--seconds", type=float, default=30)
    options = parser.parse_args()
    if options.command == "pods":
        print(f"{options.count} pods in {create_pods(options.kubeconfig, options.count):.1f} s")
    else:
        print(churn(options.kubeconfig, pod_paths(options.kubeconfig), options.rate, options.seconds))


if __name__ == "__main__":
    main()
