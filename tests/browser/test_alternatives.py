"""One daemon in five ways: a button is pressed, and the table fills itself."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.person import Person

pytestmark = pytest.mark.browser


def test_what_comes_back(person: Person, cluster: str) -> None:
    """Pods are deleted on a node: all but the bare pod come again, and nobody reloads the page."""
    person.make_cluster(cluster, nodes=2)
    person.map(cluster)
    person.sees_ready(2)  # it is set up on nodes that are
    person.go_live(f"clusters/{cluster}/alternatives/")
    person.button("Set up").click()
    person.sees_toast("The daemon is set up in five ways.")
    row = person.page.locator("#alternatives-node-1")
    expect(row.get_by_text("works", exact=True)).to_have_count(5)
    row.get_by_role("button", name="Delete pods").click()
    person.sees_toast("The pods on node-1 are deleted.")
    told = person.page.locator("#alternatives tbody tr")
    expect(told.filter(has_text="as-pod-node-1").filter(has_text="somebody deleted it")).to_have_count(1)
    expect(told.filter(has_text="daemonset-controller").filter(has_text="new, works")).to_have_count(1)
    expect(told.filter(has_text="kubelet").filter(has_text="new, works")).to_have_count(1)
    expect(row.get_by_text("works", exact=True)).to_have_count(4)


def test_on_a_narrow_screen(person: Person, cluster: str) -> None:
    """The tables scroll in their cards; the page itself does not scroll sideways."""
    person.make_cluster(cluster, nodes=1)
    person.map(cluster)
    person.sees_ready(1)
    person.post(f"clusters/{cluster}/alternatives/act/", action="create")
    person.page.set_viewport_size({"width": 420, "height": 900})
    person.go_live(f"clusters/{cluster}/alternatives/")
    expect(person.page.locator("#alternatives-node-1")).to_be_visible()
    person.page.wait_for_function("document.documentElement.scrollWidth <= innerWidth")
