"""An API server that says what a test tells it to, on a free loopback port, over plain HTTP.

It holds objects by resource path, gives them out in pages and as watches, and keeps every request that it
got. For what a real one does there are the live tests; this one can be made to fail at will.
"""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import yaml

__all__ = ["ApiServer", "Asked", "Refusal", "api_server", "status"]

_GROUPS = {
    "discovery.k8s.io": {"v1": ["endpointslices"]},
    "networking.k8s.io": {"v1": ["networkpolicies", "ingresses", "servicecidrs"]},
}


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]


@dataclass(frozen=True)
class Refusal:
    """What to answer instead."""

    code: int
    message: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None


def status(code: int, message: str) -> dict[str, Any]:
    return {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message, "code": code}


class ApiServer:
    """``groups`` is what it serves beyond the core group: group → version → plural names."""

    def __init__(self) -> None:
        self.groups: dict[str, dict[str, list[str]]] = dict(_GROUPS)
        self.objects: dict[str, list[dict[str, Any]]] = {}
        self.asked: list[Asked] = []
        self.refuse: Callable[[Asked], Refusal | None] = lambda asked: None
        self.version = 100
        self.port = 0
        self._watchers: dict[str, list[queue.Queue[bytes | None]]] = {}
        self._lock = threading.Lock()

    # For tests -------------------------------------------------------------------------------------------

    def put(self, path: str, *objects: dict[str, Any]) -> None:
        """Objects that are there from the beginning."""
        self.objects.setdefault(path, []).extend(objects)

    def tell(self, path: str, kind: str, value: dict[str, Any]) -> None:
        """An event to whoever watches ``path``; it waits until somebody does."""
        with self._lock:
            self.version += 1
            if kind in ("ADDED", "MODIFIED", "DELETED"):
                metadata = value["metadata"]
                value = {**value, "metadata": {**metadata, "resourceVersion": str(self.version)}}
                held = [o for o in self.objects.get(path, []) if o["metadata"]["name"] != metadata["name"]]
                self.objects[path] = [*held, value] if kind != "DELETED" else held
            for watcher in self._watchers.get(path, []):
                watcher.put(json.dumps({"type": kind, "object": value}).encode() + b"\n")

    def hang_up(self, path: str) -> None:
        """End every watch of ``path``."""
        with self._lock:
            for watcher in self._watchers.pop(path, []):
                watcher.put(None)

    def watched(self, path: str) -> bool:
        return bool(self._watchers.get(path))

    def kubeconfig(self, folder: Path, *, token: str = "secret", namespace: str = "", **user: Any) -> Path:
        """One that leads here, with the contexts ``fake`` and ``other``."""
        context: dict[str, Any] = {"cluster": "fake", "user": "tester"}
        if namespace:
            context["namespace"] = namespace
        content = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "fake",
            "clusters": [{"name": "fake", "cluster": {"server": f"http://127.0.0.1:{self.port}"}}],
            "users": [{"name": "tester", "user": user or {"token": token}}],
            "contexts": [{"name": name, "context": context} for name in ("fake", "other")],
        }
        path = folder / "kubeconfig"
        path.write_text(yaml.safe_dump(content))
        return path

    # What it answers ------------------------------------------------------------------------------------

    def answer(self, asked: Asked) -> dict[str, Any] | Refusal:
        if refusal := self.refuse(asked):
            return refusal
        parts = asked.path.strip("/").split("/")
        if parts == ["apis"]:
            return {
                "groups": [
                    {"name": group, "versions": [{"version": version} for version in versions]}
                    for group, versions in self.groups.items()
                ]
            }
        if len(parts) == 3 and parts[0] == "apis":
            plurals = self.groups.get(parts[1], {}).get(parts[2], [])
            return {"resources": [{"name": plural} for plural in plurals]}
        return self._list(asked)

    def _list(self, asked: Asked) -> dict[str, Any] | Refusal:
        single = next(
            (
                value
                for path, values in self.objects.items()
                for value in values
                if asked.path == f"{path}/{value['metadata']['name']}"
            ),
            None,
        )
        if single is not None:
            return single
        every = self._objects(asked.path)
        start = int(asked.query.get("continue", "0"))
        limit = int(asked.query.get("limit", "0")) or len(every) or 1
        page = every[start : start + limit]
        metadata = {"resourceVersion": str(self.version)}
        if start + limit < len(every):
            metadata["continue"] = str(start + limit)
        return {"kind": "List", "metadata": metadata, "items": page}

    def _objects(self, path: str) -> list[dict[str, Any]]:
        if "/namespaces/" not in path:
            return self.objects.get(path, [])
        root, _, rest = path.partition("/namespaces/")
        namespace, _, plural = rest.partition("/")
        return [
            o for o in self.objects.get(f"{root}/{plural}", []) if o["metadata"]["namespace"] == namespace
        ]

    def watch(self, path: str) -> queue.Queue[bytes | None]:
        watcher: queue.Queue[bytes | None] = queue.Queue()
        with self._lock:
            self._watchers.setdefault(path, []).append(watcher)
        return watcher


def _handler(server: ApiServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._serve()

        do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_GET  # noqa: N815

        def _serve(self) -> None:
            url = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(url.query).items()}
            asked = Asked(self.command, url.path, query, dict(self.headers.items()))
            server.asked.append(asked)
            answer = server.answer(asked)
            if isinstance(answer, Refusal):
                body = answer.body
                if body is None:
                    body = json.dumps(status(answer.code, answer.message)).encode()
                self._send(answer.code, body, answer.headers)
            elif query.get("watch"):
                self._watch(url.path)
            else:
                self._send(200, json.dumps(answer).encode(), {})

        def _send(self, code: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(code)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _watch(self, path: str) -> None:
            watcher = server.watch(path)
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            try:
                while (line := watcher.get()) is not None:
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
                    self.wfile.flush()
                self.wfile.write(b"0\r\n\r\n")
            except OSError:  # whoever watched has gone
                return

        def log_message(self, *_: Any) -> None:
            """Not on the test's output."""

    return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """A client may go at any time; what else goes wrong the test that asked will see."""


@contextmanager
def api_server() -> Iterator[ApiServer]:
    server = ApiServer()
    with _Server(("127.0.0.1", 0), _handler(server)) as http:
        server.port = http.server_port
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            for path in list(server._watchers):
                server.hang_up(path)
            http.shutdown()
            thread.join()
