"""What a YAML scalar means to the API server.

Manifests reach it through a Go reader of YAML 1.1 and then as JSON. That reader knows ``y`` and ``n`` as
booleans, ``017`` and ``0o17`` as 15, ``1e3`` as 1000; it leaves ``1:30`` and ``2024-01-01`` strings.
"""

from __future__ import annotations

import base64
import math
import re
import struct

__all__ = ["Scalar", "key_text", "resolve", "resolve_tagged"]

Scalar = None | bool | int | float | str

_TAG = "tag:yaml.org,2002:"
# Whatever starts otherwise is a string; this decides for most scalars.
_FIRST = frozenset("+-.0123456789yYnNtTfFoO~")
_INTEGERS = range(-(2**63), 2**64)  # beyond these the Go reader falls back to floats, then to strings

_WORDS: dict[str, Scalar] = {
    word: value
    for value, words in (
        (True, "y Y yes Yes YES true True TRUE on On ON"),
        (False, "n N no No NO false False FALSE off Off OFF"),
        (None, "~ null Null NULL"),
        (math.nan, ".nan .NaN .NAN"),
        (math.inf, ".inf .Inf .INF +.inf +.Inf +.INF"),
        (-math.inf, "-.inf -.Inf -.INF"),
    )
    for word in words.split()
}

_INTEGER = re.compile(
    r"(?P<sign>[-+]?)(?:0[xX](?P<hex>[0-9a-fA-F]+)|0[bB](?P<bin>[01]+)|0[oO]?(?P<oct>[0-7]+)|(?P<dec>0|[1-9][0-9]*))"
)
_SIGNED_BINARY = re.compile(r"0b(?P<digits>[-+][01]{1,63})")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_DOTTED = re.compile(r"\.[0-9](?:_?[0-9])*(?:[eE][-+]?[0-9](?:_?[0-9])*)?")


def resolve(text: str) -> Scalar:
    """The value of a plain scalar."""
    if not text:
        return None
    if text[0] not in _FIRST:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if text[0].isalpha():
        return text
    if text[0] == ".":
        number: float | None = _float(text.replace("_", "")) if _DOTTED.fullmatch(text) else None
    else:
        plain = text.replace("_", "")
        number = _integer(plain)
        if number is None:
            number = _float(plain)
    return text if number is None else number


def _integer(text: str) -> int | None:
    if match := _INTEGER.fullmatch(text):
        for group, base in (("dec", 10), ("oct", 8), ("hex", 16), ("bin", 2)):
            digits = match[group]
            if digits and len(digits) <= 64:
                value = int(match["sign"] + digits, base)
                return value if value in _INTEGERS else None
    if match := _SIGNED_BINARY.fullmatch(text):
        return int(match["digits"], 2)
    return None


def _float(text: str) -> float | None:
    if not _FLOAT.fullmatch(text):
        return None
    value = float(text)
    return None if math.isinf(value) else value


def resolve_tagged(tag: str, text: str) -> Scalar:
    """The value of a scalar with an explicit tag. Tags that are not YAML's own say nothing.

    Raises ValueError where the text is not what the tag says.
    """
    if not tag.startswith(_TAG):
        return text
    kind = tag.removeprefix(_TAG)
    if kind == "binary":
        try:
            return base64.b64decode(text, validate=False).decode()
        except ValueError:
            raise ValueError("not base64 text, though it is tagged !!binary") from None
    types = _TAGGED.get(kind)
    if types is None:
        return text
    value = resolve(text)
    if type(value) not in types:
        raise ValueError(f"not of the type that its tag !!{kind} says")
    return value


_TAGGED: dict[str, tuple[type, ...]] = {
    "bool": (bool,),
    "int": (int,),
    "float": (float, int),
    "null": (type(None),),
}


def key_text(value: Scalar) -> str | None:
    """A mapping key as JSON has it, which knows string keys only; None where there is no such string."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return _shortest(value)
        case None:
            return None


def _shortest(value: float) -> str:
    """A float key in single precision, as short as can be: ``1.5``, ``1e+21``."""
    if math.isnan(value):
        return ".nan"
    try:
        single = struct.pack("f", value)
    except OverflowError:
        single = struct.pack("f", math.copysign(math.inf, value))
    value = struct.unpack("f", single)[0]
    if math.isinf(value):
        return ".inf" if value > 0 else "-.inf"
    digits = next(
        (d for p in range(9) if struct.pack("f", float(d := f"{value:.{p}e}")) == single), f"{value:.9e}"
    )
    mantissa, exponent = digits.split("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    if not -4 <= int(exponent) < 6:
        return f"{mantissa}e{exponent}"
    return f"{float(digits):.9g}"
