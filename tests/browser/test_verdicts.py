"""Why a node has a pod or none: reading the verdict, applying the smallest edit."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.manifests import SSD_MONITOR, daemonset
from tests.browser.person import Person

pytestmark = pytest.mark.browser


def test_an_empty_cell_is_cured_at_the_node(person: Person, cluster: str) -> None:
    """An empty cell tells its first failing check; the node's smallest edit cures all of them."""
    person.make_cluster(cluster)
    person.create(cluster, SSD_MONITOR)
    person.post(f"clusters/{cluster}/nodes/node-1/taints/", **{"taints-text": "dedicated=gpu:NoSchedule"})
    person.map(cluster)
    person.cell("node-1").click()
    expect(person.panel.locator(".verdict-first")).to_have_text("The node lacks the label disk=ssd.")
    expect(person.panel.locator(".checks .fail")).to_have_count(2)
    expect(person.panel.locator(".cure")).to_contain_text("dedicated=gpu:NoSchedule")
    person.button("Apply to the node").click()
    person.sees("node-1", "new")
    person.sees_toast("Cured node-1 for default/ssd-monitor")
    person.page.get_by_role("link", name="node-1").click()
    labels = person.page.get_by_label("One a line, as key=value", exact=True)
    expect(labels).to_have_value(re.compile("^disk=ssd$", re.MULTILINE))


def test_an_empty_cell_is_cured_at_the_set(person: Person, cluster: str) -> None:
    """The set's smallest edit brings its pods to the node, and to every other it was kept from."""
    person.make_cluster(cluster)
    person.create(cluster, SSD_MONITOR)
    person.map(cluster)
    person.cell("node-3").click()
    person.panel.get_by_text("Apply to the set", exact=True).click()
    told = person.panel.locator(".sheet-text", has_text="3 nodes get a pod, 0 pods are replaced.")
    expect(told).to_be_visible()
    told.locator("..").get_by_role("button", name="Confirm").click()
    person.sees_all("new", 3)
    expect(person.panel.locator(".verdict-first")).to_contain_text("Every check passes")


def test_a_pod_that_may_stay(person: Person, cluster: str) -> None:
    """A NoSchedule taint keeps pods away but sends none: the cell says misscheduled, the verdict why."""
    person.make_cluster(cluster)
    person.create(cluster, daemonset())
    person.map(cluster)
    person.sees_all("new", 3)
    person.post(f"clusters/{cluster}/nodes/node-2/taints/", **{"taints-text": "dedicated=db:NoSchedule"})
    person.sees("node-2", "misscheduled")
    person.cell("node-2").click()
    expect(person.panel).to_contain_text("may keep running")
    expect(person.panel.locator(".checks .fail")).to_contain_text("dedicated=db:NoSchedule")
    person.post(f"clusters/{cluster}/nodes/node-2/taints/", **{"taints-text": "dedicated=db:NoExecute"})
    person.sees("node-2", "none")


def test_every_view_says_the_same(person: Person, cluster: str) -> None:
    """One set, all sets, health and the table tell one state of a node."""
    person.make_cluster(cluster)
    person.create(cluster, SSD_MONITOR)
    person.create(cluster, daemonset("agent"))
    person.map(cluster, set="default/agent")
    person.sees_all("new", 3)
    person.button("All sets").click()
    expect(person.cell("node-1")).to_have_attribute(
        "aria-label", "node-1: agent up to date, ssd-monitor not targeted"
    )
    person.button("Health").click()
    expect(person.cell("node-1")).to_have_attribute("aria-label", "node-1: up to date")
    person.page.locator("#toolbar").get_by_role("link", name="Table").click()
    row = person.page.locator("#row-node-1")
    expect(row).to_contain_text("up to date")
    expect(row).to_contain_text("not targeted")


def test_all_nodes_with_one_cause_are_cured_at_once(person: Person, cluster: str) -> None:
    """The other nodes that lack the label are listed, and labelled together after a word of warning."""
    person.make_cluster(cluster)
    person.create(cluster, SSD_MONITOR)
    person.label(cluster, "node-3", "disk=hdd")
    person.map(cluster, node="node-1")
    person.panel.get_by_role("link", name="1 more node shares this cause").click()
    expect(person.page.locator("#pairs tbody tr")).to_have_count(2)
    person.page.get_by_text("Apply to all 2 nodes", exact=True).click()
    person.page.get_by_role("button", name="Confirm").first.click()
    person.sees_toast("Cured 2 nodes (node-1, node-2) for default/ssd-monitor")
    person.map(cluster)
    person.sees_all("new", 2)


def test_behind_a_number(person: Person, cluster: str) -> None:
    """A number leads to the nodes and pods that were counted, which can be sorted and searched."""
    person.make_cluster(cluster)
    person.create(cluster, daemonset("agent"))
    person.go(f"clusters/{cluster}/sets/default/agent/")
    person.page.locator("#counts a").first.click()
    rows = person.page.locator("#pairs tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text("agent-")
    person.page.get_by_role("link", name="Node", exact=True).click()
    expect(rows.first).to_contain_text("node-3")
    person.page.get_by_label("Node or pod").fill("node-2")
    person.button("Show").click()
    expect(rows).to_have_count(1)
