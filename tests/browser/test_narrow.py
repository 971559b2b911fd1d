"""The pages of a cluster on a phone, and in a window that is zoomed."""

from __future__ import annotations

from contextlib import suppress

import pytest
from playwright.sync_api import TimeoutError as TookTooLong
from playwright.sync_api import expect

from tests.browser.manifests import daemonset
from tests.browser.person import Person

pytestmark = pytest.mark.browser
SIDEWAYS = """() => [...document.querySelectorAll("html, #rail, #rail *")]
  .filter((one) => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX !== "visible")
  .map((one) => one.className || one.tagName)"""


def test_the_rail_does_not_scroll_sideways(person: Person, cluster: str) -> None:
    """Places and sets wrap into the width there is, and the list of sets leaves room for the page."""
    person.make_cluster(cluster, nodes=2)
    for name in ("node-exporter", "log-collector-with-a-long-name", "cni", "storage", "gpu", "dns"):
        person.create(cluster, daemonset(name))
    person.page.set_viewport_size({"width": 390, "height": 844})
    person.go_live(f"clusters/{cluster}/events/")
    expect(person.page.locator("#rail .sets li")).to_have_count(6)
    assert person.page.evaluate(SIDEWAYS) == []
    heading = person.page.get_by_role("heading", name="Events", exact=True).bounding_box()
    assert heading
    assert heading["y"] + heading["height"] < 844


SCREENS = {(720, 450): "#pods, #overhead", (512, 384): "#pods", (390, 844): "#pods"}
"""Common screens at twice the size (1440x900, 1024x768) and a phone, with the lists that are whole there."""

PAGES = ("", "table/", "pods/", "overhead/", "views/", "nodes/node-1/", "sets/default/agent/rollout/")
CUT = """(lists) => [document.documentElement, ...document.querySelectorAll(lists)]
  .filter((one) => one.scrollWidth > one.clientWidth + 1)
  .map((one) => `${one.id || "page"}: ${one.scrollWidth} px in ${one.clientWidth}`)"""


def cut(person: Person, lists: str) -> list[str]:
    """Return what stays cut off on a page: a map or a chart follows its room a moment later."""
    with suppress(TookTooLong):
        person.page.wait_for_function(f"(lists) => !({CUT})(lists).length", arg=lists, timeout=5000)
        return []
    found: list[str] = person.page.evaluate(CUT, lists)
    return found


def outside(person: Person) -> list[str]:
    """Open each menu of a page; return those that do not stay within the window."""
    found = []
    for menu in person.page.locator("details.menu").all():
        summary, sheet = menu.locator("> summary"), menu.locator("> .sheet")
        if not summary.is_visible():
            continue
        summary.click()
        expect(sheet).to_be_visible()
        box, wide = sheet.bounding_box(), person.page.evaluate("innerWidth")
        if not box or box["x"] < 0 or box["x"] + box["width"] > wide:
            found.append(f"menu {summary.inner_text().strip()!r}: {box}")
        person.page.keyboard.press("Escape")
        expect(sheet).to_be_hidden()
    return found


def test_a_page_at_twice_its_size(person: Person, cluster: str) -> None:
    """Pages fit into half the width of a screen: no last column is cut, and menus open inside the window."""
    person.make_cluster(cluster, nodes=3)
    person.create(cluster, daemonset("agent"))
    person.post(f"clusters/{cluster}/views/save/", name="all", query="view=all", shared="on")
    person.map(cluster, set="default/agent")
    person.sees_all("new", 3)
    wrong = []
    for (width, height), lists in SCREENS.items():
        person.page.set_viewport_size({"width": width, "height": height})
        for path in PAGES:
            person.go_live(f"clusters/{cluster}/{path}")
            wrong += [f"{width}: {path}: {one}" for one in [*cut(person, lists), *outside(person)]]
    assert wrong == []
