"""Reading lists of expectations: what is wrong with an entry is told with its place, and hides no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from policy_core.checking import Checked, check
from policy_core.evaluation import Evaluation
from policy_core.expectations import Expectation, Expectations
from policy_core.sources import files
from tests.clusters import evaluate, pod, policy, service

SOUND = "- {from: x/a, to: x/b, port: 80, expect: deny}\n"
CLUSTER = evaluate(
    pod("a", "10.0.0.1", app="a")
    + pod("b", "10.0.0.2", app="b")
    + pod("done", "10.0.0.3").replace("Running", "Succeeded")
    + service("s", "{selector: {app: b}, ports: [{port: 80}]}")
    + service("empty", "{selector: {app: nobody}, ports: [{port: 80}]}")
    + "".join(
        f"---\napiVersion: apps/v1\nkind: {kind}\nmetadata: {{name: w, namespace: x}}\n"
        "spec: {selector: {matchLabels: {app: w}}, template: {metadata: {labels: {app: w}}}}\n"
        for kind in ("Deployment", "StatefulSet")
    )
    + policy("closed", "{podSelector: {}}")
)


def read(text: str, file: str = "e.yaml") -> Expectations:
    found = Expectations()
    found.add(file, text)
    return found


def checked(text: str, file: str = "e.yaml", evaluation: Evaluation = CLUSTER) -> Checked:
    return check(evaluation, read(text, file))


def told(found: Expectations | Checked) -> list[str]:
    return [f"{problem.severity}: {problem}" for problem in found.problems]


def asked(entry: Expectation) -> tuple[str, str, str, int, str]:
    return entry.source, entry.destination, entry.protocol, entry.port, entry.verdict.value


ENTRY = {"from": "x/a", "to": "x/b", "port": "80", "expect": "deny"}


def entry(**changed: str) -> str:
    """In block style, a line for each field, from the second line of the file on; None leaves it out."""
    fields = {**ENTRY, **{name.rstrip("_"): value for name, value in changed.items()}}
    lines = [f"{name}: {value}" for name, value in fields.items()]
    return "# expectations\n- " + "\n  ".join(lines) + "\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (entry(port="0"), "e.yaml:4: port: must be 1 to 65535, not 0"),
        (entry(port="70000"), "e.yaml:4: port: must be 1 to 65535, not 70000"),
        (entry(port="-1"), "e.yaml:4: port: must be 1 to 65535, not -1"),
        (entry(port='"80"'), "e.yaml:4: port: must be a whole number, not text"),
        (entry(port="http"), "e.yaml:4: port: must be a whole number, not text"),
        (entry(port="yes"), "e.yaml:4: port: must be a whole number, not the boolean true"),
        (entry(port="80.5"), "e.yaml:4: port: must be a whole number, not the number 80.5"),
        (entry(port="80.0"), "e.yaml:4: port: must be a whole number, not the number 80.0"),
        (entry(port="[80]"), "e.yaml:4: port: must be a whole number, not a list"),
        (entry(port="{a: 80}"), "e.yaml:4: port: must be a whole number, not a mapping"),
        (entry(port=""), "e.yaml:2: port is missing"),
        (entry(to="null"), "e.yaml:2: to is missing"),
        (entry(from_="5"), "e.yaml:2: from: must be text, not the number 5: put it in quotes"),
        (entry(from_="y"), "e.yaml:2: from: must be text, not the boolean true: put it in quotes"),
        (entry(to="[x/a]"), "e.yaml:3: to: must be text, not a list"),
        (entry(to="{a: b}"), "e.yaml:3: to: must be text, not a mapping"),
        (entry(protocol="TPC"), 'e.yaml:6: protocol: must be TCP, UDP or SCTP, not "TPC"'),
        (entry(protocol="udpp"), 'e.yaml:6: protocol: must be TCP, UDP or SCTP, not "udpp" (did you mean UDP?)'),
        (entry(protocol="6"), "e.yaml:6: protocol: must be TCP, UDP or SCTP, not the number 6"),
        (
            entry(expect="alow"),
            'e.yaml:5: expect: must be allow, deny, partial or unknown, not "alow" (did you mean allow?)',
        ),
        (entry(expect="Deny"), 'e.yaml:5: expect: must be allow, deny, partial or unknown, not "Deny" (did you mean deny?)'),
        (entry(expect="no"), "e.yaml:5: expect: must be allow, deny, partial or unknown, not the boolean false"),
        (entry(expect="[]"), "e.yaml:5: expect: must be allow, deny, partial or unknown, not a list"),
        (entry(proto="TCP"), 'e.yaml:6: unknown field "proto" (did you mean protocol?)'),
        (entry(note="x"), 'e.yaml:6: unknown field "note": there are from, to, port, expect, protocol'),
        (entry(kind="Pod"), 'e.yaml:6: unknown field "kind": there are from, to, port, expect, protocol'),
        (entry().replace("from:", "form:"), 'e.yaml:2: unknown field "form" (did you mean from?)'),
        (entry().replace("from:", "source:"), 'e.yaml:2: unknown field "source" (did you mean from?)'),
        (entry().replace("to:", "dst:"), 'e.yaml:3: unknown field "dst" (did you mean to?)'),
        (entry().replace("expect:", "expected:"), 'e.yaml:5: unknown field "expected" (did you mean expect?)'),
        (entry() + "  to: x/a\n", "e.yaml:6: to: duplicate key"),
        ("- 5\n", "e.yaml:1: must be a mapping with from, to, port, expect, not the number 5"),
        ("# a\n- x/a to x/b\n", "e.yaml:2: must be a mapping with from, to, port, expect, not text"),
        ("# a\n\n-\n", "e.yaml:3: must be a mapping with from, to, port, expect, not null"),
        ("---\n- [a, b]\n", "e.yaml:2: must be a mapping with from, to, port, expect, not a list"),
        ("{from: x/a, to: x/b}\n", "e.yaml:1: must be a list of expectations, not a mapping; begin each with -"),
        ("a: b\n", "e.yaml:1: must be a list of expectations, not a mapping"),
        ("# no\nhello\n", "e.yaml:2: must be a list of expectations, not text"),
        (
            pod("a").removeprefix("---\n"),
            "e.yaml:1: must be a list of expectations, not a mapping; manifests are named by -f",
        ),
        ("", "e.yaml: no expectation in it: a list of {from, to, port, expect} belongs here"),
        ("# later\n---\n", "e.yaml: no expectation in it: a list of {from, to, port, expect} belongs here"),
        ("null\n", "e.yaml: no expectation in it: a list of {from, to, port, expect} belongs here"),
        ("- {from: x/a\n", "e.yaml:1: not valid YAML: while parsing a flow mapping did not find expected ',' or '}'"),
        ("- {from: *b}\n", 'e.yaml:1: not valid YAML: no anchor "b" comes before this alias'),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(text: str, said: str) -> None:
    found = read(text)
    assert told(found) == [f"error: {said}"]
    assert found.entries == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (entry(from_="y/a"), "e.yaml:2: from: no pod or workload y/a in what was read; did you mean x/a?"),
        (entry(to="x/s"), "e.yaml:3: to: no pod or workload x/s in what was read; did you mean service:x/s?"),
        (entry(to="service:x/t"), "e.yaml:3: to: no Service x/t in what was read; `overview` lists the namespaces"),
        (entry(to="service:x/b"), "e.yaml:3: to: no Service x/b in what was read; did you mean x/b?"),
        (entry(to="x/w"), "e.yaml:3: to: x/w names several workloads: say deployment:x/w or statefulset:x/w"),
        (entry(to="x/done"), "e.yaml:3: to: Pod x/done has finished (Succeeded): it takes part in no connection"),
        (entry(to="10.0.0.0/8"), "e.yaml:3: to: 10.0.0.0/8 is a range: name one address, as 10.0.0.0"),
        (
            entry(to='"2001:db8::1"'),
            "e.yaml:3: to: 2001:db8::1 is an IPv6 address, and nothing here has one: every pod and Service that was read is IPv4 only",
        ),
        (entry(from_='""'), "e.yaml:2: from: an empty name is neither NAMESPACE/NAME, service:NAMESPACE/NAME nor an IP address"),
        (entry(from_="1.2.3.4", to="5.6.7.8"), "e.yaml:2: 1.2.3.4 and 5.6.7.8 are both outside: name a pod or a Service as one end"),
        (entry(from_="service:x/empty"), "e.yaml:2: Service x/empty has no pod in what was read that could open a connection"),
    ],
)  # fmt: skip
def test_ends_that_cannot_be_judged_are_told_with_their_place(text: str, said: str) -> None:
    found = checked(text)
    assert told(found) == [f"error: {said}"]
    assert found.outcomes == ()


def test_everything_that_is_wrong_is_told_and_hides_nothing() -> None:
    found = checked(
        "- {from: x/a, to: x/b, port: 0, expect: never, why: x}\n"
        + SOUND
        + "- {from: x/no, to: x/nor, port: 80, expect: deny}\n"
        + "---\n- [\n---\n"
        + SOUND
        + "---\n5\n"
    )
    assert [problem.where for problem in found.problems] == [
        *["e.yaml:1"] * 3,
        *["e.yaml:3"] * 2,
        "e.yaml:6",
        "e.yaml:7",  # the same as on line 2
        "e.yaml:9",
    ]
    assert [outcome.expectation.where for outcome in found.outcomes] == ["e.yaml:2", "e.yaml:7"]
    assert all(outcome.ok for outcome in found.outcomes)


@pytest.mark.parametrize("file", ["e.json", "e.yaml"])
def test_json_has_lines_and_says_which_entry_is_meant(file: str) -> None:
    found = checked(
        '[\n  {"from": "x/a", "to": "x/b", "port": 80, "expect": "deny"},\n'
        '  {"from": "x/a",\n   "to": "x/b", "port": 80.5, "expect": "deny"}, 7,\n'
        '  {"from": "x/a", "to": "x/b", "port": 80, "port": 81, "expect": "deny"},\n'
        '  {"from": "x/a",\n   "to": "x/nobody", "port": 82, "expect": "deny"}]\n',
        file,
    )
    assert told(found) == [
        f"error: {file}:4: [1].port: must be a whole number, not the number 80.5",
        f"error: {file}:4: [2]: must be a mapping with from, to, port, expect, not the number 7",
        f"error: {file}:5: [3].port: duplicate key",
        f"error: {file}:7: [4].to: no pod or workload x/nobody in what was read; `overview` lists the namespaces",
    ]
    assert [outcome.expectation.where for outcome in found.outcomes] == [f"{file}:2"]


def test_scalars_mean_what_they_mean_in_manifests() -> None:
    text = "- {from: 1:30/a, to: y/b, port: 0o120, expect: deny, protocol: ~}\n"
    [entry] = read(text).entries
    assert asked(entry) == ("1:30/a", "y/b", "TCP", 80, "deny")


def test_protocols_are_known_in_any_case_and_merged_keys_count() -> None:
    text = "- &first {from: x/a, to: x/b, port: 80, protocol: sctp, expect: deny}\n- <<: *first\n  port: 81\n"
    assert [asked(entry) for entry in read(text).entries] == [
        ("x/a", "x/b", "SCTP", 80, "deny"),
        ("x/a", "x/b", "SCTP", 81, "deny"),
    ]


def test_an_empty_list_expects_nothing() -> None:
    found = read("[]\n")
    assert (found.entries, found.problems) == ([], [])


def test_aliases_do_not_blow_up() -> None:
    bomb = "- &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n" + "".join(
        f"- &{chr(98 + i)} [{', '.join([f'*{chr(97 + i)}'] * 10)}]\n" for i in range(8)
    )
    assert [problem.message for problem in read(bomb).problems] == [
        "aliases make the document larger than 10,404 values"
    ]


def test_nesting_ends() -> None:
    [problem] = read("- " + "[" * 10_000).problems
    assert "nested more than 100 levels deep" in problem.message


def test_names_without_a_namespace_are_in_the_given_one() -> None:
    found = check(CLUSTER, read("- {from: a, to: b, port: 80, expect: deny}\n"), "x")
    assert [outcome.ok for outcome in found.outcomes] == [True]


def test_repeats_and_contradictions_are_told_with_both_places() -> None:
    found = checked(
        SOUND
        + SOUND
        + "- {from: pod:x/a, to: x/b, port: 80, expect: allow}\n"
        + "- {from: x/a, to: x/b, port: 80, protocol: UDP, expect: allow}\n"
    )
    assert told(found) == [
        "warning: e.yaml:2: the same is expected at e.yaml:1",
        "warning: e.yaml:3: contradicts e.yaml:1, which expects deny: one of them always differs",
    ]
    assert found.errors == ()
    assert [outcome.ok for outcome in found.outcomes] == [True, True, False, False]


def test_on_one_line_of_json_the_number_of_the_entry_says_which() -> None:
    one = '{"from": "x/a", "to": "x/b", "port": 80, "expect": "deny"}'
    outside = one.replace("x/a", "1.2.3.4").replace("x/b", "1.2.3.4")
    found = checked(f"[{one}, {outside}, {one}]", "e.json")
    assert told(found) == [
        "error: e.json:1: [1]: 1.2.3.4 and 1.2.3.4 are both outside: name a pod or a Service as one end",
        "warning: e.json:1: [2]: the same is expected at e.json:1 [0]",
    ]


def test_files_are_told_apart_and_their_text_may_be_in_any_encoding(tmp_path: Path) -> None:
    one, other, none = (tmp_path / name for name in ("1.yaml", "2.yaml", "3.yaml"))
    one.write_bytes(("\ufeff" + SOUND.replace("\n", "\r\n")).encode("utf-16"))
    other.write_text("- 5\n" + SOUND)
    none.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4)
    found = Expectations()
    files.feed(found, [str(one), str(other), str(none)])
    result = check(CLUSTER, found)
    assert [outcome.expectation.where for outcome in result.outcomes] == [f"{one}:1", f"{other}:2"]
    assert [problem.where for problem in result.problems] == [
        str(none),
        f"{other}:1",
        f"{other}:2",  # the same as in the first file
    ]
    assert result.files == (str(one), str(other))
