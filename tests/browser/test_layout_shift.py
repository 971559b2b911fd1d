"""What somebody reads stays where it is while a rollout moves through the page."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Enter
from tests.browser.manifests import daemonset, rolling
from tests.browser.person import Person

pytestmark = pytest.mark.browser
NODES = 12
MOST = 0.02
"""The shift that one change may make, as browsers count it: a line that comes or goes, and no more.

How many such lines there are is a matter of how many states a machine is quick enough to draw.
"""

SHIFTS = """() => {
  window.shifts = [];
  new PerformanceObserver((list) => {
    for (const { value, sources } of list.getEntries()) {
      const moved = sources.map(({ node }) => node?.outerHTML?.slice(0, 120) ?? node?.textContent);
      window.shifts.push([value, moved]);
    }
  }).observe({ type: "layout-shift" });
}"""
PAGES = {
    "map": "?set=default/some",
    "map of all sets": "?view=all",
    "health": "?view=health&node=node-02",
    "verdict": "?set=default/some&node=node-02",
    "table": "table/",
    "set": "sets/default/some/",
    "rollout": "sets/default/some/rollout/",
    "node": "nodes/node-02/",
}


def test_nothing_moves(enter: Enter, cluster: str) -> None:
    """On no page does a rollout push what was there: numbers and states change in their places."""
    person = enter()
    person.make_cluster(cluster, nodes=NODES, delay=0.1)
    person.create(cluster, daemonset("some", update=rolling(2)))
    people = {name: enter() for name in PAGES}
    for name, one in people.items():
        one.go_live(f"clusters/{cluster}/{PAGES[name]}")
    person.map(cluster)
    person.sees_all("new", NODES)
    for one in people.values():
        one.page.wait_for_load_state("networkidle")
        one.page.evaluate(SHIFTS)
    person.act(cluster, "some", "image", container="main", image="agent:2")
    expect(person.panel).to_contain_text("Revision 2: rollout complete")
    for one in people.values():
        with one.page.expect_response(lambda answer: f"clusters/{cluster}/" in answer.url):
            pass
    shifts: dict[str, list[Any]] = {name: one.page.evaluate("window.shifts") for name, one in people.items()}
    moved = {name: found for name, found in shifts.items() if any(value > MOST for value, _ in found)}
    assert moved == {}


def test_a_chip_more(person: Person, cluster: str) -> None:
    """A word more beside the name of a set, as while nobody has seen its last edit, moves nothing below."""
    person.make_cluster(cluster, nodes=NODES)
    person.create(cluster, daemonset("some", update=rolling(2)))
    person.go_live(f"clusters/{cluster}/{PAGES['set']}")
    # Else it is paused before anybody saw the set at all, and stays unobserved.
    expect(person.page.locator("#counts .counts > div", has_text="available")).to_contain_text(str(NODES))
    person.post(f"clusters/{cluster}/clock/", action="pause")
    expect(person.page.locator(".banners")).to_contain_text("Time is paused")
    chips, below = person.page.locator(".page-head .chips"), person.page.locator("#main .columns")
    expect(chips).not_to_contain_text("not yet observed")
    before = below.bounding_box()
    person.act(cluster, "some", "image", container="main", image="agent:2")
    expect(chips).to_contain_text("not yet observed")
    assert below.bounding_box() == before
