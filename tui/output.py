"""Writing results to standard output, and what went wrong to standard error."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Iterable
from typing import Any

from policy_core.model import Problem
from policy_core.printable import printable
from policy_core.report.document import Document
from policy_core.report.layout import ALL, ansi, layout, plain
from tui.options import use_color
from tui.streams import nowhere

__all__ = ["write_document", "write_error", "write_json", "write_problems"]

_PIPED_WIDTH = 120
"""Columns where no terminal says how wide it is: enough for tables, little enough to read."""


def write_document(document: Document, options: argparse.Namespace) -> None:
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else _PIPED_WIDTH
    lines = layout(document, width, ALL)
    sys.stdout.write((ansi(lines) if use_color(options) else plain(lines)) + "\n")


def write_json(value: dict[str, Any]) -> None:
    # Escaping everything beyond ASCII keeps control characters of any kind out of the terminal.
    sys.stdout.write(json.dumps(value, indent=2) + "\n")


def write_problems(problems: Iterable[Problem]) -> None:
    for problem in problems:
        _tell(f"{problem.severity}: {printable(str(problem))}\n")


def write_error(message: str) -> None:
    _tell(f"error: {printable(message)}\n")


def _tell(line: str) -> None:
    """On standard error. Where that has gone or is full nobody can be told, and the result still counts."""
    try:
        sys.stderr.write(line)
        sys.stderr.flush()
    except OSError:
        sys.stderr = nowhere()
