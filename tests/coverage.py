"""Clusters of which somebody may read but a part, for tests."""

from __future__ import annotations

import io
from dataclasses import replace
from textwrap import dedent

from policy_core.coverage import Coverage, KindCoverage, KindState
from policy_core.evaluation import Evaluation
from policy_core.snapshot import assemble
from policy_core.sources import files

__all__ = ["absent", "failed", "forbidden", "only", "partly_read", "whole"]


def forbidden(kind: str, message: str = "") -> KindCoverage:
    return KindCoverage(kind, f"{kind.lower()}s", KindState.FORBIDDEN, message=message)


def failed(kind: str) -> KindCoverage:
    return KindCoverage(kind, f"{kind.lower()}s", KindState.FAILED)


def absent(kind: str) -> KindCoverage:
    return KindCoverage(kind, f"{kind.lower()}s", KindState.ABSENT)


def whole(kind: str) -> KindCoverage:
    return KindCoverage(kind, f"{kind.lower()}s", KindState.COMPLETE)


def only(kind: str, *namespaces: str) -> KindCoverage:
    return KindCoverage(kind, f"{kind.lower()}s", KindState.PARTIAL, frozenset(namespaces))


def partly_read(text: str, *kinds: KindCoverage) -> Evaluation:
    """``text`` is what could be read."""
    reading = files.read(["-"], stdin=io.BytesIO(dedent(text).encode()))
    coverage: Coverage = {kind.kind: kind for kind in kinds}
    return Evaluation.of(assemble(replace(reading, coverage=coverage)))
