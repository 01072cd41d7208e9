"""What is shown and copied of an object's manifest, in YAML and in JSON on however many lines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from policy_core.evaluation import Evaluation
from policy_core.model import Ref
from policy_core.snapshot import assemble
from policy_core.sources import demo, files
from tui.catalogue import Catalogue, Row
from tui.subjects import Manifest, copied, manifest

POLICY = Ref("NetworkPolicy", "default", "allow-web-to-db")
RULE = ("spec", "ingress", 0)


def pod(number: int) -> dict[str, Any]:
    labels = {"app": "a", "name": f"p{number}"}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": f"p{number}", "labels": labels}}


ALLOW = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "NetworkPolicy",
    "metadata": {"name": "np", "annotations": {"note": "é {\n}"}},
    "spec": {
        "podSelector": {},
        "ingress": [{"ports": [{"port": 1}]}, {"ports": [{"port": 2}]}, {"ports": [{"port": 3}]}],
    },
}
ITEMS = [pod(1), ALLOW, pod(2)]
LIST = {"apiVersion": "v1", "kind": "List", "items": ITEMS}
NP = Ref("NetworkPolicy", "default", "np")


def read(*paths: str) -> Evaluation:
    return Evaluation.of(assemble(files.read(paths)))


def row(evaluation: Evaluation, ref: Ref) -> Row:
    found = Catalogue.of(evaluation).find(ref)
    assert found is not None
    return found


def shown(evaluation: Evaluation, ref: Ref, path: tuple[str | int, ...] = ()) -> Manifest:
    found = manifest(evaluation.snapshot, row(evaluation, ref), path)
    assert found is not None
    return found


def minified(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


@pytest.mark.parametrize(
    "text",
    [
        minified(LIST),
        f"# a comment\n---\n{minified(pod(7))}\n--- \n {minified(LIST)}",
        minified(pod(7)) + minified(ALLOW) + minified(pod(8)),
        "\n".join(map(minified, ITEMS)),
        f'{{"kind":"List","apiVersion":"v1","items":[{minified(pod(1))},\n{minified(ALLOW)},{minified(pod(2))}]}}',
    ],
    ids=["list", "document", "stream", "lines", "cut"],
)
def test_an_object_of_json_on_one_line_is_shown_alone_and_set_out(tmp_path: Path, text: str) -> None:
    (tmp_path / "all.json").write_text(text)
    evaluation = read(str(tmp_path / "all.json"))
    found = shown(evaluation, NP, ("spec", "ingress", 1))
    assert json.loads("\n".join(found.lines)) == ALLOW
    assert len(found.lines) > 20
    marked = [found.lines[number - found.first_number] for number in found.highlighted]
    assert json.loads("".join(marked).rstrip(",")) == {"ports": [{"port": 2}]}
    assert found.where.startswith(f"{tmp_path}/all.json:")
    assert len(copied(evaluation, row(evaluation, NP), as_yaml=True)) < 1000


def test_json_on_many_lines_is_shown_as_it_was_written(tmp_path: Path) -> None:
    text = json.dumps(LIST, indent=4)
    (tmp_path / "all.json").write_text(text)
    found = shown(read(str(tmp_path)), NP, ("spec", "ingress", 1))
    lines = text.splitlines()
    first = next(number for number, line in enumerate(lines, 1) if "networking" in line) - 1
    assert (found.first_number, found.lines[0]) == (first, lines[first - 1])
    assert lines[found.highlighted[0] - 1].strip() == "{"
    assert '"port": 2' in "".join(lines[number - 1] for number in found.highlighted)


def test_what_is_copied_at_a_rule_names_its_lines_and_holds_the_whole_object() -> None:
    evaluation = Evaluation.of(assemble(demo.read()))
    text = copied(evaluation, row(evaluation, POLICY), True, RULE)
    head, blank, where, _, fence, *lines = text.splitlines()
    assert head == "# NetworkPolicy default/allow-web-to-db, rule 1: demo/default.yaml:21-27"
    assert (blank, where, fence) == ("", "demo/default.yaml:9-27", "```yaml")
    assert yaml.safe_load("\n".join(lines[:-1]))["metadata"]["name"] == "allow-web-to-db"


@pytest.mark.parametrize(
    ("path", "head"),
    [
        ((), "# NetworkPolicy default/allow-web-to-db"),
        (("spec", "ingress", 0, "from"), "# NetworkPolicy default/allow-web-to-db, rule 1: demo/default.yaml:21-24"),
        (("spec", "podSelector"), "# NetworkPolicy default/allow-web-to-db, spec.podSelector: demo/default.yaml:15-17"),
        (("kind",), "# NetworkPolicy default/allow-web-to-db, kind: demo/default.yaml:10"),
    ],
)  # fmt: skip
def test_the_title_of_what_is_copied_says_which_part_is_meant(path: tuple[str | int, ...], head: str) -> None:
    evaluation = Evaluation.of(assemble(demo.read()))
    assert copied(evaluation, row(evaluation, POLICY), True, path).splitlines()[0] == head


def test_the_report_is_copied_where_no_manifest_is_looked_at_or_none_was_read(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: only-named}\n"
    )
    evaluation = read(str(tmp_path / "p.yaml"))
    page = copied(evaluation, row(evaluation, Ref("Pod", "only-named", "p")), False)
    assert page.startswith(f"# Pod only-named/p\n\nSource: {tmp_path}/p.yaml:1\n".replace("_", "\\_"))
    named = row(evaluation, Ref("Namespace", "", "only-named"))
    assert copied(evaluation, named, True).startswith("# Namespace only-named\n\nSource: p.yaml\n")
