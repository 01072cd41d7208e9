"""``trace``: exit codes, the shape of its JSON, and the words for every hop."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from tests.clusters import namespace, pod, policy, service
from tests.unit.test_name_resolution import DNS, DNS_SERVICE
from tui.cli import main

WEB_TO_DB = policy(
    "web-to-db",
    "{podSelector: {matchLabels: {app: db}}, "
    "ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 3306}]}]}",
)
SHUT_IN = policy("shut-in", "{podSelector: {matchLabels: {app: jail}}, policyTypes: [Egress]}")
BUNDLE = (
    pod("web", "10.0.0.1", app="web")
    + pod("jail", "10.0.0.2", app="jail")
    + pod("db-0", "10.0.0.3", app="db")
    + pod("db-1", "10.0.0.4", app="db", half="b")
    + service("db", "{clusterIP: 10.96.0.9, selector: {app: db}, ports: [{port: 33, targetPort: 3306}]}")
    + DNS
    + DNS_SERVICE
    + WEB_TO_DB
    + SHUT_IN
)

Trace = Callable[..., tuple[int, str, str]]


@pytest.fixture
def trace(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Trace:
    monkeypatch.chdir(tmp_path)

    def run(
        source: str, to: str, port: object = 3306, *more: str, text: str = BUNDLE
    ) -> tuple[int, str, str]:
        Path("b.yaml").write_text(text)
        status = main(["trace", source, to, "--port", str(port), "-f", "b.yaml", *more])
        out, err = capsys.readouterr()
        return status, out, err

    return run


def as_json(trace: Trace, *words: Any, **more: Any) -> Any:
    _, out, _ = trace(*words, "-o", "json", **more)
    return json.loads(out)


def test_the_exit_code_is_the_verdict(trace: Trace) -> None:
    hidden = WEB_TO_DB.replace(
        "{podSelector: {matchLabels: {app: web}}}", "{namespaceSelector: {matchLabels: {a: b}}}"
    )
    unreadable = "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: x, labels: {a: 1}}\n"
    half = policy("half", "{podSelector: {matchLabels: {half: b}}}") + BUNDLE.replace(WEB_TO_DB, "")
    assert trace("x/web", "x/db-0")[0] == 0
    assert trace("x/web", "x/db-0", 3307)[0] == 1
    assert trace("x/web", "service:x/db", 33, text=half)[0] == 1
    assert trace("x/web", "x/db-0", text=BUNDLE.replace(WEB_TO_DB, hidden) + unreadable)[0] == 3


def test_its_json_has_the_documented_shape(trace: Trace) -> None:
    found = as_json(trace, "x/web", "service:x/db", 33)
    assert list(found) == [
        "from",
        "to",
        "port",
        "protocol",
        "verdict",
        "hops",
        "unevaluated",
        "caveats",
    ]
    assert (found["from"], found["to"], found["port"], found["protocol"], found["verdict"]) == (
        "x/web",
        "service:x/db",
        33,
        "TCP",
        "allow",
    )
    assert [(hop["kind"], hop["verdict"], hop["subject"], hop["decided_by"]) for hop in found["hops"]] == [
        ("dns", "allow", "Service kube-system/kube-dns", []),
        ("service", "allow", "Service x/db", []),
        ("endpoint", "allow", "x/db-0, x/db-1", []),
        ("egress", "allow", "Pod x/web", []),
        ("ingress", "allow", "x/db-0, x/db-1", ["NetworkPolicy x/web-to-db ingress[0]"]),
    ]
    assert all(
        list(hop) == ["kind", "verdict", "doubtful", "subject", "decided_by", "where", "note", "ends"]
        for hop in found["hops"]
    )
    assert found["hops"][4]["where"] == ["b.yaml:" + str(_line("web-to-db"))]
    assert found["hops"][4]["ends"] == ["x/db-0", "x/db-1"]


def _line(policy_name: str) -> int:
    """Of the policy's spec, which holds its rules in one line."""
    return next(n for n, line in enumerate(BUNDLE.split("\n"), 1) if f"name: {policy_name}," in line) + 1


def test_what_is_denied_names_the_policies_and_the_nearest_rule(trace: Trace) -> None:
    found = as_json(trace, "x/jail", "x/db-0", 3306)
    *_, egress, ingress = found["hops"]
    assert egress["decided_by"] == ["NetworkPolicy x/shut-in"]
    assert egress["note"] == "isolated by shut-in, which has no rule"
    assert ingress["decided_by"] == ["NetworkPolicy x/web-to-db"]
    assert ingress["note"] == (
        "isolated by web-to-db: no rule of it lets this in; nearest: web-to-db rule 1 wants app=web, not app=jail"
    )


def test_the_text_tells_the_path_with_files_and_lines(trace: Trace) -> None:
    status, out, _ = trace("x/web", "x/db-0", 3307)
    assert status == 1
    assert out.split("\n")[:8] == [
        "Pod x/web → Pod x/db-0 TCP 3307",
        "✗ Denied by the ingress of Pod x/db-0.",
        "",
        "● Pod x/web  app=web · 10.0.0.1 · Running",
        "├─ ✓ names    kube-system/kube-dns answers on UDP and TCP 53",
        "├─ ✓ egress   open: no policy selects x/web for egress",
        f"├─ ✗ ingress  isolated by web-to-db (b.yaml:{_line('web-to-db') - 3}): no rule of it lets this in",
        f"┊             nearest: web-to-db rule 1 (b.yaml:{_line('web-to-db')}) names TCP 3306, not TCP 3307",
    ]
    assert "○ x/db-0 on 3307" in out


def test_replies_are_mentioned_once(trace: Trace) -> None:
    _, out, _ = trace("x/web", "x/db-0")
    assert out.count("Replies") == 1


def test_a_service_says_how_many_of_how_many(trace: Trace) -> None:
    half = policy("half", "{podSelector: {matchLabels: {half: b}}}") + BUNDLE.replace(WEB_TO_DB, "")
    _, out, _ = trace("x/web", "service:x/db", 33, text=half)
    assert "◐ Allowed in part: 1 of 2 endpoints." in out
    assert "x/db (ClusterIP, 10.96.0.9): TCP 33 → 3306 on 2 ready endpoints" in out
    assert "├▶ ✓ x/web → x/db-0 on 3306" in out
    assert "├▶ ✗ x/web → x/db-1 on 3306" in out


def test_who_cannot_look_up_names_is_told(trace: Trace) -> None:
    _, out, _ = trace("x/jail", "service:x/db", 33)
    assert "! It cannot look up names, so whoever dials this Service by its name never gets this far." in out


def test_families_are_told_apart_where_they_differ(trace: Trace) -> None:
    block = "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}"
    text = pod("a", "10.0.0.1,fd00::1") + pod("b", "10.0.0.2,fd00::2") + policy("p", block)
    _, out, _ = trace("x/a", "x/b", 80, text=text)
    assert "◐ Allowed in part: over IPv4 only." in out
    assert "✓ ingress  over IPv4: p rule 1" in out
    assert "✗ ingress  over IPv6: isolated by p" in out
    assert "is for 10.0.0.0/8, so over IPv6 it allows nothing" in out


def test_objects_that_are_not_evaluated_leave_no_plain_verdict(trace: Trace) -> None:
    cilium = (
        "---\napiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: c, namespace: x}\n"
        "spec: {endpointSelector: {matchLabels: {app: web}}}\n"
    )
    _, out, _ = trace("x/web", "x/db-0", text=BUNDLE + cilium)
    assert "? Allowed by what is evaluated." in out
    assert as_json(trace, "x/web", "x/db-0", 3306, text=BUNDLE + cilium)["unevaluated"] == [
        "CiliumNetworkPolicy x/c"
    ]


def test_an_address_that_is_a_pods_is_told(trace: Trace) -> None:
    assert as_json(trace, "x/web", "10.0.0.3", 3306)["caveats"] == [
        "10.0.0.3 is the address of Pod x/db-0, judged here as one outside: name the pod to have its labels count."
    ]
    [caveat] = as_json(trace, "x/web", "10.96.0.9", 33)["caveats"]
    assert caveat.endswith("ask for service:x/db.")


def test_in_markdown_the_diagram_is_a_list(trace: Trace) -> None:
    _, out, _ = trace("x/web", "x/db-0", 3307, "-o", "md")
    assert out.startswith("# Pod x/web → Pod x/db-0 TCP 3307\n\nSource: b.yaml\n\n✗ Denied by the ingress")
    assert (
        "\n- ✗ ingress isolated by web-to-db: no rule of it lets this in\n  - nearest: web-to-db rule 1 ("
        in out
    )
    assert "│" not in out


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["x/web", "x/db", "--port", "1"], "did you mean service:x/db or x/db-0 or x/db-1?"),
        (["x/web", "x/db-0", "--port", "0"], "--port 0: a port is a number from 1 to 65535"),
        (["x/web", "x/db-0", "--port", "70000"], "--port 70000: a port is a number from 1 to 65535"),
        (["x/web", "x/db-0", "--port", "http"], "--port http: a port is a number from 1 to 65535"),
        (["x/web", "x/db-0", "--port", "１"], "--port １: a port is a number from 1 to 65535"),
        (["x/web", "x/db-0", "--port", "1", "--protocol", "ICMP"], "--protocol ICMP: TCP, UDP or SCTP"),
        (["x/web", "2001:db8::1", "--port", "1"], "every pod and Service that was read is IPv4 only"),
        (["1.1.1.1", "2.2.2.2", "--port", "1"], "1.1.1.1 and 2.2.2.2 are both outside"),
        (["x/web", "x/db-0"], "the following arguments are required: --port"),
        (["x/web", "x/db-0", "--port", "1", "-n", "nowhere"], "no namespace nowhere in what was read"),
    ],
)
def test_bad_words_are_errors_that_help(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, words: list[str], why: str
) -> None:
    (tmp_path / "b.yaml").write_text(BUNDLE + namespace("z"))
    assert main(["trace", *words, "-f", str(tmp_path)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert why in err


def test_the_protocol_may_be_written_in_small_letters(trace: Trace) -> None:
    assert as_json(trace, "x/web", "x/db-0", 53, "--protocol", "udp")["protocol"] == "UDP"


def test_names_cannot_drive_the_terminal(trace: Trace) -> None:
    evil = BUNDLE.replace("app: 'web'", 'app: "we\\e[31mb"')
    _, out, _ = trace("x/web", "x/db-0", 3306, text=evil)
    assert "\x1b" not in out


def test_a_name_that_leads_outside_is_unknown_and_says_so(trace: Trace) -> None:
    name = service("ext", "{type: ExternalName, externalName: db.example.com}")
    status, out, _ = trace("x/web", "service:x/ext", 443, text=BUNDLE + name)
    assert status == 3
    assert "? Unknown: Service x/ext is a DNS name, and where that leads is not known here." in out
    assert "● wherever that name leads" in out


def test_a_rule_for_the_port_of_the_service_is_told_as_the_slip_that_it_is(trace: Trace) -> None:
    slip = BUNDLE.replace("ports: [{port: 3306}]", "ports: [{port: 33}]")
    _, out, _ = trace("x/web", "service:x/db", 33, text=slip)
    said = "names TCP 33, not TCP 3306 (TCP 33 is the Service's port; policy sees the endpoint's)"
    assert said in " ".join(out.replace("┊", " ").split())


def test_dns_on_another_port_is_told_with_that_port_and_the_nearest_rule(trace: Trace) -> None:
    elsewhere = DNS_SERVICE.replace("protocol: UDP}", "protocol: UDP, targetPort: 5353}")
    out_53 = policy(
        "out", "{podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: 53, protocol: UDP}]}]}"
    )
    text = BUNDLE.replace(DNS_SERVICE, elsewhere) + out_53
    [dns, *_] = as_json(trace, "x/web", "x/db-0", 3306, text=text)["hops"]
    assert dns["verdict"] == "deny"
    assert dns["note"] == (
        "cannot ask kube-system/kube-dns on UDP or TCP 53 (arriving on 5353): egress isolated by out: no rule "
        "of it lets this out; nearest: out rule 1 names UDP 53, not UDP 5353 "
        "(UDP 53 is the Service's port; policy sees the endpoint's)"
    )


def test_a_denial_that_hangs_on_a_namespace_which_was_only_named_says_so(trace: Trace) -> None:
    wants = policy(
        "p",
        "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: a}}}]}]}",
    )
    found = as_json(trace, "x/web", "x/db-0", 3306, text=BUNDLE.replace(WEB_TO_DB, wants))
    assert any("No Namespace object for" in caveat for caveat in found["caveats"])


def test_labels_that_could_not_be_read_are_not_called_missing(trace: Trace) -> None:
    odd = BUNDLE.replace("labels: {app: 'web'}", "labels: {app: 1.5}")
    found = as_json(trace, "x/web", "x/db-0", 3306, text=odd)
    assert found["hops"][-1]["note"].endswith("wants app=web, a label of the source that could not be read")


def test_what_is_not_evaluated_casts_no_doubt_on_a_service_that_leads_nowhere(trace: Trace) -> None:
    cilium = (
        "---\napiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: c, namespace: x}\n"
        "spec: {endpointSelector: {matchLabels: {app: web}}}\n"
    )
    _, out, _ = trace("x/web", "service:x/db", 34, text=BUNDLE + cilium)
    assert "✗ Denied whatever policy says: Service x/db leads nowhere, since it has no such port." in out
    _, out, _ = trace("x/jail", "x/db-0", text=BUNDLE + cilium.replace("app: web", "app: jail"))
    assert (
        "? Denied by what is evaluated, by the egress of Pod x/jail and by the ingress of Pod x/db-0." in out
    )


def test_many_groups_are_drawn_with_some_of_each_verdict_and_the_rest_counted(trace: Trace) -> None:
    pods = "".join(pod(f"p{n:02d}", f"10.1.0.{n}", app="many", n=str(n)) for n in range(1, 31))
    shut = "".join(policy(f"p{n}", f"{{podSelector: {{matchLabels: {{n: '{n}'}}}}}}") for n in range(1, 29))
    many = service("many", "{selector: {app: many}, ports: [{port: 80}]}")
    _, out, _ = trace("x/web", "service:x/many", 80, text=BUNDLE + pods + shut + many)
    assert "◐ Allowed in part: 2 of 30 endpoints." in out
    assert "├▶ ✓ x/web → x/p29, x/p30 on 80" in out
    assert "and more groups like these: 22 denied" in out


def test_many_policies_are_not_all_named(trace: Trace) -> None:
    shut = "".join(policy(f"p{n}", "{podSelector: {}}") for n in range(20))
    _, out, _ = trace("x/web", "x/db-0", 3307, text=BUNDLE + shut)
    assert "and 15 more" in out
    assert "p19" not in out


def test_who_of_several_missed_a_rule_by_what_is_told_of_the_first(trace: Trace) -> None:
    found = as_json(trace, "x/jail", "service:x/db", 33)
    assert "nearest for x/db-0: web-to-db rule 1" in found["hops"][-1]["note"]


def test_the_example_of_the_readme_is_what_comes_out(capsys: pytest.CaptureFixture[str]) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    _, found, after = readme.partition("    $ netpol-tui ")
    assert found
    command, *lines = after.split("\n")
    end = next(number for number, line in enumerate(lines) if line and not line.startswith("    "))
    main(command.split())
    assert dedent("\n".join(lines[:end])).strip() == capsys.readouterr().out.strip()
