"""A drain, by hand: previewed, refused for a pod nobody makes anew, held by a budget, followed, stopped."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.person import Person

pytestmark = pytest.mark.browser

WEB = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: main, image: "web:1"}]}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: calm}
spec: {minAvailable: 3, selector: {matchLabels: {app: web}}}
---
apiVersion: v1
kind: Pod
metadata: {name: bare}
spec: {nodeName: node-1, containers: [{name: main, image: "bare:1"}]}
"""


def test_a_drain_is_followed_and_stopped(person: Person, cluster: str) -> None:
    """A drain names who would be lost, then who is in the way; what is stopped stays cordoned."""
    page = person.page
    person.make_cluster(cluster, nodes=3)
    person.create(cluster, WEB)
    person.go_live(f"clusters/{cluster}/nodes/node-1/")
    expect(page.locator("#pods")).to_contain_text("web-")
    page.locator("summary", has_text="Drain").click()
    person.button("Drain this node").click()
    person.sees_toast("they have no controller: default/bare")
    page.locator("#node-head").get_by_label("Preview first").check()
    page.locator("summary", has_text="Drain").click()
    page.get_by_label("Evict pods without a controller").check()
    person.button("Drain this node").click()
    expect(page.locator("#preview")).to_contain_text("Began to drain node node-1")
    page.locator("#preview").get_by_role("button", name="Apply").click()
    drains = page.locator("#drains")
    expect(drains).to_contain_text("The disruption budget calm does not allow it yet.")
    expect(page.locator("#pods")).not_to_contain_text("bare")
    expect(page.locator("#node-head")).to_contain_text("being drained")
    drains.get_by_role("button", name="Stop").click()
    person.sees_toast("No further pod of node-1 is evicted.")
    expect(drains).not_to_contain_text("calm")
    expect(page.locator("#node-head")).to_contain_text("cordoned")


def test_many_nodes_are_drained_from_the_table(person: Person, cluster: str) -> None:
    """The table says how many nodes are chosen, and drains them; the map shows what became of it."""
    page = person.page
    person.make_cluster(cluster, nodes=4)
    person.create(cluster, WEB.split("---", maxsplit=1)[0])
    person.go_live(f"clusters/{cluster}/table/?filter=node-1")
    page.get_by_label("Choose node-1").check()
    expect(page.locator("[data-chosen]")).to_have_text("1 node chosen")
    person.go_live(f"clusters/{cluster}/table/?choose=all")
    expect(page.locator("[data-chosen]")).to_have_text("4 nodes chosen")
    page.locator("input[name=all]").uncheck()
    for name in ("node-1", "node-2"):
        page.get_by_label(f"Choose {name}").check()
    page.locator("#bulk summary", has_text="Drain").click()
    person.button("Drain the chosen nodes").click()
    person.sees_toast("2 nodes are being drained.")
    person.map(cluster, set="Deployment/default/web")
    for name in ("node-1", "node-2"):
        person.sees(name, "none")
