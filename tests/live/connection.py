"""One connection to an API server, kept open: what tests and load say to it beside kubectl."""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

__all__ = ["Connection", "RefusedError"]

Json = dict[str, Any]

MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
_METADATA = {"Accept": "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"}


class RefusedError(Exception):
    """The API server answered, but with an error; ``code`` is that of HTTP."""

    def __init__(self, method: str, path: str, code: int, answer: str) -> None:
        super().__init__(f"{method} {path}: {code} {answer[:2000]}")
        self.code = code


class Connection:
    """Requests of one user, one after the other, over a connection that is opened when it is first needed and
    again when the server has closed it. For use in one thread."""

    def __init__(self, port: int, token: str | None, authority: Path | None, patience: float = 60.0) -> None:
        tls = None
        if authority is not None:
            tls = ssl.create_default_context(cafile=str(authority))
        self._link = (
            http.client.HTTPConnection("127.0.0.1", port, timeout=patience)
            if tls is None
            else http.client.HTTPSConnection("127.0.0.1", port, timeout=patience, context=tls)
        )
        self._headers = {"Accept": "application/json", "User-Agent": "netpol-tui-tests"}
        if token is not None:
            self._headers["Authorization"] = f"Bearer {token}"

    @classmethod
    def of(cls, kubeconfig: Path) -> Connection:
        """The connection that the current context of a control plane's kubeconfig names; only to loopback."""
        config = json.loads(kubeconfig.read_text())
        clusters = {cluster["name"]: cluster["cluster"] for cluster in config["clusters"]}
        users = {user["name"]: user["user"] for user in config["users"]}
        context = next(c["context"] for c in config["contexts"] if c["name"] == config["current-context"])
        cluster = clusters[context["cluster"]]
        port = int(cluster["server"].removeprefix("https://127.0.0.1:"))
        return cls(port, users[context["user"]]["token"], Path(cluster["certificate-authority"]))

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self._link.close()

    def _send(
        self, method: str, path: str, body: Json | None, kind: str, extra: dict[str, str] | None = None
    ) -> http.client.HTTPResponse:
        """A kept connection may have been closed since; only then, and only before an answer, it is tried
        once more."""
        data = None if body is None else json.dumps(body, separators=(",", ":")).encode()
        headers = self._headers | ({} if data is None else {"Content-Type": kind}) | (extra or {})
        kept = self._link.sock is not None
        try:
            self._link.request(method, path, data, headers)
            return self._link.getresponse()
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            self._link.close()
            if not kept:
                raise
            self._link.request(method, path, data, headers)
            return self._link.getresponse()

    def text(
        self,
        method: str,
        path: str,
        body: Json | None = None,
        kind: str = "application/json",
        extra: dict[str, str] | None = None,
    ) -> str:
        """The answer as it came; raises where the server refuses."""
        try:
            response = self._send(method, path, body, kind, extra)
            answer = response.read().decode()
        except BaseException:
            self._link.close()
            raise
        if response.status >= 400:
            raise RefusedError(method, path, response.status, answer)
        return answer

    def request(
        self, method: str, path: str, body: Json | None = None, kind: str = "application/json"
    ) -> Json:
        """The answer's JSON object."""
        answer: Json = json.loads(self.text(method, path, body, kind))
        return answer

    def write(self, method: str, path: str, body: Json, kind: str = "application/json") -> None:
        """For many writes: asks for no more than the object's metadata, which costs the API server less."""
        self.text(method, path, body, kind, _METADATA)

    def get(self, path: str) -> Json:
        return self.request("GET", path)

    def post(self, path: str, body: Json) -> Json:
        return self.request("POST", path, body)

    def patch(self, path: str, body: Json, kind: str = MERGE) -> Json:
        return self.request("PATCH", path, body, kind)

    def delete(self, path: str) -> Json:
        return self.request("DELETE", path)

    def watch(self, path: str) -> Iterator[Json]:
        """The events of a watch as they come, until the server ends it. The connection serves nothing else
        after that."""
        try:
            response = self._send("GET", path, None, "")
            if response.status >= 400:
                raise RefusedError("GET", path, response.status, response.read().decode())
            while line := response.readline():
                yield json.loads(line)
        finally:
            self._link.close()
