"""Calico's selector expressions, as far as label selectors can say the same."""

from __future__ import annotations

import re

from policy_core.labels import LabelSelector, Operator, Requirement

__all__ = ["parse_selector"]

_TERM = re.compile(
    r"""\s*(?:
        (?P<all>all\(\))
      | (?P<absent>!?)\s*has\(\s*(?P<has>[\w./-]+)\s*\)
      | (?P<key>[\w./-]+)\s*(?P<equals>==|!=)\s*(?P<quote>["'])(?P<value>[^"']*)(?P=quote)
      | (?P<member>[\w./-]+)\s+(?P<not>not\s+)?in\s*\{(?P<values>[^{}]*)\}
    )\s*""",
    re.VERBOSE,
)
_QUOTED = re.compile(r"""\s*(["'])([^"']*)\1\s*""")


def parse_selector(text: str) -> LabelSelector | None:
    """Terms joined by ``&&``; None for anything else. An empty text selects everything."""
    requirements: list[Requirement] = []
    for term in text.split("&&") if text.strip() else []:
        match = _TERM.fullmatch(term)
        if match is None:
            return None
        if match["all"]:
            continue
        if key := match["has"]:
            requirements.append(
                Requirement(key, Operator.DOES_NOT_EXIST if match["absent"] else Operator.EXISTS)
            )
        elif key := match["key"]:
            operator = Operator.IN if match["equals"] == "==" else Operator.NOT_IN
            requirements.append(Requirement(key, operator, (match["value"],)))
        else:
            values = [_QUOTED.fullmatch(value) for value in match["values"].split(",")]
            found = tuple(value[2] for value in values if value)
            if len(found) < len(values):
                return None
            requirements.append(
                Requirement(match["member"], Operator.NOT_IN if match["not"] else Operator.IN, found)
            )
    return LabelSelector((), tuple(requirements))
