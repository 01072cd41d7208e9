"""The programs that ``bench.peers`` runs beside each other, and what each is asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.peer_files import Question

__all__ = ["CONTESTS", "HOW_TO_GET", "OURS", "Contest", "Entrant"]

OURS = "netpol-tui"

HOW_TO_GET: Mapping[str, str] = {
    "netpol-analyzer": "go install github.com/np-guard/netpol-analyzer/cmd/netpolicy@v1.4.4",
    "network-config-analyzer": "pip install network-config-analyzer==2.1.0",
    "policy-assistant": "git clone https://github.com/kubernetes-sigs/network-policy-api && "
    "make -C network-policy-api/cmd/policy-assistant policy-assistant",
    "kube-netpol": "pip install kube-netpol==1.0.0",
}
"""By project: what a person types."""

_FILES = {
    "netpol-analyzer": ("netpol-analyzer", "netpolicy", "k8snetpolicy"),
    "network-config-analyzer": ("nca",),
    "policy-assistant": ("policy-assistant",),
    "kube-netpol": ("kube-netpol",),
}
"""What the program file may be called."""


@dataclass(frozen=True, slots=True)
class Entrant:
    """A program, asked in the words that it understands."""

    project: str
    command: str
    form: str
    """Of the files that it reads; see ``peer_files``."""
    words: Callable[[Path, Question], list[str]]
    """Its arguments; the path is the folder of that form."""
    answer: re.Pattern[str]
    """What only an answer contains. A group is the verdict."""
    prints: str
    codes: frozenset[int] = frozenset((0,))
    """With which it ends when it has answered."""

    @property
    def name(self) -> str:
        return f"{self.project} {self.command}"

    @property
    def files(self) -> tuple[str, ...]:
        return _FILES.get(self.project, ())


@dataclass(frozen=True, slots=True)
class Contest:
    """Entrants that read the same objects and answer the same question."""

    title: str
    entrants: tuple[Entrant, ...]


def _file(path: Path) -> list[str]:
    return ["-f", str(next(path.iterdir()))]


def _trace(path: Path, asked: Question) -> list[str]:
    ends = [f"{end.namespace}/{end.name}" for end in (asked.source, asked.destination)]
    return ["trace", *ends, "--port", str(asked.port), *_file(path)]


def _eval(path: Path, asked: Question) -> list[str]:
    source = ["--source-namespace", asked.source.namespace, "--source-pod", asked.source.name]
    to = ["--destination-namespace", asked.destination.namespace, "--destination-pod", asked.destination.name]
    return ["eval", "--quiet", "--dirpath", str(path), *source, *to, "--destination-port", str(asked.port)]


def _simulate(path: Path, asked: Question) -> list[str]:
    words = ["simulate", str(path / "cluster.yaml"), "--port", str(asked.port)]
    for side, pod in (("from", asked.source), ("to", asked.destination)):
        labels = ",".join(f"{key}={value}" for key, value in pod.labels.items())
        words += [f"--{side}-ns", pod.namespace, f"--{side}-pod", pod.name, f"--{side}-labels", labels]
    return words


def _analyze(path: Path, mode: str, *further: str) -> list[str]:
    return ["analyze", "--mode", mode, "--policy-path", str(path / "policies"), *further]


def _ours(form: str) -> Entrant:
    return Entrant(
        OURS,
        "trace",
        form,
        _trace,
        re.compile(r"^\S+ (Allowed|Denied) ", re.M),
        "the verdict, hop by hop, with the rule and its line that decided and the one that came nearest",
        frozenset((0, 1)),
    )


CONTESTS = (
    Contest(
        "Who may connect to whom, and on which ports",
        (
            Entrant(
                OURS,
                "matrix -o csv",
                "list",
                lambda path, _: ["matrix", "-o", "csv", *_file(path)],
                re.compile(r"^from,to,protocol", re.M),
                "a line for every pair of classes and range of ports, and for every class and range outside; "
                "its text, made for reading, leaves pairs out where there are many",
            ),
            Entrant(
                "netpol-analyzer",
                "list",
                "list",
                lambda path, _: ["list", "--quiet", "--dirpath", str(path)],
                re.compile(" => "),
                "a line for every pair of workloads",
            ),
            Entrant(
                "network-config-analyzer",
                "--connectivity",
                "list",
                lambda path, _: [
                    "--connectivity",
                    *("--resource_list", str(path / "cluster.json")),
                    *("--output_endpoints", "deployments", "--output_format", "txt_no_fw_rules"),
                ],
                re.compile(" => "),
                "a line for every pair of workloads; without its firewall rules, which take it longer",
            ),
            Entrant(
                "policy-assistant",
                "analyze --mode probe",
                "assistant",
                lambda path, _: _analyze(path, "probe", "--probe-path", str(path / "model.json")),
                re.compile("Combined:"),
                "three tables with a row and a column for every pod",
            ),
        ),
    ),
    Contest(
        "May this pod connect to that one",
        (
            _ours("list"),
            Entrant(
                "netpol-analyzer",
                "eval",
                "list",
                _eval,
                re.compile(r" over tcp/\d+: (true|false)"),
                "true or false",
            ),
            Entrant(
                "policy-assistant",
                "analyze --mode walkthrough",
                "assistant",
                lambda path, _: _analyze(path, "walkthrough", "--traffic-path", str(path / "traffic.json")),
                re.compile(r"\| (Allowed|Denied) "),
                "the verdict, and the policies on the way; the labels of both pods are in the question",
            ),
        ),
    ),
    Contest(
        "The same, from a file with a YAML document for each object",
        (
            _ours("documents"),
            Entrant(
                "kube-netpol",
                "simulate",
                "documents",
                _simulate,
                re.compile(r"Verdict:\W+(ALLOW|DENY)"),
                "the verdict; the labels of both pods are in the question, and it knows neither "
                "labels of namespaces nor ports by name",
            ),
        ),
    ),
)
