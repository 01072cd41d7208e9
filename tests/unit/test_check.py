"""``netpol-tui check``: what it prints, in each of its formats, and its exit codes."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from bench.bench_check import bundle as benchmark_bundle
from bench.bench_check import expectations as benchmark_expectations
from tests.clusters import pod, policy, service
from tui.cli import main

BUNDLE = (
    pod("a", "10.0.0.1", app="a")
    + pod("b", "10.0.0.2", app="b")
    + pod("c", "10.0.0.3", namespace="z", app="a")
    + service("s", "{selector: {app: b}, clusterIP: 10.96.0.1, ports: [{port: 80, targetPort: 8080}]}")
    + service("both", "{selector: {app: a}, clusterIP: 10.96.0.2, ports: [{port: 80}]}")
    + pod("a2", "10.0.0.4", app="a", tier="x")
    + policy("to-b", "{podSelector: {matchLabels: {app: b}}, ingress: [{from: [{podSelector: {matchLabels: {app: a}}}], ports: [{port: 8080}]}]}")
    + policy("not-a2", "{podSelector: {matchLabels: {tier: x}}}")
)  # fmt: skip
CILIUM = (
    "---\napiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\n"
    "metadata: {name: cnp, namespace: z}\nspec: {endpointSelector: {}}\n"
)
HOLDS = "- {from: x/a, to: x/b, port: 8080, expect: allow}\n"
DIFFERS = "- {from: z/c, to: x/b, port: 8080, expect: allow}\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bundle.yaml").write_text(BUNDLE)
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], text: str, *words: str) -> tuple[int, str, str]:
    Path("expect.yaml").write_text(text)
    status = main(["check", "-f", "bundle.yaml", "expect.yaml", *words])
    out, err = capsys.readouterr()
    return status, out, err


# Exit codes and words --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (HOLDS, 0),
        ("[]\n", 0),
        (DIFFERS, 1),
        (HOLDS + DIFFERS, 1),
        (HOLDS + "- 5\n", 2),
        (DIFFERS + "- 5\n", 2),
        ("", 2),
    ],
)
@pytest.mark.parametrize("form", ["text", "json", "junit"])
def test_the_exit_code_says_whether_all_holds(
    text: str, status: int, form: str, capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    found, out, err = run(capsys, text, "-o", form)
    assert found == status
    assert bool(err) is (status == 2)
    assert out


def test_a_warning_changes_nothing(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    status, out, err = run(capsys, HOLDS + HOLDS)
    assert (status, out) == (0, "2 expectations: 2 hold\n")
    assert err == "warning: expect.yaml:2: the same is expected at expect.yaml:1\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "the following arguments are required: EXPECT (see netpol-tui check --help)"),
        (["nowhere.yaml"], "nowhere.yaml: no such file or directory"),
        ([""], "an empty EXPECT: name a file, or - for standard input"),
        (["expect.yaml", "-n", "q"], "no namespace q in what was read"),
    ],
)
def test_words_that_cannot_be_carried_out(
    words: list[str],
    said: str,
    capsys: pytest.CaptureFixture[str],
    folder: Path,
) -> None:
    (folder / "expect.yaml").write_text(HOLDS)
    assert main(["check", "-f", "bundle.yaml", *words]) == 2
    assert capsys.readouterr() == ("", f"error: {said}\n")


def test_standard_input_is_read_once_only(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(BUNDLE.encode())))
    assert main(["check", "-f", "-", "-"]) == 2
    said = "- is both manifests and expectations: standard input can be read once only"
    assert capsys.readouterr() == ("", f"error: {said}\n")


def test_expectations_come_from_standard_input_from_several_files_and_from_folders(
    capsys: pytest.CaptureFixture[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "tests").mkdir()
    (folder / "tests" / "1.yaml").write_text(HOLDS + "---\n" + DIFFERS)
    (folder / "tests" / "2.json").write_text("[]")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(DIFFERS.encode())))
    assert main(["-f", "bundle.yaml", "check", "tests", "-", "tests/1.yaml", "-o", "json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert [each["where"] for each in told["results"]] == ["tests/1.yaml:1", "tests/1.yaml:3", "<stdin>:1"]


def test_names_without_a_namespace_are_in_the_given_one(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    text = "- {from: a, to: b, port: 8080, expect: allow}\n"
    assert run(capsys, text, "-n", "x")[0] == 0
    status, _, err = run(capsys, text)
    assert status == 2
    assert "no pod or workload default/a in what was read; did you mean x/a?" in err


# JSON ------------------------------------------------------------------------------------------------------


def test_json_has_the_documented_shape(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    text = (
        HOLDS
        + "- {from: z/c, to: x/b, port: 8080, protocol: udp, expect: allow}\n"
        + '- {from: x/a, to: "service:x/s", port: 81, expect: deny}\n'
        + "- {from: 203.0.113.7, to: pod:x/a, port: 1, expect: deny}\n- {}\n"
    )
    status, out, _ = run(capsys, text, "-o", "json")
    assert status == 2
    assert json.loads(out) == {
        "results": [
            {
                "from": "x/a", "to": "x/b", "port": 8080, "protocol": "TCP", "expect": "allow", "verdict": "allow",
                "ok": True, "egress": "allow", "ingress": "allow", "decided_by": ["NetworkPolicy x/to-b ingress[0]"],
                "where": "expect.yaml:1", "note": "Allowed. Replies need no rule: policy judges who opens a connection.",
                "unevaluated": [],
            },
            {
                "from": "z/c", "to": "x/b", "port": 8080, "protocol": "UDP", "expect": "allow", "verdict": "deny",
                "ok": False, "egress": "allow", "ingress": "deny", "decided_by": ["NetworkPolicy x/to-b"],
                "where": "expect.yaml:2", "note": "Denied by the ingress of Pod x/b.", "unevaluated": [],
            },
            {
                "from": "x/a", "to": "service:x/s", "port": 81, "protocol": "TCP", "expect": "deny", "verdict": "deny",
                "ok": True, "egress": "unknown", "ingress": "unknown", "decided_by": [], "where": "expect.yaml:3",
                "note": "Denied whatever policy says: the Service leads nowhere, since it has no such port.",
                "unevaluated": [],
            },
            {
                "from": "203.0.113.7", "to": "pod:x/a", "port": 1, "protocol": "TCP", "expect": "deny",
                "verdict": "allow", "ok": False, "egress": "allow", "ingress": "allow", "decided_by": [],
                "where": "expect.yaml:4", "note": "Allowed. Replies need no rule: policy judges who opens a connection.",
                "unevaluated": [],
            },
        ],
        "passed": 2, "failed": 2, "errors": 4, "errors_in_manifests": 0,
    }  # fmt: skip


def test_what_is_not_evaluated_is_named(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    (folder / "bundle.yaml").write_text(BUNDLE + CILIUM)
    text = "- {from: z/c, to: x/b, port: 8080, expect: deny}\n" + HOLDS
    status, out, _ = run(capsys, text, "-o", "json")
    told = json.loads(out)["results"]
    assert status == 0
    assert [each["unevaluated"] for each in told] == [["CiliumNetworkPolicy z/cnp"], []]
    assert told[0]["note"] == "Denied by what is evaluated, by the ingress of Pod x/b."


# Text ------------------------------------------------------------------------------------------------------


def test_text_tells_what_differs_and_why(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    text = (
        HOLDS
        + DIFFERS
        + '- {from: x/a, to: "service:x/s", port: 80, expect: deny}\n'
        + '- {from: x/a, to: "service:x/s", port: 8080, expect: allow}\n'
        + '- {from: z/c, to: "service:x/both", port: 80, expect: allow}\n'
    )
    status, out, err = run(capsys, text)
    assert (status, err) == (1, "")
    assert (
        out
        == """\
✗ expect.yaml:2: z/c → x/b TCP 8080: expected allow, found deny
    ✗ Denied by the ingress of Pod x/b.
    ✗ ingress  isolated by to-b (bundle.yaml:38), and no rule of it lets this in
               nearest: to-b rule 1 (bundle.yaml:41) has no namespaceSelector, so it means pods of x, not of z

✗ expect.yaml:3: x/a → service:x/s TCP 80: expected deny, found allow
    ✓ Allowed. Replies need no rule: policy judges who opens a connection.
    ✓ Service  x/s ClusterIP 10.96.0.1: TCP 80 → 8080 on 1 ready endpoint
    ✓ egress   open: no policy selects x/a for egress
    ✓ ingress  to-b rule 1 (bundle.yaml:41) lets it in

✗ expect.yaml:4: x/a → service:x/s TCP 8080: expected allow, found deny
    ✗ Denied whatever policy says: the Service leads nowhere, since it has no such port.
    ✗ Service  x/s ClusterIP 10.96.0.1: has no port TCP 8080; its ports are TCP 80

✗ expect.yaml:5: z/c → service:x/both TCP 80: expected allow, found partial
    ◐ Allowed in part: 1 of 2 endpoints.
    ✓ Service  x/both ClusterIP 10.96.0.2: TCP 80 → 80 on 2 ready endpoints
    ▶ z/c → x/a2 on 80
    ✗ ingress  isolated by not-a2 (bundle.yaml:43), and has no rule

5 expectations: 1 holds, 4 differ
"""
    )


def test_text_lists_what_holds_only_when_asked(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    assert run(capsys, HOLDS)[1] == "1 expectation: 1 holds\n"
    for option in ("-v", "--verbose"):
        assert run(capsys, HOLDS, option)[1] == (
            "✓ expect.yaml:1: x/a → x/b TCP 8080: allow\n1 expectation: 1 holds\n"
        )


def test_text_tells_what_holds_by_what_is_evaluated_only(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    (folder / "bundle.yaml").write_text(BUNDLE + CILIUM)
    doubtful = "- {from: z/c, to: x/b, port: 8080, expect: deny}\n"
    status, out, _ = run(capsys, doubtful + HOLDS + DIFFERS.replace("8080", "80"), "-v")
    assert status == 1
    assert (
        out
        == """\
? expect.yaml:1: z/c → x/b TCP 8080: deny
✓ expect.yaml:2: x/a → x/b TCP 8080: allow
✗ expect.yaml:3: z/c → x/b TCP 80: expected allow, found deny
    ? Denied by what is evaluated, by the ingress of Pod x/b.
    ✗ ingress  isolated by to-b (bundle.yaml:38), and no rule of it lets this in
               nearest: to-b rule 1 (bundle.yaml:41) has no namespaceSelector, so it means pods of x, not of z; names
               TCP 8080, not TCP 80
    ! not evaluated, and may apply: CiliumNetworkPolicy z/cnp

! 1 expectation holds by what is evaluated only; CiliumNetworkPolicy z/cnp may apply as well: expect.yaml:1
3 expectations: 2 hold, 1 differs
"""
    )


def test_text_counts_what_could_not_be_checked(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    assert run(capsys, HOLDS + "- 5\n- 6\n")[1] == "1 expectation: 1 holds, 2 errors in what is expected\n"
    assert run(capsys, "[]\n")[1] == "0 expectations: nothing to check\n"


def test_a_family_that_the_service_does_not_serve_is_closed(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    (folder / "bundle.yaml").write_text(
        pod("a", "10.0.0.1,fd00::1", app="a")
        + service(
            "s",
            "{type: NodePort, selector: {app: a}, clusterIP: 10.96.0.1, ports: [{port: 80, nodePort: 30080}]}",
        )
    )
    text = (
        '- {from: 203.0.113.7, to: "service:x/s", port: 30080, expect: allow}\n'
        '- {from: "2001:db8::1", to: "service:x/s", port: 30080, expect: allow}\n'
    )
    _, out, _ = run(capsys, text, "-o", "json")
    told = json.loads(out)["results"]
    assert [each["verdict"] for each in told] == ["allow", "deny"]
    assert told[1]["note"] == "Denied for want of an address family that both ends have."


# JUnit -----------------------------------------------------------------------------------------------------

ATTRIBUTES = {
    "testsuites": {"name", "tests", "failures", "errors"},
    "testsuite": {"name", "file", "tests", "failures", "errors"},
    "testcase": {"name", "classname", "file", "line"},
    "failure": {"type", "message"},
    "error": {"type", "message"},
    "system-out": set[str](),
}
CHILDREN = {
    "testsuites": {"testsuite"},
    "testsuite": {"testcase"},
    "testcase": {"failure", "error", "system-out"},
}
"""Of what junit-10.xsd of the Jenkins xUnit plugin allows, what is used here."""


def junit(text: str) -> ET.Element:
    root = ET.fromstring(text)  # noqa: S314 - our own
    assert root.tag == "testsuites"
    for element in root.iter():
        assert set(element.attrib) == ATTRIBUTES[element.tag]
        assert {child.tag for child in element} <= CHILDREN.get(element.tag, set())
    for suite in (root, *root):
        for count, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error")):
            assert suite.get(count) == str(len(list(suite.iter(tag))))
    return root


def test_junit_has_a_suite_for_each_file_and_a_case_for_each_entry(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    (folder / "policies").mkdir()
    (folder / "policies" / "more.yaml").write_text(HOLDS)
    status, out, _ = run(capsys, HOLDS + DIFFERS + "- 5\n", "policies/more.yaml", "-o", "junit")
    assert status == 2
    assert out.isascii()
    first, second = junit(out)
    assert [dict(suite.attrib) for suite in (first, second)] == [
        {"name": "expect.yaml", "file": "expect.yaml", "tests": "3", "failures": "1", "errors": "1"},
        {"name": "policies/more.yaml", "file": "policies/more.yaml", "tests": "1", "failures": "0", "errors": "0"},
    ]  # fmt: skip
    holds, differs, wrong = first
    assert dict(holds.attrib) == {
        "name": "x/a → x/b TCP 8080: allow", "classname": "expect", "file": "expect.yaml", "line": "1",
    }  # fmt: skip
    assert list(holds) == []
    [failure] = differs
    assert (failure.get("type"), failure.get("message")) == ("allow-expected", "expected allow, found deny")
    assert (failure.text or "").splitlines() == [
        "expect.yaml:2",
        "    ✗ Denied by the ingress of Pod x/b.",
        "    ✗ ingress  isolated by to-b (bundle.yaml:38), and no rule of it lets this in",
        "               nearest: to-b rule 1 (bundle.yaml:41) has no namespaceSelector, so it means pods of x, not of z",
    ]
    [error] = wrong
    said = "must be a mapping with from, to, port, expect, not the number 5"
    assert (wrong.get("name"), error.get("message")) == (f"line 3: {said}", f"expect.yaml:3: {said}")
    assert [case.get("classname") for case in second] == ["policies.more"]


def test_junit_tells_of_what_is_not_evaluated(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    (folder / "bundle.yaml").write_text(BUNDLE + CILIUM)
    _, out, _ = run(capsys, "- {from: z/c, to: x/b, port: 8080, expect: deny}\n", "-o", "junit")
    [note] = junit(out).iter("system-out")
    assert note.text == "holds by what is evaluated only; CiliumNetworkPolicy z/cnp may apply as well"


def test_junit_tells_of_files_that_are_none(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    (folder / "none.yaml").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4)
    status, out, _ = run(capsys, "", "none.yaml", "-o", "junit")
    assert status == 2
    assert [(suite.get("name"), [case.get("name") for case in suite]) for suite in junit(out)] == [
        ("none.yaml", ["not text: not UTF-8"]),
        ("expect.yaml", ["no expectation in it: a list of {from, to, port, expect} belongs here"]),
    ]


def test_no_text_breaks_xml_or_drives_a_terminal(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    name = '"a\\0\\x1b[31m\\uFFFE\\uFFFF\\x85]]>&<b\\u202e\\uD83D"'
    (folder / "bundle.yaml").write_text(BUNDLE + pod(name, "10.0.0.9", app="b"))
    ends = "a\\u0000\\u001b[31m\\ufffe\\uffff\\u0085]]>&<b\\u202e\\ud83d"
    text = f'[{{"from": "z/c", "to": "x/{ends}", "port": 8080, "expect": "allow"}}, {{"a{ends}": 1}}]'
    for form in ("text", "json", "junit"):
        status, out, err = run(capsys, text, "-o", form)
        assert status == 2
        for control in ("\0", "\x1b", "\x85", "\u202e", "\ud83d"):
            assert control not in out + err
        if form == "junit":
            junit(out)
            assert out.isascii()


# ---


def test_the_benchmark_asks_what_can_be_answered(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    (folder / "bundle.json").write_text(json.dumps(benchmark_bundle(3)))
    (folder / "expect.json").write_text(json.dumps(benchmark_expectations(60, 3)))
    assert main(["check", "-f", "bundle.json", "expect.json", "-o", "json"]) == 1
    out, err = capsys.readouterr()
    told = json.loads(out)
    assert (len(told["results"]), told["errors"]) == (60, 0), err
    assert {each["verdict"] for each in told["results"]} == {"allow", "deny"}


def test_what_could_not_be_read_of_the_manifests_is_told_with_the_result(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    (folder / "bundle.yaml").write_text(BUNDLE + "---\n{ not yaml\n")
    status, out, _ = run(capsys, HOLDS)
    assert status == 0
    assert out.startswith("! 1 error in the manifests: what could not be read there is judged by no rule\n")
    assert json.loads(run(capsys, HOLDS, "-o", "json")[1])["errors_in_manifests"] == 1
