"""The command palette: every action, and every object by name."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from itertools import chain, islice

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.fuzzy import Matcher

from policy_core.printable import printable
from policy_core.report.document import Link
from tui.actions import Action, shown_keys
from tui.catalogue import ALL_NAMESPACES, Row
from tui.screens.base import BaseScreen, uncovered
from tui.screens.explorer import ExplorerScreen

__all__ = ["ActionProvider", "ObjectProvider"]

_MOST = 50
"""Objects that are scored: fuzzy matching is slow, so a plain look for the letters comes first."""
_BATCH = 10_000
"""So many rows are looked at in one go: the screen must not stand still meanwhile."""


def _explorer(provider: Provider) -> ExplorerScreen | None:
    """The explorer, also from the help page or another screen that lies over it."""
    return next((s for s in provider.app.screen_stack if isinstance(s, ExplorerScreen)), None)


class ActionProvider(Provider):
    def _actions(self) -> Iterator[tuple[Action, Callable[[], Awaitable[None]]]]:
        """First those of the screen that is being looked at, then what else the explorer does."""
        explorer = _explorer(self)
        if explorer is None:
            return
        here = self.screen if isinstance(self.screen, BaseScreen) else explorer
        own = {action.id for action in here.OWN}
        for action in (*here.OWN, *(each for each in explorer.OWN if each.id not in own)):
            if action.id != "palette":
                screen = here if action.id in own else explorer
                yield action, partial(uncovered, screen, partial(screen.run_action, action.name))

    async def discover(self) -> Hits:
        for action, run in self._actions():
            yield DiscoveryHit(action.title, run, help=f"{shown_keys(action.keys)}  {action.help}")

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for action, run in self._actions():
            score = matcher.match(action.title)
            if score > 0:
                help_ = f"{shown_keys(action.keys)}  {action.help}"
                yield Hit(score, matcher.highlight(action.title), run, help=help_)


class ObjectProvider(Provider):
    async def search(self, query: str) -> Hits:
        screen = _explorer(self)
        if screen is None or screen.state is None:
            return
        matcher = self.matcher(query)
        terms = query.lower().split()
        rows = chain.from_iterable(screen.state.catalogue.rows.values())
        found = 0
        for some in _batches(rows):
            for row in some:
                if row.ref != ALL_NAMESPACES and all(term in row.haystack for term in terms):
                    name = printable(str(row.ref))
                    score = max(matcher.match(name), 0.1)
                    go = partial(uncovered, screen, partial(screen.follow, Link(row.ref)))
                    yield Hit(score, _highlight(matcher, name), go)
                    found += 1
                    if found >= _MOST:
                        return
            await asyncio.sleep(0)  # the next key may wait


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while some := list(islice(rows, _BATCH)):
        yield some


def _highlight(matcher: Matcher, name: str) -> Content:
    """As the matcher's own method, which would take brackets in a name for markup."""
    content = Content(name)
    for offset in matcher.fuzzy_search.match(matcher.query, name)[1]:
        content = content.stylize(matcher.match_style, offset, offset + 1)
    return content
