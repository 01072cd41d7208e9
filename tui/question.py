"""What a trace is asked, as a person types it: from where, to where, on which port."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum

from policy_core.model import Ref
from policy_core.ports import MAX_PORT, PROTOCOLS
from tui.catalogue import PodRow, Row, ServiceRow

__all__ = ["Field", "PortError", "Question", "end_text", "parse_port", "port_text", "question_about"]


class Field(StrEnum):
    """What is to be filled in; the values are the names of the fields of a :class:`Question`."""

    SOURCE = "source"
    DESTINATION = "destination"
    PORT = "port"


@dataclass(frozen=True, slots=True)
class Question:
    """``source`` and ``destination`` are as the command line has them; what is not known yet is empty."""

    source: str = ""
    destination: str = ""
    port: str = ""

    @property
    def complete(self) -> bool:
        return bool(self.source and self.destination and self.port)

    def value(self, field: Field) -> str:
        return {
            Field.SOURCE: self.source,
            Field.DESTINATION: self.destination,
            Field.PORT: self.port,
        }[field]

    def filled(self, field: Field, text: str) -> Question:
        return replace(self, **{field.value: text})

    def swapped(self) -> Question:
        return replace(self, source=self.destination, destination=self.source)


def end_text(ref: Ref) -> str:
    """What an object is called as an end: ``NAMESPACE/NAME`` of a pod, else with the kind before it."""
    return ref.path if ref.kind == "Pod" else f"{ref.kind.lower()}:{ref.path}"


def question_about(row: Row | None) -> Question:
    """What a person asks who looks at it: where a pod gets to, who gets to a Service."""
    match row:
        case PodRow(ref=ref):
            return Question(source=end_text(ref))
        case ServiceRow(ref=ref):
            return Question(destination=end_text(ref))
    return Question()


class PortError(ValueError):
    """No port is written like this; the message says what is."""


_PORT = re.compile(r"(?:([a-z]+)[\s/:]*)?([0-9]+)(?:[\s/:]*([a-z]+))?", re.IGNORECASE)


def parse_port(text: str) -> tuple[str, int]:
    """Protocol and number of ``3306``, ``udp 53`` or ``53/UDP``. Raises PortError."""
    found = _PORT.fullmatch(text.strip())
    if found is None or (found[1] and found[3]):
        raise PortError("a port is a number, with its protocol unless that is TCP: 3306, udp 53 or 53/UDP")
    protocol = (found[1] or found[3] or PROTOCOLS[0]).upper()
    if protocol not in PROTOCOLS:
        raise PortError(f"{protocol} is none of {', '.join(PROTOCOLS)}, whose ports policies are about")
    digits = found[2].lstrip("0") or "0"
    if len(digits) > len(str(MAX_PORT)) or not 1 <= int(digits) <= MAX_PORT:
        raise PortError(f"there is no port {found[2][:12]}: ports are the numbers from 1 to {MAX_PORT}")
    return protocol, int(digits)


def port_text(protocol: str, number: int) -> str:
    return f"{protocol} {number}"
