"""The core as a library: read manifests, then ask (see docs/api.md)."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from functools import cached_property
from os import PathLike, fspath

from policy_core.checking import Checked, check
from policy_core.connectivity import Connectivity, connectivity
from policy_core.details.pod import PodDetail, pod_detail
from policy_core.details.service import ServiceDetail, service_detail
from policy_core.ends import EndError, Ends, Pods
from policy_core.evaluation import Evaluation
from policy_core.expectations import Expectations
from policy_core.judgement import Judgement, judge
from policy_core.model import Problem, Reading, Service
from policy_core.report.layout import ALL, layout, plain
from policy_core.report.places import rule_places, with_places
from policy_core.report.trace import trace_document
from policy_core.snapshot import assemble
from policy_core.sources import demo, files
from policy_core.sources.files import SourceError
from policy_core.trace import Trace, trace
from policy_core.verdict import Verdict

__all__ = ["Cluster", "EndError", "SourceError", "Verdict"]


@dataclass(frozen=True)
class Cluster:
    """What was read from manifests, and everything that can be asked about it.

    Ends of connections are named as on the command line: ``NAMESPACE/NAME`` for a pod or a workload,
    ``service:NAMESPACE/NAME`` for a Service, an IP address for a host outside. Whatever takes such a name
    raises :class:`EndError` (a ValueError) where nothing, or more than one thing, is called so.
    """

    evaluation: Evaluation
    namespace: str = field(default="default", kw_only=True)
    """What a name without a namespace means."""

    @classmethod
    def read(cls, *paths: str | PathLike[str], namespace: str = "default") -> Cluster:
        """Files and directories of manifests; ``namespace`` is also for objects that name none. Raises
        SourceError where a path does not exist. What is wrong inside the files is in ``problems``."""
        return cls._of(files.read([fspath(path) for path in paths], namespace=namespace), namespace)

    @classmethod
    def parse(cls, text: str, namespace: str = "default") -> Cluster:
        """The same of a text; its places are named ``<stdin>``."""
        reading = files.read(["-"], namespace=namespace, stdin=io.BytesIO(text.encode()))
        return cls._of(reading, namespace)

    @classmethod
    def demo(cls) -> Cluster:
        """The embedded demo."""
        return cls._of(demo.read(), "default")

    @classmethod
    def _of(cls, reading: Reading, namespace: str) -> Cluster:
        return cls(Evaluation.of(assemble(reading)), namespace=namespace)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What could not be read, or an API server would refuse, each with its file, line and field."""
        return self.evaluation.snapshot.problems

    @cached_property
    def _ends(self) -> Ends:
        return Ends(self.evaluation, self.namespace)

    def judge(self, source: str, destination: str, port: int, protocol: str = "TCP") -> Judgement:
        """Whether ``source`` may open a connection; ``port`` (1 to 65535) is the Service's where
        ``destination`` is one. Raises EndError, and ValueError for a port or protocol that does not exist."""
        ends = self._ends.find(source), self._ends.find(destination)
        return judge(self.evaluation, *ends, protocol, port)

    def trace(self, source: str, destination: str, port: int, protocol: str = "TCP") -> Trace:
        """The same hop by hop: name resolution, the Service, both sides, nearest misses, caveats."""
        return trace(self.evaluation, self.judge(source, destination, port, protocol))

    def explain(
        self, source: str, destination: str, port: int, protocol: str = "TCP", *, width: int = 100
    ) -> str:
        """The trace as text, in lines of at most ``width`` columns."""
        document = trace_document(self.trace(source, destination, port, protocol))
        places = rule_places(self.evaluation.snapshot, whole=True)
        return plain(layout(with_places(document, places), width, ALL))

    def connectivity(self) -> Connectivity:
        """All pairs: see :mod:`policy_core.connectivity`."""
        return connectivity(self.evaluation)

    def check(self, *expectations: str) -> Checked:
        """Whether expectations hold, each a text as in the files that ``netpol-tui check`` takes. What is
        wrong with them is in the result's ``problems``."""
        expected = Expectations()
        for number, text in enumerate(expectations, 1):
            expected.add(f"<expectations {number}>", text)
        return check(self.evaluation, expected, self.namespace)

    def pod(self, name: str) -> PodDetail:
        """The effective rules of a pod (of a workload: of its first), and the Services that route to it."""
        found = self._ends.find(name)
        if not isinstance(found, Pods):
            raise EndError(f"{name} is no pod")
        return pod_detail(self.evaluation, found.pods[0])

    def service(self, name: str) -> ServiceDetail:
        """Where a Service (``NAMESPACE/NAME``) leads, and who gets through."""
        found = self._ends.find(name if name.startswith("service:") else f"service:{name}")
        if not isinstance(found, Service):
            raise EndError(f"{name} is no Service")
        return service_detail(self.evaluation, found)
