"""Slow servers and slow networks: what comes in another order than usual loses nothing."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from playwright.sync_api import Page, Route, expect
from playwright.sync_api import TimeoutError as TookTooLong

from tests.browser.manifests import daemonset
from tests.browser.person import Person
from tests.servers import wait_until

pytestmark = pytest.mark.browser
TOO_EARLY = 1500
"""Milliseconds in which a line that does not wait for the page's scripts would be there."""


class Held:
    """Holds back what a page asks for at an address."""

    def __init__(self, page: Page, address: str | re.Pattern[str]) -> None:
        self._page = page
        self._routes: list[Route] = []
        page.route(address, self._hold)

    def _hold(self, route: Route) -> None:
        self._routes.append(route)

    def wait(self) -> Route:
        """Return what was asked for first, once it is."""
        # Playwright tells of it while it is asked something itself.
        wait_until(lambda: bool(self._page.evaluate("1") and self._routes), what="a request")
        return self._routes[0]

    def let_go(self) -> None:
        """Let what was asked for first go on."""
        self.wait().continue_()


def test_a_script_that_comes_late(person: Person, cluster: str) -> None:
    """The line opens once the map listens: no snapshot is told to nobody, and no map stays empty."""
    person.make_cluster(cluster)
    held = Held(person.page, "**/js/painter.js")
    lines: list[str] = []
    person.page.on("websocket", lambda line: lines.append(line.url))
    person.page.goto(f"{person.url}clusters/{cluster}/", wait_until="commit")
    held.wait()
    with suppress(TookTooLong):
        person.page.wait_for_event("websocket", timeout=TOO_EARLY)
    assert lines == []
    held.let_go()
    person.is_live()
    person.sees_all("none", 3)


def test_typed_while_it_is_sent(person: Person, cluster: str) -> None:
    """What is typed after a form was sent stays when the answer comes: it is of what was sent before."""
    page = person.page
    person.make_cluster(cluster)
    person.create(cluster, daemonset())
    person.go_live(f"clusters/{cluster}/sets/default/agent/")
    held = Held(page, "**/do/")
    image = page.get_by_label("main", exact=True)
    image.fill("agent:2")
    person.button("Set image").click()
    held.wait()
    image.fill("agent:3")
    held.let_go()
    person.sees_toast("Set the image agent:2.")
    expect(page.locator("#revisions")).to_contain_text("agent:2")
    expect(image).to_have_value("agent:3")

    person.map(cluster, node="node-1")
    held = Held(page, "**/label/")
    label = page.get_by_label("Label to set")
    label.fill("disk=ssd")
    person.button("Set label").click()
    held.wait()
    label.fill("disk=hdd")
    held.let_go()
    person.sees_toast("disk=ssd")
    expect(label).to_have_value("disk=hdd")


def test_pressed_while_the_bar_is_read(person: Person, cluster: str) -> None:
    """A button of the timeline leads where it says, also while the bar is being asked for again."""
    page = person.page
    person.make_cluster(cluster)
    person.create(cluster, daemonset())
    person.map(cluster)
    person.sees_all("new", 3)
    person.map(cluster)  # of now, when its creation is no longer the last change
    back = page.get_by_role("button", name="Edit before")
    expect(back).to_be_visible()
    held = Held(page, "**/timeline/data/")
    person.label(cluster, "node-1", "disk=ssd")
    held.wait()
    back.click()
    page.wait_for_url(re.compile(r"/at/\d+/clusters/"))
    expect(page.locator("#rail .sets")).to_contain_text("agent")


def test_entered_before_it_is_found(person: Person, cluster: str) -> None:
    """Enter in the palette opens the first hit of what is typed, and never one of what was found before."""
    page = person.page
    person.make_cluster(cluster)
    person.map(cluster)
    page.keyboard.press("Control+k")
    expect(page.locator("#search .hits a").first).to_contain_text("Map")
    held = Held(page, re.compile("text=settings$"))
    page.keyboard.type("settings")
    held.wait()
    page.keyboard.press("Enter")
    held.let_go()
    page.wait_for_url(f"**/clusters/{cluster}/settings/")
