"""Everything that a story needs, with the keyboard alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.manifests import SSD_MONITOR
from tests.browser.person import Person

pytestmark = pytest.mark.browser
MOST_TABS = 60


def tab_to(person: Person, selector: str) -> None:
    """Press Tab until the focus is on what the selector names; fail if it never is."""
    for _ in range(MOST_TABS):
        person.page.keyboard.press("Tab")
        if person.page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    pytest.fail(f"Tab does not lead to {selector}")


def test_keyboard_only(person: Person, cluster: str) -> None:
    """A set is created, a cell is read, cured by its label and left again without a pointer."""
    person.make_cluster(cluster)
    keys = person.page.keyboard
    person.map(cluster)
    tab_to(person, "#figures a")
    keys.press("Enter")
    expect(person.page.get_by_role("heading", name="Create from YAML")).to_be_visible()
    expect(person.editor).to_be_visible()
    tab_to(person, ".cm-content")
    keys.insert_text(SSD_MONITOR)
    keys.press("Escape")
    tab_to(person, "main button[type=submit]")
    keys.press("Enter")
    person.is_live()
    person.sees_all("none", 3)

    tab_to(person, "#map [data-n]")
    expect(person.cell("node-1")).to_be_focused()
    keys.press("ArrowRight")
    expect(person.cell("node-2")).to_be_focused()
    keys.press("Enter")
    expect(person.panel).to_contain_text("ssd-monitor on node-2")
    expect(person.panel).to_contain_text("The node lacks the label disk=ssd.")
    tab_to(person, "#panel .cure button")
    keys.press("Enter")
    person.sees("node-2", "new")
    keys.press("Escape")
    expect(person.panel).not_to_contain_text("ssd-monitor on node-2")
    expect(person.cell("node-2")).to_be_focused()
    keys.press("End")
    expect(person.cell("node-3")).to_be_focused()
    keys.press("/")
    expect(person.page.locator("[data-filter]")).to_be_focused()
    keys.type("disk=ssd")
    expect(person.page.locator("[data-shown]")).to_contain_text("1 of 3 nodes pass the filter")


def test_focus_stays_where_it_was(person: Person, cluster: str) -> None:
    """While the map and the panel follow a change, the focus and a half-typed word stay."""
    person.make_cluster(cluster)
    person.create(cluster, SSD_MONITOR)
    person.map(cluster, node="node-2")
    field = person.page.get_by_label("Label to set")
    field.press_sequentially("half-ty")
    person.label(cluster, "node-2", "disk=ssd")
    person.sees("node-2", "new")
    expect(person.panel).to_contain_text("Every check passes")
    expect(field).to_be_focused()
    expect(field).to_have_value("half-ty")
    person.cell("node-1").focus()
    person.label(cluster, "node-1", "disk=ssd")
    person.sees("node-1", "new")
    expect(person.cell("node-1")).to_be_focused()


def test_the_way_past_the_rail(person: Person, cluster: str) -> None:
    """The first Tab of a page leads to a link that jumps to its content."""
    person.make_cluster(cluster)
    person.map(cluster)
    person.page.keyboard.press("Tab")
    expect(person.page.get_by_role("link", name="Skip to the content")).to_be_focused()
    person.page.keyboard.press("Enter")
    expect(person.page.locator("#main")).to_be_focused()
