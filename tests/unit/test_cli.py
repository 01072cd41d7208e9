"""The command-line contract: sources, commands, exit codes, streams."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.clusters import pod, policy, service
from tui.cli import main

CLOSED = policy("closed", "{podSelector: {}}")
BUNDLE = (
    pod("a", "10.0.0.1", app="a")
    + pod("b", "10.0.0.2", app="b")
    + service("s", "{selector: {app: b}, ports: [{port: 80}]}")
    + CLOSED
)


@pytest.fixture
def bundle(tmp_path: Path) -> str:
    (tmp_path / "bundle.yaml").write_text(BUNDLE)
    return str(tmp_path)


@pytest.fixture(autouse=True)
def _no_cluster(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    try:
        status = main(words)
    except SystemExit as exit_:  # argparse's own way out
        status = int(exit_.code or 0)
    out, err = capsys.readouterr()
    return status, out, err


def test_pod_in_json_has_the_documented_shape(capsys: pytest.CaptureFixture[str], bundle: str) -> None:
    status, out, err = run(capsys, "pod", "x/b", "-f", bundle, "-o", "json")
    told = json.loads(out)
    assert (status, err) == (0, "")
    assert set(told) >= {
        "pod",
        "labels",
        "ips",
        "node",
        "phase",
        "ingress",
        "egress",
        "services",
        "unevaluated",
        "caveats",
    }
    assert told["pod"] == "x/b"
    assert told["ingress"] == {
        "isolated": True,
        "otherwise": "deny",
        "doubtful": False,
        "policies": ["NetworkPolicy x/closed"],
        "tiered_policies": [],
        "not_asked": [],
        "rules": [],
    }
    [routed] = told["services"]
    assert set(routed) >= {"service", "type", "addresses", "ports", "ready", "exposed_by", "reachable_from"}
    assert (routed["service"], routed["reachable_from"]) == ("x/s", 0)
    assert routed["ports"][0]["target"] == 80


def test_every_port_is_one_star(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(pod("a") + policy("all", "{podSelector: {}, ingress: [{}]}"))
    _, out, _ = run(capsys, "pod", "x/a", "-f", str(tmp_path), "-o", "json")
    assert json.loads(out)["ingress"]["rules"][0]["ports"] == [{"protocol": "*"}]


def test_pod_in_json_says_all_there_is(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text(
        pod("a", "10.0.0.1", app="a").replace(
            "{name: c}", "{name: c, ports: [{name: http, containerPort: 8080}]}"
        )
        + pod("b", app="b")
        + service(
            "s",
            "{type: NodePort, clusterIP: 10.96.0.1, selector: {app: a},"
            " ports: [{name: web, port: 80, targetPort: http, nodePort: 30080}, {name: x, port: 81, targetPort: none}]}",
        )
        + service("bare", "{clusterIP: None, selector: {app: a}, ports: [{port: 8080}]}")
        + policy(
            "p",
            "{podSelector: {matchLabels: {app: a}}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}],"
            " ports: [{port: http}, {port: 53, protocol: UDP}]}]}",
        )
        + "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: i, namespace: x}\n"
        "spec: {rules: [{host: shop.example.com, http: {paths: [{path: /, pathType: Prefix,"
        " backend: {service: {name: s, port: {number: 80}}}}]}}]}\n"
        "---\napiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: c, namespace: x}\nspec: {endpointSelector: {}}\n"
    )
    status, out, err = run(capsys, "pod", "x/a", "-f", str(tmp_path), "-o", "json")
    told = json.loads(out)
    caveats = told.pop("caveats")
    assert [(way["way"], way["verdict"]) for way in told.pop("exposed")] == [
        ("NodePort", "unknown"),
        ("Ingress", "unknown"),
    ]
    assert (status, err) == (0, "")
    assert told == {
        "pod": "x/a", "kind": "Pod", "labels": {"app": "a"}, "ips": ["10.0.0.1"], "node": "", "phase": "Running",
        "host_network": False,
        "ingress": {
            "isolated": True, "otherwise": "deny", "doubtful": True, "policies": ["NetworkPolicy x/p"],
            "tiered_policies": [], "not_asked": [],
            "rules": [{
                "action": "allow", "tier": "NetworkPolicy", "priority": None, "name": "", "fails_closed": None,
                "certain": True, "decided_by": ["NetworkPolicy x/p ingress[0]"],
                "peers": [{
                    "type": "ipBlock", "text": "10.0.0.0/8 except 10.1.0.0/16", "cidr": "10.0.0.0/8",
                    "except": ["10.1.0.0/16"], "pods": [], "unknown": ["x/b"],
                }],
                "ports": [
                    {"protocol": "UDP", "from": 53, "to": 53},
                    {"protocol": "TCP", "from": 8080, "to": 8080, "name": "http"},
                ],
                "pods": [],
            }],
        },
        "egress": {
            "isolated": False, "otherwise": "allow", "doubtful": True, "policies": [], "tiered_policies": [], "not_asked": [],
            "rules": [],
        },
        "services": [
            {
                "service": "x/bare", "type": "ClusterIP", "addresses": [],
                "ports": [{
                    "name": "", "port": 8080, "protocol": "TCP", "target": 8080, "target_port": 8080,
                    "node_port": None, "reachable_from": 0, "partly_from": 0, "unknown_from": 1,
                    "partly_over": {"IPv4": 0, "IPv6": 0}, "doubtful_from": 1,
                }],
                "ready": True, "exposed_by": [], "reachable_from": 0, "of": 1, "unevaluated": ["CiliumNetworkPolicy x/c"],
            },
            {
                "service": "x/s", "type": "NodePort", "addresses": ["10.96.0.1"],
                "ports": [
                    {
                        "name": "web", "port": 80, "protocol": "TCP", "target": 8080, "target_port": "http",
                        "node_port": 30080, "reachable_from": 0, "partly_from": 0, "unknown_from": 1,
                        "partly_over": {"IPv4": 0, "IPv6": 0}, "doubtful_from": 1,
                    },
                    {
                        "name": "x", "port": 81, "protocol": "TCP", "target": None, "target_port": "none",
                        "node_port": None, "reachable_from": 0, "partly_from": 0, "unknown_from": 0,
                        "partly_over": {"IPv4": 0, "IPv6": 0}, "doubtful_from": 0,
                    },
                ],
                "ready": True,
                "exposed_by": [
                    {"via": "NodePort", "at": "node port 30080/TCP", "object": None},
                    {"via": "Ingress", "at": "x/i for shop.example.com", "object": "Ingress x/i"},
                ],
                "reachable_from": 0, "of": 1, "unevaluated": ["CiliumNetworkPolicy x/c"],
            },
        ],
        "unevaluated": ["CiliumNetworkPolicy x/c"],
    }  # fmt: skip
    assert all(isinstance(caveat, str) for caveat in caveats)
    status, out, _ = run(capsys, "overview", "-f", str(tmp_path), "-o", "json")
    overview = json.loads(out)
    assert overview["unevaluated"] == {"cilium.io CiliumNetworkPolicy": 1}
    assert overview["other_kinds"] == {}
    assert overview["problems"] == []
    assert set(overview["enforcement"]) == {"enforced", "text", "evidence", "kinds", "caveats"}


def test_pod_in_text_states_what_is_open_and_what_is_denied(
    capsys: pytest.CaptureFixture[str], bundle: str
) -> None:
    status, out, _ = run(capsys, "pod", "x/b", "-f", bundle)
    assert status == 0
    assert "closed: nothing is allowed by closed" in out
    assert "everything else" in out
    assert "open: no policy selects this pod for egress" in out
    assert "\x1b" not in out


def test_pod_in_markdown_is_a_table(capsys: pytest.CaptureFixture[str], bundle: str) -> None:
    _, out, _ = run(capsys, "pod", "x/b", "-f", bundle, "-o", "md")
    assert out.startswith("# Pod x/b\n")
    assert "| service | address | port → target | ready | get through |" in out


def test_a_pod_without_its_namespace_is_looked_up_in_the_given_one(
    capsys: pytest.CaptureFixture[str], bundle: str
) -> None:
    assert run(capsys, "pod", "b", "-n", "x", "-f", bundle)[0] == 0
    status, out, err = run(capsys, "pod", "b", "-f", bundle)
    assert (status, out) == (2, "")
    assert err.startswith("error: no pod or workload default/b")


def test_a_pod_that_is_not_in_the_given_namespace_is_an_error(
    capsys: pytest.CaptureFixture[str], bundle: str
) -> None:
    (Path(bundle) / "w.yaml").write_text(pod("other", namespace="w"))
    for words, said in (
        (("x/b", "-n", "w"), "error: x/b is not in the namespace w (-n)\n"),
        (("x/b", "-n", "nowhere"), "error: no namespace nowhere in what was read\n"),
    ):
        assert run(capsys, "pod", *words, "-f", bundle) == (2, "", said)


@pytest.mark.parametrize("option", ["-n", "--namespace"])
def test_the_value_of_an_option_is_no_command(
    option: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "p.yaml").write_text(pod("a", namespace="pod"))
    status, out, _ = run(capsys, option, "pod", "overview", "-f", str(tmp_path), "-o", "json")
    assert status == 0
    assert [space["namespace"] for space in json.loads(out)["namespaces"]] == ["pod"]


def test_after_two_dashes_no_word_is_a_command(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("pod").write_text(pod("a"))
    for words in (("--", "pod"), ("./pod",)):
        status, out, _ = run(capsys, "-o", "json", *words)
        assert (status, json.loads(out)["source"]) == (0, "pod")


def test_no_option_is_taken_for_another_that_begins_like_it(
    capsys: pytest.CaptureFixture[str], bundle: str
) -> None:
    status, _, err = run(capsys, "--names", "x", "-f", bundle)
    assert status == 2
    assert err.startswith("error: ")
    assert "--names" in err


@pytest.mark.parametrize(
    ("content", "status", "said"),
    [
        (None, 2, "no .yaml, .yml, .json file"),
        ("", 2, "empty"),
        ("# only a comment\n", 2, "only comments in this file"),
        ("[]\n", 2, "b.yaml"),
        ("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n", 0, ""),
        ("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n---\nkind: [\n", 0, "not valid YAML"),
    ],
    ids=[
        "empty folder",
        "empty file",
        "comment",
        "a list of nothing",
        "another kind",
        "another kind and a broken document",
    ],
)
def test_the_exit_code_tells_whether_anything_was_read(
    content: str | None, status: int, said: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / "b.yaml").write_text(content)
    found, out, err = run(capsys, "overview", "-f", str(tmp_path))
    assert found == status
    assert bool(out) == (status == 0)
    assert said in err


@pytest.mark.parametrize(
    ("words", "variables", "terminal", "coloured"),
    [
        ([], {}, True, True),
        ([], {}, False, False),
        (["--no-color"], {}, True, False),
        ([], {"NO_COLOR": "1"}, True, False),
        ([], {"NO_COLOR": ""}, True, True),
    ],
)
def test_colours_are_for_terminals_and_not_against_the_users_word(
    words: list[str],
    variables: dict[str, str],
    terminal: bool,
    coloured: bool,
    bundle: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.stdout.isatty", lambda: terminal)
    _, out, _ = run(capsys, "pod", "x/b", "-f", bundle, *words)
    assert ("\x1b[" in out) == coloured


def test_options_may_come_before_the_command(capsys: pytest.CaptureFixture[str], bundle: str) -> None:
    assert "x" in run(capsys, "-f", bundle, "overview")[1]
    assert (
        json.loads(run(capsys, "-f", bundle, "-o", "json", "overview")[1])["namespaces"][0]["namespace"]
        == "x"
    )


def test_overview_counts(capsys: pytest.CaptureFixture[str], bundle: str) -> None:
    _, out, _ = run(capsys, "overview", "-f", bundle, "-o", "json")
    [space] = json.loads(out)["namespaces"]
    assert space == {
        "namespace": "x", "pods": 2, "finished": 0, "isolated_ingress": 2, "isolated_egress": 0,
        "services": 1, "policies": 1, "exposed": 0,
    }  # fmt: skip


def test_without_a_terminal_the_bare_program_prints_the_overview(
    capsys: pytest.CaptureFixture[str], bundle: str
) -> None:
    status, out, _ = run(capsys, bundle)
    assert status == 0
    assert "NAMESPACES" in out


def test_without_a_terminal_the_bare_program_takes_the_format_too(
    capsys: pytest.CaptureFixture[str], bundle: str
) -> None:
    _, out, _ = run(capsys, bundle, "-o", "json")
    assert json.loads(out) == json.loads(run(capsys, "overview", "-f", bundle, "-o", "json")[1])


def test_a_name_that_several_workloads_share_is_an_error_that_names_their_kinds(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def workload(kind: str) -> str:
        spec = "{selector: {matchLabels: {app: w}}, template: {metadata: {labels: {app: w}}}}"
        return f"---\napiVersion: apps/v1\nkind: {kind}\nmetadata: {{name: w, namespace: x}}\nspec: {spec}\n"

    manifest = tmp_path / "w.yaml"
    manifest.write_text(workload("Deployment") + workload("StatefulSet"))
    status, out, err = run(capsys, "pod", "x/w", "-f", str(manifest))
    assert (status, out) == (2, "")
    assert "say deployment:x/w or statefulset:x/w" in err
    assert (
        json.loads(run(capsys, "pod", "sts:x/w", "-f", str(manifest), "-o", "json")[1])["kind"]
        == "StatefulSet"
    )
    manifest.write_text(workload("Deployment") + pod("w"))
    assert json.loads(run(capsys, "pod", "x/w", "-f", str(manifest), "-o", "json")[1])["kind"] == "Pod"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("shop/cart", "Deployment shop/cart has 2 pods: name one of shop/cart-"),
        ("service:shop/cart", "service:shop/cart is no pod and no workload"),
        ("10.0.0.1", "10.0.0.1 is no pod and no workload"),
    ],
)
def test_what_is_not_one_pod_says_which_to_name(
    capsys: pytest.CaptureFixture[str], name: str, said: str
) -> None:
    status, out, err = run(capsys, "pod", name, "--demo")
    assert (status, out) == (2, "")
    assert err.startswith(f"error: {said}")


def test_nothing_to_read_names_the_three_ways(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys, "overview")
    assert (status, out) == (2, "")
    assert err.startswith("error: ")
    assert all(word in err for word in ("-f PATH", "--demo", "kubeconfig"))


@pytest.mark.parametrize(
    "words",
    [
        ["overview", "-f", "no/such/file.yaml"],
        ["overview", "--demo", "-f", "x.yaml"],
        ["overview", "--demo", "-n", "a", "-A"],
        ["pod", "--demo"],
        ["pod", "x/y", "--demo", "-o", "csv"],
        ["trace", "a", "b", "--demo"],
        ["--no-such-option"],
        ["overview", "-f", ""],
        [""],
        ["overview", "--demo", "-n", "nowhere"],
        ["--demo", "-n", "nowhere"],
    ],
)
def test_bad_words_are_an_error_on_standard_error(
    capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    status, out, err = run(capsys, *words)
    assert (status, out) == (2, "")
    assert err.startswith("error: ")
    assert err.count("\n") == 1


def test_problems_go_to_standard_error_and_the_rest_still_loads(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "a.yaml").write_text(BUNDLE + "---\nkind: [\n---\n" + pod("later", namespace="x"))
    status, out, err = run(capsys, "overview", "-f", str(tmp_path), "-o", "json")
    told = json.loads(out)
    assert status == 0
    assert told["namespaces"][0]["pods"] == 3
    assert err.startswith(f"error: {tmp_path}/a.yaml:")
    assert [p["severity"] for p in told["problems"]] == ["error"]


def test_where_nothing_sound_was_read_the_exit_code_is_2(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "a.yaml").write_text("a: [\n")
    status, _, err = run(capsys, "overview", "-f", str(tmp_path))
    assert status == 2
    assert err.startswith("error: ")


def test_names_cannot_drive_the_terminal(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    evil = pod('"a\\e[31m[red]b"', "10.0.0.1", app="a")
    (tmp_path / "evil.yaml").write_text(evil + CLOSED)
    for words in (["overview", "-f", str(tmp_path)], ["pod", "x/a\x1b[31m[red]b", "-f", str(tmp_path)]):
        _, out, err = run(capsys, *words)
        assert "\x1b" not in out + err
    assert "\\x1b[31m[red]b" in out
    _, out, _ = run(capsys, "pod", "x/a\x1b[31m[red]b", "-f", str(tmp_path), "-o", "md")
    assert out.startswith("# Pod x/a")
    assert "\x1b" not in out


def test_standard_input(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(BUNDLE.encode())))
    status, out, _ = run(capsys, "overview", "-f", "-", "-o", "json")
    assert (status, json.loads(out)["source"]) == (0, "<stdin>")


PROGRAM = f"{sys.executable} -m tui"


@pytest.mark.parametrize(
    ("command", "status", "message"),
    [
        (f"{PROGRAM} overview --demo <&-", 0, ""),
        (f"{PROGRAM} overview -f - <&-", 2, "error: there is no standard input"),
        (f"{PROGRAM} <&-", 2, "error: nothing to read"),
        (f"{PROGRAM} overview --demo >&-", 2, "error: standard output is closed"),
        (f"{PROGRAM} --demo >&-", 2, "error: standard output is closed"),
        (f"{PROGRAM} --version >&-", 2, "error: standard output is closed"),
        (f"{PROGRAM} overview --demo >/dev/full", 2, "No space left"),
        (f"{PROGRAM} overview --demo 2>&-", 0, ""),
        (f"{PROGRAM} overview -f /does/not/exist 2>&-", 2, ""),
        (f"PYTHONIOENCODING=ascii {PROGRAM} overview --demo", 0, ""),
        (f"printf '' | {PROGRAM}", 2, "error: standard input is empty"),
        (f"echo 'a: 1' | {PROGRAM} --context nowhere", 2, "error: nothing to read"),
    ],
)
def test_streams_that_are_closed_or_cannot_take_it_are_no_crash(
    command: str, status: int, message: str
) -> None:
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == status
    assert done.stderr.startswith("error: ") if message else not done.stderr
    assert message in done.stderr


def test_where_problems_cannot_be_told_the_result_still_comes(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text(pod("a", "10.0.0.1") + "---\nkind: [\n")
    for nobody in ("2>/dev/full", "2> >(exec true)"):
        command = f"sleep 0.2; {PROGRAM} overview -f {tmp_path} {nobody}"
        done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
        assert "1 pod" in done.stdout


@pytest.mark.parametrize(
    ("flags", "pods"),
    [([], 2), (["-R=false"], 1), (["--recursive=false"], 1), (["-R=true"], 2), (["-A=false", "-R"], 2)],
)
def test_flags_may_be_switched_off_as_with_kubectl(
    flags: list[str], pods: int, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "a.yaml").write_text(pod("a"))
    (tmp_path / "below" / "b.yaml").write_text(pod("b"))
    _, out, _ = run(capsys, "overview", "-f", str(tmp_path), *flags, "-o", "json")
    assert [namespace["pods"] for namespace in json.loads(out)["namespaces"]] == [pods]


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "--version")
    assert status == 0
    assert out.startswith("netpol-tui ")


def test_a_closed_pipe_is_no_error() -> None:
    script = f"{sys.executable} -m tui overview --demo | head -1"
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert done.stdout.startswith("demo: ")


def test_the_core_loads_no_screen_and_no_cluster_client() -> None:
    """The import contract, at run time: also what is imported by name or late."""
    script = (
        "import sys, pkgutil, importlib, policy_core\n"
        "for m in pkgutil.walk_packages(policy_core.__path__, 'policy_core.'): importlib.import_module(m.name)\n"
        "print([m for m in sys.modules if m.split('.')[0] in ('textual', 'rich', 'tui', 'kubernetes', 'pygments')])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
