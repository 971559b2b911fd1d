"""Every page under axe-core, light and dark. Pictures of them, to be looked at: ``sheets.py``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from typing import Literal

import pytest
from playwright.sync_api import Error, ViewportSize, expect
from playwright.sync_api import TimeoutError as TookTooLong

from tests.browser.conftest import Enter
from tests.browser.furnished import furnish, furnish_real, pages, real_pages
from tests.browser.manifests import SSD_MONITOR
from tests.browser.person import Person
from tests.servers import BASE

pytestmark = pytest.mark.browser
AXE = (BASE / "tests" / "browser" / "vendor" / "axe.min.js").read_text(encoding="utf-8")
WIDE, NARROW = ViewportSize(width=1440, height=900), ViewportSize(width=390, height=844)

# Nothing is asked for, and no colour is on its way to another. What goes on for ever is the editor's cursor.
SETTLED = """() => !document.querySelector(".htmx-request") && document.getAnimations().every(
  (one) => one.playState !== "running" || one.effect.getComputedTiming().endTime === Infinity)"""

# Only what is wrong for somebody: axe's "moderate" and "minor" are matters of taste.
FAULTS = """async () => {
  const found = await axe.run(document, { resultTypes: ["violations"] });
  const bad = found.violations.filter((one) => ["serious", "critical"].includes(one.impact));
  return bad.flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.html.slice(0, 200)}`));
}"""


def faults(person: Person) -> list[str]:
    """Return what axe-core finds wrong for somebody, once nothing on the page is on its way."""
    person.page.wait_for_function(SETTLED)
    person.page.evaluate(AXE)
    found: list[str] = person.page.evaluate(FAULTS)
    return found


def overflow(person: Person) -> list[str]:
    """Return how far the page stays wider than the screen; charts are drawn a moment after a resize."""
    with suppress(TookTooLong):
        person.page.wait_for_function("document.documentElement.scrollWidth <= innerWidth", timeout=5000)
        return []
    wide: str = person.page.evaluate("`${document.documentElement.scrollWidth} px on ${innerWidth}`")
    return [f"wider than the screen: {wide}"]


def looked_at(person: Person, path: str) -> list[str]:
    """Go to a page; return what is wrong with it, on a large screen and on a telephone."""
    person.go(path)
    if (line := person.page.locator("[data-line]")).count():
        expect(line).to_have_attribute("data-state", re.compile("live|past"))
    found = faults(person)
    person.page.set_viewport_size(NARROW)
    found += overflow(person) + faults(person)
    person.page.set_viewport_size(WIDE)
    return found


def wrong_with(person: Person, paths: Iterable[tuple[str, str]]) -> list[str]:
    """Go from page to page; return all that is wrong with them."""
    wrong: list[str] = []
    for name, path in paths:
        try:
            wrong += [f"{name}: {one}" for one in looked_at(person, path)]
        except (AssertionError, Error) as error:
            error.add_note(f"on the page {name}, {path}; found before: {wrong}")
            raise
    return wrong


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page(enter: Enter, cluster: str, scheme: Literal["light", "dark"]) -> None:
    """No page has a serious fault, light or dark; none is wider than a telephone."""
    person = enter(color_scheme=scheme, viewport=WIDE, reduced_motion="reduce")
    furnish(person, cluster)
    assert wrong_with(person, pages(person, cluster)) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_of_a_real_cluster(enter: Enter, cluster: str, scheme: Literal["light", "dark"]) -> None:
    """Nor has any page of a real cluster, a staged rollout with its lines for kubectl among them."""
    person = enter(color_scheme=scheme, viewport=WIDE, reduced_motion="reduce")
    furnish_real(person, cluster)
    expect(person.page.locator("[data-hand]")).to_have_count(3)
    assert wrong_with(person, real_pages(cluster)) == []


def test_the_login(enter: Enter) -> None:
    """The page that everybody sees first has no serious fault, nor has what it says of a wrong password."""
    person = enter()
    person.page.context.clear_cookies()
    person.go("")
    assert faults(person) == []
    person.page.get_by_label("Username").fill("admin")
    person.page.get_by_label("Password").fill("wrong")
    person.button("Log in").click()
    expect(person.page.locator(".faults")).to_contain_text("correct username and password")
    assert faults(person) == []


def test_faults_are_told_to_all(person: Person, cluster: str) -> None:
    """What is wrong with a form is announced, and the page has no serious fault."""
    person.make_cluster(cluster, nodes=0)
    person.go(f"clusters/{cluster}/create/")
    person.type_yaml(SSD_MONITOR.replace("apps/v1", "apps/v1beta1"))
    person.button("Create").click()
    expect(person.page.get_by_role("alert").filter(has_text="Nothing was created.")).to_be_visible()
    expect(person.page.get_by_role("status").filter(has_text="apps/v1beta1")).to_be_visible()
    assert faults(person) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_editor(enter: Enter, cluster: str, scheme: Literal["light", "dark"]) -> None:
    """What the editor of YAML offers, marks and searches has no serious fault."""
    person = enter(color_scheme=scheme, reduced_motion="reduce")
    person.make_cluster(cluster, nodes=0)
    person.go_live(f"clusters/{cluster}/create/")
    expect(person.editor).to_be_visible()
    person.type_yaml(
        "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: a}\nspec:\n  minReadySeconds: x\n"
    )
    expect(person.page.locator(".yaml-faults")).to_be_visible()
    person.editor.press("Control+End")
    person.page.keyboard.type("  upd")
    expect(person.page.locator(".cm-completionInfo")).to_be_visible()
    assert faults(person) == []
    person.page.keyboard.press("Escape")
    person.page.keyboard.press("Control+f")
    expect(person.page.locator(".cm-search")).to_be_visible()
    assert faults(person) == []
