"""Plain scalars mean what the API server's YAML reader makes of them."""

from __future__ import annotations

import math

import pytest

from policy_core.manifests.scalars import key_text, resolve, resolve_tagged

YES = "y Y yes Yes YES true True TRUE on On ON"
NO = "n N no No NO false False FALSE off Off OFF"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *((word, True) for word in YES.split()),
        *((word, False) for word in NO.split()),
        *((word, None) for word in ("", "~", "null", "Null", "NULL")),
        ("yEs", "yEs"),
        ("nil", "nil"),
        ("017", 15),
        ("0o14", 12),
        ("+0O17", 15),
        ("0x1F", 31),
        ("-0x1f", -31),
        ("0b11", 3),
        ("0b-101", -5),
        ("1_000", 1000),
        ("+12", 12),
        ("08", 8.0),
        ("1e3", 1000.0),
        ("12e03", 12000.0),
        ("1.10", 1.1),
        (".5_5", 0.55),
        ("._5", "._5"),
        (".inf", math.inf),
        ("-.Inf", -math.inf),
        ("1e999", "1e999"),
        ("99999999999999999999", 1e20),
        ("0xffffffffffffffffffff", "0xffffffffffffffffffff"),
        ("1:30", "1:30"),
        ("2024-01-01", "2024-01-01"),
        ("1.2.3", "1.2.3"),
        ("10.0.0.1", "10.0.0.1"),
        ("-", "-"),
        ("+", "+"),
        ("<<", "<<"),
        ("=", "="),
    ],
)
def test_plain_scalar(text: str, value: object) -> None:
    resolved = resolve(text)
    assert resolved == value
    assert type(resolved) is type(value)


def test_nan() -> None:
    assert isinstance(nan := resolve(".nan"), float)
    assert math.isnan(nan)


def test_endless_digits_are_no_trouble() -> None:
    assert resolve("9" * 5000) == "9" * 5000
    assert resolve("0x" + "f" * 5000) == "0x" + "f" * 5000


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("y", "true"),
        ("017", "15"),
        ("1.5", "1.5"),
        ("1e3", "1000"),
        ("1000000.0", "1e+06"),
        ("16777217.0", "1.6777216e+07"),
        ("0.00001", "1e-05"),
        ("1e300", ".inf"),
        ("-.inf", "-.inf"),
        (".nan", ".nan"),
        ("2024-01-01", "2024-01-01"),
        ("~", None),
    ],
)
def test_mapping_keys_are_json_keys(text: str, key: str | None) -> None:
    assert key_text(resolve(text)) == key


@pytest.mark.parametrize(
    ("tag", "text", "value"),
    [
        ("tag:yaml.org,2002:str", "12", "12"),
        ("tag:yaml.org,2002:int", "12", 12),
        ("tag:yaml.org,2002:float", "1", 1),
        ("tag:yaml.org,2002:bool", "on", True),
        ("tag:yaml.org,2002:null", "~", None),
        ("tag:yaml.org,2002:binary", "aGk=", "hi"),
        ("tag:yaml.org,2002:timestamp", "2024-01-01", "2024-01-01"),
        ("!local", "12", "12"),
        ("!", "12", "12"),
    ],
)
def test_explicit_tags(tag: str, text: str, value: object) -> None:
    assert resolve_tagged(tag, text) == value


@pytest.mark.parametrize(("kind", "text"), [("int", "1.5"), ("bool", "1"), ("null", "x"), ("binary", "/w==")])
def test_a_tag_that_does_not_fit_is_refused(kind: str, text: str) -> None:
    with pytest.raises(ValueError):
        resolve_tagged(f"tag:yaml.org,2002:{kind}", text)
