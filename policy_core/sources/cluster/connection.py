"""The one place that sends requests to a cluster, and it can send GET requests only.

Reading is all this program ever does to a cluster; whatever else it may come to do, there is no other way
out of it than :meth:`Connection.get`. The official client finds the server and proves who asks; what it
cannot do is left out of the requests altogether: they have no body, and their method is a constant.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import socket
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from policy_core.sources.cluster.errors import (
    AbsentError,
    ClusterError,
    ExpiredError,
    ForbiddenError,
    KubeconfigError,
    NoKubeconfigError,
    OverloadedError,
    UnauthorizedError,
    UnreachableError,
)
from policy_core.sources.cluster.kubeconfig import Context, Kubeconfig
from policy_core.sources.cluster.network_errors import in_words

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse

__all__ = ["CONNECT_TIMEOUT", "Connection"]

CONNECT_TIMEOUT = 10.0
"""Seconds until a server that does not answer at all counts as unreachable."""
_READ_TIMEOUT = 60.0
_RENEW_AFTER = 5.0
"""Seconds between two looks for new credentials: a plugin that asks may take its time."""
_IN_CLUSTER = "in-cluster"
_ACCOUNT_NAMESPACE = "/var/run/secrets/kubernetes.io/serviceaccount/namespace"
_ASKING = threading.RLock()
"""One credential plugin at a time: while it runs, standard output is not what it was."""


class Connection:
    """One user's way to one API server. Safe to use from several threads."""

    def __init__(self, kubeconfig: Kubeconfig | None, context: Context) -> None:
        self.kubeconfig = kubeconfig
        self.context = context
        self._lock = threading.Lock()
        self._renewed = 0.0
        self._configuration: Any = None
        self._pool: Any = None
        self._failure: KubeconfigError | None = None

    @classmethod
    def to(cls, context: str | None = None, kubeconfig: str | None = None) -> Connection:
        """To the cluster of a kubeconfig's context, by default the current one; inside a pod without a
        kubeconfig to the cluster that runs it. Sends nothing yet.

        Raises KubeconfigError where there is no such cluster.
        """
        found = Kubeconfig.load(kubeconfig)
        if found is not None:
            return cls(found, found.context(context))
        if context is None and os.environ.get("KUBERNETES_SERVICE_HOST"):
            with contextlib.suppress(OSError):
                return cls(None, Context(_IN_CLUSTER, "", Path(_ACCOUNT_NAMESPACE).read_text().strip()))
            return cls(None, Context(_IN_CLUSTER))
        raise NoKubeconfigError("there is no kubeconfig")

    @property
    def server(self) -> str:
        """The server's address; empty until the first request."""
        return str(self._configuration.host) if self._configuration else ""

    def get(
        self,
        path: str,
        query: Mapping[str, str | int] = {},
        *,
        stream: bool = False,
        read_timeout: float = _READ_TIMEOUT,
    ) -> BaseHTTPResponse:
        """The server's answer to a GET of ``path``, such as ``/api/v1/pods``. With ``stream`` its body has
        not been read: read it, then close it. ``read_timeout`` is how long the server may be silent, in
        seconds.

        Raises ClusterError, by its kind, for every answer but 200, and where there is none.
        """
        from urllib3 import Timeout
        from urllib3.exceptions import HTTPError

        pool, url, headers = self._ready(path, query, stream)
        timeout = Timeout(connect=CONNECT_TIMEOUT, read=read_timeout)
        try:
            answer: BaseHTTPResponse = pool.request(
                "GET",
                url,
                headers=headers,
                retries=False,
                redirect=False,
                timeout=timeout,
                preload_content=not stream,
            )
            if answer.status == 200:
                return answer
            body = answer.read() if stream else answer.data
            answer.release_conn()
        except (HTTPError, OSError) as error:
            raise UnreachableError(in_words(error, self.server)) from error
        if answer.status == 401:
            self._renew()
        raise _refusal(answer.status, answer.headers.get("Retry-After"), body)

    def get_json(self, path: str, query: Mapping[str, str | int] = {}) -> dict[str, Any]:
        """The object that the server answers with. Raises ClusterError."""
        value = parsed(self.get(path, query).data)
        if not isinstance(value, dict):
            raise ClusterError(f"{self.server} answers {path} with something that is no object")
        return value

    def close(self) -> None:
        """Give up idle connections; those in use end with what they are used for."""
        with self._lock:
            if self._pool is not None:
                self._pool.clear()

    def _ready(self, path: str, query: Mapping[str, str | int], stream: bool) -> tuple[Any, str, Any]:
        from urllib3 import HTTPHeaderDict

        with self._lock:
            if self._pool is None:
                self._open()
            with _plugin_output() as said:
                settings = self._configuration.auth_settings()
            if said:
                raise KubeconfigError(_plugin_failed(said))
            headers = HTTPHeaderDict({"Accept": "application/json", "User-Agent": "netpol-tui"})
            if not stream:  # a watch is told in small pieces, which compression would only hold back
                headers["Accept-Encoding"] = "gzip"
            for setting in settings.values():
                if setting["in"] == "header" and setting["value"]:
                    headers[setting["key"]] = setting["value"]
            for name, value in self.context.impersonates:
                headers.add(name, value)
            url = f"{self._configuration.host}{path}"
            return self._pool, f"{url}?{urlencode(query)}" if query else url, headers

    def _open(self) -> None:
        """Read the credentials and make ready to connect. Raises KubeconfigError."""
        from kubernetes.client import Configuration
        from kubernetes.client.rest import RESTClientObject
        from kubernetes.config import ConfigException, load_incluster_config, load_kube_config

        logging.getLogger("urllib3").setLevel(logging.CRITICAL)  # it would write on the screen
        configuration = Configuration()
        configuration.socket_options = _keep_alive()
        configuration.connection_pool_maxsize = 64
        try:
            with _plugin_output() as said:
                if self.kubeconfig is None:
                    load_incluster_config(client_configuration=configuration)  # type: ignore[no-untyped-call]
                else:
                    load_kube_config(  # type: ignore[no-untyped-call]
                        self.kubeconfig.files, self.context.name, client_configuration=configuration
                    )
            if said:
                raise KubeconfigError(_plugin_failed(said))
            pool = RESTClientObject(configuration).pool_manager
        except ConfigException as error:
            raise KubeconfigError(f"context {self.context.name}: {_one_line(error)}") from error
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            # The client looks into the file as it goes, and says in many ways that something is not there.
            raise KubeconfigError(
                f"context {self.context.name}: its kubeconfig entry cannot be used: {_one_line(error)}"
            ) from error
        self._configuration, self._pool = configuration, pool

    def _renew(self) -> None:
        """Read the credentials anew with the next request: a login elsewhere, or a plugin, may have given
        new ones."""
        with self._lock:
            if time.monotonic() - self._renewed > _RENEW_AFTER:
                self._renewed = time.monotonic()
                self._pool = None


def parsed(body: bytes) -> Any:
    """A server's JSON. Raises ClusterError where it is none: a proxy may have answered instead."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ClusterError(f"the answer is no JSON: {body[:60].decode('utf-8', 'replace')!r}") from error


def _refusal(status: int, retry_after: str | None, body: bytes) -> ClusterError:
    """``body`` is a Status object as a rule, and its message says it best."""
    return refusal(
        status, _message(body), float(retry_after) if retry_after and retry_after.isdigit() else 1.0
    )


def refusal(status: int, message: str, wait: float = 1.0) -> ClusterError:
    """What a server means by an HTTP status that is not 200."""
    said = f": {message}" if message else ""
    match status:
        case 401:
            return UnauthorizedError(f"the credentials are not accepted (401{said}): log in again")
        case 403:
            return ForbiddenError(message or "forbidden (403)")
        case 404:
            return AbsentError(message or "not found (404)")
        case 410:
            return ExpiredError(message or "expired (410)")
        case 429:
            return OverloadedError(f"the server asks to slow down (429{said})", wait)
    return ClusterError(f"the server answers with an error ({status}{said})")


def _message(body: bytes) -> str:
    try:
        message = json.loads(body).get("message", "")
    except (ValueError, AttributeError, RecursionError):
        return ""
    return _one_line(message) if isinstance(message, str) else ""


def _one_line(text: object) -> str:
    return " ".join(str(text).split())


def _plugin_failed(said: list[str]) -> str:
    return f"the credential plugin failed: {_one_line('; '.join(said))}"


@contextlib.contextmanager
def _plugin_output() -> Iterator[list[str]]:
    """What the official client logs while it asks a credential plugin: it swallows the plugin's failure and
    would go on as nobody. While a full screen is up the plugin must not write on it, either."""
    said: list[str] = []
    thread = threading.get_ident()

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if threading.get_ident() == thread and record.levelno >= logging.ERROR:
                said.append(record.getMessage())

    handler, root = Handler(), logging.getLogger()
    root.addHandler(handler)
    full_screen = sys.stdout is not sys.__stdout__
    with _ASKING, contextlib.redirect_stdout(io.StringIO()) if full_screen else contextlib.nullcontext():
        try:
            yield said
        finally:
            root.removeHandler(handler)


def _keep_alive() -> list[tuple[int, int, int]]:
    """A peer that has gone without a word is noticed in about half a minute, not in two hours."""
    options = [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1), (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]
    for name, value in (("TCP_KEEPIDLE", 10), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 3)):
        if hasattr(socket, name):
            options.append((socket.IPPROTO_TCP, getattr(socket, name), value))
    return options
