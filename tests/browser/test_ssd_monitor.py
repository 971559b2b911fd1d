"""The story that the project begins with: a label lights a cell, and takes its light again."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.manifests import SSD_MONITOR
from tests.browser.person import Person

pytestmark = pytest.mark.browser


def test_ssd_monitor(person: Person, cluster: str) -> None:
    """From an empty cluster to a pod that comes and goes with a node's label, without a reload."""
    page = person.page
    person.go("clusters/")
    page.get_by_label("Name", exact=True).first.fill(cluster)
    page.get_by_label("Nodes", exact=True).fill("4")
    person.button("Create the cluster").click()
    person.sees_toast(f"Created cluster {cluster}.")
    person.is_live()
    expect(page.locator("#figures")).to_contain_text("No DaemonSet runs here yet.")

    page.get_by_role("link", name="Create a DaemonSet").click()
    person.type_yaml(SSD_MONITOR)
    person.button("Create").click()
    person.is_live()
    person.sees_all("none", 4)

    page.evaluate("window.sameDocument = true")
    person.cell("node-2").click()
    expect(person.panel).to_contain_text("The node lacks the label disk=ssd.")
    page.get_by_label("Label to set").fill("disk=ssd")
    person.button("Set label").click()
    person.sees("node-2", "new")
    person.sees_all("none", 3)
    expect(person.panel).to_contain_text("Every check passes: a pod should run here, and it is available.")
    expect(page.locator("#figures .six")).to_contain_text("1")

    page.get_by_label("Label to set").fill("disk=hdd")
    person.button("Set label").click()
    person.sees("node-2", "none")
    expect(person.panel).to_contain_text("Node selector wants disk=ssd, the node has disk=hdd.")
    expect(page.locator("#rail .sets")).to_contain_text("0/0")
    assert page.evaluate("window.sameDocument")


def test_the_demo_is_alive(person: Person) -> None:
    """The first cluster shows the three sets of its documents on twelve nodes in three zones."""
    person.go_live("clusters/demo/")
    expect(person.page.locator("#map .zone")).to_have_count(3)
    expect(person.page.locator("#map [data-n]")).to_have_count(12)
    expect(person.page.locator("#map .cordoned")).to_have_count(1)
    for name, figure in (("ssd-monitor", "3/3"), ("fluentd-elasticsearch", "11/11"), ("nginx-ds", "11/11")):
        expect(person.page.locator("#rail .sets li", has_text=name)).to_contain_text(figure)
