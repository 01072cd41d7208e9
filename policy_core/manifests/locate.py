"""Where a field of an object stands in its file.

Reading keeps the lines of whole objects only. Few objects are ever looked into, so finding a field means
parsing its object's own lines once more.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache

from policy_core.manifests.places import Place, json_place, yaml_place
from policy_core.manifests.text_lines import text_lines
from policy_core.model import Origin

__all__ = ["Path", "last_line", "lines", "parsed_path", "shown_path"]

Path = tuple[str | int, ...]


def shown_path(path: Path) -> str:
    """``spec.ingress[0].from``; keys that hold a dot or the like are quoted as in ``labels["a.b/c"]``."""
    shown = ""
    for step in path:
        if isinstance(step, int):
            shown += f"[{step}]"
        elif step.replace("_", "").replace("-", "").isalnum():
            shown += f".{step}" if shown else step
        else:
            shown += f'["{step}"]'
    return shown


_STEP = re.compile(r'\[(?P<item>\d{1,9})\]|\["(?P<quoted>[^"]*)"\]|\.?(?P<key>[^.\[\]]+)')


def parsed_path(shown: str) -> Path:
    """The path that :func:`shown_path` shows so; as far as it can be read."""
    return tuple(
        int(step["item"]) if step["item"] is not None else step["quoted"] or step["key"] or ""
        for step in _STEP.finditer(shown)
    )


def last_line(text: str, origin: Origin) -> int:
    """That of the object at ``origin``, which ends with the text where nothing else is known."""
    return text.count("\n") if origin.end_line is None else origin.end_line


def lines(text: str, origin: Origin, path: Path, *, alone: bool = False) -> tuple[int, int]:
    """The first and last line, from 1 and inclusive, of the field ``path`` of the object at ``origin``.

    ``text`` is the whole file; or, if the object is ``alone`` in it, its own with at most blanks before it
    and a comma behind it. Where there is no such field, or it cannot be found (an alias is not
    followed), the lines are those of the nearest part around it.
    """
    end_line = last_line(text, origin)
    if not path or origin.line == end_line:
        return origin.line, end_line  # a line of JSON may hold thousands of objects
    if alone:
        before = origin.line - 1
        at = len(text) - len(text.lstrip(" \t"))
        first, last = lines(text, Origin(origin.file, 1, 1, end_line - before, at), path)
        return first + before, last + before
    root = _object(text, origin.line, end_line, origin.at)
    place = root.below(path)
    if place is root:
        return origin.line, end_line
    return place.first + 1, min(place.last + 1, max(place.first + 1, end_line))


@lru_cache(maxsize=4)
def _object(text: str, line: int, end_line: int, at: int | None) -> Place:
    """The places in one object, which may have thousands of problems. The reader has already told what is no
    YAML there."""
    lines = text_lines(text)
    first, end = lines.start(line - 1), lines.start(end_line)
    if at is None:
        return yaml_place(text[first:end], line - 1)
    try:
        value, _ = json.JSONDecoder().raw_decode(text, at)
    except ValueError:
        value = None
    if isinstance(value, (dict, list)):
        return json_place(text, at)
    # YAML in flow style; of an entry as in ``["key": {}]`` only the key is JSON.
    return yaml_place(text[at:end].rjust(end - first), line - 1)
