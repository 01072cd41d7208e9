"""One table of what a person can do: key bindings, the command palette, the footer and the help page are
all made from it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from textual.binding import Binding

__all__ = [
    "ACTIONS",
    "EXPOSURE",
    "EXPOSURE_ACTIONS",
    "GO",
    "LIVE",
    "LIVE_ACTIONS",
    "MATRIX",
    "MATRIX_ACTIONS",
    "TRACE",
    "TRACE_ACTIONS",
    "Action",
    "bindings",
    "shown_keys",
]


class Action(NamedTuple):
    """``name`` is the Textual action, ``id`` what a keymap refers to; ``footer`` a word for the last line of
    the screen, or empty."""

    id: str
    keys: str
    name: str
    title: str
    help: str
    group: str
    footer: str = ""
    shown_key: str = ""


GO, LOOK, KEEP, PROGRAM = "Get around", "Look closer", "Take it with you", "The program"
TRACE, MATRIX, LIVE = "In a trace", "In the matrix", "On a live cluster"
EXPOSURE = "Among the exposed pods"

ACTIONS: tuple[Action, ...] = (
    Action("pane.namespaces", "1", "pane('namespaces')", "Namespaces", "go to the namespaces", GO),
    Action("pane.pods", "2", "pane('pods')", "Pods", "go to the pods", GO),
    Action("pane.services", "3", "pane('services')", "Services", "go to the services", GO),
    Action("pane.policies", "4", "pane('policies')", "Policies", "go to the policies", GO),
    Action("pane.next", "tab", "focus_next", "Next pane", "to the next list, then to the details", GO),
    Action("pane.previous", "shift+tab", "focus_previous", "Previous pane", "to the previous one", GO),
    Action(
        "filter",
        "slash",
        "filter",
        "Filter",
        "narrow the list: name, namespace, label=value, address, port, state …; all words must match",
        GO,
        "filter",
        "/",
    ),
    Action(
        "escape",
        "escape",
        "leave",
        "Leave",
        "one step out: of the manifest, the details, the filter, the marks, the namespace",
        GO,
    ),
    Action(
        "scope",
        "n",
        "scope",
        "This namespace only",
        "show only the namespace of what is selected; again: all namespaces",
        GO,
    ),
    Action(
        "back", "left_square_bracket,backspace", "back", "Back", "back to where you were", GO, "back", "["
    ),
    Action("forward", "right_square_bracket", "forward", "Forward", "forward again", GO, "", "]"),
    Action(
        "open",
        "enter",
        "open",
        "Open",
        "in a list: go to the details; in the details: follow the link, a rule leads to its YAML",
        LOOK,
    ),
    Action("yaml", "v", "yaml", "YAML or rules", "switch between rules and the manifest", LOOK, "yaml"),
    Action(
        "trace",
        "t",
        "trace",
        "Trace",
        "may this pod reach something, or something this Service, and if not, why? Choose the other end",
        LOOK,
        "trace",
    ),
    Action("zoom", "z", "zoom", "Zoom", "give the details the whole screen; again: back", LOOK),
    Action("sort", "s", "sort", "Sort", "sort by the next column", LOOK),
    Action("sort.reverse", "S", "reverse", "Reverse the order", "turn the order round", LOOK),
    Action(
        "matrix",
        "m",
        "matrix",
        "Matrix",
        "who may connect to whom: namespaces, then their workloads, then what decided",
        LOOK,
        "matrix",
    ),
    Action(
        "exposure",
        "x",
        "exposure",
        "Exposed pods",
        "which pods can be reached from outside the cluster, by which way, and whom policy lets in",
        LOOK,
        "exposed",
    ),
    Action(
        "problems",
        "exclamation_mark",
        "problems",
        "Problems",
        "list what could not be read, and where",
        LOOK,
        "",
        "!",
    ),
    Action("copy", "c", "copy", "Copy as Markdown", "copy what the details show, as Markdown", KEEP),
    Action(
        "picture",
        "ctrl+s",
        "picture",
        "Save a picture",
        "save the screen as an SVG file in the current folder",
        KEEP,
    ),
    Action("help", "question_mark,f1", "help", "Help", "this page", PROGRAM, "help", "?"),
    Action(
        "palette", "ctrl+p", "command_palette", "Command palette", "find any action, object or theme", PROGRAM
    ),
    Action("quit", "q", "quit", "Quit", "leave the program", PROGRAM, "quit"),
)

LIVE_ACTIONS: tuple[Action, ...] = (
    Action(
        "live.pause",
        "p",
        "pause",
        "Pause",
        "let the screen stand still; again: go on, with all that has changed meanwhile",
        LIVE,
    ),
    Action("live.refresh", "r", "refresh_cluster", "Read again", "list everything anew, now", LIVE),
    Action(
        "live.sources",
        "i",
        "sources",
        "What was read",
        "each kind: how much of it may be read, how long ago the server spoke of it, what went wrong",
        LIVE,
    ),
    Action("live.context", "C", "contexts", "Context", "turn to another cluster", LIVE),
    Action(
        "live.namespace",
        "N",
        "namespaces",
        "Namespace",
        "choose a namespace by name; one that is not listed is looked into as well",
        LIVE,
    ),
)
"""What can be done with a live cluster, besides all that can be done with manifests."""


def _of_explorer(*ids: str) -> tuple[Action, ...]:
    """For another screen, whose footer has room for the word that the explorer's has not."""
    return tuple(
        action._replace(footer="copy") if action.id == "copy" else action
        for action in ACTIONS
        if action.id in ids
    )


TRACE_ACTIONS: tuple[Action, ...] = (
    Action("trace.source", "f", "edit('source')", "From", "choose who opens the connection", TRACE, "from"),
    Action("trace.destination", "t", "edit('destination')", "To", "choose where it leads", TRACE, "to"),
    Action("trace.port", "p", "edit('port')", "Port", "type another port: 3307, udp 53", TRACE, "port"),
    Action("trace.swap", "s,ctrl+t", "swap", "Swap the ends", "turn it round", TRACE, "swap"),
    Action(
        "trace.leave",
        "escape",
        "leave",
        "Leave the trace",
        "one step out: of a field, then back to where the trace was opened; ] opens it again",
        TRACE,
    ),
    *_of_explorer("back", "forward", "copy", "picture", "help", "palette", "quit"),
)
"""What can be done in a trace; those of the explorer that are here, too, do the same to the trace."""

MATRIX_ACTIONS: tuple[Action, ...] = (
    Action(
        "matrix.filter",
        "slash",
        "filter",
        "Filter the matrix",
        "narrow it: web > db keeps sources with web and destinations with db in their names",
        MATRIX,
        "filter",
        "/",
    ),
    Action(
        "matrix.trace", "t", "trace", "Trace this cell", "trace the workloads of the cell", MATRIX, "trace"
    ),
    Action(
        "matrix.leave",
        "escape",
        "leave",
        "Leave",
        "one step out: of the filter, the workloads, the matrix",
        MATRIX,
        "back",
    ),
    Action("matrix.close", "m", "dismiss(None)", "Explorer", "back to the explorer", MATRIX, "explorer"),
    *_of_explorer("copy", "picture", "help", "palette", "quit"),
)
"""What can be done in the matrix; those of the explorer that are here, too, do the same to the matrix."""


EXPOSURE_ACTIONS: tuple[Action, ...] = (
    Action(
        "exposure.filter",
        "slash",
        "filter",
        "Filter the exposed pods",
        "narrow the list: name, way, address, host, port, unknown, closed …; all words must match",
        EXPOSURE,
        "filter",
        "/",
    ),
    Action(
        "exposure.service",
        "e",
        "service",
        "The Service",
        "go to the Service by which the pods are exposed",
        EXPOSURE,
        "service",
    ),
    Action(
        "exposure.trace",
        "t",
        "trace",
        "Trace this way in",
        "from the controller's pod, or from an address outside that you give",
        EXPOSURE,
        "trace",
    ),
    Action("exposure.sort", "s", "sort", "Sort", "sort by the next column", EXPOSURE, "sort"),
    Action("exposure.reverse", "S", "reverse", "Reverse the order", "turn the order round", EXPOSURE),
    Action(
        "exposure.leave",
        "escape",
        "leave",
        "Leave",
        "one step out: of the filter, then back to the explorer",
        EXPOSURE,
        "back",
    ),
    Action("exposure.close", "x", "dismiss(None)", "Explorer", "back to the explorer", EXPOSURE),
    *_of_explorer("copy", "picture", "help", "palette", "quit"),
)
"""What can be done in the list of exposed pods."""


def bindings(actions: Iterable[Action] = ACTIONS) -> list[Binding]:
    """Textual bindings; every one has an id, so that keymaps can change it. Only an action's first key is
    shown: where a widget takes that key for itself, as a filter does, none of the others stands for it."""
    return [
        Binding(
            key,
            action.name,
            action.footer or action.title,
            show=bool(action.footer) and first,
            key_display=action.shown_key or None,
            tooltip=action.help,
            id=action.id,
        )
        for action in actions
        for first, key in ((not number, key) for number, key in enumerate(action.keys.split(",")))
    ]


_KEY_NAMES = {
    "slash": "/",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "exclamation_mark": "!",
    "question_mark": "?",
    "escape": "esc",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "pageup": "pgup",
    "pagedown": "pgdn",
}


def shown_keys(keys: str) -> str:
    """Keys as people call them, from Textual's names separated by commas."""
    return " ".join(_KEY_NAMES.get(key, key) for key in keys.split(","))
