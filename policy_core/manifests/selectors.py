"""``metav1.LabelSelector``: dict → :class:`policy_core.labels.LabelSelector`."""

from __future__ import annotations

from policy_core.labels import LabelSelector, Operator, Requirement
from policy_core.manifests.fields import Fields, kind_of, quoted
from policy_core.manifests.metadata import valid_key, valid_value
from policy_core.model import Severity

__all__ = ["read_selector"]

_NEEDS_VALUES = (Operator.IN, Operator.NOT_IN)


def read_selector(parent: Fields, name: str, *, plain_keys: bool = True) -> LabelSelector | None:
    """The selector in a field; None where the field is absent or null.

    Whatever is wrong with it makes it ``invalid``, so it matches nothing: leaving out the wrong part would
    make it match more than anyone wrote. Without ``plain_keys`` the keys have a syntax of their own.
    """
    value = parent.raw(name)
    if value is None:
        return None
    if type(value) is not dict:
        parent.wrong(name, "a mapping such as {} or {matchLabels: …}")
        return LabelSelector(invalid=f"it is {kind_of(value)}")
    selector = Fields(value, (*parent.path, name), parent.report)
    before = len(selector.report.problems)
    selector.only("matchLabels", "matchExpressions")
    labels = selector.text_map("matchLabels")
    requirements = tuple(
        requirement
        for entry in selector.mappings("matchExpressions")
        if (requirement := _requirement(entry)) is not None
    )
    noted = selector.report.problems[before:]
    if plain_keys:
        _check_syntax(selector, labels, requirements)
    return LabelSelector(tuple(sorted(labels.items())), requirements, noted[0].message if noted else "")


def _requirement(entry: Fields) -> Requirement | None:
    entry.only("key", "operator", "values")
    key = entry.text("key")
    if not key:
        if "key" not in entry:
            entry.problem("key is missing")
        elif entry.raw("key") == "":
            entry.problem("must not be empty", "key")
        return None
    if "operator" not in entry:
        entry.problem("operator is missing")
        return None
    choice = entry.choice("operator", [operator.value for operator in Operator], "")
    if choice is None:
        return None
    operator, values = Operator(choice), entry.texts("values")
    if operator in _NEEDS_VALUES and not entry.raw("values"):
        entry.problem(f"{operator} needs at least one value")
    if operator not in _NEEDS_VALUES and entry.raw("values"):
        entry.problem(f"{operator} takes no values", "values")
    return Requirement(key, operator, values)


def _check_syntax(selector: Fields, labels: dict[str, str], requirements: tuple[Requirement, ...]) -> None:
    warning = Severity.WARNING
    for key, value in labels.items():
        if not valid_key(key):
            selector.problem(f"{quoted(key)} is no valid label key", "matchLabels", key, severity=warning)
        elif not valid_value(value):
            selector.problem(f"{quoted(value)} is no valid label value", "matchLabels", key, severity=warning)
    for requirement in requirements:
        if not valid_key(requirement.key):
            selector.problem(
                f"{quoted(requirement.key)} is no valid label key", "matchExpressions", severity=warning
            )
