"""The map by itself: groups, filters, zoom, the matrix, what is drawn, and what an address says."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Enter
from tests.browser.manifests import SSD_MONITOR, daemonset
from tests.browser.person import Person
from tests.servers import wait_until

pytestmark = pytest.mark.browser
MANY = 400

PIXEL = """(node) => {
  const box = document.querySelector(`#map [data-n="${node}"]`).getBoundingClientRect();
  const canvas = document.querySelector("#map > canvas");
  const at = canvas.getBoundingClientRect();
  const x = box.left - at.left + 20, y = box.top - at.top + box.height / 2 - 9;
  const copy = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true});
  copy.drawImage(canvas, x, y, 1, 1, 0, 0, 1, 1);
  return [...copy.getImageData(0, 0, 1, 1).data].slice(0, 3);
}"""
ABOVE = """() => document.querySelector(".ring.chosen").getBoundingClientRect().bottom
  <= document.querySelector(".panel").getBoundingClientRect().top"""
OVERLAY = """(cells) => document.dispatchEvent(new CustomEvent("everynode:overlay", {detail: {cells}}))"""


def colour(person: Person, node: str) -> list[int]:
    """Return the colour in the middle of the mark on a node's tile."""
    found: list[int] = person.page.evaluate(PIXEL, node)
    return found


def groups(person: Person) -> list[str | None]:
    """Return the titles of the groups, in order."""
    zones = person.page.locator("#map .zone")
    return [zones.nth(at).get_attribute("aria-label") for at in range(zones.count())]


def test_what_is_drawn(person: Person, cluster: str) -> None:
    """The canvas shows what the grid says: green where a pod is ready, grey where none is wanted."""
    person.make_cluster(cluster)
    person.create(cluster, SSD_MONITOR)
    person.map(cluster)
    person.sees_all("none", 3)
    person.sees_ready(3)
    before = colour(person, "node-2")
    person.label(cluster, "node-2", "disk=ssd")
    person.sees("node-2", "new")
    red, green, _blue = colour(person, "node-2")
    assert green > red + 50
    assert colour(person, "node-1") == before


def test_two_levels_of_groups(person: Person, cluster: str) -> None:
    """Groups of a label are divided by another label or by what nodes are like; the address holds both."""
    person.make_cluster(cluster, nodes=4)
    for node, labels in (("node-1", "a"), ("node-2", "a"), ("node-3", "b"), ("node-4", "b")):
        person.label(cluster, node, f"zone={labels}")
    person.post(f"clusters/{cluster}/nodes/node-4/taints/", **{"taints-text": "held=x:NoSchedule"})
    person.map(cluster)
    person.page.locator("[data-group='0']").select_option("zone")
    person.page.locator("[data-group='1']").select_option(":taint")
    expect(person.page.locator("#map .zone")).to_have_count(3)
    told = ["a, without the label", "b, held=x:NoSchedule", "b, without the label"]
    assert groups(person) == told
    person.go_live(person.page.url.removeprefix(person.url))
    expect(person.page.locator("#map .zone")).to_have_count(3)
    assert groups(person) == told


def test_groups_follow_states(person: Person, cluster: str) -> None:
    """Grouped by state a node moves to the group of its new state."""
    person.make_cluster(cluster)
    person.create(cluster, SSD_MONITOR)
    person.map(cluster, group=":state")
    person.sees_all("none", 3)
    person.label(cluster, "node-2", "disk=ssd")
    section = person.page.locator("#map .zone", has=person.page.locator("[data-n=node-2]"))
    expect(section).to_have_attribute("aria-label", "up to date")


def test_a_filter_that_does_not_parse(person: Person, cluster: str) -> None:
    """It says where, is kept as typed, and hides nothing; once mended it filters."""
    person.make_cluster(cluster)
    person.label(cluster, "node-2", "disk=ssd")
    person.map(cluster)
    field = person.page.locator("[data-filter]")
    field.fill("disk in (ssd")
    fault = person.page.locator("[data-fault]")
    expect(fault).to_have_text("At character 13: the list of values has no end, a ) is missing.")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(person.page.locator("#map .off")).to_have_count(0)
    field.press_sequentially(")")
    expect(fault).to_be_empty()
    expect(person.page.locator("[data-shown]")).to_have_text("1 of 3 nodes pass the filter")
    expect(person.page.locator("#map .off")).to_have_count(2)


def test_zoom(person: Person, cluster: str, enter: Enter) -> None:
    """The wheel zooms where it points, a small map shows where; a colleague with the link sees the same."""
    person.make_cluster(cluster, nodes=MANY)
    person.map(cluster)
    person.counts("none", MANY)
    small = person.page.locator(".small-map")
    expect(small).to_be_hidden()
    box = person.page.locator("#map").bounding_box()
    assert box
    person.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    person.page.mouse.wheel(0, -900)
    expect(small).to_be_visible()
    expect(person.page).to_have_url(re.compile(r"zoom=\d+%40node-\d+"))
    found = re.search(r"zoom=(\d+)%40(node-\d+)", person.page.url)
    assert found
    colleague = enter("admin", viewport={"width": 1100, "height": 800})
    colleague.go_live(person.page.url.removeprefix(person.url))
    expect(colleague.page.locator(".small-map")).to_be_visible()
    there = re.search(r"zoom=(\d+)%40(node-\d+)", colleague.page.url)
    assert there
    assert abs(int(there[1]) - int(found[1])) <= 1
    person.page.locator("#map").focus()
    person.page.locator("#map [tabindex='0']").focus()
    person.page.keyboard.press("0")
    expect(small).to_be_hidden()


def test_one_stop_for_tab(person: Person, cluster: str) -> None:
    """The map is one stop; arrows reach every node of a large one, and Enter opens its verdict."""
    person.make_cluster(cluster, nodes=MANY)
    person.create(cluster, SSD_MONITOR)
    person.map(cluster)
    person.counts("none", MANY)
    stops = person.page.locator("#map [tabindex='0']")
    expect(stops).to_have_count(1)
    stops.focus()
    expect(person.cell("node-001")).to_be_focused()
    person.page.keyboard.press("End")
    expect(person.cell(f"node-{MANY}")).to_be_focused()
    person.page.keyboard.press("ArrowUp")
    expect(stops).to_have_count(1)
    name = stops.get_attribute("data-n") or ""
    assert name != f"node-{MANY}"
    person.page.keyboard.press("Enter")
    expect(person.panel).to_contain_text(f"ssd-monitor on {name}")


def test_the_matrix(person: Person, cluster: str) -> None:
    """All sets is a matrix: the pointer on a cell hears which set on which node is in which state."""
    person.make_cluster(cluster)
    person.create(cluster, SSD_MONITOR)
    person.create(cluster, daemonset("agent"))
    person.map(cluster, view="all")
    person.counts("new", 3)
    person.counts("none", 3)
    tip = person.page.locator("#tip")

    def tells(at: float) -> str | None:
        box = person.cell("node-2").bounding_box()  # each time anew: what is around the map may move it
        assert box
        height = 18 + at * (box["height"] - 18) / 2
        person.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + height)
        return tip.text_content()

    wait_until(lambda: tells(0.5) == "node-2: agent up to date", what="the first row")
    wait_until(lambda: tells(1.5) == "node-2: ssd-monitor not targeted", what="the second row")


def test_what_would_be(person: Person, cluster: str) -> None:
    """An overlay shows the states that are given, says so, and goes without a trace."""
    person.make_cluster(cluster)
    person.create(cluster, daemonset())
    person.map(cluster)
    person.sees_all("new", 3)
    cells: dict[str, Any] = {"node-2": "gone", "node-9": "gone", "node-3": "<b>"}
    person.page.evaluate(OVERLAY, cells)
    person.sees("node-2", "gone")
    expect(person.cell("node-2")).to_have_attribute(
        "aria-label", "node-2: up to date; would be: no pod any more"
    )
    person.sees("node-3", "new")
    person.page.evaluate(OVERLAY, None)
    person.sees_all("new", 3)


def test_on_a_phone(enter: Enter, cluster: str) -> None:
    """The top bar is one row; what a cell tells comes up from below, and the cell stays in sight above it."""
    person = enter("admin", viewport={"width": 390, "height": 844}, has_touch=True)
    person.make_cluster(cluster, nodes=12)
    person.create(cluster, SSD_MONITOR)
    person.map(cluster)
    person.sees_all("none", 12)
    top = person.page.locator(".top").bounding_box()
    assert top
    assert top["height"] < 60
    person.cell("node-12").tap()
    expect(person.panel).to_contain_text("ssd-monitor on node-12")
    sheet = person.page.locator(".panel")
    expect(sheet).to_have_css("position", "fixed")
    expect(person.page.locator(".ring.chosen")).to_be_in_viewport()
    wait_until(lambda: person.page.evaluate(ABOVE), what="the cell above the sheet")
    person.page.get_by_role("link", name="Close the verdict").click()
    expect(sheet).to_have_css("position", "static")


def test_straight_to_the_nodes(person: Person, cluster: str) -> None:
    """A link beyond the rail leads the keyboard right to the map."""
    person.make_cluster(cluster)
    person.map(cluster)
    person.page.get_by_role("link", name="Skip to the nodes").focus()
    person.page.keyboard.press("Enter")
    expect(person.cell("node-1")).to_be_focused()
