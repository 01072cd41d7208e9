"""The entries by which rules of tiered policies name ports, of both versions of the API."""

from __future__ import annotations

from policy_core.manifests.fields import Fields, quoted
from policy_core.manifests.metadata import valid_port_name
from policy_core.model import ANY_PROTOCOL, PolicyPort
from policy_core.ports import MAX_PORT, PROTOCOLS

__all__ = ["read_port", "read_protocol"]


def _one_of(entry: Fields, known: tuple[str, ...]) -> str:
    """The one field that is there; empty where there is none, several, or one that is not known."""
    sound = entry.only(*known)
    given = [name for name in known if name in entry]
    if sound and len(given) != 1:
        what = "an empty entry" if not given else "several in one entry"
        entry.problem(f"{what}: it needs one of {', '.join(known[:-1])} or {known[-1]}")
    return given[0] if sound and len(given) == 1 else ""


def read_protocol(entry: Fields) -> tuple[PolicyPort, ...]:
    """v1alpha2: ``{tcp: {destinationPort: {number: 80}}}``, ``{destinationNamedPort: http}``."""
    given = _one_of(entry, ("tcp", "udp", "sctp", "destinationNamedPort"))
    if not given:
        return ()
    if given == "destinationNamedPort":
        return _named(entry, given)
    inner = entry.optional_mapping(given)
    if inner is None or not inner.only("destinationPort"):
        return ()
    if "destinationPort" not in inner:
        inner.problem(f"destinationPort is missing: no entry can be for every {given.upper()} port")
        return ()
    port = inner.optional_mapping("destinationPort")
    if port is None:
        return ()
    return _number_or_range(port, given.upper())


def _number_or_range(port: Fields, protocol: str) -> tuple[PolicyPort, ...]:
    match _one_of(port, ("number", "range")):
        case "number":
            number = port.integer("number", 1, MAX_PORT)
            return () if number is None else (PolicyPort(protocol, number),)
        case "range":
            bounds = port.optional_mapping("range")
            if bounds is None or not bounds.only("start", "end"):
                return ()
            return _range(bounds, protocol, strictly=True)
    return ()


def _range(bounds: Fields, protocol: str, *, strictly: bool) -> tuple[PolicyPort, ...]:
    """``strictly``: a range of one port is refused, though it is plain what it means."""
    bounds.required("start", "end")
    start, end = bounds.integer("start", 1, MAX_PORT), bounds.integer("end", 1, MAX_PORT)
    if start is None or end is None:
        return ()
    if start > end:
        bounds.problem(f"start {start} is above end {end}")
        return ()
    if start == end and strictly:
        bounds.problem(f"start and end are both {start}: write it as a number")
    return (PolicyPort(protocol, start, end),)


def _named(entry: Fields, field: str) -> tuple[PolicyPort, ...]:
    name = entry.text(field)
    if name and not valid_port_name(name):
        entry.problem(f"{quoted(name)} is no valid port name", field)
    elif entry.raw(field) == "":
        entry.problem("must not be empty", field)
    return (PolicyPort(ANY_PROTOCOL, name),) if name and valid_port_name(name) else ()


def read_port(entry: Fields) -> tuple[PolicyPort, ...]:
    """v1alpha1: ``{portNumber: {protocol: TCP, port: 80}}``, ``{portRange: …}``, ``{namedPort: http}``."""
    given = _one_of(entry, ("portNumber", "namedPort", "portRange"))
    if not given:
        return ()
    if given == "namedPort":
        return _named(entry, given)
    inner = entry.optional_mapping(given)
    known = ("protocol", "port") if given == "portNumber" else ("protocol", "start", "end")
    if inner is None or not inner.only(*known):
        return ()
    protocol = inner.choice("protocol", PROTOCOLS, "TCP")
    if protocol is None:
        return ()
    if given == "portRange":
        return _range(inner, protocol, strictly=False)
    inner.required("port")
    number = inner.integer("port", 1, MAX_PORT)
    return () if number is None else (PolicyPort(protocol, number),)
