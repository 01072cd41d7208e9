"""``netpol-tui check`` as a CI job runs it: the installed program, its streams and its exit code."""

from __future__ import annotations

import os
import subprocess

import pytest

from tests.e2e.terminal import PROGRAM
from tests.scenarios import generate

SCENARIO = generate.FOLDER / "default-deny-ingress"
EXPECT = (SCENARIO / "expect.yaml").read_text()


@pytest.mark.parametrize(
    ("text", "status", "out", "err"),
    [
        (EXPECT, 0, "hold", ""),
        (EXPECT + "- {from: x/a, to: x/b, port: 81, expect: allow}\n", 1, "1 differs", ""),
        (EXPECT + "- {from: x/a, to: x/nobody, port: 80, expect: deny}\n", 2, "1 error", "error: <stdin>:"),
    ],
)
def test_the_exit_code_is_what_ci_goes_by(text: str, status: int, out: str, err: str) -> None:
    words = [PROGRAM, "check", "-f", str(SCENARIO / "bundle.yaml"), "-"]
    done = subprocess.run(words, input=text, capture_output=True, text=True)
    assert done.returncode == status
    assert out in done.stdout.splitlines()[-1]
    assert done.stderr.startswith(err)
    assert bool(done.stderr) is bool(err)


def test_junit_is_the_same_whatever_the_terminal_can_say() -> None:
    words = [PROGRAM, "check", "-f", str(SCENARIO / "bundle.yaml"), str(SCENARIO / "expect.yaml")]
    plain, utf8 = (
        subprocess.run(
            [*words, "-o", "junit"],
            capture_output=True,
            check=True,
            env={**os.environ, "PYTHONIOENCODING": encoding},
        ).stdout
        for encoding in ("ascii", "utf-8")
    )
    assert plain == utf8
    assert plain.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ')
