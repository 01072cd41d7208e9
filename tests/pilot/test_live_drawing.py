"""Only what has become something else is drawn again: no line of before may stay on the screen."""

from __future__ import annotations

from random import Random

import pytest
from textual.widgets import Input

from policy_core.health import Feed
from tests.clusters import namespace, pod, policy, service
from tests.pilot.live import NOW, LiveDriver, Opened, health
from tui.messages import Heard

KEYS = ("up", "down", "pagedown", "home", "end", *"1234sSnvzp[]", "tab", "shift+tab", "enter", "escape")
APPS = ("web", "db", "a-long-value-of-a-label")


def cluster(chance: Random) -> str:
    parts = [namespace("x"), namespace("y")]
    for number in chance.sample(range(60), chance.randrange(40)):
        where, app = chance.choice("xy"), chance.choice(APPS)
        parts.append(pod(f"p{number:02}", f"10.0.0.{number + 1}", namespace=where, app=app))
    for number in range(chance.randrange(4)):
        spec = f"{{selector: {{app: web}}, ports: [{{port: {chance.choice((80, 8080))}}}]}}"
        parts.append(service(f"s{number}", spec, namespace=chance.choice("xy")))
    for number in range(chance.randrange(4)):
        subject, peer = (f"{{matchLabels: {{app: {chance.choice(APPS)}}}}}" for _ in range(2))
        spec = f"{{podSelector: {subject}, ingress: [{{from: [{{podSelector: {peer}}}]}}]}}"
        parts.append(policy(f"n{number}", spec, namespace=chance.choice("xy")))
    return "".join(parts)


async def step(driver: LiveDriver, chance: Random) -> str:
    """Something happens in the cluster, or the person does something; returns what."""
    what = chance.choice(("renewed", "renewed", "heard", "unmarked", "filter", "key", "key"))
    if what == "renewed":
        await driver.shows(cluster(chance))
    elif what == "heard":
        feed, error = chance.choice((Feed.LIVE, Feed.LOST)), "wrong " * chance.randrange(1, 30)
        driver.now += chance.randrange(3)
        await driver.tells(Heard(health(feed, NOW, error)))
    elif what == "unmarked":
        driver.now += 3
        driver.live_screen._unmark()
    elif what == "filter":
        await driver.press("slash")
        await driver.type(chance.choice(("p0", "web", "zz")))
        await driver.press(chance.choice(("enter", "escape")))
    else:
        what = chance.choice(KEYS)
        await driver.press(what)
    await driver.pilot.pause()
    return what


def screen(driver: LiveDriver) -> list[object]:
    strips = driver.app.screen._compositor.render_strips()
    return [[(segment.text, segment.style) for segment in strip.simplify()] for strip in strips]


async def drawn_anew(driver: LiveDriver) -> list[object]:
    """The screen with nothing that was drawn before."""
    for widget in driver.app.screen.walk_children():
        widget._styles_cache.clear()
        widget.refresh()
        if hasattr(widget, "_strips"):
            widget._strips.clear()
    await driver.pilot.pause()
    return screen(driver)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])
async def test_the_screen_is_what_it_would_be_drawn_from_nothing(
    opened: Opened, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], seed: int
) -> None:
    monkeypatch.setattr("tui.screens.live_explorer.MARKED_FOR", 40_000.0)  # marks go when the test says so
    chance = Random(seed)
    async with opened(cluster(chance), health=health(), size=size) as driver:
        for field in driver.screen.query(Input):
            field.cursor_blink = False
        done: list[str] = []
        for _ in range(25):
            done.append(await step(driver, chance))
            assert screen(driver) == await drawn_anew(driver), done
