"""The one place that sends requests: GETs only, with the user's credentials, and errors in plain words."""

from __future__ import annotations

import re
import socket
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from policy_core.sources.cluster import connection as module
from policy_core.sources.cluster.connection import Connection
from policy_core.sources.cluster.errors import (
    AbsentError,
    ClusterError,
    ExpiredError,
    ForbiddenError,
    KubeconfigError,
    OverloadedError,
    UnauthorizedError,
    UnreachableError,
)
from tests.api_server import ApiServer, Refusal, api_server

ROOT = Path(module.__file__).parents[3]


@pytest.fixture
def server() -> Iterator[ApiServer]:
    with api_server() as running:
        yield running


def _connect(server: ApiServer, tmp_path: Path, **more: object) -> Connection:
    return Connection.to(kubeconfig=str(server.kubeconfig(tmp_path, **more)))  # type: ignore[arg-type]


def test_a_request_is_a_get_with_the_users_credentials(server: ApiServer, tmp_path: Path) -> None:
    connection = _connect(server, tmp_path)
    assert connection.get_json("/api/v1/pods", {"limit": 5})["items"] == []
    [asked] = server.asked
    assert (asked.method, asked.path, asked.query) == ("GET", "/api/v1/pods", {"limit": "5"})
    assert asked.headers["authorization"] == "Bearer secret"
    assert asked.headers["User-Agent"] == "netpol-tui"


def test_nothing_else_in_the_core_can_send_a_request() -> None:
    """Whoever could would have to import an HTTP client, or the official one with its many verbs."""
    harmless = r"import (?:exceptions|BaseHTTPResponse)$|\.exceptions import "
    client = re.compile(
        rf"^ *(?:from|import) (?:kubernetes|requests|http|urllib\.request|socket|urllib3(?! *{harmless}))\b",
        re.MULTILINE,
    )
    sources = [path for folder in ("policy_core", "tui") for path in (ROOT / folder).rglob("*.py")]
    found = {str(path.relative_to(ROOT)) for path in sources if client.search(path.read_text())}
    assert found == {"policy_core/sources/cluster/connection.py"}


def test_the_method_is_a_constant() -> None:
    source = Path(module.__file__).read_text()
    assert re.findall(r"pool\.(?:request|urlopen)\(\s*([^,]+),", source) == ['"GET"']
    assert not re.search(r"\b(?:POST|PUT|PATCH|DELETE)\b", source)


@pytest.mark.parametrize(
    ("code", "error", "message"),
    [
        (401, UnauthorizedError, "the credentials are not accepted"),
        (403, ForbiddenError, "because"),
        (404, AbsentError, "because"),
        (410, ExpiredError, "because"),
        (429, OverloadedError, "slow down"),
        (500, ClusterError, "error \\(500: because\\)"),
        (302, ClusterError, "302"),
    ],
)
def test_every_refusal_has_its_kind_and_its_words(
    server: ApiServer, tmp_path: Path, code: int, error: type[ClusterError], message: str
) -> None:
    server.refuse = lambda asked: Refusal(code, "because")
    with pytest.raises(error, match=message):
        _connect(server, tmp_path).get("/api/v1/pods")


def test_the_server_says_how_long_to_wait(server: ApiServer, tmp_path: Path) -> None:
    server.refuse = lambda asked: Refusal(429, headers={"Retry-After": "7"})
    with pytest.raises(OverloadedError) as caught:
        _connect(server, tmp_path).get("/api/v1/pods")
    assert caught.value.wait == 7


@pytest.mark.parametrize("body", [b"<html>proxy</html>", b"[1]", b"\xff\xfe", b"[" * 100_000])
def test_an_answer_that_is_no_object_is_an_error(server: ApiServer, tmp_path: Path, body: bytes) -> None:
    server.refuse = lambda asked: Refusal(200, body=body)
    with pytest.raises(ClusterError):
        _connect(server, tmp_path).get_json("/api")
    server.refuse = lambda asked: Refusal(503, body=body)
    with pytest.raises(ClusterError, match="503"):
        _connect(server, tmp_path).get_json("/api")


def test_an_error_is_one_line_that_drives_no_terminal(server: ApiServer, tmp_path: Path) -> None:
    server.refuse = lambda asked: Refusal(403, "two\nlines\tand more")
    with pytest.raises(ForbiddenError, match=r"^two lines and more$"):
        _connect(server, tmp_path).get("/api")


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    nowhere = ApiServer()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nowhere.port = free.getsockname()[1]
    with pytest.raises(
        UnreachableError, match=r"^http://127.0.0.1:\d+ cannot be reached: connection refused$"
    ):
        _connect(nowhere, tmp_path).get("/api")


def test_a_server_that_falls_silent(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        nowhere = ApiServer()
        nowhere.port = silent.getsockname()[1]
        with pytest.raises(UnreachableError, match="has fallen silent"):
            _connect(nowhere, tmp_path).get("/api", read_timeout=0.2)


def test_a_server_that_hangs_up(tmp_path: Path) -> None:
    import threading

    with socket.create_server(("127.0.0.1", 0)) as rude:

        def hang_up() -> None:
            accepted, _ = rude.accept()
            accepted.close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        nowhere = ApiServer()
        nowhere.port = rude.getsockname()[1]
        with pytest.raises(UnreachableError, match=r"the connection to .* broke"):
            _connect(nowhere, tmp_path).get("/api")
        thread.join()


def test_tls_that_cannot_be_trusted(server: ApiServer, tmp_path: Path) -> None:
    path = server.kubeconfig(tmp_path)
    path.write_text(path.read_text().replace("http:", "https:"))
    with pytest.raises(UnreachableError, match=r"^TLS with https://127.0.0.1:\d+ failed: "):
        Connection.to(kubeconfig=str(path)).get("/api")


def _plugin(tmp_path: Path, script: str) -> dict[str, object]:
    path = tmp_path / "plugin"
    path.write_text(f"#!{sys.executable}\n{script}")
    path.chmod(path.stat().st_mode | stat.S_IEXEC)
    return {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": str(path)}}


CREDENTIAL = """
import json, pathlib
counter = pathlib.Path(__file__).with_name("asked")
count = int(counter.read_text()) + 1 if counter.exists() else 1
counter.write_text(str(count))
print(json.dumps({"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",
                  "status": {"token": f"token-{count}"}}))
"""


def test_a_credential_plugin_is_asked_once(server: ApiServer, tmp_path: Path) -> None:
    connection = _connect(server, tmp_path, **_plugin(tmp_path, CREDENTIAL))
    for _ in range(3):
        connection.get("/api")
    assert {asked.headers["authorization"] for asked in server.asked} == {"Bearer token-1"}


def test_a_credential_plugin_that_fails_is_told(
    server: ApiServer, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    connection = _connect(server, tmp_path, **_plugin(tmp_path, "import sys; sys.exit('log in\\nfirst')"))
    with pytest.raises(KubeconfigError, match=r"credential plugin failed: .*log in first"):
        connection.get("/api")
    assert not server.asked  # and nobody was asked as nobody
    assert capfd.readouterr() == ("", "")  # a full screen may be up


def test_refused_credentials_are_read_anew(
    server: ApiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that a login elsewhere is enough."""
    monkeypatch.setattr(module, "_RENEW_AFTER", 0.0)
    server.refuse = lambda asked: Refusal(401) if asked.headers["authorization"] == "Bearer token-1" else None
    connection = _connect(server, tmp_path, **_plugin(tmp_path, CREDENTIAL))
    with pytest.raises(UnauthorizedError):
        connection.get("/api")
    connection.get("/api")
    assert [asked.headers["authorization"] for asked in server.asked] == ["Bearer token-1", "Bearer token-2"]


def test_a_login_elsewhere_changes_the_kubeconfig(
    server: ApiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_RENEW_AFTER", 0.0)
    server.refuse = lambda asked: Refusal(401) if asked.headers["authorization"] != "Bearer new" else None
    connection = _connect(server, tmp_path, token="old")
    with pytest.raises(UnauthorizedError):
        connection.get("/api")
    server.kubeconfig(tmp_path, token="new")
    connection.get("/api")


def test_whoever_acts_as_another_says_so(server: ApiServer, tmp_path: Path) -> None:
    connection = _connect(server, tmp_path, **{"token": "secret", "as": "jane"})  # type: ignore[arg-type]
    connection.get("/api")
    assert server.asked[0].headers["Impersonate-User"] == "jane"


@pytest.mark.parametrize(
    "user",
    [{"client-certificate-data": "bm9wZQ==", "client-key-data": "bm9wZQ=="}, {"exec": {"command": "x"}}],
)
def test_an_entry_that_cannot_be_used(server: ApiServer, tmp_path: Path, user: dict[str, object]) -> None:
    path = server.kubeconfig(tmp_path, **user)
    path.write_text(path.read_text().replace("http:", "https:"))
    with pytest.raises(ClusterError):
        Connection.to(kubeconfig=str(path)).get("/api")
