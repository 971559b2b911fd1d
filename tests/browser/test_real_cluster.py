"""A real cluster on the page: read live through its API server, which here is our own door."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import httpx
import pytest
import yaml
from playwright.sync_api import expect

from tests.browser.conftest import Enter, Figure
from tests.browser.manifests import SSD_MONITOR
from tests.browser.person import Person
from tests.browser.test_logs import TALKERS
from tests.servers import Everynode

pytestmark = pytest.mark.browser

SLOWEST = 3_000
"""Milliseconds: several times what is promised, since a machine that runs tests is busy."""

MERGE = {"Content-Type": "application/merge-patch+json"}


def mirrored(everynode: Everynode, folder: Path, name: str) -> str:
    """Make a simulated cluster, and one that mirrors it through its API; return the server's address."""
    config = everynode.cluster(name, nodes=3)
    (folder / "kubeconfig").write_text(config)
    everynode.manage("cluster", "add", f"{name}-real", "--kubeconfig", str(folder / "kubeconfig"))
    return str(yaml.safe_load(config)["clusters"][0]["cluster"]["server"])


def lit_after(person: Person, server: str, disk: str | None, wanted: str) -> float:
    """Label a node through the API; return the milliseconds until the map shows what came of it."""
    person.watch()
    began = time.time() * 1000
    change = {"metadata": {"labels": {"disk": disk}}}
    httpx.patch(f"{server}/api/v1/nodes/node-2", json=change, headers=MERGE).raise_for_status()
    person.sees("node-2", wanted)
    return next(at for node, state, at in person.watched() if (node, state) == ("node-2", wanted)) - began


def test_a_change_is_on_the_screen(
    enter: Enter, everynode: Everynode, cluster: str, tmp_path: Path, figure: Figure
) -> None:
    """What happens in a real cluster is on its map within a second, and nothing there can be turned."""
    person = enter()
    server = mirrored(everynode, tmp_path, cluster)
    person.create(cluster, SSD_MONITOR)
    person.map(f"{cluster}-real")
    person.sees_all("none", 3)
    expect(person.page.locator("#mirror")).to_contain_text("real v1.36")
    expect(person.page.get_by_role("button", name="Pause time")).to_have_count(0)
    changes = (("ssd", "new"), (None, "none")) * 3
    spent = statistics.median(lit_after(person, server, disk, wanted) for disk, wanted in changes)
    figure("label changed through its API -> seen on the map of a real cluster", spent, "ms")
    assert spent < SLOWEST

    person.go(f"clusters/{cluster}-real/events/")
    expect(person.page.locator("#main")).to_contain_text("SuccessfulCreate")


def test_logs_are_read_through(enter: Enter, everynode: Everynode, cluster: str, tmp_path: Path) -> None:
    """The lines of real pods come from their API server, and no shell is simulated in them."""
    person = enter()
    mirrored(everynode, tmp_path, cluster)
    person.create(cluster, TALKERS)
    person.map(f"{cluster}-real")
    person.sees_all("new", 3)
    person.go_live(f"clusters/{cluster}-real/logs/?of=DaemonSet/default/talker")
    expect(person.page.locator("[data-pods] button")).to_have_count(3)
    expect(person.page.locator("[data-lines] li").filter(has_text="beat 4 of talker").first).to_be_visible()


def test_what_would_happen(enter: Enter, everynode: Everynode, cluster: str, tmp_path: Path) -> None:
    """An edit of a real cluster is played out on what is mirrored of it, and changes nothing there."""
    person = enter()
    mirrored(everynode, tmp_path, cluster)
    person.create(cluster, SSD_MONITOR)
    person.map(f"{cluster}-real", node="node-3")
    person.sees_all("none", 3)
    person.page.get_by_label("Label to set").fill("disk=ssd")
    person.panel.get_by_role("button", name="Preview").first.click()
    expect(person.page.locator("#preview .preview-lead")).to_contain_text("1")


def test_a_cluster_that_is_not_reached(
    enter: Enter, everynode: Everynode, cluster: str, tmp_path: Path
) -> None:
    """Where its API server does not let us in any more, the page says so and shows what was last seen."""
    person = enter()
    mirrored(everynode, tmp_path, cluster)
    person.map(f"{cluster}-real")
    expect(person.page.locator("#mirror")).to_contain_class("tone-good")
    everynode.manage("cluster", "delete", cluster)
    expect(person.page.locator("#mirror")).to_contain_class("tone-bad")
    expect(person.page.locator(".banners")).to_contain_text("does not accept our credentials")
    person.map(f"{cluster}-real")
    expect(person.page.locator(".banners")).to_contain_text("does not accept our credentials")
    person.sees_all("none", 3)


def test_only_what_can_be_done_there_is_offered(
    enter: Enter, everynode: Everynode, cluster: str, tmp_path: Path
) -> None:
    """The page of a real node has no switch of its machine; a cordon made on it reaches the API server."""
    person = enter()
    server = mirrored(everynode, tmp_path, cluster)
    page = person.page
    person.map(f"{cluster}-real")
    person.sees_all("none", 3)
    person.go(f"clusters/{cluster}-real/nodes/node-1/")
    expect(page.get_by_role("button", name="Cordon")).to_be_visible()
    for name in ("Power down", "Drain", "Report DiskPressure"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)
    expect(page.get_by_text("Manifest folder")).to_have_count(0)
    page.get_by_role("button", name="Cordon").click()
    expect(page.get_by_role("button", name="Uncordon")).to_be_visible()
    assert httpx.get(f"{server}/api/v1/nodes/node-1").json()["spec"]["unschedulable"] is True


def test_added_and_rehearsed_on_the_page(enter: Enter, everynode: Everynode, cluster: str) -> None:
    """A kubeconfig is tested before it is kept; what is mirrored is copied to a simulation by one button."""
    person = enter(viewport={"width": 390, "height": 844})
    config = everynode.cluster(cluster, nodes=3)
    person.go("clusters/")
    person.page.get_by_role("link", name="Add a real cluster").click()
    person.page.get_by_label("Name", exact=True).fill(f"{cluster}-real")
    person.page.get_by_label("kubeconfig", exact=True).fill(config)
    expect(person.page.get_by_label("Connect although nobody checks")).to_have_count(0)
    person.page.get_by_role("button", name="Test the connection").click()
    # The door of a test speaks http: that has to be confirmed.
    person.page.get_by_label("Connect although nobody checks").check()
    person.page.get_by_role("button", name="Test the connection").click()
    expect(person.page.locator("#trial")).to_contain_text("nothing is missing")
    assert person.page.evaluate("document.documentElement.scrollWidth") <= 390
    person.page.get_by_role("button", name="Add the cluster").click()
    person.page.wait_for_url(f"**/clusters/{cluster}-real/")
    expect(person.page.locator("#mirror")).to_contain_class("tone-good")

    person.go(f"clusters/{cluster}-real/settings/")
    person.page.get_by_role("button", name="Rehearse").click()
    person.page.wait_for_url(f"**/clusters/{cluster}-real-rehearsal/")
    person.create(f"{cluster}-real-rehearsal", SSD_MONITOR)
    person.label(f"{cluster}-real-rehearsal", "node-2", "disk=ssd")
    person.sees("node-2", "new")
