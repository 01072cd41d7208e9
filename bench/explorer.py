"""The explorer on a generated cluster: ``python -m bench.explorer 1000``, or on a bundle: ``… bundle.json``;
then F9 to show it.

It is the program's own application; only what would be read is made here instead. F9 is waited for so that
showing it can be timed from a key, too. With ``--plan FILE`` what the benchmark is to press, and what must
answer, is written there first: only this process needs the cluster. With ``--busy FILE`` every turn of the
event loop that takes long is noted there.
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from threading import Event
from typing import ClassVar

from textual.binding import Binding, BindingType

from bench.busy import watch
from bench.clusters import cluster
from policy_core.evaluation import Evaluation
from policy_core.snapshot import assemble
from policy_core.sources.files import read
from tui.app import NetpolApp
from tui.catalogue import Catalogue
from tui.columns import measured
from tui.messages import Progressed

__all__ = ["READY", "made"]

READY = "press F9"
_LONG = 8.0
"""Milliseconds of a turn that is noted."""


def made(what: str) -> Catalogue:
    """Of so many pods, or of a file."""
    reading = cluster(int(what)) if what.isdecimal() else read([what])
    return Catalogue.of(Evaluation.of(assemble(reading)), measure=measured)


class _Explorer(NetpolApp):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("f9", "show_cluster", show=False)]

    def __init__(self, options: Namespace) -> None:
        super().__init__(Namespace(namespace=None))
        self._bench = options
        self._wanted = Event()

    def _read(self) -> None:
        catalogue = made(self._bench.what)
        if self._bench.plan:
            from bench.explorer_plan import plan

            Path(self._bench.plan).write_text(json.dumps(plan(catalogue, self._bench.moves)), "utf-8")
        self.post_message(Progressed(READY))
        self._wanted.wait()
        self._hand_over(catalogue)

    def action_show_cluster(self) -> None:
        self._wanted.set()


def _options() -> Namespace:
    parser = ArgumentParser()
    parser.add_argument("what")
    parser.add_argument("--plan")
    parser.add_argument("--moves", type=int, default=40)
    parser.add_argument("--busy")
    return parser.parse_args(sys.argv[1:])


if __name__ == "__main__":
    options = _options()
    if options.busy:
        with Path(options.busy).open("a", encoding="utf-8", buffering=1) as file:
            watch(lambda began, took, name: print(began, took, name, sep="\t", file=file), _LONG)
            _Explorer(options).run()
    else:
        _Explorer(options).run()
