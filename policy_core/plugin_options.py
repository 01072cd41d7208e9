"""The options by which network plugins are told to enforce policy, or not to: nothing else is kept of their
arguments and environment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

__all__ = ["ENVIRONMENT", "argument_values", "kept_arguments"]

_WITH_A_WORD = frozenset({"enable-policy"})
"""Their value may be the next argument; of the others, which are true or false, it never is."""
_ARGUMENTS = _WITH_A_WORD | {
    "admin-network-policy",
    "baseline-admin-network-policy",
    "enable-admin-network-policy",
    "enable-k8s-cluster-network-policy",
    "enable-k8s-networkpolicy",
    "enable-network-policy",
    "network-policy",
    "run-firewall",
}
ENVIRONMENT = frozenset({"EXPECT_NPC", "NETWORK_POLICY_ENFORCING_MODE"})


def kept_arguments(arguments: Iterable[object]) -> list[str]:
    """Those that matter, as they are written."""
    kept: list[str] = []
    expected = False
    for argument in arguments:
        if not isinstance(argument, str):
            expected = False
            continue
        name, equals, _ = _parts(argument)
        if name in _ARGUMENTS or (expected and not argument.startswith("-")):
            kept.append(argument)
        expected = name in _WITH_A_WORD and not equals
    return kept


def argument_values(arguments: Iterable[str]) -> dict[str, str]:
    """The values of what :func:`kept_arguments` has left, by name; where one is repeated the last counts."""
    return dict(_values(arguments))


def _values(arguments: Iterable[str]) -> Iterator[tuple[str, str]]:
    before = ""
    for argument in arguments:
        name, equals, value = _parts(argument)
        if name:
            yield name, value if equals else "true"
        elif before:
            yield before, argument
        before = name if name in _WITH_A_WORD and not equals else ""


def _parts(argument: str) -> tuple[str, str, str]:
    """Name, equals sign and value; no name where it is no option. Go takes one dash for two."""
    for dashes in ("--", "-"):
        if argument.startswith(dashes):
            return argument.removeprefix(dashes).partition("=")
    return "", "", ""
