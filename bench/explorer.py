"""The explorer on a generated cluster: ``python -m bench.explorer 1000``, then F9 to show it.

It is the program's own application; only what would be read is made here instead. F9 is waited for so that
showing it can be timed from a key, too.
"""

from __future__ import annotations

import sys
from argparse import Namespace
from threading import Event
from typing import ClassVar

from textual.binding import Binding, BindingType

from bench.clusters import cluster
from policy_core.evaluation import Evaluation
from policy_core.snapshot import assemble
from tui.app import NetpolApp
from tui.catalogue import Catalogue
from tui.messages import Progressed

__all__ = ["READY", "made"]

READY = "press F9"


def made(pods: int) -> Catalogue:
    return Catalogue.of(Evaluation.of(assemble(cluster(pods))))


class _Explorer(NetpolApp):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("f9", "show_cluster", show=False)]

    def __init__(self, pods: int) -> None:
        super().__init__(Namespace(namespace=None))
        self._pods = pods
        self._wanted = Event()

    def _read(self) -> None:
        catalogue = made(self._pods)
        self.post_message(Progressed(READY))
        self._wanted.wait()
        self._hand_over(catalogue)

    def action_show_cluster(self) -> None:
        self._wanted.set()


if __name__ == "__main__":
    _Explorer(int(sys.argv[1])).run()
