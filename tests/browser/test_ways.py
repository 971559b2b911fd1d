"""The ways through the site: back, forward, reload, twice, at the wrong moment."""

from __future__ import annotations

import os
import signal

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Enter, log_in
from tests.browser.manifests import SSD_MONITOR, daemonset
from tests.browser.person import Person
from tests.servers import Everynode

pytestmark = pytest.mark.browser

CUT = """() => document.addEventListener("everynode:line", ({ detail }) => {
  if (detail.state === "cut") window.cut = true;
})"""


def test_back_and_forward(person: Person, cluster: str) -> None:
    """Going back and forward shows whole pages, with what happened meanwhile."""
    person.make_cluster(cluster)
    person.create(cluster, SSD_MONITOR)
    person.go("clusters/")
    person.map(cluster)
    person.label(cluster, "node-1", "disk=ssd")
    person.sees("node-1", "new")
    expect(person.page.locator("#rail .sets")).to_contain_text("1/1")
    person.page.go_back()
    expect(person.page.get_by_role("heading", name="Clusters", exact=True)).to_be_visible()
    person.label(cluster, "node-2", "disk=ssd")
    person.page.go_forward()
    person.is_live()
    person.sees_all("new", 2)
    expect(person.page.locator("#rail .sets")).to_contain_text("2/2")


def test_workloads_of_one_namespace(person: Person, cluster: str) -> None:
    """The rail lists those of a namespace if asked to, on every page and after it was refreshed."""
    person.make_cluster(cluster, nodes=1)
    person.create(cluster, daemonset("agent"))
    person.map(cluster)
    rail = person.page.locator("#rail")
    expect(rail.get_by_role("combobox")).to_have_count(0)
    person.create(cluster, "apiVersion: v1\nkind: Namespace\nmetadata: {name: ops}")
    person.create(
        cluster,
        daemonset("exporter").replace('"name": "exporter"', '"namespace": "ops", "name": "exporter"', 1),
    )
    choose, sets = rail.get_by_role("combobox", name="Namespace"), rail.locator(".sets li:visible b")
    expect(sets).to_have_text(["agent", "exporter"])
    person.go_live(f"clusters/{cluster}/events/")
    choose.select_option("ops")
    expect(sets).to_have_text(["exporter"])
    person.create(cluster, daemonset("more"))
    expect(rail.locator(".sets li")).to_have_count(3)
    expect(sets).to_have_text(["exporter"])
    person.go_live(f"clusters/{cluster}/pods/")
    expect(sets).to_have_text(["exporter"])
    person.map(cluster, set="default/agent")  # never hidden is what the page is about
    expect(sets).to_have_text(["agent", "exporter"])
    choose.select_option("all namespaces")
    expect(sets).to_have_text(["agent", "more", "exporter"])


def test_a_double_click(person: Person, cluster: str) -> None:
    """A form whose button is pressed twice is sent once."""
    person.go("clusters/")
    person.page.get_by_label("Name", exact=True).first.fill(cluster)
    person.button("Create the cluster").dblclick()
    person.sees_toast("Created cluster")
    person.go_live(f"clusters/{cluster}/table/")
    person.page.get_by_label("How many").fill("3")
    person.button("Add").dblclick()
    person.sees_toast("Added 3 nodes.")
    expect(person.page.locator("#rows tbody tr[id^=row]")).to_have_count(15)


def test_a_reload_after_a_refusal(person: Person, cluster: str) -> None:
    """The page that came back with a refusal stays live, and its address can be visited again."""
    person.make_cluster(cluster)
    person.go_live(f"clusters/{cluster}/table/")
    person.page.locator("#nodes-add").get_by_label("Name, or prefix of many").fill("Not A Name")
    person.button("Add").click()
    expect(person.page.locator("#nodes-add .faults").first).to_contain_text("Not A Name")
    person.is_live()
    person.label(cluster, "node-2", "disk=ssd")
    expect(person.page.locator("#row-node-2")).to_contain_text("disk=ssd")
    person.go(person.page.url.removeprefix(person.url))
    expect(person.page.locator("#row-node-2")).to_contain_text("disk=ssd")


def test_what_was_not_sent(person: Person, cluster: str, everynode: Everynode) -> None:
    """A press while the server is away is not lost without a word, and is repeated once it is back."""
    person.make_cluster(cluster)
    person.create(cluster, SSD_MONITOR)
    person.map(cluster, node="node-1")
    person.page.evaluate(CUT)
    person.page.get_by_label("Label to set").fill("disk=ssd")
    os.kill(everynode.run["pids"]["web"], signal.SIGKILL)
    person.button("Set label").click()
    person.sees_toast("The server did not answer.")
    person.page.wait_for_function("window.cut")  # the line may hear of it after the form does
    person.is_live()
    expect(person.page.locator("[data-line-cut]")).to_be_hidden()
    person.button("Set label").click()
    person.sees("node-1", "new")


def test_another_login(person: Person, cluster: str, everynode: Everynode) -> None:
    """A form from before another login says so at the next press; what was typed is not lost."""
    person.make_cluster(cluster)
    person.create(cluster, daemonset())
    person.go_live(f"clusters/{cluster}/sets/default/agent/")
    tab = person.page.context.new_page()
    log_in(tab, f"{everynode.url}login/", "admin", everynode.password)
    image = person.page.get_by_label("main", exact=True)
    image.fill("agent:2")
    person.button("Set image").click()
    expect(person.page.locator("#image-main .faults")).to_contain_text("This page is older than your login")
    expect(image).to_have_value("agent:2")


def test_things_that_go_while_they_are_looked_at(enter: Enter, cluster: str) -> None:
    """The page of a pod, a node or a set that somebody removes says so, and keeps what was last known."""
    one, other = enter(), enter("operator")
    one.make_cluster(cluster)
    one.create(cluster, daemonset())
    one.map(cluster, node="node-1")
    one.sees_all("new", 3)
    pod = str(one.panel.locator(".pods a").get_attribute("href")).lstrip("/")
    one.go_live(pod)
    other.post(f"{pod}delete/", force="1")
    expect(one.page.locator("main")).to_contain_text("This pod is gone.")

    stale = one.page.locator("#stale")
    one.go_live(f"clusters/{cluster}/nodes/node-1/")
    other.post(f"clusters/{cluster}/nodes/node-1/state/", action="remove")
    expect(stale).to_contain_text('nodes "node-1" not found')
    one.go_live(f"clusters/{cluster}/sets/default/agent/")
    expect(stale).to_be_hidden()
    other.act(cluster, "agent", "delete")
    expect(stale).to_contain_text('"agent" not found')
    other.create(cluster, daemonset())
    expect(stale).to_be_hidden()


def test_a_cluster_that_is_renamed(enter: Enter, cluster: str) -> None:
    """Who looks at a cluster that another renames goes along to its new address."""
    one, other = enter(), enter("operator")
    one.make_cluster(cluster)
    one.create(cluster, SSD_MONITOR)
    one.map(cluster, node="node-2")
    other.post(f"clusters/{cluster}/settings/rename/", **{"rename-name": f"{cluster}-2"})
    one.page.wait_for_url(f"**/clusters/{cluster}-2/*node=node-2*")
    one.is_live()
    other.label(f"{cluster}-2", "node-2", "disk=ssd")
    one.sees("node-2", "new")
    expect(one.page.locator("#stale")).to_be_hidden()


def test_a_preview_that_is_not_answered(person: Person, cluster: str) -> None:
    """A button that asks beside the form's own is no more lost without a word than that."""
    person.make_cluster(cluster)
    person.map(cluster, node="node-1")
    person.page.route("**/label/", lambda route: route.abort())
    person.page.get_by_label("Label to set").fill("disk=ssd")
    form = person.page.locator("form", has=person.button("Set label"))
    form.get_by_role("button", name="Preview").click()
    person.sees_toast("The server did not answer.")
