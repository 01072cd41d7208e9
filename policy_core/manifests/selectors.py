"""``metav1.LabelSelector``: dict → :class:`policy_core.labels.LabelSelector`."""

from __future__ import annotations

from policy_core.labels import LabelSelector, Operator, Requirement
from policy_core.manifests.fields import Fields, kind_of, quoted
from policy_core.manifests.metadata import valid_key, valid_value

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
    expressions = list(selector.mappings("matchExpressions"))
    found = [_requirement(entry) for entry in expressions]
    requirements = tuple(requirement for requirement in found if requirement is not None)
    if plain_keys:
        _check_labels(selector, labels)
        for entry, requirement in zip(expressions, found, strict=True):
            if requirement is not None:
                _check_requirement(entry, requirement)
    noted = selector.report.problems[before:]
    return LabelSelector(tuple(sorted(labels.items())), requirements, noted[0].message if noted else "")


def _requirement(entry: Fields) -> Requirement | None:
    known = entry.only("key", "operator", "values")
    key = entry.text("key")
    if not key:
        if "key" not in entry and known:
            entry.problem("key is missing")
        elif entry.raw("key") == "":
            entry.problem("must not be empty", "key")
        return None
    if "operator" not in entry:
        if known:
            entry.problem("operator is missing")
        return None
    choice = entry.choice("operator", [operator.value for operator in Operator], "")
    if choice is None:
        return None
    operator, values = Operator(choice), entry.texts("values")
    if operator in _NEEDS_VALUES and entry.raw("values") in (None, []):
        entry.problem(f"{operator} needs at least one value")
    if operator not in _NEEDS_VALUES and entry.raw("values"):
        entry.problem(f"{operator} takes no values", "values")
    return Requirement(key, operator, values)


def _check_labels(selector: Fields, labels: dict[str, str]) -> None:
    for key, value in labels.items():
        if not valid_key(key):
            selector.problem(f"{quoted(key)} is no valid label key", "matchLabels", key)
        elif not valid_value(value):
            selector.problem(f"{quoted(value)} is no valid label value", "matchLabels", key)


def _check_requirement(entry: Fields, requirement: Requirement) -> None:
    if not valid_key(requirement.key):
        entry.problem(f"{quoted(requirement.key)} is no valid label key", "key")
    # Not requirement.values, which has none that are no text: places count those as well.
    values = entry.raw("values")
    for index, value in enumerate(values if isinstance(values, list) else ()):
        if isinstance(value, str) and not valid_value(value):
            entry.problem(f"{quoted(value)} is no valid label value", "values", index)
