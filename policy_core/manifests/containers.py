"""Containers of hostNetwork pods: as far as they tell what a network plugin does."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from policy_core.manifests.fields import Fields
from policy_core.model import Container
from policy_core.plugin_options import ENVIRONMENT, kept_arguments

__all__ = ["read_containers", "trim_containers"]

_OF_AGENTS = ("image", "command", "args", "env")


def read_containers(spec: Fields) -> tuple[Container, ...]:
    """Nothing of a pod with a network of its own. What is of the wrong type is passed over: it plays no part
    in what policy does."""
    if spec.raw("hostNetwork") is not True:
        return ()
    listed = spec.raw("containers")
    found = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    return _shared(tuple(map(_container, found)))


@lru_cache(maxsize=256)
def _shared(containers: tuple[Container, ...]) -> tuple[Container, ...]:
    """The pods of a DaemonSet have equal ones, so one of them is enough."""
    return containers


def _container(value: dict[str, Any]) -> Container:
    kept = _kept(value)
    environment = tuple((entry["name"], entry["value"]) for entry in kept.get("env", ()) if "value" in entry)
    name, image = value.get("name"), kept.get("image")
    return Container(
        name if isinstance(name, str) else "",
        image if isinstance(image, str) else "",
        (*kept.get("command", ()), *kept.get("args", ())),
        environment,
    )


def _kept(value: dict[str, Any]) -> dict[str, Any]:
    """The fields that only plugins are asked for, without what does not matter: no secret is among it."""
    kept: dict[str, Any] = {}
    if isinstance(image := value.get("image"), str):
        kept["image"] = image
    for name in ("command", "args"):
        given = value.get(name)
        if isinstance(given, list) and (arguments := kept_arguments(given)):
            kept[name] = arguments
    given = value.get("env")
    if isinstance(given, list) and (entries := [each for each in given if _matters(each)]):
        kept["env"] = entries
    return kept


def _matters(entry: object) -> bool:
    return (
        isinstance(entry, dict)
        and isinstance(name := entry.get("name"), str)
        and name in ENVIRONMENT
        and isinstance(entry.get("value", ""), str)
    )


def trim_containers(spec: dict[str, Any]) -> None:
    """Leave of a pod's or template's ``spec`` what :func:`read_containers` reads of it. It and its
    containers are changed in place."""
    agent = spec.get("hostNetwork") is True
    listed = spec.get("containers")
    for container in listed if isinstance(listed, list) else ():
        if isinstance(container, dict):
            kept = _kept(container) if agent else {}
            for name in _OF_AGENTS:
                container.pop(name, None)
            container.update(kept)
