"""The pages of a cluster on a phone."""

from __future__ import annotations

import pytest
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
