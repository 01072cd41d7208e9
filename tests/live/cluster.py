"""A Kubernetes control plane on loopback: etcd, API server, controllers, scheduler, and kwok as the nodes.

    with ControlPlane() as cluster:
        cluster.kubectl("create", "deployment", "web", "--image=web", "--replicas=2")

Nothing runs in a container. kwok plays two nodes and the life cycle of the pods on them, so that pods are
scheduled, get addresses and become ready, while no process stands behind them.
"""

from __future__ import annotations

import base64
import contextlib
import ctypes
import http.client
import json
import os
import random
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.live import build
from tests.live.connection import Connection, RefusedError

__all__ = ["NODES", "USERS", "ControlPlane", "ControlPlaneError", "Program", "wait_until"]

NODES = ("node-1", "node-2")
USERS = ("viewer", "reader", "developer", "stranger", "nobody")
"""Users in no group of their own, for RBAC roles to be bound to; without a role they may do nothing."""

_ADMIN = "admin"
_EXPIRED = "expired"
_COMPONENTS = ("kube-controller-manager", "kube-scheduler", "kwok")
"""Administrators too, by names of their own, so that the audit log tells them from who is tested."""

_PATIENCE = 60.0
"""Seconds until a program that does not come up counts as failed; slow machines are no failure."""

_GRACE = 5.0
"""Seconds for a program to end by itself before it is killed."""


class ControlPlaneError(Exception):
    """Something of the control plane failed; holds the end of the log that says why."""


def wait_until(what: str, done: Callable[[], object], seconds: float = _PATIENCE) -> None:
    """Until ``done`` says something true. A refused or broken connection means not yet."""
    end = time.monotonic() + seconds
    last: object = None
    while time.monotonic() < end:
        try:
            last = done()
        except (OSError, http.client.HTTPException, RefusedError) as error:
            last = error
        else:
            if last:
                return
        time.sleep(0.05)
    raise ControlPlaneError(f"{what}: not within {seconds:.0f} seconds; last: {last!r}")


def _free_port(taken: set[int]) -> int:
    """A free port below those that the system gives to outgoing connections: it must still be free when a
    program that was stopped comes back to it."""
    while True:
        port = random.randrange(20000, 32000)
        if port in taken:
            continue
        with socket.socket() as trial:
            try:
                trial.bind(("127.0.0.1", port))
            except OSError:
                continue
        taken.add(port)
        return port


_PRCTL = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


def _die_with_parent() -> None:
    """In a new process: be killed when the tests are, even where they get no chance to stop anything."""
    if _PRCTL is not None:
        _PRCTL(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


class Program:
    """One program of the control plane. Stopped and started again it keeps its port and its data."""

    def __init__(
        self,
        path: Path,
        flags: Sequence[str],
        log: Path,
        spawner: ThreadPoolExecutor,
        ready: Callable[[], object] | None = None,
    ) -> None:
        self.name = path.name
        self.log = log
        self._command = [str(path), *flags]
        self._ready = ready
        self._spawner = spawner
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    def start(self, wait: bool = True) -> None:
        """Starts it and, unless told otherwise, waits until it answers."""
        if self.running:
            return
        self._process = self._spawner.submit(self._spawn).result()
        if wait:
            self.wait()

    def _spawn(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.log.parent,
                # Collecting garbage less often, while memory is small, saves a fifth of the API server's time.
                env={**os.environ, "GOGC": "400", "GOMEMLIMIT": "1500MiB"},
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )

    def wait(self) -> None:
        """Until it answers; fails with the end of its log."""

        def answers() -> object:
            if not self.running:
                raise ControlPlaneError(f"{self.name} ended")
            return self._ready is None or self._ready()

        try:
            wait_until(f"{self.name} to be ready", answers)
        except ControlPlaneError as error:
            raise ControlPlaneError(f"{error}\n{self.tail()}") from None

    def stop(self, grace: float = _GRACE) -> None:
        """Asks it to end, and kills it if it does not: an API server does not while anybody watches."""
        if self._process is None:
            return
        if self.running:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(grace)
        self.kill()

    def kill(self) -> None:
        """Ends it and whatever it started at once, as a crash would."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = None

    def tail(self, lines: int = 30) -> str:
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join([f"--- {self.name}", *text.splitlines()[-lines:]])


class ControlPlane:
    """A control plane of its own: ports, data, users and logs belong to it alone.

    ``apiserver_flags`` are added to those of the API server; ``--watch-cache=false`` makes it read its store
    at every request.
    """

    def __init__(self, *, apiserver_flags: Sequence[str] = ()) -> None:
        self._apiserver_flags = tuple(apiserver_flags)
        self._cleanup = contextlib.ExitStack()
        self.programs: dict[str, Program] = {}

    def __enter__(self) -> ControlPlane:
        assets = build.found()
        if assets is None:
            raise ControlPlaneError(
                f"The programs of the control plane are not built. Build them with: {build.HOW_TO_BUILD}"
            )
        self._assets = assets
        with contextlib.ExitStack() as undo:
            undo.callback(self._cleanup.close)
            self._prepare()
            self._start()
            undo.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._cleanup.close()

    def _prepare(self) -> None:
        """All that the programs need to find when they start."""
        folder = tempfile.mkdtemp(prefix="netpol-tui-live-")
        self._cleanup.callback(shutil.rmtree, folder, ignore_errors=True)
        self.folder = Path(folder)
        # A process dies with the thread that made it where the system is told to end it with its parent, so one
        # thread that lives as long as the control plane makes them all.
        spawner = self._cleanup.enter_context(ThreadPoolExecutor(1, "control-plane"))
        self._cleanup.callback(self._kill_all)
        # Bound and never listening: what connects is refused, and nobody else gets the port.
        refusing = self._cleanup.enter_context(socket.socket())
        refusing.bind(("127.0.0.1", 0))
        self._refusing_port = refusing.getsockname()[1]

        taken: set[int] = set()
        self.port, self._etcd_port, peer_port, controller_port, scheduler_port = (
            _free_port(taken) for _ in range(5)
        )
        self.server = f"https://127.0.0.1:{self.port}"
        self.authority = self.folder / "certificates" / "apiserver.crt"
        self.audit_log = self.folder / "audit.log"
        self._tokens = {name: secrets.token_hex(16) for name in (_ADMIN, *_COMPONENTS, *USERS, _EXPIRED)}
        self._write_credentials()
        self._cleanup.callback(self._close_connection)
        self._connection: Connection | None = None

        etcd = f"http://127.0.0.1:{self._etcd_port}"
        peer = f"http://127.0.0.1:{peer_port}"
        key = self.folder / "service-accounts.key"
        stages = [f"--config={stage}" for stage in sorted((self._assets / "stages").glob("*.yaml"))]

        def add(name: str, *flags: str, ready: Callable[[], object] | None = None) -> Program:
            log = self.folder / f"{name}.log"
            self.programs[name] = Program(self._assets / name, flags, log, spawner, ready)
            return self.programs[name]

        self.etcd = add(
            "etcd",
            f"--data-dir={self.folder / 'etcd'}",
            f"--listen-client-urls={etcd}",
            f"--advertise-client-urls={etcd}",
            f"--listen-peer-urls={peer}",
            f"--initial-advertise-peer-urls={peer}",
            f"--initial-cluster=default={peer}",
            "--unsafe-no-fsync",
            "--log-level=warn",
            ready=lambda: self._etcd("GET", "/health")["health"] == "true",
        )
        self.apiserver = add(
            "kube-apiserver",
            f"--etcd-servers={etcd}",
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            f"--secure-port={self.port}",
            f"--cert-dir={self.authority.parent}",
            f"--service-account-issuer={self.server}",
            f"--service-account-key-file={key}",
            f"--service-account-signing-key-file={key}",
            "--service-cluster-ip-range=10.96.0.0/16",
            "--authorization-mode=RBAC",
            f"--token-auth-file={self.folder / 'tokens.csv'}",
            # Pods need no account to exist here, and nodes are ready once kwok says so: nobody takes taints off.
            "--disable-admission-plugins=ServiceAccount,TaintNodesByCondition",
            "--endpoint-reconciler-type=none",
            f"--audit-policy-file={self.folder / 'audit-policy.yaml'}",
            f"--audit-log-path={self.audit_log}",
            "--audit-log-maxsize=0",
            *self._apiserver_flags,
            ready=self._readyz,
        )
        self.controllers = add(
            "kube-controller-manager",
            f"--kubeconfig={self._kubeconfig('kube-controller-manager')}",
            f"--service-account-private-key-file={key}",
            "--leader-elect=false",
            "--bind-address=127.0.0.1",
            f"--secure-port={controller_port}",
            # No kubelet sends heartbeats: these two would take the nodes for lost, and their pods with them.
            "--controllers=*,-node-lifecycle-controller,-taint-eviction-controller",
            "--kube-api-qps=500",
            "--kube-api-burst=1000",
        )
        self.scheduler = add(
            "kube-scheduler",
            f"--kubeconfig={self._kubeconfig('kube-scheduler')}",
            "--leader-elect=false",
            "--bind-address=127.0.0.1",
            f"--secure-port={scheduler_port}",
            "--kube-api-qps=500",
            "--kube-api-burst=1000",
        )
        self.kwok = add(
            "kwok",
            f"--kubeconfig={self._kubeconfig('kwok')}",
            "--manage-nodes-with-label-selector=type=kwok",
            "--node-ip=192.0.2.1",
            "--v=WARN",
            *stages,
        )

    def _start(self) -> None:
        self.etcd.start()
        self.apiserver.start()
        for program in (self.kwok, self.controllers, self.scheduler):
            program.start(wait=False)
        for number, name in enumerate(NODES):
            self._add_node(name, f"10.{64 + number}.0.0/16")
        try:
            wait_until("the nodes to be ready", self._nodes_are_ready)
            # An aggregated role is empty until a controller has filled it.
            view = "/apis/rbac.authorization.k8s.io/v1/clusterroles/view"
            wait_until("the role view to have rules", lambda: self.connection.get(view)["rules"])
        except ControlPlaneError as error:
            tails = "\n".join(program.tail() for program in self.programs.values())
            raise ControlPlaneError(f"{error}\n{tails}") from None

    def _kill_all(self) -> None:
        for program in reversed(self.programs.values()):
            program.kill()

    def _close_connection(self) -> None:
        if self._connection is not None:
            self._connection.__exit__()

    def _write_credentials(self) -> None:
        (self.folder / "tokens.csv").write_text(
            "".join(
                f"{token},{name},{name}{',system:masters' if name in (_ADMIN, *_COMPONENTS) else ''}\n"
                for name, token in self._tokens.items()
                if name != _EXPIRED
            )
        )
        (self.folder / "service-accounts.key").write_text(_new_key())
        # The request itself is said by the later stages again.
        (self.folder / "audit-policy.yaml").write_text(
            "apiVersion: audit.k8s.io/v1\nkind: Policy\n"
            "omitStages: [RequestReceived]\nrules: [{level: Metadata}]\n"
        )
        for name in (_ADMIN, *_COMPONENTS):
            self._kubeconfig(name)
        self.kubeconfig = self._kubeconfig(_ADMIN)
        self.contexts = self._write_kubeconfig(
            "contexts", [_ADMIN, *USERS, _EXPIRED], extra_cluster=("unreachable", self._refusing_port)
        )

    def _kubeconfig(self, name: str, namespace: str | None = None) -> Path:
        file = name if namespace is None else f"{name}.{namespace}"
        return self._write_kubeconfig(file, [name], namespace)

    def _write_kubeconfig(
        self,
        file: str,
        users: Sequence[str],
        namespace: str | None = None,
        extra_cluster: tuple[str, int] | None = None,
    ) -> Path:
        """JSON is YAML, and needs no library to write."""

        def cluster(name: str, port: int) -> dict[str, Any]:
            where = {"server": f"https://127.0.0.1:{port}", "certificate-authority": str(self.authority)}
            return {"name": name, "cluster": where}

        def context(name: str, to: str, user: str) -> dict[str, Any]:
            within = {} if namespace is None else {"namespace": namespace}
            return {"name": name, "context": {"cluster": to, "user": user, **within}}

        clusters = [cluster("live", self.port)]
        contexts = [context(user, "live", user) for user in users]
        if extra_cluster is not None:
            clusters.append(cluster(*extra_cluster))
            contexts.append(context(extra_cluster[0], extra_cluster[0], users[0]))
        path = self.folder / f"{file}.kubeconfig"
        if path.exists():
            return path
        path.write_text(
            json.dumps(
                {
                    "apiVersion": "v1",
                    "kind": "Config",
                    "current-context": users[0],
                    "clusters": clusters,
                    "users": [{"name": user, "user": {"token": self._tokens[user]}} for user in users],
                    "contexts": contexts,
                },
                indent=1,
            )
        )
        path.chmod(0o600)
        return path

    def user(self, name: str, namespace: str | None = None) -> Path:
        """The kubeconfig of one of ``USERS``, or of ``expired``, whose token the API server does not know; with
        the namespace of its context if one is given."""
        return self._kubeconfig(name, namespace)

    def connect(self, user: str | None = _ADMIN, patience: float = 60.0) -> Connection:
        """A connection of its own, for one thread; without a user nobody is named in its requests."""
        token = None if user is None else self._tokens[user]
        return Connection(self.port, token, self.authority, patience)

    @property
    def connection(self) -> Connection:
        """The administrator's, for whoever sets up a test."""
        if self._connection is None:
            self._connection = self.connect()
        return self._connection

    def kubectl(self, *words: str, input: str | None = None, user: str = _ADMIN) -> str:
        """What the real kubectl prints; its error is part of the exception."""
        done = subprocess.run(
            [str(self.program("kubectl")), *words],
            input=input,
            stdin=subprocess.DEVNULL if input is None else None,
            capture_output=True,
            text=True,
            timeout=_PATIENCE * 2,
            env={
                "KUBECONFIG": str(self._kubeconfig(user)),
                "HOME": str(self.folder),
                "PATH": os.environ.get("PATH", ""),
            },
        )
        if done.returncode:
            raise ControlPlaneError(f"kubectl {' '.join(words)}: {done.stderr.strip()}")
        return done.stdout

    def program(self, name: str) -> Path:
        """Where a built program is."""
        return self._assets / name

    def install_crds(self) -> None:
        """AdminNetworkPolicy, BaselineAdminNetworkPolicy, ClusterNetworkPolicy and the Gateway API, and waits
        until they are served."""
        crds = str(self._assets / "crds")
        self.kubectl("apply", "--server-side", "--force-conflicts", "-f", crds)
        self.kubectl("wait", "--for=condition=Established", "--timeout=60s", "-f", crds)

    def audit_position(self) -> int:
        """Where the audit log ends now, to read from there later."""
        return self.audit_log.stat().st_size if self.audit_log.exists() else 0

    def audit(
        self, *, user: str | None = None, user_agent: str | None = None, since: int = 0
    ) -> Iterator[dict[str, Any]]:
        """The requests that the API server has answered so far, as audit events: who asked for what with which
        verb, and the answer's code. A watch has one event when it begins and one when it ends. ``user_agent``
        may be any part of it."""
        with self.audit_log.open("rb") as log:
            log.seek(since)
            for line in log:
                if not line.endswith(b"\n"):
                    return
                event: dict[str, Any] = json.loads(line)
                if user is not None and event["user"].get("username") != user:
                    continue
                if user_agent is not None and user_agent not in event.get("userAgent", ""):
                    continue
                yield event

    def compact(self, *, restart: bool = True) -> int:
        """Forgets the history: every resource version that anybody holds is then too old, which is a 410 to
        whoever watches from it. Returns the oldest revision that is left.

        The API server answers from what it has seen itself, not from its store, so it is started again too; all
        its watches break, as they do when it is updated. With ``restart=False`` only the store forgets, which
        nobody notices unless the API server was started with ``--watch-cache=false``.
        """
        if restart:
            self.apiserver.kill()
        # Any write makes a revision that nobody has seen; this key is none that the API server reads.
        put = {"key": _coded("compacted"), "value": _coded("")}
        revision = int(self._etcd("POST", "/v3/kv/put", put)["header"]["revision"])
        self._etcd("POST", "/v3/kv/compaction", {"revision": str(revision), "physical": True})
        if restart:
            self.apiserver.start()
        return revision

    def _etcd(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        with Connection(self._etcd_port, None, None) as connection:
            return connection.request(method, path, body)

    def _readyz(self) -> bool:
        if not self.authority.exists():
            return False
        with self.connect(patience=5) as connection:
            return connection.text("GET", "/readyz") == "ok"

    def _add_node(self, name: str, pods: str) -> None:
        labels = {"type": "kwok", "kubernetes.io/hostname": name, "kubernetes.io/os": "linux"}
        node = {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": name, "labels": labels},
            "spec": {"podCIDR": pods, "podCIDRs": [pods]},
        }
        self.connection.post("/api/v1/nodes", node)

    def _nodes_are_ready(self) -> bool:
        nodes = self.connection.get("/api/v1/nodes")["items"]
        ready = [
            condition
            for node in nodes
            for condition in node.get("status", {}).get("conditions", ())
            if condition["type"] == "Ready" and condition["status"] == "True"
        ]
        return len(ready) == len(NODES)


def _coded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _new_key() -> str:
    """A private key for service account tokens: ECPrivateKey of RFC 5915 on P-256, which needs no library. The
    leading byte keeps the number within the curve's order."""
    number = b"\x01" + secrets.token_bytes(31)
    der = bytes.fromhex("30310201010420") + number + bytes.fromhex("a00a06082a8648ce3d030107")
    return f"-----BEGIN EC PRIVATE KEY-----\n{base64.b64encode(der).decode()}\n-----END EC PRIVATE KEY-----\n"
