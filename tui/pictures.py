"""What a saved picture is called."""

from __future__ import annotations

import re
from itertools import chain, count
from pathlib import Path

__all__ = ["picture_name"]

_LONGEST = 100
"""Characters of a title: file systems limit names, and two of the longest Kubernetes names exceed that."""


def picture_name(title: str, folder: Path = Path()) -> str:
    """A name that no file of the folder has, made of nothing that a shell or a file system minds."""
    stem = f"netpol-tui-{re.sub(r'[^a-z0-9.]+', '-', title.lower())[:_LONGEST].strip('-.')}"
    endings = chain([""], (f"-{number}" for number in count(2)))
    return next(name for end in endings if not (folder / (name := f"{stem}{end}.svg")).exists())
