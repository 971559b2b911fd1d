"""Trouble made from the page: it shows on the map, and the pages say what it is."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.manifests import daemonset
from tests.browser.person import Person

pytestmark = pytest.mark.browser


def running(person: Person, cluster: str) -> None:
    """Bring a set onto three nodes and look at it."""
    person.make_cluster(cluster)
    person.create(cluster, daemonset())
    person.map(cluster)
    person.sees_all("new", 3)


def test_an_image_that_cannot_be_pulled(person: Person, cluster: str) -> None:
    """A rollout to an image that is not there stops at its budget, and says for which node it waits."""
    running(person, cluster)
    person.act(cluster, "agent", "image", container="main", image="agent:non-existent")
    person.sees("node-1", "failing")
    person.sees_all("old", 2)
    expect(person.panel).to_contain_text("node-1")
    person.cell("node-1").click()
    expect(person.panel.locator(".pods")).to_contain_text(re.compile("ErrImagePull|ImagePullBackOff"))
    person.panel.locator(".pods a").click()
    expect(person.page.locator("#events")).to_contain_text("Failed to pull image")
    expect(person.page.locator("#facts")).to_contain_text(
        re.compile("failed to pull image|Back-off pulling image")
    )


def test_a_crash_loop(person: Person, cluster: str) -> None:
    """A pod told to crash is failing at once, with its reason and its restarts; its set says so too."""
    running(person, cluster)
    person.cell("node-2").click()
    person.panel.locator(".pods a").click()
    person.page.get_by_label("Fault").select_option("crash-loop")
    person.button("Apply").click()
    expect(person.page.locator("#facts")).to_contain_text("CrashLoopBackOff")
    person.go_live(f"clusters/{cluster}/sets/default/agent/")
    expect(person.page.locator("#pods tr", has_text="node-2")).to_contain_text("CrashLoopBackOff")
    person.map(cluster)
    person.sees("node-2", "failing")
    person.sees_all("new", 2)


def test_a_machine_that_is_down(person: Person, cluster: str) -> None:
    """A machine taken down keeps its pod and is shown as down; brought back, all is as before."""
    running(person, cluster)
    person.go_live(f"clusters/{cluster}/nodes/node-3/")
    person.button("Power down").click()
    expect(person.page.locator("#node-head")).to_contain_text("powered down")
    person.map(cluster)
    person.sees("node-3", "down")
    person.go_live(f"clusters/{cluster}/nodes/node-3/")
    person.button("Power up").click()
    expect(person.page.locator("#node-head")).not_to_contain_text("powered down")
    person.map(cluster)
    person.sees_all("new", 3)


def test_no_room(person: Person, cluster: str) -> None:
    """A pod that asks for more than a node has stays pending, in the scheduler's words."""
    person.make_cluster(cluster)
    text = daemonset().replace('"image": "agent:1"', '"image": "a", "resources": {"requests": {"cpu": "64"}}')
    person.create(cluster, text)
    person.map(cluster)
    person.sees_all("pending", 3)
    person.cell("node-1").click()
    expect(person.panel.locator(".pods")).to_contain_text("Insufficient cpu")


def test_nodes_in_bulk(person: Person, cluster: str) -> None:
    """Many nodes are added, cordoned, labelled and removed at once."""
    running(person, cluster)
    person.go_live(f"clusters/{cluster}/table/")
    person.page.get_by_label("How many").fill("5")
    person.page.locator("#nodes-add").get_by_label("Labels").fill("pool=late")
    person.button("Add").click()
    person.sees_toast("Added 5 nodes.")
    expect(person.page.locator("#rows tbody tr[id^=row]")).to_have_count(8)
    person.page.get_by_label("Choose node-4", exact=True).check()
    person.page.get_by_label("Choose node-5", exact=True).check()
    person.button("Cordon").click()
    expect(person.page.locator("#rows .chip", has_text="cordoned")).to_have_count(2)
    person.page.locator("summary", has_text="Remove").click()
    person.button("Remove the chosen nodes").click()
    expect(person.page.locator("#rows tbody tr[id^=row]")).to_have_count(6)
