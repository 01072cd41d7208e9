"""What can go wrong between here and an API server, each said in one line."""

from __future__ import annotations

__all__ = [
    "AbsentError",
    "ClusterError",
    "ExpiredError",
    "ForbiddenError",
    "KubeconfigError",
    "NoKubeconfigError",
    "OverloadedError",
    "UnauthorizedError",
    "UnreachableError",
]


class ClusterError(Exception):
    """The server was asked and did not answer as it should; the message says it to a person in one line."""


class KubeconfigError(ClusterError):
    """There is no cluster to ask, or no way to prove who asks: what the kubeconfig says is not enough."""


class NoKubeconfigError(KubeconfigError):
    """There is no kubeconfig at all, and this is no pod either."""


class UnreachableError(ClusterError):
    """No answer: the server is down, the network is, or TLS does not trust one of the two."""


class UnauthorizedError(ClusterError):
    """401: the credentials are not, or no longer, accepted."""


class ForbiddenError(ClusterError):
    """403: the user is known, and may not read this."""


class AbsentError(ClusterError):
    """404: the server has no such resource."""


class ExpiredError(ClusterError):
    """410: what the server was to go on from is too long ago. The remedy is to list again."""


class OverloadedError(ClusterError):
    """429: the server asks to be left alone for ``wait`` seconds."""

    def __init__(self, message: str, wait: float) -> None:
        super().__init__(message)
        self.wait = wait
