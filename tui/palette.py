"""The command palette: every action, and every object by name."""

from __future__ import annotations

from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.fuzzy import Matcher

from policy_core.printable import printable
from policy_core.report.document import Link
from tui.actions import ACTIONS
from tui.catalogue import ALL_NAMESPACES
from tui.screens.explorer import ExplorerScreen

__all__ = ["ActionProvider", "ObjectProvider"]

_MOST = 50
"""Objects that are scored: fuzzy matching is slow, so a plain look for the letters comes first."""


class ActionProvider(Provider):
    async def discover(self) -> Hits:
        for action in ACTIONS:
            yield DiscoveryHit(action.title, partial(self.screen.run_action, action.name), help=action.help)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for action in ACTIONS:
            score = matcher.match(action.title)
            if score > 0:
                run = partial(self.screen.run_action, action.name)
                yield Hit(score, matcher.highlight(action.title), run, help=action.help)


class ObjectProvider(Provider):
    async def search(self, query: str) -> Hits:
        screen = self.screen
        if not isinstance(screen, ExplorerScreen) or screen.state is None:
            return
        matcher = self.matcher(query)
        found = 0
        terms = query.lower().split()
        for rows in screen.state.catalogue.rows.values():
            for row in rows:
                if row.ref != ALL_NAMESPACES and all(term in row.haystack for term in terms):
                    name = printable(str(row.ref))
                    score = max(matcher.match(name), 0.1)
                    yield Hit(score, _highlight(matcher, name), partial(screen.follow, Link(row.ref)))
                    found += 1
                    if found >= _MOST:
                        return


def _highlight(matcher: Matcher, name: str) -> Content:
    """As the matcher's own method, which would take brackets in a name for markup."""
    content = Content(name)
    for offset in matcher.fuzzy_search.match(matcher.query, name)[1]:
        content = content.stylize(matcher.match_style, offset, offset + 1)
    return content
